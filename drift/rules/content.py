"""What a thing is that one side alone has, when and by whom it was made, and who may do what by it: told by a
provider's data file from what was read.

The file has ``names`` (tables of names, for ``known``) and ``types``: a list of entries, each with ``type``
(a glob, or a list of them), ``what`` (the type in people's words) and ``says``, a JMESPath expression a
label, of the resource's attributes and of ``_id``, ``_name``, ``_scope`` and ``_region``. All entries that
fit a type speak of it, the first that says a label counts. Beside :mod:`drift.config.conditions` they may
call

``found(type, id)``      the attributes of another live resource of the provider, by its id or unique name
``known(table, key)``    a name from the file's tables; null where it has none
``tail(text)``           what follows the last slash or colon
``line(parts)``          the parts that are there, as one line
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import partial
from pathlib import Path
from typing import Any

from drift.config import conditions
from drift.errors import DriftError
from drift.hooks import Around
from drift.model import Resource, Unresolved
from drift.safe_yaml import data
from drift.values import is_empty

_WORDS = frozenset({"type", "what", "says"})
#: So many lines of one label are told, and so many characters of each.
_LINES = 40
_LONG = 400
Function = Callable[..., Any]


@dataclass
class Content:
    """A file's entries. ``functions`` are the provider's own, each also given ``(resource, around)`` before
    its arguments."""

    path: Path
    functions: Mapping[str, Function] = field(default_factory=dict)

    def __post_init__(self) -> None:
        said = data(self.path) or {}
        self._names: Mapping[str, Mapping[str, str]] = said.get("names") or {}
        self._entries = [
            (re.compile("|".join(map(translate, _listed(entry["type"]))), re.IGNORECASE), entry)
            for entry in said.get("types") or []
        ]
        self._known: dict[str, tuple[str, Mapping[str, str]]] = {}
        own = {"found", "known", "tail", "line", *self.functions}
        for _, entry in self._entries:
            if unknown := set(entry) - _WORDS:
                raise DriftError(f"{self.path.name}: {entry['type']}: unknown word {sorted(unknown)[0]!r}")
            for label, expression in (entry.get("says") or {}).items():
                try:
                    conditions.check(expression, own)
                except ValueError as error:
                    raise DriftError(f"{self.path.name}: {entry['type']}: {label}: {error}") from error

    def of(self, resource: Resource, around: Around) -> dict[str, Any]:
        """What is known of a resource, a text or a list of texts a label; ``What`` is its type in words."""
        what, says = self._said(resource.type)
        place = {
            "_id": resource.id,
            "_name": resource.name,
            "_scope": resource.scope,
            "_region": resource.region,
        }
        told = {**resource.attributes, **place}
        functions: dict[str, Function] = {
            "found": partial(_found, resource, around),
            "known": self._name,
            "tail": tail,
            "line": _line,
            **{name: partial(one, resource, around) for name, one in self.functions.items()},
        }
        content: dict[str, Any] = {"What": what} if what else {}
        for label, expression in says.items():
            value = _lines(conditions.value(expression, told, functions))
            if value:
                content[label] = value
        return content

    def _said(self, type_: str) -> tuple[str, Mapping[str, str]]:
        known = self._known.get(type_)
        if known is None:
            entries = [entry for pattern, entry in self._entries if pattern.match(type_)]
            what = next((str(entry["what"]) for entry in entries if "what" in entry), "")
            says: dict[str, str] = {}
            for entry in entries:
                says = {**says, **{k: v for k, v in (entry.get("says") or {}).items() if k not in says}}
            known = self._known[type_] = what, says
        return known

    def _name(self, table: Any, key: Any) -> str | None:
        return self._names.get(str(table), {}).get(str(key).lower())


def tail(value: Any) -> Any:
    """What follows the last slash or colon of a text."""
    return re.split(r"[/:]", value.rstrip("/"))[-1] if isinstance(value, str) else value


def _listed(said: Any) -> list[str]:
    return [said] if isinstance(said, str) else list(said)


def _found(resource: Resource, around: Around, type_: Any, id_: Any) -> dict[str, Any] | None:
    if not isinstance(id_, str):
        return None
    found = around.find(resource.provider, None, str(type_), id_)
    return None if found is None else {**found.attributes, "_name": found.name, "_scope": found.scope}


def _line(parts: Any) -> str | None:
    said = [part for part in (parts if isinstance(parts, list) else [parts]) if not is_empty(part)]
    return " ".join(_text(part) for part in said) or None


def _lines(value: Any) -> str | list[str] | None:
    """A value as a text, or as the texts of its members; None where it says nothing."""
    if not isinstance(value, list):
        return None if is_empty(value) or value is False else _text(value)[:_LONG]
    lines = [_text(one)[:_LONG] for one in _flat(value) if not is_empty(one)]
    more = len(lines) - _LINES
    return [*lines[:_LINES], f"and {more:,} more"] if more > 0 else lines or None


def _flat(value: list[Any]) -> Iterator[Any]:
    for one in value:
        yield from _flat(one) if isinstance(one, list) else (one,)


def _text(value: Any) -> str:
    if value is True:
        return "yes"
    if isinstance(value, Unresolved):
        return "(not known)"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, Mapping):
        if set(value) == {"$secret"}:
            return "(secret)"
        return ", ".join(f"{name}: {_text(one)}" for name, one in value.items() if not is_empty(one))
    return str(value)
