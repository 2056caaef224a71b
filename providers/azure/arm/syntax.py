"""Parses the JSON of ARM templates, with comments, multi-line strings and trailing commas, and keeps the
lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from drift.errors import DeclaredError
from drift.pointer import join

MAX_DEPTH = 100
_SPACE = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.S)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,38})(\.\d{1,30})?([eE][-+]?\d{1,3})?")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


class Map(dict[str, Any]):
    """A mapping that knows the line (from 1) of each of its keys."""

    __slots__ = ("lines",)

    def __init__(self, members: Iterable[tuple[str, Any, int]] = ()) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}
        for key, value, line in members:
            self[key] = value
            self.lines[key] = line


class Seq(list[Any]):
    """A list that knows the line (from 1) of each of its items."""

    __slots__ = ("lines",)

    def __init__(self, items: Iterable[tuple[Any, int]] = ()) -> None:
        super().__init__()
        self.lines: list[int] = []
        for value, line in items:
            self.append(value)
            self.lines.append(line)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in the result a value will stand: its JSON Pointer, and the lines found so far."""

    lines: dict[str, int]
    pointer: str = ""

    def member(self, name: str | int) -> Trace:
        """The trace of a member of what stands here."""
        return Trace(self.lines, join(self.pointer, name))


def parse(content: bytes, file: str) -> Any:
    """The value that the bytes mean. Raises DeclaredError naming file and line."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DeclaredError(f"{file}:{line}: is not UTF-8 text; save the template as UTF-8") from error
    return _Json(text, file).document()


class _Json:
    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.line, self.counted = 1, 0

    def document(self) -> Any:
        value, at = self._value(self._skip(0), 0)
        at = self._skip(at)
        if at != len(self.text):
            raise self._error(at, "something follows the end of the document")
        return value

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def _line(self, at: int) -> int:
        if at < self.counted:
            return self.text.count("\n", 0, at) + 1
        self.line += self.text.count("\n", self.counted, at)
        self.counted = at
        return self.line

    def _error(self, at: int, message: str) -> DeclaredError:
        return DeclaredError(f"{self.file}:{self._line(at)}: is not valid JSON: {message}")

    def _string(self, at: int, what: str) -> tuple[str, int]:
        if self.text[at : at + 1] != '"':
            raise self._error(at, f"expected {what} in double quotes")
        try:
            return scanstring(self.text, at + 1, False)  # type: ignore[no-any-return]
        except json.JSONDecodeError as error:
            raise self._error(at, error.msg) from error

    def _value(self, at: int, depth: int) -> tuple[Any, int]:
        first = self.text[at : at + 1]
        if depth > MAX_DEPTH:
            raise self._error(at, "it is nested too deeply")
        if first == "{":
            return self._object(at, depth)
        if first == "[":
            return self._array(at, depth)
        if first == '"':
            return self._string(at, "a value")
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return value, at + len(word)
        number = _NUMBER.match(self.text, at)
        if not number:
            raise self._error(at, "expected a value")
        text = number.group()
        return (float(text) if number[1] or number[2] else int(text)), number.end()

    def _object(self, at: int, depth: int) -> tuple[Map, int]:
        members: list[tuple[str, Any, int]] = []
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "}":
            line = self._line(at)
            key, at = self._string(at, "a key")
            at = self._skip(at)
            if self.text[at : at + 1] != ":":
                raise self._error(at, f"expected ':' after the key {key[:60]!r}")
            value, at = self._value(self._skip(at + 1), depth + 1)
            members.append((key, value, line))
            at = self._next(at, "}")
        return Map(members), at + 1

    def _array(self, at: int, depth: int) -> tuple[Seq, int]:
        items: list[tuple[Any, int]] = []
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "]":
            line = self._line(at)
            value, at = self._value(at, depth + 1)
            items.append((value, line))
            at = self._next(at, "]")
        return Seq(items), at + 1

    def _next(self, at: int, end: str) -> int:
        at = self._skip(at)
        if self.text[at : at + 1] == end:
            return at
        if self.text[at : at + 1] != ",":
            raise self._error(at, f"expected ',' or '{end}'")
        return self._skip(at + 1)
