"""What befalls a run in its own process: it is killed, told to stop or finds the disk full, at a step that is
counted; nobody listens to it, its clock is wrong, its history has no room, it has no more memory."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

#: What changes files: the audit events of Python for it.
_STEPS = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sqlite3.connect"}
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
#: What a full disk refuses.
_NEEDS_ROOM = frozenset({"open", "os.mkdir", "os.rename", "sqlite3.connect"})

#: What is done to the process before its run begins.
Fault = Callable[[], None]


def counting(folder: Path, into: Path) -> Fault:
    """Nothing; ``into`` has a line for each step that changes a file in ``folder``: which."""
    return partial(_count, str(folder), str(into))


def at_step(folder: Path, step: int, number: int) -> Fault:
    """The process gets a signal before it takes a step."""
    return partial(_at, str(folder), step, number)


def full_from(folder: Path, step: int) -> Fault:
    """From a step on nothing can be opened for writing, made or renamed in ``folder``."""
    return partial(_full, str(folder), step)


def full_at(folder: Path, step: int) -> Fault:
    """At a step nothing can be opened for writing, made or renamed in ``folder``; later there is room
    again."""
    return partial(_full, str(folder), step, once=True)


def file_limit(size: int) -> Fault:
    """No file can grow beyond so many bytes: writing fails in the middle, whoever writes."""
    return partial(_limit, size)


def read_only(folder: Path, step: int) -> Fault:
    """From a step in it on nothing can be changed in ``folder``."""
    return partial(_read_only, str(folder), step)


def clock(folder: Path, seconds: float, step: int = -1) -> Fault:
    """The clock of the process is so many seconds ahead, from a step on."""
    return partial(_clock, str(folder), seconds, step)


def history_limit(pages: int) -> Fault:
    """So many pages more have room in a history in SQLite; one waits for a second while another writes."""
    return partial(_history, pages)


def deaf(*descriptors: int, closed: bool) -> Fault:
    """Standard output or error are closed, as a shell's ``>&-`` does, or pipes from which nobody reads."""
    return partial(_deaf, descriptors, closed)


def squeeze(pid: int, more: int) -> None:
    """A process gets so many bytes of memory more, and no others."""
    with contextlib.suppress(OSError, ProcessLookupError):  # it has ended
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + more
        resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def _hook(folder: str, act: Callable[[int, str], None], told: Callable[[str], None] = lambda _: None) -> None:
    numbers = itertools.count()

    def hook(event: str, said: tuple[Any, ...]) -> None:
        if event not in _STEPS or not said:
            return
        path = os.fsdecode(said[0]) if isinstance(said[0], str | bytes) else ""
        if (path.startswith("/") and not path.startswith(folder)) or not path:
            return  # what is relative is in the folder, where the run is
        if event == "open" and not (said[2] or 0) & _WRITES:
            return
        told(path)
        act(next(numbers), event)

    sys.addaudithook(hook)


def _count(folder: str, into: str) -> None:
    out = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def told(path: str) -> None:
        os.write(out, f"{path.removeprefix(folder)}\n".encode())

    _hook(folder, lambda *_: None, told)


def _at(folder: str, step: int, number: int) -> None:
    def act(now: int, _: str) -> None:
        if now == step:
            os.kill(os.getpid(), number)

    _hook(folder, act)


def _full(folder: str, step: int, *, once: bool = False) -> None:
    def act(now: int, event: str) -> None:
        if (now == step if once else now >= step) and event in _NEEDS_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    _hook(folder, act)


def _limit(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _read_only(folder: str, step: int) -> None:
    def act(now: int, _: str) -> None:
        if now >= step:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    _hook(folder, act)


def _clock(folder: str, seconds: float, step: int) -> None:
    real, ahead = time.time, [0.0 if step >= 0 else seconds]

    def moment() -> float:
        return real() + ahead[0]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.fromtimestamp(moment(), tz)

    time.time = moment
    for name, module in list(sys.modules.items()):
        if name.startswith("drift.") and getattr(module, "datetime", None) is datetime:
            module.datetime = Clock  # type: ignore[attr-defined]

    def act(now: int, _: str) -> None:
        if now == step:
            ahead[0] = seconds

    _hook(folder, act)


def _history(pages: int) -> None:
    from drift.history import database

    database.LOCK_SECONDS = 1
    connected = database.Database._connected  # noqa: SLF001 - what a disk would do

    def limited(self: Any, raw: Any, record: object) -> None:
        connected(self, raw, record)
        (used,) = raw.execute("PRAGMA page_count").fetchone()
        raw.execute(f"PRAGMA max_page_count = {used + pages}")

    database.Database._connected = limited  # type: ignore[method-assign]  # noqa: SLF001


def _deaf(descriptors: tuple[int, ...], closed: bool) -> None:
    for one in descriptors:
        stream = None  # as Python does when it begins so
        if closed:
            os.close(one)
        else:
            reader, writer = os.pipe()
            os.dup2(writer, one)
            os.close(writer)
            os.close(reader)
            stream = os.fdopen(one, "w", closefd=False)
        setattr(sys, ("stdin", "stdout", "stderr")[one], stream)
