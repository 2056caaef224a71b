"""Tells by their raw JSON that two values mean the same, so that only the others are brought to canonical form.

A shortcut of comparison, never a verdict of its own: what is alike here has equal canonical forms; what is not may still
have. It is many times cheaper, as the work is done by orjson and by sorting texts.
"""

from __future__ import annotations

from typing import Any

import orjson

from drift.facts import PathFacts
from drift.redact import is_secret

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_SCALARS = (str, int, bool, type(None))


def alike(one: Any, other: Any, facts: PathFacts) -> bool:
    """Whether two raw values differ at most in what their facts say does not count: an order, a read-only member.

    False where that can't be told this way (something that is not plain JSON is in them).
    """
    if type(one) is type(other) and type(one) in _SCALARS:
        return bool(one == other)
    try:
        return _text(one, facts) == _text(other, facts)
    except (TypeError, RecursionError):
        return False


def unlike(
    declared: dict[str, Any], live: dict[str, Any], facts: PathFacts
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two objects without the members that are alike, in their order."""
    if (facts.kind is not None and not facts.kind.memberwise) or is_secret(declared) or is_secret(live):
        return ({}, {}) if alike(declared, live, facts) else (declared, live)
    equal = {
        key for key, item in declared.items() if key in live and alike(item, live[key], facts.child(key))
    }
    if not equal:
        return declared, live
    return (
        {key: item for key, item in declared.items() if key not in equal},
        {key: item for key, item in live.items() if key not in equal},
    )


def _text(value: Any, facts: PathFacts) -> bytes:
    return orjson.dumps(_settled(value, facts), option=_OPTIONS)


def _settled(value: Any, facts: PathFacts) -> Any:
    """``value`` with the order that does not count taken away, and without what canonicalisation drops."""
    if not facts.has_latitude:
        return value
    kind = facts.kind
    if (
        kind is not None and kind.phase == "before" and not kind.memberwise
    ):  # it may see more in the value than its members
        return value
    if isinstance(value, dict):
        if is_secret(value):
            return value
        settled = {}
        for key, item in value.items():
            below = facts.child(key)
            if not below.read_only and item is not None:
                settled[key] = _settled(item, below) if below.has_latitude else item
        value = settled
    elif isinstance(value, list):
        member = facts.member()
        if member.has_latitude:
            value = [_settled(item, member) for item in value if item is not None]
    return value if kind is None or kind.settle is None else kind.settle(value)
