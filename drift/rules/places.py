"""Finds the file that an origin names on this disk, and in its repository."""

from __future__ import annotations

import os.path
from collections.abc import Iterable
from pathlib import Path

from drift.model import Origin
from drift.source import Location


class Places:
    """The locations of one run, asked by what their resources say of themselves."""

    def __init__(self, locations: Iterable[Location]) -> None:
        self.locations = sorted(locations, key=lambda one: -len(one.display))

    def find(self, origin: Origin) -> tuple[Location, Path] | None:
        """The location that an origin is of, and its file; None where it is of none of them."""
        for location in self.locations:
            if (location.url, location.commit) != (origin.url, origin.commit):
                continue
            file = _file(origin.file, location)
            if file is not None:
                return location, file
        return None


def in_repository(location: Location, file: Path) -> str | None:
    """The path of a file inside its repository (``stacks/prod/main.tf``); None where it is in none."""
    root = location.root
    return file.relative_to(root).as_posix() if root is not None and file.is_relative_to(root) else None


def _file(name: str | None, location: Location) -> Path | None:
    """A displayed name as a path: the location itself, below it, or (a Kustomize base) beside it in the
    repository."""
    if name is None or name == location.display:
        return location.path
    base = location.display.rstrip("/") + "/"
    if name.startswith(base):
        return location.path / name.removeprefix(base)
    top = location.root or location.path
    found = Path(os.path.normpath(location.path / os.path.relpath(name, location.display)))
    return found if found.is_relative_to(top) and found.exists() else None
