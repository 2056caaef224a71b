"""Tells by their raw JSON that two values mean the same, so that only the others are brought to canonical
form.

A shortcut of comparison, never a verdict of its own: what is alike here has equal canonical forms, or differs
in what is folded; what is not may still be in sync. It is many times cheaper, as the work is done by orjson
and by sorting texts.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson

from drift.compare.canonical import canonicalise
from drift.compare.one_sided import DECLARED, LIVE, why_folded
from drift.facts import NOTHING, PathFacts
from drift.hooks import Acceptance
from drift.kinds.base import Context
from drift.pointer import escape
from drift.redaction import holds_secret, is_secret

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_SCALARS = (str, int, bool, type(None))
_PLAIN = (str, int, float)
_COLLECTIONS = (dict, list)


def _nothing(_path: str, _value: Any) -> None:
    """Accepts nothing."""


def count_folds(
    declared: Any,
    live: Any,
    facts: PathFacts,
    context: Context,
    accept: Acceptance = _nothing,
    path: str = "",
    known: set[int] | None = None,
) -> int | None:
    """How many values that one side alone has fold, where two raw values are alike but for these; None where
    that can't be told this way.

    It is for whole declarations: what a part of one leaves unsaid is nobody's, and does not fold. ``accept``
    is asked as comparison does; ``known`` gets the ``id`` of each declared object or list that is alike.
    """
    if not (
        facts.children
        and facts.kind is None
        and isinstance(declared, dict)
        and isinstance(live, dict)
        and not is_secret(declared)
        and not is_secret(live)
    ):
        if not alike(declared, live, facts):
            return None
        if known is not None and type(declared) in _COLLECTIONS:
            known.add(id(declared))
        return 0
    folds = alone = 0
    for key, item in declared.items():
        below = facts.child(key)
        if item is None or below.read_only:
            continue
        other = live.get(key)
        if other is None and _absent(item, below, context):
            alone += 1
            continue
        found = count_folds(item, other, below, context, accept, f"{path}/{escape(key)}", known)
        if found is None:
            return None
        folds += found
    for key, item in live.items():
        if item is None or declared.get(key) is not None:
            continue
        below = facts.child(key)
        if below.read_only:
            continue
        if alone or not _unsaid(item, below, context, accept, f"{path}/{escape(key)}"):
            return None  # where both sides have members that the other has not, these may be what differs
        folds += 1
    return folds + alone


def _absent(declared: Any, facts: PathFacts, context: Context) -> bool:
    """Whether comparison surely folds a declared value, outside of maps and lists, that the live side does
    not have."""
    if facts.write_only or facts.unread or _special(declared, facts):
        return False
    value = canonicalise(declared, facts, context) if isinstance(declared, _PLAIN) else declared
    return why_folded(DECLARED, value, facts, context, raw=not isinstance(value, _PLAIN)) is not None


def _unsaid(live: Any, facts: PathFacts, context: Context, accept: Acceptance, path: str) -> bool:
    """Whether comparison surely folds a live value, outside of maps and lists, that nobody declares."""
    if _special(live, facts):
        return False
    value = canonicalise(live, facts, context) if isinstance(live, _PLAIN) else live
    raw = not isinstance(value, _PLAIN)
    folds = why_folded(LIVE, value, facts, context, raw=raw) is not None
    folds = folds or (not raw and accept(path, value) is not None)
    return folds and not holds_secret(live, facts, path)


def _special(value: Any, facts: PathFacts) -> bool:
    """Whether a value has to be looked at as a whole to say what it means where the other side has none."""
    kind = facts.kind
    if is_secret(value) or (kind is not None and kind.present):
        return True
    return kind is not None and kind.phase == "before" and not isinstance(value, _PLAIN)


def alike(one: Any, other: Any, facts: PathFacts) -> bool:
    """Whether two raw values differ at most in what their facts say does not count: an order, a read-only
    member.

    False where that can't be told this way (something that is not plain JSON is in them).
    """
    if type(one) is type(other) and type(one) in _SCALARS:
        return bool(one == other) and not _masked(one, facts)
    try:
        # Mostly nothing was changed; then there is no need to know what would not count.
        same = one == other and orjson.dumps(one, option=_OPTIONS) == orjson.dumps(other, option=_OPTIONS)
        return (same or _text(one, facts) == _text(other, facts)) and not _masked(one, facts)
    except (TypeError, RecursionError):
        return False


def unlike(
    declared: dict[str, Any], live: dict[str, Any], facts: PathFacts, known: Collection[int] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two objects without the members that are alike, at each level of objects of no kind. ``known`` are
    those of which :func:`count_folds` has told that they are."""
    if (facts.kind is not None and not facts.kind.memberwise) or is_secret(declared) or is_secret(live):
        return ({}, {}) if alike(declared, live, facts) else (declared, live)
    want, have, _ = _apart(declared, live, facts, known)
    return want, have


def _apart(
    declared: dict[str, Any], live: dict[str, Any], facts: PathFacts, known: Collection[int]
) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """What is left of two objects, and the name of a member that is alike; None where there is none."""
    alikes = None
    want, have = {}, {key: item for key, item in live.items() if key not in declared}
    for key, item in declared.items():
        if key not in live:
            want[key] = item
            continue
        other, below = live[key], facts.child(key)
        if id(item) in known:
            alikes = key
        elif type(item) is dict and type(other) is dict and _plainly_objects(item, other, below):
            one, two, shared = _apart(item, other, below, known)
            if not one and not two:
                alikes = key
                continue
            if shared is not None:  # two objects that share nothing may mean another thing
                one[shared], two[shared] = item[shared], other[shared]
            want[key], have[key] = one, two
        elif alike(item, other, below):
            alikes = key
        else:
            want[key], have[key] = item, other
    return want, have, alikes


def _plainly_objects(one: dict[str, Any], other: dict[str, Any], facts: PathFacts) -> bool:
    """Whether two objects mean no more than their members do."""
    return (
        bool(facts.children)
        and facts.kind is None
        and not facts.hides
        and not is_secret(one)
        and not is_secret(other)
    )


def _masked(value: Any, facts: PathFacts) -> bool:
    """Whether a mask stands where something is never given back: whoever declares the same, it tells
    nothing."""
    if facts.write_only:
        return isinstance(value, str) and not value.strip("*")
    if not facts.hides:
        return False
    if isinstance(value, dict):
        return any(_masked(item, facts.child(key)) for key, item in value.items())
    return isinstance(value, list) and any(_masked(item, facts.member()) for item in value)


def _text(value: Any, facts: PathFacts) -> bytes:
    return orjson.dumps(_settled(value, facts) if facts.has_latitude else value, option=_OPTIONS)


def _settled(value: Any, facts: PathFacts) -> Any:
    """``value`` with the order that does not count taken away, and without what canonicalisation drops."""
    kind = facts.kind
    if kind is not None and kind.phase == "before" and not kind.memberwise:
        members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if kind.settle is None or None in members:
            return value  # it may see more in the value than its members, a null among them
    if isinstance(value, dict):
        if is_secret(value):
            return value
        if (
            None in value.values()
            or (facts.any or NOTHING).has_latitude
            or not facts.lax_members.isdisjoint(value)
        ):
            value = _members(value, facts)
    elif isinstance(value, list):
        member = facts.member()
        if member.has_latitude:
            value = [_settled(item, member) for item in value if item is not None]
    return value if kind is None or kind.settle is None else kind.settle(value, **facts.params)


def _members(value: dict[str, Any], facts: PathFacts) -> dict[str, Any]:
    """An object's members that count, settled."""
    settled = {}
    for key, item in value.items():
        below = facts.child(key)
        if not below.read_only and item is not None:
            lax = below.has_latitude and (type(item) is dict or type(item) is list)
            settled[key] = _settled(item, below) if lax else item
    return settled
