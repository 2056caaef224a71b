"""Scalars that arrive in another JSON type or another letter case than they were declared in."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.text import plain_numbers

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")


def fold_case(text: str) -> str:
    """Lower case, letter by letter, only where upper case leads back to the same letter.

    So the Kelvin sign does not become a ``k``, nor a dotted capital I two characters: these are other names.

    >>> fold_case("Contoso-RG")
    'contoso-rg'
    """
    if text.isascii():
        return text.lower()
    return "".join(low if (low := char.lower()).upper() == char else char for char in text)


def _integer(value: Any, context: Context) -> Canonical:
    """A whole number, also when it comes as a string of plain digits (``"30"``) or a float (``30.0``).

    ``"030"``, ``"1e3"`` and ``"30.0"`` stay what they are.
    """
    if isinstance(value, str):
        return int(value) if _INTEGER.fullmatch(value) else value
    return plain_numbers(value) if isinstance(value, float) else value


def _number(value: Any, context: Context) -> Canonical:
    """A number, also when it comes as a string that JSON would read as the same number without loss."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        integer = _integer(value, context)
        if not isinstance(integer, str):
            return integer
        number = float(value)
        same = number not in (float("inf"), float("-inf")) and Decimal(repr(number)) == Decimal(value)
        return plain_numbers(number) if same else value
    return plain_numbers(value) if isinstance(value, float) else value


def _boolean(value: Any, context: Context) -> Canonical:
    """``true`` and ``false``, also as strings in any case (``"True"``). Numbers stay numbers."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value) if value.isascii() else value
    return value


def _string(value: Any, context: Context) -> Canonical:
    """Text, also when YAML or HCL made a number or a boolean of it (``5`` ≡ ``"5"``, ``true`` ≡ ``"true"``).

    ``8.0`` becomes ``"8.0"``, not ``"8"``: an unquoted version number keeps its segments.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _decimal(value)
    return value


def _case_insensitive(value: Any, context: Context) -> Canonical:
    """Text whose letter case does not count."""
    return fold_case(value) if isinstance(value, str) else value


def _present(value: Any, context: Context) -> Canonical:
    """A value that means something by being there, ``{}`` and ``false`` as well; as it is."""
    return value


def _decimal(number: float | int) -> Any:
    try:
        return repr(number)
    except ValueError:  # an integer of more digits than Python converts
        return number


INTEGER = Kind("integer", _integer)
NUMBER = Kind("number", _number)
BOOLEAN = Kind("boolean", _boolean)
STRING = Kind("string", _string)
CASE_INSENSITIVE = Kind("case-insensitive", _case_insensitive)
PRESENT = Kind("present", _present, settle=lambda value: value, memberwise=True, present=True)
