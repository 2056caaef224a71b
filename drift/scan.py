"""The program in one sentence: read what is declared and live, match, judge (which compares), report."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypedDict

from drift import __version__, declared, engine, plugins
from drift.compare.workers import Workers
from drift.config.durations import seconds
from drift.config.model import Config
from drift.confirming import Answers, confirm, noted, withdraw
from drift.deadline import Deadline, Passed
from drift.declared.blame import Blame
from drift.engine.distributed import Distributed
from drift.errors import DriftError
from drift.history.history import History, Known
from drift.history.place import Place
from drift.history.sight import Learnt, Sight
from drift.judge import Judgement, Keep, Terms, judge
from drift.live import collect, write_snapshot
from drift.live.ahead import ahead
from drift.live.estate import Estate
from drift.live.order import Order
from drift.live.tasks import WAITING_SECONDS, Stage, Waiting, Watch
from drift.match import Matches, match
from drift.memory import Memory
from drift.model import MISSING, Problem
from drift.moment import now, rfc3339
from drift.only import Only
from drift.provider import Live, Wanted
from drift.redaction import KEY_VARIABLE, Redactor, told
from drift.report import document, last_changes, readings, runs, who
from drift.report.depths import Depths
from drift.report.evidence import Evidence
from drift.report.exit_code import exit_code, nothing_read
from drift.resumption import Resumption
from drift.rules.carriers import Carriers
from drift.rules.codeowners import CodeOwners
from drift.rules.files import gather
from drift.rules.owner import Owners
from drift.rules.ruling import Ruling
from drift.said import Anew, Declared, Reading
from drift.source import Declaration, Location
from drift.store import held, kept, spared
from drift.verdicts import Verdicts
from drift.witness import Budget

#: The part of a snapshot's time that reading what is declared may take.
_FOR_VERSIONS = 0.25
#: How long a history is waited for that says what is read first (seconds).
_ORDER_SECONDS = 20.0
_ONCE_MORE = "reading once more what is missing or critical"


class _Confirming(TypedDict):
    """How many findings are read once more, and until when."""

    most: int
    clock: Deadline


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


@dataclass
class Run:
    """One run, before anything is read. ``only`` restricts to what matches one of its globs; ``tell`` is
    given what declared sources passed over on purpose. ``processes`` compare very many resources: more than
    one starts others of this program, for which Python runs the main module again, so that a script must
    guard what it does with ``__name__``. ``deadline`` is the run's clock: what is not read when it passes is
    unread, and all else is judged. ``remembered`` is where the history is, if
    there is to be one, ``reports`` the folder of the folders of earlier runs; ``places`` are those of
    declared entries that are not looked for (:func:`drift.declared.load`), and ``reading`` reads them.
    ``resumption`` says which earlier run it goes on with; None: what is read is not kept."""

    config: Config
    only: Sequence[str] = ()
    live: Sequence[Path] = ()
    watch: Watch = lambda _: None
    tell: Callable[[str], None] = lambda _: None
    processes: int = 1
    deadline: Deadline = field(default_factory=Deadline)
    remembered: Place | None = None
    reports: Path | None = None
    places: Mapping[int, Location] = field(default_factory=dict)
    reading: Reading = field(default_factory=Anew)
    resumption: Resumption | None = None
    #: Whether :attr:`Result.live` is asked for, which workers then bring here.
    keeps_live: bool = False
    id: str = field(init=False)
    redactor: Redactor = field(init=False)
    selected: Only = field(init=False)
    depths: Depths = field(init=False)
    started: datetime = field(default_factory=now)
    #: The connections to the clouds, once they were read; how many findings were read once more.
    lives: Mapping[str, Live] = field(default_factory=dict, init=False)
    confirmed: dict[str, int] | None = field(default=None, init=False)
    _told: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.id = runs.new_id(self.started)
        said = self.config.redaction.key
        key = said.get_secret_value() if said is not None else ""
        self.redactor = Redactor(key or os.environ.get(KEY_VARIABLE), self.config.redaction.public)
        self.config.keyring.hear(self.redactor.knows)
        self.selected = Only(tuple(self.only))
        self.depths = Depths(self.selected.resource)

    def scan(self) -> Result:
        """The whole run. Raises DriftError for what makes all of it useless."""
        if self.config.engine is not None and not self.live:
            return self._distributed()
        estate = Estate(plugins.providers())
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._telling())
            workers = stack.enter_context(Workers(self.processes))
            stack.enter_context(kept() if self.live else spared())
            if self.live:  # what talks to clouds leaves threads
                workers.copied(self.live, estate)
            self.watch(Stage("reading what is declared"))
            with kept():
                said = self.read_declared(estate, self.deadline)
            problems = self.read_live(estate, said.sources, hide=False)
            self.watch(Stage("comparing"))
            with held():
                history = self._history()
                memory = None if history is None else self._recall(history, estate)
                said, matches, evidence, judgement = self._settled(said, estate, workers, memory)
                problems += [*said.problems, *matches.problems, *_late(judgement, self.deadline)]
                result = self.report(judgement, said, estate, problems, evidence, history)
                result.live = partial(self._keep, estate)
                return result

    def _distributed(self) -> Result:
        """The whole run on other processes or machines, as the key `engine` says."""
        with self._telling(), engine.opened(self.config, self.id, self.tell, self.deadline) as (crew, shelf):
            by = self.redactor, self.selected, self.depths
            there = Distributed(self.id, self.config, crew, shelf, *by, self.deadline, self.watch)
            self.watch(Stage("reading what is declared"))
            with kept():
                said = self.read_declared(there.estate, self.deadline)
            there.tell, resumption = self.tell, self.resumption
            there.order = self.order if self._limited else None
            if resumption is not None:
                folder = engine.keeps(self.config, self.id, resumption.base)
                there.kept_in = resumption.begin_there(
                    self.id, self.started, self.only, self.redactor, folder
                )
            there.read(said, _wanted(self.config.settings, said.sources, self.selected))
            if resumption is not None and not there.cut:
                resumption.over()
            history = self._history()
            memory = None if history is None else self._recall(history, there.estate)
            matches, evidence, judgement = self._compared_there(said, there, memory)
            if self.config.confirm.findings:
                self.watch(Stage(_ONCE_MORE))
                answers = there.confirm(judgement.findings, **self._confirming())
                if answers.changed or answers.withdrawn:
                    self.watch(Stage("comparing again"))
                    said, self.tell = said.anew(there.estate), lambda _: None
                    self.depths = Depths(self.selected.resource)
                    there.anew(said, self.depths, answers.withdrawn)
                    matches, evidence, judgement = self._compared_there(said, there, memory)
                self._note(judgement, answers)
            problems = [*said.problems, *matches.problems, *_late(judgement, self.deadline)]
            result = self.report(judgement, said, there.estate, problems, evidence, history)
            if self.keeps_live:
                self.watch(Stage("bringing the live side here"))
                result.live = partial(self._keep, there.brought())
            return result

    def _compared_there(
        self, said: Declared, there: Distributed, memory: Memory | None
    ) -> tuple[Matches, Evidence, Judgement]:
        matches, verdicts = there.match(said, self.tell, remembered=memory is not None)
        evidence = Evidence(matches, there.estate, self.config)
        judged = self.judge(matches, said, there.estate, evidence.keep, Workers(), memory, verdicts)
        return matches, evidence, judged

    def _settled(
        self, said: Declared, estate: Estate, workers: Workers, memory: Memory | None
    ) -> tuple[Declared, Matches, Evidence, Judgement]:
        """Both sides compared; and once more, where a second reading of what would raise an alarm is
        otherwise."""
        ledger = dict(estate.coverage)
        matches, evidence, judgement = self._compared(said, estate, workers, memory)
        if self.lives and self.config.confirm.findings:
            self.watch(Stage(_ONCE_MORE))
            answers = self._confirm(judgement, estate)
            if answers.changed or answers.withdrawn:
                self.watch(Stage("comparing again"))
                estate.coverage, self.depths = ledger, Depths(self.selected.resource)
                said, self.tell = said.anew(estate), lambda _: None
                matches, evidence, judgement = self._compared(
                    said, estate, workers, memory, answers.withdrawn
                )
            self._note(judgement, answers)
        return said, matches, evidence, judgement

    def _compared(
        self,
        said: Declared,
        estate: Estate,
        workers: Workers,
        memory: Memory | None,
        withdrawn: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[Matches, Evidence, Judgement]:
        matches = self.match(said, estate)
        withdraw(matches, withdrawn, estate.environment(self.config.environment))
        evidence = Evidence(matches, estate, self.config)
        return matches, evidence, self.judge(matches, said, estate, evidence.keep, workers, memory)

    def _confirm(self, judgement: Judgement, estate: Estate) -> Answers:
        """What a second reading tells of the findings that would raise an alarm."""
        arrived = collect.arriving(estate, self.redactor)
        return confirm(judgement.findings, estate, self.lives, arrived, **self._confirming())

    def _confirming(self) -> _Confirming:
        left = self.deadline.judging().left()
        clock = Deadline(min(self.config.confirm.seconds, left))
        return {"most": self.config.confirm.findings, "clock": clock}

    def _note(self, judgement: Judgement, answers: Answers) -> None:
        """What a second reading could not tell is said beside the findings."""
        judgement.findings = [noted(one, answers.notes.get(one.id)) for one in judgement.findings]
        self.confirmed = answers.record() if answers.asked or answers.untold else None

    def snapshot(self) -> tuple[Estate, list[Problem]]:
        """The live side only, and what of it could not be read. What is declared, where it can be read in a
        part of the time, tells the versions to read objects at. Raises DriftError where not one cell was
        read."""
        estate = Estate(plugins.providers())
        sources: list[Declaration] = []
        with self._telling():
            if not self.live:
                with contextlib.suppress(DriftError):
                    sources = self.read_declared(estate, self.deadline.part(_FOR_VERSIONS)).sources
            problems = self.read_live(estate, sources)
            useless = nothing_read((row.record() for row in estate.coverage.values()), len(estate))
            if useless:
                raise DriftError(useless)
        self._tidy(estate)
        return estate, [replace(one, message=self.told(one.message)) for one in problems]

    def _keep(self, estate: Estate, path: Path) -> int:
        self._tidy(estate)
        estate.environments = estate.environments or {self.config.environment}
        return write_snapshot.write(path, estate, self.redactor)

    def _tidy(self, estate: Estate) -> None:
        """What the ledger says loses its secrets before it is written into a snapshot."""
        self._excuse(estate)
        for cell, row in estate.coverage.items():
            estate.coverage[cell] = replace(row, message=self.told(row.message))

    def told(self, message: str) -> str:
        """A message as it may leave the run: without what looks like a secret, or is known to be one."""
        return self.redactor.known.covered(told(message))

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """What ends the run says no secret."""
        try:
            yield
        except DriftError as error:
            error.args = (self.told(str(error)), *error.args[1:])
            raise

    def _excuse(self, estate: Estate) -> None:
        """What a run is about is no secret, whoever calls it one: its accounts, regions and types."""
        places = {part for cell in estate.coverage for part in cell}
        self.redactor.known.excuse({*places, *estate.environments, self.config.environment})

    def read_declared(self, estate: Estate, deadline: Deadline) -> Declared:
        """Every declared source, parsed, as far as there is time. Raises DriftError for the first that can't
        be."""
        config = self.config
        sources = declared.load(
            config.declared,
            config.base,
            estate.providers,
            config.settings,
            deadline,
            self._waiting,
            allowed=config.backends.allow,
            history=config.blame.history,
            places=self.places,
            reader=self.reading.read,
        )
        for source in sources:
            self.redactor.known.update(source.secrets())
        return Declared(sources, Carriers(estate.providers), self.reading)

    def _waiting(self, what: str, seconds: float) -> None:
        """Tells what is waited for, but not each time that one looks up."""
        if seconds - self._told > WAITING_SECONDS or seconds < self._told:
            self._told = seconds
            if seconds > WAITING_SECONDS:
                self.watch(Waiting(what, seconds))

    def read_live(
        self, estate: Estate, sources: Iterable[Declaration], *, hide: bool = True
    ) -> list[Problem]:
        """Fills the estate from the snapshots given, else from the clouds. Gives what could not be read.

        Secrets are hidden, but not those of snapshots where ``hide`` is False: :func:`drift.judge.judge`
        hides what becomes a finding, as it does of what is declared.
        """
        if self.live:
            self.watch(Stage(f"reading {', '.join(map(str, self.live))}"))
            read = partial(collect.from_files, estate, self.live, self.redactor, hide=hide)
            try:
                return self.deadline.ask(read)
            except Passed as error:
                raise DriftError(f"the snapshots were not read in time: {error.message}") from error
        config = self.config
        wanted = _wanted(config.settings, sources, self.selected)
        checkpoint = None
        if self.resumption is not None:
            checkpoint = self.resumption.begin(self.id, self.started, self.only, self.redactor)
        self.lives = collect.from_clouds(
            estate,
            config.settings,
            wanted,
            self.redactor,
            config.workers,
            self.watch,
            self.deadline,
            checkpoint,
            self.order if self._limited else None,
        )
        return []

    @property
    def _limited(self) -> bool:
        """Whether time or calls may run out before all is read."""
        calls = (getattr(one, "calls", 0) for one in self.config.settings.values())
        return self.deadline.limited or any(calls)

    @cached_property
    def order(self) -> Order:
        """When each cell was last read, by the last report of this environment and its history."""
        environment, history = self.config.environment, self._history()
        ledgers = [runs.last_ledger(self.reports, environment)]
        if history is not None:
            history.seconds = _ORDER_SECONDS
            ledgers.append(history.ledger(environment))
        return Order.of(ledgers)

    def wanted(self, provider: str, sources: Iterable[Declaration]) -> Wanted:
        """What is read of a provider beside what its settings say."""
        return _wanted([provider], sources, self.selected)[provider]

    def match(self, said: Declared, estate: Estate) -> Matches:
        """Each declared resource with its live one, as far as they are selected."""
        told = said.resources(estate, self.tell, self.deadline.judging())
        resources = self.redactor.learning(self.depths.seen(told), estate.facts)
        matches = match(resources, estate, self.selected.resource)
        matches.unverifiable[:0] = said.unverifiable
        return self.selected.of(matches)

    def judge(
        self,
        matches: Matches,
        said: Declared,
        estate: Estate,
        keep: Keep,
        workers: Workers,
        memory: Memory | None = None,
        verdicts: Verdicts | None = None,
    ) -> Judgement:
        """What differs once both sides are compared, less what rules accept; how bad it is, and whose. Each
        finding is given to ``keep`` whole. ``verdicts`` tells what others compared."""
        locations = [source.location for source in said.sources]
        terms = Terms(
            estate,
            self.config,
            self.redactor,
            committed_at=said.committed(),
            now=self.started,
            ruling=self._ruling(said, estate),
            owners=Owners(self.config.owners, CodeOwners(locations).of),
            keep=keep,
            workers=workers,
            unread=said.unread(),
            clock=self.deadline.judging(),
            memory=memory,
            remark=said.remark,
            leftover=said.leftover,
        )
        return judge(matches, terms, verdicts)

    def report(
        self,
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
                "id": self.id,
                "started_at": rfc3339(self.started),
                "finished_at": rfc3339(finished),
                "duration_seconds": max(0.0, round((finished - self.started).total_seconds(), 3)),
                **({"only": list(self.only)} if self.only else {}),
                **({"confirmed": self.confirmed} if self.confirmed else {}),
            },
            locations=((source.source, source.location) for source in said.sources),
            problems=(replace(one, message=told(one.message)) for one in chain(problems, said.late)),
            written=said.written,
            compared=self.depths.told(estate.facts),
            forges=self.config.forges,
            url=self.config.output.url,
        )
        if self.config.blame.enabled:
            places = [source.location for source in said.sources]
            last_changes.add(judgement.findings, report["findings"], Blame(places, self.deadline, self.tell))
        self._excuse(estate)
        earlier = None if self.resumption is None else self.resumption.earlier
        readings.add(report, lambda: self.order, earlier)
        report = document.with_digests(self.redactor.known.document(report))
        answered = self._witnessed(report, judgement, estate, history)
        tell = partial(exit_code, fail_on=self.config.fail_on)
        if history is None:
            report["run"]["exit_code"] = tell(report)
        else:
            self.watch(Stage("remembering"))
            sight = self._sight(said, estate, judgement, history)
            sight.answered = answered
            # What earlier runs told this one may know to be secret.
            report = self.redactor.known.document(history.remember(report, sight, tell))
        code, forgiving = report["run"]["exit_code"], tell(report, forgive_drift=True)
        records = map(self.redactor.known.document, evidence.records(judgement))
        clock = self.deadline.writing()
        return Result(report, records, code, forgiving, clock, history)

    def _witnessed(
        self, report: dict[str, Any], judgement: Judgement, estate: Estate, history: History | None
    ) -> frozenset[str]:
        """Puts into the report who did it, as far as the clouds' own logs tell; about which findings they
        answered."""
        said = self.config.attribution
        who.mark(report["findings"], said.pipelines)
        known = Known() if history is None else history.known(report)
        fresh, again = who.keep(report["findings"], known.findings)
        asked = [*fresh, *again]
        if self.live or not asked or not said.calls:
            return frozenset()
        self.watch(Stage("asking who did it"))
        clock = Deadline(min(said.seconds, self.deadline.judging().left()))
        new = frozenset(report["findings"][place]["id"] for place in fresh)
        budget = Budget(said.calls, clock, said.pipelines, known.since, new)
        findings = [judgement.findings[place] for place in asked]
        found = who.ask(findings, estate.providers, self.config.settings, budget, self.deadline)
        for place in asked:
            by = found.told.get(report["findings"][place]["id"])
            report["findings"][place]["attribution"] = self.redactor.known.document(by) if by else None
        silent = [self.told(one) for one in found.silent]
        for one in silent:
            self.tell(one)
        left = sum(one.id not in found.answered for one in findings)
        report["run"]["attribution"] = {
            "asked": len(asked),
            "told": len(found.told),
            "left": left,
            "silent": silent,
        }
        return frozenset(found.answered)

    def _history(self) -> History | None:
        """Where the run is to be remembered."""
        if self.remembered is None:
            return None
        said = self.config.remembers
        keep = None if said is None or said.keep is None else seconds(said.keep)
        runs_kept = None if said is None else said.keep_runs
        return History(
            self.remembered,
            self.deadline.writing(),
            keep=keep,
            keep_runs=runs_kept,
            reports=self.reports,
            expected=said is not None and said.expected,
        )

    def _recall(self, history: History, estate: Estate) -> Memory | None:
        """What is remembered of what nobody declares."""
        environment = estate.environment(self.config.environment)
        return history.recall(environment, __version__, partial=bool(self.only))

    def _sight(self, said: Declared, estate: Estate, judgement: Judgement, history: History) -> Sight:
        """Of what this run may speak, for the history."""
        keyed = {one.id: one.keyed for one in judgement.undeclared if one.keyed}
        known = self.redactor.known
        moved = [
            one if one.live is MISSING else replace(one, live=known.document(one.live))
            for one in judgement.moved
        ]
        learnt = Learnt(moved, keyed, judgement.counted) if history.asked else None
        sight = Sight(estate, self.selected.resource, bool(self.only), said.unread(), learnt)
        sight.committed = said.committed()
        return sight

    def _ruling(self, said: Declared, estate: Estate) -> Ruling:
        """The rules of the run, asked for once everything is matched."""
        return gather(
            self.config,
            [source.location for source in said.sources],
            said.carriers.kept,
            list(estate.providers.values()),
            self.started.date(),
            live={name for name in estate.providers if estate.types(name)},
            whole=not self.only,
            beside=[rule for source in said.sources for rule in source.rules()],
        )


def _late(judgement: Judgement, clock: Deadline) -> list[Problem]:
    """That not all could be judged in time."""
    if not judgement.uncompared:
        return []
    return [Problem("run", f"{clock.reason}: {judgement.uncompared:,} resources were not compared")]


def _wanted(settings: Iterable[str], sources: Iterable[Declaration], selected: Only) -> dict[str, Wanted]:
    """What is to be read of each provider that is configured: what is declared, and at which versions."""
    types: set[tuple[str, str]] = set()
    asks: set[tuple[str, str]] = set()
    versions: dict[str, str] = {}
    told = [(source, source.types()) for source in sources]
    for source, declares in told:
        types |= declares
        asks |= source.asks()
        versions.update(source.versions())
    return {
        name: Wanted(
            frozenset(type_ for provider, type_ in types if provider == name),
            selected.type,
            versions,
            ahead(name, told, plugins.providers()),
            frozenset(word for provider, word in asks if provider == name),
        )
        for name in settings
    }
