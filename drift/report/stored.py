"""Runs in an object store: sent once they are on disk, report.json last; again by a later run where that
failed; and read back."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from drift import temporary
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.files import replacing
from drift.objects import Store, StoreError, is_url
from drift.report.runs import ID, REPORT

#: How the files end that say of a run that it is not sent yet.
_WAITS = ".upload"
#: For so long a run sends what earlier ones could not; the rest is the next one's.
WAITED_SECONDS = 600.0
#: Of the newest folders of a store so many are looked into for a whole run.
_NEWEST = 20


@dataclass
class Sending:
    """``outbox`` is where it is kept what is still to be sent, ``store`` where it goes; ``tell`` is told what
    was sent."""

    store: Store
    outbox: Path
    tell: Callable[[str], None] = lambda _: None

    def run(self, folder: Path, run: str) -> str:
        """Sends the folder of a run, then what earlier runs could not; why something failed, or nothing.

        The run waits from before it is sent until it is there, so that one that is ended meanwhile is sent by
        the next.
        """
        unnoted = ""
        try:
            with replacing(self._note(run)) as out:
                out.write(os.fsencode(folder.absolute()))
        except DriftError as error:
            unnoted = f", and the next run will not know of it: {error}"
        if why := self._sent(folder, run):
            return why + (unnoted or f"; it waits in {self.outbox} for the next run")
        return self._flush()

    def waiting(self) -> frozenset[str]:
        """The runs that are not sent yet."""
        names = (one.name.removesuffix(_WAITS) for one in self.outbox.glob(f"*{_WAITS}"))
        return frozenset(filter(ID.fullmatch, names))

    def _flush(self) -> str:
        """Sends what waits, the oldest first, for a while; why the first failed that did."""
        until, failed = time.monotonic() + WAITED_SECONDS, ""
        for run in sorted(self.waiting()):
            if time.monotonic() > until:
                break
            try:
                folder = Path(os.fsdecode(self._note(run).read_bytes()))
            except OSError as error:
                failed = failed or f"{self._note(run)}: can't be read: {error.strerror}"
                continue
            if not (folder / REPORT).is_file():
                self.tell(f"never sent: {run}: {folder} is there no more")
                self._forget(run)
            elif why := self._sent(folder, run):
                failed = failed or f"{why}; it waits in {self.outbox} still"
        return failed

    def _sent(self, folder: Path, run: str) -> str:
        try:
            send(self.store, folder, run)
        except StoreError as error:
            return str(error)
        except OSError as error:
            return f"{error.filename}: can't be read: {error.strerror}"
        self._forget(run)
        self.tell(f"wrote {self.store.shown(run)}")
        return ""

    def _forget(self, run: str) -> None:
        with contextlib.suppress(OSError):  # it would be sent once more, to the same effect
            self._note(run).unlink()

    def _note(self, run: str) -> Path:
        """The file that says where the folder of a run is that is not sent yet."""
        return self.outbox / f"{run}{_WAITS}"


def send(store: Store, folder: Path, run: str) -> None:
    """Writes the files of a run's folder, report.json last: with one a run is whole. Raises StoreError."""
    files = [one for one in folder.iterdir() if one.is_file() and not one.name.startswith(".")]
    for file in sorted(files, key=lambda one: (one.name == REPORT, one.name)):
        store.put(f"{run}/{file.name}", file)


def here(run: str) -> str:
    """A run as people name it; of one that they name by URL its report, fetched. Raises DriftError."""
    return str(fetched(run) / REPORT) if is_url(run) else run


def split(url: str) -> tuple[str, str]:
    """The URL of a folder of runs, and a run's id or ``latest``. Raises DriftError for what names none."""
    base, _, run = url.rstrip("/").removesuffix(f"/{REPORT}").rpartition("/")
    if not is_url(base + "/") or not (run == "latest" or ID.fullmatch(run)):
        raise DriftError(f"{url}: names no run; write URL/ID or URL/latest")
    return base, run


@cache
def fetched(url: str) -> Path:
    """A folder with the files of a run, for as long as this process lasts. Raises DriftError."""
    base, run = split(url)
    store = Store(base, Deadline())
    run = _latest(store) if run == "latest" else run
    names = store.listed(run)[1]
    if REPORT not in names:
        raise DriftError(f"{store.shown(run)}: there is no such run: it has no {REPORT}")
    folder = temporary.folder() / run
    for name in names:
        if not name.startswith("."):
            store.get(f"{run}/{name}", folder / name)
    return folder


def sent_again(url: str, folder: Path) -> None:
    """Writes a run that was fetched back to where it is from. Raises DriftError."""
    store = Store(split(url)[0], Deadline())
    send(store, folder, folder.name)


def _latest(store: Store) -> str:
    runs = sorted((one for one in store.listed()[0] if ID.fullmatch(one)), reverse=True)
    for run in runs[:_NEWEST]:
        if REPORT in store.listed(run)[1]:
            return run
    raise DriftError(f"{store.shown()}: there is no run yet; give `drift scan` this place as output.store")
