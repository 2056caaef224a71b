"""What a run had no time to compare: it is unread, in the ledger, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from drift.live.estate import Estate
from drift.match import Pair, Pairs, Unmatched
from drift.model import Cell, Coverage, Resource


class Uncompared:
    """Counts by cell what was matched and not judged."""

    def __init__(self) -> None:
        self.cells: Counter[Cell] = Counter()

    def pairs(self, pairs: Sequence[Pair], indexes: Iterable[int]) -> None:
        """Pairs by their index."""
        if isinstance(pairs, Pairs):
            self.cells += pairs.cells(indexes)
        else:
            self.resources(pairs[index].live for index in indexes)

    def resources(self, some: Iterable[Resource]) -> None:
        self.cells.update(one.cell for one in some)

    def unmatched(self, unmatched: Iterable[Resource], after: int) -> None:
        """Live resources that are nobody's, from one on."""
        if isinstance(unmatched, Unmatched):
            self.cells += unmatched.cells(after)
        else:
            self.resources(islice(unmatched, after, None))

    def add(self, cells: Counter[Cell]) -> None:
        """Those that were counted elsewhere."""
        self.cells += cells

    def __len__(self) -> int:
        return sum(self.cells.values())

    def cover(self, estate: Estate, reason: str) -> None:
        """Tells it in the ledger. What was read stays so: no resource is missing by it."""
        for cell, count in self.cells.items():
            row = estate.coverage.get(cell) or Coverage(cell, "checked", estate.count(cell))
            over = estate.status(cell)
            told = f"{reason}; {count:,} of its resources were not compared"
            estate.coverage[cell] = replace(
                row,
                status="failed",
                message=f"{row.message}; {told}" if row.message else told,
                listed=over is None or over.complete,
            )
