"""Maps of a service's own settings, of which an answer leaves those at their default out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Kind
from drift.kinds.collections import MAP


def _map_defaults(
    value: Any, context: Context, *, left_out: Mapping[str, Any], drop_prefix: Sequence[str] = ()
) -> Canonical:
    """The map without the members that equal what stands there where nothing is said.

    >>> _map_defaults({"x-goog-version": "v1", "a": "b"}, Context(), left_out={"x-goog-version": "v1"})
    {'a': 'b'}
    """
    found = MAP.canonical(value, context, drop_prefix=drop_prefix)
    if not isinstance(found, Keyed):
        return found
    return Keyed((name, one) for name, one in found.items() if name not in left_out or left_out[name] != one)


MAP_DEFAULTS = Kind("map-defaults", _map_defaults, phase="after")
