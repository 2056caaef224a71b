"""Keeps what members read of each unit, so that a later run, or another member, goes on where one was cut
(docs/resume.md)."""

from __future__ import annotations

import contextlib
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from drift import temporary
from drift.depot import Depot, DepotError, Folder, at
from drift.engine.parted import Parted, joined, stem
from drift.errors import DriftError
from drift.live.checkpoint import Checkpoint, Key, key_in
from drift.live.pieces import Piece, Pieces, Seal
from drift.moment import rfc3339
from drift.redaction import Redactor
from drift.resumption import AHEAD, Kept
from drift.task import Unit


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where a run's members keep what they read: a file for each reading of a unit, which begins with all
    that stands of those before it. Where it is an object store a file is there in parts."""

    kept: Kept
    run: str
    redactor: Redactor
    seal: Seal | None

    @contextlib.contextmanager
    def unit(self, provider: str, unit: Unit, number: int, notes: list[str]) -> Iterator[Checkpoint | None]:
        """The checkpoint of one reading; None, and a note, where none can be written."""
        place = at(self.kept.folder).below(name_of(provider, unit))
        file = f"{self.run}.{number:08}"
        with contextlib.ExitStack() as stack:
            try:
                place.make(again=True)
                if isinstance(place, Folder):
                    into = stack.enter_context(Pieces(place.path / file, new=True, seal=self.seal))
                else:
                    into = stack.enter_context(Parted(place, file, self.seal, notes.append))
                earlier = self._taken(into, place, file)
            except (OSError, DriftError) as error:
                with contextlib.suppress(DepotError):
                    place.remove([file])
                why = getattr(error, "strerror", None) or error
                notes.append(f"what is read is not kept for `--resume`: {place.shown}: {why}")
                yield None
                return
            yield Checkpoint(
                self.redactor, self.run, into=into, source=into, earlier=earlier, tell=notes.append
            )

    def _taken(self, into: Pieces, place: Depot, own: str) -> list[Piece]:
        """What stands of earlier readings of a unit, now in this one's file; theirs go once that is on disk.
        What another member still writes is left alone."""
        found: dict[Key, tuple[Pieces, Piece]] = {}
        latest = rfc3339(datetime.now(UTC) + AHEAD)
        with contextlib.ExitStack() as stack:
            sources: list[tuple[Pieces, list[str]]] = []
            folder = place.path if isinstance(place, Folder) else stack.enter_context(temporary.passing())
            for file, parts in _files(place).items():
                with contextlib.suppress(OSError, DriftError):
                    if file != own:
                        path = folder / file
                        if not isinstance(place, Folder):
                            joined(place, parts, path)
                        sources.append((stack.enter_context(Pieces(path, seal=self.seal)), parts))
            for source, _ in sources:
                for piece in source.read():
                    if piece.head.get("cells"):
                        key = key_in(piece)
                        found.pop(key, None)
                        if "void" not in piece.head and self.kept.least <= piece.head["read_at"] <= latest:
                            found[key] = source, piece
            taken = [into.take(source, piece) for source, piece in found.values()]
            into.sync()
            if isinstance(into, Parted) and taken:
                into.send()
            for _, parts in sources:
                place.remove(parts)
        return taken


def _files(place: Depot) -> dict[str, list[str]]:
    """The files of earlier readings of a unit, in order, each with the names of its parts."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in sorted(place.names()):
        found[stem(one)].append(one)
    return found


def known(folder: str) -> frozenset[str]:
    """Of which units something is kept in a folder, by their names there (:func:`name_of`)."""
    with contextlib.suppress(DriftError):
        return frozenset(at(folder).folders())
    return frozenset()


def name_of(provider: str, unit: Unit) -> str:
    """How what is kept of a unit is called."""
    return hashlib.sha256(orjson.dumps([provider, *sorted(unit.scopes)])).hexdigest()[:32]
