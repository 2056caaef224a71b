"""Answers that say all that an operation's model knows: what the type facts make of them shows which
properties they can give at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape

TIME = datetime(2024, 1, 1, tzinfo=UTC)
#: What says that there are more pages.
_MORE = re.compile("token|marker|istruncated|hasmore|position|lastevaluated", re.IGNORECASE)
_PAGE = re.compile("NextMarker|Marker|IsTruncated")


class Whole:
    """An operation's answer with every member, plain as boto3's; of enumerated values the ``turn``-th, and of
    members that ``said`` names its value (None: not answered)."""

    def __init__(self, shape: Shape | None, turn: int = 0, said: Mapping[str, Any] | None = None) -> None:
        self._turn = turn
        self._said = said or {}
        self._shapes: dict[int, str] = {}
        self._kept: list[Any] = []  # so that no other object gets the id of one of them
        found = self._value(shape, "", ()) if shape is not None else {}
        self.answer: dict[str, Any] = {name: one for name, one in found.items() if not _MORE.search(name)}
        if shape is not None:
            self._shapes[id(self.answer)] = shape.name

    def shape(self, value: Any) -> str | None:
        """The name of the shape that a structure of this answer has."""
        return self._shapes.get(id(value)) if isinstance(value, dict) else None

    def _value(self, shape: Any, name: str, above: tuple[str, ...]) -> Any:
        kind = shape.type_name
        if kind == "structure":
            found: dict[str, Any] = {}
            self._shapes[id(found)] = shape.name
            self._kept.append(found)
            if shape.name not in above:
                inside = (*above, shape.name)
                for key, one in shape.members.items():
                    value = self._said[key] if key in self._said else self._value(one, key, inside)
                    if value is not None and not _PAGE.fullmatch(key):
                        found[key] = value
            return found
        if kind == "list":
            return [self._value(shape.member, name, above)]
        if kind == "map":
            return {key: self._value(shape.value, key, above) for key in (shape.key.enum or ["key"])}
        if kind == "string":
            return _text(shape, self._turn, name)
        if kind == "timestamp":
            return TIME
        return {"integer": 7, "long": 7, "float": 7.5, "double": 7.5, "boolean": True, "blob": b"x"}[kind]


def _text(shape: Any, turn: int, name: str) -> str:
    if shape.enum:
        return str(shape.enum[turn % len(shape.enum)])
    if re.search("arn$", name, re.IGNORECASE):
        return f"arn:aws:service:us-east-1:123456789012:thing:{name}:x"
    return f"of-{name}".ljust(int(shape.metadata.get("min", 0)), "-")


def paths(value: Any, at: str = "") -> set[str]:
    """The paths of all that is in a value; ``*`` is a list's or a map's member."""
    found: set[str] = set()
    if isinstance(value, Mapping):
        inside = [(name, one) for name, one in value.items()] + [("*", one) for one in value.values()]
    elif isinstance(value, (list, tuple)):
        inside = [("*", one) for one in value]
    else:
        return found
    for name, one in inside:
        path = f"{at}/{name}" if at else name
        found |= {path, *paths(one, path)}
    return found
