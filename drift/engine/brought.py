"""The live side of all units, brought from the members for whoever asks for a snapshot of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace

from drift import temporary
from drift.depot import Folder
from drift.engine.shared import Shelf
from drift.engine.told import made
from drift.live.estate import Estate
from drift.model import Cell, Coverage, Resource
from drift.provider import Provider


class Brought(Estate):
    """An estate on this machine's disk, sealed as it came, that is gone through once or more; ``shelf`` is
    where members hand it over, and may be gone later."""

    def __init__(self, providers: Mapping[str, Provider], shelf: Shelf) -> None:
        super().__init__(providers)
        self._from, self._here = shelf, shelf.elsewhere(Folder(temporary.folder()))
        self._names: list[tuple[tuple[str, tuple[str, ...]], str]] = []
        self._count = 0

    def bring(self, provider: str, scopes: tuple[str, ...], count: int, unit: int, number: int) -> None:
        """Takes what a call gave of a unit: so many resources. Raises DepotError where it can't be had."""
        name = made("give", unit, number)
        with self._from.place.get(name) as file, self._here.place.put(name) as here:
            shutil.copyfileobj(file, here)
        self._names.append(((provider, scopes), name))
        self._count += count

    def left(self, rows: Mapping[Cell, Coverage], why: str) -> None:
        """That these rows of the ledger are of what could not be brought."""
        for cell, row in rows.items():
            self.coverage[cell] = replace(
                row, status="failed", resources=0, message=why, listed=False, read_at=None, by=None
            )

    def __iter__(self) -> Iterator[Resource]:
        for _, name in sorted(self._names):
            yield from self._here.get(name)

    def __len__(self) -> int:
        return self._count
