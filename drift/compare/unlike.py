"""Takes out of two raw values what is alike in them, at each level, so that only the rest is brought to
canonical form and reconciled."""

from __future__ import annotations

from typing import Any

from drift.compare.alike import (
    COLLECTIONS,
    PLAIN,
    Known,
    alike,
    equal,
    in_one_order,
    known_alike,
    masks,
    opened,
    repeated,
    settled_text,
)
from drift.facts import PathFacts
from drift.kinds.base import Context, Keyed, Unordered
from drift.redaction import is_secret
from drift.values import children


def unlike(
    declared: dict[str, Any],
    live: dict[str, Any],
    facts: PathFacts,
    context: Context,
    known: Known | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two objects without the members that are alike, at each level at which a value means no more than its
    members do. ``known`` is what :func:`drift.compare.folds.count_folds` has told of them."""
    if (facts.kind is not None and not facts.kind.memberwise) or is_secret(declared) or is_secret(live):
        return ({}, {}) if alike(declared, live, facts, context) else (declared, live)
    want, have, _ = _apart(declared, live, facts, context, {} if known is None else known)
    return want, have


def untouched(part: Any, raw: Any, now: Any) -> bool:
    """Whether nothing of ``part``, what :func:`unlike` left of ``raw``, is another object in what ``raw`` was
    made to be since."""
    if now is raw:
        return True
    if part is raw or type(raw) is not type(now):
        return False
    if type(raw) is dict:
        return isinstance(part, dict) and all(
            key in raw and key in now and untouched(one, raw[key], now[key]) for key, one in part.items()
        )
    if type(raw) is not list or len(raw) != len(now):
        return False
    for one in children(part):
        places = [at for at, member in enumerate(raw) if _part_of(one, member)]
        if not places or not all(untouched(one, raw[at], now[at]) for at in places):
            return False
    return True


def _part_of(part: Any, raw: Any) -> bool:
    """Whether something may be what is left of a value: it holds nothing but objects of it."""
    if part is raw:
        return True
    if type(raw) is dict:
        return isinstance(part, dict) and all(
            key in raw and _part_of(one, raw[key]) for key, one in part.items()
        )
    if type(raw) is not list or not isinstance(part, (list, Keyed)):
        return False
    return all(any(_part_of(one, member) for member in raw) for one in children(part))


def _apart(
    declared: dict[str, Any], live: dict[str, Any], facts: PathFacts, context: Context, known: Known
) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """What is left of two objects, and the name of a member that is alike; None where there is none."""
    alikes = None
    want: dict[str, Any] = {}
    have = {key: item for key, item in live.items() if key not in declared}
    for key, item in declared.items():
        if key not in live:
            want[key] = item
            continue
        other, below = live[key], facts.child(key)
        if type(item) in PLAIN and type(other) is type(item) and item == other and not below.write_only:
            alikes = key
            continue
        left = _left(item, other, below, context, known)
        if left is not None:
            want[key], have[key] = left
        elif alikes is None or type(item) not in COLLECTIONS:
            alikes = key
    return want, have, alikes


def _left(item: Any, other: Any, facts: PathFacts, context: Context, known: Known) -> tuple[Any, Any] | None:
    """What is left of two values; None where they are alike."""
    told = known.get(id(item))
    if told is not None and told[1] is other and told[2]:
        return None
    found = equal(item, other, facts) if type(item) in COLLECTIONS else None
    if found is not None:
        return None if found else (item, other)
    sides = opened(item, other, facts, context)
    left = None if sides is None or not in_one_order(*sides) else _within(*sides, facts, context, known)
    if left is not None:
        return left if left[0] or left[1] else None
    if known_alike(item, other, facts, context, known):
        return None
    return _less(item, other, facts, context) if type(item) is type(other) is list else (item, other)


def _within(want: Any, have: Any, facts: PathFacts, context: Context, known: Known) -> tuple[Any, Any] | None:
    """What is left of two values whose members can be compared one by one; None where what is left would not
    be part of their form."""
    one, two, shared = _apart(want, have, facts, context, known)
    if not one and not two:
        return one, two
    if shared is not None and one.keys().isdisjoint(two):  # such may mean another thing
        one[shared], two[shared] = want[shared], have[shared]
    if facts.kind is None:
        return one, two
    parts = type(want)(one), type(have)(two)
    return parts if all(_settles(part, facts, context) for part in parts) else None


def _settles(part: Any, facts: PathFacts, context: Context) -> bool:
    """Whether a kind leaves what is left of a value as it is, so that it is part of the value's form."""
    found = facts.kind.canonical(part, context, **facts.params)  # type: ignore[union-attr]
    return found is part or (type(found) is type(part) and found == part)


def _less(
    item: list[Any], other: list[Any], facts: PathFacts, context: Context
) -> tuple[list[Any], list[Any]]:
    """Two lists in no order without the members that both have; whole where a member can't be told from
    others by itself."""
    kind = facts.kind
    if kind is None or kind.name not in _APART or kind.admits is not None or kind.align is not None:
        return item, other
    named = False
    for side in (item, other):
        found = kind.canonical(side, context, **facts.params)
        if (
            isinstance(found, Keyed)
            and len(found) == len(side) == len({key.casefold() for key in found})
            and not repeated(found)
        ):
            named = True
        elif not isinstance(found, Unordered):
            return item, other
    member = facts.member()
    try:
        texts = [[settled_text(one, member) for one in side] for side in (item, other)]
    except (TypeError, RecursionError):
        return item, other
    both = set(texts[0]).intersection(texts[1])
    if member.hides:
        told = zip(item, texts[0], strict=True)
        both.difference_update(text for one, text in told if masks(one, member, text))
    if named:  # two that share nothing may mean another thing
        both.discard(min(both, default=b""))
    if not both:
        return item, other
    want, have = (
        [one for one, text in zip(side, told, strict=True) if text not in both]
        for side, told in zip((item, other), texts, strict=True)
    )
    return want, have


#: Kinds of lists whose members mean the same whatever stands beside them.
_APART = frozenset({"set", "keyed-list", "joined-list"})
