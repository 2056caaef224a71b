"""Whose field it is: reads ``metadata.managedFields`` along canonical paths.

Source: structured-merge-diff's fieldsV1 (``f:`` a field, ``k:`` a list's member by its keys, ``v:`` a set's
member).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from drift.facts import PathFacts
from drift.kinds.text import canonical_text
from drift.pointer import split
from providers.kubernetes.kinds.objects import label


@dataclass(frozen=True, slots=True)
class Owner:
    """One entry of managedFields. ``time`` is when the manager last changed any of its fields."""

    manager: str
    operation: str
    time: str | None
    subresource: str
    fields: Mapping[str, Any]

    @property
    def writes_status(self) -> bool:
        return self.subresource == "status" or "f:status" in self.fields


def owners_of(attributes: Mapping[str, Any]) -> list[Owner]:
    """The entries of an object, in their order; none where they were not kept."""
    metadata = attributes.get("metadata")
    managed = metadata.get("managedFields") if isinstance(metadata, Mapping) else None
    found = []
    for entry in managed if isinstance(managed, list) else ():
        if not isinstance(entry, Mapping) or not entry.get("manager"):
            continue
        found.append(
            Owner(
                str(entry["manager"]),
                str(entry.get("operation", "")),
                entry.get("time"),
                str(entry.get("subresource", "")),
                _fields(entry.get("fieldsV1")),
            )
        )
    return found


def _fields(said: Any) -> Mapping[str, Any]:
    if isinstance(said, str):
        try:
            said = orjson.loads(said)
        except orjson.JSONDecodeError:
            return {}
    return said if isinstance(said, Mapping) else {}


#: Maps that are never owned as a whole.
_GRANULAR = ("/metadata", "/metadata/labels", "/metadata/annotations")


def holds(owner: Owner, path: str, facts: PathFacts) -> bool:
    """Whether an entry owns what is at a canonical path, by itself or as part of something atomic.

    ``{}`` is something atomic, owned with all that is in it; ``{".": {}}`` a map without any of its members.
    """
    fields: Any = owner.fields
    above = ""
    for part in split(path):
        if not isinstance(fields, Mapping) or not fields:
            return fields is not owner.fields and above not in _GRANULAR
        above += f"/{part}"
        fields = _step(fields, part, facts)
        if fields is None:
            return False
        facts = facts.child(part)
    return True


def _step(fields: Mapping[str, Any], part: str, facts: PathFacts) -> Any:
    found = fields.get(f"f:{part}")
    if found is not None:
        return found
    keys = facts.params.get("keys") if facts.kind is not None and facts.kind.name == "list-map" else None
    for key, below in fields.items():
        sign, _, text = key.partition(":")
        if sign not in ("k", "v"):
            continue
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            continue
        if sign == "k" and isinstance(value, dict):
            if label(value, keys or list(value), facts.params.get("defaults") or {}) == part:
                return below
        elif canonical_text(value) == part:
            return below
    return None
