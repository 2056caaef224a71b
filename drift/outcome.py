"""What leaves a run: the report, its evidence and the exit code; and what the history remembers of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from drift import __version__
from drift.config.durations import seconds
from drift.config.model import Config
from drift.deadline import Deadline
from drift.declared.blame import Blame
from drift.history.history import History, Known
from drift.history.place import Place
from drift.history.sight import Learnt, Sight
from drift.live.estate import Estate
from drift.live.order import Order
from drift.live.tasks import Stage, Watch
from drift.memory import Memory
from drift.model import MISSING, Problem
from drift.moment import now, rfc3339
from drift.only import Only
from drift.redaction import Redactor, told
from drift.report import document, last_changes, readings, who
from drift.report.depths import Depths
from drift.report.evidence import Evidence
from drift.report.exit_code import exit_code
from drift.resumption import Resumption
from drift.said import Declared
from drift.terms import Judgement
from drift.witness import Budget


class Run(Protocol):
    """What is to be known of a run (:class:`drift.scan.Run`) that ends."""

    id: str
    started: datetime
    config: Config
    only: Sequence[str]
    live: Sequence[Path]
    selected: Only
    depths: Depths
    deadline: Deadline
    redactor: Redactor
    remembered: Place | None
    reports: Path | None
    resumption: Resumption | None
    confirmed: dict[str, int] | None

    @property
    def watch(self) -> Watch:
        """Is told what it does."""
        ...

    @property
    def tell(self) -> Callable[[str], None]:
        """Is given what was passed over."""
        ...

    @property
    def order(self) -> Order:
        """When each cell was last read."""
        ...

    def told(self, message: str) -> str:
        """A message as it may leave the run."""
        ...

    def excuse(self, estate: Estate) -> None:
        """What the run is about is no secret."""
        ...


@dataclass(slots=True)
class Result:
    """A run's outcome: the report document, its evidence, and the exit code of the command-line contract:
    as it is, and where drift is forgiven (``--exit-zero``)."""

    report: dict[str, Any]
    evidence: Iterable[dict[str, Any]]
    exit_code: int
    forgiving: int
    clock: Deadline = field(default_factory=Deadline)
    history: History | None = None
    #: Writes the live side to a file; gives the number of resources.
    live: Callable[[Path], int] = lambda _: 0


def outcome(
    run: Run,
    judgement: Judgement,
    said: Declared,
    estate: Estate,
    problems: Iterable[Problem],
    evidence: Evidence,
    history: History | None = None,
) -> Result:
    """The document, the evidence of its findings, and how the run ended."""
    finished = now()
    report = document.build(
        judgement,
        estate,
        run={
            "id": run.id,
            "started_at": rfc3339(run.started),
            "finished_at": rfc3339(finished),
            "duration_seconds": max(0.0, round((finished - run.started).total_seconds(), 3)),
            **({"only": list(run.only)} if run.only else {}),
            **({"confirmed": run.confirmed} if run.confirmed else {}),
        },
        locations=((source.source, source.location) for source in said.sources),
        problems=(replace(one, message=told(one.message)) for one in chain(problems, said.late)),
        written=said.written,
        compared=run.depths.told(estate.facts),
        forges=run.config.forges,
        url=run.config.output.url,
    )
    if run.config.blame.enabled:
        places = [source.location for source in said.sources]
        last_changes.add(judgement.findings, report["findings"], Blame(places, run.deadline, run.tell))
    run.excuse(estate)
    earlier = None if run.resumption is None else run.resumption.earlier
    readings.add(report, lambda: run.order, earlier)
    for finding in chain(report["findings"], report["suppressed"]):
        for change in finding.get("changes", ()):
            run.redactor.known.beside(change.get("declared"), change.get("live"))
    report = document.with_digests(run.redactor.known.document(report))
    answered = _witnessed(run, report, judgement, estate, history)
    tell = partial(exit_code, fail_on=run.config.fail_on)
    if history is None:
        report["run"]["exit_code"] = tell(report)
    else:
        run.watch(Stage("remembering"))
        sight = _sight(run, said, estate, judgement, history)
        sight.answered = answered
        # What earlier runs told this one may know to be secret.
        report = run.redactor.known.document(history.remember(report, sight, tell))
    code, forgiving = report["run"]["exit_code"], tell(report, forgive_drift=True)
    records = map(run.redactor.known.document, evidence.records(judgement))
    clock = run.deadline.writing()
    return Result(report, records, code, forgiving, clock, history)


def _witnessed(
    run: Run, report: dict[str, Any], judgement: Judgement, estate: Estate, history: History | None
) -> frozenset[str]:
    """Puts into the report who did it, as far as the clouds' own logs tell; about which findings they
    answered."""
    said = run.config.attribution
    who.mark(report["findings"], said.pipelines)
    known = Known() if history is None else history.known(report)
    fresh, again = who.keep(report["findings"], known.findings)
    asked = [*fresh, *again]
    if run.live or not asked or not said.calls:
        return frozenset()
    run.watch(Stage("asking who did it"))
    clock = Deadline(min(said.seconds, run.deadline.judging().left()))
    new = frozenset(report["findings"][place]["id"] for place in fresh)
    budget = Budget(said.calls, clock, said.pipelines, known.since, new)
    findings = [judgement.findings[place] for place in asked]
    found = who.ask(findings, estate.providers, run.config.settings, budget, run.deadline)
    for place in asked:
        by = found.told.get(report["findings"][place]["id"])
        report["findings"][place]["attribution"] = run.redactor.known.document(by) if by else None
    silent = [run.told(one) for one in found.silent]
    for one in silent:
        run.tell(one)
    left = sum(one.id not in found.answered for one in findings)
    report["run"]["attribution"] = {
        "asked": len(asked),
        "told": len(found.told),
        "left": left,
        "silent": silent,
    }
    return frozenset(found.answered)


def history_of(run: Run) -> History | None:
    """Where the run is to be remembered."""
    if run.remembered is None:
        return None
    said = run.config.remembers
    keep = None if said is None or said.keep is None else seconds(said.keep)
    runs_kept = None if said is None else said.keep_runs
    return History(
        run.remembered,
        run.deadline.writing(),
        keep=keep,
        keep_runs=runs_kept,
        reports=run.reports,
        expected=said is not None and said.expected,
    )


def recalled(run: Run, history: History | None, estate: Estate) -> Memory | None:
    """What is remembered of what nobody declares, if there is a history."""
    if history is None:
        return None
    environment = estate.environment(run.config.environment)
    return history.recall(environment, __version__, partial=bool(run.only))


def _sight(run: Run, said: Declared, estate: Estate, judgement: Judgement, history: History) -> Sight:
    """Of what this run may speak, for the history."""
    keyed = {one.id: one.keyed for one in judgement.undeclared if one.keyed}
    known = run.redactor.known
    moved = [
        one if one.live is MISSING else replace(one, live=known.document(one.live)) for one in judgement.moved
    ]
    learnt = Learnt(moved, keyed, judgement.counted) if history.asked else None
    sight = Sight(estate, run.selected.resource, bool(run.only), said.unread(), learnt)
    sight.committed = said.committed()
    return sight
