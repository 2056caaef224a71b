"""Durations as people write them in a configuration: ``90s``, ``30m``, ``2h``, ``7d``."""

from __future__ import annotations

import re

from drift.errors import ConfigError

_PART = re.compile(r"(\d+)\s*([smhdw])")
#: Longer ones lead out of the calendar; and so many digits are more than they can have.
_MOST, _MOST_DIGITS = 100 * 365 * 86400, 12
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(text: str) -> int:
    """``1h30m`` → 5400. Raises ConfigError."""
    compact = text.replace(" ", "")
    parts = _PART.findall(compact)
    if not parts or "".join(n + u for n, u in parts) != compact:
        raise ConfigError(f"{text!r} is no duration; write for example 90s, 30m, 2h or 7d")
    if any(len(number) > _MOST_DIGITS for number, _ in parts):
        raise ConfigError(
            f"a duration has more than {_MOST_DIGITS} digits; write for example 90s, 30m, 2h or 7d"
        )
    found = sum(int(number) * _SECONDS[unit] for number, unit in parts)
    if found > _MOST:
        raise ConfigError(f"{text!r} is longer than a hundred years; leave it out where there is no end")
    return found
