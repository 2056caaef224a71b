"""The canonical JSON text of a value: what makes two members of a set, or two values anywhere, the same."""

from __future__ import annotations

import json
from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_TEXTS = {str}
#: Below it a float tells each integer from the next.
_EXACT = 2**53


def canonical_text(value: Any) -> str | None:
    """JSON with sorted keys and integral numbers as integers (``1.0`` ≡ ``1``).

    None where ``value`` holds something that is not JSON (a :class:`drift.model.Unresolved`, say): then
    nothing can be said about what it is equal to.

    >>> canonical_text({"b": 1.0, "a": []})
    '{"a":[],"b":1}'
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS)
        if b".0" in text:
            text = orjson.dumps(plain_numbers(value), option=_OPTIONS)
        return text.decode()
    except (TypeError, RecursionError):
        return _slow_text(value)


def in_any_order(members: Any, **_params: Any) -> Any:
    """A list, as JSON if need be, whose members stand in the order of their texts; everything else as it is.

    Raises TypeError where a member is not JSON.
    """
    if not isinstance(members, list):
        return members
    if {type(member) for member in members} <= _TEXTS:
        return sorted(members)
    texts = sorted([orjson.dumps(member, option=_OPTIONS) for member in members])
    return orjson.Fragment(b"[%b]" % b",".join(texts))


def plain_numbers(value: Any) -> Any:
    """``value`` with each integral float as an integer; the classes of its collections are kept."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, list):
        return [plain_numbers(member) for member in value]
    if isinstance(value, dict):
        return type(value)((name, plain_numbers(member)) for name, member in value.items())
    return value


def _slow_text(value: Any) -> str | None:
    """For what orjson refuses and JSON knows: integers beyond 64 bits and lone surrogates."""
    try:
        if not _is_json(value):
            return None
        return json.dumps(plain_numbers(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _is_json(value: Any, depth: int = 200) -> bool:
    if depth == 0:
        return False
    if isinstance(value, dict):
        return all(isinstance(name, str) and _is_json(member, depth - 1) for name, member in value.items())
    if isinstance(value, list):
        return all(_is_json(member, depth - 1) for member in value)
    return value is None or isinstance(value, (str, int, float, bool))
