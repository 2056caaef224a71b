"""JSON, HTML and mail of 100,000 findings: how long they take together, and how much memory. As in a run,
JSON and HTML go to files, and the mail has the HTML that is written already."""

from __future__ import annotations

import os
import resource
import tempfile

from drift import plugins
from drift.renderer import Letter
from tests.bench.timing import busy, processor_seconds
from tests.reports.sample import large_report

FINDINGS = int(os.environ.get("BENCH_FINDINGS") or 100_000)


def main() -> None:
    report, took = large_report(FINDINGS), {}
    with tempfile.TemporaryFile() as json, tempfile.TemporaryFile() as html:
        for name, out in (("json", json), ("html", html)):
            render = plugins.renderer(name).render
            took[name] = processor_seconds(lambda render=render, out=out: render(report, out))  # type: ignore[misc]
        html.seek(0)
        letter = Letter(page=html.read())
    took["mail"] = processor_seconds(lambda: plugins.mail_page().compose(report, letter).as_bytes())
    each = ", ".join(f"{name} {value:.1f} s" for name, value in took.items())
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    together = f"together {sum(took.values()):.1f} s of processor time (goal: under 20)"
    print(f"reports of {FINDINGS:,} findings: {each}, {together}; {busy()}")
    print(f"memory at most {most:,.0f} MB (goal: under 1,000)")
