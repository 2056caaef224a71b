"""What a member of a crew does: reads a unit's live side, keeps it, answers for it, judges it.

What it reads never leaves it but as an answer to a question, or as what differs; secrets of both are hidden.
"""

from __future__ import annotations

import contextlib
import gc
import heapq
import os
import sys
import threading
import traceback
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from operator import itemgetter
from typing import Any

from drift import __version__, limits, plugins
from drift.config.model import Config
from drift.confirming import confirm, withdraw
from drift.deadline import Deadline
from drift.depot import DepotError, at
from drift.engine.contract import Call, Ending
from drift.engine.keeping import Keeping
from drift.engine.lease import Pulse
from drift.engine.part import Clock, Part
from drift.engine.shared import Seal, Shelf
from drift.engine.told import (
    ANYWHERE,
    KNOWN,
    SETTING,
    Confirmed,
    Every,
    Found,
    Hidden,
    Index,
    Judged,
    Placed,
    Reach,
    Setting,
    Terms,
    declared_of,
    excuse,
    given,
    made,
)
from drift.errors import ConfigError, CredentialsError, DriftError
from drift.finding import Unverifiable
from drift.live import collect
from drift.live.ahead import ahead
from drift.live.checkpoint import Checkpoint
from drift.live.estate import ANY
from drift.live.tasks import load_shared
from drift.match import Matches, match, reached
from drift.model import Cell, Coverage, Resource
from drift.only import Only
from drift.redaction import KEY_VARIABLE, Redactor, told
from drift.secrets import farewell, guests
from drift.store import LiveStore, kept, swept, unpacked
from drift.task import Unit, Wanted
from drift.verdicts import Here, Nobodys, possibly

#: The runs that this process works for.
_stations: dict[str, Station] = {}
_lock = threading.Lock()
#: One unit is judged at a time, whichever run's it is.
_judging = threading.Lock()


def answer(call: Call, key: bytes | None = None) -> Ending:
    """Does a piece of work; never raises. ``key`` is the redaction key where the environment does not give
    it."""
    station: Station | Ending = "failed"
    try:
        station = _of(call, key)
        return station if isinstance(station, str) else station.do(call)
    except DepotError as error:
        _log(call, error)
        return "unshared"
    except BaseException as error:  # noqa: BLE001 - whoever carries the answer is told no more
        _log(call, error)
        if isinstance(station, Station) and isinstance(error, DriftError):
            station.excuse(call, error)
        return "failed"


def _of(call: Call, key: bytes | None) -> Station | Ending:
    """What this process keeps of a call's run; how the call ends where it can't work for it."""
    if call.version != __version__:
        return "version"
    sealed = key is None
    key = key or os.environ.get(KEY_VARIABLE, "").encode()
    if not key or Redactor(key).key_id != call.key_id:
        return "key"
    with _lock:
        station = _stations.get(call.run)
        if station is None:
            try:
                station = Station(call, key, sealed)
            except (DepotError, ConfigError) as error:
                _log(call, error)
                return "folder"
            except (ImportError, AttributeError) as error:  # what was sent is of a package that is not here
                _log(call, error)
                return "lacking"
            _stations[call.run] = station
        return station


def leave() -> None:
    """Ends all work of this process, as nobody is there any more whom it could tell."""
    for station in list(_stations.values()):
        station.pulse.stop()


def _log(call: Call, error: BaseException) -> None:
    """Says in this process's own log what went wrong, without values."""
    frames = traceback.format_tb(error.__traceback__) if not isinstance(error, DriftError) else []
    what = (
        f"drift: run {call.run}: {call.work} of unit {call.unit}: {type(error).__name__}: {told(str(error))}"
    )
    print("".join([*frames, what]), file=sys.stderr, flush=True)


class Station:
    """One run in one process. Units are read several at a time, and judged one at a time. Raises DepotError
    where the run is over, or its folder can't be reached."""

    def __init__(self, call: Call, key: bytes, sealed: bool) -> None:
        self.run = call.run
        self._shelf = Shelf(at(call.folder), call.run, key if sealed else None)
        self._seal, self._sealed = Seal(key) if sealed else None, sealed
        self.pulse = Pulse(self._shelf, self._over)
        with guests() as self._rings:
            self._setting: Setting = next(self._shelf.get(SETTING))
        self._hidden: Hidden = next(self._shelf.get(KNOWN))
        self._redactor = Redactor(key, self._setting.public)
        for ring in self._rings.values():
            ring.hear(self._redactor.knows)
        self._config = self._setting.config()
        self._only = Only(self._setting.only)
        self._prepare()
        self._store = LiveStore(room=0)
        self._parts: dict[int, Part] = {}
        self._contexts: tuple[str, dict[str, dict[str, Any]]] = ("", {})
        self._clocks: weakref.WeakSet[Clock] = weakref.WeakSet()
        if sealed:  # a process that does nothing else: of several readings at once, each without looks for
            gc.disable()  # garbage, the first that ends would have all others looked through again
            gc.freeze()
        self.pulse.watch()

    def _prepare(self) -> None:
        """Imports what units of several providers import, before threads read any."""
        names: list[str] = []
        for provider in {name for name, _ in self._setting.units}:
            with contextlib.suppress(DriftError):  # said by the unit that needs it
                names += plugins.provider(provider).imports
        load_shared(names)

    def _over(self) -> None:
        """The run is over: whatever is under way ends, and nothing of it is kept."""
        with _lock:
            if _stations.get(self.run) is self:
                del _stations[self.run]
        for clock in list(self._clocks):
            clock.stop("the end of its run")
        self._parts, self._contexts, self._store = {}, ("", {}), LiveStore(room=0)
        farewell(self._rings)
        if self._sealed and not _stations:  # what the run has left is nobody's now
            gc.unfreeze()
            gc.collect()

    def _clock(self, seconds: float | None) -> Clock:
        clock = Clock(seconds)
        self._clocks.add(clock)
        if self.pulse.over:
            clock.stop("the end of its run")
        return clock

    def do(self, call: Call) -> Ending:
        limits.common.share(call.share)
        if call.work == "read":
            index = self._read(call)
            return self._put(call, [index])
        part = self._parts.get(call.unit)
        if part is None:
            return "forgotten"
        if call.work == "confirm":
            return self._put(call, [self._confirm(part, call)])
        with _judging:
            if call.work == "give":
                return self._put(call, part)
            if call.work == "ask":
                return self._put(call, self._answers(part, call.unit))
            ending = self._judge(part, call)
            swept()
        return ending

    def _put(self, call: Call, objects: Iterable[Any], part: str = "") -> Ending:
        """Hands on what a call gives, unless nobody is there who takes it."""
        if self.pulse.over:
            return "lost"
        self._shelf.put(made(call.work, call.unit, call.number, part), objects)
        return "done"

    def excuse(self, call: Call, error: DriftError) -> None:
        """Tells why a call could not be done."""
        with contextlib.suppress(DepotError):
            self._shelf.put(excuse(call.unit, call.number), [self._redactor.known.covered(told(str(error)))])

    # Reading

    def _read(self, call: Call) -> Index:
        name, unit = self._setting.units[call.unit]
        plugins.provider(name)
        part = Part(plugins.providers(), store=self._store)
        index = Index()
        self._redactor.known.update(self._hidden.texts)
        clock = self._clock(call.seconds)
        settings, wanted = {name: unit.settings}, {name: self._wanted(name, call.unit)}
        by = self._redactor, self._config.workers
        try:
            with self._keeping(call, name, unit, index) as checkpoint:
                lives = collect.from_clouds(
                    part, settings, wanted, *by, deadline=clock, checkpoint=checkpoint
                )
                index.cut = checkpoint is not None and checkpoint.cut
            part.lives = lives if self._config.confirm.findings else {}
        except CredentialsError as error:
            index.refused = str(error)
            for scope in unit.scopes or (ANY,):
                part.coverage[Cell(name, scope, ANY, ANY)] = Coverage(
                    Cell(name, scope, ANY, ANY), "denied", 0, str(error)
                )
        for cell in [cell for cell in part.coverage if cell.scope == ANY and unit.scopes]:
            row = part.coverage.pop(cell)  # of the whole provider it reads these scopes alone
            for scope in unit.scopes:
                part.cover(replace(row, cell=cell._replace(scope=scope)))
        self._parts[call.unit] = part
        index.coverage, index.bare = dict(part.coverage), set(part.bare)
        part.ledger = dict(part.coverage)
        index.counts = {cell: part.count(cell) for cell in part.held()}
        index.contexts = {one: dict(context) for one, context in part.contexts.items()}
        index.known = self._redactor.known.taken() - self._hidden.texts
        return index

    def _keeping(
        self, call: Call, name: str, unit: Unit, index: Index
    ) -> contextlib.AbstractContextManager[Checkpoint | None]:
        if self._setting.kept_in is None:
            return contextlib.nullcontext()
        if self._hidden.unsure:
            why = f"what is secret in it is not known: {self._hidden.unsure}"
            index.notes.append(f"what is read is not kept for `--resume`: {why}")
            return contextlib.nullcontext()
        keeping = Keeping(self._setting.kept_in, self.run, self._redactor, self._seal)
        return keeping.unit(name, unit, call.number, index.notes)

    def _wanted(self, name: str, unit: int) -> Wanted:
        said = self._setting.wanted[name]
        sources = [(source, source.types()) for source in self._setting.sources]
        by_sources = ahead(name, sources, plugins.providers())
        everywhere = self._setting.scopes[name]
        own = frozenset(self._setting.units[unit][1].scopes)

        def told(types: frozenset[str], context: Mapping[str, Any], scopes: Iterable[str]) -> Iterator[Any]:
            for one in (*self._shelf.get(declared_of(unit)), *self._shelf.get(ANYWHERE)):
                resource = _resource(one)
                if resource.provider == name and resource.type in types:
                    yield resource
            for resource in by_sources(types, context, everywhere or scopes):
                if not own or resource.scope in own or not resource.scope:
                    yield resource

        return Wanted(said.types, self._only.type, said.versions, told, said.asks)

    # Answering

    def _answers(self, part: Part, unit: int) -> Iterator[list[Resource]]:
        questions = list(self._shelf.get(given("ask", unit)))
        if questions and isinstance(questions[0], Reach):
            found = reached((one.declared for one in questions), part)
            yield from ([one.but(attributes={}) for one in several] for several in found)
            return
        for one in questions:
            if isinstance(one, Found):
                yield part.found(*one)
            elif isinstance(one, Every):
                yield list(part.every(*one))

    # Reading once more

    def _confirm(self, part: Part, call: Call) -> Confirmed:
        findings = list(self._shelf.get(given("confirm", call.unit)))
        clock, arrived = self._clock(call.seconds), collect.arriving(part, self._redactor)
        answers = confirm(findings, part, part.lives, arrived, most=len(findings), clock=clock)
        return Confirmed(answers, {cell: part.count(cell) for cell in part.held()})

    # Judging

    def _judge(self, part: Part, call: Call) -> Ending:
        said = self._shelf.get(given("judge", call.unit))
        terms: Terms = next(said)
        self._place(part, terms)
        part.coverage = dict(part.ledger)
        clock = self._clock(call.seconds)
        declared = _in_order(self._shelf.get(declared_of(call.unit)), said)
        with kept():
            several = _Texts(declared)
            matches = match(several, part, self._only.resource, text=several.text)
            withdraw(matches, terms.withdrawn, self._config.environment)
            matches = self._only.of(matches)
            for cell, possible in terms.possible.items():
                matches.possible.setdefault(cell, []).extend(possible)
            return self._tell(call, Told(matches, part, self._config, self._redactor, clock), terms)

    def _place(self, part: Part, terms: Terms) -> None:
        if self._contexts[0] != terms.contexts:
            self._contexts = (terms.contexts, next(self._shelf.get(terms.contexts)))
        part.contexts.update(self._contexts[1])
        part.all_scopes = terms.scopes

    def _tell(self, call: Call, said: Told, terms: Terms) -> Ending:
        judged = Judged()
        for part, objects in said.parts(terms, judged):
            first = next(objects, None)
            if first is not None:
                judged.parts.add(part)
                self._put(call, _after(first, objects), part)
        said.end(judged)
        judged.known |= self._redactor.known.taken()
        return self._put(call, [judged])


class Told:
    """Puts what is told of one unit into what leaves it."""

    def __init__(
        self, matches: Matches, part: Part, config: Config, redactor: Redactor, clock: Deadline
    ) -> None:
        self._matches, self._part = matches, part
        self._here = Here(matches, part, config, redactor, clock=clock)

    def parts(self, terms: Terms, judged: Judged) -> Iterator[tuple[str, Iterator[Any]]]:
        """The parts that are told one by one, each to its end before the next."""
        here = self._here
        yield ".missing", here.missing()
        yield ".leaving", (one._replace(declared=one.declared.but(attributes={})) for one in here.leaving())
        yield ".unmatched", self._unmatched(terms, judged)
        yield ".compared", here.compared()
        yield ".beside", here.beside()

    def end(self, judged: Judged) -> None:
        """What is told at once."""
        matches, counts = self._matches, self._here.counts
        judged.declared, judged.declared_types = counts.declared, matches.declared_types
        judged.unverifiable, judged.problems = matches.unverifiable, matches.problems
        judged.coverage, judged.observed = dict(self._part.coverage), dict(self._here.observed())
        judged.system, judged.left = counts.system, counts.left.cells

    def _unmatched(self, terms: Terms, judged: Judged) -> Iterator[Nobodys]:
        """Counts what is counted whatever else is known, and tells the rest."""
        asked = terms.remembered or terms.leftovers
        for one in self._here.unmatched():
            live, unlisted = one.live, one.said is None and not one.listed
            if one.said == "ignore":
                judged.ignored += 1
            elif one.possible:
                place = live.provider, live.scope, live.type, str(live.id), ""
                judged.possible.append(Unverifiable(*place, possibly(live, one.possible)))
            elif one.said == "count" or (unlisted and not asked):
                judged.unlisted[live.cell] += 1
            elif unlisted and not terms.leftovers:
                yield one._replace(live=live.but(attributes={}))
            else:
                yield one


class _Texts:
    """Declared resources one by one, with the text of the last, so that it need not be made again."""

    def __init__(self, placed: Iterable[Placed]) -> None:
        self._placed = placed
        self._last: tuple[Resource, bytes | None] | None = None

    def __iter__(self) -> Iterator[Resource]:
        for one in self._placed:
            resource, text = _resource(one), one[1]
            self._last = resource, text if isinstance(text, bytes) else None
            yield resource

    def text(self, resource: Resource) -> bytes | None:
        """The text of a resource, if it is the last one, and unchanged."""
        return self._last[1] if self._last is not None and self._last[0] is resource else None


def _resource(one: Placed) -> Resource:
    return unpacked(one[1]) if isinstance(one[1], bytes) else one[1]


def _in_order(one: Iterable[Placed], other: Iterator[Placed]) -> Iterator[Placed]:
    """What both tell, by its places; mostly the other tells nothing."""
    first = next(other, None)
    return iter(one) if first is None else heapq.merge(one, _after(first, other), key=itemgetter(0))


def _after(first: Any, rest: Iterable[Any]) -> Iterator[Any]:
    yield first
    yield from rest
