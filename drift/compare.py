"""Compares one declared resource with its live one: intent first, equality before DeepDiff, every fold told.

The two canonical forms are *reconciled*: what is equal by value, by a known default or by a kind's ``admits`` leaves both
sides. If nothing is left, the resource is in sync; only what is left is given to DeepDiff.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from drift.canonical import canonicalise, has_default, is_empty, same, unresolved
from drift.facts import PathFacts, TypeFacts
from drift.hooks import Acceptance
from drift.kinds.base import Context, Keyed, Unordered
from drift.model import MISSING, Change, Fold, Resource, Unresolved
from drift.redact import Redactor, is_secret

#: ``(live resource type, path) -> "report" | "ignore"``: what to do with a live value that Git leaves unsaid.
Policy = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one resource: its changes, what could not be judged (path → reason), what was folded."""

    changes: tuple[Change, ...] = ()
    unverifiable: tuple[tuple[str, str], ...] = ()
    folds: tuple[Fold, ...] = ()
    declared: Any = None
    live: Any = None

    @property
    def in_sync(self) -> bool:
        return not self.changes


def compare(
    declared: Resource,
    live: Resource,
    facts: TypeFacts,
    context: Context,
    redactor: Redactor,
    policy: Policy = lambda _type, _path: "report",
    accept: Acceptance = lambda _path, _value: None,
) -> Verdict:
    """The verdict on one pair. Both sides must be redacted with ``redactor`` already.

    ``accept`` is asked for each live value that is neither declared nor a known default.
    """
    if declared.attributes == live.attributes and not live.unread and unresolved(declared.attributes) is None:
        return Verdict()
    want = canonicalise(declared.attributes, facts.root, context)
    have = canonicalise(live.attributes, facts.root, context)
    work = _Reconciliation(declared, live, context, redactor, policy, accept)
    left, right = work.members(want, have, facts.root, "", declared=True)
    changes: list[Change] = []
    if left or right:
        from drift.difference import differences

        changes = differences(left, right, work.undeclared)
    return Verdict(tuple(changes), tuple(work.unverifiable), tuple(work.folds), want, have)


@dataclass(slots=True)
class _Reconciliation:
    declared: Resource
    live: Resource
    context: Context
    redactor: Redactor
    policy: Policy
    accept: Acceptance
    folds: list[Fold] = field(default_factory=list)
    unverifiable: list[tuple[str, str]] = field(default_factory=list)
    undeclared: set[str] = field(default_factory=set)

    def value(
        self, want: Any, have: Any, facts: PathFacts, path: str, *, named: bool = False
    ) -> tuple[Any, Any]:
        """Both sides without what is equal; (MISSING, MISSING) where nothing is left.

        ``named``: it is a member of a map or keyed list that owns its members, so that to be there counts by itself.
        """
        if self.live.unread and path in self.live.unread:
            if want is not MISSING:
                self.unverifiable.append((path, f"not readable: {self.live.unread[path]}"))
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
            left, right = self.members(want, have, facts, path, declared=True)
            return (left, right) if left or right else (MISSING, MISSING)
        if isinstance(want, list) and isinstance(have, list):
            return self._lists(want, have, facts, path)
        if self._admitted(want, have, facts, path):
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
        for key in want if want.keys() == have.keys() else [*want, *(k for k in have if k not in want)]:
            below = f"{path}/{_escape(key)}"
            silent = key not in want and not owned
            if silent and not self._reports_undeclared(below, path):
                continue
            sides = want.get(key, MISSING), have.get(key, MISSING)
            one, other = self.value(*sides, facts.child(key), below, named=shape is Keyed)
            if one is not MISSING:
                left[key] = one
            if other is not MISSING:
                right[key] = other
                if silent:
                    self.undeclared.add(below)
        return left, right

    # One side only

    def _one_sided(self, want: Any, have: Any, facts: PathFacts, path: str, named: bool) -> tuple[Any, Any]:
        said, side = (want, "declared") if have is MISSING else (have, "live")
        if is_empty(said) and not (named and said == ""):
            self._fold(path, "empty is absent", want, have)
            return MISSING, MISSING
        if has_default(facts, said, self.context):
            self._fold(path, "equals the default", want, have)
            return MISSING, MISSING
        if side == "live" and facts.assigned:
            self._fold(path, "chosen by the cloud where nothing is declared", want, have)
            return MISSING, MISSING
        if side == "live" and facts.undeclared == "ignore":
            self._fold(path, "undeclared values are ignored here", want, have)
            return MISSING, MISSING
        if side == "declared" and said is False and not facts.defaults:
            self._fold(path, "false is absent", want, have)
            return MISSING, MISSING
        if isinstance(said, Unordered):
            return self._sets(want or Unordered(), have or Unordered(), facts, path)
        if isinstance(said, dict) and side == "live":
            _, right = self.members(type(said)(), have, facts, path, declared=False)
            return MISSING, right or MISSING
        if type(said) is dict:
            left, _ = self.members(want, {}, facts, path, declared=True)
            return (want, MISSING) if left else (MISSING, MISSING)
        return (MISSING, MISSING) if side == "live" and self._accepted(have, path) else (want, have)

    # Collections

    def _sets(self, want: Any, have: Any, facts: PathFacts, path: str) -> tuple[Any, Any]:
        if not (isinstance(want, Unordered) and isinstance(have, Unordered)):
            return want, have
        only_want = {key: item for key, item in want.items() if key not in have}
        only_have = {key: item for key, item in have.items() if key not in want}
        member = facts.member()
        admits = member.kind.admits if member.kind else None
        if admits is not None:
            for key, item in list(only_want.items()):
                for other_key, other in list(only_have.items()):
                    if admits(item, other, self.context, **member.params):
                        self._fold(path, f"{member.kind.name} admits it", item, other)  # type: ignore[union-attr]
                        del only_want[key], only_have[other_key]
                        break
        if self._shares(path):
            only_have = {}
        for key, item in list(only_have.items()):
            if has_default(member, item, self.context):
                self._fold(path, "a member that the cloud adds", MISSING, item)
                del only_have[key]
            elif self._accepted(item, f"{path}/{_escape(key)}"):
                del only_have[key]
        if not only_want and not only_have:
            return MISSING, MISSING
        return Unordered(only_want), Unordered(only_have)

    def _lists(self, want: list[Any], have: list[Any], facts: PathFacts, path: str) -> tuple[Any, Any]:
        if self._admitted(want, have, facts, path):
            return MISSING, MISSING
        if len(want) != len(have):
            return want, have
        member = facts.member()
        left, right = list(want), list(have)
        differs = False
        for index, (one, other) in enumerate(zip(want, have, strict=True)):
            below = f"{path}/{index}"
            one_left, other_left = self.value(one, other, member, below)
            if one_left is MISSING and other_left is MISSING:
                left[index] = right[index] = None
            else:
                differs = True
                left[index] = None if one_left is MISSING else one_left
                right[index] = None if other_left is MISSING else other_left
        return (left, right) if differs else (MISSING, MISSING)

    # What decides

    def _unknowable(self, want: Any, have: Any, facts: PathFacts) -> str | None:
        if isinstance(want, Unresolved):
            return want.reason
        if facts.write_only and have is MISSING:
            return "write-only: the cloud never gives it back"
        if facts.unread and have is MISSING:
            return facts.unread
        if isinstance(want, (Unordered, list, Keyed)) or (
            isinstance(want, dict) and not isinstance(have, dict)
        ):
            found = unresolved(want)
            return found.reason if found else None
        return None

    def _secrets(self, want: Any, have: Any, facts: PathFacts, path: str) -> tuple[Any, Any]:
        if want is MISSING or have is MISSING:
            return self._one_sided_secret(want, have, facts, path)
        one = want if is_secret(want) else self.redactor.hide(want)
        other = have if is_secret(have) else self.redactor.hide(have)
        if one["$secret"]["key"] != other["$secret"]["key"]:
            self.unverifiable.append((path, "redacted with another key"))
            return MISSING, MISSING
        return (MISSING, MISSING) if one == other else (one, other)

    def _one_sided_secret(self, want: Any, have: Any, facts: PathFacts, path: str) -> tuple[Any, Any]:
        if have is not MISSING and facts.assigned:
            self._fold(path, "chosen by the cloud where nothing is declared", want, have)
            return MISSING, MISSING
        return (MISSING, MISSING) if want is MISSING and self._accepted(have, path) else (want, have)

    def _accepted(self, have: Any, path: str) -> bool:
        """Whether the provider knows why a live value that nobody declares is no change."""
        reason = self.accept(path, have)
        if reason is None:
            return False
        self._fold(path, reason, MISSING, have)
        return True

    def _admitted(self, want: Any, have: Any, facts: PathFacts, path: str) -> bool:
        kind = facts.kind
        if kind is None or kind.admits is None or not kind.admits(want, have, self.context, **facts.params):
            return False
        self._fold(path, f"{kind.name} admits it", want, have)
        return True

    def _shares(self, path: str) -> bool:
        shared = self.declared.shared
        return bool(shared) and path.split("/", 2)[1] in shared if path else False

    def _reports_undeclared(self, below: str, path: str) -> bool:
        if self.declared.partial and not path:
            return False
        if self._shares(below):
            return False
        return self.policy(self.live.type, below) == "report"

    def _fold(self, path: str, fact: str, want: Any, have: Any) -> None:
        self.folds.append(Fold(path, fact, want, have))


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
