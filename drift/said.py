"""What is declared, once its sources are parsed: its resources, and what the sources tell besides."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Protocol

import orjson

from drift import declared
from drift.config.entry import DeclaredEntry
from drift.deadline import Deadline, Passed
from drift.finding import Finding, Unverifiable
from drift.live.estate import Estate
from drift.live.tasks import unexpected
from drift.model import Problem, Resource
from drift.rules.carriers import Carriers
from drift.source import Declaration, LiveView, Loader, Location

#: So many of a source's resources are told at a time.
_PIECE = 500


class Reading(Protocol):
    """How declared entries are read, and what they declare is told; :class:`Anew` does both each time."""

    def read(self, entry: DeclaredEntry, location: Location, loader: Loader) -> Sequence[Declaration]:
        """What an entry declares. Raises as :func:`drift.declared.read`."""
        ...

    def told(self, source: Declaration, live: LiveView) -> Iterable[Resource | Unverifiable | Problem]:
        """The resources of a declaration, and what else it tells."""
        ...


class Anew:
    """Nothing is kept."""

    def read(self, entry: DeclaredEntry, location: Location, loader: Loader) -> Sequence[Declaration]:
        return declared.read(entry, location, loader)

    def told(self, source: Declaration, live: LiveView) -> Iterable[Resource | Unverifiable | Problem]:
        return source.resources(live)


@dataclass(slots=True)
class Beside:
    """What one source tells besides resources."""

    carriers: Carriers
    unverifiable: list[Unverifiable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Declared:
    """What is declared: each source parsed, its resources yet to be told; and what they tell besides."""

    sources: list[Declaration]
    carriers: Carriers
    reading: Reading = field(default_factory=Anew)
    unverifiable: list[Unverifiable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    #: What went wrong while the report was made.
    late: list[Problem] = field(default_factory=list)

    def ready(self) -> None:
        """Has the sources work out what they will be asked for, while clouds are waited for."""

        def work() -> None:
            with contextlib.suppress(Exception):  # told where it is asked for
                for source in self.sources:
                    source.ready()

        threading.Thread(target=work, daemon=True, name="declared").start()

    def resources(self, live: LiveView, tell: Callable[[str], None], clock: Deadline) -> Iterator[Resource]:
        """The resources one by one, by what ``live`` tells, until the clock says that there is no more time;
        whatever else the sources tell goes where it belongs."""
        for source in self.sources:
            beside = self.beside()
            yield from self.told(source, live, clock, beside)
            self.take(beside)
            for note in source.notes:
                tell(note)

    def beside(self) -> Beside:
        """For what a source tells besides."""
        return Beside(Carriers(self.carriers.providers))

    def take(self, beside: Beside) -> None:
        """Takes over what a source told besides; the order of sources counts."""
        self.unverifiable += beside.unverifiable
        self.problems += beside.problems
        for one in beside.carriers.kept:
            self.carriers.see(one)

    def told(
        self, source: Declaration, live: LiveView, clock: Deadline, beside: Beside
    ) -> Iterator[Resource]:
        """The resources of one source."""
        for one in self._told(source, live, clock):
            if isinstance(one, Resource):
                strange = _strange(one)
                if strange is not None:
                    beside.problems.append(strange)
                    continue
                beside.carriers.see(one)
                yield one
            elif isinstance(one, Unverifiable):
                beside.unverifiable.append(one)
            else:
                beside.problems.append(one)

    def anew(self, estate: Estate) -> Declared:
        """The same, nothing of which has been told."""
        return Declared(self.sources, Carriers(estate.providers), self.reading, late=self.late)

    def _told(
        self, source: Declaration, live: LiveView, clock: Deadline
    ) -> Iterator[Resource | Unverifiable | Problem]:
        """What one source tells; in pieces, each in a thread that can be left behind: to read a large file,
        or to work out what it means, may take long."""
        told = chain.from_iterable(self.reading.told(source, live) for _ in (None,))  # not even begun here
        while True:
            try:
                some = clock.ask(lambda: list(islice(told, _PIECE)))
            except Passed:
                name = source.location.display
                yield Problem("declared", f"{name}: not read to its end: {clock.reason}", unread=True)
                return
            yield from some
            if len(some) < _PIECE:
                return

    def unread(self) -> str | None:
        """What of the declared files could not be read, in one line, once the resources were told; None
        where all could be."""
        told = [one.message for one in self.problems if one.unread]
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        return f"{told[0]}{more}" if told else None

    def written(self, finding: Finding) -> Mapping[str, tuple[str, int]]:
        """Where each change of a finding is written, as far as its source knows."""
        origin = finding.declared.origin if finding.declared else None
        if origin is None or not finding.changes:
            return {}
        for source in self.sources:
            try:
                told = source.written(finding)
            except Exception as error:  # noqa: BLE001 - whatever a source does wrong is said
                why = f"{origin}: where its changes are written can't be told: {unexpected(error)}"
                self.late.append(Problem(source.location.display, why))
                continue
            if told:
                return told
        return {}

    def remark(self, finding: Finding) -> str:
        """What explains a finding, as far as a source knows."""
        return self._first("what explains it", finding.resource, lambda one: one.remark(finding))

    def leftover(self, live: Resource) -> str:
        """Why a live resource that nobody declares was declared once, as far as a source knows."""
        return self._first("whether it was declared once", live, lambda one: one.leftover(live))

    def _first(self, what: str, resource: Resource, ask: Callable[[Declaration], str]) -> str:
        for source in self.sources:
            try:
                told = ask(source)
            except Exception as error:  # noqa: BLE001 - whatever a source does wrong is said
                why = f"{resource.type} {resource.id}: {what} can't be told: {unexpected(error)}"
                self.late.append(Problem(source.location.display, why))
                continue
            if told:
                return told
        return ""

    def committed(self) -> dict[str, str]:
        """Each commit that is declared, with its time."""
        places = [source.location for source in self.sources]
        return {one.commit: one.committed_at for one in places if one.commit and one.committed_at}


def _strange(resource: Resource) -> Problem | None:
    """That a declaration holds what no report can: a number of more than 64 bits, half of a character, values
    that nest without end. None where it does not."""
    try:
        orjson.dumps(resource.attributes, default=str)
        f"{resource.id}{resource.name}".encode()
    except (TypeError, UnicodeEncodeError, RecursionError) as error:
        name = resource.name or resource.type
        why = f"{resource.origin or name}: {name} holds what JSON does not know ({error}), so it is left out"
        return Problem(str(resource.origin), why.encode("utf-8", "replace").decode(), unread=True)
    return None
