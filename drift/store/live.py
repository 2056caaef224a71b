"""Keeps an estate's resources: a first lot in memory, the rest on disk, so that memory does not grow with it.
What they are is in a temporary database, what they hold in a file beside it."""

from __future__ import annotations

import sqlite3
import threading
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Any

import orjson

from drift.model import Cell, Resource
from drift.store.texts import TOO_LONG, Texts

#: Resources of one side that are kept as they are; a small estate is never written anywhere.
IN_MEMORY = 10_000
#: Kibibytes of the database that stay in memory.
_CACHE = 16 * 1024
_TABLES = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE live (
    cell INTEGER NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, name TEXT, PRIMARY KEY (cell, id)
) WITHOUT ROWID;
CREATE INDEX by_name ON live (cell, name) WHERE name IS NOT NULL;
BEGIN;
"""
#: Between what a resource is and its attributes: nothing that JSON on one line holds.
_SEPARATOR = b"\n"


def room() -> int:
    """How many resources of one side are kept as they are."""
    return IN_MEMORY


class Room:
    """Room for resources of one side that several readers keep as they are, together."""

    def __init__(self) -> None:
        self._left = IN_MEMORY

    def take(self, count: int = 1) -> bool:
        """Takes room for so many, if there is as much left."""
        if count > self._left:
            return False
        self._left -= count
        return True


class LiveStore:
    """What the cells of one estate, or of several, share; ``room`` resources are kept as they are. A
    resource's *number* finds it again: below zero it is in memory, above zero on disk.

    Database and file have no name and end with the process. What a cloud gave is redacted when it comes here;
    what a snapshot holds, which is on disk, may stand here as it does there.
    """

    def __init__(self, room: int | None = None) -> None:
        self.room = IN_MEMORY if room is None else room
        self.held: list[Resource] = []
        #: The cells, each with the region that its resources say of themselves (None where it says global).
        self.cells: list[tuple[Cell, str | None]] = []
        self.lock = threading.Lock()
        self.texts = Texts()
        #: The places of the numbers above zero; below zero as those of what is in memory.
        self._places = array("q")
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
        id_, name = resource.id, resource.name
        done = self._base.execute(
            "INSERT OR IGNORE INTO live (cell, id, number, name) VALUES (?, ?, ?, ?)",
            (cell, id_, len(self._places) + 1, name),
        )
        if done.rowcount != 1:
            return False
        head = orjson.dumps([cell, id_, name, dict(resource.unread), resource.searched])
        text = head + _SEPARATOR + orjson.dumps(resource.attributes)
        if len(text) < TOO_LONG:
            self._places.append(self.texts.add(text))
        else:
            self.held.append(resource)
            self._places.append(-len(self.held))
        return True

    def forget(self, cell: int, id_: str) -> int:
        """Takes a resource that was written out of the database; gives how many there were."""
        if self._base is None:
            return 0
        return self._base.execute("DELETE FROM live WHERE cell = ? AND id = ?", (cell, id_)).rowcount

    def ask(self, question: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows that answer a question to the database; none where nothing was written."""
        if self._base is not None:
            yield from self._base.execute(question, values)

    def take(self, number: int) -> Resource:
        """The resource of a number."""
        place = number if number < 0 else self._places[number - 1]
        return self.held[-place - 1] if place < 0 else made(self.texts.get(place), self.cells)

    def place(self, number: int) -> int | None:
        """The place of a number's text in the file; None where its resource is in memory."""
        place = number if number < 0 else self._places[number - 1]
        return None if place < 0 else place


def made(text: bytes, cells: Sequence[tuple[Cell, str | None]]) -> Resource:
    """A resource from its text in the file; ``cells`` are the store's, each with the region that its
    resources say."""
    head, _, body = text.partition(_SEPARATOR)
    place, id_, name, unread, searched = orjson.loads(head)
    cell, region = cells[place]
    return Resource(
        cell.provider,
        cell.scope,
        cell.type,
        id_,
        orjson.loads(body),
        region,
        name,
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
        self.store.cells.append((self.cell, self.region))

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

    def remove(self, id_: str) -> None:
        """Takes a resource away; its number finds nothing that is asked for any longer."""
        if self.kept.pop(id_, None) is None:
            with self.store.lock:
                self.written -= self.store.forget(self.place, id_)

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
