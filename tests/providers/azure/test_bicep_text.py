"""Bicep that is edited by position: what is written out is found, what is computed is left alone."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drift.editor import NotEdited
from providers.azure.bicep_document import BicepText, quoted
from providers.azure.bicep_scan import statements, words

TEXT = """\
// resource ghost 'A/b@1' = { name: 'x' }
@description('''
resource inner 'A/b@1' = {
''')
param size int = 3
param open bool = size > 2
  ? true
  : false
var names = [ 'a', 'b' ]

resource one 'A/b@2023-01-01' = if (open) {
  name: 'one{not}' // a } in a comment
  tags: union(base, {
    team: 'x'
  })
  properties: {
    size: size
    mode: open ? 'on' : 'off'
    list: [
      'a'
      'b' // last
    ]
    empty: {}
    many: [for name in names: {
      name: name
    }]
    after: 7
  }
  resource child 'c' = {
    name: 'two'
  }
}
"""


def said(path: str) -> Any:
    value = BicepText(TEXT.encode(), "main.bicep").find(("resource", "one", *path.split("/")))
    return None if value is None else (value.kind, value.said)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("name", ("literal", "one{not}")),
        ("tags", ("expression", None)),
        ("properties/size", ("expression", None)),
        ("properties/mode", ("expression", None)),
        ("properties/empty", ("object", None)),
        ("properties/many", ("expression", None)),
        ("PROPERTIES/After", ("literal", 7)),
        ("properties/nothing", None),
    ],
)
def test_what_stands_where(path: str, wanted: Any) -> None:
    assert said(path) == wanted


def test_comments_strings_and_conditions_are_no_statements() -> None:
    found = [(one.kind, one.name, one.line) for one in statements(TEXT, "main.bicep")]
    assert found == [
        ("param", "size", 5),
        ("param", "open", 6),
        ("var", "names", 9),
        ("resource", "one", 11),
        ("resource", "child", 29),
    ]


def test_a_name_is_found_where_it_is_used_and_not_as_a_key() -> None:
    lines = [TEXT.count("\n", 0, at) + 1 for at in words(TEXT, "size")]
    assert lines == [5, 6, 17]
    assert list(words("param a string\nvar b = '${a}'\nvar c = 'a'\n", "a")) == [6, 26]


@pytest.mark.parametrize(
    ("steps", "value", "gone", "new"),
    [
        ("properties/after", 8, "    after: 7\n", "    after: 8\n"),
        ("properties/list/1", "c", "      'b' // last\n", "      'c' // last\n"),
        ("name", "it's ${x}", "'one{not}'", "'it\\'s \\${x}'"),
    ],
)
def test_a_literal_is_put(steps: str, value: Any, gone: str, new: str) -> None:
    way = [int(step) if step.isdigit() else step for step in steps.split("/")]
    done = BicepText(TEXT.encode(), "main.bicep").put(("resource", "one", *way), value)
    assert done.content.decode() == TEXT.replace(gone, new)


def test_members_come_and_go() -> None:
    text = BicepText(TEXT.encode(), "main.bicep")
    at = ("resource", "one", "properties")
    more = text.insert((*at, "list"), 2, "c").content.decode()
    assert more == TEXT.replace("'b' // last\n", "'b' // last\n      'c'\n")
    more = text.add((*at, "empty"), "a-b", [1]).content.decode()
    assert more == TEXT.replace("empty: {}", "empty: {\n      'a-b': [\n        1\n      ]\n    }")
    assert text.remove((*at, "after")).content.decode() == TEXT.replace("    after: 7\n", "")
    more = text.insert(("var", "names"), 2, "c").remove(("var", "names", 0)).content.decode()
    assert more == TEXT.replace("[ 'a', 'b' ]", "[ 'b', 'c' ]")


def test_what_is_computed_is_not_overwritten() -> None:
    with pytest.raises(NotEdited, match="computed"):
        BicepText(TEXT.encode(), "main.bicep").put(("resource", "one", "properties", "mode"), "on")


@given(st.text(max_size=30))
def test_any_text_is_read_back_from_its_string(text: str) -> None:
    found = statements(f"var a = {quoted(text)}\n", "x.bicep")
    if not set(text) & set("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x00"):
        assert [one.value.said for one in found] == [text]


@example("{]}")
@example("[}]")
@settings(max_examples=200)
@given(st.text(alphabet="resource a'{}[]:=,\n$/*.?()@1", max_size=60))
def test_no_text_fails_in_another_way(text: str) -> None:
    with contextlib.suppress(NotEdited):
        statements(f"resource a 'b@1' = {text}", "x.bicep")
