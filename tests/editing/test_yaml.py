"""YAML that is edited by position, as people write it: what a reader of the diff would expect."""

from __future__ import annotations

import difflib
from typing import Any

import pytest

from drift.editing.yaml import YamlText
from drift.editing.yaml_document import Yaml
from drift.editor import NotEdited

DEPLOYMENT = """\
# Copyright
---
apiVersion: apps/v1
kind: Deployment  # what runs
metadata:
  name: web
  annotations: {}
  labels:
    # belongs to app
    app: web   # the app

    tier: "front"
spec:
  template:
    spec:
      containers:
      - name: web
        image: nginx:1.25  # pinned
        args: ["--a", "--b=1"]
        env:
        - name: A
          value: "1"

        # B is needed
        - name: B
          value: x
      - image: sidecar
        name: side
data:
  x.conf: |
    a = 1
    b = 2

    [c]
  f: >-
    some long
    folded text
    is here
---
{"a": 1, "b": ["x", 2]}
"""
FIRST = ["spec", "template", "spec", "containers", 0]


def changed(text: str, act: str, *arguments: Any, document: int = 0, **options: Any) -> list[str]:
    """The lines that go and come by a change."""
    yaml = YamlText(text.encode())
    getattr(yaml, act)(document, *arguments, **options)
    lines = difflib.ndiff(text.splitlines(keepends=True), yaml.text.splitlines(keepends=True))
    return [line.removesuffix("\n") for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("act", "arguments", "lines"),
    [
        (
            "set",
            ([*FIRST, "image"], "nginx:1.27"),
            ["-         image: nginx:1.25  # pinned", "+         image: nginx:1.27  # pinned"],
        ),
        ("set", (["spec", "replicas"], 3), ["+   replicas: 3"]),
        (
            "set",
            (["metadata", "annotations", "a/b"], "true"),
            ["-   annotations: {}", "+   annotations:", '+     a/b: "true"'],
        ),
        (
            "set",
            (["metadata", "labels", "app"], "on"),
            ["-     app: web   # the app", '+     app: "on"   # the app'],
        ),
        (
            "set",
            (["metadata", "labels", "tier"], "back"),
            ['-     tier: "front"', '+     tier: "back"'],
        ),
        (
            "append",
            ([*FIRST, "args"], "--c"),
            ['-         args: ["--a", "--b=1"]', '+         args: ["--a", "--b=1", "--c"]'],
        ),
        (
            "append",
            ([*FIRST, "env"], {"name": "C", "value": "1e3"}),
            ["+         - name: C", '+           value: "1e3"'],
        ),
        (
            "remove",
            ([*FIRST, "env", 1],),
            ["-         # B is needed", "-         - name: B", "-           value: x"],
        ),
        (
            "remove",
            (["metadata", "labels", "app"],),
            ["-     # belongs to app", "-     app: web   # the app", "- "],
        ),
        (
            "remove",
            (["spec", "template", "spec", "containers", 1, "image"],),
            ["-       - image: sidecar", "-         name: side", "+       - name: side"],
        ),
        (
            "set",
            (["data", "x.conf"], "a = 1\nb = 3\n\n[c]\nd: 4\n"),
            ["-     b = 2", "+     b = 3", "+     d: 4"],
        ),
        (
            "set",
            (["data", "f"], "some long folded texts is here"),
            ["-     folded text", "+     folded texts"],
        ),
        (
            "set",
            (["data", "g"], "x\ny\n"),
            ["+   g: |", "+     x", "+     y"],
        ),
    ],
)  # fmt: skip
def test_a_change_touches_the_lines_that_it_must(act: str, arguments: Any, lines: list[str]) -> None:
    told = [line for line in changed(DEPLOYMENT, act, *arguments) if not line.startswith("?")]
    assert sorted(told) == sorted(lines)


def test_json_in_a_stream_stays_json() -> None:
    lines = changed(DEPLOYMENT, "set", ["b", 1], "on", document=1)
    assert lines == ['- {"a": 1, "b": ["x", 2]}', '+ {"a": 1, "b": ["x", "on"]}']


ANCHORS = """\
base: &base
  cpu: 1
  memory: 2
web:
  <<: *base
  name: web
image: &image nginx:1
copy: *image
alone: &alone 5
"""


@pytest.mark.parametrize(
    ("way", "value", "lines"),
    [
        (["copy"], "nginx:2", ["- copy: *image", "+ copy: nginx:2"]),
        (["alone"], 6, ["- alone: &alone 5", "+ alone: &alone 6"]),
        (["web", "cpu"], 3, ["+   cpu: 3"]),
    ],
)  # fmt: skip
def test_what_comes_by_an_alias_is_overridden_in_its_place(
    way: list[str], value: Any, lines: list[str]
) -> None:
    told = [line for line in changed(ANCHORS, "set", way, value) if not line.startswith("?")]
    assert told == lines


def test_an_anchor_that_others_use_is_changed_for_all_only_when_asked() -> None:
    with pytest.raises(NotEdited, match="&image .* used elsewhere"):
        changed(ANCHORS, "set", ["image"], "nginx:2")
    yaml = YamlText(ANCHORS.encode())
    yaml.set(0, ["copy"], "nginx:2", shared=True)
    assert (yaml.get(0, ["image"]), yaml.get(0, ["copy"])) == ("nginx:2", "nginx:2")
    assert "image: &image nginx:2\ncopy: *image\n" in yaml.text


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("a: !Sub x\n", ["a"]),
        ("a: 1\na: 2\n", ["a"]),
        ("? a\n: 1\n", ["a"]),
        ("a: {{ .Values.a }}\n", ["a"]),
        ("a: [1\n", ["a"]),
        ("a: 1\n", ["a", "b"]),
        ("a: &x {b: 1}\nc: *x\n", ["a", "b"]),
    ],
)
def test_what_is_not_surely_edited_is_said_and_left(text: str, way: list[str]) -> None:
    yaml = YamlText(text.encode())
    with pytest.raises(NotEdited):
        yaml.set(0, way, 5)
    assert yaml.text == text


def test_documents_come_and_go() -> None:
    yaml = YamlText(b"# first\na: 1\n---\n# second\nb: 2\n---\nc: 3")
    yaml.remove_document(1)
    assert yaml.text == "# first\na: 1\n---\nc: 3"
    yaml.append_document({"d": ["on"]})
    assert yaml.text == '# first\na: 1\n---\nc: 3\n---\nd:\n  - "on"\n'
    yaml.remove_document(0)
    assert yaml.text == 'c: 3\n---\nd:\n  - "on"\n'


def test_a_broken_document_takes_no_other_one_with_it() -> None:
    yaml = YamlText(b"a: 1\n---\nb: {{ x }}\n---\nc: 3\n")
    yaml.set(2, ["c"], 4)
    assert yaml.text == "a: 1\n---\nb: {{ x }}\n---\nc: 4\n"
    with pytest.raises(NotEdited):
        yaml.set(1, ["b"], 4)


def test_spans_are_bytes() -> None:
    content = "ü: [é, 'ö']  # x\nb: 1\n".encode()
    yaml = YamlText(content)

    def said(span: tuple[int, int]) -> str:
        return content[span[0] : span[1]].decode()

    assert said(yaml.span(0, ["ü", 1])) == "'ö'"
    assert said(yaml.key_span(0, ["b"])) == "b"
    assert said(yaml.whole_span(0, ["ü"])) == "ü: [é, 'ö']  # x\n"
    assert yaml.line(0, ["b"]) == 2


def test_a_text_that_keeps_its_blank_lines() -> None:
    yaml = YamlText(b"a: |+\n  x\n\n\nb: 1\n")
    yaml.set(0, ["a"], "y\n\n")
    assert yaml.text == "a: |+\n  y\n\nb: 1\n"


def test_it_is_a_document_as_others_are() -> None:
    document = Yaml(b"a: [1, 2]\nb: {c: 1}\n")
    assert document.put(["a", 0], 3).content == b"a: [3, 2]\nb: {c: 1}\n"
    assert document.add(["b"], "d", "x").content == b"a: [1, 2]\nb: {c: 1, d: x}\n"
    assert document.insert(["a"], 1, 9).content == b"a: [1, 9, 2]\nb: {c: 1}\n"
    assert document.remove(["b", "c"]).content == b"a: [1, 2]\nb: {}\n"
    assert (document.keys([]), document.line(["b"]), document.has(["z"])) == (["a", "b"], 2, False)
    assert document.content == b"a: [1, 2]\nb: {c: 1}\n"
