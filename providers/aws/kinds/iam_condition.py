"""Under which conditions a policy statement holds: the element ``Condition``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Unordered
from drift.kinds.names import ascii_lower
from drift.kinds.registry import KINDS
from providers.aws.kinds.iam_principal import as_set

_cidr = KINDS["cidr"].canonical
_string = KINDS["string"].canonical
_timestamp = KINDS["timestamp"].canonical


def condition(value: Any) -> Canonical:
    """``{operator: {key: set of values}}``, owning its operators and keys; operators and keys in lower case,
    values as text.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
    ("Context key names are not case-sensitive"; the part after ``aws:ResourceTag/`` included) and
    …_condition_operators.html (``IpAddress`` without a prefix means ``/32``; dates are ISO 8601 or seconds).

    Where two spellings of one operator or key stand side by side, both count: these stay as they are spelled,
    because all blocks of a condition must hold while of the values of one key any does.
    """
    if not isinstance(value, dict) or isinstance(value, Unordered):
        return value
    return _lowered({operator: _tests(operator, tests) for operator, tests in value.items()})


def _tests(operator: str, tests: Any) -> Any:
    if not isinstance(tests, dict) or isinstance(tests, Unordered):
        return tests
    spelled = _spelling(operator)
    return _lowered({key: as_set(_each(values, spelled)) for key, values in tests.items()})


def _spelling(operator: str) -> Callable[[Any], Any]:
    """How a value of ``operator`` is spelled canonically."""
    name = ascii_lower(operator) if isinstance(operator, str) else ""
    name = name.rpartition(":")[2].removesuffix("ifexists")
    if name in ("bool", "null"):
        return lambda value: _truth(_text(value))
    if name in ("ipaddress", "notipaddress"):
        return lambda value: _cidr(_text(value), Context(), bare=True)
    if name.startswith("date"):
        return lambda value: _timestamp(_text(value), Context())
    return _text


def _text(value: Any) -> Any:
    if isinstance(value, date):  # what YAML makes of an unquoted one
        return value.isoformat()
    return _string(value, Context())


def _truth(value: Any) -> Any:
    return ascii_lower(value) if isinstance(value, str) and ascii_lower(value) in ("true", "false") else value


def _each(values: Any, spelled: Callable[[Any], Any]) -> Any:
    if isinstance(values, list):
        return [spelled(value) for value in values]
    return values if isinstance(values, dict) else spelled(values)


def _lowered(named: dict[str, Any]) -> Keyed:
    lowered = Keyed(
        (ascii_lower(name) if isinstance(name, str) else name, member) for name, member in named.items()
    )
    return lowered if len(lowered) == len(named) else Keyed(named)
