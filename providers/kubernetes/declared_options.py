"""Checks the options of a declared entry: every one is known to its source and has the right form."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from drift.errors import DeclaredError
from drift.source import Location


class Options:
    """One entry's options. Dashes and underscores in names are the same."""

    def __init__(self, location: Location, source: str, known: Iterable[str]) -> None:
        """Raises DeclaredError for an option that ``source`` does not know."""
        self.location, self.source = location, source
        self._said: dict[str, Any] = {}
        names = sorted(known)
        for name, value in location.options.items():
            spelled = str(name).replace("_", "-")
            if spelled not in names:
                close = difflib.get_close_matches(spelled, names, 1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                raise DeclaredError(
                    f"{location.display}: {source} knows no option {name!r}{hint}; known are "
                    f"{', '.join(names)}"
                )
            self._said[spelled] = value

    def text(self, name: str) -> str | None:
        value = self._said.get(name)
        if value is None or (isinstance(value, str) and value):
            return value
        raise self.refuse(name, "text", value)

    def flag(self, name: str) -> bool:
        value = self._said.get(name, False)
        if isinstance(value, bool):
            return value
        raise self.refuse(name, "true or false", value)

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
        value = self._said.get(name)
        if value is None:
            return {}
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return value
        raise self.refuse(name, "a mapping of names to values", value)

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
        found = (folder / Path(said).expanduser()).resolve()
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
