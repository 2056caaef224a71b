"""The primary identifier of a resource without facts of its own: from what its template says, from its
physical id, and from what is live.

The physical id is mostly the primary identifier, of several parts joined by bars, or one of its parts; of
types that are older than the registry it may be a name where the identifier is an ARN or made up, or the
other way. Source: https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-identifier.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from drift.model import Resource
from providers.aws.facts import Entry


def identified(
    entry: Entry, physical: str | None, attributes: Mapping[str, Any], live: Iterable[Resource]
) -> str | None:
    """The identifier; None where it can't be told. ``live`` are the resources of its type at its place.

    What is live decides where the physical id may be something else; where nothing live is meant by it, it
    stands for the identifier only if it has the form of one.
    """
    known = [_text(attributes.get(name)) for name in entry.primary_identifier]
    if all(part is not None for part in known):
        return "|".join(filter(None, known))
    if physical is None:
        return None
    told, certain = _filled(entry, known, physical, attributes)
    there = list(live)
    if told is not None and any(one.id == told for one in there):
        return told
    meant = {
        one.id
        for one in there
        if one.id is not None and physical in _names(one) and _agrees(known, one.id.split("|"))
    }
    if len(meant) == 1:
        return meant.pop()
    return told if certain and not meant else None


def _filled(
    entry: Entry, known: list[str | None], physical: str, attributes: Mapping[str, Any]
) -> tuple[str | None, bool]:
    """The identifier that the physical id completes, and whether that is sure to be one."""
    parts = physical.split("|")
    if len(known) > 1 and len(parts) == len(known):
        return (physical, True) if _agrees(known, parts) else (None, False)
    if known.count(None) > 1:
        return None, False
    missing = entry.primary_identifier[known.index(None)]
    form = missing.endswith("Arn") == physical.startswith("arn:")
    is_name = any(value == physical for value in attributes.values())
    return "|".join(physical if part is None else part for part in known), form and not is_name


def _agrees(known: list[str | None], parts: list[str]) -> bool:
    """Whether the parts of an identifier are those that are known."""
    return len(parts) == len(known) and all(
        part in (None, said) for part, said in zip(known, parts, strict=True)
    )


def _names(one: Resource) -> set[str]:
    """All that may be a resource's physical id."""
    parts = str(one.id).split("|")
    tails = {tail for part in parts if part.startswith("arn:") for tail in (re.split(r"[:/]", part)[-1],)}
    return {*parts, *tails, *(value for value in one.attributes.values() if isinstance(value, str))}


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    return str(value)
