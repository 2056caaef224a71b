"""Expands ``${name}`` in a text as Flux does: shell parameter expansion with its string functions.

Source: github.com/fluxcd/pkg, ``envsubst`` (a fork of drone/envsubst), which differs from a shell: offsets
count bytes, ``:?`` and ``:+`` are taken for defaults, and ``$$`` stands for ``$``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate

#: What a name stands for; None where there is none. It may raise what it likes, which goes through.
Values = Callable[[str], str | None]
_DEFAULTS = frozenset(("-", "+", "=", "?", ":-", ":+", ":=", ":?"))
_DEEPEST = 50


class BadExpansion(ValueError):
    """A text that Flux refuses to expand."""


def expand(text: str, values: Values, *, strict: bool = False) -> str:
    """The text with every expression replaced. ``strict`` refuses a name without value and default.

    >>> expand("${A:-x} $${A} ${B^^}", {"B": "b"}.get)
    'x ${A} B'

    Raises BadExpansion.
    """
    return _Reader(text, values, strict).whole()


class _Reader:
    """One text, read from left to right."""

    def __init__(self, text: str, values: Values, strict: bool) -> None:
        self.text, self.values, self.strict, self.at = text, values, strict, 0

    def whole(self) -> str:
        found = []
        while self.at < len(self.text):
            if self._next(2) == "$$":
                found.append("$")
                self.at += 2
                self._literal_after_escape(found)
            elif self._next(2) == "${":
                found.append(self._expression(0))
            else:
                found.append(self._take())
        return "".join(found)

    def _literal_after_escape(self, found: list[str]) -> None:
        """``$$`` hides the brace that follows it, so that ``$${a}`` stays ``${a}``."""
        if self._next(1) == "{":
            found.append(self._take())

    def _next(self, count: int) -> str:
        return self.text[self.at : self.at + count]

    def _take(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def _expression(self, depth: int) -> str:
        if depth > _DEEPEST:
            raise BadExpansion("expressions stand in each other too deeply")
        self.at += 2
        if self._next(1) == "#":
            self.at += 1
            name = self._name()
            self._close()
            return self._applied(name, "#", [])
        name = self._name()
        first = self._next(1)
        if first == ":":
            if self._next(2)[1:] in ("=", "-", "?", "+"):
                return self._default(name, 2, depth)
            return self._part(name, depth)
        if first == "=":
            return self._default(name, 1, depth)
        if first in (",", "^"):
            return self._cased(name, first)
        if first == "/":
            return self._replaced(name, depth)
        if first in ("#", "%"):
            return self._trimmed(name, first, depth)
        self._close()
        return self._applied(name, "", [])

    def _name(self) -> str:
        begin = self.at
        while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] == "_"):
            self.at += 1
        if begin == self.at:
            raise BadExpansion("an expression has no name")
        return self.text[begin : self.at]

    def _close(self) -> None:
        if self._next(1) != "}":
            raise BadExpansion("an expression has no closing brace")
        self.at += 1

    def _word(self, depth: int, ends: str, *, escapes: bool = False) -> str:
        """One part of an argument: an expression, or text up to what ends it."""
        if self._next(2) == "${":
            return self._expression(depth + 1)
        found: list[str] = []
        while self.at < len(self.text):
            pair = self._next(2)
            if pair == "${":
                break
            if escapes and pair in ("$$", "\\/", "\\\\"):
                found.append(pair[1])
                self.at += 2
                continue
            if self._next(1) in ends:
                break
            found.append(self._take())
        if not found:
            raise BadExpansion("an argument of an expression is missing")
        return "".join(found)

    def _default(self, name: str, length: int, depth: int) -> str:
        operator = self._next(length)
        self.at += length
        words = []
        while self._next(1) != "}":
            words.append(self._word(depth, "}"))
        self._close()
        return self._applied(name, operator, words)

    def _part(self, name: str, depth: int) -> str:
        self.at += 1
        words = [self._word(depth, ":}")]
        if self._next(1) == ":":
            while self._next(1) == ":":
                self.at += 1
            words.append(self._word(depth, "}"))
        self._close()
        return self._applied(name, ":", words)

    def _cased(self, name: str, sign: str) -> str:
        operator = self._take()
        if self._next(1) in (",", "^"):
            operator += self._take()
        self._close()
        return self._applied(name, operator, [])

    def _replaced(self, name: str, depth: int) -> str:
        operator = self._take()
        if self._next(1) in ("/", "#", "%"):
            operator += self._take()
        words = [self._word(depth, "/", escapes=True)]
        if self._next(1) != "/":
            raise BadExpansion("a replacement has no second /")
        while self._next(1) == "/":
            self.at += 1
        if self._next(1) != "}":
            words.append(self._word(depth, "}", escapes=True))
        self._close()
        return self._applied(name, operator, words)

    def _trimmed(self, name: str, sign: str, depth: int) -> str:
        operator = self._take()
        if self._next(1) == sign:
            operator += self._take()
        words = [self._word(depth, "}")]
        self._close()
        return self._applied(name, operator, words)

    def _applied(self, name: str, operator: str, words: list[str]) -> str:
        value = self.values(name)
        if value is None:
            if self.strict and operator not in _DEFAULTS:
                raise BadExpansion(f"the variable {name} is not set, and has no default")
            value = ""
        return _function(value, operator, words)


def _function(value: str, operator: str, words: list[str]) -> str:
    match operator:
        case ",":
            return value[:1].lower() + value[1:]
        case ",,":
            return value.lower()
        case "^":
            return value[:1].upper() + value[1:]
        case "^^":
            return value.upper()
        case "#" if not words:
            return str(len(value.encode()))
        case "#" | "##":
            return _without_prefix(value, words[0], longest=operator == "##")
        case "%" | "%%":
            turned = _without_prefix(value[::-1], words[0][::-1], longest=operator == "%%")
            return turned[::-1]
        case ":":
            return _part(value, words)
        case "/#" | "/%" | "/" | "//":
            return _replaced(value, operator, words)
        case _:
            return value or "".join(words)


def _replaced(value: str, operator: str, words: list[str]) -> str:
    old, new = words[0], words[1] if len(words) > 1 else ""
    if operator == "//":
        return value.replace(old, new)
    if operator == "/":
        return value.replace(old, new, 1)
    if len(words) != 2:
        return value
    if operator == "/#":
        return value.replace(old, new, 1) if value.startswith(old) else value
    return value.removesuffix(old) + new if value.endswith(old) else value


def _part(value: str, words: list[str]) -> str:
    """From an offset on, so many bytes; the whole where these are no numbers."""
    raw = value.encode()
    begin = _number(words[0])
    if begin is None:
        return value
    if begin < 0:
        begin = max(0, len(raw) + begin)
    if len(words) == 1:
        return raw[begin:].decode("utf-8", "replace")
    length = _number(words[1])
    if length is None:
        return value
    if begin + length >= len(raw):
        return raw[begin:].decode("utf-8", "replace")
    if length < 0:
        raise BadExpansion("the length of a part is negative")
    return raw[begin : begin + length].decode("utf-8", "replace")


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None


def _without_prefix(value: str, pattern: str, *, longest: bool) -> str:
    """The value without the shortest, or longest, beginning that a shell pattern matches."""
    if len(value) > 100_000 or pattern.count("*") > 20:
        raise BadExpansion("a pattern is too long to be tried")
    matches = re.compile(translate(pattern.replace("[^", "[!"))).match
    lengths = range(1, len(value) + 1)
    for length in reversed(lengths) if longest else lengths:
        if matches(value[:length]):
            return value[length:]
    return value
