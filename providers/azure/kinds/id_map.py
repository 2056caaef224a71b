"""Maps whose keys may be ARM ids (``userAssignedIdentities``), and come back in another letter case."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Kind
from drift.kinds.scalars import fold_case
from providers.azure.kinds.arm_id import ARM_ID


def _id_map(value: Any, context: Context) -> Canonical:
    """A map that owns its members, by keys in which the letter case of an ARM id does not count.

    Two keys that are one id stay two.
    """
    if not isinstance(value, dict):
        return value
    found = Keyed()
    for key, inner in value.items():
        if isinstance(key, str):
            proper = ARM_ID.canonical(key, context)
            found[key if proper in found or (proper != key and proper in value) else proper] = inner
    return found


def _align(declared: Any, live: Any) -> Any:
    """The live map with the declared spelling of its keys, where letter case alone is between one of the one
    and one of the other.

    >>> _align({"resourceURI": 1, "a": 2, "A": 3}, {"ResourceUri": 1, "a": 2, "b": 4})
    {'resourceURI': 1, 'a': 2, 'b': 4}
    """
    names = _respelled(declared, live)
    return type(live)((names.get(key, key), item) for key, item in live.items()) if names else live


def _respelled(declared: Any, live: Any) -> dict[str, str]:
    """Live key → declared key, of those that are alike but for letter case and unlike all others."""
    wanted, found = _lonely(declared, live), _lonely(live, declared)
    return {key: wanted[low] for low, key in found.items() if low in wanted}


def _lonely(one: Any, other: Any) -> dict[str, str]:
    """Lower case → key, of the keys that only one side has; without two that are alike in it."""
    lows: dict[str, list[str]] = {}
    for key in one:
        if key not in other:
            lows.setdefault(fold_case(key), []).append(key)
    return {low: keys[0] for low, keys in lows.items() if len(keys) == 1}


ID_MAP = Kind("id-map", _id_map, memberwise=True, align=_align)
