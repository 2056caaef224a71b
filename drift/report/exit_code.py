"""The exit code of a run, told by its report: what was found, and whether what was declared could be
judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drift.report.fresh import fresh
from drift.rules.severity import RANK

_BLIND = ("denied", "throttled", "failed")


def exit_code(document: Mapping[str, Any], fail_on: str, *, forgive_drift: bool = False) -> int:
    """The first that applies (docs/reference/command-line.md). 1: not one cell was read; 2: a finding at or
    above ``fail_on``, a severity or ``any``, of all or of what is new (``new:high``), where drift counts;
    3: something was not read; 0."""
    if nothing_read(document["coverage"], document["summary"]["live"]):
        return 1
    least, only_new = severity_of(fail_on)
    limit = RANK.get(least, len(RANK))
    found = any(
        RANK[finding["severity"]] <= limit
        for finding in document["findings"]
        if (fresh(finding) if only_new else finding["status"] not in ("pending", "unknown"))
    )
    if found and not forgive_drift:
        return 2
    return 3 if document["problems"] or unread(document["coverage"]) else 0


def severity_of(fail_on: str) -> tuple[str, bool]:
    """The least severity, and whether only what is new counts.

    >>> severity_of("high"), severity_of("new"), severity_of("new:high")
    (('high', False), ('any', True), ('high', True))
    """
    first, _, rest = fail_on.partition(":")
    return (rest or "any", True) if first == "new" else (fail_on, False)


def unread(coverage: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a row of the ledger makes a run incomplete: it could not be read, or something is declared in
    it and it was not read or is not supported."""
    return any(row["status"] in _BLIND or row.get("declared") for row in coverage)


def nothing_read(coverage: Iterable[Mapping[str, Any]], live: int) -> str | None:
    """Why a run is good for nothing, in one line: not one of its cells was read, and no live resource is
    there. None where something was read, be it lost since (docs/engine.md)."""
    rows = list(coverage)
    if live or any(row["status"] == "checked" or row.get("listed") or row["resources"] for row in rows):
        return None
    if not rows:
        return "not one cell was read: what is given as the live side names none"
    worst = min(rows, key=lambda row: (row["status"] not in _BLIND, row["status"] == "unsupported"))
    place = " ".join(worst[name] for name in ("provider", "scope", "region", "type"))
    more = f"; and {len(rows) - 1:,} more" if len(rows) > 1 else ""
    return f"not one cell was read: {worst['status']}: {place}: {worst['message']}{more}"
