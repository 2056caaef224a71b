"""Sets, keyed lists and maps: order does not count, everything else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.kinds.base import Context, Keyed, Unordered
from drift.kinds.registry import KINDS
from drift.kinds.text import canonical_text
from drift.model import Unresolved
from tests.effort import Watched, growth

NOWHERE = Context()
json_scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab#2|\\", max_size=3)
json_values = st.recursive(
    json_scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
)
entries = st.lists(
    st.fixed_dictionaries(
        {"Key": st.text("ab#2|\\", max_size=3), "Value": json_scalars}, optional={"More": st.booleans()}
    ),
    max_size=5,
)


def as_set(value: Any, /, **params: Any) -> Any:
    return KINDS["set"].canonical(value, NOWHERE, **params)


def keyed(value: Any, /, **params: Any) -> Any:
    return KINDS["keyed-list"].canonical(value, NOWHERE, **({"key": "Key"} | params))


def distinct(members: list[Any]) -> set[str | None]:
    return {canonical_text(member) for member in members}


@given(st.lists(json_values, max_size=6), st.randoms())
def test_set_order_and_repetition_do_not_count(members: list[Any], random: Any) -> None:
    shuffled = members + members[:2]
    random.shuffle(shuffled)
    assert repr(as_set(shuffled)) == repr(as_set(members))


@given(st.lists(json_values, max_size=4), st.lists(json_values, max_size=4))
def test_sets_of_different_members_differ(one: list[Any], other: list[Any]) -> None:
    assert (as_set(one) == as_set(other)) == (distinct(one) == distinct(other))


def test_set_tells_types_apart() -> None:
    assert list(as_set([1, "1", True, None, 1.0])) == ['"1"', "1", "null", "true"]


def test_set_takes_a_scalar_only_on_request() -> None:
    assert as_set("a", scalar=True) == as_set(["a"])
    assert as_set("a") == "a"
    assert as_set(None, scalar=True) is None


def test_set_with_something_unknown_stays_a_list() -> None:
    members = ["b", Unresolved("?"), "a"]
    assert as_set(members) is members


def test_set_of_sets() -> None:
    inner = [as_set(["x", "y"]), as_set(["y", "x"])]
    assert len(as_set(inner)) == 1
    assert isinstance(next(iter(as_set(inner).values())), Unordered)


def test_keyed_list_by_name() -> None:
    members = [{"Key": "b", "Value": 2}, {"Key": "a", "Value": 1}]
    assert keyed(members) == {"a": {"Key": "a", "Value": 1}, "b": {"Key": "b", "Value": 2}}
    assert isinstance(keyed(members), Keyed)
    assert keyed(members, value="Value") == {"a": 1, "b": 2}


@given(entries, st.randoms())
def test_keyed_list_order_does_not_count(members: list[Any], random: Any) -> None:
    shuffled = list(members)
    random.shuffle(shuffled)
    for params in ({}, {"value": "Value"}):
        one, other = keyed(shuffled, **params), keyed(members, **params)
        assert canonical_text(one) == canonical_text(other)
        assert list(one) == list(other)


@given(entries, entries)
def test_different_keyed_lists_differ(one: list[Any], other: list[Any]) -> None:
    for params in ({}, {"value": "Value"}):
        same = canonical_text(keyed(one, **params)) == canonical_text(keyed(other, **params))
        assert same == (distinct(one) == distinct(other))


def test_keyed_list_keeps_entries_of_the_same_key() -> None:
    members = [{"Key": "a", "Value": 2}, {"Key": "a", "Value": 1}, {"Key": "a#2", "Value": 3}]
    assert keyed(members) == {"a": members[1], "a#2": members[2], "a#3": members[0]}


def test_keyed_list_keeps_entries_without_a_key() -> None:
    assert keyed([{"Value": 1}, "loose"]) == {'{"Value":1}': {"Value": 1}, '"loose"': "loose"}


def test_keyed_list_by_several_names() -> None:
    ports = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}, {"port": 80}]
    assert list(keyed(ports, key=["port", "protocol"])) == ["53|TCP", "53|UDP", "80"]


def test_keyed_list_keys_joined_stay_apart() -> None:
    one = [{"k": "a|b", "l": "c", "v": 1}]
    other = [{"k": "a", "l": "b|c", "v": 1}]
    assert keyed(one, key=["k", "l"], value="v") != keyed(other, key=["k", "l"], value="v")


def test_keyed_list_takes_a_map_of_values() -> None:
    assert keyed({"b": 1, "aws:x": 2}, value="Value", drop_prefix=["aws:"]) == Keyed(b=1)
    assert keyed({"b": 1}) == {"b": 1} and not isinstance(keyed({"b": 1}), Keyed)


def test_keyed_list_with_an_unknown_key_stays_a_list() -> None:
    members = [{"Key": Unresolved("?"), "Value": 1}]
    assert keyed(members) is members
    known = [{"Key": "a", "Value": Unresolved("?")}]
    assert keyed(known, value="Value") == {"a": Unresolved("?")}


def test_map_owns_its_members() -> None:
    assert isinstance(KINDS["map"].canonical({"b": 1, "a": 2}, NOWHERE), Keyed)
    assert KINDS["map"].canonical([1], NOWHERE) == [1]


def test_list_order_counts() -> None:
    as_list = KINDS["list"].canonical
    assert as_list("a", NOWHERE) == ["a"] == as_list(["a"], NOWHERE)
    assert as_list(["b", "a"], NOWHERE) == ["b", "a"]


@pytest.mark.parametrize("name", ["set", "keyed-list"])
def test_a_large_list_takes_no_time(name: str) -> None:
    params = {"key": "Key"} if name == "keyed-list" else {}

    def canonical(size: int) -> Callable[[], Any]:
        members = [{"Key": Watched(f"k{number % (size // 4)}"), "Value": number} for number in range(size)]
        return lambda: KINDS[name].canonical(members, NOWHERE, **params)

    assert len(canonical(400)()) == 400
    assert growth(canonical, 400) < 2.5
