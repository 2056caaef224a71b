"""The second night of the shop on a disk that is nearly full, or with a history that is full, or held by
somebody else."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

from drift.history.database import _LOCK
from tests.chaos import disks, faults
from tests.chaos.night import Moment, Night, at_times, disturbed
from tests.chaos.nights import Shop

#: So many pages, files, and pages of a history are enough for all that a run writes.
_PAGES, _FILES, _HISTORY = 260, 24, 8
#: As long as another one writes to the history, at most; a run waits for a second (seconds).
_HELD = 4.0


# A small disk


def small_disk(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A disk with so many pages left."""
    for pages in sorted(chance.sample(range(_PAGES), min(count, _PAGES)) if disks.CAN else ()):
        yield f"{pages} pages", lambda pages=pages: _on_small(shop, chance, disks.fill, pages)  # type: ignore[misc]


def few_inodes(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A disk on which only so many more files can be made."""
    for files in (chance.randrange(_FILES) for _ in range(count if disks.CAN else 0)):
        yield f"{files} files", lambda files=files: _on_small(shop, chance, disks.use_up, files)  # type: ignore[misc]


def _on_small(
    shop: Shop, chance: random.Random, shorten: Callable[[Path, int], None], rest: int
) -> Night[Any]:
    with disks.small(shop.before.with_name("small-disk"), "size=16m,nr_inodes=400") as base:

        def first(night: Night[Any]) -> None:
            """The night is moved there, but for what its process tells."""
            elsewhere = Path(shutil.move(night.folder, shop.before.with_name("moved")))
            (elsewhere / "told").mkdir(exist_ok=True)
            night.folder = base / "night"
            shutil.copytree(elsewhere, night.folder, ignore=lambda *_: ["told"])
            (night.folder / "told").symlink_to(elsewhere / "told")
            (night.folder / "tmp").mkdir(exist_ok=True)
            night.configure()
            shorten(base, rest)

        try:
            return disturbed(shop, chance, first=first, mended=lambda _: disks.empty(base))
        finally:
            shutil.rmtree(shop.before.with_name("moved"), ignore_errors=True)


# A history in SQLite


def history_full(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A history that may grow by so many pages."""
    for pages in (chance.randrange(_HISTORY) for _ in range(count)):

        def work(pages: int = pages) -> Night[Any]:
            return disturbed(shop, chance, first=lambda _: faults.history_limit(pages))

        yield f"{pages} pages", work


def history_held(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A history to which somebody else writes for long, from a random moment on."""

    def work(at: float) -> Night[Any]:
        seconds = chance.random() * _HELD

        def strike(night: Night[Any], _: Any) -> None:
            with (
                contextlib.closing(sqlite3.connect(night.folder / "runs/history.db")) as other,
                contextlib.suppress(sqlite3.OperationalError),  # the run writes now, for as long as that
            ):
                other.execute("BEGIN EXCLUSIVE")
                time.sleep(seconds)

        return disturbed(shop, chance, first=lambda _: faults.history_limit(1 << 20), strike=strike, at=at)

    return at_times(shop, chance, count, work)


# A history in PostgreSQL


def server_full(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A database on a disk with so many pages left."""
    for pages in (chance.randrange(_PAGES) for _ in range(count if disks.CAN else 0)):

        def work(pages: int = pages) -> Night[Any]:
            assert shop.server is not None
            folder = Path(tempfile.mkdtemp(prefix="drift-pg-small-"))
            folder.chmod(0o711)
            try:
                options = "size=64m,uid=65534,mode=700"
                with disks.small(folder / "disk", options) as disk, shop.server.room(disk):
                    return disturbed(
                        shop,
                        chance,
                        first=lambda _: disks.fill(disk, pages),
                        mended=lambda _: disks.empty(disk),
                    )
            finally:
                shutil.rmtree(folder, ignore_errors=True)

        yield f"{pages} pages", work


def server_held(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A database in which somebody else records for long, from a random moment on."""

    def work(at: float) -> Night[Any]:
        seconds = chance.random() * _HELD

        def strike(night: Night[Any], _: Any) -> None:
            with psycopg.connect(night.history.replace("+psycopg", "")) as other:
                other.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
                time.sleep(seconds)

        return disturbed(shop, chance, first=lambda _: faults.history_limit(0), strike=strike, at=at)

    return at_times(shop, chance, count, work)


#: Kind by what it is called; and those of a history on a server.
KINDS: Mapping[str, Callable[[Shop, random.Random, int], Iterator[Moment]]] = {
    "a small disk fills up (tmpfs)": small_disk,
    "no more files can be made (tmpfs)": few_inodes,
    "the history is full (SQLite)": history_full,
    "the history is locked (SQLite)": history_held,
}
ON_SERVER: Mapping[str, Callable[[Shop, random.Random, int], Iterator[Moment]]] = {
    "the history is full (PostgreSQL)": server_full,
    "the history is locked (PostgreSQL)": server_held,
}
