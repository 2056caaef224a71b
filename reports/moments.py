"""Moments and lengths of time as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from drift.visible import visible
from reports.view import Row, count, since_of


def parse_time(value: object) -> datetime | None:
    """A report's ISO 8601 time in UTC, or None where there is none or it is not one."""
    return _parsed_time(str(value))


@lru_cache(4096)
def _parsed_time(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def human_time(value: object) -> str:
    """``23 Nov 2025, 09:14 UTC``; what is no time stays as it is."""
    return _human_time(str(value)) if value else ""


@lru_cache(4096)
def _human_time(value: str) -> str:
    moment = _parsed_time(value)
    if moment is None:
        return visible(value)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def human_age(since: object, now: object) -> str:
    """How long ago, in one unit: ``5 min``, ``3 h``, ``12 days``; empty where that cannot be known."""
    start, end = parse_time(since), parse_time(now)
    if start is None or end is None:
        return ""
    return human_duration(max(0.0, (end - start).total_seconds()))


def human_since(finding: Row, run: Row) -> str:
    """How long a finding is known, said against the run that it is in."""
    return _human_since(str(since_of(finding)), str(run.get("started_at")), str(run.get("finished_at") or ""))


@lru_cache(4096)
def _human_since(since: str, started: str, finished: str) -> str:
    start, seen = parse_time(started), parse_time(since)
    if start is not None and seen is not None and seen >= start:
        return "this run"
    return human_age(since, finished or started)


def human_duration(seconds: float) -> str:
    """``0.8 s``, ``42 s``, ``5 min``, ``3 h``, ``12 days``."""
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 ", " ")
    for unit, size, until in (("s", 1, 90), ("min", 60, 5_400), ("h", 3_600, 129_600)):
        if seconds < until:
            return f"{round(seconds / size)} {unit}"
    return count(round(seconds / 86_400), "day")
