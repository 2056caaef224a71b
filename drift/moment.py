"""What time it is, and one way to write a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

#: What :func:`rfc3339` writes, and the like with parts of a second.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


_behind = timedelta()


def now() -> datetime:
    """The present moment of this process, in UTC."""
    return datetime.now(UTC) - _behind


def set_back(by: timedelta) -> None:
    """Lets this process live so much earlier, as the runs of a demo that shows nights gone by."""
    global _behind
    _behind = by


def rfc3339(when: datetime) -> str:
    """As reports and snapshots say it: UTC, to the second (``2026-01-02T03:04:05Z``)."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
