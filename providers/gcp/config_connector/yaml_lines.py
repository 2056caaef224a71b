"""YAML documents with the line of every member, by JSON Pointer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

from drift.errors import DeclaredError
from drift.pointer import join
from drift.safe_yaml import Place, YamlError
from drift.safe_yaml import documents as of


def documents(text: str, display: str) -> Iterator[tuple[Any, dict[str, int]]]:
    """Each object of a stream, those of a List too, and its lines. Raises DeclaredError with file and line
    where the text is no YAML."""
    try:
        for document in of(text):
            value = document.value
            members = (
                value.get("items") if isinstance(value, Mapping) and value.get("kind") == "List" else None
            )
            if not isinstance(members, list):
                yield value, _pointers(document.lines.items())
                continue
            lines: list[list[tuple[Place, int]]] = [[] for _ in members]
            for place, line in document.lines.items():
                if place[:1] == ("items",) and len(place) > 1:
                    lines[place[1]].append((place[2:], line))
            yield from ((one, _pointers(own)) for one, own in zip(members, lines, strict=True))
    except YamlError as error:
        raise DeclaredError(f"{error.at(display)}: {error}") from error


def _pointers(lines: Iterable[tuple[Place, int]]) -> dict[str, int]:
    return {reduce(join, place, ""): line for place, line in lines}
