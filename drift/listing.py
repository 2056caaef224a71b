"""One way to list the files of a declared folder, and to look at how a file begins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

#: How much of a file is looked at to recognise it.
HEAD_BYTES = 65536
_VENDORED = frozenset({"node_modules", "__pycache__"})
#: What lies in the folder of a run, which declares nothing: it tells of what is declared around it.
_OF_A_RUN = frozenset({"report.json", "evidence.jsonl.zst"})


def passed_over(name: str) -> bool:
    """Whether a file or folder of this name is nobody's declaration: hidden, or vendored."""
    return name.startswith(".") or name in _VENDORED


def files_below(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    """The regular files of a folder, at any depth and in order, whose names end so in any letter case.

    Hidden and vendored folders are left out, and those of runs; links to folders and out of the repository
    are not followed. What can't be read is left out, too: :mod:`drift.declared.irregular` says so, once for
    all sources.
    """
    try:
        with os.scandir(folder) as listed:  # says of each what it is, so that nothing is asked for each
            entries = sorted(listed, key=lambda one: one.name)
    except OSError:
        return
    if _OF_A_RUN.issubset(entry.name for entry in entries):
        return
    for entry in entries:
        if passed_over(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from files_below(Path(entry.path), endings)
        elif entry.name.lower().endswith(endings):
            path = Path(entry.path)
            if entry.is_file(follow_symlinks=False) or (path.is_file() and not leads_out(path)):
                yield path


def reached(folder: Path) -> Iterator[Path]:
    """A folder or file, and what the links lead to that lie in it, at any depth: all that a program may read
    that is told to read it."""
    yield folder
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if (entry := Path(place) / name).is_symlink():
                yield Path(os.path.realpath(entry))  # of a link in circles, too


def leads_out(entry: Path) -> bool:
    """Whether a file or folder that is there is a link out of the Git working tree that it lies in: whoever
    may write to a repository would else have files read that are not his."""
    if not entry.is_symlink():
        return False
    folder = entry.parent.resolve()
    tree = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
    return tree is not None and not Path(os.path.realpath(entry)).is_relative_to(tree)


def beginning(file: Path) -> bytes:
    """How a file begins (64 KiB); nothing where it can't be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except OSError:
        return b""
