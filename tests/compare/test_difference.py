"""What is left different becomes changes: one a path, each a JSON Pointer, readable, without secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drift.compare.difference import differences
from drift.kinds.base import Keyed, Unordered
from drift.model import MISSING, Unresolved
from drift.redaction.redact import Redactor
from tests.effort import growth

HIDDEN = Redactor("k").hide("hunter22")


def told(declared: Any, live: Any, undeclared: set[str] = frozenset()) -> list[tuple[Any, ...]]:  # type: ignore[assignment]
    return [
        (
            one.path,
            one.declared,
            one.live,
            *(["undeclared"] if one.undeclared else []),
            *(["secret"] if one.sensitive else []),
        )
        for one in differences(declared, live, set(undeclared))
    ]


def test_every_difference_has_its_path_in_order() -> None:
    assert told({"b": 1, "a": {"x/y": 1, "m~n": 2}}, {"b": 2, "a": {"x/y": 2, "m~n": 3}}) == [
        ("/a/m~0n", 2, 3),
        ("/a/x~1y", 1, 2),
        ("/b", 1, 2),
    ]


def test_a_side_that_is_absent() -> None:
    assert told({"a": 1}, {}) == [("/a", 1, MISSING)]
    assert told({}, {"a": None}, {"/a"}) == [("/a", MISSING, None, "undeclared")]


def test_other_types_and_truth_values() -> None:
    assert told({"a": 1, "b": "1", "c": [], "d": True}, {"a": True, "b": 1, "c": {}, "d": False}) == [
        ("/a", 1, True),
        ("/b", "1", 1),
        ("/c", [], {}),
        ("/d", True, False),
    ]


def test_a_set_is_told_at_its_own_path() -> None:
    left = {"s": Unordered({'"a"': "a"}), "l": [{"s": Unordered({"1": 1})}]}
    right = {"s": Unordered({'"b"': "b", '"c"': "c"}), "l": [{"s": Unordered()}]}
    assert told(left, right) == [("/l/0/s", [1], MISSING), ("/s", ["a"], ["b", "c"])]


def test_a_whole_keyed_list_is_told_member_by_member() -> None:
    tags = {"Tags": Keyed({"a/b": "1", "c": "2"})}
    assert told(tags, {}) == [("/Tags/a~1b", "1", MISSING), ("/Tags/c", "2", MISSING)]
    assert told({}, tags, {"/Tags"}) == [
        ("/Tags/a~1b", MISSING, "1", "undeclared"),
        ("/Tags/c", MISSING, "2", "undeclared"),
    ]


def test_no_secret_is_told() -> None:
    other = Redactor("k").hide("hunter23")
    assert told({"a": HIDDEN, "b": {"c": HIDDEN}}, {"a": other, "d": [HIDDEN]}) == [
        ("/a", MISSING, MISSING, "secret"),
        ("/b", MISSING, MISSING, "secret"),
        ("/d", MISSING, MISSING, "secret"),
    ]


def test_unknown_values_are_told_in_words() -> None:
    assert told({"a": {"b": Unresolved("why")}}, {}) == [("/a", {"b": "(not known: why)"}, MISSING)]


def test_keys_that_python_calls_private_and_deep_values() -> None:
    assert told({"__a": 1}, {"__a": 2}) == [("/__a", 1, 2)]
    deep_one: Any = 1
    deep_other: Any = 2
    for _ in range(100):
        deep_one, deep_other = {"a": deep_one}, {"a": deep_other}
    assert told(deep_one, deep_other) == [("/a" * 100, 1, 2)]


def test_long_texts_are_compared_in_time() -> None:
    def compared(size: int) -> Callable[[], Any]:
        one = "\n".join(f"line {number}" for number in range(size))
        return lambda: differences({"a": one}, {"a": one.replace("9", "8")}, set())

    assert len(compared(2000)()) == 1
    assert growth(compared, 2000) < 2.5
