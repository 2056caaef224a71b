"""A template's text becomes values that know their lines, in YAML and in JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from drift.errors import DeclaredError
from drift.lined import Map, Seq
from providers.aws.cloudformation.syntax import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": "A.B.C"}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub '${A}'", {"Fn::Sub": "${A}"}),
        ("!Sub ['${A}', {A: !Ref B}]", {"Fn::Sub": ["${A}", {"A": {"Ref": "B"}}]}),
        ("!Join ['', [a, !Ref B]]", {"Fn::Join": ["", ["a", {"Ref": "B"}]]}),
        ("!If [C, 1, !Ref AWS::NoValue]", {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}),
        ("!Base64 12", {"Fn::Base64": "12"}),
        ("!GetAZs ''", {"Fn::GetAZs": ""}),
        ("!Whatever {a: b}", {"Fn::Whatever": {"a": "b"}}),
    ],
)
def test_short_tags_are_their_long_form(text: str, value: Any) -> None:
    assert parse(f"v: {text}".encode(), "t.yaml") == {"v": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("0123456789", "0123456789"),
        ("000000000000", "000000000000"),
        ("1.10", "1.10"),
        ("8.0", 8.0),
        ("12:30", "12:30"),
        ("300", 300),
        ("'300'", "300"),
        ("!!str 300", "300"),
        ("yes", True),
        ("false", False),
        ("~", None),
        ("9" * 5000, "9" * 5000),
        ("{{resolve:x}}", None),
    ],
)
def test_scalars_lose_nothing(text: str, value: Any) -> None:
    if text.startswith("{{"):
        with pytest.raises(DeclaredError, match="t.yaml:1: a key must be plain text"):
            parse(f"v: {text}".encode(), "t.yaml")
        return
    assert parse(f"v: {text}".encode(), "t.yaml") == {"v": value}


def test_every_member_knows_its_line() -> None:
    document = parse(b"# head\na:\n  b: 1\n  c:\n    - x\n    - y: 2\n", "t.yaml")
    assert isinstance(document, Map)
    assert document.lines == {"a": 2}
    assert document["a"].lines == {"b": 3, "c": 4}
    assert isinstance(document["a"]["c"], Seq)
    assert document["a"]["c"].lines == [5, 6]


def test_json_members_know_their_line() -> None:
    document = parse(b'{\n "a": {\n  "b": [\n   1,\n   {"c": 2}]}}', "t.json")
    assert document == {"a": {"b": [1, {"c": 2}]}}
    assert document["a"].lines == {"b": 3}
    assert document["a"]["b"].lines == [4, 5]
    assert document["a"]["b"][1].lines == {"c": 5}


def test_aliases_and_merge_keys_mean_what_they_stand_for() -> None:
    text = b"base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nlist: [*b]\n"
    document = parse(text, "t.yaml")
    assert document["use"] == {"x": 1, "y": 3}
    assert document["list"] == [{"x": 1, "y": 2}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.yaml", b"a: 1\nb: [", "t.yaml:3: is not valid YAML"),
        ("t.yaml", b"a: 1\n\tb: 2\n", "t.yaml:2: is not valid YAML"),
        ("t.yaml", b"a: 1\n---\nb: 2\n", "t.yaml:2: a second YAML document"),
        ("t.yaml", b"a: \xff\n", "t.yaml:1: is not UTF-8"),
        ("t.yaml", b"a: 1\nb: \x00", "t.yaml:2: is not valid YAML"),
        ("t.yaml", b"a: *nowhere", "t.yaml:1: the alias"),
        ("t.yaml", b"a: &a [*a]", "t.yaml:1: the alias"),
        ("t.yaml", b"a: 1\n? [b]\n: c\n", "t.yaml:2: a key must be plain text"),
        ("t.json", b'{"a": 1,\n "b" 2}', "t.json:2: is not valid JSON: expected ':'"),
        ("t.json", b'{"a": 1,\n "b": }', "t.json:2: is not valid JSON: expected a value"),
        ("t.json", b'{"a": 1\n "b": 2}', "t.json:2: is not valid JSON: expected ','"),
        ("t.json", b'{"a": "x\n"}', "t.json:1: is not valid JSON"),
        ("t.json", b'{"a": [1, 2}', "t.json:1: is not valid JSON"),
        ("t.json", b'{"a": 1} x', "t.json:1: is not valid JSON"),
    ],
)
def test_broken_text_is_named_by_file_and_line(name: str, content: bytes, message: str) -> None:
    with pytest.raises(DeclaredError) as caught:
        parse(content, name)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b"- " * 5000])
def test_depth_ends_with_an_error_and_not_with_the_process(content: bytes) -> None:
    with pytest.raises(DeclaredError, match="nested too deeply|not valid"):
        parse(content, "t.yaml")


def test_aliases_that_multiply_are_refused() -> None:
    lines = [b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [b"a%d: &a%d [%s]" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 10)]
    with pytest.raises(DeclaredError, match="too much"):
        parse(b"\n".join(lines), "t.yaml")


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), _json, max_size=5), st.sampled_from([None, 1]))
def test_json_reads_as_the_standard_library_does(value: Any, indent: int | None) -> None:
    assert parse(json.dumps(value, indent=indent).encode(), "t.json") == value


_plain = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20)


@given(
    st.recursive(
        st.integers(0, 10**6) | st.booleans() | _plain, lambda i: st.lists(i, max_size=3), max_leaves=8
    )
)
def test_yaml_reads_back_what_was_written(value: Any) -> None:
    text = yaml.safe_dump({"v": value}, allow_unicode=True)
    assert parse(text.encode(), "t.yaml") == {"v": value}


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_named_error(content: bytes) -> None:
    try:
        parse(content, "t.yaml")
    except DeclaredError as error:
        assert str(error).startswith("t.yaml:")
