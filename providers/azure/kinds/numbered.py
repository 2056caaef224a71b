"""Enumerations that a service answers by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import fold_case


def _numbered(value: Any, context: Context, *, names: Sequence[str]) -> Canonical:
    """The value's name in lower case; ``names`` are the names of 0, 1, 2, …

    >>> _numbered(1, Context(), names=["BuiltInRole", "CustomRole"])
    'customrole'
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        value = names[value]
    return fold_case(value) if isinstance(value, str) else value


NUMBERED = Kind("numbered", _numbered)
