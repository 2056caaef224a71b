"""The template functions on dates that are known before a deployment.

Source: Microsoft Learn, "Date functions for ARM templates": a year is 365 days and a month 30.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from providers.azure.arm.values import Unknown, integer, word

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,6})M)?(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,8})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,10})S)?)?",
    re.A,
)
_DAYS = {"years": 365, "months": 30, "weeks": 7, "days": 1}
#: .NET's words of a custom format, longest first, in strftime's.
_WORDS = {
    "yyyy": "%Y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "yy": "%y",
}
_CUSTOM = re.compile(r"([A-Za-z])\1*|[^A-Za-z]")
_STANDARD = {"d": "{0.month}/{0.day}/{0.year}", "u": "{0:%Y-%m-%d %H:%M:%SZ}", "s": "{0:%Y-%m-%dT%H:%M:%S}"}


def moment(value: Any) -> datetime:
    """A time as text, of UTC where it names no zone. Raises Unknown."""
    try:
        found = datetime.fromisoformat(word(value).strip())
    except ValueError as error:
        raise Unknown("expected a time as 2020-04-07T14:53:14Z") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def duration(value: Any) -> timedelta:
    """An ISO 8601 duration, also a negative one. Raises Unknown."""
    found = _DURATION.fullmatch(word(value).strip())
    if found is None or not any(found[name] for name in found.groupdict() if name != "sign"):
        raise Unknown("expected a duration as P3Y or -PT1H")
    days = sum(int(found[name] or 0) * many for name, many in _DAYS.items())
    length = timedelta(days, **{name: int(found[name] or 0) for name in ("hours", "minutes", "seconds")})
    return -length if found["sign"] else length


def written(time: datetime, form: str | None = None) -> str:
    """A time in .NET's format, by default ISO 8601. Raises Unknown of words that are not known here."""
    if form is None:
        return f"{time:%Y-%m-%dT%H:%M:%S}Z"
    if form in _STANDARD:
        return _STANDARD[form].format(time)
    said = []
    for part in _CUSTOM.finditer(form):
        if part[0].isalpha() and part[0] not in (*_WORDS, "T", "Z"):
            raise Unknown(f"the date format {form[:40]!r} is not known")
        said.append(time.strftime(_WORDS[part[0]]) if part[0] in _WORDS else part[0])
    return "".join(said)


def add(base: Any, length: Any, form: Any = None) -> str:
    """``dateTimeAdd('2020-04-07 14:53:14Z', 'P3Y')`` is ``2023-04-07T14:53:14Z``."""
    return written(moment(base) + duration(length), None if form is None else word(form))


TABLE: dict[str, tuple[int, int, Callable[..., Any]]] = {
    "datetimeadd": (2, 3, add),
    "datetimetoepoch": (1, 1, lambda value: int(moment(value).timestamp())),
    "datetimefromepoch": (1, 1, lambda value: written(datetime.fromtimestamp(integer(value), UTC))),
}
