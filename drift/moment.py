"""One way to write a moment."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(when: datetime) -> str:
    """As reports and snapshots say it: UTC, to the second (``2026-01-02T03:04:05Z``)."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
