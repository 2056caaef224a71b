"""Recorded Config Connector objects against what the Google API returned: in sync is silent, changes are
told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from drift.model import Resource
from tests import shared
from tests.providers.gcp.config_connector.recorded import (
    PAIRS,
    RECORDING,
    judged,
    restored,
    rows,
    strict,
    told,
    translate,
    verdict,
    wanted,
)
from tests.reading import read_yaml

pytestmark = shared.needs(RECORDING)
REASONS = read_yaml(Path(__file__).with_name("reasons.yaml"))


def why(case: str, path: str) -> str | None:
    """The reason on file for a difference of a case that should have none."""
    return next((str(reason["label"]) for reason in REASONS if _holds(reason, case, path)), None)


def _holds(reason: dict[str, Any], case: str, path: str) -> bool:
    return fnmatchcase(case, reason["case"]) and any(fnmatchcase(path, one) for one in reason["paths"])


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
    assert loud <= 0.16 * judged


def test_every_strict_change_is_told_with_exactly_its_paths() -> None:
    cases = set(strict())
    found = {row["case"]: (told(row), wanted(row)) for row in rows() if row["case"] in cases}
    assert [case for case, (said, _) in found.items() if not said] == []
    exact = sum(said == want for said, want in found.values())
    assert exact >= 0.95 * len(cases)


def test_no_declared_value_can_change_unseen() -> None:
    """Each declared value changed live, and each link moved to another project, is told."""
    hidden, tried = [], 0
    for row in rows():
        _, declared = translate(row, "declared_create")
        live = restored(row["live_after_create"])
        before = _told(declared, live)
        for path, value in _leaves(declared.attributes, live):
            for other in _others(value):
                tried += 1
                if _told(declared, _put(live, path, other)) == before:
                    hidden.append((row["case"], path, other))
    assert tried > 1500
    assert hidden == []


def _told(declared: Resource, live: Any) -> set[tuple[str, str]]:
    return {(one.path, repr(one.live)) for one in judged(declared, live).changes}


def _leaves(declared: Any, live: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The live plain values that are declared, with where they stand."""
    if isinstance(declared, dict) and isinstance(live, dict):
        for key in declared.keys() & live.keys():
            yield from _leaves(declared[key], live[key], (*path, key))
    elif isinstance(declared, list) and isinstance(live, list):
        for at, (one, other) in enumerate(zip(declared, live, strict=False)):
            yield from _leaves(one, other, (*path, at))
    elif isinstance(declared, (str, int, float)) and isinstance(live, (str, int, float)):
        yield path, live


def _others(value: Any) -> list[Any]:
    """Other values of the same form."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1]
    number = value.removesuffix("s")
    if number.isdigit():
        return [str(int(number) + 1) + value[len(number) :]]
    moved = re.sub(r"(^|/)projects/[^/]+/", r"\1projects/another/", value)
    return [value + "x", *([moved] if moved != value else [])]


def _put(live: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(live) if isinstance(live, dict) else list(live)
    copy[path[0]] = _put(live[path[0]], path[1:], value)
    return copy


def test_no_declared_field_is_dropped() -> None:
    """Every update of the declared fields is one of the translation, or its field is unverifiable."""
    lost = []
    for row in rows():
        changed = (row.get("expected") or {}).get("declared_changed_paths")
        if not changed or not row.get("declared_update"):
            continue
        before, after = (translate(row, which)[1] for which in ("declared_create", "declared_update"))
        if before.attributes == after.attributes and before.id == after.id:
            lost.append(row["case"])
    assert lost == []


def test_no_reason_is_left_over() -> None:
    used = set()
    for row in rows():
        for which, after in PAIRS:
            if row.get(which) and row.get(after):
                for one in verdict(row, which, after).changes:
                    used |= {at for at, reason in enumerate(REASONS) if _holds(reason, row["case"], one.path)}
    assert [REASONS[at]["case"] for at in range(len(REASONS)) if at not in used] == []
