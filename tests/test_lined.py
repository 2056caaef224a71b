"""JSON that knows its lines: it means what JSON means, and each key and item knows where it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.errors import DeclaredError
from drift.lined import MAX_DEPTH, Map, Seq, Trace, decode, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def read(text: str, relaxed: bool = False) -> Any:
    return parse(text, "a.json", int, relaxed=relaxed)


def refusal(text: str, relaxed: bool = False) -> str:
    with pytest.raises(DeclaredError) as raised:
        read(text, relaxed)
    return str(raised.value)


@given(value=VALUES, indent=st.sampled_from([None, 0, 2]), relaxed=st.booleans())
def test_it_means_what_the_standard_library_says(value: Any, indent: int | None, relaxed: bool) -> None:
    text = json.dumps(value, indent=indent)
    assert read(text, relaxed) == json.loads(text)


@given(value=VALUES)
def test_every_key_and_item_knows_its_line(value: Any) -> None:
    text = json.dumps(value, indent=1)
    lines = text.split("\n")

    def check(found: Any) -> None:
        if isinstance(found, Map):
            for key, inner in found.items():
                assert lines[found.lines[key] - 1].strip().startswith(json.dumps(key) + ":")
                check(inner)
        elif isinstance(found, Seq):
            assert found.lines == sorted(set(found.lines))
            for line, inner in zip(found.lines, found, strict=True):
                assert lines[line - 1].strip()[0] == json.dumps(inner)[0]
                check(inner)

    check(read(text))


def test_lines_count_what_stands_between() -> None:
    found = read('{\n\n  "a": [\n    1,\n    {"b": 2}\n  ],\n  "c": 3}')
    assert found.lines == {"a": 3, "c": 7}
    assert found["a"].lines == [4, 5]
    assert found["a"][1].lines == {"b": 5}


def test_of_a_key_that_stands_twice_the_last_counts_with_its_line() -> None:
    found = read('{"a": 1,\n"a": 2}')
    assert (found, found.lines) == ({"a": 2}, {"a": 2})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.json:1: is not valid JSON: expected a value"),
        ("{\n'a': 1}", "a.json:2: is not valid JSON: expected a key in double quotes"),
        ('{"a"\n1}', "a.json:2: is not valid JSON: expected ':' after the key 'a'"),
        ('{"a": 1\n"b": 2}', "a.json:2: is not valid JSON: expected ',' or '}'"),
        ("[1\n\n2]", "a.json:3: is not valid JSON: expected ',' or ']'"),
        ("[1,\n]", "a.json:2: is not valid JSON: expected a value"),
        ('{"a": 1,}', "a.json:1: is not valid JSON: expected a key in double quotes"),
        ("1\n2", "a.json:2: is not valid JSON: something follows the end of the document"),
        ("// why\n1", "a.json:1: is not valid JSON: expected a value"),
        ("[1,\n2.5]", "a.json:2: is not valid JSON: invalid literal for int()"),
        ('["a\nb"]', "a.json:1: is not valid JSON: Invalid control character"),
        ("[" * (MAX_DEPTH + 2), "a.json:1: is not valid JSON: it is nested too deeply"),
    ],
)
def test_what_is_no_json_is_told_by_line(text: str, said: str) -> None:
    assert refusal(text).startswith(said)


def test_as_deep_as_people_write_is_read() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH) == json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_relaxed_takes_comments_trailing_commas_and_strings_of_several_lines() -> None:
    text = '// first\n{\n  /* a\n  b */ "a": [1, 2, ], // more\n  "b": 3,\n}\n'
    found = read(text, relaxed=True)
    assert (found, found.lines) == ({"a": [1, 2], "b": 3}, {"a": 4, "b": 5})
    assert read('["a\nb"]', relaxed=True) == ["a\nb"]
    assert refusal("[1, , 2]", relaxed=True) == "a.json:1: is not valid JSON: expected a value"


def test_a_trace_keeps_the_most_exact_line() -> None:
    lines: dict[str, int] = {}
    trace = Trace(lines).member("a/b").member(0)
    trace.at(5)
    trace.at(1)
    Trace(lines).at(1)
    assert lines == {"/a~1b/0": 5, "": 1}


def test_bytes_are_utf8_with_or_without_a_mark() -> None:
    assert decode("\ufeff{}".encode(), "a.json", "the template") == decode(b"{}", "a.json", "the template")
    with pytest.raises(DeclaredError, match="a.json:2: is not UTF-8 text; save the template as UTF-8"):
        decode(b"{\n\xff}", "a.json", "the template")
