"""Compares one declared resource with its live one: intent first, equality before DeepDiff, every fold told.

The two canonical forms are *reconciled* (:mod:`drift.compare.reconcile`). If nothing is left, the resource is
in sync; only what is left is given to DeepDiff.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from drift.compare.canonical import canonicalise
from drift.compare.readable import change
from drift.compare.reconcile import Policy, Reconciliation
from drift.compare.remembered import noted
from drift.compare.shortcut import unlike
from drift.facts import TypeFacts
from drift.hooks import Acceptance
from drift.kinds.base import Context, Unordered
from drift.model import MISSING, Change, Fold, Informed, Resource
from drift.redaction import Redactor, is_plain
from drift.values import unresolved

#: Whether a live value that the service may have filled in opens, grants or disables something.
Grave = Callable[[Change], bool]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one resource: its changes, what could not be judged (path → reason), what was folded,
    and what nobody declares and the service may have filled in.

    ``declared`` and ``live`` are the canonical forms, whole where there are changes, else of what was not
    alike already. ``revealed`` are live texts that the declared side calls secret and the live side did not
    know to be.
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


def compare(
    declared: Resource,
    live: Resource,
    facts: TypeFacts,
    context: Context,
    redactor: Redactor,
    policy: Policy = lambda _type, _path: "inform",
    accept: Acceptance = lambda _path, _value: None,
    grave: Grave = lambda _change: False,
    known: Collection[int] = (),
) -> Verdict:
    """The verdict on one pair. Both sides must be redacted with ``redactor`` already.

    ``accept`` is asked for each live value that is neither declared nor a known default; what the service may
    have filled in is a change all the same where it is ``grave``. ``known`` is for :func:`unlike`.
    """
    if live.unread:
        want, have = declared.attributes, live.attributes
    else:
        want, have = unlike(declared.attributes, live.attributes, facts.root, known)
        if not want and not have:
            return Verdict()
    unknown = not is_plain(want) and unresolved(want) is not None
    want = canonicalise(want, facts.root, context)
    have = canonicalise(have, facts.root, context)
    within = replace(context, id=live.id or "")
    work = Reconciliation(declared, live, within, redactor, policy, accept, unknown)
    left, right = work.members(want, have, facts.root, "", declared=True)
    changes: list[Change] = []
    filled = informed(work.filled) if work.filled else ()
    if left or right:
        from drift.compare.difference import differences

        changes = differences(left, right, work.undeclared)
    told = [one.change for one in filled if grave(one.change)]
    if told:
        changes = sorted([*changes, *told], key=lambda one: one.path)
        filled = tuple(one for one in filled if one.change not in told)
    if changes:
        want = canonicalise(declared.attributes, facts.root, context)
        have = canonicalise(live.attributes, facts.root, context)
    if changes and declared.remembered:
        changes = noted(changes, canonicalise(declared.remembered, facts.root, context))
    revealed = frozenset(work.revealed)
    if revealed:
        have = redactor.cover(have, revealed)
        changes = [_covered(one, redactor, revealed) for one in changes]
        filled = tuple(one._replace(change=_covered(one.change, redactor, revealed)) for one in filled)
    return Verdict(tuple(changes), tuple(work.unverifiable), tuple(work.folds), filled, want, have, revealed)


def informed(filled: Iterable[tuple[str, Any, str]]) -> tuple[Informed, ...]:
    """What the service may have filled in, sorted by path, of (path, value, reason) each; a set's members in
    one."""
    told: dict[str, tuple[Any, str]] = {}
    for path, value, reason in filled:
        if isinstance(value, Unordered) and path in told:
            value = Unordered({**told[path][0], **value})
        told[path] = value, reason
    return tuple(
        Informed(change(path, MISSING, value, undeclared=True), reason)
        for path, (value, reason) in sorted(told.items())
    )


def _covered(one: Change, redactor: Redactor, revealed: frozenset[str]) -> Change:
    for side in (one.declared, one.live):
        if redactor.cover(side, revealed) is not side:
            return Change(one.path, undeclared=one.undeclared, sensitive=True)
    return one
