"""What a change touches, as the severity rules say: what opens, grants or disables is never called a matter
of size or labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drift.finding import CATEGORIES, Change, Finding
from drift.model import Resource
from drift.rules.severity import Scale, read_rules

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "drift/rules/severity.yaml", *sorted((ROOT / "providers").glob("*/severity.yaml"))]
#: The categories that are never written to Git by policy.
GRAVE = CATEGORIES[:5]


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.parent.name)
def test_what_is_always_told_opens_grants_or_disables(file: Path) -> None:
    wrong = [
        rule["why"] for rule in read_rules(file) if rule.get("always") and rule.get("category") not in GRAVE
    ]
    assert not wrong


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.parent.name)
def test_nothing_grave_is_a_matter_of_size_or_labels(file: Path) -> None:
    grave = [rule for rule in read_rules(file) if rule["severity"] in ("critical", "high")]
    assert not [rule["why"] for rule in grave if rule.get("category") in ("cost", "cosmetic")]


def rated(*paths: tuple[str, Any, Any]) -> frozenset[str]:
    changes = tuple(Change(path, declared, live) for path, declared, live in paths)
    one = Resource("aws", "1", "AWS::RDS::DBInstance", "db", {})
    rules = read_rules(ROOT / "providers/aws/severity.yaml")
    return Scale(rules).rate(Finding("changed", one, one, changes)).categories


def test_the_categories_of_all_changes_count() -> None:
    assert rated(("/Tags/team", "a", "b")) == {"cosmetic"}
    assert rated(("/DBInstanceClass", "db.t3.small", "db.t3.large")) == {"cost"}
    tagged = ("/Tags/team", "a", "b")
    opened = ("/PubliclyAccessible", False, True)
    assert rated(tagged, opened) == {"cosmetic", "exposure"}


def test_the_members_of_what_one_side_alone_has_count() -> None:
    rules = [
        {
            "path": "/Door/Open",
            "when": "change.live",
            "severity": "high",
            "why": "Open.",
            "category": "exposure",
        },
    ]
    one = Resource("aws", "1", "AWS::RDS::DBInstance", "db", {})
    change = Change("/Door", live={"Open": True, "Colour": "red"})
    assert Scale(rules).rate(Finding("changed", one, one, (change,))).categories == {"exposure"}


def test_what_no_rule_speaks_of_has_no_category() -> None:
    assert rated(("/Unheard", 1, 2)) == frozenset()
