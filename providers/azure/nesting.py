"""How resource types lie in one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from providers.azure.facts import access_types, inline


def root(type_: str) -> str:
    """The type at the top of which a child lies."""
    return "/".join(type_.split("/")[:2])


def upwards(type_: str) -> Iterator[str]:
    """A type and those above it."""
    while type_.count("/") > 0:
        yield type_
        type_ = type_.rpartition("/")[0]


def with_parents(types: Iterable[str]) -> set[str]:
    """Child types with the child types above them."""
    found: set[str] = set()
    for type_ in types:
        parts = type_.split("/")
        found.update("/".join(parts[:end]) for end in range(3, len(parts) + 1))
    return found


@cache
def giving_access() -> frozenset[str]:
    """Child types that let somebody in, read wherever their parents are."""
    return frozenset(type_ for type_ in access_types() if type_.count("/") > 1 and inline(type_) is None)
