"""Follows a Terraform address through the modules of a configuration to the block that declares it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.hcl import Folder, Said, Unread, read

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
    folders: Folders = field(init=False)

    def __post_init__(self) -> None:
        self.folders = Folders(self.root, self.display, self.top)
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
        folder = read(place, self.folders.name)
        known = {(one.what, one.reason) for one in self.unread}
        self.unread.extend(one for one in folder.unread if (one.what, one.reason) not in known)
        return folder

    def _place(self, path: tuple[str, ...], parent: Folder) -> Path | None:
        """The folder of a module; where it can't be told, that is noted once."""
        address = ".".join(f"module.{one}" for one in path)
        block = parent.modules.get(path[-1])
        file, line = (block.file, block.line) if block else (None, None)
        folder = self._places[path[:-1]]
        source = block.source if block else None
        if block is None:
            where = self.folders.name(folder)
            reason = f"the state holds it, but no module block in {where} that could be read calls it"
        else:
            place = self.folders.module(path, source, folder)
            if isinstance(place, Path):
                return place
            reason = place
        self.unread.append(Unread(address, f"not read: {reason}", file, line))
        return None


@cache
def module_path(module: str | None) -> tuple[str, ...]:
    """The names in a module address, without indices: ``module.a["x"].module.b`` is ``("a", "b")``."""
    names = [match["name"] for match in _PART.finditer(module or "")]
    return tuple(names[1::2])
