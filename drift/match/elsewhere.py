"""What is declared for a provider that is not read, in lines that also declare something for one that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from drift.finding import Unverifiable
from drift.live.estate import ANY, Estate
from drift.model import GLOBAL, Cell, Coverage, Origin, Resource


class Elsewhere:
    """What was read when matching began; and what is declared for a provider that is not read, in lines that
    also declare something for one that is (a Config Connector object is an object of a cluster and a Google
    resource): judged there."""

    def __init__(self, estate: Estate, judged: Iterable[tuple[str, int]] = ()) -> None:
        self._estate = estate
        self.scopes = {name: estate.scopes(name) for name in estate.providers}
        #: Rows for the ledger, when all is matched.
        self.rows: dict[Cell, Coverage] = {}
        self._regions: dict[tuple[str, str], frozenset[str]] = {}
        self._waiting: set[tuple[str, int]] = set()
        self._judged = set(judged)

    @property
    def waits(self) -> bool:
        """Whether something was seen that may be judged elsewhere."""
        return bool(self._waiting)

    def reads(self, provider: str) -> bool:
        """Whether anything of a provider was read."""
        return provider in self._estate.contexts or bool(self.scopes.get(provider))

    def regions(self, provider: str, scope: str) -> frozenset[str]:
        """The regions of a scope that the ledger speaks of."""
        place = provider, scope
        if place not in self._regions:
            cells = (cell for cell in self._estate.coverage if (cell.provider, cell.scope) == place)
            self._regions[place] = frozenset(cell.region for cell in cells) - {GLOBAL, ANY}
        return self._regions[place]

    def count(self, row: Coverage, provider: str) -> None:
        """Counts a declared resource that can't be judged in the row that it lies in; of a provider that is
        not read, only tells the row."""
        known = self.rows.get(row.cell, replace(row, declared=0))
        self.rows[row.cell] = replace(known, declared=known.declared + self.reads(provider))

    def look(self, resource: Resource) -> None:
        """Sees each declared resource once, before any is matched."""
        place = line_of(resource.origin)
        if place is not None and not self.reads(resource.provider):
            self._waiting.add(place)

    def judged(self, resource: Resource) -> None:
        """Sees each one again, when it is matched."""
        place = line_of(resource.origin) if self._waiting else None
        if place in self._waiting and place is not None and self.reads(resource.provider):
            self._judged.add(place)

    def without(self, told: list[Unverifiable]) -> list[Unverifiable]:
        """What can't be verified, without what is judged elsewhere."""
        if not self._judged:
            return told
        return [one for one in told if self.reads(one.provider) or line_of(one.origin) not in self._judged]


def line_of(origin: Origin | None) -> tuple[str, int] | None:
    """The file and the line that an origin names."""
    return (
        None if origin is None or origin.file is None or origin.line is None else (origin.file, origin.line)
    )
