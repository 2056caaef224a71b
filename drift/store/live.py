"""Keeps an estate's resources: a first lot in memory, the rest in a temporary database, so that memory does
not grow with it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from typing import Any

import orjson

from drift.model import Cell, Resource

#: Resources of one side that are kept as they are; a small estate is never written anywhere.
IN_MEMORY = 10_000
#: Kibibytes of the database that stay in memory.
_CACHE = 16 * 1024
_TABLES = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE live (
    number INTEGER PRIMARY KEY, cell INTEGER NOT NULL, id TEXT NOT NULL, name TEXT, body BLOB NOT NULL
);
CREATE UNIQUE INDEX by_id ON live (cell, id);
CREATE INDEX by_name ON live (cell, name) WHERE name IS NOT NULL;
BEGIN;
"""

#: A resource as the database has it: the place of its cell, its id, its name, all else as JSON.
Stored = tuple[int, str, str | None, bytes]


def room() -> int:
    """How many resources of one side are kept as they are."""
    return IN_MEMORY


class LiveStore:
    """What the cells of one estate share. A resource's *number* finds it again: below zero it is in memory,
    else in the database.

    The database is a file without a name, which ends with the process. What a cloud gave is redacted when it
    comes here; what a snapshot holds, which is on disk, may stand here as it does there.
    """

    def __init__(self) -> None:
        self.room = IN_MEMORY
        self.held: list[Resource] = []
        self.cells: list[CellStore] = []
        self.lock = threading.Lock()
        self._base: sqlite3.Connection | None = None

    def hold(self, resource: Resource) -> int | None:
        """The number of a resource kept in memory; None where there is no more room."""
        if self.room <= 0:
            return None
        self.room -= 1
        self.held.append(resource)
        return -len(self.held)

    def write(self, cell: int, resource: Resource) -> bool:
        """Writes a resource; False where its cell has its id already."""
        if self._base is None:
            self._base = sqlite3.connect("", check_same_thread=False, isolation_level=None)
            self._base.execute(f"PRAGMA cache_size = -{_CACHE}")
            self._base.executescript(_TABLES)
        text = orjson.dumps([resource.attributes, dict(resource.unread), resource.searched])
        done = self._base.execute(
            "INSERT OR IGNORE INTO live (cell, id, name, body) VALUES (?, ?, ?, ?)",
            (cell, resource.id, resource.name, text),
        )
        return done.rowcount == 1

    def ask(self, question: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows that answer a question to the database; none where nothing was written."""
        if self._base is not None:
            yield from self._base.execute(question, values)

    def take(self, number: int) -> Resource:
        """The resource of a number."""
        row = self.row(number)
        if row is None:
            return self.held[-number - 1]
        home = self.cells[row[0]]
        return made(row, home.cell, home.region)

    def row(self, number: int) -> Stored | None:
        """The row of a number; None where its resource is in memory."""
        if number < 0:
            return None
        row: Stored = next(self.ask("SELECT cell, id, name, body FROM live WHERE number = ?", number))
        return row


def made(row: Stored, cell: Cell, region: str | None) -> Resource:
    """A resource of a cell from its row."""
    _, id_, name, body = row
    attributes, unread, searched = orjson.loads(body)
    return Resource(
        provider=cell.provider,
        scope=cell.scope,
        type=cell.type,
        id=id_,
        attributes=attributes,
        region=region,
        name=name,
        unread=unread,
        searched=searched,
    )


@dataclass(slots=True)
class CellStore:
    """The resources of one cell by id. ``region`` is what they say of themselves (None where the cell says
    global)."""

    cell: Cell
    region: str | None
    store: LiveStore
    kept: dict[str, int] = field(default_factory=dict)
    written: int = 0
    place: int = 0

    def __post_init__(self) -> None:
        self.place = len(self.store.cells)
        self.store.cells.append(self)

    def add(self, resource: Resource) -> bool:
        """Adds a resource; False where its id is there already."""
        id_ = str(resource.id)
        if id_ in self.kept:
            return False
        with self.store.lock:
            number = self.store.hold(resource)
            if number is not None:
                self.kept[id_] = number
                return True
            added = self.store.write(self.place, resource)
        self.written += added
        return added

    def number(self, id_: str) -> int | None:
        """The number of the resource with this id; None where there is none."""
        kept = self.kept.get(id_)
        if kept is None and self.written:
            question = "SELECT number FROM live WHERE cell = ? AND id = ?"
            kept = next((row[0] for row in self.store.ask(question, self.place, id_)), None)
        return kept

    def get(self, id_: str) -> Resource | None:
        number = self.number(id_)
        return None if number is None else self.store.take(number)

    def named(self, name: str) -> list[int]:
        """The numbers of at most two resources in the database that people call so."""
        if not self.written:
            return []
        question = "SELECT number FROM live WHERE cell = ? AND name = ? LIMIT 2"
        return [row[0] for row in self.store.ask(question, self.place, name)]

    def numbers(self) -> Iterator[int]:
        """All numbers, in the order of ids."""
        first = ((id_, self.kept[id_]) for id_ in sorted(self.kept))
        if not self.written:
            return (number for _, number in first)
        question = "SELECT id, number FROM live WHERE cell = ? ORDER BY id"
        return (number for _, number in merge(first, self.store.ask(question, self.place)))

    def __contains__(self, id_: str) -> bool:
        return self.number(id_) is not None

    def __len__(self) -> int:
        return len(self.kept) + self.written

    def __iter__(self) -> Iterator[Resource]:
        """In the order of ids."""
        return map(self.store.take, self.numbers())
