"""Parses the expressions of ARM templates (``[concat('a', parameters('b').c[0])]``) into small trees."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d{1,30}(?:\.\d{1,30})?)|(?P<name>[A-Za-z_$][\w$]*)|(?P<mark>[()\[\],.?]))",
    re.A,
)
_DEEPEST = 60


class Malformed(ValueError):
    """An expression that is none. The message says what was expected and where."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A string or number."""

    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; ``name`` holds the namespace of a user's function (``contoso.name``)."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """``of.name``, ``of[index]``; ``safe`` for ``?.`` and ``[?…]``, which give null where there is none."""

    of: Node
    key: Node
    safe: bool = False


Node = Literal | Call | Member


def is_expression(text: str) -> bool:
    """Whether a text of a template is an expression."""
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def literal(text: str) -> str:
    """A text that is no expression, without the bracket that escapes it."""
    return text[1:] if text.startswith("[[") and text.endswith("]") else text


@functools.lru_cache(maxsize=20_000)
def parse(text: str) -> Node:
    """The tree of an expression, brackets included. Raises Malformed."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        inner, at = text[1:-1], 0
        self.tokens: list[tuple[str, str, int]] = []
        while inner[at:].strip():
            found = _TOKEN.match(inner, at)
            if not found:
                raise Malformed(f"unexpected {inner[at:].strip()[:1]!r} at character {at + 2}")
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)], at + 2))
            at = found.end()
        self.at = 0

    def whole(self) -> Node:
        node = self._value(0)
        if self.at < len(self.tokens):
            raise self._unexpected("the end")
        return node

    def _peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def _unexpected(self, wanted: str) -> Malformed:
        if self.at >= len(self.tokens):
            return Malformed(f"it ends where {wanted} was expected")
        _, text, at = self.tokens[self.at]
        return Malformed(f"expected {wanted}, got {text[:40]!r} at character {at}")

    def _take(self, mark: str) -> None:
        if self._peek() != mark:
            raise self._unexpected(f"'{mark}'")
        self.at += 1

    def _name(self) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "name":
            raise self._unexpected("a name")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _value(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise Malformed("it is nested too deeply")
        if self.at >= len(self.tokens):
            raise self._unexpected("a value")
        kind, text, _ = self.tokens[self.at]
        node: Node
        if kind == "string":
            self.at += 1
            node = Literal(text[1:-1].replace("''", "'"))
        elif kind == "number":
            self.at += 1
            node = Literal(float(text) if "." in text else int(text))
        elif kind == "name":
            node = self._call(depth)
        else:
            raise self._unexpected("a value")
        return self._members(node, depth)

    def _call(self, depth: int) -> Node:
        name = self._name()
        while self._peek() == ".":
            self.at += 1
            name += "." + self._name()
        self._take("(")
        arguments: list[Node] = []
        while self._peek() != ")" or self.tokens[self.at][0] != "mark":
            if arguments:
                self._take(",")
            arguments.append(self._value(depth + 1))
        self.at += 1
        return Call(name, tuple(arguments))

    def _members(self, node: Node, depth: int) -> Node:
        links = 0
        while self.at < len(self.tokens) and self._peek() in (".", "?", "["):
            links += 1
            if links > _DEEPEST:
                raise Malformed("it is nested too deeply")
            safe = self._peek() == "?"
            if safe:
                self.at += 1
            if self._peek() == ".":
                self.at += 1
                node = Member(node, Literal(self._name()), safe)
                continue
            self._take("[")
            if self._peek() == "?":
                self.at, safe = self.at + 1, True
            key = self._value(depth + 1)
            self._take("]")
            node = Member(node, key, safe)
        return node
