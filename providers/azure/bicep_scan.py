"""Reads Bicep as far as values are written out: its statements, and in them objects, arrays and literals with
where each stands; all else is an expression that is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from drift.editor import NotEdited

_STATEMENT = re.compile(
    r"^[ \t]*(?P<kind>resource|module|param|var)[ \t]+(?P<name>\w+)"
    r"(?P<rest>[^\n={]*?)[ \t]*(?<![=!<>])=(?![=~>])[ \t]*",
    re.M,
)
_HIDDEN = re.compile(r"//[^\n]*|/\*.*?\*/|'''.*?'''|'(?:\\.|[^'\\\n])*'", re.S)
_KEY = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"-?\d+\b(?!\.)")
_WORD = re.compile(r"(?:true|false|null)\b")
_IS_KEY = re.compile(r"[ \t]*:")
_BEFORE_KEY = re.compile(r"(?:^|[\n{,])[ \t\r]*\Z")
_ESCAPES = {"\\": "\\", "'": "'", "n": "\n", "r": "\r", "t": "\t", "$": "$"}
_DEEPEST = 100

Kind = Literal["object", "array", "literal", "expression"]


@dataclass(slots=True)
class Value:
    """A value: characters ``start`` up to ``end``; ``said`` is a literal's."""

    kind: Kind
    start: int
    end: int
    said: Any = None
    members: list[Member] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """A member of an object (``key``) or array, which begins at ``start``."""

    start: int
    value: Value
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """``resource NAME … = VALUE`` and the like, on its line (from 1). ``target`` is the type of a resource,
    or the file of a module, as it is written."""

    kind: str
    name: str
    line: int
    start: int
    value: Value
    target: str = ""


def statements(text: str, file: str) -> list[Statement]:
    """Every statement that gives a name a value. Raises NotEdited where the text can't be followed."""
    masked = masked_text(text)
    found = []
    for one in _STATEMENT.finditer(masked):
        value = _Reader(text, masked, file).value(one.end(), 0)
        line = text.count("\n", 0, one.start("kind")) + 1
        quoted = _HIDDEN.search(text, one.start("rest"), one.end())
        target = _string(quoted[0]) if quoted else None
        start = one.start("kind")
        found.append(Statement(one["kind"], one["name"], line, start, value, target or ""))
    return found


def masked_text(text: str) -> str:
    """The text with blanks for what stands in comments and strings."""

    def blank(found: re.Match[str]) -> str:
        inner = found[0]
        quote = "'" if inner.startswith("'") else " "
        return quote + re.sub(r"[^\n]", " ", inner[1:-1]) + quote if len(inner) > 1 else " "

    return _HIDDEN.sub(blank, text)


class _Reader:
    def __init__(self, text: str, masked: str, file: str) -> None:
        self.text, self.masked, self.file = text, masked, file

    def value(self, at: int, depth: int) -> Value:
        if depth > _DEEPEST:
            raise NotEdited(f"{self.file} nests too deeply")
        at = self._blank(at, " \t")
        mark = self.masked[at : at + 1]
        if self.masked.startswith("if", at):
            found = re.compile(r"if[ \t]*\(").match(self.masked, at)
            if found:
                return self.value(self._closed(found.end() - 1), depth + 1)
        if mark == "{":
            return self._done(self._object(at, depth))
        if mark == "[":
            if re.compile(r"\[\s*for\b").match(self.masked, at):
                return Value("expression", at, self._closed(at))
            return self._done(self._array(at, depth))
        return self._done(self._scalar(at))

    def _done(self, value: Value) -> Value:
        """The value itself where it ends there; else the expression that it begins."""
        at = self._blank(value.end, " \t\r")
        if at >= len(self.masked) or self.masked[at] in "\n,}])":
            following = self._blank(at, " \t\r\n")
            if self.masked[following : following + 1] not in ("?", ":", ".") or value.kind in (
                "object",
                "array",
            ):
                return value
        return Value("expression", value.start, self._rest(value.start))

    def _scalar(self, at: int) -> Value:
        if self.masked[at : at + 1] == "'":
            found = _HIDDEN.match(self.text, at)
            if found is None:
                raise NotEdited(f"{self.file}: a string has no end")
            text = _string(found[0])
            return Value("literal" if text is not None else "expression", at, found.end(), text)
        for pattern in (_NUMBER, _WORD):
            found = pattern.match(self.masked, at)
            if found:
                known = {"true": True, "false": False, "null": None}
                said = known[found[0]] if found[0] in known else int(found[0])
                return Value("literal", at, found.end(), said)
        return Value("expression", at, self._rest(at))

    def _object(self, at: int, depth: int) -> Value:
        found = Value("object", at, at)
        at += 1
        while True:
            at = self._blank(at, " \t\r\n,")
            if at >= len(self.masked):
                raise NotEdited(f"{self.file}: an object has no end")
            if self.masked[at] == "}":
                found.end = at + 1
                return found
            key, after = self._key(at)
            if key is None:
                at = max(self._rest(at), at + 1)
                continue
            value = self.value(after, depth + 1)
            found.members.append(Member(at, value, key))
            at = max(value.end, at + 1)

    def _key(self, at: int) -> tuple[str | None, int]:
        """The key of a member and where its value begins; None for what is no member (``...spread``, a nested
        resource)."""
        name = _KEY.match(self.masked, at)
        end = name.end() if name else at
        key: str | None = name[0] if name else None
        if self.masked[at] == "'":
            quoted = _HIDDEN.match(self.text, at)
            end = quoted.end() if quoted else at + 1
            key = _string(quoted[0]) if quoted else None
        end = self._blank(end, " \t")
        return (key, end + 1) if self.masked[end : end + 1] == ":" else (None, end)

    def _array(self, at: int, depth: int) -> Value:
        found = Value("array", at, at)
        at += 1
        while True:
            at = self._blank(at, " \t\r\n,")
            if at >= len(self.masked):
                raise NotEdited(f"{self.file}: an array has no end")
            if self.masked[at] == "]":
                found.end = at + 1
                return found
            value = self.value(at, depth + 1)
            found.members.append(Member(at, value))
            at = max(value.end, at + 1)

    def _blank(self, at: int, blanks: str) -> int:
        while at < len(self.masked) and self.masked[at] in blanks:
            at += 1
        return at

    def _closed(self, at: int) -> int:
        """Where the bracket that opens at a place is closed, behind it."""
        depth = 0
        for place in range(at, len(self.masked)):
            depth += (self.masked[place] in "([{") - (self.masked[place] in ")]}")
            if not depth:
                return place + 1
        raise NotEdited(f"{self.file}: a bracket is not closed")

    def _rest(self, at: int) -> int:
        """Where an expression ends: at the end of its line, unless the next one goes on with it."""
        while at < len(self.masked):
            mark = self.masked[at]
            if mark in "([{":
                at = self._closed(at)
                continue
            if mark in ",}])":
                return at
            if mark == "\n":
                following = self._blank(at, " \t\r\n")
                if self.masked[following : following + 1] not in ("?", ":", ".", "&", "|", "=", "+"):
                    return at
                at = following
            at += 1
        return at


def _string(token: str) -> str | None:
    """What a string says; None where it is made of others."""
    if token.startswith("'''"):
        return token[3:-3].removeprefix("\n")
    inner = token[1:-1]
    if re.search(r"(?<!\\)(?:\\\\)*\$\{", inner):
        return None

    def plain(found: re.Match[str]) -> str:
        if found[1].startswith("u{"):
            return chr(int(found[1][2:-1], 16))
        return _ESCAPES.get(found[1], found[1])

    return re.sub(r"\\(u\{[0-9a-fA-F]{1,6}\}|.)", plain, inner)


def words(text: str, name: str) -> Iterator[int]:
    """Where a name stands in a text that is no comment and no key; in strings only where it is
    interpolated."""
    hidden = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
    bare = hidden.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    masked = masked_text(text)
    for found in re.finditer(rf"(?<![\w.]){re.escape(name)}\b", bare):
        if _IS_KEY.match(bare, found.end()) and _BEFORE_KEY.search(bare[: found.start()]):
            continue
        inside = masked[found.start()] == " "
        before = bare.rfind("\n", 0, found.start()) + 1
        if not inside or "${" in bare[before : found.start()]:
            yield found.start()
