"""Judges matched resources: what differs, what is missing, what nobody declares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from drift.compare.as_read import as_read
from drift.compare.pair import context_of
from drift.compare.remembered import PLANNED, UNAPPLIED
from drift.compare.verdict import Verdict
from drift.facts import PathFacts, TypeFacts
from drift.finding import Change, Finding, FindingKind, Fold, Undeclared, Unverifiable
from drift.hooks import Hooks
from drift.kinds.base import Context
from drift.live.estate import Estate
from drift.match import Matches
from drift.memory import appeared_note, numbered
from drift.model import GLOBAL, Resource
from drift.moved import changes as changes_of
from drift.moved import keeping, parted
from drift.redaction import Redactor
from drift.rule import Again
from drift.rules import severity
from drift.rules.ruling import Hidden
from drift.store import swept
from drift.terms import Judgement, Keep, Terms
from drift.verdicts import Here, Verdicts, key_of, own_severity, possibly

__all__ = ["Judgement", "Keep", "Terms", "judge"]

#: After so many findings the garbage is freed that comparing them left: DeepDiff's is cyclic, 10 kB and more
#: for each.
_SWEEP_EVERY = 100


def judge(matches: Matches, terms: Terms, verdicts: Verdicts | None = None) -> Judgement:
    """The verdict on every pair, missing and unmatched resource; ``verdicts`` tells them where that is not
    done here."""
    work = _Judging(matches, terms, verdicts or here(matches, terms))
    work.missing()  # what is soon told comes first, in case that time is short
    work.leaving()
    work.unmatched()
    work.pairs()
    return work.judgement()


def here(matches: Matches, terms: Terms) -> Here:
    """The verdicts by what was read in this process."""
    estate, workers, clock = terms.estate, terms.workers, terms.clock
    return Here(matches, estate, terms.config, terms.redactor, workers=workers, clock=clock)


class _Judging:
    """Judges one kind after another, and adds what the rules leave of each finding to the result; what is
    heavy of it goes to the evidence."""

    def __init__(self, matches: Matches, terms: Terms, verdicts: Verdicts) -> None:
        self.matches, self.terms, self.verdicts = matches, terms, verdicts
        self.environment = terms.estate.environment(terms.config.environment)
        self.result = Judgement(
            ruling=terms.ruling, unverifiable=list(matches.unverifiable), environment=self.environment
        )
        self._settled = 0
        #: Evidence of what the rules leave nothing of, each with its place.
        self._suppressed: list[tuple[tuple[Any, ...], int]] = []
        self._scales: dict[str, severity.Scale] = {}
        self._around = _Shown(terms.estate, terms.redactor)
        self._comparer = verdicts.comparer

    def pairs(self) -> None:
        """What differs in what is on both sides."""
        terms, result = self.terms, self.result
        observed = dict(self.verdicts.observed())
        for told in self.verdicts.compared():
            terms.redactor.known.update(told.known)
            result.in_sync += told.in_sync
            result.folded += told.folded
            result.unverifiable.extend(told.unverifiable)
            same, moved = parted(told.undeclared, terms.memory)
            result.undeclared.extend(same)
            result.moved.extend(value for values in moved.values() for value, _ in values)
            for one in told.changed:
                verdict, again = one.verdict, self._comparer.again(one)
                more = changes_of(moved.pop((one.live.cell, str(one.live.id)), ()))
                if more := (*more, *observed.pop(key_of(one.live), ())):
                    changes = sorted((*verdict.changes, *more), key=lambda each: each.path)
                    verdict = replace(verdict, changes=tuple(changes))
                    again = keeping(more, one.live, again)
                finding = self._finding("changed", one.declared, one.live, verdict.changes, verdict.folds)
                if one.declared.rivals:
                    finding = replace(finding, note=_contested(one.declared.rivals))
                origin = one.declared.origin
                if origin is not None and origin.pending == "import":
                    note = f"to be imported: no state holds it yet as {origin.address}"
                    finding = replace(finding, status="pending", note=note)
                elif verdict.changes and all(each.note in (PLANNED, UNAPPLIED) for each in verdict.changes):
                    finding = replace(finding, status="pending", note=verdict.changes[0].note)
                self._settle(finding, verdict, again)
            for values in moved.values():
                more = changes_of(values)
                finding = self._of_memory(values[0][0], more)
                assert finding.live is not None
                self._settle(finding, None, keeping(more, finding.live, lambda _declared, _live: ()))
                result.in_sync -= 1
        for told_beside, declared, live in self.verdicts.beside():
            finding = self._finding("changed", declared, live, told_beside)
            self._settle(finding, None, keeping(told_beside, live, lambda _declared, _live: ()))
            result.in_sync -= 1

    def _of_memory(self, one: Undeclared, changes: tuple[Change, ...]) -> Finding:
        """The finding on a resource of which nothing but what nobody declares differs."""
        estate, cell = self.terms.estate, one.cell
        live = estate.get(cell, one.resource_id)
        if live is None:  # it stands in the cell of another version of its type
            region = None if cell.region == GLOBAL else cell.region
            live = Resource(cell.provider, cell.scope, cell.type, one.resource_id, {}, region, one.name)
        elif estate.raw:
            facts = estate.facts(cell.provider, cell.type)
            assert facts is not None
            live = self.terms.redactor.resource(live, facts.root)
        return self._finding("changed", live.but(attributes={}, origin=one.origin), live, changes)

    def missing(self) -> None:
        """What is declared and not live."""
        for declared in self.verdicts.missing():
            finding = self._finding("missing", declared, None)
            if declared.origin is not None and declared.origin.pending == "creation":
                note = "never applied: it is declared, and the state does not hold it"
                if declared.origin.via or declared.origin.by:
                    note = f"not made yet: {_deployer(declared)} has applied no commit that declares it"
                finding = replace(finding, status="pending", note=note)
            elif declared.origin is not None and declared.origin.pending == "import":
                note = "it is to be imported, and is not there"
                finding = replace(finding, status="pending", note=note)
            self._settle(finding)

    def leaving(self) -> None:
        """What is live, and declared no longer."""
        for declared, live, differs in self.verdicts.leaving():
            address = (declared.origin and declared.origin.address) or declared.name
            status: str | None = "pending"
            note = f"pending removal: the state holds {address}, which is declared no longer"
            if differs:
                status, note = None, "declared no longer, and not as it was when it was"
            elif declared.origin is not None and declared.origin.pending == "pruning":
                note = f"pending removal: declared no longer, which {_deployer(declared)} has not applied yet"
            self._settle(replace(self._finding("unmanaged", None, live), status=status, note=note))

    def unmatched(self) -> None:
        """What is live and declared by nobody: listed, counted, ignored, or what a declaration may mean."""
        estate, result, memory = self.terms.estate, self.result, self.terms.memory
        for live, said, listed, possible in self.verdicts.unmatched():
            action, number, since = said, None, None
            leftover = self.terms.leftover(live)
            if action is None:
                listed = listed or bool(leftover)
                action = "report" if listed else "count"
                if not listed and memory is not None and not live.bare:
                    number = numbered(self.environment, live.cell, str(live.id))
                    since = memory.known_since(live.cell, number)
                    action = "count" if since is None else "report"
            place = live.provider, live.scope, live.type, str(live.id), ""
            if action == "ignore":
                result.ignored += 1
            elif possible:
                result.unverifiable.append(Unverifiable(*place, possibly(live, possible)))
            elif action == "count":
                result.unlisted[live.cell] += 1
                if number is not None:
                    result.counted.setdefault(live.cell, []).append(number)
            elif self.terms.unread is not None:
                reason = f"may be declared in what could not be read: {self.terms.unread}"
                result.unverifiable.append(Unverifiable(*place, reason))
            else:
                if since is not None:
                    live = self.verdicts.whole(live)
                facts = estate.facts_of(live)
                assert facts is not None
                if estate.raw:
                    live = self.terms.redactor.resource(live, facts.root)
                note = leftover or (appeared_note(since) if since is not None else "")
                self._settle(replace(self._finding("unmanaged", None, live), note=note))

    def judgement(self) -> Judgement:
        """The result, the worst finding first."""
        result, matches = self.result, self.matches
        counts = self.verdicts.counts
        result.system, result.uncompared = counts.system, len(counts.left)
        result.ignored += counts.ignored
        result.unverifiable += counts.unverifiable
        result.unlisted.update(counts.unlisted)
        # A line with a path is of a resource that is counted, one without stands for a resource.
        whole = sum(not line.path for line in matches.unverifiable)
        result.declared = counts.declared + whole
        order = sorted(range(len(result.findings)), key=lambda index: _order(result.findings[index]))
        result.findings = [result.findings[index] for index in order]
        if result.evidence:
            result.evidence = [result.evidence[index] for index in order]
        result.suppressed = [number for _, number in sorted(self._suppressed)]
        counts.left.cover(self.terms.estate, self.terms.clock.reason)
        return result

    def _finding(
        self,
        kind: FindingKind,
        declared: Resource | None,
        live: Resource | None,
        changes: tuple[Change, ...] = (),
        folds: tuple[Fold, ...] = (),
    ) -> Finding:
        status = None if declared is None else self.terms.status(declared)
        return Finding(kind, declared, live, changes, folds, status, environment=self.environment)

    def _settle(
        self, finding: Finding, verdict: Verdict | None = None, again: Again = lambda _declared, _live: ()
    ) -> None:
        """Asks the rules; what they leave is a finding."""
        self._settled += 1
        if self._settled % _SWEEP_EVERY == 0:
            swept()
        result = self.result
        hidden = len(result.ruling.hidden)
        left = result.ruling.left_of(finding, again)
        whole = self._as_read(finding if left is None else self._complete(left))
        result.ruling.hidden[hidden:] = [self._told(one) for one in result.ruling.hidden[hidden:]]
        if self.terms.keep is not None:
            number = self.terms.keep(whole, verdict)
            if left is None:
                self._suppressed.append((_order(whole)[1:], number))
            else:
                result.evidence.append(number)
            whole = _light(whole)
            result.ruling.hidden[hidden:] = [
                replace(one, finding=_light(one.finding)) for one in result.ruling.hidden[hidden:]
            ]
        if left is not None:
            result.findings.append(whole)

    def _content(self, resource: Resource, facts: TypeFacts, hooks: Hooks) -> dict[str, Any]:
        """What a resource is that one side alone has."""
        title = facts.title if facts.title != facts.type else ""
        return {**({"What": title} if title else {}), **hooks.content(resource, self._around)}

    def _as_read(self, finding: Finding) -> Finding:
        """A finding whose changes say what stands on both sides, too."""
        if not finding.changes:
            return finding
        sides = finding.declared, finding.live
        changes = as_read(finding.changes, *sides, *self._known(finding.resource))
        return replace(finding, changes=changes)

    def _told(self, one: Hidden) -> Hidden:
        if one.change is None:
            return one
        sides = one.finding.declared, one.finding.live
        (change,) = as_read((one.change,), *sides, *self._known(one.finding.resource))
        return replace(one, change=change)

    def _known(self, resource: Resource) -> tuple[PathFacts, Context]:
        """The facts of a resource, as comparison took them, and where it stands."""
        provider = self.terms.estate.providers[resource.provider]
        facts = self.terms.estate.facts_of(resource)
        assert facts is not None
        context = context_of(resource, self.terms.estate)
        return provider.hooks.facts(facts, context).root, context

    def _complete(self, finding: Finding) -> Finding:
        """A finding with how severe it is, whose, and who did it."""
        terms, name = self.terms, finding.resource.provider
        provider = terms.estate.providers[name]
        facts = terms.estate.facts_of(finding.resource)
        assert facts is not None
        context = context_of(finding.resource, terms.estate)
        remark = terms.remark(finding)
        if remark:
            finding = replace(finding, note=f"{finding.note}; {remark}" if finding.note else remark)
        scale = self._scales.get(name)
        if scale is None:
            rules = (*own_severity(terms.config), *provider.severity_rules())
            scale = self._scales[name] = severity.Scale(rules)
        rating = scale.rate(finding)
        return replace(
            finding,
            severity=rating.severity,
            severity_reason=rating.why,
            categories=rating.categories,
            owner=terms.owners.of(finding),
            attribution=provider.hooks.attribution(finding, provider.hooks.facts(facts, context), context),
            content={} if finding.changes else self._content(finding.resource, facts, provider.hooks),
        )


class _Shown:
    """The live side for a hook that tells of it, without secrets (:class:`drift.hooks.Around`)."""

    def __init__(self, estate: Estate, redactor: Redactor) -> None:
        self._estate, self._redactor = estate, redactor
        self.context, self.types, self.listed = estate.context, estate.types, estate.listed

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        found = self._estate.find(provider, scope, type, id)
        return None if found is None else self._without_secrets(found)

    def every(self, provider: str, type: str) -> Iterable[Resource]:
        return map(self._without_secrets, self._estate.every(provider, type))

    def _without_secrets(self, live: Resource) -> Resource:
        facts = self._estate.facts(live.provider, live.type)
        return self._redactor.resource(live, facts.root) if self._estate.raw and facts else live


def _contested(rivals: Sequence[Resource]) -> str:
    """Where else a setting is declared of which its place has one, for people."""
    others = ", ".join(str(one.origin) for one in rivals)
    return f"its place has one of it, which is declared at {others}, too, and none of these is live"


def _deployer(declared: Resource) -> str:
    """What is to apply what is declared, for people."""
    origin = declared.origin
    return "what deploys it" if origin is None else origin.by or " → ".join(origin.via) or "what deploys it"


def _light(finding: Finding) -> Finding:
    """A finding without its resources' attributes."""
    declared, live = finding.declared, finding.live
    return replace(
        finding,
        declared=None if declared is None else declared.but(attributes={}, rivals=()),
        live=None if live is None else live.but(attributes={}),
        folds=(),
    )


def _order(finding: Finding) -> tuple[Any, ...]:
    resource = finding.resource
    return (
        severity.RANK[finding.severity],
        resource.provider,
        resource.scope,
        resource.region or "",
        resource.type,
        resource.id or "",
        finding.kind,
        finding.id,
    )
