"""When each cell was last read, as the report of the last run and the history tell it: what decides which
come first where not all may be read in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from drift.live.estate import ANY
from drift.model import Cell


class Ledger(NamedTuple):
    """The rows of a ledger, and when the run began that it is of."""

    since: str = ""
    rows: Sequence[Mapping[str, Any]] = ()


class Order:
    """From the rows of a report's ledger. Moments sort as the texts that they are; "" is of what was never
    read, or of which nobody knows, and comes first."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._at: dict[Cell, str] = {}
        self._scopes: dict[tuple[str, str], str] = {}
        for row in rows:
            cell = Cell(row["provider"], row["scope"], row["region"], row["type"])
            if row["status"] in ("skipped", "unsupported"):
                continue
            at = row.get("read_at") or row.get("last_read_at") or ""
            self._at[cell] = at
            place = cell.provider, cell.scope
            self._scopes[place] = min(self._scopes.get(place, at), at)

    @classmethod
    def of(cls, ledgers: Iterable[Ledger]) -> Order:
        """From what several tell of the same environment: of the cells of the newest, each as it was read
        last by any. Which one that is varies: reports may be on no volume, and a history be out of reach."""
        newest, *others = sorted(ledgers, key=lambda one: one.since, reverse=True) or [Ledger()]
        older = [cls(one.rows) for one in others]
        rows = []
        for row in newest.rows:
            cell = Cell(row["provider"], row["scope"], row["region"], row["type"])
            at = row.get("read_at") or row.get("last_read_at") or ""
            rows.append({**row, "read_at": max([at, *(one.last(cell) or "" for one in older)])})
        return cls(rows)

    def last(self, cell: Cell) -> str | None:
        """When a cell was last read to its end; None where nobody knows."""
        return self._at.get(cell) or None

    def cells(self, cells: Iterable[Cell]) -> str:
        """What sorts a task by the cells that it is to read."""
        known = (self._at.get(one, self._at.get(one._replace(type=ANY), "")) for one in cells)
        return min(known, default="")

    def scope(self, provider: str, scope: str) -> str:
        """What sorts a scope: the longest unread of its cells."""
        return self._scopes.get((provider, scope), "")
