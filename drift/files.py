"""Writes files whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from drift.errors import DriftError

#: Files that are being written, beside those whose place they are to take.
_unfinished: set[Path] = set()
#: How often one looks whether a lock is free (seconds).
_LOCK_LOOKS = 0.05


def writable(folder: Path) -> None:
    """Raises DriftError when files can't be written to a folder, which need not exist yet. Leaves nothing."""
    existing = folder.absolute()
    while not existing.exists():
        existing = existing.parent
    if not existing.is_dir():
        raise DriftError(f"{folder}: can't be written: {existing} is no folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise DriftError(f"{folder}: can't be written: no permission to write in {existing}")
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:  # whoever is root may write anywhere, by the permissions
        raise DriftError(f"{folder}: can't be written: {existing}: {error.strerror}") from error


def alone(handle: int, seconds: float, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Waits for the lock of an open file, at most so long; whether it was had. Raises OSError where there are
    no locks, and what ``sleep`` raises."""
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            sleep(_LOCK_LOOKS)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes ``path``'s place when the block ends well, and leaves no trace when it does not.

    Raises DriftError when the folder can't be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise DriftError(f"{path}: can't be written: {error.strerror}") from error
    beside = Path(name)
    _unfinished.add(beside)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise DriftError(f"{path}: can't be written: {error.strerror}") from error
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    finally:
        _unfinished.discard(beside)


def clear() -> None:
    """Takes away what is not written whole, for a run that ends in the middle of it."""
    for beside in list(_unfinished):
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
