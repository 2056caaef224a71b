"""Values that say their own type (Firestore's ``{"integerValue": "1"}``), written plainly in a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SIGNS = frozenset({"stringValue", "booleanValue", "integerValue", "doubleValue"})


def is_typed(known: Mapping[str, Any] | None) -> bool:
    """Whether a schema's properties are the branches of a value that says its type."""
    return known is not None and set(known) >= _SIGNS


def typed(value: Any) -> dict[str, Any]:
    """A plain value with its type said. A whole number is an integer, as YAML through JSON gives it."""
    if value is None:
        return {"nullValue": "NULL_VALUE"}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return {"integerValue": str(int(value))}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [typed(one) for one in value]}}
    if isinstance(value, Mapping):
        if len(value) == 1 and str(next(iter(value))).endswith("Value"):
            return dict(value)
        return {"mapValue": {"fields": {str(key): typed(one) for key, one in value.items()}}}
    return {"stringValue": str(value)}
