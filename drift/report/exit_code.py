"""The exit code of a run, told by its report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.rules.severity import RANK


def exit_code(document: Mapping[str, Any], fail_on: str) -> int:
    """2: a finding at or above ``fail_on``, a severity or ``any``; 3: something was not read; 0: in sync
    (docs/reference/command-line.md)."""
    limit = RANK.get(fail_on, len(RANK))
    if any(
        RANK[finding["severity"]] <= limit
        for finding in document["findings"]
        if finding["status"] != "pending"
    ):
        return 2
    if document["problems"] or any(_counts(row, document) for row in document["coverage"]):
        return 3
    return 0


def _counts(row: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Whether a row of the ledger makes a run incomplete: an unsupported type only where somebody declares
    it."""
    if row["status"] != "unsupported":
        return row["status"] in ("denied", "throttled", "failed")
    place = (row["provider"], row["scope"], row["type"])
    return any((one["provider"], one["scope"], one["type"]) == place for one in document["unverifiable"])
