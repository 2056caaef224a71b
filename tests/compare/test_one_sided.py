"""The table of what folds where only one side speaks: a row here for every row there, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from drift.compare.one_sided import CHOSEN, DECLARED, EMPTY, IGNORED, LIVE, Rule, why_folded
from drift.facts import PathFacts
from drift.kinds.base import Context
from drift.kinds.registry import KINDS

CONTEXT = Context("test", "s", "r")


def why(
    rules: tuple[Rule, ...], value: Any, *, raw: bool = False, member: bool = False, **said: Any
) -> str | None:
    facts = PathFacts()
    facts.say(said, KINDS, "test")
    return why_folded(rules, value, facts, CONTEXT, raw=raw, member=member)


@pytest.mark.parametrize(
    ("value", "said", "fact"),
    [
        ("", {}, EMPTY),
        ([], {}, EMPTY),
        (30, {"default": 30}, "equals the default"),
        (31, {"default": 30}, None),
        (31, {"default": 30, "assigned": True}, CHOSEN),
        (31, {"undeclared": "ignore"}, IGNORED),
        (31, {}, None),
        (False, {}, None),
        ("s", {"default": "{scope}"}, "equals the default"),
    ],
)
def test_a_live_value_that_nobody_declares(value: Any, said: dict[str, Any], fact: str | None) -> None:
    assert why(LIVE, value, **said) == fact


@pytest.mark.parametrize(
    ("value", "said", "fact"),
    [
        ({}, {}, EMPTY),
        (30, {"default": 30}, "equals the default"),
        (31, {"default": 30, "assigned": True}, None),
        (31, {"undeclared": "ignore"}, None),
        (False, {}, "an answer leaves it out"),
        (False, {"default": True}, None),
        (0, {}, None),
    ],
)
def test_a_declared_value_that_is_not_live(value: Any, said: dict[str, Any], fact: str | None) -> None:
    assert why(DECLARED, value, **said) == fact


def test_a_member_counts_by_being_there() -> None:
    assert why(LIVE, "", member=True) is None
    assert why(DECLARED, "", member=True) is None
    assert why(DECLARED, False, member=True) is None
    assert why(DECLARED, 30, member=True, default=30) is None
    assert why(LIVE, 30, member=True, default=30) == "equals the default", "the cloud adds it"
    assert why(LIVE, 31, member=True, assigned=True) == CHOSEN


def test_where_a_kind_says_that_to_be_there_counts_nothing_is_absent() -> None:
    for rules in (LIVE, DECLARED):
        assert why(rules, {}, kind="present") is None
        assert why(rules, False, kind="present") is None
    assert why(LIVE, {}, kind="present", assigned=True) == CHOSEN


def test_of_a_collection_in_raw_form_a_default_is_not_told() -> None:
    assert why(LIVE, [1], default=[1]) == "equals the default"
    assert why(LIVE, [1], raw=True, default=[1]) is None
    assert why(LIVE, [], raw=True) == EMPTY
    assert why(LIVE, [1], raw=True, assigned=True) == CHOSEN
