"""Names of enumerations: an answer may have their numbers instead (``$alt=json;enum-encoding=int``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drift.kinds.base import Canonical, Context, Kind


def _enum(value: Any, context: Context, *, names: Sequence[str], numbers: Sequence[int] = ()) -> Canonical:
    """The name of an enumeration's value; a number that stands for none stays what it is.

    ``numbers`` are those of the names, where they are not 0, 1, 2 …

    >>> _enum(2, Context(), names=["UNSPECIFIED", "SMALL", "LARGE"])
    'LARGE'
    >>> _enum(3, Context(), names=["UNSPECIFIED", "SMALL", "LARGE"], numbers=[0, 1, 3])
    'LARGE'
    """
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    known = numbers or range(len(names))
    return names[known.index(value)] if value in known else value


def _admits(
    declared: Any, live: Any, context: Context, *, names: Sequence[str], numbers: Sequence[int] = ()
) -> bool:
    """Whether the declaration leaves the choice to the service: its first name says that it says nothing."""
    return isinstance(declared, str) and declared.endswith("UNSPECIFIED") and declared == names[0]


ENUM = Kind("enum", _enum, admits=_admits)
