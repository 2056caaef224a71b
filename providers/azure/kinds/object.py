"""Objects whose property names Azure gives back in another letter case than they were sent in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import fold_case


def _object(value: Any, context: Context, *, names: Mapping[str, str]) -> Canonical:
    """The names of ``value`` in the spelling of the schema; ``names`` maps lower case to it.

    A name that the schema does not know, and one that stands twice in different case, stays as it is.

    >>> _object({"addressPREFIXES": 1, "x": 2}, Context(), names={"addressprefixes": "addressPrefixes"})
    {'addressPrefixes': 1, 'x': 2}
    """
    if not isinstance(value, dict):
        return value
    spelled = [names.get(fold_case(name), name) if isinstance(name, str) else name for name in value]
    if spelled == list(value):
        return value
    found: dict[str, Any] = {}
    for (name, inner), proper in zip(value.items(), spelled, strict=True):
        found[name if proper in found or (proper != name and proper in value) else proper] = inner
    return found


OBJECT = Kind("object", _object, memberwise=True)
