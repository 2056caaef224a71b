"""Compares pairs as they were read: what the raw JSON tells first, then redaction and comparison of what is
left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, partial

from drift.compare.reconcile import Policy
from drift.compare.shortcut import alike, count_folds
from drift.compare.verdict import Verdict, compare
from drift.config.model import UndeclaredRule
from drift.facts import TypeFacts
from drift.hooks import Hooks
from drift.kinds.base import Context
from drift.live.estate import Estate
from drift.model import Change, Resource, Unverifiable
from drift.redaction import Redactor, sensitive_texts
from drift.rule import Again


@dataclass(frozen=True, slots=True)
class Changed:
    """A pair that differs: both sides redacted, and the verdict."""

    declared: Resource
    live: Resource
    verdict: Verdict


@dataclass(slots=True)
class Compared:
    """What comparing some pairs told: how many are in sync, how many differences were accepted, what could
    not be judged."""

    changed: list[Changed] = field(default_factory=list)
    unverifiable: list[Unverifiable] = field(default_factory=list)
    in_sync: int = 0
    folded: int = 0


class Comparer:
    """Compares the pairs of one run. ``rules`` are the configuration's on undeclared values, the first that
    matches decides."""

    def __init__(self, estate: Estate, redactor: Redactor, rules: Sequence[UndeclaredRule] = ()) -> None:
        self.estate, self.redactor, self.rules = estate, redactor, rules
        self._policy = _policy(rules)

    def compare(self, pairs: Iterable[tuple[Resource, Resource]]) -> Compared:
        """Compares (declared, live) pairs."""
        told = Compared()
        for declared, live in pairs:
            self._one(declared, live, told)
        return told

    def again(self, one: Changed) -> Again:
        """Compares the two sides of a pair again, after something was taken out of them."""
        _, exact, context, hooks = self._facts(one.declared, one.live)
        return partial(_changes, exact, context, self.redactor, self._policy, hooks)

    def _facts(self, declared: Resource, live: Resource) -> tuple[TypeFacts, TypeFacts, Context, Hooks]:
        """The type's facts as they are written and made exact, and what else comparison needs."""
        provider = self.estate.providers[declared.provider]
        hooks, facts = provider.hooks, provider.facts(declared.type)
        assert facts is not None
        context = context_of(live, self.estate)
        return facts, hooks.facts(facts, context), context, hooks

    def _one(self, declared: Resource, live: Resource, told: Compared) -> None:
        facts, exact, context, hooks = self._facts(declared, live)
        folds = _folds(declared, live, exact, context, hooks)
        if folds is not None:
            # Without a look for secrets: what is the same as a live side in which they are hidden holds none.
            told.folded += folds
            told.in_sync += bool(declared.attributes)
            return
        known = sensitive_texts(declared.attributes)
        declared = self.redactor.resource(declared, facts.root)
        if known:
            live = self.redactor.resource(live, facts.root, known)
        accept = hooks.undeclared(declared, live, exact, context)
        verdict = compare(declared, live, exact, context, self.redactor, self._policy, accept)
        told.folded += len(verdict.folds)
        place = (live.provider, live.scope, live.type, str(live.id))
        told.unverifiable.extend(
            Unverifiable(*place, path, reason, declared.origin) for path, reason in verdict.unverifiable
        )
        if verdict.in_sync:
            # A declaration that says nothing of it (what a macro makes) proves nothing by agreeing.
            told.in_sync += bool(declared.attributes)
            return
        if verdict.revealed:
            live = live.but(attributes=self.redactor.cover(live.attributes, verdict.revealed))
        told.changed.append(Changed(declared, live, verdict))


def context_of(resource: Resource, estate: Estate) -> Context:
    """What comparison may know of where a resource stands."""
    learnt = estate.context(resource.provider)
    return Context(resource.provider, resource.scope, resource.region, resource.type, learnt)


def _folds(
    declared: Resource, live: Resource, facts: TypeFacts, context: Context, hooks: Hooks
) -> int | None:
    """How many values fold, where the raw ones tell that there is no difference; None where they don't."""
    if live.unread:
        return None
    if declared.partial or declared.shared:
        return 0 if alike(declared.attributes, live.attributes, facts.root) else None
    accept = hooks.undeclared(declared, live, facts, context)
    return count_folds(declared.attributes, live.attributes, facts.root, context, accept)


def _changes(
    facts: TypeFacts,
    context: Context,
    redactor: Redactor,
    policy: Policy,
    hooks: Hooks,
    declared: Resource,
    live: Resource,
) -> tuple[Change, ...]:
    accept = hooks.undeclared(declared, live, facts, context)
    return compare(declared, live, facts, context, redactor, policy, accept).changes


def _policy(rules: Sequence[UndeclaredRule]) -> Policy:
    @cache
    def policy(type_: str, path: str) -> str:
        for rule in rules:
            if fnmatchcase(type_, rule.type) and fnmatchcase(path, rule.path):
                return rule.action
        return "report"

    return policy if rules else _report


def _report(_type: str, _path: str) -> str:
    return "report"
