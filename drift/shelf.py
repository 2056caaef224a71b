"""Keeps an estate's resources: a first lot in memory, the rest in one temporary file, so that memory does not grow with it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import orjson

from drift.model import Cell, Resource

#: Resources of one estate that are kept as they are; a small one is never written anywhere.
IN_MEMORY = 20_000
#: A place in the file is one number, its offset and, in the low bits, its length: far smaller than any object.
_LENGTH_BITS = 32


class Shelves:
    """What the cells of one estate share: the count of what is in memory, and the file for the rest."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self.room = in_memory
        self._file: IO[bytes] | None = None
        self._end = 0

    def put(self, resource: Resource) -> Resource | int:
        """The resource itself while there is room, else its place in the file."""
        if self.room > 0:
            self.room -= 1
            return resource
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="drift-")  # noqa: SIM115 - closed with the estate
        text = orjson.dumps([resource.name, resource.attributes, dict(resource.unread), resource.searched])
        self._file.seek(self._end)
        self._file.write(text)
        place = self._end << _LENGTH_BITS | len(text)
        self._end += len(text)
        return place

    def take(self, cell: Cell, region: str | None, id_: str, kept: Resource | int) -> Resource:
        """The resource that :meth:`put` kept."""
        if isinstance(kept, Resource):
            return kept
        assert self._file is not None
        self._file.seek(kept >> _LENGTH_BITS)
        length = kept & ((1 << _LENGTH_BITS) - 1)
        name, attributes, unread, searched = orjson.loads(self._file.read(length))
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
class Shelf:
    """The resources of one cell by id. ``region`` is what they say of themselves (None where the cell says global)."""

    cell: Cell
    region: str | None
    shelves: Shelves
    kept: dict[str, Any]

    def add(self, resource: Resource) -> None:
        self.kept[str(resource.id)] = self.shelves.put(resource)

    def get(self, id_: str) -> Resource | None:
        kept = self.kept.get(id_)
        return None if kept is None else self.shelves.take(self.cell, self.region, id_, kept)

    def __contains__(self, id_: str) -> bool:
        return id_ in self.kept

    def __len__(self) -> int:
        return len(self.kept)

    def __iter__(self) -> Iterator[Resource]:
        """In the order of ids."""
        for id_ in sorted(self.kept):
            yield self.shelves.take(self.cell, self.region, id_, self.kept[id_])
