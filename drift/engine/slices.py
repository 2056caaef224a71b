"""What is declared, told once, and parted by the unit that reads where it lies."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drift.deadline import Deadline
from drift.engine.told import Placed
from drift.engine.whole import Whole
from drift.match import line_of
from drift.model import Resource
from drift.redaction import Redactor
from drift.report.depths import Depths
from drift.said import Beside, Declared
from drift.source import BaseDeclaration, Declaration, LiveView
from drift.store import DeclaredStore
from drift.task import Unit

#: Bits of a place for the number within all that was told; above them is the number of the source.
_WITHIN = 40
#: Where what is declared lies: with a unit; in no scope that is known (None); nowhere that is read.
ELSEWHERE = -1


class _Asked(BaseException):
    """A source asked the live side for something."""


class _View:
    """The live side, which some sources keep to ask it later. Before it is ``read`` whoever asks it for
    anything has to wait until it is."""

    def __init__(self, live: LiveView) -> None:
        self._live, self.read = live, False

    def _there(self) -> LiveView:
        if not self.read:
            raise _Asked
        return self._live

    def context(self, provider: str) -> Mapping[str, Any]:
        return self._there().context(provider)

    def scopes(self, provider: str) -> frozenset[str]:
        return self._there().scopes(provider)

    def types(self, provider: str) -> set[tuple[str, str]]:
        return self._there().types(provider)

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        return self._there().find(provider, scope, type, id)

    def every(self, provider: str, type: str) -> Iterable[Resource]:
        return self._there().every(provider, type)


class Slices:
    """Declared resources by unit, on disk. ``units`` are those of the run, each with its provider; ``live``
    is the live side, asked once it is read."""

    def __init__(
        self,
        said: Declared,
        units: Iterable[tuple[str, Unit]],
        live: Whole,
        depths: Depths,
        redactor: Redactor,
    ) -> None:
        self._live = _View(live)
        self._facts = live.facts
        self._said, self._depths, self._redactor = said, depths, redactor
        self._store = DeclaredStore(room=0)
        #: Unit → the places and numbers of what is declared of it.
        self._places: dict[int | None, tuple[array[int], array[int]]] = defaultdict(
            lambda: (array("q"), array("q"))
        )
        self._beside: dict[int, Beside] = {}
        self._units: dict[tuple[str, str], int] = {}
        self._whole: dict[str, int] = {}
        for number, (provider, unit) in enumerate(units):
            self._units |= dict.fromkeys(((provider, scope) for scope in unit.scopes), number)
            if not unit.scopes:
                self._whole[provider] = number
        #: What was told of each source: its depths; lines that declare something of a provider that is read.
        self._seen: dict[int, Depths] = {}
        self._lines: dict[int, set[tuple[str, int]]] = {}
        #: The sources that can't be told before the live side is read, by number.
        self.waiting: dict[int, Declaration] = {}

    def before(self, clock: Deadline) -> None:
        """Tells the sources that ask nothing of the live side; the others are ``waiting``."""
        for number, source in enumerate(self._said.sources):
            try:
                self._tell(number, source, clock)
            except _Asked:
                self.waiting[number] = source

    def after(self, clock: Deadline) -> None:
        """Tells the others by what is live, and what all told besides."""
        self._live.read = True
        for number, source in self.waiting.items():
            self._tell(number, source, clock)
        for number in range(len(self._said.sources)):
            self._said.take(self._beside[number])
            self._depths.add(self._seen[number])

    def anew(self, said: Declared, depths: Depths) -> None:
        """Forgets what was told by what is live, which is otherwise now; what is told besides goes to
        another."""
        self._said, self._depths = said, depths
        for where, (places, numbers) in self._places.items():
            left = [at for at, place in enumerate(places) if place >> _WITHIN not in self.waiting]
            self._places[where] = (
                array("q", (places[at] for at in left)),
                array("q", (numbers[at] for at in left)),
            )

    @property
    def lines(self) -> frozenset[tuple[str, int]]:
        """The lines that declare something of a provider that is read."""
        return frozenset().union(*self._lines.values())

    def _tell(self, number: int, source: Declaration, clock: Deadline) -> None:
        beside, depths = self._said.beside(), Depths(self._depths.selects)
        told = self._said.told(source, self._live, clock, beside)
        mine: dict[int | None, tuple[array[int], array[int]]] = {}
        lines: set[tuple[str, int]] = set()
        for resource in self._redactor.learning(depths.seen(told), self._facts):
            at = self._store.add(resource)
            where = self.unit_of(resource)
            places, ats = mine.setdefault(where, (array("q"), array("q")))
            places.append(number << _WITHIN | at)
            ats.append(at)
            line = line_of(resource.origin)
            if line is not None and where != ELSEWHERE:
                lines.add(line)
        for where, (places, ats) in mine.items():
            self._places[where][0].extend(places)
            self._places[where][1].extend(ats)
        self._lines[number] = lines
        self._beside[number], self._seen[number] = beside, depths

    def unit_of(self, resource: Resource) -> int | None:
        """The unit that reads where a resource lies; None where its scope is not known, ELSEWHERE where
        nobody does."""
        known = self._whole.get(resource.provider)
        if known is not None:
            return known
        if not resource.scope and any(provider == resource.provider for provider, _ in self._units):
            return None
        return self._units.get((resource.provider, resource.scope), ELSEWHERE)

    def of(self, unit: int | None, *, late: bool | None = None) -> Iterator[Placed]:
        """What is declared of a unit, in order; ``late``: only what was told after the live side was read, or
        only what was before."""
        places, numbers = self._places.get(unit, (array("q"), array("q")))
        chosen = [
            index
            for index in sorted(range(len(places)), key=places.__getitem__)
            if late is None or (places[index] >> _WITHIN in self.waiting) == late
        ]
        stored = [(places[index], numbers[index], self._store.place(numbers[index])) for index in chosen]
        texts = self._store.texts.several(there for _, _, there in stored if there is not None)
        for place, number, there in stored:
            yield place, self._store.take(number) if there is None else next(texts)

    def resource(self, placed: Placed) -> Resource:
        """The resource itself."""
        return self._store.take(placed[0] & ((1 << _WITHIN) - 1))


def spoken_of(sources: Iterable[Declaration]) -> frozenset[str] | None:
    """The providers of which some sources may say why a live resource is left over; None where they may of
    any, empty where none does."""
    found: set[str] = set()
    for source in sources:
        if _says_leftover(source):
            types = source.types()
            if not types:
                return None
            found |= {provider for provider, _ in types}
    return frozenset(found)


def _says_leftover(source: Declaration) -> bool:
    own = getattr(type(source), "leftover", None)
    return own is not None and own is not BaseDeclaration.leftover


def light(possible: Mapping[Any, Iterable[Resource]]) -> dict[Any, tuple[Resource, ...]]:
    """Declarations without what they say, but for where they stand."""
    return {
        key: tuple(one.but(attributes={}, certain=None) for one in some) for key, some in possible.items()
    }
