"""Judges matched resources: what differs, what is missing, what nobody declares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from drift.compare.pair import Comparer, context_of
from drift.compare.processes import compared
from drift.compare.reconcile import Verdict
from drift.config.durations import seconds
from drift.config.model import Config
from drift.hooks import hooks_of
from drift.live.estate import Estate
from drift.match.match import Matches
from drift.model import Cell, Finding, Resource, Unverifiable
from drift.redaction.redact import Redactor
from drift.rule import Again
from drift.rules import severity
from drift.rules.owner import Owners
from drift.rules.ruling import Ruling
from drift.store.memory import swept

#: After so many findings the garbage is freed that comparing them left: DeepDiff's is cyclic, 10 kB and more
#: for each.
_SWEEP_EVERY = 100

#: Takes a finding with the verdict on it; gives a number that finds its evidence again.
Keep = Callable[[Finding, "Verdict | None"], int]


@dataclass(slots=True)
class Judgement:
    """The result of comparing everything.

    Where evidence is kept, ``evidence`` are its numbers: of each finding, then of each of which the rules
    left nothing; and the findings are without attributes.
    """

    findings: list[Finding] = field(default_factory=list)
    ruling: Ruling = field(default_factory=Ruling)
    unverifiable: list[Unverifiable] = field(default_factory=list)
    evidence: list[int] = field(default_factory=list)
    suppressed: list[int] = field(default_factory=list)
    in_sync: int = 0
    declared: int = 0
    folded: int = 0
    system: int = 0
    ignored: int = 0
    unlisted: Counter[Cell] = field(default_factory=Counter)


def judge(
    matches: Matches,
    estate: Estate,
    config: Config,
    redactor: Redactor,
    committed_at: Mapping[str, str],
    now: datetime | None = None,
    ruling: Ruling | None = None,
    owners: Owners | None = None,
    keep: Keep | None = None,
    processes: int = 1,
) -> Judgement:
    """The verdict on every pair, missing and unmatched resource.

    ``committed_at`` maps a commit to its time (RFC 3339), for what is too young to be drift. ``keep`` takes
    the evidence. ``processes`` may compare, as :func:`drift.compare.processes.compared` says.
    """
    result = Judgement(unverifiable=list(matches.unverifiable), ruling=ruling or Ruling())
    settle = _Settling(result, estate, config, owners or Owners(config.owners), keep)
    grace = seconds(config.grace)
    moment = now or datetime.now(UTC)

    def young(declared: Resource) -> bool:
        commit = declared.origin.commit if declared.origin else None
        told = committed_at.get(commit or "")
        return bool(grace and told and (moment - datetime.fromisoformat(told)).total_seconds() < grace)

    comparer = Comparer(estate, redactor, config.undeclared)
    for told in compared(matches.pairs, comparer, processes):
        result.in_sync += told.in_sync
        result.folded += told.folded
        result.unverifiable.extend(told.unverifiable)
        for one in told.changed:
            status = "pending" if young(one.declared) else "new"
            verdict = one.verdict
            finding = Finding("changed", one.declared, one.live, verdict.changes, verdict.folds, status)
            settle(finding, verdict, comparer.again(one))
    for declared in matches.missing:
        facts = estate.providers[declared.provider].facts(declared.type)
        assert facts is not None
        declared = redactor.resource(declared, facts.root)
        status = "pending" if young(declared) else "new"
        settle(Finding("missing", declared, None, status=status))
    for live in matches.unmatched:
        _unmatched(live, matches, estate, config, result, settle)
    result.declared = len(matches.pairs) + len(matches.missing) + len(matches.unverifiable)
    _sort(result)
    return result


class _Settling:
    """Adds what the rules leave of each finding to the result; what is heavy of it goes to the evidence."""

    def __init__(
        self, result: Judgement, estate: Estate, config: Config, owners: Owners, keep: Keep | None
    ) -> None:
        self.result, self.estate, self.config, self.owners, self.keep = result, estate, config, owners, keep
        self._settled = 0

    def __call__(
        self,
        finding: Finding,
        verdict: Verdict | None = None,
        again: Again = lambda _declared, _live: (),
    ) -> None:
        self._settled += 1
        if self._settled % _SWEEP_EVERY == 0:
            swept()
        result = self.result
        hidden = len(result.ruling.hidden)
        left = result.ruling.left_of(finding, again)
        whole = finding if left is None else _complete(left, self.estate, self.config, self.owners)
        if self.keep is not None:
            number = self.keep(whole, verdict)
            (result.suppressed if left is None else result.evidence).append(number)
            whole = _light(whole)
            result.ruling.hidden[hidden:] = [
                replace(one, finding=_light(one.finding)) for one in result.ruling.hidden[hidden:]
            ]
        if left is not None:
            result.findings.append(whole)


def _light(finding: Finding) -> Finding:
    """A finding without its resources' attributes."""
    declared, live = finding.declared, finding.live
    return replace(
        finding,
        declared=None if declared is None else declared.but(attributes={}),
        live=None if live is None else live.but(attributes={}),
        folds=(),
    )


def _unmatched(
    live: Resource, matches: Matches, estate: Estate, config: Config, result: Judgement, settle: _Settling
) -> None:
    provider = estate.providers.get(live.provider)
    facts = None if provider is None else provider.facts(live.type)
    if provider is None or facts is None:
        return  # the ledger says that it is not supported
    if provider.system(live, estate.context(live.provider)):
        result.system += 1
        return
    action = unmanaged_action(config, live)
    declared_here = matches.declares(provider, live) in matches.declared_types
    if action is None:
        action = "report" if declared_here or hooks_of(provider).gives_access(live, facts) else "count"
    if action == "ignore":
        result.ignored += 1
        return
    possible = matches.possible.get(live.cell)
    if possible:
        names = ", ".join(str(one.origin.address if one.origin else one.name) for one in possible[:3])
        result.unverifiable.append(
            Unverifiable(
                live.provider,
                live.scope,
                live.type,
                str(live.id),
                "",
                f"possibly {names}, whose id is not known",
            )
        )
    elif action == "count":
        result.unlisted[live.cell] += 1
    else:
        settle(Finding("unmanaged", None, live))


def unmanaged_action(config: Config, live: Resource) -> str | None:
    """What the configuration says of an unmanaged resource; None where it says nothing."""
    for rule in config.unmanaged:
        if (
            fnmatchcase(live.provider, rule.provider)
            and fnmatchcase(live.scope, rule.scope)
            and fnmatchcase(live.type, rule.type)
        ):
            return rule.action
    return None


def _complete(finding: Finding, estate: Estate, config: Config, owners: Owners) -> Finding:
    resource = finding.resource
    provider = estate.providers[resource.provider]
    own = (rule.model_dump(exclude_none=True) for rule in config.severity)
    rules: Iterable[Mapping[str, Any]] = (*own, *provider.severity_rules())
    facts = provider.facts(resource.type)
    assert facts is not None
    context = context_of(resource, estate)
    facts = hooks_of(provider).facts(facts, context)
    found, why = severity.judge(finding, rules)
    return Finding(
        kind=finding.kind,
        declared=finding.declared,
        live=finding.live,
        changes=finding.changes,
        folds=finding.folds,
        status=finding.status,
        severity=found,
        severity_reason=why,
        owner=owners.of(finding),
        attribution=hooks_of(provider).attribution(finding, facts, context),
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
    )


def _sort(result: Judgement) -> None:
    order = sorted(range(len(result.findings)), key=lambda index: _order(result.findings[index]))
    result.findings = [result.findings[index] for index in order]
    if result.evidence:
        result.evidence = [result.evidence[index] for index in order]
