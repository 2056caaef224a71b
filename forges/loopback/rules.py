"""What a forge's own description says of a request: whether there is such a call, such parameters, such
a body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema

#: What stands at the end of a path, and may have slashes itself.
_LONG = frozenset({"branch"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: ``spelt`` as the description does, ``parameters`` of its path, decoded."""

    spelt: str
    parameters: Mapping[str, str]
    said: Mapping[str, Any]


class Rules:
    """The calls of one forge that are described beside this module. ``long`` are parameters of paths that may
    have slashes."""

    def __init__(self, name: str, long: frozenset[str] = _LONG) -> None:
        self._long = long
        self._operations = _read(name)
        self._templates = [
            (method, at.strip("/").split("/"), f"{method} {at}")
            for method, _, at in (spelt.partition(" ") for spelt in self._operations)
        ] + [  # a team need not be named
            ("POST", at.replace("/{team}", "").strip("/").split("/"), spelt)
            for spelt in self._operations
            for at in (spelt.partition(" ")[2],)
            if "/{team}/" in at
        ]

    def find(self, method: str, path: str) -> Operation | None:
        """The call that a request is, None where there is none."""
        parts = path.strip("/").split("/")
        for known, template, spelt in self._templates:
            if known == method and (found := self._match(template, parts)) is not None:
                return Operation(spelt, found, self._operations[spelt])
        return None

    def _match(self, template: Sequence[str], parts: Sequence[str]) -> dict[str, str] | None:
        found: dict[str, str] = {}
        for number, part in enumerate(template):
            if number >= len(parts):
                return None
            name = re.fullmatch(r"(\$?)\{(\w+)\}", part)
            if name is None:
                if unquote(parts[number]).lower() != part.lower():
                    return None
            elif name[2] in self._long and number == len(template) - 1:
                found[name[2]] = unquote("/".join(parts[number:]))
                return found
            else:
                value = unquote(parts[number])
                if not value.startswith(name[1]):
                    return None
                found[name[2]] = value.removeprefix(name[1])
        return found if len(parts) == len(template) else None


def errors(operation: Operation, query: Mapping[str, Sequence[str]], body: Any) -> Iterator[str]:
    """What a request lacks, or has too much, in sentences."""
    known = operation.said["query"]
    for name, values in query.items():
        if name not in known:
            yield f"there is no parameter {name!r}"
            continue
        for value in values:
            yield from _wrong(name, known[name], _typed(value, known[name]))
    for name, schema in known.items():
        if schema.get("needed") and name not in query:
            yield f"the parameter {name!r} is missing"
    schema = operation.said.get("body")
    if schema is None:
        if body is not None:
            yield "it takes no body"
        return
    if body is None:
        yield "the body is missing"
        return
    yield from _wrong("the body", schema, body)
    if isinstance(body, Mapping) and schema.get("properties"):
        yield from (f"the body has no {name!r}" for name in body if name not in schema["properties"])


def _wrong(what: str, schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    for error in jsonschema.Draft202012Validator(schema).iter_errors(value):
        yield f"{what}: {'/'.join(map(str, error.absolute_path))} {error.message}"


def _typed(value: str, schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind in ("integer", "number") and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return [_typed(value, schema.get("items", {}))] if kind == "array" else value


@cache
def _read(name: str) -> Mapping[str, Mapping[str, Any]]:
    text = Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Any]] = json.loads(text)["operations"]
    return found
