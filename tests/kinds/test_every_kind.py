"""What holds for every general kind: it never raises, is idempotent and leaves its input alone."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.kinds.base import Context, Keyed, Unordered
from drift.kinds.registry import KINDS
from drift.kinds.text import canonical_text
from drift.model import Unresolved

pytestmark = pytest.mark.long


CONTEXT = Context(provider="aws", scope="123456789012", region="eu-west-1")
PARAMS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in KINDS if name != "keyed-list"),
    ("keyed-list", {"key": "name"}),
    ("keyed-list", {"key": ["name", "port"], "value": "a", "drop_prefix": ["aws:"]}),
    ("set", {"scalar": True}),
    ("base64", {"decode": True}),
    ("cidr", {"bare": True}),
    ("port-ranges", {"merge": True}),
    ("duration", {"unit": "m"}),
    ("url", {"ignore_trailing_slash": True}),
]

awkward = st.sampled_from(
    [
        "",
        " ",
        "0",
        "-0",
        "1e400",
        "1.0",
        "true",
        "TRUE",
        "[1.0, {}]",
        '{"a": 1, "a": 2}',
        "NaN",
        "\ud800",
        "K",
        "İ",
        "::1",
    ]
    + [
        "10.0.0.1/33",
        "10.0.0.5/8",
        "80-80",
        "90-80",
        "PT",
        "P1DT1H",
        "1h",
        "-1.5s",
        "a..",
        "HTTP://A:80",
        "${a}-{{b}}",
    ]
    + [
        "2024-02-30T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "YWJj",
        "-_8",
        "a: &x 1\nb: *x",
        "<a> <b/> </a>",
        "%7B%7D",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | awkward
    | st.just(Unresolved("?"))
)
names = st.sampled_from(["name", "port", "a", "b", ""]) | st.text(max_size=4)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("name", "params"), PARAMS)
@given(value=anything)
@settings(max_examples=settings.default.max_examples * 3 // 2)
def test_takes_anything_and_is_idempotent(name: str, params: dict[str, Any], value: Any) -> None:
    before = repr(value)
    once = KINDS[name].canonical(value, CONTEXT, **params)
    assert repr(value) == before, "the input was changed"
    twice = KINDS[name].canonical(deepcopy(once), CONTEXT, **params)
    assert repr(twice) == repr(once)
    assert type(twice) is type(once)


@pytest.mark.parametrize(("name", "params"), PARAMS)
@given(one=anything, other=anything)
@settings(max_examples=settings.default.max_examples * 3 // 5)
def test_admits_answers_anything(name: str, params: dict[str, Any], one: Any, other: Any) -> None:
    admits = KINDS[name].admits
    if admits is not None:
        assert admits(one, other, CONTEXT, **params) in (True, False)


def test_names_are_those_of_the_registry() -> None:
    assert all(kind.name == name and kind.phase in ("before", "after") for name, kind in KINDS.items())


@given(value=anything)
def test_canonical_text_does_not_depend_on_the_order_of_names(value: Any) -> None:
    def reversed_names(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: reversed_names(value[name]) for name in reversed(value)}
        return [reversed_names(member) for member in value] if isinstance(value, list) else value

    assert canonical_text(reversed_names(value)) == canonical_text(value)


@pytest.mark.parametrize("value", [Unresolved("?"), [Unresolved("?")], {"a": {1: 2}}, {"a": object()}])
def test_what_is_not_json_has_no_canonical_text(value: Any) -> None:
    assert canonical_text(value) is None


def test_collections_have_the_text_of_what_they_hold() -> None:
    assert canonical_text(Keyed(b=1, a=Unordered({"2": 2.0}))) == '{"a":{"2":2},"b":1}'
