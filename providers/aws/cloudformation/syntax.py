"""Parses a template's text, YAML with CloudFormation's short tags or JSON, and keeps the line of every
member."""

from __future__ import annotations

import re
from typing import Any

import yaml

from drift import lined
from drift.errors import DeclaredError
from drift.lined import Map, Seq, decode
from drift.safe_yaml import Builder, YamlError, size

_YAML = "tag:yaml.org,2002:"
#: Longer ones stay text: JSON of 64 bits, in which reports are written, has none.
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,30}\.[0-9]{1,30}")
_FRACTION = re.compile(r"[.eE]")
_Members = list[tuple[str, Any, int]]


def parse(content: bytes, file: str) -> Any:
    """The value that a template's bytes mean, with :class:`Map` and :class:`Seq` for its containers.

    Short tags become their long form (``!Sub x`` → ``{"Fn::Sub": x}``). Scalars keep their text where a
    number would lose it (``0123``, ``1.10``) and dates stay text, as CloudFormation reads them. ``file`` is
    for messages.

    Raises:
        DeclaredError: naming file and line, when the text is neither YAML nor JSON.
    """
    text = decode(content, file, "the template")
    if not text.lstrip().startswith("{"):
        return _yaml(text, file)
    try:
        return lined.parse(text, file, _number)
    except DeclaredError:
        if file.endswith(".json"):
            raise
        return _yaml(text, file)


def _yaml(text: str, file: str) -> Any:
    try:
        return next(iter(list(_Yaml(text).documents())), None)
    except YamlError as error:
        said = f"is not valid YAML: {error.reason}" if error.syntax else error.reason
        raise DeclaredError(f"{error.at(file)}: {said}") from error


class _Yaml(Builder[Any, tuple[_Members, _Members]]):
    """The one document of a template: its own members, and those that ``<<`` brings."""

    what = "a template"

    def opened(self, number: int, line: int) -> None:
        if number:
            raise YamlError(line, "a second YAML document begins here; a template is one document")

    def scalar(self, event: Any, line: int) -> Any:
        return _tagged(event.tag, _scalar(self.loader, event), line)

    def sequence(self, items: list[tuple[Any, int]], tag: str | None, line: int) -> Any:
        return _tagged(tag, Seq(items), line)

    def begin(self) -> tuple[_Members, _Members]:
        return [], []

    def add(self, members: tuple[_Members, _Members], key: Any, value: Any, line: int) -> None:
        members[0].append((key.value, value, line))

    def merge(self, members: tuple[_Members, _Members], value: Any, line: int) -> None:
        """Of several mappings the first to say a key wins."""
        for one in reversed(value) if isinstance(value, Seq) else [value]:
            if isinstance(one, Map):
                members[1].extend((key, member, one.lines[key]) for key, member in one.items())

    def mapping(self, members: tuple[_Members, _Members], tag: str | None, line: int) -> Any:
        own, merged = members
        return _tagged(tag, Map([*merged, *own]), line)

    def size(self, value: Any) -> int:
        return size(value)


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


def _number(text: str) -> int | float | str:
    """A number's value; its text where a number would lose it."""
    if not _FRACTION.search(text):
        return int(text) if _INTEGER.fullmatch(text) else text
    value = float(text)
    return value if repr(value) == text else text
