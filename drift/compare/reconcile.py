"""Reconciles the canonical forms of one pair: what is equal by value, by a known default or by what a kind
admits leaves both sides, each with a recorded fold; what is left differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from drift.compare.align import pairing
from drift.compare.canonical import UNKNOWN, has_default, is_left_out
from drift.compare.decisions import Decisions
from drift.compare.one_sided import CHOSEN, DECLARED, EMPTY, IGNORED, LIVE, why_folded
from drift.compare.partly_known import as_set, could_be
from drift.facts import PathFacts
from drift.kinds.base import Keyed, Ordered, Unordered
from drift.model import MISSING, Unresolved
from drift.pointer import escape
from drift.redaction import is_secret
from drift.values import is_empty, same, unresolved

#: Where a difference is told that is only in the order of a list's members.
ORDER = "(order)"
#: How many members of a set are tried with each other, at most.
_PAIRED = 24


def _side_by_side(want: list[Any], have: list[Any]) -> Iterator[tuple[Any, Any]]:
    """The members of two lists in pairs, with MISSING where a side has none."""
    for i, j in pairing(want, have):
        yield MISSING if i is None else want[i], MISSING if j is None else have[j]


@dataclass(slots=True)
class Reconciliation(Decisions):
    """The work on one pair: walks both sides at once."""

    def value(
        self, want: Any, have: Any, facts: PathFacts, path: str, *, named: bool = False
    ) -> tuple[Any, Any]:
        """Both sides without what is equal; (MISSING, MISSING) where nothing is left.

        ``named``: it is a member of a map or keyed list that owns its members, so that to be there counts by
        itself.
        """
        if self.live.unread and path in self.live.unread:
            if want is not MISSING:
                self.unverifiable.append((path, f"not readable: {self.live.unread[path]}"))
            return MISSING, MISSING
        if isinstance(want, Unresolved) and self._is_likely(want, have, facts):
            return MISSING, MISSING
        if want is not MISSING and (reason := self._unknowable(want, have, facts)):
            self.unverifiable.append((path, reason))
            return MISSING, MISSING
        if same(want, have):
            return MISSING, MISSING
        if is_secret(want) or is_secret(have):
            return self._secrets(want, have, facts, path)
        if want is MISSING or have is MISSING:
            return self._one_sided(want, have, facts, path, named)
        if isinstance(want, dict) and isinstance(have, dict):
            if isinstance(want, Unordered) or isinstance(have, Unordered):
                return self._sets(want, have, facts, path)
            if self._admitted(want, have, facts, path):
                return MISSING, MISSING
            if facts.kind is not None and facts.kind.align is not None:
                have = facts.kind.align(want, have)
            left, right = self.members(want, have, facts, path, declared=True)
            if not left and not right and _hold_only(want, have, facts):
                return want, have
            return (left, right) if left or right else (MISSING, MISSING)
        if isinstance(want, list) and isinstance(have, list):
            return self._lists(want, have, facts, path)
        if isinstance(want, list) and isinstance(have, Unordered) and self._any_unknown(want):
            return self._sets(as_set(want), have, facts, path)
        if reason := self._any_unknown(want):
            self.unverifiable.append((path, reason))
            return MISSING, MISSING
        if self._admitted(want, have, facts, path):
            return MISSING, MISSING
        if want == "" and not named and has_default(facts, have, self.context):
            self._fold(path, "empty is absent, and it equals the default", want, have)
            return MISSING, MISSING
        return want, have

    def members(
        self, want: Any, have: Any, facts: PathFacts, path: str, *, declared: bool
    ) -> tuple[Any, Any]:
        """The members of two objects, or of two keyed lists, that are left different."""
        shape = Keyed if isinstance(want, Keyed) or isinstance(have, Keyed) else dict
        left: dict[str, Any] = shape()
        right: dict[str, Any] = shape()
        owned = isinstance(want, Keyed) and declared and not self._shares(path)
        want, nameless = self._nameless(want)
        for key in want if want.keys() == have.keys() else [*want, *(k for k in have if k not in want)]:
            below = f"{path}/{escape(key)}"
            silent = key not in want and not owned
            if silent and not self._owns(path):
                continue
            if silent and self.policy(self.live.type, below) == "ignore":
                self._fold(below, "undeclared values are ignored by the configuration", MISSING, have[key])
                continue
            sides = want.get(key, MISSING), have.get(key, MISSING)
            one, other = self.value(*sides, facts.child(key), below, named=shape is Keyed)
            if one is not MISSING:
                left[key] = one
            if other is not MISSING:
                right[key] = other
                if silent:
                    self.undeclared.add(below)
        for item in nameless:
            self._set_aside(item, want, right, path)
        if isinstance(want, Ordered) and isinstance(have, Ordered):
            orders = [[key for key in one if key in other] for one, other in ((want, have), (have, want))]
            if orders[0] != orders[1]:
                left[ORDER], right[ORDER] = (", ".join(order) for order in orders)
        return left, right

    def _nameless(self, want: Any) -> tuple[Any, list[Any]]:
        """A keyed list or set without the members whose key a reader could not know, and these."""
        if not self.unknown or not isinstance(want, (Keyed, Unordered)):
            return want, []
        items = {key: item for key, item in want.items() if key.startswith(UNKNOWN) and unresolved(item)}
        if not items:
            return want, []
        return type(want)((key, item) for key, item in want.items() if key not in items), list(items.values())

    def _set_aside(self, item: Any, want: Any, extra: dict[str, Any], path: str) -> None:
        """A declared member that could not be known accounts for at most one live member that nobody else
        declares."""
        found = unresolved(item)
        assert found is not None
        self.unverifiable.append((path, found.reason))
        for key in sorted(extra, key=lambda key: ("*" in key, key)):  # a wildcard is the least likely
            if key not in want and could_be(item, extra[key]):
                del extra[key]
                self.undeclared.discard(f"{path}/{escape(key)}")
                return

    # One side only

    def _one_sided(self, want: Any, have: Any, facts: PathFacts, path: str, named: bool) -> tuple[Any, Any]:
        said, side = (want, "declared") if have is MISSING else (have, "live")
        rules = DECLARED if side == "declared" else LIVE
        fact = why_folded(rules, said, facts, self.context, member=named)
        if fact is not None:
            self._fold(path, fact, want, have)
            return MISSING, MISSING
        if facts.listed and side == "live" and self._accepted(have, path, listed=True):
            return MISSING, MISSING
        named = named or (facts.kind is not None and facts.kind.present)
        if isinstance(said, Unordered):
            if said:
                return self._sets(want or Unordered(), have or Unordered(), facts, path)
            want, have = ([], have) if side == "declared" else (want, [])
        if isinstance(said, dict) and side == "live" and said:
            before = self.accepted
            _, right = self.members(type(said)(), have, facts, path, declared=False)
            if named and not right and self.accepted == before:
                return MISSING, have
            return MISSING, right or MISSING
        if isinstance(said, dict) and not named:
            left, _ = self.members(want, type(said)(), facts, path, declared=True)
            return (left if self.unknown else want, MISSING) if left else (MISSING, MISSING)
        if side == "declared" and not named and (reason := self._any_unknown(want)):
            self.unverifiable.append((path, reason))
            return MISSING, MISSING
        return (MISSING, MISSING) if side == "live" and self._accepted(have, path) else (want, have)

    # Collections

    def _sets(self, want: Any, have: Any, facts: PathFacts, path: str) -> tuple[Any, Any]:
        if not (isinstance(want, Unordered) and isinstance(have, Unordered)):
            return want, have
        if self._admitted(want, have, facts, path):
            return MISSING, MISSING
        want, nameless = self._nameless(want)
        only_want = {key: item for key, item in want.items() if key not in have}
        only_have = {key: item for key, item in have.items() if key not in want}
        member = facts.member()
        self._pair(only_want, only_have, member, path)
        self._other_key(only_want, only_have, path)
        self._pair_by_value(only_want, only_have, member, path)
        if self._shares(path):
            only_have = {}
        for key, item in list(only_have.items()):
            if has_default(member, item, self.context):
                self._fold(path, "a member that the cloud adds", MISSING, item)
                del only_have[key]
            elif self._accepted(item, f"{path}/{escape(key)}", Unordered({key: item}), path):
                del only_have[key]
        for item in nameless:
            self._set_aside(item, (), only_have, path)
        if not only_want and not only_have:
            return MISSING, MISSING
        return Unordered(only_want), Unordered(only_have)

    def _pair(
        self, only_want: dict[str, Any], only_have: dict[str, Any], facts: PathFacts, path: str
    ) -> None:
        """Takes out the members that are equal but for what a kind admits, the cloud chooses or never gives
        back."""
        admits = facts.kind.admits if facts.kind else None
        if not only_want or not only_have or not (admits or facts.leaves_choice or facts.hides):
            return
        for key, item in list(only_want.items()):
            for other_key, other in only_have.items():
                untold: list[str] = []
                if admits is not None and admits(item, other, self.context, **facts.params):
                    fact = f"{facts.kind.name} admits it"  # type: ignore[union-attr]
                elif self._fits(item, other, facts, untold):
                    fact = CHOSEN
                else:
                    continue
                if untold:
                    self.unverifiable.append((path, untold[0]))
                self._fold(path, fact, item, other)
                del only_want[key], only_have[other_key]
                break

    def _pair_by_value(
        self, only_want: dict[str, Any], only_have: dict[str, Any], facts: PathFacts, path: str
    ) -> None:
        """Takes out the objects that differ in nothing that counts: in what the service may have filled
        in."""
        if len(only_want) > _PAIRED or len(only_have) > _PAIRED:
            return
        for key, item in list(only_want.items()):
            for other_key, other in only_have.items():
                if type(item) is not dict or type(other) is not dict or not item.keys() & other.keys():
                    continue
                alone = replace(self, folds=[], unverifiable=[], undeclared=set(), filled=[], revealed=set())
                if alone.value(item, other, facts, f"{path}/{escape(key)}") == (MISSING, MISSING):
                    self.folds += alone.folds
                    self.unverifiable += dict.fromkeys((path, why) for _, why in alone.unverifiable)
                    self.filled += alone.filled
                    self.revealed |= alone.revealed
                    self.accepted = alone.accepted
                    del only_want[key], only_have[other_key]
                    break

    def _fits(self, want: Any, have: Any, facts: PathFacts, untold: list[str]) -> bool:
        """Whether a set's member is a declared one plus what the cloud chose where it is silent, without what
        it never gives back, of which ``untold`` is given the reasons."""
        if isinstance(want, Unordered) and isinstance(have, Unordered) and facts.hides:
            return self._fit_each(want, have, facts.member(), untold)
        if isinstance(want, list) and isinstance(have, list) and facts.hides:
            pairs = zip(want, have, strict=False)
            member = facts.member()
            return len(want) == len(have) and all(self._fits(*pair, member, untold) for pair in pairs)
        if not (isinstance(want, dict) and isinstance(have, dict)) or isinstance(want, Unordered):
            return same(want, have)
        for key in {**want, **have}:
            below = facts.child(key)
            one, other = want.get(key, MISSING), have.get(key, MISSING)
            if one is MISSING and not isinstance(have, Keyed):
                fact = EMPTY if is_empty(other) else why_folded(LIVE, other, below, self.context)
                if fact is None or (fact in (CHOSEN, IGNORED) and below.defaults):
                    return False
            elif other is MISSING and (reason := self._unknowable(one, other, below)):
                untold.append(reason)
            elif other is MISSING and not isinstance(want, Keyed) and is_left_out(below, one, self.context):
                continue
            elif other is MISSING or not self._fits(one, other, below, untold):
                return False
        return True

    def _fit_each(self, want: Unordered, have: Unordered, facts: PathFacts, untold: list[str]) -> bool:
        """Whether each member of a set fits one of the other's, and none is left."""
        left = {key: item for key, item in have.items() if key not in want}
        for key, item in want.items():
            if key not in have:
                fitting = next((at for at, one in left.items() if self._fits(item, one, facts, untold)), None)
                if fitting is None:
                    return False
                del left[fitting]
        return not left

    def _other_key(self, only_want: dict[str, Any], only_have: dict[str, Any], path: str) -> None:
        """Takes out the members that hold secrets, where the two sides were redacted with different keys."""
        hidden = [(side, key) for side in (only_want, only_have) for key in side if '"$secret"' in key]
        keys = {name for side, key in hidden for name in _secret_keys(side[key])}
        if len(keys) > 1:
            self.unverifiable.append((path, "redacted with another key"))
            for side, key in hidden:
                del side[key]

    def _lists(self, want: list[Any], have: list[Any], facts: PathFacts, path: str) -> tuple[Any, Any]:
        if self._admitted(want, have, facts, path):
            return MISSING, MISSING
        if self._shares(path):
            lost = [item for item in want if not any(same(item, other) for other in have)]
            return (lost, []) if lost else (MISSING, MISSING)
        if len(want) != len(have) and any(isinstance(item, Unresolved) for item in want):
            self.unverifiable.append((path, unresolved(want).reason))  # type: ignore[union-attr]
            return MISSING, MISSING
        member = facts.member()
        left: list[Any] = []
        right: list[Any] = []
        differs = False
        for index, (one, other) in enumerate(_side_by_side(want, have)):
            if one is MISSING or other is MISSING:
                differs = True
                left.append(one)
                right.append(other)
                continue
            one_left, other_left = self.value(one, other, member, f"{path}/{index}")
            if one_left is MISSING and other_left is MISSING:
                left.append(None)
                right.append(None)
            else:
                differs = True
                left.append(None if one_left is MISSING else one_left)
                right.append(None if other_left is MISSING else other_left)
        return (left, right) if differs else (MISSING, MISSING)


def _hold_only(want: Any, have: Any, facts: PathFacts) -> bool:
    """Whether two objects say nothing but which member they hold, each another one (``{allow: {}}``,
    ``{block: {}}``)."""
    both = {**want, **have}
    return (
        len(both) == len(want) + len(have) > max(len(want), len(have))
        and all(type(item) is dict and not item for item in both.values())
        and not any(facts.child(key).assigned or facts.child(key).defaults for key in both)
    )


def _secret_keys(value: Any) -> Iterator[str]:
    if is_secret(value):
        yield value["$secret"]["key"]
    elif isinstance(value, (dict, list)):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _secret_keys(child)
