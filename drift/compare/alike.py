"""Tells by their raw JSON that two values mean the same, so that only the others are brought to canonical
form.

A shortcut of comparison, never a verdict of its own: what is alike here has equal canonical forms; what is
not may still be in sync. It is many times cheaper, as the work is done by orjson and by sorting texts.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

import orjson

from drift.compare.canonical import canonicalise
from drift.facts import NOTHING, PathFacts
from drift.kinds.base import Context, Keyed, Ordered
from drift.kinds.text import in_any_order
from drift.redaction import is_secret
from drift.values import same

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_SCALARS = (str, int, bool, type(None))
COLLECTIONS = (dict, list)
#: Members of a list that are written differently, up to which it is told by these whether the list means the
#: same.
_FEW = 4
#: Values that are alike where they are equal, and of one type.
PLAIN = (str, int, bool)

#: What is known of two raw values by the ``id`` of the declared one: both, so that no others get their ids,
#: and whether they are alike.
Known = dict[int, tuple[Any, Any, bool]]


def alike(one: Any, other: Any, facts: PathFacts, context: Context | None = None) -> bool:
    """Whether two raw values differ at most in what their facts say does not count: an order, a read-only
    member; with a ``context``, whether they mean the same.

    False where that can't be told this way (something that is not plain JSON is in them).
    """
    if type(one) is type(other) and type(one) in _SCALARS:
        if one == other:
            return not (facts.write_only and _is_mask(one))
        if context is None or facts.kind is None or facts.hides:
            return False
    try:
        # Mostly nothing was changed; then there is no need to know what would not count.
        if one == other and (text := dumped(one)) == dumped(other):
            return not masks(one, facts, text)
        if (text := settled_text(one, facts)) == settled_text(other, facts):
            return not masks(one, facts, text)
        if context is None or facts.hides:
            return False
        return _mean_the_same(one, other, facts, context)
    except (TypeError, RecursionError):
        return False


def known_alike(one: Any, other: Any, facts: PathFacts, context: Context, known: Known) -> bool:
    """Whether two values are alike; of collections it is found out once."""
    if type(one) not in COLLECTIONS:
        return alike(one, other, facts, context)
    told = known.get(id(one))
    if told is None or told[1] is not other:
        told = known[id(one)] = one, other, alike(one, other, facts, context)
    return told[2]


def equal(one: Any, other: Any, facts: PathFacts) -> bool | None:
    """Whether two collections are alike because they are equal to the letter (``True`` is ``1`` for Python
    alone); None where they are not equal."""
    if one != other:
        return None
    try:
        text = dumped(one)
        return not masks(one, facts, text) if text == dumped(other) else None
    except TypeError:
        return None


def opened(one: Any, other: Any, facts: PathFacts, context: Context) -> tuple[Any, Any] | None:
    """Two objects, or two lists whose members have names, as their kind names their members, so that each can
    be compared by itself; None where more than the members tells what they mean."""
    kind = facts.kind
    if type(one) is not type(other) or not (type(one) is list or (type(one) is dict and facts.children)):
        return None
    if kind is None:
        return None if type(one) is list or is_secret(one) or is_secret(other) else (one, other)
    if kind.phase != "before" or kind.admits is not None or kind.align is not None or kind.present:
        return None
    want = kind.canonical(one, context, **facts.params)
    have = kind.canonical(other, context, **facts.params)
    if type(want) is not type(have) or is_secret(want) or is_secret(have):
        return None
    if type(one) is dict:
        return (want, have) if type(want) is dict else None
    named = isinstance(want, Keyed) and not repeated(want) and not repeated(have)
    return (want, have) if named else None


def repeated(keyed: Keyed) -> bool:
    """Whether a label may be that of several members: which of them is which, their whole form tells."""
    return any("#" in label and label.rpartition("#")[0] in keyed for label in keyed)


def in_one_order(one: Any, other: Any) -> bool:
    """Whether the members that both sides have stand in the same order, where that counts."""
    if not isinstance(one, Ordered):
        return True
    return [key for key in one if key in other] == [key for key in other if key in one]


def _is_mask(value: Any) -> bool:
    """Whether a value may be what stands for one that is never given back; of a hidden one nobody knows."""
    return not value.strip("*") if isinstance(value, str) else is_secret(value)


def masks(value: Any, facts: PathFacts, text: bytes) -> bool:
    """Whether a mask stands where something is never given back: whoever declares the same, it tells nothing.
    ``text`` is the value's JSON: a mask is empty, or ends with an asterisk, or is hidden."""
    marked = facts.hides and (b'""' in text or b'*"' in text or b'"$secret"' in text)
    return marked and _masked(value, facts)


def _masked(value: Any, facts: PathFacts) -> bool:
    """:func:`masks` of a value, by walking it."""
    if facts.write_only:
        return _is_mask(value)
    if not facts.hides:
        return False
    if isinstance(value, dict):
        return any(_masked(item, facts.child(key)) for key, item in value.items())
    return isinstance(value, list) and any(_masked(item, facts.member()) for item in value)


def _mean_the_same(one: Any, other: Any, facts: PathFacts, context: Context) -> bool:
    """Whether two values have equal canonical forms; where a value means no more than its members do, only of
    those that are written differently is the form made."""
    kind = facts.kind
    if type(one) is dict and type(other) is dict and not (is_secret(one) or is_secret(other)):
        if kind is not None and kind.memberwise:
            one, other = (kind.canonical(side, context, **facts.params) for side in (one, other))
        if kind is None or kind.memberwise or kind.phase == "after":
            found = _members_mean_the_same(one, other, facts, context)
            if found or kind is None or kind.memberwise:
                return found
    if type(one) is list and type(other) is list and (kind is None or kind.phase == "after"):
        member = facts.member()
        sides = [[item for item in side if item is not None] for side in (one, other)]
        if kind is not None and kind.settle is in_any_order:
            texts = [[settled_text(item, member) for item in side] for side in sides]
            counts = [Counter(told) for told in texts]
            left, right = counts[0] - counts[1], counts[1] - counts[0]
            if left.total() == right.total() == 1:
                pair = (
                    side[told.index(next(iter(rest)))]
                    for side, told, rest in zip(sides, texts, (left, right), strict=True)
                )
                return same(*(canonicalise(item, member, context) for item in pair))
        apart = _apart(sides[0], sides[1], member, context) if len(sides[0]) == len(sides[1]) else None
        if kind is None or apart == []:
            return apart == []
        if apart is not None and len(apart) < len(sides[0]):
            few = (canonicalise(list(side), facts, context) for side in zip(*apart, strict=True))
            if not same(*few):
                return False
    return same(canonicalise(one, facts, context), canonicalise(other, facts, context))


def _apart(
    one: list[Any], other: list[Any], facts: PathFacts, context: Context
) -> list[tuple[Any, Any]] | None:
    """The members of two lists of one length, place by place, that are not alike; None where these are
    many."""
    found = (pair for pair in zip(one, other, strict=True) if not alike(*pair, facts, context))
    apart = list(islice(found, _FEW + 1))
    return apart if len(apart) <= _FEW else None


def _members_mean_the_same(
    one: dict[str, Any], other: dict[str, Any], facts: PathFacts, context: Context
) -> bool:
    """Whether two objects have members of the same names that mean the same."""
    names = {key for side in (one, other) for key, item in side.items() if item is not None}
    named, rest = facts.children, facts.any or NOTHING
    for name in names:
        below = named.get(name, rest)
        if below.read_only:
            continue
        item, his = one.get(name), other.get(name)
        if item is None or his is None or not alike(item, his, below, context):
            return False
    return True


def settled_text(value: Any, facts: PathFacts) -> bytes:
    """A value's JSON without what its facts say does not count. Raises TypeError where it is no JSON."""
    return dumped(_settled(value, facts) if facts.has_latitude else value)


def dumped(value: Any) -> bytes:
    """A value's JSON with sorted keys. Raises TypeError where it is none."""
    return orjson.dumps(value, option=_OPTIONS)


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
    named, rest = facts.children, facts.any or NOTHING  # facts.child, of which there are very many calls
    lax, any_lax = facts.lax_members, rest.has_latitude
    for key, item in value.items():
        if item is None:
            continue
        if key in lax or (any_lax and key not in named):
            below = named.get(key, rest)
            if below.read_only:
                continue
            if type(item) is dict or type(item) is list:
                item = _settled(item, below)
        settled[key] = item
    return settled
