"""Schedule expressions of EventBridge and its relatives."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_RATE = re.compile(r"rate\(\s*([1-9][0-9]{0,8})\s+(minute|hour|day)s?\s*\)", re.ASCII)
_CRON = re.compile(r"cron\(([^()]*)\)")
_MINUTES = {"day": 1440, "hour": 60, "minute": 1}


def _rate(value: Any, context: Context) -> Canonical:
    """``rate(60 minutes)`` ≡ ``rate(1 hour)``; ``cron(…)`` with one space between its fields and names in
    upper case.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html (a day is
    24 hours: rates count from the creation of the rule, not from midnight).

    >>> _rate("rate(120 minutes)", Context())
    'rate(2 hours)'
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if rate := _RATE.fullmatch(text):
        minutes = int(rate[1]) * _MINUTES[rate[2]]
        unit = next(unit for unit, length in _MINUTES.items() if minutes % length == 0)
        count = minutes // _MINUTES[unit]
        return f"rate({count} {unit}{'' if count == 1 else 's'})"
    if cron := _CRON.fullmatch(text):
        return f"cron({' '.join(cron[1].upper().split())})" if cron[1].isascii() else value
    return value


RATE = Kind("rate", _rate)
