"""What is sent to be made may stand within a request of its own: ``{parent, instanceId, instance}`` around
what is returned."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind

#: Members of a request that only say how the thing is called, or how it is to be made.
_NAMES = frozenset({"parent", "name", "zone", "validateOnly"})


def _envelope(value: Any, context: Context, *, key: str) -> Canonical:
    """The thing itself, with what else a request says of it.

    >>> asked = {"parent": "projects/p", "instanceId": "i", "instance": {"nodeCount": 1}}
    >>> _envelope(asked, Context(), key="instance")
    {'nodeCount': 1}
    """
    if not isinstance(value, dict) or not isinstance(value.get(key), dict):
        return value
    rest = {
        name: item
        for name, item in value.items()
        if name != key and name not in _NAMES and not name.endswith("Id")
    }
    return {**rest, **value[key]}


ENVELOPE = Kind("envelope", _envelope)
