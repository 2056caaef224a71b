"""Versions of which the declaration says only the beginning."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_ANY = frozenset({"x", "X", "*"})


def is_prefix(declared: Any, live: Any, separators: str = ".") -> bool:
    """Whether ``live`` is ``declared`` made exact, segment by segment.

    >>> is_prefix("8.0", "8.0.45"), is_prefix("8.0", "8.04"), is_prefix("6.x", "6.2.6")
    (True, False, True)
    """
    wanted, found = _text(declared), _text(live)
    if not wanted or not found:
        return False
    head, dot, tail = wanted.rpartition(".")
    if dot and tail in _ANY:
        wanted = head
    rest = found.removeprefix(wanted)
    return found == wanted or (rest != found and rest.startswith(tuple(separators)))


def _version_prefix(value: Any, context: Context, *, separators: str = ".") -> Canonical:
    """A version; as it is."""
    return value


def _admits(declared: Any, live: Any, context: Context, *, separators: str = ".") -> bool:
    """``8.0`` declared admits ``8.0.45`` live. ``separators`` are what may follow the declared part."""
    return is_prefix(declared, live, separators)


def _text(version: Any) -> str:
    if isinstance(version, str):
        return version
    return str(version) if isinstance(version, (int, float)) and not isinstance(version, bool) else ""


VERSION_PREFIX = Kind("version-prefix", _version_prefix, admits=_admits)
