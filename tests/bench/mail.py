"""JSON, HTML and mail of 100,000 findings: how long they take together, and how much memory. The mail has the
HTML that is written already, as in a run."""

from __future__ import annotations

import io
import resource

from drift import plugins
from drift.renderer import Letter
from tests.bench.timing import seconds
from tests.reports.sample import large_report

FINDINGS = 100_000


def main() -> None:
    report = large_report(FINDINGS)
    pages = {name: io.BytesIO() for name in ("json", "html")}
    took = {
        name: seconds(lambda out=out, name=name: plugins.renderer(name).render(report, out))  # type: ignore[misc]
        for name, out in pages.items()
    }
    letter = Letter(page=pages["html"].getvalue())
    took["mail"] = seconds(lambda: plugins.mail_page().compose(report, letter).as_bytes())
    each = ", ".join(f"{name} {value:.1f} s" for name, value in took.items())
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"reports of {FINDINGS:,} findings: {each}, together {sum(took.values()):.1f} s (goal: under 20)")
    print(f"memory at most {most:,.0f} MB (goal: under 1,000)")
