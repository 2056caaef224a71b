"""JSON that is edited by position: outside of the edit every byte stays, and it means exactly what it
should."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.editing.json import Json
from drift.editing.rewrite import rewritten
from drift.editing.versions import replacements
from drift.editor import NotEdited, Replacement

TEMPLATE = b"""\
{
  "AWSTemplateFormatVersion": "2010-09-09", // from 2010
  "Resources": {
    /* what the shop waits for */
    "Orders": {
      "Type": "AWS::SQS::Queue",
      "Properties": { "QueueName": "orders", "DelaySeconds": 5 }
    },
    "Mails": {"Type": "AWS::SQS", "Tags": [{"Key": "team", "Value": "a&b"}, {"Key": "x", "Value": "y"}]}
  },
  "Zones": [
    "eu-west-1a",
    "eu-west-1b" // the last
  ]
}
"""


def lines(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    """The lines that only one has."""
    one, other = before.splitlines(), after.splitlines()
    return [line for line in one if line not in other], [line for line in other if line not in one]


@pytest.mark.parametrize(
    ("steps", "value", "gone", "new"),
    [
        (
            ["Resources", "Orders", "Properties", "DelaySeconds"],
            7,
            [b'      "Properties": { "QueueName": "orders", "DelaySeconds": 5 }'],
            [b'      "Properties": { "QueueName": "orders", "DelaySeconds": 7 }'],
        ),
        (["Zones", 1], "eu-west-1c", [b'    "eu-west-1b" // the last'], [b'    "eu-west-1c" // the last']),
        (
            ["Resources", "Orders", "Properties"],
            {"QueueName": "o"},
            [b'      "Properties": { "QueueName": "orders", "DelaySeconds": 5 }'],
            [b'      "Properties": { "QueueName": "o" }'],
        ),
    ],
)
def test_a_value_is_put_where_the_other_stood(
    steps: list[str | int], value: Any, gone: list[bytes], new: list[bytes]
) -> None:
    assert lines(TEMPLATE, Json(TEMPLATE).put(steps, value).content) == (gone, new)


def test_a_member_comes_after_the_last_with_its_comment_left_alone() -> None:
    done = Json(TEMPLATE).insert(["Zones"], 2, "eu-west-1c").content
    assert lines(TEMPLATE, done) == (
        [b'    "eu-west-1b" // the last'],
        [b'    "eu-west-1b", // the last', b'    "eu-west-1c"'],
    )


def test_a_member_comes_before_another_and_above_its_comment() -> None:
    done = Json(TEMPLATE).add(["Resources"], "New", {"Type": "T"}, 0).content
    gone, new = lines(TEMPLATE, done)
    assert gone == []
    assert new == [b'    "New": {', b'      "Type": "T"']
    assert done.index(b'"New"') < done.index(b"/* what")


def test_a_member_of_one_line_is_written_as_the_others() -> None:
    done = Json(TEMPLATE).insert(["Resources", "Mails", "Tags"], 2, {"Key": "b", "Value": "c"}).content
    assert done == TEMPLATE.replace(b'"y"}]', b'"y"}, {"Key": "b", "Value": "c"}]')
    done = Json(TEMPLATE).add(["Resources", "Orders", "Properties"], "Fifo", True).content
    assert done == TEMPLATE.replace(b'": 5 }', b'": 5, "Fifo": true }')


def test_what_goes_takes_its_comment_and_its_comma() -> None:
    done = Json(TEMPLATE).remove(["Resources", "Orders"]).content
    gone, new = lines(TEMPLATE, done)
    assert new == []
    assert b"what the shop waits for" in b"\n".join(gone)
    done = Json(TEMPLATE).remove(["Zones", 1]).content
    assert lines(TEMPLATE, done) == (
        [b'    "eu-west-1a",', b'    "eu-west-1b" // the last'],
        [b'    "eu-west-1a"'],
    )
    done = Json(TEMPLATE).remove(["Resources", "Mails", "Tags", 1]).remove(["Resources", "Mails", "Tags", 0])
    assert b'"Tags": []' in done.content


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b'\xef\xbb\xbf{\r\n\t"a": 1\r\n}', b'\xef\xbb\xbf{\r\n\t"a": 1,\r\n\t"b": [\r\n\t\t2\r\n\t]\r\n}'),
        (b'{"a":1}', b'{"a":1,"b":[2]}'),
        (b'{ "a" : 1 }  \n', b'{ "a" : 1, "b" : [2] }  \n'),
        (b"{}", b'{"b": [2]}'),
        (b"{\n}\n", b'{\n  "b": [\n    2\n  ]\n}\n'),
        (b'{\n    "a": 1,\n}', b'{\n    "a": 1,\n    "b": [\n        2\n    ],\n}'),
        (b'{\n  "a": [1, 2]  \n}', b'{\n  "a": [1, 2],  \n  "b": [2]\n}'),
    ],
)
def test_what_is_new_is_written_as_the_file_is(text: bytes, wanted: bytes) -> None:
    assert Json(text).add([], "b", [2]).content == wanted


@pytest.mark.parametrize(
    ("text", "value", "wanted"),
    [
        (b'["\\u00e9"]', "ü", b'"\\u00fc"'),
        ('["é"]'.encode(), "ü", '"ü"'.encode()),
        (b'["a"]', 'ü\n"', '"ü\\n\\""'.encode()),
        (b'["\\u003ca\\u003e", 0]', "a&b", b'"a\\u0026b"'),
        (b'["a&b"]', "<", b'"<"'),
        (b'["http:\\/\\/x"]', "a/b", b'"a\\/b"'),
        (b'["http:\\/\\/x", "y/z"]', "a/b", b'"a/b"'),
    ],
)
def test_texts_are_escaped_as_the_file_does(text: bytes, value: str, wanted: bytes) -> None:
    assert Json(text).insert([], 1, value).content.count(wanted) == 1


def test_a_key_that_is_said_twice_counts_as_the_last_and_goes_as_both() -> None:
    twice = b'{"a": 1, "b": 2, "a": 3}'
    assert Json(twice).put(["a"], 4).content == b'{"a": 1, "b": 2, "a": 4}'
    assert Json(twice).remove(["a"]).content == b'{"b": 2}'


def test_nothing_is_nested_too_deeply() -> None:
    deep = b'{"a":' * 20000 + b"1" + b"}" * 20000
    assert Json(deep).put(["a"] * 20000, 2).content == deep.replace(b"1", b"2")


@pytest.mark.parametrize("text", [b"", b"{", b'{"a" 1}', b"{a: 1}", b"[1 2]", b"[1] x", b'{"a": }'])
def test_what_is_no_json_is_not_edited(text: bytes) -> None:
    with pytest.raises(NotEdited):
        Json(text).has([])


def test_steps_that_lead_nowhere_are_said() -> None:
    for edit in (
        lambda one: one.put(["nowhere"], 1),
        lambda one: one.remove(["Zones", 9]),
        lambda one: one.add(["Zones"], "x", 1),
        lambda one: one.add([], "Zones", 1),
        lambda one: one.insert(["Resources"], 0, 1),
    ):
        with pytest.raises(NotEdited):
            edit(Json(TEMPLATE, "x.json"))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
LAYOUTS = st.sampled_from(
    [
        {"indent": 2},
        {"indent": "\t"},
        {"indent": 4, "separators": (",", " : ")},
        {"separators": (",", ":")},
        {"indent": 2, "ensure_ascii": False},
        {},
    ]
)


def wrapped(value: Any, layout: dict[str, Any], newline: str) -> bytes:
    text = json.dumps({"keep": ["é", 1], "it": value, "end": {}}, **layout)
    return text.replace("\n", newline).encode("utf-8", "surrogatepass")


@settings(deadline=None, max_examples=80)
@given(VALUES, VALUES, LAYOUTS, st.sampled_from(["\n", "\r\n"]))
def test_any_value_becomes_any_other_and_nothing_else_changes(
    old: Any, new: Any, layout: dict[str, Any], newline: str
) -> None:
    before = wrapped(old, layout, newline)
    after = rewritten(Json(before), ["it"], old, copy.deepcopy(new)).content
    said = json.loads(after)
    assert said["keep"] == ["é", 1] and said["end"] == {}
    assert texts(said["it"]) == texts(new)
    if newline == "\r\n":
        assert after.count(b"\n") == after.count(b"\r\n")
    assert applied(before, replacements(Path("x"), before, after)) == after


def texts(value: Any) -> Any:
    """A value without the difference between a number and its text, which an edit keeps as it was."""
    if isinstance(value, dict):
        return {key: texts(one) for key, one in value.items()}
    return [texts(one) for one in value] if isinstance(value, list) else json.dumps(value).strip('"')


def applied(before: bytes, pieces: tuple[Replacement, ...]) -> bytes:
    for one in reversed(pieces):
        before = before[: one.start] + one.content + before[one.end :]
    return before
