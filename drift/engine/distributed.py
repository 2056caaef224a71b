"""A scan of which members read and compare: tells them what is declared of their units, and puts together
what they tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from drift import __version__, plugins
from drift.compare.workers import Workers
from drift.config.model import Config
from drift.confirming import LATE, Answers, doubtful, too_many, withdraw
from drift.deadline import Deadline
from drift.declared_secrets import learn
from drift.depot import DepotError
from drift.engine.brought import Brought
from drift.engine.contract import Call, Engine, Work
from drift.engine.crew import Crew, Done
from drift.engine.gathered import Gathered
from drift.engine.keeping import known, name_of
from drift.engine.shared import Shelf
from drift.engine.slices import ELSEWHERE, Slices, light, spoken_of
from drift.engine.told import (
    ANYWHERE,
    KEPT,
    KNOWN,
    SETTING,
    Asked,
    Confirmed,
    Hidden,
    Index,
    Judged,
    Question,
    Reach,
    Setting,
    Terms,
    declared_of,
    excuse,
    given,
    made,
)
from drift.engine.units import found
from drift.engine.whole import Whole
from drift.errors import CredentialsError, DriftError
from drift.finding import Finding
from drift.live.estate import ANY, Estate
from drift.live.order import Order
from drift.live.tasks import Progress, Stage, Watch
from drift.match import Matches, match
from drift.model import Cell, Coverage, Resource
from drift.only import Only
from drift.redaction import Redactor
from drift.report.depths import Depths
from drift.resumption import Kept
from drift.said import Declared
from drift.task import Unit, Wanted
from drift.verdicts import Here


@dataclass
class Distributed:
    """One scan by a crew; ``shelf`` is what its members reach, too."""

    id: str
    config: Config
    engine: Engine
    shelf: Shelf
    redactor: Redactor
    only: Only
    depths: Depths
    clock: Deadline
    watch: Watch = lambda _: None
    #: Where members keep what they read, and who is told what they could not.
    kept_in: Kept | None = None
    tell: Callable[[str], None] = lambda _: None
    #: When scopes were last read, where not all may be read in time.
    order: Order | None = None
    estate: Whole = field(init=False)
    #: Of what no member holds there is never so much that others are to compare it.
    workers: Workers = field(default_factory=Workers, init=False)
    confirms: bool = field(default=True, init=False)
    _units: list[tuple[str, Unit]] = field(default_factory=list, init=False)
    _unread: dict[int, str] = field(default_factory=dict, init=False)
    _refused: dict[int, str] = field(default_factory=dict, init=False)
    #: The ledger before it was judged; live resources of members that are held here, too.
    _ledger: dict[Cell, Coverage] = field(default_factory=dict, init=False)
    _here: list[Resource] = field(default_factory=list, init=False)
    _arrivals: int = field(default=0, init=False)
    _rounds: int = field(default=0, init=False)
    _cut: bool = field(default=False, init=False)
    _noted: bool = field(default=False, init=False)
    _judged: bool = field(default=False, init=False)
    _withdrawn: Mapping[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.estate = Whole(plugins.providers())
        self.estate.ask = self._ask
        self._crew = Crew(self.engine, self._call, self._arrived, self._excuse)

    def _call(self, work: Work, unit: int, number: int, seconds: float | None, share: float) -> Call:
        key_id = self.redactor.key_id
        return Call(self.id, self.shelf.place.shown, key_id, __version__, work, unit, number, seconds, share)

    # Reading

    def read(self, said: Declared, wanted: Mapping[str, Wanted]) -> None:
        """Has every unit's live side read, and fills the ledger. Raises CredentialsError where not one
        provider could be entered, DriftError where the crew can't work."""
        self._units = found(self.config, self.estate, self.clock)
        self._slices = Slices(said, self._units, self.estate, self.depths, self.redactor)
        self._slices.before(self.clock.judging())
        self._share_out(wanted)
        self.watch(Stage(f"reading {len(self._units):,} units on {len(self.engine.members())} workers"))
        for done in self._crew.work("read", self._in_turn(), self.clock):
            if done.why:
                self._lose(done)
        entered = {name for number, (name, _) in enumerate(self._units) if number not in self._refused}
        if self._refused and not entered and len(self._refused) == len(self._units):
            raise CredentialsError("; ".join(dict.fromkeys(self._refused.values())))

    def _in_turn(self) -> list[int]:
        """The units: first those of which something is kept, then those of which something was unread, then
        the longest unread."""
        order, kept = self.order, self.kept_in
        if order is None:
            return list(range(len(self._units)))
        there = frozenset() if kept is None else known(kept.folder)
        turns = [
            (
                name_of(name, unit) not in there,
                min((order.scope(name, scope) for scope in unit.scopes), default=""),
            )
            for name, unit in self._units
        ]
        return sorted(range(len(turns)), key=turns.__getitem__)

    @property
    def cut(self) -> bool:
        """Whether not all was asked for: time, calls or workers ran out."""
        return self._cut or self.clock.passed or bool(self._unread)

    def _share_out(self, wanted: Mapping[str, Wanted]) -> None:
        """Writes what all members know, and what is known to be declared of each unit."""
        scopes = {
            name: tuple(scope for one, unit in self._units if one == name for scope in unit.scopes)
            for name in wanted
        }
        setting = Setting(
            {name: getattr(self.config, name) for name in KEPT},
            tuple(self.config.redaction.public),
            self.only.globs,
            tuple(self._units),
            {name: Asked(one.types, dict(one.versions), one.asks) for name, one in wanted.items()},
            scopes,
            tuple(self._slices.waiting.values()),
            self.kept_in,
        )
        try:
            self.shelf.put(SETTING, [setting])
        except (TypeError, AttributeError) as error:
            raise DriftError(f"engine: what workers need can't be sent to them: {error}") from error
        # Once they are sent: what they work out for it may be such as can't be.
        failed = learn(self._slices.waiting.values(), self.estate.providers, self.redactor)
        unsure = next((f"{name}: {why}" for name, why in failed.items()), "")
        self.shelf.put(KNOWN, [Hidden(self.redactor.known.of_files(), unsure)])
        with self.shelf.place.puts():
            self.shelf.put(ANYWHERE, self._slices.of(None))
            for unit in range(len(self._units)):
                self.shelf.put(declared_of(unit), self._slices.of(unit))

    def _arrived(self, unit: int, number: int) -> None:
        """Takes in what a unit's member told."""
        index: Index = next(self.shelf.get(made("read", unit, number)))
        self.redactor.known.update(index.known)
        self.estate.take_in(unit, index)
        self._ledger.update(index.coverage)
        self._arrivals += 1
        self._cut = self._cut or index.cut
        for note in index.notes[:1] if not self._noted else ():
            self._noted = True
            self.tell(note)
        if index.refused is not None:
            self._refused[unit] = index.refused
        cells = tuple(index.coverage) or tuple(index.counts)
        self.watch(Progress(cells, True, sum(index.counts.values())))

    def _excuse(self, unit: int, number: int) -> str:
        try:
            return str(next(self.shelf.get(excuse(unit, number))))
        except DepotError:
            return ""

    def _lose(self, done: Done) -> None:
        """Nothing of a unit is known any more: all of it is unread; what was read, and is not to be had, with
        how many resources that were."""
        name, unit = self._units[done.unit]
        self._unread[done.unit] = done.why
        for cell in [cell for cell, (_, holder) in self.estate.counts.items() if holder == done.unit]:
            del self.estate.counts[cell]
        for cell, row in self._rows(done.unit, self.estate).items():
            lost = replace(row, status="failed", message=done.why, listed=False, read_at=None, by=None)
            self.estate.coverage[cell] = lost
        for scope in unit.scopes or (ANY,):
            self.estate.cover(Coverage(Cell(name, scope, ANY, ANY), "failed", 0, done.why))

    def _ask(self, questions: Mapping[int, list[Question]]) -> dict[int, list[list[Resource]]]:
        """Asks units. Of one that can't be asked nothing is known; before it is judged all of it is then
        unread."""
        answers: dict[int, list[list[Resource]]] = {}
        for unit, some in questions.items():
            answers[unit] = [[] for _ in some]
            self.shelf.put(given("ask", unit), some)
        for done in self._crew.work("ask", list(questions), self.clock.judging()):
            if not done.why:
                answers[done.unit] = list(self.shelf.get(made("ask", done.unit, done.number)))
            elif not self._judged:
                self._lose(Done(done.unit, 0, f"read, and not compared: {done.why}"))
        return answers

    # Judging

    def match(
        self, said: Declared, tell: Callable[[str], None], /, *, remembered: bool
    ) -> tuple[Matches, Gathered]:
        """Has every unit matched and compared with what is declared of it. ``remembered``: whether there is a
        memory of what nobody declares."""
        clock, self._judged = self.clock.judging(), False
        self._slices.after(clock)
        for source in said.sources:
            for note in source.notes:
                tell(note)
        nowhere, of_units = self._placed()
        self._ledger = dict(self.estate.coverage)
        matches = self._match_rest(nowhere)
        self.watch(Stage("comparing"))
        judged, lost = self._judge(said, matches, of_units, clock, remembered)
        self._judged = True
        if lost:  # read, and lost before they were judged: what is declared of them is not verifiable
            self.estate.coverage = dict(self._ledger)
            for done in lost:
                self._lose(done)
            self._ledger = dict(self.estate.coverage)
            units = [done.unit for done in lost]
            more = [self._slices.resource(one) for unit in units for one in self._slices.of(unit)]
            late = [one for unit in units for one in of_units.get(unit, ())]
            matches = self._match_rest([*nowhere, *more, *late])
        for _, one in judged.values():
            matches.unverifiable += one.unverifiable
            matches.problems += one.problems
            matches.declared_types |= one.declared_types
            self.redactor.known.update(one.known)
            self.estate.coverage.update(one.coverage)
        matches.problems.sort(key=lambda one: (one.source, one.message))
        matches.unverifiable[:0] = said.unverifiable
        here = Here(self.only.of(matches), self.estate, self.config, self.redactor, clock=clock)
        return matches, Gathered(here, self.shelf, self.estate, judged)

    # Reading once more

    def confirm(self, findings: Iterable[Finding], *, most: int, clock: Deadline) -> Answers:
        """Has the doubtful ones of some findings read once more by whoever holds their unit, as
        :func:`drift.confirming.confirm` does."""
        found, arrivals = Answers(), self._arrivals
        asked: dict[int, list[Finding]] = {}
        for number, one in enumerate(doubtful(findings, self.estate)):
            unit = self._slices.unit_of(one.live or one.resource)
            if number >= most:
                found.leave(one, self.estate, too_many(most))
            elif unit is None or unit == ELSEWHERE or unit in self._unread:
                found.leave(one, self.estate, "no worker has read its place")
            else:
                asked.setdefault(unit, []).append(one)
        for unit, some in asked.items():
            self.shelf.put(given("confirm", unit), some)
        for done in self._crew.work("confirm", list(asked), clock):
            if done.why:
                for one in asked[done.unit]:
                    found.leave(one, self.estate, LATE if clock.passed else done.why)
                continue
            told: Confirmed = next(self.shelf.get(made("confirm", done.unit, done.number)))
            found.add(told.answers)
            if told.answers.changed:
                self.estate.changed(done.unit, told.counts)
        found.changed = found.changed or self._arrivals != arrivals  # units were read again, whole
        return found

    def brought(self) -> Brought:
        """The live side as it is now, on this machine; what can't be had any more is unread in its ledger."""
        found = Brought(self.estate.providers, self.shelf)
        found.coverage, found.contexts = dict(self.estate.coverage), self.estate.contexts
        found.environments = self.estate.environments
        units = [unit for unit in range(len(self._units)) if unit not in self._unread]
        for done in self._crew.work("give", units, self.clock.writing()):
            name, unit = self._units[done.unit]
            why = done.why
            if not why:
                counts = (count for count, holder in self.estate.counts.values() if holder == done.unit)
                try:
                    found.bring(name, tuple(unit.scopes), sum(counts), done.unit, done.number)
                except DepotError as error:
                    why = str(error)
            if why:
                found.left(self._rows(done.unit, found), f"read, and not brought here: {why}")
        return found

    def _rows(self, number: int, estate: Estate) -> dict[Cell, Coverage]:
        """The rows of a ledger that tell of what was read of a unit."""
        name, unit = self._units[number]
        return {
            cell: row
            for cell, row in estate.coverage.items()
            if cell.provider == name and row.complete and (not unit.scopes or cell.scope in unit.scopes)
        }

    def anew(self, said: Declared, depths: Depths, withdrawn: Mapping[str, str]) -> None:
        """Takes both sides as they are now, before :meth:`match` compares them again."""
        self._slices.anew(said, depths)
        self.depths, self._withdrawn = depths, withdrawn
        self.estate.coverage = dict(self._ledger)
        for one in self._here:
            self.estate.remove(one.cell, str(one.id))
        self._here = []

    def _placed(self) -> tuple[list[Resource], dict[int, list[Resource]]]:
        """What is declared of no scope that is known: what no unit has, or several have; and by unit what
        that one alone has."""
        unknown = [self._slices.resource(one) for one in self._slices.of(None)]
        rest: list[Resource] = []
        of_units: dict[int, list[Resource]] = {}
        by_provider: dict[str, list[Resource]] = {}
        for one in unknown:
            by_provider.setdefault(one.provider, []).append(one)
        for name, several in by_provider.items():
            units = [
                number
                for number, (provider, _) in enumerate(self._units)
                if provider == name and number not in self._unread
            ]
            answers = self._ask({unit: [Reach(one) for one in several] for unit in units})
            for index, one in enumerate(several):
                hits = [(unit, live) for unit in units for live in answers[unit][index]]
                scopes = self.estate.scopes(name)
                only = self._only_unit(name, units, scopes)
                if len(hits) == 1 or only is not None:
                    of_units.setdefault(hits[0][0] if len(hits) == 1 else only or 0, []).append(one)
                else:
                    rest.append(one)
                    for _, live in hits:
                        if self.estate.add(live):
                            self._here.append(live)
        lost = sorted(self._unread)
        rest += [one for unit in lost for one in of_units.pop(unit, ())]
        theirs = (one for unit in (ELSEWHERE, *lost) for one in self._slices.of(unit))
        return [*map(self._slices.resource, theirs), *rest], of_units

    def _only_unit(self, name: str, units: Sequence[int], scopes: frozenset[str]) -> int | None:
        """The unit of the only scope that was read of a provider; None where there are several."""
        return units[0] if len(scopes) == 1 and len(units) == 1 else None

    def _match_rest(self, declared: list[Resource]) -> Matches:
        """What is declared of no unit, matched with nothing but the ledger."""
        matches = match(declared, self.estate, self.only.resource, self._slices.lines)
        withdraw(matches, self._withdrawn, self.config.environment)
        matches.unmatched = []
        return matches

    def _judge(
        self,
        said: Declared,
        rest: Matches,
        of_units: Mapping[int, list[Resource]],
        clock: Deadline,
        remembered: bool,
    ) -> tuple[dict[int, tuple[int, Judged]], list[Done]]:
        """Has every unit judged; gives what each told, and those that were not."""
        self._rounds += 1
        contexts = f"contexts-{self._rounds}"
        self.shelf.put(contexts, [dict(self.estate.contexts)])
        scopes = {name: self.estate.scopes(name) for name in self.estate.providers}
        left_over = spoken_of(said.sources)
        possible = light(rest.possible)
        units = [unit for unit in range(len(self._units)) if unit not in self._unread]
        with self.shelf.place.puts():
            for unit in units:
                name, one = self._units[unit]
                mine = {cell: some for cell, some in possible.items() if cell.provider == name}
                leftovers = left_over is None or name in left_over
                terms = Terms(contexts, scopes, mine, remembered, leftovers, self._withdrawn)
                self.shelf.put(given("judge", unit), self._given(terms, unit, of_units.get(unit, ())))
        judged: dict[int, tuple[int, Judged]] = {}
        lost: list[Done] = []
        for done in self._crew.work("judge", units, clock):
            if done.why:
                lost.append(Done(done.unit, 0, f"read, and not compared: {done.why}"))
                continue
            try:
                judged[done.unit] = done.number, next(self.shelf.get(made("judge", done.unit, done.number)))
            except DepotError as error:
                lost.append(Done(done.unit, 0, f"read, and not compared: {error}"))
        return judged, lost

    def _given(self, terms: Terms, unit: int, placed: Sequence[Resource]) -> Iterator[Any]:
        """What a unit is judged by: what is declared of it and was told late, in order."""
        yield terms
        yield from self._slices.of(unit, late=True)
        for number, one in enumerate(placed):
            yield (1 << 62) + number, one
