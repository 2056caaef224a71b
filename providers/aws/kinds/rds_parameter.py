"""Values of database parameters, which the engines spell in several ways."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.text import plain_numbers

_SWITCH = {"on": "1", "true": "1", "off": "0", "false": "0"}


def _rds_parameter(value: Any, context: Context) -> Canonical:
    """``ON`` ≡ ``1`` ≡ ``TRUE``, ``OFF`` ≡ ``0`` ≡ ``FALSE``; numbers as text, as the API has them.

    Source: MySQL's and PostgreSQL's boolean parameters take all of these. Other words (``ON_PERMISSIVE``)
    stay.
    """
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**19 else value
    if isinstance(value, float):
        return repr(plain_numbers(value))
    return _SWITCH.get(value.lower(), value) if isinstance(value, str) else value


RDS_PARAMETER = Kind("rds-parameter", _rds_parameter)
