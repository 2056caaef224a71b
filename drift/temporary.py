"""One folder for all that a run writes for a moment: nobody else may look into it, and it goes when the run
ends."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from drift.errors import DriftError

_PREFIX = "drift-run-"
_LOCK = ".lock"
_making = threading.Lock()
_made: tuple[int, Path, int] | None = None


def folder() -> Path:
    """A new folder in the run's own, for files that other code finds by name; its files are made 0600.

    What a run leaves that was killed outright, the next one of the same user clears away. Raises DriftError
    where it can't be made.
    """
    try:
        return Path(tempfile.mkdtemp(dir=home()))
    except OSError as error:
        where = error.filename or tempfile.gettempdir()
        raise DriftError(f"{where}: can't be written: {error.strerror}; set TMPDIR") from error


@contextlib.contextmanager
def passing() -> Iterator[Path]:
    """A folder as :func:`folder` makes it, for as long as the block lasts."""
    made = folder()
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def written(name: str, body: bytes) -> Path:
    """A file of its own with this content, that only its user may read."""
    path = folder() / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(body)
    return path


def home() -> Path:
    """The run's folder, made when it is first asked for. A lock in it says that its run is under way."""
    global _made
    with _making:
        if _made is None or _made[0] != os.getpid() or not _made[1].is_dir():
            _sweep()
            made = Path(tempfile.mkdtemp(prefix=_PREFIX))
            lock = os.open(made / _LOCK, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            _made = (os.getpid(), made, lock)
            atexit.register(clear)
        return _made[1]


def clear() -> None:
    """Takes away the run's folder; of a process that was forked from the run's it is not its own."""
    global _made
    with _making:
        if _made is not None and _made[0] == os.getpid():
            shutil.rmtree(_made[1], ignore_errors=True)
            os.close(_made[2])
            _made = None


def _sweep() -> None:
    """Clears away the folders of this user's runs that have ended."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if left.is_symlink() or left.stat().st_uid != os.getuid():
                continue
            lock = os.open(left / _LOCK, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)
