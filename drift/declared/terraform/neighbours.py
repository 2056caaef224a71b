"""Says of declared resources what others in the same state, whose types no map knows, may set of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.declared import likely
from drift.declared.terraform.instances import Translated
from drift.dialect import Foreign
from drift.finding import Unverifiable
from drift.model import Origin, Resource, Unresolved
from drift.provider import Provider
from drift.values import children

#: What a resource is named by.
_NAMES = ("id", "arn", "name", "self_link", "url")
#: Shorter texts name too much.
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Unknown:
    """An instance of a provider that is known, of a type that is not."""

    provider: Provider
    foreign: Foreign
    origin: Origin


@dataclass(slots=True)
class Neighbours:
    """Collects the unknown ones of a state, then tells of the others which they may change."""

    unknown: list[Unknown] = field(default_factory=list)

    def named(self) -> dict[str, list[tuple[Unknown, str]]]:
        """What unknown ones say: text → which says it, and in which argument."""
        found: dict[str, list[tuple[Unknown, str]]] = {}
        for one in self.unknown:
            for argument, value in one.foreign.attributes.items():
                if argument in _NAMES:
                    continue  # its own
                for text in set(_texts(value)):
                    if len(text) >= _LEAST:
                        found.setdefault(text, []).append((one, argument))
        return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for child in children(value):
        yield from _texts(child)


def names(attributes: Mapping[str, Any]) -> Iterator[str]:
    """What a resource may be named by in another one."""
    for name in _NAMES:
        value = attributes.get(name)
        if isinstance(value, str):
            yield value


def told(parent: Translated, saying: Iterable[tuple[Unknown, str]]) -> Iterator[Resource | Unverifiable]:
    """What is not certain of a resource that unknown ones name: the paths of which they speak, or, where none
    can be told and its type's name goes on where the parent's ends, that they may change it."""
    naming: dict[int, tuple[Unknown, set[str]]] = {}
    for one, argument in saying:
        naming.setdefault(id(one), (one, set()))[1].add(argument)
    for one, arguments in naming.values():
        beyond = _beyond(parent.foreign.type, one.foreign.type)
        if one.provider is not parent.provider or beyond is None:
            continue
        for resource in parent.resources:
            facts = parent.provider.facts(resource.type)
            if not resource.partial and facts is not None and not facts.existence:
                said = (name for name, value in one.foreign.attributes.items() if value not in _EMPTY)
                paths = likely.paths(facts, beyond, (name for name in said if name not in arguments))
                if paths or beyond:  # what only lies in it (an object in a bucket) changes nothing of it
                    yield _of(resource, one, paths)


#: What a state writes where nothing is said.
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def _of(parent: Resource, one: Unknown, paths: list[str]) -> Resource | Unverifiable:
    address = one.foreign.address
    if not paths:
        reason = f"may be changed by {address}, whose type {one.foreign.type} is not supported"
        return Unverifiable(
            parent.provider, parent.scope, parent.type, str(parent.id or parent.name), "", reason, one.origin
        )
    reason = f"may be set by {address}, whose type {one.foreign.type} is not supported"
    return parent.but(
        attributes={path: Unresolved(reason) for path in paths},
        partial=True,
        shared=frozenset(),
        origin=one.origin,
    )


def _beyond(parent: str, type_: str) -> str | None:
    """What a type's name says after its parent's: ``aws_s3_bucket_versioning`` of ``aws_s3_bucket`` →
    ``versioning``; "" for another one of the same service; None where it has nothing to do with it."""
    if type_.startswith(f"{parent}_"):
        return type_.removeprefix(f"{parent}_")
    service = parent.split("_")[:2]
    return "" if type_.split("_")[:2] == service else None
