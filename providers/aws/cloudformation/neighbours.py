"""Tells which properties of a template's resources others in it, of types without a map, may set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.declared import likely
from drift.values import children
from providers.aws.facts import Catalogue


def changed_by(
    catalogue: Catalogue, types: Mapping[str, str], type_: str, properties: Any
) -> Iterator[tuple[str, list[str]]]:
    """(logical id, properties) of each resource that one of ``type_`` names and may change; no properties
    where only the type's name tells that it may. ``types`` are the template's, by logical id."""
    if not isinstance(properties, Mapping):
        return
    naming: dict[str, set[str]] = {}
    for argument, value in properties.items():
        for name in _names(value):
            naming.setdefault(name, set()).add(argument)
    for name, arguments in naming.items():
        parent = types.get(name, "")
        entry = catalogue.entry(parent)
        if entry is None or entry.existence or parent.split("::")[:2] != type_.split("::")[:2]:
            continue
        own, last = parent.split("::")[-1], type_.split("::")[-1]
        beyond = last.removeprefix(own) if last.startswith(own) else ""
        paths = likely.paths(entry.facts, beyond, (one for one in properties if one not in arguments))
        if paths or beyond:
            yield name, paths


def _names(value: Any) -> Iterator[str]:
    """The logical ids that ``Ref`` and ``Fn::GetAtt`` name in a value."""
    if isinstance(value, Mapping) and len(value) == 1:
        ref, attribute = value.get("Ref"), value.get("Fn::GetAtt")
        if isinstance(attribute, str):
            attribute = attribute.split(".")
        found = ref or (attribute[0] if isinstance(attribute, list) and attribute else None)
        if isinstance(found, str):
            yield found
    for child in children(value):
        yield from _names(child)
