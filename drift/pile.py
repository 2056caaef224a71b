"""Keeps what is declared, in its order: a first lot in memory, the rest in one temporary file, so that memory does not grow.

The file has no name and ends with the process. Nothing secret is written: what holds a secret is hidden before it is written,
and what its source itself called sensitive stays in memory.
"""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Iterator
from typing import IO

from drift.facts import NOTHING
from drift.model import Resource
from drift.provider import Provider
from drift.redact import Redactor, sensitive_texts
from drift.shelf import IN_MEMORY

_LENGTH_BITS = 28


class Pile:
    """Declared resources by number, counted from zero. Without a redactor everything stays in memory."""

    def __init__(
        self, providers: dict[str, Provider], redactor: Redactor | None = None, in_memory: int = IN_MEMORY
    ) -> None:
        self._providers, self._redactor, self._room = providers, redactor, in_memory
        self._held: list[Resource] = []
        #: For each number its place in ``_held``, below zero, or its place in the file.
        self._places = array("q")
        self._file: IO[bytes] | None = None
        self._end = 0

    def add(self, resource: Resource) -> int:
        """Adds a resource; gives its number."""
        if self._redactor is None or self._room > 0 or sensitive_texts(resource.attributes):
            self._room -= 1
            self._held.append(resource)
            self._places.append(-len(self._held))
        else:
            self._places.append(self._write(self._hidden(resource)))
        return len(self._places) - 1

    def take(self, number: int) -> Resource:
        """The resource of a number."""
        place = self._places[number]
        if place < 0:
            return self._held[-place - 1]
        assert self._file is not None
        self._file.seek(place >> _LENGTH_BITS)
        resource: Resource = pickle.loads(self._file.read(place & ((1 << _LENGTH_BITS) - 1)))  # noqa: S301 - our own file
        return resource

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Resource]:
        return map(self.take, range(len(self._places)))

    def _hidden(self, resource: Resource) -> Resource:
        assert self._redactor is not None
        provider = self._providers.get(resource.provider)
        facts = None if provider is None else provider.facts(resource.type)
        return self._redactor.resource(resource, NOTHING if facts is None else facts.root)

    def _write(self, resource: Resource) -> int:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="drift-")  # noqa: SIM115 - closed with the pile
        text = pickle.dumps(resource, pickle.HIGHEST_PROTOCOL)
        self._file.seek(self._end)
        self._file.write(text)
        place = self._end << _LENGTH_BITS | len(text)
        self._end += len(text)
        return place
