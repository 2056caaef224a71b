"""Runs in an object store: sent once they are on disk, report.json last; again by a later run where that
failed; and read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

from drift import temporary
from drift.deadline import Deadline, Passed
from drift.errors import DriftError
from drift.files import replacing
from drift.objects import Store, StoreError, is_url
from drift.report.runs import ID, REPORT

#: How the files end that say of a run that it is not sent yet.
_WAITS = ".upload"
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
        """Sends what earlier runs could not, then the folder of a run; why that failed, or nothing.

        The run waits from before it is sent until it is there, so that one that is ended meanwhile is sent by
        the next.
        """
        try:
            waits = self._keep(folder, run)
        except DriftError as error:
            return f"{self.store.shown(run)}: {error}"
        why = self._flush(run)
        if not why:
            why = self._sent(waits, folder, run)
        return f"{why}; it waits in {self.outbox} for the next run" if why else ""

    def waiting(self) -> frozenset[str]:
        """The runs that are not sent yet."""
        return frozenset(one.name.removesuffix(_WAITS) for one in self.outbox.glob(f"*{_WAITS}"))

    def _flush(self, current: str) -> str:
        """Sends what waits, the oldest first; the first failure, since the next would fail alike."""
        for waits in sorted(self.outbox.glob(f"*{_WAITS}")):
            run = waits.name.removesuffix(_WAITS)
            if run == current or not ID.fullmatch(run):
                continue
            try:
                folder = Path(orjson.loads(waits.read_bytes())["folder"])
            except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
                continue
            if not (folder / REPORT).is_file():
                self.tell(f"never sent: {run}: {folder} is there no more")
                waits.unlink(missing_ok=True)
            elif why := self._sent(waits, folder, run):
                return why
        return ""

    def _sent(self, waits: Path, folder: Path, run: str) -> str:
        try:
            send(self.store, folder, run)
        except (StoreError, Passed) as error:
            return str(error)
        waits.unlink(missing_ok=True)
        self.tell(f"wrote {self.store.shown(run)}")
        return ""

    def _keep(self, folder: Path, run: str) -> Path:
        path = self.outbox / f"{run}{_WAITS}"
        with replacing(path) as out:
            out.write(orjson.dumps({"folder": str(folder.absolute())}))
        return path


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
