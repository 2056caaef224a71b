"""Compiled expressions give what JMESPath's own interpreter gives, whatever the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.aws import closures, expressions
from providers.aws.facts import catalogue

OPTIONS = jmespath.Options(custom_functions=expressions._FUNCTIONS)
NAMES = ("a", "b", "c")
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "x:y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=12,
)
EXPRESSIONS = (
    "a", "a.b", "a.b.c", "a[0]", "a[-1].b", "a[0].b.c", "a || b", "a.b || c || `1`", "a && b", "!a",
    "!a == b", "a != b", "a[].b",
    "a[*].b", "a.*", "a[?b].c", "a[?b == 'a'].c | [0]", "{x: a, y: b.c}", "[a, b.c]", "a[].[b, c]",
    "a[].{x: b, y: c}", "nonzero(a)", "nonempty(a[].b)", "when(a, b, c)", "when(nonzero(a), {x: b}, `null`)",
    "nonzero(a[0].b) || nonzero(c)", "a == `false`", "a > b", "@", "a | b", "a[0:2]", "length(a || `[]`)",
    "concat([a, b])", "contains(a, 'x')",
    "join('-', [a, b])", "a[][].b", "not_null(a, b)", "sort_by(a, &b)", "'text'", "`{\"k\": 1}`",
)  # fmt: skip


def outcome(evaluate: Any, document: Any) -> Any:
    """The value, or the kind of error."""
    try:
        return evaluate(document)
    except Exception as error:  # noqa: BLE001 - whatever one raises the other must, too
        return type(error).__name__, str(error)


def same(text: str, document: Any) -> None:
    parsed = jmespath.compile(text)
    own = closures.function(parsed, expressions._FUNCTIONS)
    assert outcome(own, document) == outcome(lambda one: parsed.search(one, OPTIONS), document), text


@pytest.mark.parametrize("text", EXPRESSIONS)
@given(document=DOCUMENTS)
def test_an_expression_gives_what_the_interpreter_gives(text: str, document: Any) -> None:
    same(text, document)


def written() -> Iterator[str]:
    """Every expression of the type facts' translations from Terraform."""
    for entries in catalogue().terraform.values():
        for entry in entries:
            yield from entry.properties.values()


def test_so_does_every_expression_of_the_facts() -> None:
    texts = sorted(set(written()))
    assert len(texts) > 300
    for text in texts:
        names = set(expressions.re.findall(r"[a-z_]{3,}", text))
        for value in (
            None,
            "",
            "x",
            0,
            3,
            True,
            [],
            ["x"],
            [{"id": "x"}],
            {"id": "x"},
            [dict.fromkeys(names, "y")],
        ):
            same(text, dict.fromkeys(names, value))
