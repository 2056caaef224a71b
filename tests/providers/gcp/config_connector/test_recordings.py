"""Recorded Config Connector objects against what the Google API returned: in sync is silent, changes are told."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from tests.providers.gcp.config_connector.recorded import PAIRS, rows, strict, verdict

REASONS = yaml.safe_load(Path(__file__).with_name("reasons.yaml").read_text(encoding="utf-8"))


def why(case: str, path: str) -> str | None:
    """The reason on file for a difference of a case that should have none."""
    for reason in REASONS:
        if fnmatchcase(case, reason["case"]) and any(fnmatchcase(path, one) for one in reason["paths"]):
            return str(reason["label"])
    return None


def test_every_difference_in_sync_has_its_reason() -> None:
    loud, unexplained, judged = 0, [], 0
    for row in rows():
        for which, after in PAIRS:
            if not row.get(which) or not row.get(after):
                continue
            judged += 1
            found = verdict(row, which, after).changes
            loud += bool(found)
            unexplained += [(row["case"], one.path) for one in found if why(row["case"], one.path) is None]
    assert unexplained == []
    assert judged == 361
    assert loud <= 200


def test_every_strict_change_is_told() -> None:
    wanted, silent = set(strict()), []
    for row in rows():
        if row["case"] in wanted and row.get("declared_update"):
            told = verdict(row, "declared_update", "live_after_create")
            if not told.changes and not told.unverifiable:
                silent.append(row["case"])
    assert silent == []
