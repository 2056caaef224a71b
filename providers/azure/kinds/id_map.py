"""Maps whose keys may be ARM ids (``userAssignedIdentities``)."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Kind
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


ID_MAP = Kind("id-map", _id_map, memberwise=True)
