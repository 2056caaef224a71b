"""When each cell was last read, as the report of the last run tells it: what decides which come first where
not all may be read in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drift.live.estate import ANY
from drift.model import Cell


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
