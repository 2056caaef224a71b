"""JSON Pointers: taken apart and put together, nothing is lost, and lists are led through by index."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.pointer import get, join, split, within


@given(st.lists(st.text(), max_size=5))
def test_names_come_back_as_they_were(names: list[str]) -> None:
    assert split(reduce(join, names, "")) == names


@pytest.mark.parametrize(
    ("pointer", "names"),
    [
        ("", []),
        ("/", [""]),
        ("/labels/", ["labels", ""]),
        ("/a~1b/~01", ["a/b", "~1"]),
        ("Rules/*/Port", ["Rules", "*", "Port"]),
    ],
)
def test_a_pointer_is_taken_apart(pointer: str, names: list[str]) -> None:
    assert split(pointer) == names


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", {"rules": [{"port": 22}, "x"], "": 1, "a/b": 2}),
        ("/rules/0/port", 22),
        ("/rules/1", "x"),
        ("/", 1),
        ("/a~1b", 2),
        ("/rules/2", None),
        ("/rules/-1", None),
        ("/rules/²", None),
        ("/rules/port", None),
        ("/rules/1/x", None),
    ],
)
def test_what_stands_at_a_pointer(pointer: str, found: Any) -> None:
    assert get({"rules": [{"port": 22}, "x"], "": 1, "a/b": 2}, split(pointer)) == found


def test_below_is_told_from_beside() -> None:
    assert within("/a/b", "/a")
    assert within("/a", "/a")
    assert within("/a", "")
    assert not within("/ab", "/a")
