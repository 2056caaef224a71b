"""Counts, by their raw JSON, the values that fold where one side alone has them, of two values that are alike
but for these: most pairs are in sync so, and are never brought to canonical form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from drift.compare.alike import COLLECTIONS, PLAIN, Known, alike, dumped, equal, in_one_order, opened
from drift.compare.canonical import canonicalise
from drift.compare.one_sided import DECLARED, LIVE, why_folded
from drift.facts import NOTHING, PathFacts
from drift.hooks import Acceptance
from drift.kinds.base import Context
from drift.pointer import escape
from drift.redaction import HOLDERS, holds_secret, is_secret
from drift.values import has_few

_PLAIN = (str, int, float)
#: Letters of a text that is remembered at most, and values of one path.
_SMALL, _MOST = 128, 1000
#: Bytes of two values whose folds are remembered, as JSON, and such values.
_SHORT, _PARTS = 512, 16384
#: What stands in the paths of environment variables, of which the name tells whether they are secret.
_VARIABLES = ("env", "settings", "variables")


#: How many values fold in two small values: by the ``id`` of their context, their path, and both as JSON.
Counted: TypeAlias = dict[tuple[int, str, bytes, bytes], int]


def _nothing(_path: str, _value: Any) -> None:
    """Accepts nothing."""


def count_folds(
    declared: Any,
    live: Any,
    facts: PathFacts,
    context: Context,
    accept: Acceptance = _nothing,
    *,
    known: Known | None = None,
    deep: bool = True,
    counted: Counted | None = None,
) -> int | None:
    """How many values that one side alone has fold, where two raw values are alike but for these; None where
    that can't be told this way.

    It is for whole declarations: what a part of one leaves unsaid is nobody's, and does not fold. ``accept``
    is asked as comparison does; ``known`` gets what is found out of declared objects and lists. ``deep``:
    where an object that nobody declares does not fold, its members may. ``counted`` is what was found of
    small parts of others; to a context, which stays for as long, belong the same facts and ``deep``.
    """
    return _Folding(context, accept, known, deep, {} if counted is None else counted).of(
        declared, live, facts, ""
    )


@dataclass(slots=True)
class _Folding:
    """Counting of one pair, see :func:`count_folds`."""

    context: Context
    accept: Acceptance
    known: Known | None
    deep: bool
    counted: Counted
    #: How often ``accept`` was asked, which may look at the whole pair.
    asked: int = 0

    def of(self, declared: Any, live: Any, facts: PathFacts, path: str) -> int | None:
        """The folds of two values at a path."""
        if type(declared) not in COLLECTIONS:
            return 0 if alike(declared, live, facts, self.context) else None
        found = equal(declared, live, facts)
        if found is not None:
            return self.found(declared, live, found)
        part = _part(self.context, path, declared, live)
        if part is not None and part in self.counted:
            return self.counted[part]
        asked = self.asked
        sides = opened(declared, live, facts, self.context)
        if sides is not None and type(sides[0]) is dict:
            folds = self.members(*sides, facts, path)
        elif sides is not None and _have_the_same_names(*sides):
            folds = self.named(*sides, facts, path)
        else:
            folds = self.found(declared, live, alike(declared, live, facts, self.context))
        if part is not None and folds is not None and self.asked == asked and len(self.counted) < _PARTS:
            self.counted[part] = folds
        return folds

    def found(self, declared: Any, live: Any, alike: bool) -> int | None:
        """The folds of two values that are alike, or are not; either is kept."""
        if self.known is not None:
            self.known[id(declared)] = declared, live, alike
        return 0 if alike else None

    def named(self, want: dict[str, Any], have: dict[str, Any], facts: PathFacts, path: str) -> int | None:
        """The folds of the members of two lists of the same names."""
        folds = 0
        for key, item in want.items():
            more = self.of(item, have[key], facts.child(key), f"{path}/{escape(key)}")
            if more is None:
                return None
            folds += more
        return folds

    def members(
        self, declared: dict[str, Any], live: dict[str, Any], facts: PathFacts, path: str
    ) -> int | None:
        """The folds of the members of two objects."""
        folds = alone = 0
        named, rest = facts.children, facts.any or NOTHING
        for key, item in declared.items():
            if item is None:
                continue
            below = named.get(key, rest)
            if below.read_only:
                continue
            other = live.get(key)
            if type(item) in PLAIN and type(other) is type(item) and item == other and not below.write_only:
                continue
            if other is None and _absent(item, below, self.context):
                alone += 1
                continue
            found = self.of(item, other, below, f"{path}/{escape(key)}")
            if found is None:
                return None
            folds += found
        for key, item in live.items():
            if item is None or declared.get(key) is not None:
                continue
            below = named.get(key, rest)
            if below.read_only:
                continue
            more = None if alone else self.unsaid(item, below, f"{path}/{escape(key)}")
            if more is None:
                return None  # where both sides have members that the other has not, these may be what differs
            folds += more
        return folds + alone

    def unsaid(self, live: Any, facts: PathFacts, path: str) -> int | None:
        """As how many comparison surely folds a live value, outside of maps and lists, that nobody
        declares."""
        kind, context = facts.kind, self.context
        plain = isinstance(live, _PLAIN)
        if kind is not None and kind.present:
            return None
        known = _seen(live, context, path)
        if known is not None and known in facts.surely_folded:
            return 1
        if not plain and is_secret(live):
            return None
        raw = not plain and (kind is None or kind.phase != "before")
        if raw and why_folded(LIVE, live, facts, context, raw=True) is not None:
            folds: int | None = 1
        else:
            folds = self.canonical(canonicalise(live, facts, context), facts, path)
        if folds is None or holds_secret(live, facts, path):
            return None
        few = known is not None and len(facts.surely_folded) < _MOST
        if few and known and why_folded(LIVE, canonicalise(live, facts, context), facts, context):
            facts.surely_folded.add(known)
        return folds

    def canonical(self, value: Any, facts: PathFacts, path: str) -> int | None:
        """:meth:`unsaid` of a value in canonical form; of an object the sum of its members."""
        if why_folded(LIVE, value, facts, self.context) is not None:
            return 1
        if not isinstance(value, dict):
            self.asked += 1
            return None if self.accept(path, value) is None else 1
        if not self.deep or type(value) is not dict or is_secret(value):
            return None
        folds = 0
        for key, item in value.items():
            below = facts.child(key)
            present = below.kind is not None and below.kind.present
            more = None if present else self.canonical(item, below, f"{path}/{escape(key)}")
            if more is None:
                return None
            folds += more
        return folds


def _part(context: Context, path: str, declared: Any, live: Any) -> tuple[int, str, bytes, bytes] | None:
    """By what two small values are known again, as such parts repeat; None where they are not small."""
    if not has_few(declared):
        return None
    try:
        one, other = dumped(declared), dumped(live)
    except TypeError:
        return None
    return (id(context), path, one, other) if len(one) + len(other) <= _SHORT else None


def _have_the_same_names(want: Any, have: Any) -> bool:
    """Whether two lists have members of the same names, in an order that is the same where it counts."""
    if want.keys() != have.keys() or None in want.values() or None in have.values():
        return False
    return in_one_order(want, have)


def _absent(declared: Any, facts: PathFacts, context: Context) -> bool:
    """Whether comparison surely folds a declared value, outside of maps and lists, that the live side does
    not have."""
    if facts.write_only or facts.unread or _special(declared, facts):
        return False
    value = canonicalise(declared, facts, context) if isinstance(declared, _PLAIN) else declared
    return why_folded(DECLARED, value, facts, context, raw=not isinstance(value, _PLAIN)) is not None


def _seen(live: Any, context: Context, path: str) -> tuple[object, ...] | None:
    """On what it depends whether a small value folds at its path's facts and is no secret; None where what
    stands around it may tell more."""
    name = _telling_alone(path)
    if name is None:
        return None
    told = live
    if type(live) in COLLECTIONS:
        try:
            told = dumped(live)
        except TypeError:
            return None
    if isinstance(told, (str, bytes)) and len(told) > _SMALL:
        return None
    return context.scope, context.region, name, type(live), told


@lru_cache(maxsize=16384)
def _telling_alone(path: str) -> str | None:
    """The name of what stands at a path; None where what stands around it tells more."""
    name, low = path.rpartition("/")[2], path.lower()
    return None if name in HOLDERS or any(one in low for one in _VARIABLES) else name


def _special(value: Any, facts: PathFacts) -> bool:
    """Whether a value has to be looked at as a whole to say what it means where the other side has none."""
    kind = facts.kind
    if is_secret(value) or (kind is not None and kind.present):
        return True
    return kind is not None and kind.phase == "before" and not isinstance(value, _PLAIN)
