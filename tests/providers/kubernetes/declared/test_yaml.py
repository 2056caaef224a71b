"""Documents are read as Kubernetes clients read them; every member knows its line."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from providers.kubernetes.declared_lines import Lines
from providers.kubernetes.declared_scalars import resolve
from providers.kubernetes.declared_yaml import Broken, Document, documents

SPELLINGS = """
y Y yes Yes n N no on On off OFF true True TRUE false ~ null Null 012 0o14 0b11 -0b11 0x1F -0x1F 1_000 1__0 +5
-0 00 08 09.5 1.0 1.10 5. .5 -.5 +.5 1e3 1E-2 1e400 ._5 . -- + 1:30 190:20:30 2024-01-02 2024-01-02T03:04:05Z
12345678901234567890 123456789012345678901234567890 0x1FFFFFFFFFFFFFFFFF 1.2.3 1.2.3.4 v1 0.0.0.0/0 1_ 0_7 1e
0x 0b 0o 0o8 NaN inf Infinity yep nope
""".split()


def values(text: str, **options: Any) -> list[Any]:
    found = list(documents(text.encode(), **options))
    assert all(isinstance(one, Document) for one in found), found
    return [one.value for one in found if isinstance(one, Document)]


def broken(text: str | bytes, **options: Any) -> list[tuple[int, str]]:
    content = text if isinstance(text, bytes) else text.encode()
    return [(one.line, one.reason) for one in documents(content, **options) if isinstance(one, Broken)]


def lines(text: str) -> Lines:
    found = next(iter(documents(text.encode())))
    assert isinstance(found, Document)
    return Lines(found.value, found.node)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_scalars_mean_what_kubectl_makes_of_them(tmp_path: Path) -> None:
    body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
    file = tmp_path / "a.yaml"
    file.write_text(body + "".join(f"  k{n}: {text}\n" for n, text in enumerate(SPELLINGS)))
    done = subprocess.run(
        ["kubectl", "label", "--local", "-f", str(file), "-o", "json", "a=b"], capture_output=True, check=True
    )
    told = json.loads(done.stdout)["data"]
    ours = values(file.read_text())[0]["data"]
    for number, text in enumerate(SPELLINGS):
        theirs, mine = told.get(f"k{number}"), ours[f"k{number}"]
        assert type(theirs) is type(mine) or {type(theirs), type(mine)} == {int, float}, (text, theirs, mine)
        same = float(theirs) == float(mine) if isinstance(mine, (int, float)) else theirs == mine
        assert same, (text, theirs, mine)


@pytest.mark.parametrize("text", [".inf", "-.Inf", ".nan"])
def test_a_number_that_json_lacks_is_refused(text: str) -> None:
    assert broken(f"a:\n  b: {text}") == [(2, f"{text} is a number that JSON does not have; quote it")]


@given(st.text(max_size=12))
def test_any_plain_text_has_a_value(text: str) -> None:
    try:
        assert isinstance(resolve(text), (str, int, float, bool, type(None)))
    except ValueError as error:
        assert "quote it" in str(error)


def test_quoted_and_tagged_scalars() -> None:
    said = "{a: 'on', b: \"012\", c: !!str 5, d: !!int '5', e: !!binary aGk=, f: !own 5, g: |\n  1\n}"
    assert values(said.replace("|\n  1\n", "!!float 5")) == [
        {"a": "on", "b": "012", "c": "5", "d": 5, "e": "hi", "f": "5", "g": 5}
    ]


def test_keys_are_text_as_in_json() -> None:
    assert values("on: 1\n8080: 2\n1.5: 3\n~: 4\n'quoted': 5") == [
        {"true": 1, "8080": 2, "1.5": 3, "null": 4, "quoted": 5}
    ]


def test_a_merge_key_with_its_tag_merges_and_a_quoted_one_does_not() -> None:
    assert values("a: &a {x: 1}\nb:\n  !!merge <<: *a\n  z: 2\n")[0]["b"] == {"x": 1, "z": 2}
    assert values('a: &a {x: 1}\nb:\n  "<<": *a\n')[0]["b"] == {"<<": {"x": 1}}


def test_anchors_and_merges() -> None:
    text = "a: &a {x: 1, w: 2}\nb: &b {w: 3, z: 4}\nc:\n  w: 9\n  <<: [*a, *b]\nd: *a\n"
    assert values(text)[0]["c"] == {"x": 1, "w": 9, "z": 4}
    found = lines(text)
    assert [found[path] for path in ("/c", "/c/x", "/c/w", "/c/z", "/d", "/d/x")] == [3, 1, 4, 2, 6, 1]


def test_an_anchor_ends_with_its_document() -> None:
    assert broken("a: &a 1\n---\nb: *a\n")[0][0] == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\n---\n\n---\n# c\n", []),
        ("a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("--- {a: 1}\n--- # c\nb: 2", [{"a": 1}, {"b": 2}]),
        ("---\r\na: 1\r\n---\r\nb: |\r\n  x\r\n", [{"a": 1}, {"b": "x\n"}]),
        ("%YAML 1.1\n---\na: 1\n", [{"a": 1}]),
        ("# c\n%YAML 1.1\n---\na: 1\n...\n---\nb: 2\n...\n", [{"a": 1}, {"b": 2}]),
        ("a: |\n  ---\n  x\n---\nb: '--- x'\n", [{"a": "---\nx\n"}, {"b": "--- x"}]),
        ("\ufeffa: 1\n", [{"a": 1}]),
        ("---a: 1\n", [{"---a": 1}]),
        ('{"a": "\\ud83d\\ude00 \\/ \\\\ud83d"}', [{"a": "😀 / \\ud83d"}]),
        ('{"a":\t1}\n{"b": 2}', [{"a": 1}, {"b": 2}]),
        ("{a: 1, b: [x]}\n---\nc: 1", [{"a": 1, "b": ["x"]}, {"c": 1}]),
    ],
)
def test_documents(text: str, expected: list[Any]) -> None:
    assert values(text) == expected


def test_a_broken_document_takes_no_other_one_with_it() -> None:
    text = "a: 1\n---\nb: [1\n---\nc:\n\t- 1\n---\nd: 4\n"
    found = list(documents(text.encode()))
    assert [one.value for one in found if isinstance(one, Document)] == [{"a": 1}, {"d": 4}]
    assert [one.line for one in found if isinstance(one, Broken)] == [4, 6]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", 5, "the key 'c' is on line 3 already; remove one"),
        ("---\n1: a\n'1': b\n", 3, "the key '1' is on line 2 already; remove one"),
        ("? [a]\n: 1\n", 1, "a key must be plain text"),
        ("a: 1\nb: {<<: 5}\n", 2, "'<<' takes a mapping, or a list of mappings"),
        ("a: &a [*a]\n", 1, "the alias *a has no finished anchor before it"),
        ("a: {{ .Values.x }}\n", 1, "a key must be plain text"),
        (b"a: 1\nb: \xff\n", 2, "is not UTF-8 text; save it as UTF-8"),
        ("[" * 300 + "]" * 300, 1, "is nested too deeply or holds too much to be an object"),
    ],
)
def test_what_is_refused(text: str | bytes, line: int, reason: str) -> None:
    assert broken(text) == [(line, reason)]


def test_repeated_aliases_are_counted() -> None:
    bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
    )
    assert "holds too much" in broken(bomb)[0][1]


def test_control_characters_are_an_error() -> None:
    assert broken("a: 1\nb: \x01\n")[0][0] == 2


def test_broken_json_is_told_as_json() -> None:
    text = '{"apiVersion": "v1",\n "kind" "x"}'
    assert broken(text, is_json=True) == [(2, "is no valid JSON: Expecting ':' delimiter")]
    assert broken('{"a": ' * 50_000 + "1", is_json=True)[0][0] == 1


def test_the_last_of_equal_keys_stands_in_what_was_rendered() -> None:
    assert values("a: 1\na: 2\n", strict=False) == [{"a": 2}]


_names = st.text("abcxz-./~", min_size=1, max_size=6)
_tree = st.recursive(
    st.one_of(st.integers(-(2**63), 2**63 - 1), st.booleans(), st.text("ab \n'\"#:-{", max_size=8)),
    lambda below: st.one_of(
        st.dictionaries(_names, below, min_size=1, max_size=4), st.lists(below, min_size=1, max_size=3)
    ),
    max_leaves=20,
)


def _composed(node: yaml.Node, path: str, found: dict[str, int], line: int) -> None:
    """The lines by PyYAML's own composer."""
    if path:
        found[path] = line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = key.value.replace("~", "~0").replace("/", "~1")
            _composed(value, f"{path}/{name}", found, key.start_mark.line + 1)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _composed(item, f"{path}/{index}", found, item.start_mark.line + 1)


@given(
    st.lists(st.dictionaries(_names, _tree, min_size=1, max_size=4), min_size=1, max_size=3),
    st.booleans(),
    st.booleans(),
)
def test_lines_and_values_are_those_of_the_text(bodies: list[Any], flow: bool, as_json: bool) -> None:
    if as_json:
        text = "\n---\n".join(json.dumps(body, indent=1) for body in bodies)
    else:
        text = yaml.safe_dump_all(
            bodies, explicit_start=True, default_flow_style=flow, allow_unicode=True, width=20
        )
    found = [one for one in documents(text.encode()) if isinstance(one, Document)]
    assert [one.value for one in found] == bodies
    for one, composed in zip(found, yaml.compose_all(text, Loader=yaml.SafeLoader), strict=True):
        expected: dict[str, int] = {}
        _composed(composed, "", expected, 0)
        assert dict(Lines(one.value, one.node)) == expected
