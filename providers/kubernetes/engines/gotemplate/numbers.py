"""Functions on numbers.

Source: masterminds.github.io/sprig/math.html, integer_slice.html and conversion.html.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

from providers.kubernetes.engines.gotemplate.functions import function
from providers.kubernetes.engines.gotemplate.values import TemplateError, inner

_MOST = 10_000


def whole(value: Any) -> int:
    """A value as sprig makes a whole number of it: 0 of what is none."""
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return math.trunc(value)
    try:
        return int(value, 0) if isinstance(value, str) else 0
    except ValueError:
        return 0


def _real(value: Any) -> float:
    if isinstance(value, (bool, int, float)):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else 0.0
    except ValueError:
        return 0.0


def _divided(one: Any, other: Any) -> tuple[int, int]:
    first, second = whole(one), whole(other)
    if second == 0:
        raise TemplateError("division by zero")
    quotient = abs(first) // abs(second) * (1 if (first < 0) == (second < 0) else -1)
    return quotient, first - quotient * second


function("add", "a*")(lambda *several: sum(map(whole, several)))
function("add1", "a")(lambda one: whole(one) + 1)
function("sub", "aa")(lambda one, other: whole(one) - whole(other))
function("mul", "aa*")(lambda *several: reduce(lambda one, other: one * other, map(whole, several)))
function("div", "aa")(lambda one, other: _divided(one, other)[0])
function("mod", "aa")(lambda one, other: _divided(one, other)[1])
function("max", "aa*")(lambda *several: max(map(whole, several)))
function("min", "aa*")(lambda *several: min(map(whole, several)))
function("floor", "a")(lambda one: float(math.floor(_real(one))))
function("ceil", "a")(lambda one: float(math.ceil(_real(one))))
function("int", "a")(whole)
function("int64", "a")(whole)
function("float64", "a")(_real)
function("atoi", "s")(lambda text: int(text) if text.lstrip("+-").isdigit() else 0)
function("until", "i")(lambda count: _range(0, count, 1 if count >= 0 else -1))
function("untilStep", "iii")(lambda start, stop, step: _range(start, stop, step))


@function("seq", "i*")
def _seq(*several: int) -> str:
    if not 1 <= len(several) <= 3:
        return ""
    start = several[0] if len(several) > 1 else 1
    stop = several[-1]
    step = several[1] if len(several) == 3 else 1 if stop >= start else -1
    return " ".join(map(inner, _range(start, stop + (1 if step > 0 else -1), step)))


def _range(start: int, stop: int, step: int) -> list[int]:
    if step == 0:
        return []
    found = range(start, stop, step)
    if len(found) > _MOST:
        raise TemplateError(f"a list of more than {_MOST:,} numbers")
    return list(found)
