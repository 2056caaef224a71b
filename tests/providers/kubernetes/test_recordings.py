"""Recorded live objects against what was applied: what is in sync is silent, every other difference has a
reason on file."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from drift.compare.verdict import compare
from drift.finding import Change
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction.redact import Redactor
from providers.kubernetes import KubernetesProvider, edge
from providers.kubernetes.names import of_object
from tests import shared
from tests.reading import read_yaml

LABELS = read_yaml(Path(__file__).with_name("recorded_labels.yaml"))
PROVIDER = KubernetesProvider()
REDACTOR = Redactor("a key for tests")

pytestmark = shared.needs("recordings/kubernetes-last-applied", "recordings/kubernetes-custom-resources")


def rows(folder: str) -> list[dict[str, Any]]:
    path = shared.path(f"recordings/{folder}") / "pairs.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def changes(declared: dict[str, Any], live: dict[str, Any]) -> tuple[Change, ...]:
    """What a run would report of the pair."""
    type_ = of_object(live)
    assert type_ is not None
    found = edge.resource("c", type_, json.loads(json.dumps(live)))
    facts = PROVIDER.facts(str(type_))
    assert found is not None and facts is not None
    said = REDACTOR.resource(Resource("kubernetes", "c", str(type_), found.id, declared), facts.root)
    found = REDACTOR.resource(found, facts.root)
    context = Context("kubernetes", "c", None, str(type_), {})
    accept = PROVIDER.hooks.undeclared(said, found, facts, context)
    return compare(said, found, facts, context, REDACTOR, accept=accept).changes


def reason(folder: str, case: str, change: Change) -> str | None:
    """The label of a difference; None where it has none."""
    for label in LABELS[folder]:
        placeholder = "${" in repr(change.declared) + repr(change.live)
        if not fnmatchcase(case, label["case"]) or (label.get("when") == "placeholder" and not placeholder):
            continue
        if any(fnmatchcase(change.path, glob) for glob in label["paths"]):
            return str(label["why"])
    return None


@pytest.mark.parametrize("folder", ["kubernetes-last-applied", "kubernetes-custom-resources"])
def test_every_difference_is_explained(folder: str) -> None:
    silent, unexplained = 0, []
    recorded = rows(folder)
    for row in recorded:
        case = row.get("path") or row["case"]
        found = changes(row.get("declared") or row["declared_update"] or row["declared_create"], row["live"])
        found = tuple(one for one in found if "harness" not in str(reason(folder, case, one)))
        silent += not found
        unexplained += [(case, one.path) for one in found if reason(folder, case, one) is None]
    assert unexplained == []
    assert silent >= {"kubernetes-last-applied": 43, "kubernetes-custom-resources": 260}[folder]


def test_no_label_is_left_over() -> None:
    used: set[str] = set()
    for folder in LABELS:
        for row in rows(folder):
            case = row.get("path") or row["case"]
            for one in changes(
                row.get("declared") or row["declared_update"] or row["declared_create"], row["live"]
            ):
                used.add(str(reason(folder, case, one)))
    assert {label["why"] for labels in LABELS.values() for label in labels} <= used
