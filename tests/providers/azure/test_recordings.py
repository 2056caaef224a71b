"""Recorded traffic of Azure: what was sent is what is there, and what was sent afterwards is not yet
there."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests import shared
from tests.providers.azure import recorded
from tests.reading import read_yaml

pytestmark = shared.needs(recorded.FIRST, recorded.SECOND)
REASONS = read_yaml(Path(__file__).with_name("reasons.yaml"))
FOLDERS = pytest.mark.parametrize("folder", [recorded.FIRST, recorded.SECOND])
#: Updates that ask for what is there already.
SILENT: dict[str, list[str]] = {
    recorded.FIRST: [],
    # The answer before the update holds the `sku` already that the update asks for.
    recorded.SECOND: [
        "rec-containerservice-managedclusters-2024-09-01-1",
        "rec-containerservice-managedclusters-2025-08-01-2",
    ],
}
#: What the recordings' own judges call a difference that is there.
_THERE = frozenset({"real", "authoring", "service-override"})


def _labelled(pair: recorded.Pair, path: str, folder: str) -> bool:
    """Whether a path, or what lies above or below it, is labelled as a difference that is there.

    Labels name a list's members by number, we name them by key: a label inside of a list speaks of the list.
    """
    for label, verdict in recorded.labels(folder).get((pair.case, pair.side), {}).items():
        place = re.split(r"/\d+(?:/|$)", label)[0]
        if verdict in _THERE and (
            path == place or path.startswith(f"{place}/") or place.startswith(f"{path}/")
        ):
            return True
    return False


def _reason(pair: recorded.Pair, path: str) -> bool:
    return any(
        fnmatchcase(pair.type.lower(), one["type"].lower()) and fnmatchcase(path, one["path"])
        for one in REASONS
    )


@FOLDERS
def test_what_was_sent_is_what_is_there(folder: str) -> None:
    judged = loud = 0
    unexplained = []
    for pair in recorded.in_sync(folder):
        if pair.source != "recorded":
            continue
        judged += 1
        changes = recorded.judged(pair).changes
        loud += bool(changes)
        left = [one.path for one in changes if not _labelled(pair, one.path, folder)]
        unexplained += [(pair.case, pair.side, path) for path in left if not _reason(pair, path)]
    assert unexplained == []
    assert judged == {recorded.FIRST: 425, recorded.SECOND: 396}[folder]
    assert loud <= 0.06 * judged, "also where the recordings' own labels say that the difference is there"


@FOLDERS
def test_what_is_asked_for_next_is_told(folder: str) -> None:
    asked = [pair for pair in recorded.changed(folder) if pair.source == "recorded"]
    silent = [pair.case for pair in asked if not recorded.judged(pair).changes]
    assert len(asked) > 70
    assert silent == SILENT[folder]


@FOLDERS
def test_a_change_of_one_leaf_is_told_at_its_path(folder: str) -> None:
    """Every text that was sent and came back as it is, changed live: a change at that path or in that list's
    member."""
    told = asked = 0
    missed = []
    for pair in recorded.in_sync(folder):
        if pair.source != "recorded" or pair.side != "create":
            continue
        for path in recorded.leaves(pair):
            asked += 1
            changed = recorded.judged(recorded.mutated(pair, path)).changes
            if any(recorded.names(one.path, path) for one in changed):
                told += 1
            else:
                missed.append((pair.type, "/".join(map(str, path))))
    assert asked > 800
    assert missed == [], f"{told} of {asked}"


@FOLDERS
def test_a_tag_of_somebody_is_told(folder: str) -> None:
    """Whatever else was sent, also where tags were sent as null."""
    asked = 0
    for pair in recorded.in_sync(folder):
        if pair.source != "recorded" or "location" not in pair.declared or "tags" not in pair.live:
            continue
        asked += 1
        live = {**pair.live, "tags": {**(pair.live["tags"] or {}), "night": "shift"}}
        told = [change.path for change in recorded.judged(replace(pair, live=live)).changes]
        assert any(path in ("/tags", "/tags/night") for path in told), pair.case
    assert asked > 50


@FOLDERS
def test_what_is_taken_away_is_never_passed_over(folder: str) -> None:
    """Every value that was sent and came back, taken away live: told, or said to be a default or not to be
    verifiable."""
    asked = 0
    for pair in recorded.in_sync(folder):
        if pair.source != "recorded" or pair.side != "create":
            continue
        for place in recorded.leaves(pair):
            asked += 1
            verdict = recorded.judged(recorded.without(pair, place))
            said = [change.path for change in verdict.changes]
            said += [path for path, _ in verdict.unverifiable]
            said += [fold.path for fold in verdict.folds]
            assert said, (pair.case, place)
    assert asked > 800
