"""Has what tests leave behind in circles taken away before it is much: connections of clients, and the
threads that serve them. Python itself looks through all of a large process so seldom that a worker of the
tests came to 1,600 open sockets and 800 threads, and others found no room."""

from __future__ import annotations

import contextlib
import gc
import os
import threading

#: So much more than after the last time (open files, or threads) is looked through.
_MORE = 200
_left = 0


def up() -> None:
    """Looks for garbage where a test, or those before it, left much open."""
    global _left
    held = _held()
    if held > _left + _MORE:
        gc.collect()
        _left = _held()


def _held() -> int:
    files = 0
    with contextlib.suppress(OSError):  # not on every system
        files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - of names alone
    return files + threading.active_count()
