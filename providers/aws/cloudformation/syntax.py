"""Parses a template's text, YAML with CloudFormation's short tags or JSON, and keeps the line of every
member."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

import yaml

from drift.errors import DeclaredError

#: Deeper than any template is; a parser that follows more can be made to overflow.
MAX_DEPTH = 100
#: More than the largest template (1 MB) holds; aliases can make a small text mean more.
MAX_VALUES = 1_000_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,38})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,30}\.[0-9]{1,30}")
_SPACE = re.compile(r"[ \t\r\n]*")
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_JSON_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


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


def parse(content: bytes, file: str) -> Any:
    """The value that a template's bytes mean, with :class:`Map` and :class:`Seq` for its containers.

    Short tags become their long form (``!Sub x`` → ``{"Fn::Sub": x}``). Scalars keep their text where a
    number would lose it (``0123``, ``1.10``) and dates stay text, as CloudFormation reads them. ``file`` is
    for messages.

    Raises:
        DeclaredError: naming file and line, when the text is neither YAML nor JSON.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DeclaredError(f"{file}:{line}: is not UTF-8 text; save the template as UTF-8") from error
    if not text.lstrip().startswith("{"):
        return _Yaml(text, file).document()
    try:
        return _Json(text, file).document()
    except DeclaredError:
        if file.endswith(".json"):
            raise
        return _Yaml(text, file).document()


class _Yaml:
    """Builds values from libyaml's events: its own composer recurses in C, where depth crashes the
    process."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.text = text
        self.values = 0
        self.anchors: dict[str | None, Any] = {}

    def document(self) -> Any:
        loader = _Loader(self.text)
        try:
            loader.get_event()
            if loader.check_event(yaml.StreamEndEvent):
                return None
            loader.get_event()
            value = self._value(loader, 0)
            loader.get_event()
            if not loader.check_event(yaml.StreamEndEvent):
                line = loader.get_event().start_mark.line + 1
                raise self._error(line, "a second YAML document begins here; a template is one document")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._error(mark.line + 1 if mark else 1, f"is not valid YAML: {error.problem}") from error
        except yaml.YAMLError as error:
            position = getattr(error, "position", 0)
            line = self.text.count("\n", 0, position) + 1
            raise self._error(line, f"is not valid YAML: {getattr(error, 'reason', error)}") from error
        finally:
            loader.dispose()
        return value

    def _error(self, line: int, message: str) -> DeclaredError:
        return DeclaredError(f"{self.file}:{line}: {message}")

    def _value(self, loader: Any, depth: int) -> Any:
        event = loader.get_event()
        line = event.start_mark.line + 1
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise self._error(line, "is nested too deeply or holds too much to be a template")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, line)
        if isinstance(event, yaml.ScalarEvent):
            value = _tagged(event.tag, _scalar(loader, event), line)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = _tagged(event.tag, self._sequence(loader, depth), line)
        else:
            value = _tagged(event.tag, self._mapping(loader, depth), line)
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def _alias(self, anchor: str | None, line: int) -> Any:
        if anchor not in self.anchors:
            raise self._error(line, f"the alias *{anchor} has no finished anchor before it")
        value = self.anchors[anchor]
        self.values += _size(value, MAX_VALUES)
        if self.values > MAX_VALUES:
            raise self._error(line, "is nested too deeply or holds too much to be a template")
        return value

    def _sequence(self, loader: Any, depth: int) -> Seq:
        items = []
        while not loader.check_event(yaml.SequenceEndEvent):
            line = loader.peek_event().start_mark.line + 1
            items.append((self._value(loader, depth + 1), line))
        loader.get_event()
        return Seq(items)

    def _mapping(self, loader: Any, depth: int) -> Map:
        members: list[tuple[str, Any, int]] = []
        merged: list[tuple[str, Any, int]] = []
        while not loader.check_event(yaml.MappingEndEvent):
            key = loader.get_event()
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarEvent):
                raise self._error(line, "a key must be plain text")
            value = self._value(loader, depth + 1)
            if key.value == "<<" and key.implicit[0]:
                merged.extend(_merge(value))
            else:
                members.append((key.value, value, line))
        loader.get_event()
        return Map([*merged, *members])


def _merge(value: Any) -> Iterable[tuple[str, Any, int]]:
    """The members that ``<<`` brings in; of several mappings the first to say a key wins."""
    for one in reversed(value) if isinstance(value, Seq) else [value]:
        if isinstance(one, Map):
            yield from ((key, member, one.lines[key]) for key, member in one.items())


def _size(value: Any, limit: int) -> int:
    """How many values an alias repeats, counted up to ``limit``."""
    count, rest = 0, [value]
    while rest and count <= limit:
        one = rest.pop()
        count += 1
        rest.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return count


def _tagged(tag: str | None, value: Any, line: int) -> Any:
    if not tag or tag == "!" or not tag.startswith("!"):
        return value
    name = tag[1:]
    key = name if name in ("Ref", "Condition") or name.startswith("Fn::") else f"Fn::{name}"
    return Map([(key, value, line)])


def _scalar(loader: Any, event: Any) -> Any:
    text: str = event.value
    if event.tag and event.tag != _YAML + "null":
        # Under a short tag, or said to be a string: the text itself.
        if event.tag == _YAML + "int" and _INTEGER.fullmatch(text):
            return int(text)
        if event.tag == _YAML + "bool":
            return text.lower() in ("true", "yes", "on")
        return text
    tag = loader.resolve(yaml.ScalarNode, text, event.implicit).removeprefix(_YAML)
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in ("true", "yes", "on")
    if tag == "int" and _INTEGER.fullmatch(text):
        return int(text)
    if tag == "float" and _DECIMAL.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return text


class _Json:
    """A JSON reader of its own, because the standard library's forgets where it was."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
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
        if at >= self.counted:
            self.line += self.text.count("\n", self.counted, at)
            self.counted = at
            return self.line
        return self.text.count("\n", 0, at) + 1

    def _error(self, at: int, message: str) -> DeclaredError:
        return DeclaredError(f"{self.file}:{self._line(at)}: is not valid JSON: {message}")

    def _string(self, at: int, what: str) -> tuple[str, int]:
        if self.text[at : at + 1] != '"':
            raise self._error(at, f"expected {what} in double quotes")
        try:
            return scanstring(self.text, at + 1, True)  # type: ignore[no-any-return]
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
        for word, value in _JSON_WORDS.items():
            if self.text.startswith(word, at):
                return value, at + len(word)
        number = _JSON_NUMBER.match(self.text, at)
        if not number:
            raise self._error(at, "expected a value")
        return _number(number), number.end()

    def _object(self, at: int, depth: int) -> tuple[Map, int]:
        members: list[tuple[str, Any, int]] = []
        at = self._skip(at + 1)
        if self.text[at : at + 1] == "}":
            return Map(), at + 1
        while True:
            line = self._line(at)
            key, at = self._string(at, "a key")
            at = self._skip(at)
            if self.text[at : at + 1] != ":":
                raise self._error(at, f"expected ':' after the key {key[:60]!r}")
            value, at = self._value(self._skip(at + 1), depth + 1)
            members.append((key, value, line))
            at = self._skip(at)
            if self.text[at : at + 1] == "}":
                return Map(members), at + 1
            if self.text[at : at + 1] != ",":
                raise self._error(at, "expected ',' or '}'")
            at = self._skip(at + 1)

    def _array(self, at: int, depth: int) -> tuple[Seq, int]:
        items: list[tuple[Any, int]] = []
        at = self._skip(at + 1)
        if self.text[at : at + 1] == "]":
            return Seq(), at + 1
        while True:
            line = self._line(at)
            value, at = self._value(at, depth + 1)
            items.append((value, line))
            at = self._skip(at)
            if self.text[at : at + 1] == "]":
                return Seq(items), at + 1
            if self.text[at : at + 1] != ",":
                raise self._error(at, "expected ',' or ']'")
            at = self._skip(at + 1)


def _number(found: re.Match[str]) -> int | float | str:
    text = found.group()
    if not found[1] and not found[2]:
        return int(text) if _INTEGER.fullmatch(text) else text
    value = float(text)
    return value if repr(value) == text else text
