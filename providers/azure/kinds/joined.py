"""Lists of named members that several declarations speak of: a subnet, and which security group guards it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Kind, Unordered
from drift.kinds.collections import KEYED_LIST


def _joined_list(
    value: Any, context: Context, /, *, key: str | Sequence[str], adds: Sequence[str] = ()
) -> Canonical:
    """A keyed list of which Azure never answers a key twice: members with the same key are one.

    What a later one says replaces what an earlier one does, object by object; lists that ``adds`` names are
    put together.

    >>> _joined_list([{"name": "a", "x": {"b": 1}}, {"name": "a", "x": {"c": 2}}], Context(), key="name")
    {'a': {'name': 'a', 'x': {'b': 1, 'c': 2}}}
    """
    if isinstance(value, list):
        names = [key] if isinstance(key, str) else list(key)
        found: dict[Any, Any] = {}
        for at, member in enumerate(value):
            label = tuple(str(member.get(name)) for name in names) if isinstance(member, Mapping) else at
            known = label in found and isinstance(member, dict)
            found[label] = _joined(found[label], member, adds) if known else member
        value = list(found.values())
    return KEYED_LIST.canonical(value, context, key=key)


def _joined(one: dict[str, Any], other: dict[str, Any], adds: Sequence[str]) -> dict[str, Any]:
    result = dict(one)
    for name, value in other.items():
        known = result.get(name)
        if name in adds and isinstance(known, list) and isinstance(value, list):
            result[name] = [*known, *(member for member in value if member not in known)]
        elif name in adds and isinstance(known, (Keyed, Unordered)) and type(known) is type(value):
            result[name] = type(known)(sorted({**known, **value}.items()))
        elif type(known) is dict and type(value) is dict:
            result[name] = _joined(known, value, adds)
        else:
            result[name] = value
    return result


JOINED_LIST = Kind("joined-list", _joined_list, phase="after", settle=KEYED_LIST.settle, by=KEYED_LIST.by)
