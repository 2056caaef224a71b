"""Keeps what members read of each unit, so that a later run, or another member, goes on where one was cut
(docs/resume.md)."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from drift.errors import DriftError
from drift.live.checkpoint import Checkpoint, Key, key_in
from drift.live.pieces import Piece, Pieces, Seal
from drift.provider import Unit
from drift.redaction import Redactor
from drift.resumption import Kept


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where a run's members keep what they read: a file for each reading of a unit, which begins with all
    that stands of those before it."""

    kept: Kept
    run: str
    redactor: Redactor
    seal: Seal | None

    @contextlib.contextmanager
    def unit(self, provider: str, unit: Unit, number: int, notes: list[str]) -> Iterator[Checkpoint | None]:
        """The checkpoint of one reading; None, and a note, where none can be written."""
        name = _name(provider, unit)
        path = Path(self.kept.folder) / f"{name}.{self.run}.{number:08}"
        try:
            into = Pieces(path, new=True, seal=self.seal)
        except (OSError, DriftError) as error:
            notes.append(_not_kept(path, error))
            yield None
            return
        with into:
            try:
                earlier = self._taken(into, name)
            except OSError as error:
                path.unlink(missing_ok=True)
                notes.append(_not_kept(path, error))
                yield None
                return
            yield Checkpoint(
                self.redactor, self.run, into=into, source=into, earlier=earlier, tell=notes.append
            )

    def _taken(self, into: Pieces, name: str) -> list[Piece]:
        """What stands of earlier readings of a unit, now in this one's file; theirs go once that is on disk.
        What another member still writes is left alone."""
        found: dict[Key, tuple[Pieces, Piece]] = {}
        with contextlib.ExitStack() as stack:
            sources: list[Pieces] = []
            for path in sorted(into.path.parent.glob(f"{name}.*")):
                with contextlib.suppress(OSError, DriftError):
                    if path != into.path:
                        sources.append(stack.enter_context(Pieces(path, seal=self.seal)))
            for source in sources:
                for piece in source.read():
                    if piece.head.get("cells"):
                        key = key_in(piece)
                        found.pop(key, None)
                        if "void" not in piece.head and piece.head["read_at"] >= self.kept.least:
                            found[key] = source, piece
            taken = [into.take(source, piece) for source, piece in found.values()]
            into.sync()
            for source in sources:
                source.path.unlink(missing_ok=True)
        return taken


def known(provider: str, unit: Unit, folder: Path) -> bool:
    """Whether something of a unit is kept in a folder."""
    return any(folder.glob(f"{_name(provider, unit)}.*"))


def _name(provider: str, unit: Unit) -> str:
    return hashlib.sha256(orjson.dumps([provider, *sorted(unit.scopes)])).hexdigest()[:32]


def _not_kept(path: Path, error: Exception) -> str:
    return f"what is read is not kept for `--resume`: {path}: {getattr(error, 'strerror', None) or error}"
