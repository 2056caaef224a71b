"""Values of an enumeration, whose letter case Azure changes, and several of them in one text."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import STRING, fold_case

_COMMA = re.compile(r"\s*,\s*")


def _enum(value: Any, context: Context) -> Canonical:
    """The value in lower case; several in one text in the order of the alphabet, as flags are.

    >>> _enum("UserAssigned, SystemAssigned", Context())
    'systemassigned,userassigned'
    """
    value = STRING.canonical(value, context)
    if not isinstance(value, str):
        return value
    text = fold_case(value)
    return ",".join(sorted(_COMMA.split(text.strip()))) if "," in text else text


ENUM = Kind("azure-enum", _enum)
