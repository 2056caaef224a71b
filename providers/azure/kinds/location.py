"""Azure's regions, by name or by display name."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import fold_case

_REGION = re.compile(r"[A-Za-z0-9 ()]+")
_LEFT_OUT = str.maketrans("", "", " ()")


def _location(value: Any, context: Context) -> Canonical:
    """A region in lower case, without spaces and parentheses; a text that can be no region's name stays as it
    is.

    >>> _location("West US 2", Context())
    'westus2'
    """
    return (
        fold_case(value).translate(_LEFT_OUT)
        if isinstance(value, str) and _REGION.fullmatch(value)
        else value
    )


LOCATION = Kind("location", _location)
