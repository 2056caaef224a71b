"""Compares pairs as they were read: what the raw JSON tells first, then all that it means; what differs is
redacted and compared as it may be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache, partial
from typing import Any

from drift.compare.alike import Known, alike
from drift.compare.canonical import canonicalise
from drift.compare.compared import Changed, Compared, Terms
from drift.compare.decisions import Policy
from drift.compare.folds import Counted, count_folds
from drift.compare.guessed import by_name, only_guessed
from drift.compare.overlap import together, without
from drift.compare.remembered import accepting, framed, holds_objects, only_state, recorded
from drift.compare.side import Side
from drift.compare.verdict import Comparison, Grave, Verdict, informed
from drift.config.rules import UndeclaredRule
from drift.facts import ONLY_THERE, TypeFacts
from drift.finding import Change, Fold, Informed, Undeclared, Unverifiable
from drift.hooks import Acceptance, Filled
from drift.kinds.base import Context
from drift.live.estate import Estate
from drift.model import DEFAULT_ENVIRONMENT, MISSING, Resource
from drift.pointer import split
from drift.redaction import (
    Like,
    Redactor,
    holds_secret,
    is_plain,
    marked,
    sensitive_texts,
    unmarked,
    with_names,
)
from drift.rule import Again
from drift.rules.severity import Graves


class Comparer:
    """Compares the pairs of one run. ``rules`` are the configuration's on undeclared values, the first that
    matches decides; ``severity`` are its own severity rules, ``environment`` is the one that the run is
    of."""

    def __init__(
        self,
        estate: Estate,
        redactor: Redactor,
        rules: Sequence[UndeclaredRule] = (),
        severity: Sequence[Mapping[str, Any]] = (),
        environment: str = DEFAULT_ENVIRONMENT,
    ) -> None:
        self.estate, self.redactor, self.rules = estate, redactor, rules
        self.severity, self.environment = severity, environment
        self._policy = _policy(rules)
        self._graves: dict[str, Graves] = {}
        self._known: dict[tuple[str, str, str | None, str, str], Terms] = {}
        self._counted: Counted = {}

    def compare(self, pairs: Iterable[tuple[Resource, Resource]]) -> Compared:
        """Compares (declared, live) pairs."""
        told = Compared()
        for declared, live in pairs:
            if declared.rivals:
                told.add(self._prevailing(declared, live))
            else:
                self._one(declared, live, told)
        return told

    def _prevailing(self, declared: Resource, live: Resource) -> Compared:
        """Compares with the declaration that is live, whichever of several was applied last; with the first
        where none is."""
        first: Compared | None = None
        for one in (declared, *declared.rivals):
            told = Compared()
            self._one(one, live, told)
            if not told.changed:
                return told
            first = first or told
        assert first is not None
        return first

    def again(self, one: Changed) -> Again:
        """Compares the two sides of a pair again, after something was taken out of them."""
        terms = self._terms(one.declared, one.live)

        def changes(declared: Resource, live: Resource) -> tuple[Change, ...]:
            return self._verdict(declared, live, terms).changes

        return changes

    def _terms(self, declared: Resource, live: Resource) -> Terms:
        """The type's facts as they are written and made exact, and what else comparison needs."""
        place = (live.provider, live.scope, live.region, live.type, declared.type)
        known = self._known.get(place)
        if known is None:
            provider = self.estate.providers[declared.provider]
            hooks, facts = provider.hooks, provider.facts(declared.type)
            assert facts is not None
            context = context_of(live, self.estate)
            known = self._known[place] = Terms(facts, hooks.facts(facts, context), context, hooks)
        return known

    def _one(self, declared: Resource, live: Resource, told: Compared) -> None:
        terms = self._terms(declared, live)
        if terms.exact.existence or (terms.facts.existence and only_guessed(declared)):
            place = (live.provider, live.scope, live.type, str(live.id))
            reason = by_name(declared, live) or ONLY_THERE
            told.unverifiable.append(Unverifiable(*place, "", reason, declared.origin))
            return
        if declared.certain is not None:
            objects = framed(
                declared.certain,
                declared.attributes,
                terms.exact.root,
                lists=declared.partial and holds_objects(declared),
            )
            certain = declared.but(attributes=objects)
            declared = declared.but(certain=None)
            own = Compared()
            self._pair(declared, live, terms, own)
            self._remembered(declared, certain, live, terms, own)
            told.add(own)
        else:
            self._pair(declared, live, terms, told)

    def _remembered(
        self,
        declared: Resource,
        certain: Resource,
        live: Resource,
        terms: Terms,
        told: Compared,
    ) -> None:
        """Tells what of a pair that was compared already only a state says: what opens or grants is a change,
        the rest can't be verified."""
        filled: list[tuple[str, Any, str]] = []
        certain, live = terms.hooks.settled(certain, live), terms.hooks.settled(live, live)
        place = (live.provider, live.scope, live.type, str(live.id))
        if self._folds(certain, live, terms, filled, {}) is not None:
            rest = {path for path, value, _ in filled if recorded(declared, path, value)}
            if rest:
                told.unverifiable.append(Unverifiable(*place, "", only_state(sorted(rest)), certain.origin))
            return
        texts = sensitive_texts(certain.attributes)
        certain = self.redactor.resource(certain, terms.facts.root)
        whole = certain.but(certain=None)
        hidden = self._hidden(live, terms.facts, texts)
        verdict = self._verdict(certain, hidden, terms)
        one = told.changed[0] if told.changed else None
        changes = one.verdict.changes if one else ()
        known = [each.path for each in changes]
        said = [each for each in verdict.changes if each.undeclared or each.declared is MISSING]
        is_grave, was_grave = self._grave(certain, hidden), self._grave(certain, declared)
        grave = [each for each in said if is_grave(each)]
        # What opens or grants by nothing but what has changed since the state is told as that alone.
        left = ((each, without(each, changes)) for each in grave)
        grave = [each for each, rest in left if rest is each or was_grave(rest)]
        rest = {each.path for each in said if each not in grave}
        chosen = (one.change for one in verdict.informed)
        rest |= {each.path for each in chosen if recorded(declared, each.path, each.live)}
        rest -= set(known)
        if rest:
            told.unverifiable.append(Unverifiable(*place, "", only_state(sorted(rest)), certain.origin))
        if not grave:
            return
        if one is None:
            told.in_sync = 0
            told.changed = [Changed(whole, hidden, replace(verdict, changes=tuple(grave), unverifiable=()))]
        else:
            both = replace(one.verdict, changes=tuple(together(one.verdict.changes, grave)))
            told.changed = [replace(one, declared=whole, verdict=both)]

    def _pair(
        self,
        declared: Resource,
        live: Resource,
        terms: Terms,
        told: Compared,
    ) -> None:
        declared, live = terms.hooks.settled(declared, live), terms.hooks.settled(live, live)
        filled: list[tuple[str, Any, str]] = []
        known: Known = {}
        folds = self._folds(declared, live, terms, filled, known)
        if folds is not None:
            told.folded += folds
            told.in_sync += bool(declared.attributes)
            self._inform(declared, live, informed(filled), told)
            return
        if marked(declared.attributes) or marked(live.attributes):
            sides = declared.attributes, live.attributes
            sides = unmarked(*sides, self.redactor.mark)
            declared, live, known = declared.but(attributes=sides[0]), live.but(attributes=sides[1]), {}
        raw, begun = (declared, live), None
        if is_plain(declared.attributes):
            begun = self._comparison(declared, live, terms, known)
            if not begun.differs and self._agree(begun.verdict(), declared, live, terms.facts, told):
                return
        texts = sensitive_texts(declared.attributes)
        declared = self.redactor.resource(declared, terms.facts.root)
        like = None if begun is None else (raw[0].attributes, declared.attributes)
        live = self._hidden(live, terms.facts, texts, like)
        if begun is None or not begun.holds_of(declared, live):  # else nothing that differs had to be hidden
            begun = self._comparison(declared, live, terms, known)
        verdict = begun.verdict()
        told.folded += len(verdict.folds)
        place = (live.provider, live.scope, live.type, str(live.id))
        told.unverifiable.extend(
            Unverifiable(*place, path, reason, declared.origin) for path, reason in verdict.unverifiable
        )
        self._inform(declared, live, verdict.informed, told)
        if verdict.in_sync:
            # A declaration that says nothing of it (what a macro makes) proves nothing by agreeing.
            told.in_sync += bool(declared.attributes)
            return
        if verdict.revealed:
            live = live.but(attributes=self.redactor.cover(live.attributes, verdict.revealed))
        told.changed.append(Changed(declared, live, verdict))

    def _agree(
        self, verdict: Verdict, declared: Resource, live: Resource, facts: TypeFacts, told: Compared
    ) -> bool:
        """Whether both sides are in sync as they were read, secrets included, and nothing of them that may be
        a secret is to be told; then it is counted.

        Nothing leaves here, so nobody looks for secrets, but in live values that nobody declares: one that is
        listed must be none, and one that was accepted is told if it is.
        """
        if verdict.changes or verdict.unverifiable:
            return False
        if any(_secret_accepted(fold, facts) for fold in verdict.folds):
            return False
        if self._lists_secret((one.change.path for one in verdict.informed), live, facts):
            return False
        told.folded += len(verdict.folds)
        # A declaration that says nothing of it (what a macro makes) proves nothing by agreeing.
        told.in_sync += bool(declared.attributes)
        self._inform(declared, live, verdict.informed, told)
        return True

    def _lists_secret(self, paths: Iterable[str], live: Resource, facts: TypeFacts) -> bool:
        """Whether something at or below one of the paths is a secret, with all around it that may tell."""
        if not self.estate.raw:
            return False
        alone = (live.but(attributes=with_names(live.attributes, split(path))) for path in paths)
        return any(self.redactor.resource(one, facts.root) is not one for one in alone)

    def _hidden(
        self, live: Resource, facts: TypeFacts, known: Collection[str] = (), like: Like | None = None
    ) -> Resource:
        """A live resource without its secrets, which are hidden already where a cloud was read. ``like`` are
        the declared attributes, before and after."""
        hides = known or self.estate.raw
        return self.redactor.resource(live, facts.root, known, like) if hides else live

    def _verdict(self, declared: Resource, live: Resource, terms: Terms) -> Verdict:
        return self._comparison(declared, live, terms).verdict()

    def _comparison(
        self,
        declared: Resource,
        live: Resource,
        terms: Terms,
        known: Known | None = None,
    ) -> Comparison:
        accept = _acceptance(declared, live, terms)
        grave = self._grave(declared, live)
        redactor, policy = self.redactor, self._policy
        return Comparison(declared, live, terms.exact, terms.context, redactor, policy, accept, grave, known)

    def _folds(
        self,
        declared: Resource,
        live: Resource,
        terms: Terms,
        filled: list[tuple[str, Any, str]],
        known: Known,
    ) -> int | None:
        """How many values fold, where the raw ones tell that there is no difference; None where they don't.

        ``filled`` gets the (path, value, reason) of each that the service may have filled in;
        ``known`` which members are alike.
        """
        if live.unread:
            return None
        if declared.partial or declared.shared:
            return 0 if alike(declared.attributes, live.attributes, terms.exact.root) else None
        accept = self._inquiry(_acceptance(declared, live, terms), live, filled)
        sides = declared.attributes, live.attributes
        # What a rule ignores as a whole counts once.
        deep = all(rule.action != "ignore" for rule in self.rules)
        place = terms.exact.root, terms.context
        folds = count_folds(*sides, *place, accept, known=known, deep=deep, counted=self._counted)
        if folds is None or not filled:
            return folds
        if self._lists_secret((path for path, _, _ in filled), live, terms.facts):
            return None
        grave = self._grave(declared, live)
        if sensitive_texts(declared.attributes) or any(grave(one.change) for one in informed(filled)):
            return None
        return folds - len(filled)

    def _inquiry(self, accept: Acceptance, live: Resource, filled: list[tuple[str, Any, str]]) -> Acceptance:
        """``accept`` with the configuration's word on what the service may have filled in."""

        def asked(path: str, value: Any) -> str | None:
            answer = accept(path, value)
            if not isinstance(answer, Filled):
                return answer
            action = self._policy(live.type, path)
            if action == "inform":
                filled.append((path, value, str(answer)))
            return None if action == "report" else answer

        return asked

    def _grave(self, declared: Resource, live: Resource) -> Grave:
        rules = self._graves.get(live.provider)
        if rules is None:
            own = self.estate.providers[live.provider].severity_rules()
            rules = self._graves[live.provider] = Graves((*self.severity, *own))
        return partial(rules.fit, declared, live)

    def _inform(self, declared: Resource, live: Resource, values: Iterable[Informed], told: Compared) -> None:
        values = tuple(values)
        if not values:
            return
        terms = self._terms(declared, live)
        side = Side(live.attributes, terms.exact.root, terms.context)
        told.undeclared.extend(
            Undeclared(
                live.cell,
                str(live.id),
                live.name or declared.name,
                one.change.path,
                side.raw(split(one.change.path), one.change.live),
                one.change.sensitive,
                one.reason,
                declared.origin,
                self.environment,
                one.keyed,
            )
            for one in values
        )


def context_of(resource: Resource, estate: Estate) -> Context:
    """What comparison may know of where a resource stands."""
    learnt = estate.context(resource.provider)
    return Context(resource.provider, resource.scope, resource.region, resource.type, learnt)


def _acceptance(declared: Resource, live: Resource, terms: Terms) -> Acceptance:
    """What is asked of live values that nobody declares."""
    facts, context = terms.exact, terms.context
    accept = terms.hooks.undeclared(declared, live, facts, context)
    if not declared.chosen:
        return accept
    return accepting(accept, declared, lambda value: canonicalise(value, facts.root, context))


def _secret_accepted(fold: Fold, facts: TypeFacts) -> bool:
    """Whether a secret was accepted that stands on the live side alone."""
    return fold.declared is MISSING and holds_secret(fold.live, facts.root.find(fold.path), fold.path)


def _policy(rules: Sequence[UndeclaredRule]) -> Policy:
    @cache
    def policy(type_: str, path: str) -> str:
        for rule in rules:
            if fnmatchcase(type_, rule.type) and fnmatchcase(path, rule.path):
                return rule.action
        return "inform"

    return policy if rules else _inform


def _inform(_type: str, _path: str) -> str:
    return "inform"
