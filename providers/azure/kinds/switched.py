"""Lists of which Azure answers every possible member, with a switch that tells the wanted ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.collections import KEYED_LIST


def _switched_list(value: Any, context: Context, /, *, key: str | Sequence[str]) -> Canonical:
    """A keyed list without the members that are switched off.

    >>> said = [{"category": "a", "enabled": True}, {"category": "b", "enabled": False}]
    >>> _switched_list(said, Context(), key="category")
    {'a': {'category': 'a', 'enabled': True}}
    """
    if isinstance(value, list):
        value = [one for one in value if not (isinstance(one, Mapping) and one.get("enabled") is False)]
    return KEYED_LIST.canonical(value, context, key=key)


SWITCHED_LIST = Kind("switched-list", _switched_list, phase="after", settle=KEYED_LIST.settle)
