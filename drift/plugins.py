"""Finds providers, sources and renderers through entry points, the built-in ones like any third party's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from drift.errors import DriftError


@cache
def _entries(group: str) -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in sorted(entry_points(group=group), key=lambda e: e.name)}


def names(kind: str) -> tuple[str, ...]:
    """The installed plugins of a kind: ``providers``, ``sources``, ``renderers`` or ``forges``."""
    return tuple(_entries(f"drift.{kind}"))


@cache
def load(kind: str, name: str) -> Any:
    """One plugin, constructed. Raises DriftError when it does not exist or can't be imported."""
    entry = _entries(f"drift.{kind}").get(name)
    if entry is None:
        known = ", ".join(names(kind)) or "none"
        raise DriftError(f"there is no {kind.rstrip('s')} {name!r}; installed are: {known}")
    try:
        return entry.load()()
    except ImportError as error:
        raise DriftError(
            f"the {kind.rstrip('s')} {name!r} can't be loaded: {error}; is its extra installed?"
        ) from error


def providers() -> dict[str, Any]:
    """All installed providers by name."""
    return {name: load("providers", name) for name in names("providers")}
