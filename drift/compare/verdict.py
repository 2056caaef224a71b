"""Compares one declared resource with its live one: intent first, equality before DeepDiff, every fold told.

The two canonical forms are *reconciled* (:mod:`drift.compare.reconcile`). If nothing is left, the resource is
in sync; only what is left is given to DeepDiff.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from drift.compare.canonical import canonicalise
from drift.compare.reconcile import Policy, Reconciliation
from drift.compare.shortcut import unlike
from drift.facts import TypeFacts
from drift.hooks import Acceptance
from drift.kinds.base import Context
from drift.model import Change, Fold, Resource
from drift.redaction import Redactor
from drift.values import unresolved


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one resource: its changes, what could not be judged (path → reason), what was folded.

    ``declared`` and ``live`` are the canonical forms, whole where there are changes, else of what was not
    alike already. ``revealed`` are live texts that the declared side calls secret and the live side did not
    know to be.
    """

    changes: tuple[Change, ...] = ()
    unverifiable: tuple[tuple[str, str], ...] = ()
    folds: tuple[Fold, ...] = ()
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
    policy: Policy = lambda _type, _path: "report",
    accept: Acceptance = lambda _path, _value: None,
) -> Verdict:
    """The verdict on one pair. Both sides must be redacted with ``redactor`` already.

    ``accept`` is asked for each live value that is neither declared nor a known default.
    """
    if live.unread:
        want, have = declared.attributes, live.attributes
    else:
        want, have = unlike(declared.attributes, live.attributes, facts.root)
        if not want and not have:
            return Verdict()
    unknown = unresolved(want) is not None
    want = canonicalise(want, facts.root, context)
    have = canonicalise(have, facts.root, context)
    within = replace(context, id=live.id or "")
    work = Reconciliation(declared, live, within, redactor, policy, accept, unknown)
    left, right = work.members(want, have, facts.root, "", declared=True)
    changes: list[Change] = []
    if left or right:
        from drift.compare.difference import differences

        changes = differences(left, right, work.undeclared)
        want = canonicalise(declared.attributes, facts.root, context)
        have = canonicalise(live.attributes, facts.root, context)
    revealed = frozenset(work.revealed)
    if revealed:
        have = redactor.cover(have, revealed)
        changes = [_covered(change, redactor, revealed) for change in changes]
    return Verdict(tuple(changes), tuple(work.unverifiable), tuple(work.folds), want, have, revealed)


def _covered(change: Change, redactor: Redactor, revealed: frozenset[str]) -> Change:
    for side in (change.declared, change.live):
        if redactor.cover(side, revealed) is not side:
            return Change(change.path, undeclared=change.undeclared, sensitive=True)
    return change
