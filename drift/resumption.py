"""Which earlier run a run goes on with, and why not another: its checkpoint is found, held against the
present configuration, and taken over."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from drift import __version__, files
from drift.config.durations import seconds
from drift.config.model import Config
from drift.depot import Depot, at
from drift.errors import DriftError
from drift.live.checkpoint import OVER, Checkpoint, Key, key_in
from drift.live.pieces import Piece, Pieces, Taken
from drift.moment import rfc3339
from drift.redaction import Redactor

#: The file in a run's folder.
NAME = ".checkpoint"
LATEST = "latest"
#: Readings that are later than now by more than this are of a wrong clock: nobody knows how old they are.
AHEAD = timedelta(minutes=5)
#: The form of what pieces hold; another one is not read.
_FORM = 1
#: In what heads a checkpoint: the folder in which workers keep what they read.
KEPT = "kept"
#: So many checkpoints of runs that were not whole are kept of an environment, beside that of this run.
_MOST = 2
#: Keys of a provider's section that change how it is read, and not what.
_HOW = frozenset(
    {"calls", "concurrency", "connect_timeout", "read_timeout", "timeout", "max_attempts", "page_size"}
)


class Kept(NamedTuple):
    """Where the workers of a run keep what they read (a path, or a URL), and since when what they find there
    holds (``read_at``)."""

    folder: str
    least: str


@dataclass
class Resumption:
    """Whether a run goes on with an earlier one, and keeps what another may go on with.

    ``base`` is the folder of the folders of runs; ``asked`` the run that the command line names, or
    :data:`LATEST`; None where it asks for none. ``keep``: this run's folder is written, too.
    """

    base: Path
    config: Config
    asked: str | None = None
    keep: bool = True
    tell: Callable[[str], None] = lambda _: None
    #: The run that this one goes on with.
    earlier: str | None = field(default=None, init=False)
    _there: Depot | None = field(default=None, init=False)
    _into: Pieces | None = field(default=None, init=False)
    _source: Pieces | None = field(default=None, init=False)

    def begin(self, run: str, started: datetime, only: Iterable[str], redactor: Redactor) -> Checkpoint:
        """The checkpoint of a run. Raises DriftError where an earlier one that is asked for can't be gone on
        with; it says why, and what to do."""
        said = self._said(only, redactor)
        least = rfc3339(started - timedelta(seconds=seconds(self.config.resume.max_age)))
        latest = rfc3339(max(started, datetime.now(UTC)) + AHEAD)
        pieces = self._earlier(said, least, latest, redactor)
        if self.keep and self.config.resume.keep:
            self._retire(started)
            try:
                pieces = self._own(run, said, pieces)
            except (OSError, DriftError) as error:
                why = getattr(error, "strerror", None) or error
                self.tell(f"what is read is not kept for `--resume`: {self.base / run / NAME}: {why}")
        source = self._into if self._into is not None else self._source
        return Checkpoint(
            redactor, run, into=self._into, source=source, earlier=pieces.values(), tell=self.tell
        )

    def begin_there(
        self, run: str, started: datetime, only: Iterable[str], redactor: Redactor, folder: str
    ) -> Kept | None:
        """Has the workers of a run keep in ``folder`` what they read, which is then that of the earlier run
        that it goes on with; None where nothing is kept. Raises DriftError as :meth:`begin`."""
        said = self._said(only, redactor) | {KEPT: folder}
        least = rfc3339(started - timedelta(seconds=seconds(self.config.resume.max_age)))
        before = self._earlier_there(said)
        if not (self.keep and self.config.resume.keep):
            return None if before is None else Kept(before.shown, least)
        self._retire(started)
        self._there = there = at(folder)
        try:
            files.writable(self.base / run)
            (self.base / run).mkdir(parents=True, exist_ok=True)
            if before is not None:
                self._there = there = there.succeed(before)
            else:
                there.make()
            self._own(run, said | {KEPT: there.shown}, {})
        except (OSError, DriftError) as error:
            why = getattr(error, "strerror", None) or error
            self.tell(f"what is read is not kept for `--resume`: {folder}: {why}")
            return None
        return Kept(there.shown, least)

    def _earlier_there(self, said: Mapping[str, Any]) -> Depot | None:
        """What the workers of an earlier run kept that this one goes on with."""
        path = self._chosen()
        if path is None:
            return None
        try:
            self._source = Pieces(path)
        except (OSError, Taken) as error:
            self._refused(path, str(error))
            return None
        read = list(self._source.read())
        head = read[0].head if read else {}
        folder = at(str(head.get(KEPT)))
        if "form" not in head:
            why: str | None = "its checkpoint is not as drift writes it"
        elif (why := _differs(said, head)) is None and head["key"] != said["key"]:
            why = "redaction.key is not what it was read by"
        elif why is None and folder.changed() is None:
            why = f"what its workers kept is gone: {folder.shown}"
        if why is not None:
            self._refused(path, why)
            return None
        if self.asked is None and any(OVER in one.head for one in read):
            self._closed()
            return None
        self.earlier = path.parent.name
        self.tell(f"goes on with run {self.earlier}: what its workers have read stands")
        return folder

    def over(self) -> None:
        """All was asked for by workers: what is not there could not be read."""
        if self._into is not None:
            with contextlib.suppress(OSError):
                self._into.add({"cells": [], OVER: True})
                self._into.sync()

    def end(self, *, whole: bool) -> None:
        """The run is over. Where it was ``whole``, nothing needs to be gone on with any longer; where it read
        nothing, there is nothing to be gone on with."""
        own = None if self._into is None else self._into.path
        if self._into is not None and self._there is not None:
            with contextlib.suppress(DriftError):
                self._into.filled = bool(self._there.folders())
        if whole:
            for path in self._found():
                if path != own and self._environment(path) == self.config.environment:
                    _away(path)
        if own is not None and (whole or (self._into is not None and not self._into.filled)):
            _away(own, mine=True)
        for one in (self._into, self._source):
            if one is not None:
                one.close()

    def _said(self, only: Iterable[str], redactor: Redactor) -> dict[str, Any]:
        """What decides what is read, and how it is kept."""
        sections = {
            name: {
                key: _digest(value)
                for key, value in section.model_dump(mode="json").items()
                if key not in _HOW
            }
            for name, section in self.config.settings.items()
        }
        return {
            "form": _FORM,
            "version": __version__,
            "environment": self.config.environment,
            "only": sorted(only),
            "live": sections,
            "key": redactor.key_id,
            "public": _digest(sorted(self.config.redaction.public)),
        }

    def _earlier(
        self, said: Mapping[str, Any], least: str, latest: str, redactor: Redactor
    ) -> dict[Key, Piece]:
        """The pieces of an earlier run that hold for this one."""
        path = self._chosen()
        if path is None:
            return {}
        try:
            source = Pieces(path)
        except (OSError, Taken) as error:
            return self._refused(path, str(error))
        self._source = source
        read = source.read()
        header = next(read, None)
        if header is None or "form" not in header.head:
            return self._refused(path, "its checkpoint is not as drift writes it")
        if (why := _differs(said, header.head)) is not None:
            return self._refused(path, why)
        found: dict[Key, Piece] = {}
        over = False
        for piece in read:
            if OVER in piece.head:
                over = True
                continue
            key = key_in(piece)
            found.pop(key, None)
            if "void" not in piece.head:
                found[key] = piece
        if over and self.asked is None:  # nothing was left to be read that could be
            return self._closed()
        self.earlier = path.parent.name
        past = {key: one for key, one in found.items() if one.head["read_at"] <= latest}
        fresh = {key: one for key, one in past.items() if one.head["read_at"] >= least}
        same = header.head["key"] == said["key"]
        usable = fresh if same else {key: one for key, one in fresh.items() if not one.head["keyed"]}
        ahead = len(found) - len(past)
        self._tell(len(usable), ahead, len(past) - len(fresh), len(fresh) - len(usable))
        return usable

    def _tell(self, stand: int, ahead: int, old: int, keyed: int) -> None:
        told = f"goes on with run {self.earlier}: {stand:,} pieces of what it read stand"
        if ahead:
            told += f"; {ahead:,} were read by a clock that was ahead of this one, and are read again"
        if old:
            told += f"; {old:,} are older than {self.config.resume.max_age} and read again"
        if keyed:
            told += (
                f"; {keyed:,} hold hashes of secrets under another key and are read again: "
                "set redaction.key, or DRIFT_REDACTION_KEY, so that the next run needs not"
            )
        self.tell(told)

    def _refused(self, path: Path, why: str) -> dict[Key, Piece]:
        """That an earlier run can't be gone on with; raises DriftError where that was asked for."""
        self._closed()
        run = path.parent.name
        if self.asked is not None:
            raise DriftError(f"--resume: run {run}: {why}; run `drift scan` without --resume to begin anew")
        self.tell(f"does not go on with run {run}: {why}")
        return {}

    def _closed(self) -> dict[Key, Piece]:
        """Nothing is taken of an earlier run."""
        if self._source is not None:
            self._source.close()
            self._source = None
        return {}

    def _chosen(self) -> Path | None:
        """The checkpoint to go on with. Raises DriftError where one is asked for and there is none."""
        if self.asked not in (None, LATEST):
            name = Path(str(self.asked)).name
            path = self.base / name / NAME
            if not path.is_file():
                raise DriftError(
                    f"--resume {self.asked}: no run of that name in {self.base}/ is unfinished: no {path}"
                )
            return path
        if self.asked is None and not self.config.resume.auto:
            return None
        own = self.config.environment
        unreadable = []
        for path in self._found():
            environment = self._environment(path)
            if environment == own and not _busy(path):
                return path
            if environment is None and not _busy(path):
                unreadable.append(path.parent.name)
        if self.asked is not None:
            damaged = f" (the checkpoint of {', '.join(unreadable)} can't be read)" if unreadable else ""
            raise DriftError(
                f"--resume: there is no unfinished run of the environment {own} in {self.base}/{damaged}; "
                "run `drift scan` without --resume"
            )
        return None

    def _own(self, run: str, said: Mapping[str, Any], pieces: Mapping[Key, Piece]) -> dict[Key, Piece]:
        """Begins the file of this run with all that stands of the earlier one, which then is not needed."""
        folder = self.base / run
        files.writable(folder)
        folder.mkdir(parents=True, exist_ok=True)
        into = Pieces(folder / NAME, new=True)
        try:
            into.add(said)
            taken = {}
            if self._source is not None:
                taken = {key: into.take(self._source, one) for key, one in pieces.items()}
            into.sync()
        except OSError:
            _away(into.path, mine=True)
            into.close()
            raise
        self._into = into
        if self._source is not None:
            _away(self._source.path, mine=True, but=said.get(KEPT))
        return taken

    def _found(self) -> list[Path]:
        """The checkpoints that there are, the newest first."""
        found = (path for path in self.base.glob(f"*/{NAME}") if path.is_file() and not path.is_symlink())
        return sorted(found, key=lambda path: path.parent.name, reverse=True)

    def _environment(self, path: Path) -> str | None:
        """Which environment a checkpoint is of; None where nobody can tell."""
        with contextlib.suppress(OSError):
            header = Pieces.first(path)
            return None if header is None else str(header.head.get("environment"))
        return None

    def _retire(self, now: datetime) -> None:
        """Takes away those that are too old, or too many."""
        kept = 0
        age = seconds(self.config.resume.max_age)
        for path in self._found():
            if self._source is not None and path == self._source.path:
                continue
            with contextlib.suppress(OSError):
                old = now.timestamp() - path.stat().st_mtime > age
                if self._environment(path) not in (self.config.environment, None):
                    continue
                kept += not old
                if old or kept > _MOST:
                    _away(path)


def _differs(said: Mapping[str, Any], there: Mapping[str, Any]) -> str | None:
    """What of two runs differs so that one can't go on with the other; None where nothing does."""
    if (there.get("form"), there.get("version")) != (said["form"], said["version"]):
        return f"it was read by drift {there.get('version')}, and this is {said['version']}"
    for key, name in (("environment", "the environment"), ("only", "--only"), ("public", "redaction.public")):
        if there.get(key) != said[key]:
            return f"{name} is not what it was read by"
    if (KEPT in there) != (KEPT in said):
        return "`engine` says otherwise than then whether workers read"
    sections = there.get("live")
    if not isinstance(sections, dict) or sections.keys() != said["live"].keys():
        return "`live` does not name the providers that it was read by"
    for name, section in said["live"].items():
        for key in sorted({*section, *sections[name]}):
            if section.get(key) != sections[name].get(key):
                return f"live.{name}.{key} is not what it was read by"
    return None


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _busy(path: Path) -> bool:
    """Whether a run that is not over writes a checkpoint."""
    try:
        Pieces(path).close()
    except Taken:
        return True
    except OSError:
        return False
    return False


def _away(path: Path, *, mine: bool = False, but: str | None = None) -> None:
    """Takes away a checkpoint that nobody writes, with what workers kept (unless that is ``but``, which
    another one names now), and its folder where nothing else is in it."""
    if not mine and _busy(path):
        return
    with contextlib.suppress(OSError, DriftError):
        header = Pieces.first(path)
        folder = str(header.head.get(KEPT, "") if header is not None else "")
        if folder.endswith(f".{KEPT}") and folder != but:
            at(folder).clear()
        path.unlink()
        path.parent.rmdir()


def whole(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether all was read that a checkpoint could help to read: no row of the ledger of a report is of what
    broke off, was throttled or refused."""
    return all(row["status"] in ("checked", "skipped", "unsupported") for row in rows)
