"""What all members told of their units, as one process would tell it (:class:`drift.verdicts.Verdicts`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.compare.compared import Compared
from drift.engine.shared import Shelf
from drift.engine.told import Judged, made
from drift.engine.whole import Whole
from drift.finding import Change
from drift.model import Cell, Resource
from drift.verdicts import Beside, Counts, Here, Key, Leaving, Nobodys


@dataclass
class Gathered:
    """``here`` tells of what no unit reads; ``judged`` maps a unit to the call that judged it, and to what it
    told at once."""

    here: Here
    shelf: Shelf
    estate: Whole
    judged: Mapping[int, tuple[int, Judged]]
    counts: Counts = field(init=False)

    def __post_init__(self) -> None:
        self.comparer, self.counts = self.here.comparer, self.here.counts
        left: Counter[Cell] = Counter()
        for _, one in self.judged.values():
            self.counts.declared += one.declared
            self.counts.system += one.system
            self.counts.ignored += one.ignored
            self.counts.unlisted.update(one.unlisted)
            self.counts.unverifiable += one.possible
            left.update(one.left)
        self.counts.left.add(left)

    def _parts(self, part: str) -> Iterator[Any]:
        told = sorted(self.judged.items())
        names = (made("judge", unit, number, part) for unit, (number, one) in told if part in one.parts)
        return self.shelf.all(names)

    def missing(self) -> Iterator[Resource]:
        yield from self.here.missing()
        yield from self._parts(".missing")

    def leaving(self) -> Iterator[Leaving]:
        yield from self.here.leaving()
        yield from self._parts(".leaving")

    def unmatched(self) -> Iterator[Nobodys]:
        yield from self._parts(".unmatched")

    def whole(self, live: Resource) -> Resource:
        if live.attributes:
            return live
        found = self.estate.find(live.provider, live.scope, live.type, str(live.id), live.region)
        return live if found is None else found

    def compared(self) -> Iterator[Compared]:
        yield from self.here.compared()
        yield from self._parts(".compared")

    def observed(self) -> Mapping[Key, list[Change]]:
        return {key: changes for _, one in self.judged.values() for key, changes in one.observed.items()}

    def beside(self) -> Iterator[Beside]:
        yield from self._parts(".beside")
