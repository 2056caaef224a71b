"""Azure's regions, by name or by display name."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import fold_case

_LEFT_OUT = str.maketrans("", "", " ()")


def _location(value: Any, context: Context) -> Canonical:
    """A region in lower case, without spaces and parentheses.

    >>> _location("West US 2", Context())
    'westus2'
    """
    return fold_case(value).translate(_LEFT_OUT) if isinstance(value, str) else value


LOCATION = Kind("location", _location)
