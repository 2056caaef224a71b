"""Baselines: live records that somebody reviewed and committed, now the declaration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from drift import listing, records
from drift.errors import DeclaredError, SnapshotError
from drift.finding import Unverifiable
from drift.model import Origin, Problem, Resource
from drift.source import BaseDeclaration, BaseSource, Declaration, LiveView, Loader, Location
from drift.store import Room

#: How names of files of records end.
ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson", ".yaml", ".yml")


class Baseline(BaseSource):
    """A file of records (docs/reference/records.md), or a folder of them."""

    name = "baseline"

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return any(
                records.is_records(file, listing.beginning(file))
                for file in listing.files_below(path, ENDINGS)
            )
        return records.is_records(path, head)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Reads every record. Raises DeclaredError when a file can't be opened, or not one record be read."""
        folder = location.path.is_dir()
        files = listing.files_below(location.path, ENDINGS) if folder else [location.path]
        found = _Records(self.name, location, loader.room)
        for file in files:
            if not folder or records.is_records(file, listing.beginning(file)):
                found._look(file)
        found._refuse_nothing()
        return found


class _Records(BaseDeclaration):
    """Records of some files. As many as there is room for are kept as they were read, one at least; the rest
    is read again whenever it is asked for."""

    def __init__(self, source: str, location: Location, room: Room) -> None:
        self.source, self.location = source, location
        self._room = room
        self._kept: list[Resource | Problem] = []
        #: Files with the number of records in them that are kept.
        self._rest: list[tuple[Path, int]] = []
        self._types: set[tuple[str, str]] = set()

    def _look(self, file: Path) -> None:
        """Reads a file. Raises DeclaredError when it can't be read."""
        for kept, one in enumerate(self._read(file)):
            if isinstance(one, Resource):
                if self._types and not self._room.take():
                    self._rest.append((file, kept))
                    self._types |= self._kinds(file)
                    return
                self._types.add((one.provider, one.type))
            self._kept.append(one)

    def _refuse_nothing(self) -> None:
        """Raises DeclaredError where there is nothing but what can't be read."""
        if self._types:
            return
        told = [one.message for one in self._kept if isinstance(one, Problem)]
        if told:
            why = told[0].partition("; the record is left out")[0].partition("; what came before")[0]
            raise DeclaredError(why + (f" (and {len(told) - 1} more)" if len(told) > 1 else ""))

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset(self._types)

    def resources(self, live: LiveView) -> Iterator[Resource | Unverifiable | Problem]:
        return self._all()

    def _all(self) -> Iterator[Resource | Problem]:
        yield from self._kept
        for file, kept in self._rest:
            yield from islice(self._read(file), kept, None)

    def _kinds(self, file: Path) -> set[tuple[str, str]]:
        try:
            return records.kinds(file, self.location.inside(file))
        except SnapshotError as error:
            raise DeclaredError(str(error)) from error

    def _read(self, file: Path) -> Iterator[Resource | Problem]:
        display, location = self.location.inside(file), self.location
        origin = Origin(self.source, display, commit=location.commit, url=location.url)
        try:
            for record in records.read(file, display, origin):
                if isinstance(record, (Resource, Problem)):
                    yield record
        except SnapshotError as error:
            raise DeclaredError(str(error)) from error
