"""Small disks of one's own, which fill up; for root alone, who may mount one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

#: Whether there can be any.
CAN = os.getuid() == 0 and shutil.which("mount") is not None
PAGE = 4096
_FILLER = ".filler"


@contextlib.contextmanager
def small(folder: Path, options: str = "size=16m") -> Iterator[Path]:
    """A disk in memory, mounted in a folder for as long."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)  # noqa: S607
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607


@contextlib.contextmanager
def maybe(folder: Path, options: str = "size=64m") -> Iterator[Path]:
    """The same where it can be, else the folder as it is."""
    with small(folder, options) if CAN else contextlib.nullcontext():
        yield folder


def fill(folder: Path, pages: int) -> None:
    """Leaves so many pages on the disk that is mounted there."""
    with (folder / _FILLER).open("wb", buffering=0) as out:
        room = os.statvfs(folder).f_bavail - pages
        if room > 0:
            with contextlib.suppress(OSError):  # somebody was quicker
                os.posix_fallocate(out.fileno(), 0, room * PAGE)


def use_up(folder: Path, files: int) -> None:
    """Leaves so many files that can yet be made on the disk that is mounted there."""
    (folder / _FILLER).mkdir()
    for number in range(os.statvfs(folder).f_favail - files):
        (folder / _FILLER / str(number)).touch()


def empty(folder: Path) -> None:
    """There is room again."""
    filler = folder / _FILLER
    if filler.is_dir():
        shutil.rmtree(filler)
    filler.unlink(missing_ok=True)
