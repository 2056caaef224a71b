"""JSON that knows its lines: containers with the line of every member, and the parser that makes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from drift.errors import DeclaredError
from drift.pointer import join

#: Deeper than any document that people write; a parser that follows more can be made to overflow.
MAX_DEPTH = 100
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMENTS = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.S)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.A)
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
    """Where in a result a value will stand: its JSON Pointer, and the lines found so far."""

    lines: dict[str, int]
    pointer: str = ""

    def member(self, name: str | int) -> Trace:
        """The trace of a member of what stands here."""
        return Trace(self.lines, join(self.pointer, name))

    def at(self, line: int) -> None:
        """Notes the line of this place, unless a more exact one is known."""
        self.lines.setdefault(self.pointer, line)


def decode(content: bytes, file: str, what: str) -> str:
    """The text of a file that ``what`` calls. Raises DeclaredError naming file and line."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DeclaredError(f"{file}:{line}: is not UTF-8 text; save {what} as UTF-8") from error


def parse(text: str, file: str, number: Callable[[str], Any], *, relaxed: bool = False) -> Any:
    """The value that a JSON text means, with :class:`Map` and :class:`Seq` for its containers.

    ``number`` gives a number's value and raises ValueError where it takes none for one; ``relaxed`` takes
    comments, strings of several lines and trailing commas. Raises DeclaredError naming file and line.
    """
    return _Parser(text, file, number, relaxed).document()


class _Parser:
    """A reader of its own, because the standard library's forgets where it was."""

    def __init__(self, text: str, file: str, number: Callable[[str], Any], relaxed: bool) -> None:
        self.text, self.file, self.number, self.relaxed = text, file, number, relaxed
        self.space = _COMMENTS if relaxed else _SPACE
        self.line, self.counted = 1, 0

    def document(self) -> Any:
        value, at = self._value(self._skip(0), 0)
        at = self._skip(at)
        if at != len(self.text):
            raise self._error(at, "something follows the end of the document")
        return value

    def _skip(self, at: int) -> int:
        found = self.space.match(self.text, at)
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
            found: tuple[str, int] = scanstring(self.text, at + 1, not self.relaxed)
            found[0].encode()
        except json.JSONDecodeError as error:
            raise self._error(at, error.msg) from error
        except UnicodeEncodeError as error:
            raise self._error(at, "half of a character (\\ud800 to \\udfff, alone)") from error
        return found

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
        return self._number(at)

    def _number(self, at: int) -> tuple[Any, int]:
        found = _NUMBER.match(self.text, at)
        if not found:
            raise self._error(at, "expected a value")
        try:
            return self.number(found.group()), found.end()
        except ValueError as error:
            raise self._error(at, str(error)) from error

    def _object(self, at: int, depth: int) -> tuple[Map, int]:
        members: list[tuple[str, Any, int]] = []
        at = self._skip(at + 1)
        more = self.text[at : at + 1] != "}"
        while more:
            line = self._line(at)
            key, at = self._string(at, "a key")
            at = self._skip(at)
            if self.text[at : at + 1] != ":":
                raise self._error(at, f"expected ':' after the key {key[:60]!r}")
            value, at = self._value(self._skip(at + 1), depth + 1)
            members.append((key, value, line))
            at, more = self._next(at, "}")
        return Map(members), at + 1

    def _array(self, at: int, depth: int) -> tuple[Seq, int]:
        items: list[tuple[Any, int]] = []
        at = self._skip(at + 1)
        more = self.text[at : at + 1] != "]"
        while more:
            line = self._line(at)
            value, at = self._value(at, depth + 1)
            items.append((value, line))
            at, more = self._next(at, "]")
        return Seq(items), at + 1

    def _next(self, at: int, end: str) -> tuple[int, bool]:
        """Where the next member or the end is, and whether a member follows."""
        at = self._skip(at)
        if self.text[at : at + 1] == end:
            return at, False
        if self.text[at : at + 1] != ",":
            raise self._error(at, f"expected ',' or '{end}'")
        at = self._skip(at + 1)
        return at, not (self.relaxed and self.text[at : at + 1] == end)
