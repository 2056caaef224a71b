"""What befalls a run in its own process: it is killed, told to stop or finds the disk full, at a step that is
counted."""

from __future__ import annotations

import errno
import itertools
import os
import resource
import signal
import sys
from collections.abc import Callable
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
