"""Compares one declared resource with its live one: intent first, equality before DeepDiff, every fold told.

The two canonical forms are *reconciled* (:mod:`drift.compare.reconcile`). If nothing is left, the resource is
in sync; only what is left is given to DeepDiff.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from drift.compare.alike import Known
from drift.compare.canonical import canonicalise, has_default
from drift.compare.decisions import Policy
from drift.compare.readable import change, keyed_of
from drift.compare.reconcile import Reconciliation
from drift.compare.remembered import noted, planned
from drift.compare.unlike import unlike, untouched
from drift.facts import TypeFacts
from drift.finding import Change, Fold, Informed
from drift.hooks import Acceptance
from drift.kinds.base import Context, Unordered
from drift.model import MISSING, Resource
from drift.redaction import Redactor, is_plain
from drift.values import unresolved

#: Whether a live value that the service may have filled in opens, grants or disables something.
Grave = Callable[[Change], bool]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one resource: its changes, what could not be judged (path → reason), what was folded,
    and what nobody declares and the service may have filled in.

    ``declared`` and ``live`` are the canonical forms of what was not alike already. ``revealed`` are live
    texts that the declared side calls secret and the live side did not know to be.
    """

    changes: tuple[Change, ...] = ()
    unverifiable: tuple[tuple[str, str], ...] = ()
    folds: tuple[Fold, ...] = ()
    informed: tuple[Informed, ...] = ()
    declared: Any = None
    live: Any = None
    revealed: frozenset[str] = frozenset()

    @property
    def in_sync(self) -> bool:
        return not self.changes


class Comparison:
    """One pair, compared as far as whether anything is left that differs; :meth:`verdict` tells what.

    Both sides must be redacted with ``redactor`` already where what is told leaves the program. ``accept``
    is asked for each live value that is neither declared nor a known default; what the service may have
    filled in is a change all the same where it is ``grave``. ``known`` is for :func:`unlike`.
    """

    def __init__(
        self,
        declared: Resource,
        live: Resource,
        facts: TypeFacts,
        context: Context,
        redactor: Redactor,
        policy: Policy,
        accept: Acceptance,
        grave: Grave,
        known: Known | None,
    ) -> None:
        self.declared, self.live, self.facts = declared, live, facts
        self._context, self._redactor, self._grave = context, redactor, grave
        self._work: Reconciliation | None = None
        self._left: Any = None
        self._right: Any = None
        want, have = declared.attributes, live.attributes
        if not live.unread:
            want, have = unlike(want, have, facts.root, context, known)
        self._parts = want, have
        if not want and not have and not live.unread:
            return
        unknown = not is_plain(want) and unresolved(want) is not None
        self._want = canonicalise(want, facts.root, context)
        self._have = canonicalise(have, facts.root, context)
        within = replace(context, id=live.id or "")
        self._work = Reconciliation(declared, live, within, redactor, policy, accept, unknown)
        self._left, self._right = self._work.members(self._want, self._have, facts.root, "", declared=True)

    @property
    def differs(self) -> bool:
        """Whether anything is left; what the service may have filled in can be a change beside it."""
        return bool(self._left or self._right)

    def holds_of(self, declared: Resource, live: Resource) -> bool:
        """Whether it holds of the two resources redacted, too, because nothing of what was not alike in them
        was hidden."""
        want, have = self._parts
        return untouched(want, self.declared.attributes, declared.attributes) and untouched(
            have, self.live.attributes, live.attributes
        )

    def verdict(self) -> Verdict:
        """All that there is to tell."""
        work, redactor = self._work, self._redactor
        if work is None:
            return Verdict()
        want, have = self._want, self._have
        changes: list[Change] = []
        filled = informed(work.filled) if work.filled else ()
        if self.differs:
            from drift.compare.difference import differences

            changes = differences(self._left, self._right, work.undeclared)
        told = [one.change for one in filled if self._grave(one.change)]
        if told:
            changes = sorted([*changes, *told], key=lambda one: one.path)
            filled = tuple(one for one in filled if one.change not in told)
        if changes and self.declared.remembered:
            remembered = canonicalise(self.declared.remembered, self.facts.root, self._context)
            changes = noted(changes, remembered)
        if changes and self.declared.before:
            before = self.declared.before
            changes = planned(changes, before, have, self._as_told, self._grave, self._is_default)
        revealed = frozenset(work.revealed)
        if revealed:
            have = redactor.cover(have, revealed)
            changes = [_covered(one, redactor, revealed) for one in changes]
            filled = tuple(one._replace(change=_covered(one.change, redactor, revealed)) for one in filled)
        unsure, folds = tuple(work.unverifiable), tuple(work.folds)
        return Verdict(tuple(changes), unsure, folds, filled, want, have, revealed)

    def _is_default(self, path: str, value: Any) -> bool:
        return has_default(self.facts.root.find(path), value, self._context)

    def _as_told(self, properties: Mapping[str, Any]) -> Any:
        """The canonical form of properties without their secrets."""
        whole = self._redactor.resource(self.declared.but(attributes=dict(properties)), self.facts.root)
        return canonicalise(whole.attributes, self.facts.root, self._context)


def compare(
    declared: Resource,
    live: Resource,
    facts: TypeFacts,
    context: Context,
    redactor: Redactor,
    policy: Policy = lambda _type, _path: "inform",
    accept: Acceptance = lambda _path, _value: None,
    grave: Grave = lambda _change: False,
    known: Known | None = None,
) -> Verdict:
    """The verdict on one pair (:class:`Comparison`)."""
    return Comparison(declared, live, facts, context, redactor, policy, accept, grave, known).verdict()


def informed(filled: Iterable[tuple[str, Any, str]]) -> tuple[Informed, ...]:
    """What the service may have filled in, sorted by path, of (path, value, reason) each; a set's members in
    one."""
    told: dict[str, tuple[Any, str]] = {}
    for path, value, reason in filled:
        if isinstance(value, Unordered) and path in told:
            value = Unordered({**told[path][0], **value})
        told[path] = value, reason
    return tuple(
        Informed(change(path, MISSING, value, undeclared=True), reason, keyed_of(value))
        for path, (value, reason) in sorted(told.items())
    )


def _covered(one: Change, redactor: Redactor, revealed: frozenset[str]) -> Change:
    for side in (one.declared, one.live):
        if redactor.cover(side, revealed) is not side:
            return Change(one.path, undeclared=one.undeclared, sensitive=True)
    return one
