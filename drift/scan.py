"""The program in one sentence: read what is declared and live, match, judge (which compares), report."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

from drift import declared, plugins
from drift.compare.workers import Workers
from drift.config.model import Config
from drift.confirming import noted
from drift.deadline import Deadline, Passed
from drift.declared_secrets import learn_whole, learning
from drift.errors import DriftError
from drift.history.place import Place
from drift.judge import Judgement, Keep, Terms, judge
from drift.live import collect, write_snapshot
from drift.live.ahead import each_wanted
from drift.live.estate import Estate
from drift.live.order import Order
from drift.live.tasks import WAITING_SECONDS, Stage, Waiting, Watch
from drift.match import Matches, match
from drift.memory import Memory
from drift.model import Problem
from drift.moment import now
from drift.only import Only
from drift.outcome import Result, history_of, outcome, recalled
from drift.redaction import KEY_VARIABLE, Redactor, told
from drift.report import runs
from drift.report.depths import Depths
from drift.report.evidence import Evidence
from drift.report.exit_code import nothing_read
from drift.resumption import Resumption
from drift.rules.carriers import Carriers
from drift.rules.codeowners import CodeOwners
from drift.rules.files import gather
from drift.rules.owner import Owners
from drift.rules.ruling import Ruling
from drift.said import Anew, Declared, Reading
from drift.sides import Held, Sides
from drift.source import Declaration, Location
from drift.store import held, kept, spared
from drift.task import Live, Wanted
from drift.verdicts import Verdicts

__all__ = ["Result", "Run"]

#: The part of a snapshot's time that reading what is declared may take.
_FOR_VERSIONS = 0.25
#: How long a history is waited for that says what is read first (seconds).
_ORDER_SECONDS = 20.0


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
    #: Why not all secrets are known that may stand in a live side that is written down.
    unlearnt: list[str] = field(default_factory=list, init=False)
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
            problems = self.read_live(estate, said.sources, hide=False, meanwhile=said.ready)
            self.watch(Stage("comparing"))
            with held():
                matched = partial(self.match, estate=estate)
                by = self.redactor, self.lives, workers, matched
                result = self._result(said, Held(estate, self.config, *by), problems)
                result.live = partial(self._keep, estate)
                return result

    def _distributed(self) -> Result:
        """The whole run on other processes or machines, as the key `engine` says."""
        from drift import engine
        from drift.engine.distributed import Distributed

        opened = engine.opened(self.config, self.id, self.tell, self.deadline)
        with self._telling(), spared(), opened as (crew, shelf):
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
                if resumption.earlier is not None:
                    engine.forget(self.config, resumption.earlier)
            there.read(said, each_wanted(self.config.settings, said.sources, self.selected.type))
            if resumption is not None and not there.cut:
                resumption.over()
            result = self._result(said, there, [])
            if self.keeps_live:
                self.watch(Stage("bringing the live side here"))
                result.live = partial(self._keep, there.brought())
            return result

    def _result(self, said: Declared, sides: Sides, problems: list[Problem]) -> Result:
        """Both sides compared, and once more where a second reading of what would raise an alarm is
        otherwise; and what leaves the run."""
        history = history_of(self)
        memory = recalled(self, history, sides.estate)
        matches, evidence, judgement = self._compared(said, sides, memory)
        if sides.confirms and self.config.confirm.findings:
            self.watch(Stage("reading once more what is missing or critical"))
            clock = Deadline(min(self.config.confirm.seconds, self.deadline.judging().left()))
            answers = sides.confirm(judgement.findings, most=self.config.confirm.findings, clock=clock)
            if answers.changed or answers.withdrawn:
                self.watch(Stage("comparing again"))
                said, self.tell = said.anew(sides.estate), lambda _: None
                self.depths = Depths(self.selected.resource)
                sides.anew(said, self.depths, answers.withdrawn)
                matches, evidence, judgement = self._compared(said, sides, memory)
            # What it could not tell is said beside the findings.
            judgement.findings = [noted(one, answers.notes.get(one.id)) for one in judgement.findings]
            self.confirmed = answers.record() if answers.asked or answers.untold else None
        problems = [*problems, *said.problems, *matches.problems, *_late(judgement, self.deadline)]
        return outcome(self, judgement, said, sides.estate, problems, evidence, history)

    def _compared(
        self, said: Declared, sides: Sides, memory: Memory | None
    ) -> tuple[Matches, Evidence, Judgement]:
        matches, verdicts = sides.match(said, self.tell, remembered=memory is not None)
        evidence = Evidence(matches, sides.estate, self.config)
        by = evidence.keep, sides.workers, memory, verdicts
        return matches, evidence, self.judge(matches, said, sides.estate, *by)

    def snapshot(self) -> tuple[Estate, list[Problem]]:
        """The live side only, and what of it could not be read. What is declared, where it can be read in a
        part of the time, tells the versions to read objects at, and what is secret wherever it stands. Raises
        DriftError where not one cell was read."""
        estate = Estate(plugins.providers())
        said, lacking = Declared([], Carriers(estate.providers)), list[Problem]()
        with self._telling():
            clock = self.deadline if self.live else self.deadline.part(_FOR_VERSIONS)
            try:
                said = self.read_declared(estate, clock)
            except DriftError as error:
                lacking.append(Problem("declared", str(error), unread=True))
            problems = self.read_live(estate, said.sources)
            clock = self.deadline.judging()
            problems += learn_whole(said, estate, self.redactor, clock, lacking, self.unlearnt.append)
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
        self.excuse(estate)
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
        except Exception as error:  # a fault of the program's own, which may repeat what it was given
            error.args = tuple(self.told(one) if isinstance(one, str) else one for one in error.args)
            raise

    def excuse(self, estate: Estate) -> None:
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
        self,
        estate: Estate,
        sources: Iterable[Declaration],
        *,
        hide: bool = True,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[Problem]:
        """Fills the estate from the snapshots given, else from the clouds. Gives what could not be read.
        ``meanwhile`` is called once there is something to wait for.

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
        wanted = each_wanted(config.settings, sources, self.selected.type)
        checkpoint = None
        if self.resumption is not None:
            checkpoint = self.resumption.begin(self.id, self.started, self.only, self.redactor)
            checkpoint.known = learning(list(sources), estate.providers, self.redactor)
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
            meanwhile,
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
        environment, history = self.config.environment, history_of(self)
        ledgers = [runs.last_ledger(self.reports, environment)]
        if history is not None:
            history.seconds = _ORDER_SECONDS
            ledgers.append(history.ledger(environment))
        return Order.of(ledgers)

    def wanted(self, provider: str, sources: Iterable[Declaration]) -> Wanted:
        """What is read of a provider beside what its settings say."""
        return each_wanted([provider], sources, self.selected.type)[provider]

    def match(self, said: Declared, estate: Estate) -> Matches:
        """Each declared resource with its live one, as far as they are selected."""
        told = said.resources(estate, self.tell, self.deadline.judging())
        resources = self.redactor.learning(self.depths.seen(told), estate.facts, looks=self.keeps_live)
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
