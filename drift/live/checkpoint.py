"""Writes down what each task read as soon as it has ended, and gives what an earlier run wrote down in place
of reading it again."""

from __future__ import annotations

import contextlib
import io
import queue
import struct
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any

import orjson
import zstandard

from drift.errors import DriftError
from drift.live.pieces import Piece, Pieces
from drift.model import Cell, Coverage, Resource, Status
from drift.moment import now, rfc3339
from drift.redaction import Redactor, told
from drift.task import Resumable, Task

#: Before the lines of a body: how many bytes what was learnt is, packed. How lines begin: a resource, a row
#: of the ledger.
_LENGTH = struct.Struct(">I")
_RESOURCE, _ROW = "r", "c"
#: What stands in a line for a secret that is hashed with the run's key.
_KEYED = b'"$secret'
#: In the head of a piece without cells: all was asked for, and what is not here could not be read.
OVER = "over"
_LEVEL = 1
#: Bytes of one task's lines that wait before they are packed, and of a pack that stays in memory.
_WAITING, _IN_MEMORY = 4 * 1024 * 1024, 8 * 1024 * 1024
#: Writing takes at most this part of the time; pieces wait for so many seconds at least, and at most.
_PART, _LEAST_SECONDS, _MOST_SECONDS = 0.05, 0.2, 5.0
#: What is written at the end, once all is read, may take so long.
CLOSE_SECONDS = 10.0

Key = str


def key_of(cells: Iterable[Cell], asks: str) -> Key:
    """What finds the piece of a task again: the cells that it answers for, and what it is asked for."""
    return orjson.dumps([asks, *(list(cell) for cell in sorted(cells))]).decode()


def key_in(piece: Piece) -> Key:
    """The same of a piece."""
    return key_of(cells_of(piece), str(piece.head["asks"]))


@dataclass(frozen=True, slots=True)
class Whole:
    """Cells that were read to their end, when, and by which earlier run, if not by this one."""

    cells: tuple[Cell, ...]
    read_at: str
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """What an earlier run read of the cells of a task, in place of the task."""

    whole: Whole
    lines: Iterable[bytes]

    def read(self) -> Iterator[Resource | Coverage]:
        """What was read, as it was kept: without secrets, under canonical ids."""
        for line in self.lines:
            kind, *said = orjson.loads(line)
            if kind == _ROW:
                cell, status, resources, message, listed, declared, read_at = said
                yield Coverage(
                    Cell(*cell), status, resources, message, listed, declared, read_at, by=self.whole.run
                )
            else:
                provider, scope, region, type_, id_, name, attributes, unread, searched = said
                yield Resource(
                    provider,
                    scope,
                    type_,
                    id_,
                    attributes,
                    region,
                    name,
                    unread=unread,
                    searched=searched,
                )


class Checkpoint:
    """The pieces of one run: those that it writes (``into``), and those of an earlier one that it goes on
    with (``source``, which may be the same file). Safe to share between threads.

    ``tell`` is told once if nothing more can be written; the run goes on. ``known`` waits until all is known
    that what is declared calls secret, and says why it is not, if so: then nothing is written.
    """

    def __init__(
        self,
        redactor: Redactor,
        run: str,
        *,
        into: Pieces | None = None,
        source: Pieces | None = None,
        earlier: Iterable[Piece] = (),
        tell: Callable[[str], None] = lambda _: None,
        known: Callable[[], str] = lambda: "",
    ) -> None:
        self.known = known
        self.redactor, self.run, self._into, self._source, self._tell = redactor, run, into, source, tell
        self._earlier = {key_in(one): one for one in earlier}
        self._cells = {frozenset(cells_of(one)) for one in self._earlier.values()}
        self._scopes: dict[tuple[str, str], int] = defaultdict(int)
        for piece in self._earlier.values():
            for place in {(cell.provider, cell.scope) for cell in cells_of(piece)}:
                self._scopes[place] += 1
        #: Whether not all was asked for, once it is closed.
        self.cut = False
        #: How many cells were taken from an earlier run, and when the first of them was read.
        self.cells, self.oldest = 0, ""
        self._begun: set[Key] = set()
        self._lock = threading.Lock()
        self._todo: queue.SimpleQueue[_Made | None] = queue.SimpleQueue()
        self._over = threading.Event()
        self._writer: threading.Thread | None = None
        self._broken = into is None
        if into is not None:
            self._writer = threading.Thread(target=self._write, daemon=True, name="checkpoint")
            self._writer.start()

    def has(self, cells: Iterable[Cell]) -> bool:
        """Whether an earlier run read just these cells to their end."""
        return frozenset(cells) in self._cells

    def knows(self, provider: str, scope: str) -> bool:
        """Whether an earlier run read some cells of a scope to their end."""
        return (provider, scope) in self._scopes

    def again(self, task: Task) -> Again | None:
        """What an earlier run read in place of a task, which has taken over what it learnt; None where it is
        to be read: it was not, or is asked for something else now."""
        if self._source is None or not self.has(task.cells) or not isinstance(task, Resumable):
            return None
        try:
            asks = task.asks()
            piece = None if asks is None else self._earlier.get(key_of(task.cells, asks))
            if piece is None:
                return None
            learnt, lines = _parted(self._source.body(piece))
            task.recall(learnt)
        except (
            DriftError,
            OSError,
        ):  # what it needs besides can't be told: then nothing is taken for granted
            return None
        read_at = str(piece.head["read_at"])
        with self._lock:
            self.cells += len(task.cells)
            self.oldest = min(self.oldest or read_at, read_at)
        run = str(piece.head["run"])  # this one's own, where a worker was lost in the middle
        return Again(Whole(task.cells, read_at, None if run == self.run else run), lines)

    def begin(self, task: Task) -> Collecting | None:
        """Takes what a task reads; None where that is not kept."""
        if self._broken or not isinstance(task, Resumable):
            return None
        try:
            asks = task.asks()
        except DriftError:
            asks = None
        if asks is None:
            return None
        key = key_of(task.cells, asks)
        with self._lock:
            if key in self._begun:  # two tasks for the same cells: nobody could tell whose a piece is
                self._todo.put(_Made({"cells": list(map(list, task.cells)), "asks": asks, "void": True}))
                return None
            self._begun.add(key)
        return Collecting(self, task, asks)

    def put(self, made: _Made) -> None:
        """Writes a piece soon."""
        self._todo.put(made)

    def close(self, *, cut: bool, seconds: float = CLOSE_SECONDS) -> None:
        """Writes what waits, within so many seconds. ``cut``: not all was asked for, as time or calls ran
        out."""
        self.cut = cut
        if self._writer is not None:
            if not cut:
                self._todo.put(_Made({"cells": [], OVER: True}))
            self._over.set()
            self._todo.put(None)
            self._writer.join(seconds)

    def _write(self) -> None:
        """Writes what is there together, and rests: so it never takes much of the run."""
        while True:
            some = [self._todo.get()]
            with contextlib.suppress(queue.Empty):
                while True:
                    some.append(self._todo.get_nowait())
            began = time.monotonic()
            self._commit([one for one in some if one is not None])
            if None in some:
                return
            took = time.monotonic() - began
            self._over.wait(min(max(took / _PART, _LEAST_SECONDS), _MOST_SECONDS))

    def _commit(self, some: list[_Made]) -> None:
        into = self._into
        if self._broken or into is None:
            return
        if unsure := self.known():
            self._broken = True
            self._tell(
                f"what is read is not kept for `--resume`: what is secret in it is not known: {unsure}"
            )
            return
        try:
            for one in some:
                if one.clean(self.redactor):
                    into.add(one.head, one.packed())
            into.sync()
        except (OSError, ValueError) as error:
            self._broken = True
            why = getattr(error, "strerror", None) or error
            self._tell(f"what is read is no longer kept for `--resume`: {into.path}: {why}")


@dataclass(slots=True)
class _Made:
    """A piece that is to be written: its head, what was learnt, and its lines, or those before them packed
    already."""

    head: dict[str, Any]
    learnt: bytes = b""
    lines: list[bytes] = field(default_factory=list)
    before: _Packed | None = None

    def clean(self, redactor: Redactor) -> bool:
        """Whether nothing of it is known to be a secret; else it is read again."""
        return _clean([self.learnt, *self.lines], redactor)

    def packed(self) -> bytes:
        if not self.head["cells"] or "void" in self.head:
            return b""
        packer = zstandard.ZstdCompressor(level=_LEVEL)
        learnt = packer.compress(self.learnt)
        if self.before is not None:
            lines = self.before.whole(self.lines)
        else:
            lines = packer.compress(b"".join(self.lines)) if self.lines else b""
        return b"".join((_LENGTH.pack(len(learnt)), learnt, lines))


def _parted(body: bytes) -> tuple[Any, Iterator[bytes]]:
    """What was learnt, and the lines."""
    size = _LENGTH.size
    (length,) = _LENGTH.unpack_from(body)
    unpacker = zstandard.ZstdDecompressor()
    learnt = orjson.loads(unpacker.decompressobj().decompress(body[size : size + length]))
    return learnt, iter(io.BufferedReader(unpacker.stream_reader(body[size + length :])))


def _clean(lines: list[bytes], redactor: Redactor) -> bool:
    text = b"".join(lines).decode()
    return redactor.known.covered(text) is text


class _Packed:
    """Very many lines of one task, packed as they come; a large pack is in a file without a name."""

    def __init__(self) -> None:
        self._pack = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="drift-")  # noqa: SIM115

    def add(self, lines: list[bytes]) -> None:
        self._file.write(self._pack.compress(b"".join(lines)))

    def whole(self, lines: list[bytes]) -> bytes:
        self.add(lines)
        self._file.write(self._pack.flush())
        self._file.seek(0)
        with self._file:
            return self._file.read()


class Collecting:
    """What one task has read so far."""

    def __init__(self, checkpoint: Checkpoint, task: Resumable, asks: str) -> None:
        self._checkpoint, self._task, self._asks = checkpoint, task, asks
        self._lines: list[bytes] = []
        self._rows: list[Coverage] = []
        self._size = self._count = 0
        self._keyed = False
        self._before: _Packed | None = None
        self._void = False

    def take(self, one: Resource | Coverage) -> Resource | Coverage:
        """Takes what was read, as it is kept; gives it, a row of the ledger with the moment."""
        if isinstance(one, Resource):
            if not self._void:
                self._add(one)
            return one
        row = replace(one, message=told(one.message))
        if row.complete and row.read_at is None:
            row = replace(row, read_at=rfc3339(now()))
        self._rows.append(row)
        said = (row.status, row.resources, row.message, row.listed, row.declared, row.read_at)
        self._lines.append(orjson.dumps((_ROW, list(row.cell), *said)) + b"\n")
        return row

    def _add(self, one: Resource) -> None:
        try:
            line = orjson.dumps(_fields(one)) + b"\n"
        except TypeError:  # what no JSON holds
            self._void = True
            return
        self._count += 1
        self._keyed = self._keyed or _KEYED in line
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _WAITING:
            self._pack()

    def _pack(self) -> None:
        if self._checkpoint.known() or not _clean(self._lines, self._checkpoint.redactor):
            self._void, self._lines = True, []
            return
        if self._before is None:
            self._before = _Packed()
        self._before.add(self._lines)
        self._lines, self._size = [], 0

    def end(self) -> Whole:
        """The task has ended well: what it read is kept, if that is all that there is to read."""
        whole = Whole(self._task.cells, rfc3339(now()))
        self._keep(whole.read_at)
        return whole

    def _keep(self, read_at: str) -> None:
        if self._void or not finished(self._rows):
            return
        try:
            learnt = orjson.dumps(self._checkpoint.redactor.variables(self._task.learnt()))
        except TypeError:
            return
        head = {
            "cells": list(map(list, self._task.cells)),
            "asks": self._asks,
            "read_at": read_at,
            "run": self._checkpoint.run,
            "resources": self._count,
            "keyed": self._keyed or _KEYED in learnt,
        }
        self._checkpoint.put(_Made(head, learnt, self._lines, self._before))


_KEPT: tuple[Status, ...] = ("checked", "skipped", "unsupported")


def finished(rows: list[Coverage]) -> bool:
    """Whether a task that ended with these rows read all that it may. What was throttled or broke off is read
    again; what is refused is, where nothing else was read: to ask costs a call."""
    if any(row.status in ("failed", "throttled") for row in rows):
        return False
    return len(rows) != 1 or rows[0].status in _KEPT or rows[0].listed


def cells_of(piece: Piece) -> tuple[Cell, ...]:
    """The cells that a piece is of."""
    return tuple(Cell(*one) for one in piece.head["cells"])


def _fields(one: Resource) -> tuple[Any, ...]:
    return (
        _RESOURCE,
        one.provider,
        one.scope,
        one.region,
        one.type,
        one.id,
        one.name,
        one.attributes,
        dict(one.unread),
        one.searched,
    )
