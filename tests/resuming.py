"""Reads a cloud in two runs, of which the second goes on with the first, and tells what each was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.live import collect
from drift.live.checkpoint import Checkpoint, cells_of
from drift.live.estate import Estate
from drift.live.pieces import Pieces
from drift.model import Cell
from drift.redaction import Redactor
from drift.task import Wanted

KEY = "a key for tests"


@dataclass
class Both:
    """The estates of both runs, how many requests each made, and the cells that the first kept."""

    first: Estate
    second: Estate
    requests: tuple[int, int]
    kept: set[Cell]

    def told(self) -> list[tuple[Any, Any]]:
        """What both runs hold, side by side: resources, ledger, what was learnt."""

        def all_of(estate: Estate) -> Any:
            rows = {cell: row.record() for cell, row in estate.coverage.items()}
            for row in rows.values():
                row.pop("read_by", None)
                assert row.pop("read_at", None) or row["status"] != "checked"
            return [one.record() for one in estate], rows, dict(estate.contexts)

        return list(zip(all_of(self.first), all_of(self.second), strict=True))


def twice(
    folder: Path, provider: Any, settings: Any, types: Iterable[str] = (), requests: Callable[[], int] = int
) -> Both:
    """``requests`` gives how many requests there were so far."""
    path, wanted, name = folder / "pieces", Wanted(frozenset(types)), provider.name

    def read(**pieces: Any) -> Estate:
        estate, redactor = Estate({name: provider}), Redactor(KEY)
        checkpoint = Checkpoint(redactor, pieces.pop("run"), **pieces)
        collect.from_clouds(estate, {name: settings}, {name: wanted}, redactor, 8, checkpoint=checkpoint)
        return estate

    began = requests()
    with Pieces(path, new=True) as file:
        first = read(run="first", into=file)
    between = requests()
    with Pieces(path) as file:
        pieces = [one for one in file.read() if one.head["cells"]]
        second = read(run="second", source=file, earlier=pieces)
    kept = {cell for piece in pieces for cell in cells_of(piece)}
    return Both(first, second, (between - began, requests() - between), kept)
