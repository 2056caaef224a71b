"""Resource quantities: ``1000m`` ≡ ``1`` ≡ 1, ``1024Mi`` ≡ ``1Gi``, ``1000M`` ≡ ``1G``."""

from __future__ import annotations

import re
from decimal import Context as Arithmetic
from decimal import Decimal, InvalidOperation
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_TEXT = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?P<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?"
)
_BINARY = {
    suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)
}
_DECIMAL = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
}
_LONGEST = 40
#: No amount of so many characters is rounded.
_EXACT = Arithmetic(prec=200)


def amount(value: Any) -> Decimal | None:
    """The number that a quantity means; None where it is none. Source: k8s.io/apimachinery/pkg/api/resource.

    >>> amount("1Gi") == amount("1024Mi")
    True
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = value if isinstance(value, str) else str(value)
    found = _TEXT.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    suffix = found["suffix"] or ""
    try:
        number = Decimal(found["number"])
        if suffix[:1] in ("e", "E") and suffix not in ("E", "Ei"):
            exponent = int(suffix[1:])
            return _EXACT.scaleb(number, exponent) if abs(exponent) <= _LONGEST else None
    except (InvalidOperation, ValueError):
        return None
    return _EXACT.multiply(number, _BINARY.get(suffix) or _DECIMAL.get(suffix) or Decimal(1))


def suffixed(value: Any) -> bool:
    """Whether it is written with a unit, so that it can hardly be anything but a quantity."""
    found = _TEXT.fullmatch(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    return (
        found is not None
        and (found["suffix"] or "e")[0] not in "eE"
        or bool(found and found["suffix"] in ("E", "Ei"))
    )


def spelled(number: Decimal) -> str:
    """The one spelling of an amount: binary units where they fit, decimal ones, a plain number,
    thousandths."""
    if number == 0:
        return "0"
    for units in (_BINARY, {unit: _DECIMAL[unit] for unit in "kMGTPE"}):
        for suffix, size in reversed(units.items()):
            if (times := _times(number, size)) is not None:
                return f"{times}{suffix}"
    for suffix in ("", "m", "u", "n"):
        if (times := _times(number, _DECIMAL.get(suffix, Decimal(1)))) is not None:
            return f"{times}{suffix}"
    return format(_EXACT.normalize(number), "f")


def _times(number: Decimal, size: Decimal) -> int | None:
    """How often a unit fits into an amount; None where it leaves a rest."""
    top, bottom = number.as_integer_ratio()
    unit, part = size.as_integer_ratio()
    times, rest = divmod(top * part, bottom * unit)
    return None if rest else times


def _quantity(value: Any, context: Context) -> Canonical:
    """A resource quantity in its one spelling. What is none stays as it is.

    >>> _quantity("1000m", Context()), _quantity(0.5, Context()), _quantity("1024Mi", Context())
    ('1', '500m', '1Gi')
    """
    number = amount(value)
    return value if number is None else spelled(number)


QUANTITY = Kind("quantity", _quantity)
