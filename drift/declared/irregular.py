"""Tells what in a declared place is neither a file nor a folder (a pipe, a socket, a link to nothing), which
no source reads."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from drift.errors import DeclaredError
from drift.model import Problem
from drift.source import BaseDeclaration, LiveView, Location

#: How files end that a source may read.
_SUFFIXES = frozenset((".yaml", ".yml", ".json", ".jsonl", ".zst", ".tfstate", ".template", ".bicep", ".tf"))
_LEFT_OUT = frozenset(("node_modules", "__pycache__"))


def refuse(path: Path, display: str) -> None:
    """Raises DeclaredError where a place is neither a file nor a folder."""
    if not path.is_file() and not path.is_dir():
        raise DeclaredError(f"{display}: is {_what(path)}; give a file or a folder")


def found(location: Location) -> list[Problem]:
    """What in a folder looks like a file to read and is none, as the sources walk it."""
    if not location.path.is_dir():
        return []
    return [
        Problem("declared", f"{location.inside(path)}: is {_what(path)}, so it was not read")
        for path in sorted(_irregular(location.path))
    ]


def _irregular(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            listed = list(entries)
    except OSError:
        return  # the sources tell of a folder that can't be read
    for entry in listed:
        if entry.name.startswith(".") or entry.name in _LEFT_OUT:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _irregular(Path(entry.path))
        elif Path(entry.name).suffix.lower() in _SUFFIXES and not (entry.is_file() or entry.is_dir()):
            yield Path(entry.path)


def _what(path: Path) -> str:
    """What a place is, in words."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return "a link that leads nowhere"
    if stat.S_ISFIFO(mode):
        return "a pipe, which can be read only once"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


@dataclass(slots=True)
class Irregular(BaseDeclaration):
    """Declares nothing; says what was not read."""

    source: str
    location: Location
    _problems: list[Problem]

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset()

    def resources(self, live: LiveView) -> Iterable[Problem]:
        return self._problems
