"""Reads JSON, with the comments and trailing commas that some of its dialects have, and keeps where each
value stands in bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from drift.editor import NotEdited

_GAP = re.compile(rb"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.S)
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)
_PLAIN = re.compile(rb"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")
BOM = b"\xef\xbb\xbf"

Step = str | int
Kind = Literal["object", "array", "string", "plain"]


@dataclass(slots=True)
class Node:
    """A value: the bytes from ``start`` to ``end``; of an object or array its members. ``plain`` is a number
    or a word."""

    kind: Kind
    start: int
    end: int = -1
    members: list[Member] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """A member of an object (then with its key) or of an array: its bytes from ``start`` to ``end``, where
    that of a key begins with the key; ``comma`` is where the one after it stands, None without."""

    start: int
    value: Node
    key: str | None = None
    key_end: int = -1
    comma: int | None = None

    @property
    def end(self) -> int:
        return self.value.end


@dataclass(frozen=True)
class Scan:
    """A JSON text and where all of it stands."""

    content: bytes
    root: Node

    def members(self, steps: Iterable[Step]) -> list[Member] | None:
        """Every member that steps lead to: more than one where a key is said twice, of which the last one
        counts; None where there is none."""
        node, found = self.root, None
        for step in steps:
            found = named(node, step)
            if not found:
                return None
            node = found[-1].value
        return found

    def node(self, steps: Iterable[Step]) -> Node | None:
        """The value that steps lead to."""
        node = self.root
        for step in steps:
            found = named(node, step)
            if not found:
                return None
            node = found[-1].value
        return node

    def line(self, at: int) -> int:
        """The line (from 1) of a place."""
        return self.content.count(b"\n", 0, at) + 1

    def margin(self, at: int) -> bytes:
        """The blanks at the beginning of the line that a place is on."""
        begin = self.content.rfind(b"\n", 0, at) + 1
        if begin == 0 and self.content.startswith(BOM):
            begin = len(BOM)
        end = begin
        while end < len(self.content) and self.content[end : end + 1] in (b" ", b"\t"):
            end += 1
        return self.content[begin:end]

    @cached_property
    def newline(self) -> bytes:
        return b"\r\n" if b"\r\n" in self.content else b"\n"


def named(node: Node, step: Step) -> list[Member]:
    """The members of a value that a step names."""
    if isinstance(step, str):
        return [one for one in node.members if one.key == step] if node.kind == "object" else []
    there = node.kind == "array" and 0 <= step < len(node.members)
    return [node.members[step]] if there else []


def scan(content: bytes, file: str = "the file") -> Scan:
    """Where everything stands. Raises NotEdited where it is no JSON."""
    return Scan(content, _Scanner(content, file).whole())


class _Scanner:
    """Goes through a text without calling itself, so that no nesting is too deep."""

    def __init__(self, content: bytes, file: str) -> None:
        self.content, self.file = content, file
        self.at = len(BOM) if content.startswith(BOM) else 0

    def whole(self) -> Node:
        self._gap()
        root = self._begin()
        open_ = [root] if root.end < 0 else []
        while open_:
            node = open_[-1]
            self._gap()
            mark = self.content[self.at : self.at + 1]
            if mark == (b"}" if node.kind == "object" else b"]"):
                self.at += 1
                node.end = self.at
                open_.pop()
            elif node.members and node.members[-1].comma is None:
                if mark != b",":
                    raise self._odd()
                node.members[-1].comma = self.at
                self.at += 1
            else:
                member = self._member(node)
                node.members.append(member)
                if member.value.end < 0:
                    open_.append(member.value)
        self._gap()
        if self.at != len(self.content):
            raise self._odd()
        return root

    def _gap(self) -> None:
        found = _GAP.match(self.content, self.at)
        self.at = found.end() if found else self.at

    def _odd(self) -> NotEdited:
        line = self.content.count(b"\n", 0, self.at) + 1
        return NotEdited(f"{self.file}:{line}: is no JSON that can be edited")

    def _member(self, node: Node) -> Member:
        start = self.at
        if node.kind == "array":
            return Member(start, self._begin())
        found = _STRING.match(self.content, self.at)
        if found is None:
            raise self._odd()
        self.at = end = found.end()
        self._gap()
        if self.content[self.at : self.at + 1] != b":":
            raise self._odd()
        self.at += 1
        self._gap()
        return Member(start, self._begin(), text(found[0]), end)

    def _begin(self) -> Node:
        """The value that begins here; a container without its members and its end."""
        start, mark = self.at, self.content[self.at : self.at + 1]
        if mark in (b"{", b"["):
            self.at += 1
            return Node("object" if mark == b"{" else "array", start)
        found = (_STRING if mark == b'"' else _PLAIN).match(self.content, start)
        if found is None:
            raise self._odd()
        self.at = found.end()
        return Node("string" if mark == b'"' else "plain", start, self.at)


def text(token: bytes) -> str:
    """What a string in double quotes says, also one of several lines."""
    found: str = json.loads(token.decode("utf-8", "surrogateescape"), strict=False)
    return found
