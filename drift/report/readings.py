"""Puts into a report when what it tells of was read, where that was not in this run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drift.live.order import Order
from drift.model import Cell


def add(report: dict[str, Any], order: Callable[[], Order], earlier: str | None) -> None:
    """Of each cell that was not read to its end, when it last was; of each finding on what an earlier run
    read, that it did; and of the run, which one it went on with. ``order`` is asked where it is needed."""
    taken = [row for row in report["coverage"] if "read_by" in row]
    if earlier is not None:
        oldest = min((row["read_at"] for row in taken if row.get("read_at")), default=None)
        report["run"]["resumed"] = {"from": earlier, "cells": len(taken), "oldest": oldest}
    for finding in report["findings"]:
        if "read_by" in finding:
            told = f"as run {finding['read_by']} read it, at {finding['read_at']}"
            finding["note"] = f"{finding['note']}; {told}" if finding.get("note") else told
    unread = [row for row in report["coverage"] if not row.get("read_at") and _expected(row)]
    if unread:
        known = order()
        for row in unread:
            if at := known.last(_cell(row)):
                row["last_read_at"] = at


def _expected(row: Mapping[str, Any]) -> bool:
    return row["status"] not in ("skipped", "unsupported")


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell(row["provider"], row["scope"], row["region"], row["type"])
