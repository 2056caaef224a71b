"""Canonical form: pure, idempotent, the same for both sides; what is different stays different."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.compare.canonical import UNKNOWN, canonicalise, has_default
from drift.kinds.base import Context, Keyed, Unordered
from drift.model import MISSING, Unresolved
from drift.redaction.redact import Redactor
from drift.values import is_empty, same, unresolved
from tests.comparing import facts

CONTEXT = Context("test", "s", "r", "T")
FACTS = facts(
    S={"kind": "set"},
    S__ANY__P={"default": "tcp"},
    K={"kind": {"kind": "keyed-list", "key": "N"}},
    J={"kind": "json"},
    J__L={"kind": "set"},
    R={"read_only": True},
    I={"kind": "integer"},
    M={"kind": "map"},
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("NPLS"), inner, max_size=3),
    max_leaves=8,
)


def canonical(**attributes: Any) -> Any:
    return canonicalise(attributes, FACTS.root, CONTEXT)


@given(st.dictionaries(st.sampled_from("SKJRIMX"), JSON))
def test_it_is_idempotent_and_leaves_its_input_alone(attributes: dict[str, Any]) -> None:
    before = repr(attributes)
    once = canonicalise(attributes, FACTS.root, CONTEXT)
    assert repr(attributes) == before
    assert same(canonicalise(once, FACTS.root, CONTEXT), once)


def test_nulls_and_read_only_members_are_dropped_everywhere() -> None:
    assert canonical(A=None, B=[None, {"C": None}], R=1) == {"B": [{}]}


def test_kinds_are_applied_inside_out() -> None:
    assert canonical(I="5", J='{"L": ["b", "a"]}') == {"I": 5, "J": {"L": {'"a"': "a", '"b"': "b"}}}
    assert isinstance(canonical(J='{"L": ["b", "a"]}')["J"]["L"], Unordered)
    assert isinstance(canonical(K=[{"N": "a"}])["K"], Keyed)


def test_a_keyed_lists_members_keep_their_defaults_and_a_sets_do_not() -> None:
    known = facts(K={"kind": {"kind": "keyed-list", "key": "N"}}, K__ANY__P={"default": "tcp"})
    found = canonicalise({"K": [{"N": "a", "P": "tcp"}]}, known.root, CONTEXT)
    assert found == {"K": {"a": {"N": "a", "P": "tcp"}}}
    assert list(canonical(S=[{"N": "a", "P": "tcp"}])["S"].values()) == [{"N": "a"}]


def test_members_that_are_not_known_stand_beside_the_others() -> None:
    unknown = Unresolved("why")
    found = canonical(S=["b", {"N": unknown}, "a"], K=[{"N": unknown, "P": 1}, {"N": "x"}])
    assert found["S"] == {'"a"': "a", '"b"': "b", f"{UNKNOWN}1)": {"N": unknown}}
    assert found["K"] == {"x": {"N": "x"}, f"{UNKNOWN}1)": {"N": unknown, "P": 1}}
    assert canonical(S=unknown)["S"] is unknown


def test_hidden_secrets_pass_every_kind() -> None:
    secret = Redactor("k").hide("x")
    assert canonical(S=secret, K=secret, J=secret, I=secret) == {
        "S": secret,
        "K": secret,
        "J": secret,
        "I": secret,
    }


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (True, 1, False),
        (False, 0, False),
        ({"a": [True]}, {"a": [1]}, False),
        (1, 1, True),
        ("1", 1, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (MISSING, None, False),
        (MISSING, MISSING, True),
        ({"a": MISSING}, {"a": False}, False),
        (Keyed(a=1), {"a": 1}, True),
        ([], {}, False),
        (2**70, 2**70, True),
        ("\ud800", "\ud800", True),
    ],
)
def test_same(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is same(other, one) is equal


def test_defaults_are_compared_in_the_resources_own_place() -> None:
    known = facts(A={"default": "arn:{scope}:{region}"}).root.child("A")
    assert has_default(known, "arn:s:r", CONTEXT)
    assert not has_default(known, "arn:s:r2", CONTEXT)
    assert has_default(known, "arn:s2:r2", Context("test", "s2", "r2", "T"))
    assert not has_default(known, MISSING, CONTEXT)


def test_emptiness() -> None:
    assert all(map(is_empty, (MISSING, None, "", [], {}, Keyed(), Unordered())))
    assert not any(map(is_empty, (0, False, " ", [None], {"a": None}, 0.0)))


def test_the_first_unknown_value() -> None:
    unknown = Unresolved("why")
    assert unresolved({"a": [1, {"b": unknown}]}) is unknown
    assert unresolved({"a": [1, {"b": 2}]}) is None
