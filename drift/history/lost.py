"""Tells whether an environment that a history sees for the first time had one before: a lost database must
not become a silent baseline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.visible import visible

#: So many of the newest runs are looked at, and so much of each report: what it says of the run stands there.
_NEWEST, _HEAD = 200, 64 * 1024


def lost(reports: Path | None, environment: str, *, expected: bool) -> str | None:
    """What is to be said where an environment's first run is its second first one; ``reports`` is the
    folder of the folders of runs. None where nothing tells of an earlier one."""
    for run in () if reports is None else _runs(reports):
        history = run.get("history")
        if run.get("environment") == environment and isinstance(history, Mapping) and history.get("database"):
            return (
                f"the history begins now, though run {visible(run.get('id', '?'))} was remembered in another "
                f"one (database {visible(history['database'])}): what has changed since then and nobody "
                "declares is taken as it is"
            )
    if expected:
        return (
            "the history begins now, though drift.yaml expects one (history.expected): what has changed and "
            "nobody declares is taken as it is"
        )
    return None


def _runs(reports: Path) -> list[Mapping[str, Any]]:
    """What the newest reports say of their runs."""
    files = sorted(reports.glob("*/report.json"), key=lambda file: file.parent.name, reverse=True)
    found: list[Mapping[str, Any]] = []
    for file in files[:_NEWEST]:
        try:
            with file.open("rb") as report:
                head = report.read(_HEAD).decode("utf-8", "replace")
            at = head.index('"run"')
            run, _ = json.JSONDecoder().raw_decode(head, head.index("{", at))
        except (OSError, ValueError):  # another's file, or more than a head: it tells nothing
            continue
        if isinstance(run, dict):
            found.append(run)
    return found
