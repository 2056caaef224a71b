"""Baselines: live records that somebody reviewed and committed, now the declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drift import snapshot
from drift.errors import DeclaredError, SnapshotError
from drift.model import Origin, Problem, Resource, Unverifiable
from drift.source import Declaration, LiveView, Loader, Location

_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson", ".yaml", ".yml")


class Baseline:
    """A file of records (DESIGN 6.1), or a folder of them."""

    name = "baseline"

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return any(snapshot.is_records(file, _head(file)) for file in _files(path))
        return snapshot.is_records(path, head)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Reads every record. Raises DeclaredError when a file can't be opened."""
        files = [location.path] if location.path.is_file() else _files(location.path)
        read: list[Resource | Problem] = []
        for file in files:
            if location.path.is_dir() and not snapshot.is_records(file, _head(file)):
                continue
            display = location.inside(file)
            try:
                for record in snapshot.read(file, display):
                    if isinstance(record, Resource):
                        origin = Origin(
                            self.name,
                            display,
                            address=record.name or record.id,
                            commit=location.commit,
                            url=location.url,
                        )
                        read.append(record.but(origin=origin))
                    elif isinstance(record, Problem):
                        read.append(record)
            except SnapshotError as error:
                raise DeclaredError(str(error)) from error
        return _Records(self.name, location, read)


@dataclass(slots=True)
class _Records:
    source: str
    location: Location
    read: list[Resource | Problem]

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset((one.provider, one.type) for one in self.read if isinstance(one, Resource))

    def resources(self, live: LiveView) -> Iterator[Resource | Unverifiable | Problem]:
        yield from self.read


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.name.endswith(_ENDINGS) and file.is_file())


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(65536)
