"""All engines that are known, in the order in which they are asked."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from providers.kubernetes.engines.step import Engine

_ENGINES: tuple[str, ...] = ()


@cache
def engines() -> tuple[Engine, ...]:
    """Each is imported when a repository is first looked at."""
    found = []
    for one in _ENGINES:
        module, _, name = one.partition(":")
        found.append(cast("Engine", getattr(import_module(module), name)()))
    return tuple(found)


def named(name: str) -> Engine | None:
    """The engine that ``engine:`` of an entry names."""
    return next((one for one in engines() if one.name == name), None)
