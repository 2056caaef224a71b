"""Quantities, durations and the shapes of objects: equal when they mean the same, different when they do
not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.kinds.base import Context
from providers.kubernetes.defaults import pull_policy
from providers.kubernetes.kinds import KINDS
from providers.kubernetes.kinds.quantity import amount
from tests.effort import Watched, growth

HERE = Context("kubernetes", "c")
SUFFIXES = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E-3"]
quantities = st.builds("{}{}".format, st.integers(-10_000, 10_000), st.sampled_from(SUFFIXES))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | quantities,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PARAMS: dict[str, dict[str, Any]] = {name: {"keys": ["name"]} for name in ("list-map", "ordered-list-map")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        ("1000M", "1G"),
        ("0.5", "500m"),
        (1, "1"),
        ("1e3", "1k"),
        ("0", "0Gi"),
        ("1Ei", "1024Pi"),
        (0.1, "100m"),
        (10_000_000_000_000_000_000_000_000_005_001, "10000000000000000000000000005001"),
    ],
)
def test_quantities_that_are_equal(one: Any, other: Any) -> None:
    canonical = KINDS["quantity"].canonical
    assert canonical(one, HERE) == canonical(other, HERE)


def test_no_large_quantity_is_rounded() -> None:
    canonical = KINDS["quantity"].canonical
    large = 10_000_000_000_000_000_000_000_000_005_001
    assert canonical(large, HERE) != canonical(large + 1, HERE)


@given(quantities, quantities)
def test_quantities_are_equal_exactly_where_their_amounts_are(one: str, other: str) -> None:
    canonical = KINDS["quantity"].canonical
    assert (canonical(one, HERE) == canonical(other, HERE)) == (amount(one) == amount(other))


@given(json_values)
def test_every_kind_is_idempotent_and_never_raises(value: Any) -> None:
    for name, kind in KINDS.items():
        once = kind.canonical(value, HERE, **PARAMS.get(name, {}))
        assert kind.canonical(once, HERE, **PARAMS.get(name, {})) == once


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2160h", "2160h0m0s", True),
        ("1000m", "1", True),
        ("2026-10-10 00:00:00+00:00", "2026-10-10T00:00:00Z", True),
        ("1.0", "1.00", False),
        ("1", "01", False),
        ("1e3", "1000", False),
        ("5m", "5M", False),
        ("60s", "61s", False),
        (True, "1", False),
    ],
)
def test_scalars_of_custom_resources(one: Any, other: Any, same: bool) -> None:
    admits = KINDS["string-of-any-kind"].admits
    assert admits is not None
    assert admits(one, other, HERE) is same


def test_a_list_map_keeps_different_members_apart() -> None:
    canonical = KINDS["list-map"].canonical
    ports = [{"port": 53, "protocol": "UDP"}, {"port": 53}]
    keyed = canonical(ports, HERE, keys=["port", "protocol"], defaults={"protocol": "TCP"})
    assert set(keyed) == {"53|UDP", "53|TCP"}
    assert canonical([{"name": "a"}, {"x": 1}], HERE, keys=["name"]) == [{"name": "a"}, {"x": 1}]


def test_a_secret_is_the_same_in_both_spellings() -> None:
    canonical = KINDS["secret-object"].canonical
    assert canonical({"stringData": {"a": "1"}, "data": {"a": "0", "b": "2"}}, HERE) == {
        "data": {"a": "1", "b": "2"}
    }


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("r:5000/nginx", "Always"),
        ("r:5000/n:1", "IfNotPresent"),
        ("n@sha256:0", "IfNotPresent"),
    ],
)
def test_the_default_pull_policy(image: str, policy: str) -> None:
    assert pull_policy(image) == policy


def test_a_variable_before_what_it_refers_to_says_so() -> None:
    one, other = {"name": "a", "value": "1"}, {"name": "b", "value": "$(a)$$(c)$(d)"}
    canonical = KINDS["env"].canonical
    assert canonical([one, other], HERE)["b"] == {**other, "(not expanded)": []}
    assert canonical([other, one], HERE)["b"] == {**other, "(not expanded)": ["a"]}


def test_many_variables_take_no_time() -> None:
    def canonical(size: int) -> Callable[[], Any]:
        many = [{"name": Watched(f"v{number}"), "value": Watched("$(v0)")} for number in range(size)]
        return lambda: KINDS["env"].canonical(many, HERE)

    assert growth(canonical, 300) < 2.5
