"""Parses streams of YAML or JSON documents as Kubernetes clients do, and keeps the line of every member.

A document that is broken takes no other one with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from drift.safe_yaml import Builder, YamlError, size
from providers.kubernetes.declared_scalars import Unfit, scalar
from providers.kubernetes.declared_scalars import key as spelled

_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|$)", re.M)
_DIRECTIVE = re.compile(r"^%[A-Z]", re.M)
_ESCAPE = re.compile(r"\\(?:u([dD][89abAB]..)\\u([dD][c-fC-F]..)|.)", re.S)
_Members = dict[str, tuple[Any, "Node"]]
#: The members of what has none, of which there may be very many.
_NONE: Mapping[str, Node] = MappingProxyType({})


@dataclass(slots=True)
class Node:
    """Where a value stands: its line (from 1) and those of its members; of a mapping's member, the line of
    its key."""

    line: int
    members: Mapping[str, Node] = field(default_factory=lambda: _NONE)
    items: Sequence[Node] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One document: the value and where its parts stand. ``head`` is what comments stand between it and
    ``---``."""

    value: Any
    node: Node
    head: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A document that can't be read, and why."""

    line: int
    reason: str


def documents(content: bytes, *, is_json: bool = False, strict: bool = True) -> Iterator[Document | Broken]:
    """Every document that says something, in order.

    ``is_json`` lets errors speak of JSON; where not ``strict``, the last of equal keys stands, as in what
    tools render.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Broken(content.count(b"\n", 0, error.start) + 1, "is not UTF-8 text; save it as UTF-8")
        return
    chunks = _json_chunks(text, is_json) if text.lstrip().startswith("{") else _yaml_chunks(text)
    for start, chunk in chunks:
        if isinstance(chunk, Broken):
            yield chunk
        else:
            yield from _documents(chunk, start, strict)


def _documents(text: str, start: int, strict: bool) -> Iterator[Document | Broken]:
    head = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    try:
        for value, node in _Yaml(text, start, strict).documents():
            if value is not None:
                yield Document(value, node, head)
    except YamlError as error:
        yield Broken(error.line or start, f"is {error}" if error.syntax else error.reason)


def _yaml_chunks(text: str) -> Iterator[tuple[int, str]]:
    """(first line, text) of what stands between separators; directives go with the document that they
    precede."""
    begin, line, waiting = 0, 1, False
    for found in (*_SEPARATOR.finditer(text), None):
        end = found.start() if found else len(text)
        chunk = text[begin:end]
        if found and _DIRECTIVE.search(chunk) and not waiting and _only_directives(chunk):
            waiting = True
            continue
        waiting = False
        if chunk.strip():
            yield line, chunk
        begin, line = end, line + chunk.count("\n")


def _only_directives(chunk: str) -> bool:
    return all(not line.strip() or line[0] in "%#" for line in chunk.splitlines())


def _json_chunks(text: str, is_json: bool) -> Iterator[tuple[int, str | Broken]]:
    """The values of a stream of JSON; from where it is none, the rest as YAML, of which JSON is a part."""
    decoder = json.JSONDecoder(strict=False)
    at = 0
    while at < len(text):
        at += len(text[at:]) - len(text[at:].lstrip())
        if at >= len(text):
            return
        line = text.count("\n", 0, at) + 1
        try:
            _, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            if is_json:
                yield line, Broken(error.lineno, f"is no valid JSON: {error.msg}")
                return
            for start, chunk in _yaml_chunks(text[at:]):
                yield line + start - 1, chunk
            return
        except RecursionError:
            yield line, Broken(line, "is nested too deeply to be an object")
            return
        yield line, _ESCAPE.sub(_whole_character, text[at:end])
        at = end


def _whole_character(found: re.Match[str]) -> str:
    """Two escapes that are one character in JSON, as the one that they are in YAML."""
    if not found[1]:
        return found[0]
    try:
        high, low = int(found[1], 16), int(found[2], 16)
    except ValueError:
        return found[0]
    return f"\\U{0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF):08x}"


class _Yaml(Builder[tuple[Any, Node], tuple[_Members, _Members]]):
    """What a stream's documents say and where; of a mapping its own members and those that ``<<`` brings."""

    #: Deeper than any object is, and more values than fit into what the API server takes (3 MB).
    depth, most, what = 80, 2_000_000, "an object"

    def __init__(self, text: str, first: int, strict: bool) -> None:
        super().__init__(text, first)
        self.strict = strict

    def scalar(self, event: Any, line: int) -> tuple[Any, Node]:
        return self._plain(event, line), Node(line)

    def _plain(self, event: Any, line: int) -> Any:
        try:
            return scalar(event.value, event.tag, event.implicit[0])
        except Unfit as error:
            raise YamlError(line, str(error)) from error

    def sequence(
        self, items: list[tuple[tuple[Any, Node], int]], tag: str | None, line: int
    ) -> tuple[Any, Node]:
        node = Node(line, items=[_at(below, at) for (_, below), at in items])
        return [value for (value, _), _ in items], node

    def begin(self) -> tuple[_Members, _Members]:
        return {}, {}

    def add(self, members: tuple[_Members, _Members], key: Any, value: tuple[Any, Node], line: int) -> None:
        own, name = members[0], spelled(self._plain(key, line))
        if name in own and self.strict:
            raise YamlError(line, f"the key {name!r} is on line {own[name][1].line} already; remove one")
        own[name] = (value[0], _at(value[1], line))

    def merge(self, members: tuple[_Members, _Members], value: tuple[Any, Node], line: int) -> None:
        """Of several mappings the first to say a key wins."""
        said, node = value
        several = list(zip(said, node.items, strict=True)) if isinstance(said, list) else [(said, node)]
        for one, below in several:
            if not isinstance(one, dict):
                raise YamlError(line, "'<<' takes a mapping, or a list of mappings")
            for name, member in one.items():
                members[1].setdefault(name, (member, below.members[name]))

    def mapping(self, members: tuple[_Members, _Members], tag: str | None, line: int) -> tuple[Any, Node]:
        own, merged = members
        whole = {**merged, **own}
        found = Node(line, {name: node for name, (_, node) in whole.items()})
        return {name: value for name, (value, _) in whole.items()}, found

    def size(self, value: tuple[Any, Node]) -> int:
        return size(value[0], self.most)


def _at(node: Node, line: int) -> Node:
    """A member's node, on the line where the member is named."""
    return node if node.line == line else Node(line, node.members, node.items)
