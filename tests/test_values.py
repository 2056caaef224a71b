"""What is asked of values: the predicates differ in zero, false and what is empty only further down."""

from __future__ import annotations

from typing import Any

import pytest

from drift.kinds.base import Keyed, Unordered
from drift.model import MISSING, Unresolved
from drift.values import is_empty, is_hollow, is_off, is_unset, leaves, plain, same, unresolved


@pytest.mark.parametrize(
    ("value", "empty", "unset", "off", "hollow"),
    [
        (MISSING, True, True, False, True),
        (None, True, True, False, True),
        ("", True, True, True, True),
        ([], True, True, False, True),
        ({}, True, True, False, True),
        (Keyed(), True, True, False, True),
        (0, False, True, True, False),
        (0.0, False, True, True, False),
        ("0", False, False, True, False),
        (False, False, False, True, False),
        (True, False, False, False, False),
        (1, False, False, False, False),
        ("x", False, False, False, False),
        ([None], False, False, False, True),
        ({"a": [{"b": ""}, []]}, False, False, False, True),
        ({"a": [0]}, False, False, False, False),
        (Unresolved("x"), False, False, False, False),
    ],
)
def test_whether_a_value_says_anything(value: Any, empty: bool, unset: bool, off: bool, hollow: bool) -> None:
    found = (is_empty(value), is_unset(value), is_off(value), is_hollow(value))
    assert found == (empty, unset, off, hollow)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1),
        (False, 0),
        (MISSING, None),
        ([True], [1]),
        ({"a": {"b": False}}, {"a": {"b": 0}}),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": 1, "b": None}),
        ("1", 1),
    ],
)
def test_what_only_looks_the_same_is_told_apart(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same(other, one)
    assert same(one, one)


def test_a_canonical_value_is_read_as_json() -> None:
    members = Unordered({'"b"': "b", '"a"': "a"})
    assert plain(Keyed({"x": members, "y": [members]})) == {"x": ["a", "b"], "y": [["a", "b"]]}


def test_the_places_at_which_something_is_said() -> None:
    value = {"a/b": {"c": 1}, "set": Unordered({"1": 1}), "list": [1], "none": {}}
    assert list(leaves(value)) == ["/a~1b/c", "/set", "/list", "/none"]


def test_the_first_value_that_is_not_known() -> None:
    assert unresolved({"a": [1, {"b": Unresolved("why")}]}) == Unresolved("why")
    assert unresolved({"a": [1, "b"]}) is None
