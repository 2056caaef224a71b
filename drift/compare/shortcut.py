"""Tells by their raw JSON that two values mean the same, so that only the others are brought to canonical
form.

A shortcut of comparison, never a verdict of its own: what is alike here has equal canonical forms, or differs
in what is folded; what is not may still be in sync. It is many times cheaper, as the work is done by orjson
and by sorting texts.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson

from drift.compare.canonical import canonicalise
from drift.compare.one_sided import DECLARED, LIVE, why_folded
from drift.facts import NOTHING, PathFacts
from drift.hooks import Acceptance
from drift.kinds.base import Context, Keyed, Ordered
from drift.kinds.text import in_any_order
from drift.pointer import escape
from drift.redaction import HOLDERS, holds_secret, is_secret
from drift.values import same

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_SCALARS = (str, int, bool, type(None))
_PLAIN = (str, int, float)
_COLLECTIONS = (dict, list)
#: Letters of a text that is remembered at most, and values of one path.
_SMALL, _MOST = 64, 1000
#: What stands in the paths of environment variables, of which the name tells whether they are secret.
_VARIABLES = ("env", "settings", "variables")


#: What is known of two raw values by the ``id`` of the declared one: both, so that no others get their ids,
#: and whether they are alike.
Known = dict[int, tuple[Any, Any, bool]]


def _nothing(_path: str, _value: Any) -> None:
    """Accepts nothing."""


def count_folds(
    declared: Any,
    live: Any,
    facts: PathFacts,
    context: Context,
    accept: Acceptance = _nothing,
    path: str = "",
    known: Known | None = None,
    deep: bool = True,
) -> int | None:
    """How many values that one side alone has fold, where two raw values are alike but for these; None where
    that can't be told this way.

    It is for whole declarations: what a part of one leaves unsaid is nobody's, and does not fold. ``accept``
    is asked as comparison does; ``known`` gets what is found out of declared objects and lists. ``deep``:
    where an object that nobody declares does not fold, its members may.
    """
    if declared == live and type(declared) in _COLLECTIONS and _same_text(declared, live):
        found = not _masked(declared, facts)
        if known is not None:
            known[id(declared)] = declared, live, found
        return 0 if found else None
    sides = _opened(declared, live, facts, context)
    if sides is not None:
        return _fold_members(*sides, facts, context, accept, path, known, deep)
    named = _named(declared, live, facts, context)
    if named is None:
        found = alike(declared, live, facts, context)
        if known is not None and type(declared) in _COLLECTIONS:
            known[id(declared)] = declared, live, found
        return 0 if found else None
    folds = 0
    for key, item in named[0].items():
        more = count_folds(
            item, named[1][key], facts.child(key), context, accept, f"{path}/{escape(key)}", known, deep
        )
        if more is None:
            return None
        folds += more
    return folds


def _opened(
    declared: Any, live: Any, facts: PathFacts, context: Context
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Two objects whose members comparison looks at one by one, as their kind names them; None where they are
    no such objects."""
    if type(declared) is not dict or type(live) is not dict or not facts.children:
        return None
    kind = facts.kind
    if kind is not None:
        if not _opens(facts) or kind.present:
            return None
        declared = kind.canonical(declared, context, **facts.params)
        live = kind.canonical(live, context, **facts.params)
        if type(declared) is not dict or type(live) is not dict:
            return None
    return None if is_secret(declared) or is_secret(live) else (declared, live)


def _named(
    declared: Any, live: Any, facts: PathFacts, context: Context
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The members of two lists by their names, where both have the same; None where that can't be told."""
    if type(declared) is not list or type(live) is not list or not _opens(facts) or facts.kind is None:
        return None
    want = facts.kind.canonical(declared, context, **facts.params)
    have = facts.kind.canonical(live, context, **facts.params)
    if not isinstance(want, Keyed) or not isinstance(have, Keyed) or want.keys() != have.keys():
        return None
    ordered = isinstance(want, Ordered) and isinstance(have, Ordered)
    if (ordered and list(want) != list(have)) or None in want.values() or None in have.values():
        return None
    return want, have


def _opens(facts: PathFacts) -> bool:
    """Whether a kind only says how members are called, so that each is compared by itself."""
    kind = facts.kind
    return kind is not None and kind.phase == "before" and kind.admits is None and kind.align is None


def _fold_members(
    declared: dict[str, Any],
    live: dict[str, Any],
    facts: PathFacts,
    context: Context,
    accept: Acceptance,
    path: str,
    known: Known | None,
    deep: bool,
) -> int | None:
    """:func:`count_folds` of the members of two objects."""
    folds = alone = 0
    for key, item in declared.items():
        below = facts.child(key)
        if item is None or below.read_only:
            continue
        other = live.get(key)
        if other is None and _absent(item, below, context):
            alone += 1
            continue
        found = count_folds(item, other, below, context, accept, f"{path}/{escape(key)}", known, deep)
        if found is None:
            return None
        folds += found
    for key, item in live.items():
        if item is None or declared.get(key) is not None:
            continue
        below = facts.child(key)
        if below.read_only:
            continue
        more = None if alone else _unsaid(item, below, context, accept, f"{path}/{escape(key)}", deep)
        if more is None:
            return None  # where both sides have members that the other has not, these may be what differs
        folds += more
    return folds + alone


def _absent(declared: Any, facts: PathFacts, context: Context) -> bool:
    """Whether comparison surely folds a declared value, outside of maps and lists, that the live side does
    not have."""
    if facts.write_only or facts.unread or _special(declared, facts):
        return False
    value = canonicalise(declared, facts, context) if isinstance(declared, _PLAIN) else declared
    return why_folded(DECLARED, value, facts, context, raw=not isinstance(value, _PLAIN)) is not None


def _unsaid(
    live: Any, facts: PathFacts, context: Context, accept: Acceptance, path: str, deep: bool
) -> int | None:
    """As how many comparison surely folds a live value, outside of maps and lists, that nobody declares."""
    kind = facts.kind
    if is_secret(live) or (kind is not None and kind.present):
        return None
    plain = isinstance(live, _PLAIN)
    known = _seen(live, context, path) if plain else None
    if known is not None and known in facts.surely_folded:
        return 1
    raw = not plain and (kind is None or kind.phase != "before")
    if raw and why_folded(LIVE, live, facts, context, raw=True) is not None:
        folds: int | None = 1
    else:
        folds = _canonical_unsaid(canonicalise(live, facts, context), facts, context, accept, path, deep)
    if folds is None or holds_secret(live, facts, path):
        return None
    few = known is not None and len(facts.surely_folded) < _MOST
    if few and known and why_folded(LIVE, canonicalise(live, facts, context), facts, context):
        facts.surely_folded.add(known)
    return folds


def _seen(live: Any, context: Context, path: str) -> tuple[object, ...] | None:
    """On what it depends whether a small value folds at its path's facts and is no secret; None where what
    stands around it may tell more."""
    low = path.lower()
    name = path.rpartition("/")[2]
    if name in HOLDERS or any(one in low for one in _VARIABLES) or (type(live) is str and len(live) > _SMALL):
        return None
    return context.scope, context.region, name, type(live), live


def _canonical_unsaid(
    value: Any, facts: PathFacts, context: Context, accept: Acceptance, path: str, deep: bool
) -> int | None:
    """The same of a value in canonical form; of an object the sum of its members."""
    if why_folded(LIVE, value, facts, context) is not None:
        return 1
    if not isinstance(value, dict):
        return None if accept(path, value) is None else 1
    if not deep or type(value) is not dict or is_secret(value):
        return None
    folds = 0
    for key, item in value.items():
        below = facts.child(key)
        present = below.kind is not None and below.kind.present
        name = f"{path}/{escape(key)}"
        more = None if present else _canonical_unsaid(item, below, context, accept, name, deep)
        if more is None:
            return None
        folds += more
    return folds


def _special(value: Any, facts: PathFacts) -> bool:
    """Whether a value has to be looked at as a whole to say what it means where the other side has none."""
    kind = facts.kind
    if is_secret(value) or (kind is not None and kind.present):
        return True
    return kind is not None and kind.phase == "before" and not isinstance(value, _PLAIN)


def alike(one: Any, other: Any, facts: PathFacts, context: Context | None = None) -> bool:
    """Whether two raw values differ at most in what their facts say does not count: an order, a read-only
    member; with a ``context``, whether they mean the same.

    False where that can't be told this way (something that is not plain JSON is in them).
    """
    scalars = type(one) is type(other) and type(one) in _SCALARS
    try:
        if scalars:
            same_text = bool(one == other)
        else:
            # Mostly nothing was changed; then there is no need to know what would not count.
            equal = one == other and _dumped(one) == _dumped(other)
            same_text = equal or _text(one, facts) == _text(other, facts)
        if same_text:
            return not _masked(one, facts)
        if context is None or facts.hides or (scalars and facts.kind is None):
            return False
        return _mean_the_same(one, other, facts, context)
    except (TypeError, RecursionError):
        return False


def unlike(
    declared: dict[str, Any],
    live: dict[str, Any],
    facts: PathFacts,
    context: Context,
    known: Known | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two objects without the members that are alike, at each level of objects of no kind. ``known`` is what
    :func:`count_folds` has told of them."""
    if (facts.kind is not None and not facts.kind.memberwise) or is_secret(declared) or is_secret(live):
        return ({}, {}) if alike(declared, live, facts, context) else (declared, live)
    want, have, _ = _apart(declared, live, facts, context, {} if known is None else known)
    return want, have


def _apart(
    declared: dict[str, Any], live: dict[str, Any], facts: PathFacts, context: Context, known: Known
) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """What is left of two objects, and the name of a member that is alike; None where there is none."""
    alikes = None
    want, have = {}, {key: item for key, item in live.items() if key not in declared}
    for key, item in declared.items():
        if key not in live:
            want[key] = item
            continue
        other, below = live[key], facts.child(key)
        if type(item) is dict and type(other) is dict and _plainly_objects(item, other, below):
            one, two, shared = _apart(item, other, below, context, known)
            if not one and not two:
                alikes = key
                continue
            if shared is not None:  # two objects that share nothing may mean another thing
                one[shared], two[shared] = item[shared], other[shared]
            want[key], have[key] = one, two
        elif _known_alike(item, other, below, context, known):
            alikes = key
        else:
            want[key], have[key] = item, other
    return want, have, alikes


def _known_alike(item: Any, other: Any, facts: PathFacts, context: Context, known: Known) -> bool:
    """Whether two values are alike; of collections it is found out once."""
    if type(item) not in _COLLECTIONS:
        return alike(item, other, facts, context)
    told = known.get(id(item))
    if told is None or told[1] is not other:
        told = known[id(item)] = item, other, alike(item, other, facts, context)
    return told[2]


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


def _mean_the_same(one: Any, other: Any, facts: PathFacts, context: Context) -> bool:
    """Whether two values have equal canonical forms; of two lists only the members that are written
    differently are looked at, where nothing but their members tells what a list means."""
    kind = facts.kind
    any_order = kind is not None and kind.phase == "after" and kind.settle is in_any_order
    if type(one) is list and type(other) is list and (kind is None or any_order):
        member = facts.member()
        sides = [[item for item in side if item is not None] for side in (one, other)]
        texts = [[_text(item, member) for item in side] for side in sides]
        if any_order:
            counts = [Counter(told) for told in texts]
            left, right = counts[0] - counts[1], counts[1] - counts[0]
            if left.total() == right.total() == 1:
                pair = (
                    side[told.index(next(iter(rest)))]
                    for side, told, rest in zip(sides, texts, (left, right), strict=True)
                )
                return same(*(canonicalise(item, member, context) for item in pair))
        elif len(sides[0]) == len(sides[1]):
            return all(
                told == others
                or same(canonicalise(item, member, context), canonicalise(his, member, context))
                for item, his, told, others in zip(*sides, *texts, strict=True)
            )
    return same(canonicalise(one, facts, context), canonicalise(other, facts, context))


def _same_text(one: Any, other: Any) -> bool:
    """Whether two equal collections are so to the letter: ``True`` is ``1`` for Python alone."""
    try:
        return _dumped(one) == _dumped(other)
    except TypeError:
        return False


def _text(value: Any, facts: PathFacts) -> bytes:
    return _dumped(_settled(value, facts) if facts.has_latitude else value)


def _dumped(value: Any) -> bytes:
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
    for key, item in value.items():
        below = facts.child(key)
        if not below.read_only and item is not None:
            lax = below.has_latitude and (type(item) is dict or type(item) is list)
            settled[key] = _settled(item, below) if lax else item
    return settled
