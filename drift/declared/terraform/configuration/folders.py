"""Where the modules of a configuration lie: beside it, or where ``terraform init`` put them; and how their
files are named to people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from drift import reading
from drift.errors import DeclaredError
from drift.listing import leads_out

FILE = re.compile(r"(?P<stem>[^.].*)\.(?:tf|tofu)(?P<json>(?:\.json)?)")


class Generated(NamedTuple):
    """A file that is made when the configuration is run. ``line`` is where in ``file`` its text begins;
    ``fixed``: what its text comes of is not written line by line."""

    text: str
    file: str
    line: int
    fixed: bool = False


@dataclass
class Folders:
    """Of the root module in ``root``, which people know as ``display``; nothing above ``top`` is read.

    ``laid`` are files by name that are laid over the root module's own, and ``beside`` the folder that more
    of its files are copied from, with its name. ``past`` are files that are to be read as they once were, by
    their resolved path; "" where there was none.
    """

    root: Path
    display: str
    top: Path | None = None
    laid: Mapping[str, Path | Generated] = field(default_factory=dict)
    beside: tuple[Path, str] | None = None
    past: Mapping[Path, str] = field(default_factory=dict)

    def over(self, folder: Path) -> dict[str, Path | Generated]:
        """The files by name that are laid over those of a module's folder."""
        own = self.laid if folder == self.root else {}
        if not self.past:
            return dict(own)
        place = folder.resolve()
        was = {file.name: text for file, text in self.past.items() if file.parent == place}
        made = {
            name: Generated(text or ("{}" if name.endswith(".json") else ""), self.name(place / name), 1)
            for name, text in was.items()
            if FILE.fullmatch(name)
        }
        return {**made, **own}

    def module(self, path: Sequence[str], source: str | None, parent: Path) -> Path | str:
        """The folder of the module that is called by these names, whose ``source`` is that (None: not plain
        text) in a module in ``parent``; why there is none."""
        installed = self._installed.get(".".join(path))
        if source is not None and source.startswith(("./", "../")):
            place = (parent / source).resolve()
            if self.top is not None and not place.is_relative_to(self.top):
                return f"its source {source} leads out of the repository"
            return place if place.is_dir() else f"its source {source} is no folder"
        if installed is not None:
            place = (self.root / installed).resolve()
            if place.is_dir() and (self.top is None or place.is_relative_to(self.top)):
                return place
            where = self.name(parent)
            return (
                f"Terraform installed it in {installed}, which is not there; run `terraform init` in {where}"
            )
        said = source or "that is computed"
        return f"its source {said} is not installed; run `terraform init` in {self.display}"

    @cached_property
    def _installed(self) -> dict[str, str]:
        """Module address → folder, as ``terraform init`` left it."""
        try:
            file = self.root / ".terraform" / "modules" / "modules.json"
            content = json.loads(reading.content(file, self.name(file)))
        except (DeclaredError, ValueError, RecursionError):
            return {}
        listed = content.get("Modules") if isinstance(content, dict) else None
        return dict(_listed(listed if isinstance(listed, list) else []))

    def name(self, file: Path) -> str:
        """How to name a file or folder of the configuration to people."""
        parts: list[str] = []
        base = self.root.resolve()
        place = file.resolve()
        if self.beside is not None and place.is_relative_to(self.beside[0]):
            return _tidy(Path(self.beside[1]) / place.relative_to(self.beside[0]))
        while not place.is_relative_to(base) and base != base.parent:
            parts.append("..")
            base = base.parent
        shown = (Path(self.display) / Path(*parts)) if parts else Path(self.display)
        return _tidy(shown / place.relative_to(base))


def files(folder: Path) -> Iterator[Path]:
    """The configuration files of a folder, not of those below it. OpenTofu's own stand for Terraform's of the
    same name."""
    if folder.is_dir():
        found = {file.name: match for file in folder.iterdir() if (match := FILE.fullmatch(file.name))}
        for name, match in found.items():
            own = f"{match['stem']}.tofu{match['json']}"
            file = folder / name
            if (name == own or own not in found) and file.is_file() and not leads_out(file):
                yield file


def in_order(
    folder: Path, laid: Mapping[str, Path | Generated] = MappingProxyType({})
) -> list[tuple[str, Path | Generated]]:
    """The files of a folder by name as they are read, override files last; with those that are ``laid`` over
    them."""
    found: dict[str, Path | Generated] = {file.name: file for file in files(folder)}
    return sorted({**found, **laid}.items(), key=lambda one: (overrides(one[0]), one[0]))


def overrides(name: str) -> bool:
    """Whether a file is laid over the others."""
    match = FILE.fullmatch(name)
    stem = match["stem"] if match else ""
    return stem == "override" or stem.endswith("_override")


def _listed(listed: list[Any]) -> Iterator[tuple[str, str]]:
    for one in listed:
        if isinstance(one, dict) and isinstance(one.get("Key"), str) and isinstance(one.get("Dir"), str):
            yield one["Key"], one["Dir"]


def _tidy(path: Path) -> str:
    """Without the steps that go down and up again."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] not in ("..", "/"):
            parts.pop()
        else:
            parts.append(part)
    return Path(*parts).as_posix()
