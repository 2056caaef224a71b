"""Parses streams of YAML or JSON documents as Kubernetes clients do, and keeps the line of every member.

A document that is broken takes no other one with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from providers.kubernetes.declared_scalars import Unfit, key, scalar

#: Deeper than any object is; a parser that follows more can be made to overflow.
MAX_DEPTH = 80
#: More values than fit into what the API server takes (3 MB); aliases can make a small text mean more.
MAX_VALUES = 2_000_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|$)", re.M)
_DIRECTIVE = re.compile(r"^%[A-Z]", re.M)
_ESCAPE = re.compile(r"\\(?:u([dD][89abAB]..)\\u([dD][c-fC-F]..)|.)", re.S)
_Members = dict[str, tuple[Any, "Node"]]


@dataclass(slots=True)
class Node:
    """Where a value stands: its line (from 1) and those of its members; of a mapping's member, the line of
    its key."""

    line: int
    members: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)


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


class _Error(Exception):
    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


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
            yield from _Parser(chunk, start, strict).documents()


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


class _Parser:
    """Builds values from libyaml's events: its own composer recurses in C, where depth crashes the
    process."""

    def __init__(self, text: str, start: int, strict: bool) -> None:
        self.text, self.start, self.strict = text, start, strict
        self.values = 0
        self.anchors: dict[str | None, tuple[Any, Node]] = {}

    def documents(self) -> Iterator[Document | Broken]:
        head = "\n".join(line for line in self.text.splitlines() if line.startswith("#"))
        loader = _Loader(self.text)
        try:
            loader.get_event()
            while not loader.check_event(yaml.StreamEndEvent):
                loader.get_event()
                self.anchors.clear()
                value, node = self._value(loader, 0)
                loader.get_event()
                if value is not None:
                    yield Document(value, node, head)
        except _Error as error:
            yield Broken(error.line, error.reason)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = self.start + (mark.line if mark else 0)
            yield Broken(line, f"is no valid YAML: {error.problem or error}")
        except yaml.YAMLError as error:
            line = self.start + self.text.count("\n", 0, getattr(error, "position", 0))
            yield Broken(line, f"is no valid YAML: {getattr(error, 'reason', error)}")
        finally:
            loader.dispose()

    def _value(self, loader: Any, depth: int) -> tuple[Any, Node]:
        event = loader.get_event()
        line = self.start + event.start_mark.line
        self._count(line, 1, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, line)
        if isinstance(event, yaml.ScalarEvent):
            value, node = self._scalar(event, line), Node(line)
        elif isinstance(event, yaml.SequenceStartEvent):
            value, node = self._sequence(loader, line, depth)
        else:
            value, node = self._mapping(loader, line, depth)
        if event.anchor:
            self.anchors[event.anchor] = (value, node)
        return value, node

    def _count(self, line: int, more: int, depth: int = 0) -> None:
        self.values += more
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise _Error(line, "is nested too deeply or holds too much to be an object")

    def _scalar(self, event: Any, line: int) -> Any:
        try:
            return scalar(event.value, event.tag, event.implicit[0])
        except Unfit as error:
            raise _Error(line, str(error)) from error

    def _alias(self, anchor: str | None, line: int) -> tuple[Any, Node]:
        if anchor not in self.anchors:
            raise _Error(line, f"the alias *{anchor} has no finished anchor before it")
        value, node = self.anchors[anchor]
        self._count(line, _size(value, MAX_VALUES))
        return value, node

    def _sequence(self, loader: Any, line: int, depth: int) -> tuple[list[Any], Node]:
        values, node = list[Any](), Node(line)
        while not loader.check_event(yaml.SequenceEndEvent):
            item = self.start + loader.peek_event().start_mark.line
            value, below = self._value(loader, depth + 1)
            values.append(value)
            node.items.append(_at(below, item))
        loader.get_event()
        return values, node

    def _mapping(self, loader: Any, line: int, depth: int) -> tuple[dict[str, Any], Node]:
        own: _Members = {}
        merged: _Members = {}
        while not loader.check_event(yaml.MappingEndEvent):
            event = loader.get_event()
            at = self.start + event.start_mark.line
            if not isinstance(event, yaml.ScalarEvent):
                raise _Error(at, "a key must be plain text")
            value, node = self._value(loader, depth + 1)
            if event.value == "<<" and event.implicit[0]:
                for name, member in self._merge(value, node, at).items():
                    merged.setdefault(name, member)
                continue
            name = key(self._scalar(event, at))
            if name in own and self.strict:
                raise _Error(at, f"the key {name!r} is on line {own[name][1].line} already; remove one")
            own[name] = (value, _at(node, at))
        loader.get_event()
        members = {**merged, **own}
        found = Node(line, {name: node for name, (_, node) in members.items()})
        return {name: value for name, (value, _) in members.items()}, found

    def _merge(self, value: Any, node: Node, line: int) -> _Members:
        """What ``<<`` brings in; of several mappings the first to say a key wins."""
        several = list(zip(value, node.items, strict=True)) if isinstance(value, list) else [(value, node)]
        members: _Members = {}
        for one, below in several:
            if not isinstance(one, dict):
                raise _Error(line, "'<<' takes a mapping, or a list of mappings")
            for name, member in one.items():
                members.setdefault(name, (member, below.members[name]))
        return members


def _at(node: Node, line: int) -> Node:
    """A member's node, on the line where the member is named."""
    return node if node.line == line else Node(line, node.members, node.items)


def _size(value: Any, limit: int) -> int:
    """How many values an alias repeats, counted up to ``limit``."""
    count, rest = 0, [value]
    while rest and count <= limit:
        one = rest.pop()
        count += 1
        rest.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return count
