"""The verdict of a report in sentences, which is never better than what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reports.ledger import by_status
from reports.moments import human_time
from reports.values import listing
from reports.view import Report, by_severity, count, drifted, status_of


@dataclass(frozen=True)
class Verdict:
    """The honest answer. Only ``clean`` may ever look green: everything was read and nothing differs.

    ``drift`` and ``coverage`` are sentences; ``notes`` add what neither says; ``line`` is all of it on one
    line.
    """

    tone: Literal["drift", "partial", "blind", "clean"]
    drift: str
    coverage: str
    notes: tuple[str, ...]
    line: str


def verdict(report: Report) -> Verdict:
    """The verdict over ``report``: no drift is never claimed over anything that was not read or not
    verified."""
    findings, coverage = report.get("findings") or [], report.get("coverage") or []
    cells = by_status(coverage)
    unread = sum(number for status, number in cells.items() if status not in ("checked", "skipped"))
    checked, total = cells.get("checked", 0), len(coverage)
    drift, notes = drifted(findings), _notes(report)

    if drift:
        severities = by_severity(drift)
        split = listing(f"{number:,} {severity}" for severity, number in severities.items())
        said = f"{count(len(drift), 'resource')} drifted: {split}"
        tone: Literal["drift", "partial", "blind", "clean"] = "drift"
    elif not checked:
        said, tone = "Nothing can be said about drift", "blind"
    elif unread or cells.get("skipped"):
        said, tone = "No drift found in what could be read", "partial"
    elif notes:
        said, tone = "No drift found in what could be verified", "partial"
    else:
        said, tone = _in_sync(report), "clean"

    notes += _aged(report)
    covered = _coverage_sentence(cells, unread=unread, checked=checked, total=total)
    line = "; ".join([said, covered[0].lower() + covered[1:], *notes]) + "."
    return Verdict(tone, said + ".", covered + ".", notes, line)


def _aged(report: Report) -> tuple[str, ...]:
    """How old a part of what was read is, where the run went on with an earlier one."""
    resumed = (report.get("run") or {}).get("resumed") or {}
    if not resumed.get("cells"):
        return ()
    since = f", the first at {human_time(resumed['oldest'])}" if resumed.get("oldest") else ""
    return (f"{count(resumed['cells'], 'cell')} read by an earlier run{since}",)


def _in_sync(report: Report) -> str:
    suppressed = (report.get("summary") or {}).get("suppressed") or len(report.get("suppressed") or [])
    if suppressed:
        return f"In sync, apart from {count(suppressed, 'difference')} that a rule accepts"
    if (report.get("summary") or {}).get("declared") == 0:
        return "Nothing is declared, so nothing was compared"
    return "In sync: everything declared is live as declared"


def _coverage_sentence(cells: Mapping[str, int], *, unread: int, checked: int, total: int) -> str:
    skipped = cells.get("skipped", 0)
    aside = f", {skipped:,} skipped by configuration" if skipped else ""
    if not total:
        return "No cell was read"
    if not checked and unread:
        return f"None of {count(total, 'cell')} could be read{aside}"
    if unread:
        return f"{unread:,} of {count(total, 'cell')} could not be read{aside}"
    if skipped:
        return f"{checked:,} of {count(total, 'cell')} read{aside}"
    return f"All {count(total, 'cell')} read" if total > 1 else "The only cell was read"


def _notes(report: Report) -> tuple[str, ...]:
    findings = report.get("findings") or []
    statuses = Counter(map(status_of, findings))
    pending, unknown = statuses["pending"], statuses["unknown"]
    unverifiable = (report.get("summary") or {}).get("unverifiable") or len(report.get("unverifiable") or [])
    problems = len(report.get("problems") or [])
    notes = []
    if problems:
        notes.append(f"{count(problems, 'input record')} could not be read")
    if unverifiable:
        notes.append(f"{count(unverifiable, 'value')} could not be verified")
    if pending:
        notes.append(f"{count(pending, 'declaration')} not live yet, within the grace period")
    if unknown:
        notes.append(f"{count(unknown, 'earlier finding')} could not be read again")
    return tuple(notes)
