"""Durations and points in time, whatever spelling they came in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_SECONDS = {
    "ns": Decimal("1e-9"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
    "w": Decimal(604800),
}
_AMOUNT = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_PLAIN = re.compile(rf"-?{_AMOUNT}")
_PART = re.compile(rf"({_AMOUNT})(ns|us|µs|ms|s|m|h|d|w)")
_PARTS = re.compile(rf"-?(?:{_PART.pattern})+")
_ISO = re.compile(
    rf"(?P<sign>-?)P(?:(?P<w>{_AMOUNT})W)?(?:(?P<d>{_AMOUNT})D)?"
    rf"(?P<time>T(?:(?P<h>{_AMOUNT})H)?(?:(?P<m>{_AMOUNT})M)?(?:(?P<s>{_AMOUNT})S)?)?"
)
_TIMESTAMP = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:([Zz])|([+-]\d{2}:?\d{2}))", re.ASCII
)
_LONGEST = 64


def _duration(value: Any, context: Context, *, unit: str | None = None) -> Canonical:
    """A length of time in seconds, as protobuf spells it: ``1h`` ≡ ``60m`` ≡ ``PT1H`` ≡ ``3600s``.

    ``unit`` (``ns`` … ``w``) is that of plain numbers; without it they stay as they are. So do ISO 8601
    months and years, which have no fixed length. Source: protobuf's Duration, Go's ``time.ParseDuration``,
    ISO 8601.

    >>> _duration("1h30m", Context())
    '5400s'
    """
    with localcontext() as decimals:
        decimals.prec = 2 * _LONGEST
        seconds = _seconds(value, unit)
        if seconds is None:
            return value
        text = format(seconds, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{'0' if text == '-0' else text}s"


def _seconds(value: Any, unit: str | None) -> Decimal | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and unit is not None:
        if isinstance(value, int) and abs(value) >= 10**_LONGEST:
            return None
        value = format(Decimal(repr(value)), "f")
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        return None
    if _PLAIN.fullmatch(value):
        return Decimal(value) * _SECONDS[unit] if unit in _SECONDS else None
    if _PARTS.fullmatch(value):
        total = sum((Decimal(amount) * _SECONDS[name] for amount, name in _PART.findall(value)), Decimal(0))
        return -total if value.startswith("-") else total
    iso = _ISO.fullmatch(value)
    if iso is None or iso["time"] == "T" or not any(iso[name] for name in "wdhms"):
        return None
    total = sum((Decimal(iso[name]) * _SECONDS[name] for name in "wdhms" if iso[name]), Decimal(0))
    return -total if iso["sign"] else total


def _timestamp(value: Any, context: Context) -> Canonical:
    """An RFC 3339 point in time, in UTC and without trailing zeros in its fraction.

    A time without an offset stays as it is: nobody knows when it is.

    >>> _timestamp("2024-05-01T02:00:00.500+02:00", Context())
    '2024-05-01T00:00:00.5Z'
    """
    if isinstance(value, datetime):  # what YAML makes of an unquoted one
        value = value.isoformat()
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    day, time, fraction, _, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{offset or '+00:00'}").astimezone(UTC)
    except (ValueError, OverflowError):
        return value
    fraction = (fraction or "").rstrip("0")
    return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + (f".{fraction}" if fraction else "") + "Z"


DURATION = Kind("duration", _duration)
TIMESTAMP = Kind("timestamp", _timestamp)
