"""Values as Go's templates see them: which are empty, how they are printed and compared.

Source: pkg.go.dev/text/template and pkg.go.dev/fmt.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final


class TemplateError(ValueError):
    """A template that can't be parsed or carried out, or that asks for what is not known here."""


class _NoValue:
    """What a map has under a key that is not there."""

    def __repr__(self) -> str:
        return "<no value>"


NO_VALUE: Final = _NoValue()


def true(value: Any) -> bool:
    """Whether ``if`` takes a value for true."""
    if value is None or value is NO_VALUE:
        return False
    return bool(value)


def number(value: float) -> str:
    """A float as ``%v`` prints it.

    >>> number(8080.0), number(1e6), number(0.25)
    ('8080', '1e+06', '0.25')
    """
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(value)]
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    power = len(digits) + exponent - 1
    head = "-" if sign else ""
    if value == 0:
        return f"{head}0"
    if -4 <= power < 6:
        return head + format(Decimal(repr(abs(value))).normalize(), "f")
    said = "".join(map(str, digits))
    fraction = f".{said[1:]}" if said[1:] else ""
    return f"{head}{said[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02d}"


def shown(value: Any) -> str:
    """A value as ``{{ value }}`` prints it."""
    return "<no value>" if value is None or value is NO_VALUE else inner(value)


def inner(value: Any) -> str:
    """A value as ``%v`` prints it."""
    if value is None or value is NO_VALUE:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{inner(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, (list, tuple)):
        return "[" + " ".join(map(inner, value)) + "]"
    return str(value)


def kind(value: Any) -> str:
    """What Go calls a value's kind."""
    if value is None or value is NO_VALUE:
        return "invalid"
    known = ((bool, "bool"), (str, "string"), (int, "int"), (float, "float64"), (dict, "map"))
    return next((name for type_, name in known if isinstance(value, type_)), "slice")


def equal(one: Any, other: Any) -> bool:
    """Whether two values are equal. Raises TemplateError where they can't be compared."""
    first, second = kind(one), kind(other)
    if "invalid" in (first, second):
        return first == second
    if first != second:
        raise TemplateError(f"incompatible types for comparison: {first} and {second}")
    if first in ("map", "slice"):
        raise TemplateError(f"a {first} can't be compared")
    return bool(one == other)


def less(one: Any, other: Any) -> bool:
    """Whether a value is less than another. Raises TemplateError where they have no order."""
    first, second = kind(one), kind(other)
    if first != second or first not in ("string", "int", "float64"):
        raise TemplateError(f"invalid types for comparison: {first} and {second}")
    return bool(one < other)
