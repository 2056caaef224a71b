"""Follows a Terraform address through the modules of a configuration to the block that declares it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from drift import reading
from drift.declared.terraform.hcl import Folder, Said, Unread, read
from drift.errors import DeclaredError

_PART = re.compile(r'(?P<name>[^.\[]+)(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\])?(?:\.|$)')


@dataclass(slots=True)
class Configuration:
    """The configuration of one root module. ``display`` names its folder to people; nothing above ``top`` is
    read."""

    root: Path
    display: str
    top: Path | None = None
    unread: list[Unread] = field(default_factory=list)
    _folders: dict[tuple[str, ...], Folder | None] = field(default_factory=dict)
    _places: dict[tuple[str, ...], Path] = field(default_factory=dict)
    _installed: dict[str, str] | None = None

    def __post_init__(self) -> None:
        self._folders[()] = self._read((), self.root)

    @property
    def files(self) -> int:
        """How many configuration files the root module has."""
        folder = self._folders[()]
        return 0 if folder is None else folder.files

    def ignored(self, module: str | None, type_: str, name: str) -> tuple[str, Said] | None:
        """What the block of a resource ignores, with the block's name; None where it ignores nothing.

        ``module`` is the state's own address of the module instance (``module.a.module.b["x"]``).
        """
        path = module_path(module)
        folder = self._folder(path)
        block = f"{type_}.{name}"
        said = None if folder is None else folder.ignores.get(block)
        return None if said is None else (block, said)

    def _folder(self, path: tuple[str, ...]) -> Folder | None:
        if path not in self._folders:
            self._folders[path] = None
            parent = self._folder(path[:-1])
            place = None if parent is None else self._place(path, parent)
            if place is not None:
                self._folders[path] = self._read(path, place)
        return self._folders[path]

    def _read(self, path: tuple[str, ...], place: Path) -> Folder:
        self._places[path] = place
        folder = read(place, self._name)
        known = {(one.what, one.reason) for one in self.unread}
        self.unread.extend(one for one in folder.unread if (one.what, one.reason) not in known)
        return folder

    def _place(self, path: tuple[str, ...], parent: Folder) -> Path | None:
        """The folder of a module; where it can't be told, that is noted once."""
        address = ".".join(f"module.{one}" for one in path)
        block = parent.modules.get(path[-1])
        file, line = (block.file, block.line) if block else (None, None)
        installed = self._modules().get(".".join(path))
        source = block.source if block else None
        where = self._name(self._places[path[:-1]])
        if source is not None and source.startswith(("./", "../")):
            place = (self._places[path[:-1]] / source).resolve()
            if self.top is not None and not place.is_relative_to(self.top):
                reason = f"its source {source} leads out of the repository"
            elif place.is_dir():
                return place
            else:
                reason = f"its source {source} is no folder"
        elif installed is not None:
            place = (self.root / installed).resolve()
            if place.is_dir() and (self.top is None or place.is_relative_to(self.top)):
                return place
            reason = (
                f"Terraform installed it in {installed}, which is not there; run `terraform init` in {where}"
            )
        elif block is None:
            reason = f"the state holds it, but no module block in {where} that could be read calls it"
        else:
            said = source or "that is computed"
            reason = f"its source {said} is not installed; run `terraform init` in {self.display}"
        self.unread.append(Unread(address, f"not read: {reason}", file, line))
        return None

    def _modules(self) -> dict[str, str]:
        """Module address → folder, as ``terraform init`` left it."""
        if self._installed is None:
            try:
                file = self.root / ".terraform" / "modules" / "modules.json"
                content = json.loads(reading.content(file, self._name(file)))
            except (DeclaredError, ValueError, RecursionError):
                content = {}
            listed = content.get("Modules") if isinstance(content, dict) else None
            self._installed = dict(_installed(listed if isinstance(listed, list) else []))
        return self._installed

    def _name(self, file: Path) -> str:
        """How to name a file or folder of the configuration to people."""
        parts: list[str] = []
        base = self.root.resolve()
        place = file.resolve()
        while not place.is_relative_to(base) and base != base.parent:
            parts.append("..")
            base = base.parent
        shown = (Path(self.display) / Path(*parts)) if parts else Path(self.display)
        inside = place.relative_to(base)
        return _tidy(shown / inside)


@cache
def module_path(module: str | None) -> tuple[str, ...]:
    """The names in a module address, without indices: ``module.a["x"].module.b`` is ``("a", "b")``."""
    names = [match["name"] for match in _PART.finditer(module or "")]
    return tuple(names[1::2])


def _installed(listed: list[Any]) -> Iterator[tuple[str, str]]:
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
