"""Scalars of custom resources: typed by their OpenAPI where there is one, else equal where they can only mean
the same."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.times import DURATION, TIMESTAMP
from providers.kubernetes.kinds import quantity

_GO = re.compile(r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|ms|s|m|h))+")


def _go_duration(value: Any, context: Context) -> Canonical:
    """A ``metav1.Duration``: ``1h`` ≡ ``60m`` ≡ ``1h0m0s``. Source: Go's ``time.ParseDuration``."""
    if isinstance(value, str) and _GO.fullmatch(value):
        return DURATION.canonical(value, context)
    return value


def _any(value: Any, context: Context, **_params: Any) -> Canonical:
    """A scalar of which nothing is known; as it is."""
    return value


def _admits(declared: Any, live: Any, context: Context) -> bool:
    """Whether two different texts are the same quantity, Go duration or time, both recognisable by their
    units.

    ``1000m`` admits ``1``, ``2160h`` admits ``2160h0m0s``; ``1.0`` does not admit ``1.00``, which may be
    versions.
    """
    if not isinstance(declared, (str, int, float)) or not isinstance(live, (str, int, float)):
        return False
    if isinstance(declared, bool) or isinstance(live, bool):
        return False
    if quantity.suffixed(declared) or quantity.suffixed(live):
        one, other = quantity.amount(declared), quantity.amount(live)
        if one is not None and one == other and isinstance(one, Decimal):
            return True
    if not isinstance(declared, str) or not isinstance(live, str):
        return False
    if _GO.fullmatch(declared) and _GO.fullmatch(live):
        return bool(_go_duration(declared, context) == _go_duration(live, context))
    one_time, other_time = TIMESTAMP.canonical(declared, context), TIMESTAMP.canonical(live, context)
    return bool(one_time == other_time and one_time.endswith("Z"))


def _given_where_empty(declared: Any, live: Any, context: Context, *, to: Any = None) -> bool:
    """A declared ``""`` or ``0`` of a field that is no pointer says nothing: the API server gives it a value
    (``to``, or one that it chooses)."""
    return not isinstance(declared, bool) and declared in ("", 0) and to in (None, live)


GO_DURATION = Kind("go-duration", _go_duration)
ANY_SCALAR = Kind("string-of-any-kind", _any, admits=_admits, free=True)
GIVEN_WHERE_EMPTY = Kind("given-where-empty", _any, admits=_given_where_empty)
