"""Reads the options of a declared entry that Kubernetes' sources share, and the files that they name."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.source import Location, Option

#: What every source of Kubernetes objects takes.
NAMESPACE = Option("namespace", "Namespace of manifests that name none.")


class Options:
    """One entry's options, which the core has held to their forms."""

    def __init__(self, location: Location) -> None:
        self.location, self._said = location, location.options

    def text(self, name: str) -> str | None:
        return self.location.option(name)

    def flag(self, name: str) -> bool:
        return bool(self._said.get(name))

    def several(self, name: str) -> list[Any]:
        """A list; one value stands for a list of it."""
        value = self._said.get(name)
        return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]

    def texts(self, name: str) -> list[str]:
        found = self.several(name)
        for one in found:
            if not isinstance(one, str) or not one:
                raise self.refuse(name, "a list of texts", one)
        return found

    def mapping(self, name: str) -> dict[str, Any]:
        return dict(self._said.get(name) or {})

    def refuse(self, name: str, expected: str, value: Any) -> DeclaredError:
        quote = "; quote it" if isinstance(value, (int, float)) and "text" in expected else ""
        return DeclaredError(
            f"{self.location.display}: option {name!r} must be {expected}, not {value!r}{quote}"
        )


def resolve(location: Location, said: str) -> Path | None:
    """A file that an option names: relative to the configuration, or to what is declared; None where it is
    nowhere."""
    folders = [location.path if location.path.is_dir() else location.path.parent]
    base = _base(location)
    if base is not None:
        folders.insert(0, base)
    for folder in folders:
        found = reading.place(said, folder)
        if found.is_file():
            return found
    return None


def _base(location: Location) -> Path | None:
    """The folder that the declared path was relative to, as far as the path tells."""
    parts = PurePosixPath(location.display).parts
    if not parts or "://" in location.display:
        return None
    if PurePosixPath(location.display).is_absolute() or ".." in parts:
        here = Path.cwd()
        return here if (here / location.display).resolve() == location.path else None
    own = [part for part in parts if part != "."]
    ancestors = [location.path, *location.path.parents]
    if len(own) < len(ancestors) and [*reversed([one.name for one in ancestors[: len(own)]])] == own:
        return ancestors[len(own)]
    return None
