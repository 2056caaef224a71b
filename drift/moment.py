"""One way to write a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime

#: What :func:`rfc3339` writes, and the like with parts of a second.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def rfc3339(when: datetime) -> str:
    """As reports and snapshots say it: UTC, to the second (``2026-01-02T03:04:05Z``)."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
