"""Which findings have been told as new, so that two runs at once, or one after another that was killed, do
not tell the same twice. It stands in the outbox's ``sent.json``.

An announcement is written down before its message is kept, and counts as long as that message waits or was
sent: whatever ends a run in between loses nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from drift.moment import rfc3339
from drift.report.fresh import fresh

#: How long it counts: as long as a message waits.
DAYS = 14
#: The most that are kept of one recipient.
_MOST = 10_000


def mark(finding: Mapping[str, Any]) -> str | None:
    """What is told of a finding that is new, came back or changed again; None where nobody knows whether it
    is, so that each run tells it."""
    if finding.get("status") is None or not fresh(finding):
        return None
    history = finding.get("history") or {}
    said = f"{finding.get('digest')} {history.get('reopened') or 0}"
    return f"{finding['id']}:{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def place(key: str) -> str:
    """Where the announcements to somebody stand."""
    return f"{key}/told"


def counting(
    state: Mapping[str, Any], key: str, now: datetime, waiting: Collection[str]
) -> list[dict[str, Any]]:
    """The announcements to somebody that count; ``waiting`` are the names of messages in the outbox."""
    said = state.get(place(key))
    oldest = rfc3339(now - timedelta(days=DAYS))
    return [
        one
        for one in (said if isinstance(said, list) else ())
        if isinstance(one, dict)
        and {"at", "file", "sent", "marks"} <= one.keys()
        and one["at"] >= oldest
        and (one["sent"] or one["file"] in waiting)
    ]


def marks(announced: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """All that is announced."""
    return frozenset(mark for one in announced for mark in one["marks"])


def still(announced: Iterable[Mapping[str, Any]], report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The announcements less what was there before this run began and is not there any more, which is new
    when it comes back."""
    there = {one["id"] for one in report["findings"]}
    began = str(report["run"]["started_at"])

    def stays(mark: str, at: str) -> bool:
        return mark.partition(":")[0] in there or at > began

    return [{**one, "marks": [mark for mark in one["marks"] if stays(mark, one["at"])]} for one in announced]


def adding(
    announced: Iterable[dict[str, Any]], report: Mapping[str, Any], now: datetime, file: str
) -> list[dict[str, Any]]:
    """The announcements with one more, of what a message in ``file`` tells that no other one does; of nothing
    too, as it says that somebody was told something."""
    known = list(announced)
    before = marks(known)
    own = [found for one in report["findings"] if (found := mark(one)) and found not in before]
    return [*known, {"at": rfc3339(now), "file": file, "sent": False, "marks": own[:_MOST]}]


def sent(state: Mapping[str, Any], files: Collection[str]) -> dict[str, Any]:
    """What changes in the state once the messages of some files were sent."""
    changed = {}
    for key, said in state.items():
        if key.endswith("/told") and isinstance(said, list):
            told = [one for one in said if isinstance(one, dict)]
            if any(one.get("file") in files for one in told):
                changed[key] = [{**one, "sent": one.get("sent") or one.get("file") in files} for one in told]
    return changed
