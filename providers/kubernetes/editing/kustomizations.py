"""The kustomizations of a repository: which files each takes in, and what mentions a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.editing.objects import Spot
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editor import NotEdited, Replacement, Wish
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_folders import KUSTOMIZATIONS, kustomization
from providers.kubernetes.editing.places import LANGUAGE

#: Folders that are looked through in a repository at most.
_MOST = 50_000
_SKIPPED = frozenset((".git", "node_modules", "__pycache__"))
#: What of a kustomization names files or folders that it takes in.
INCLUDES = ("resources", "bases", "components", "crds", "transformers", "generators", "configurations")


@dataclass
class Kustomizations:
    """The kustomizations of a repository, each read once: what they say holds as long as no file changes, and
    so does an editor."""

    _files: dict[Path, list[Path]] = field(default_factory=dict)
    _said: dict[Path, list[tuple[str, int, Path]]] = field(default_factory=dict)
    _takers: dict[Path, dict[Path, set[Path]]] = field(default_factory=dict)

    def of(self, root: Path) -> list[Path]:
        """All kustomization files below a folder."""
        if root not in self._files:
            self._files[root] = list(_found(root))
        return self._files[root]

    def mentions(self, root: Path, file: Path) -> Iterator[tuple[Path, str, int]]:
        """(kustomization, section, place) of each mention of a file."""
        for one in self.of(root):
            for section, place, path in self._included(one):
                if path == file:
                    yield one, section, place

    def without(self, wish: Wish, where: Spot) -> tuple[Replacement, ...]:
        """The replacements that take the mention of a file away which goes with its one object."""
        root = wish.location.root
        if root is None or not where.alone:
            return ()
        found: list[Replacement] = []
        for one, section, place in self.mentions(root, where.file):
            content = one.read_bytes()
            text = YamlText(content, LANGUAGE, named=one.name)
            text.remove(0, [section, place], prune=False)
            found += replacements(one, content, text.content)
        return tuple(found)

    def others(self, wish: Wish, file: Path) -> list[Path]:
        """The folders of kustomizations that take a file in without the one that is declared, and are none
        that it takes in itself."""
        folder = folder_of(wish)
        takers = self._who_takes(wish.location.root or folder)
        found: set[Path] = set()
        todo = [file]
        while todo:
            more = takers.get(todo.pop(), set()) - found - {folder}
            found |= more
            todo += more
        return sorted(found - self._reach(folder))

    def own(self, wish: Wish) -> list[Path]:
        """The declared kustomization, and those that it alone takes in."""
        folder = folder_of(wish)
        found = [file for one in sorted(self._reach(folder) - {folder}) if (file := kustomization(one))]
        alone = [file for file in found if not self.others(wish, file)]
        first = kustomization(folder)
        return [*([first] if first else []), *alone]

    def _who_takes(self, root: Path) -> dict[Path, set[Path]]:
        """Path → the folders of the kustomizations below ``root`` that take it in, or whose own file it
        is."""
        if root not in self._takers:
            takers = self._takers[root] = {}
            for folder in {one.parent for one in self.of(root)}:
                file = kustomization(folder)
                for path in () if file is None else (file, *(path for _, _, path in self._included(file))):
                    takers.setdefault(path, set()).add(folder)
        return self._takers[root]

    def _included(self, file: Path) -> list[tuple[str, int, Path]]:
        if file not in self._said:
            self._said[file] = list(_included(file))
        return self._said[file]

    def _reach(self, folder: Path) -> set[Path]:
        """The folders of kustomizations that one takes in, itself too."""
        found: set[Path] = set()
        todo = [folder]
        while todo:
            one = todo.pop()
            file = kustomization(one)
            if file is not None and one not in found:
                found.add(one)
                todo += [path for _, _, path in self._included(file) if path.is_dir()]
        return found


def folder_of(wish: Wish) -> Path:
    """The folder that is declared."""
    path = wish.location.path
    return path if path.is_dir() else path.parent


def mapping(file: Path) -> Mapping[str, Any]:
    """What a kustomization says; nothing where it can't be read."""
    try:
        said = load(file.read_bytes())
    except (OSError, YamlError):
        return {}
    return said if isinstance(said, dict) else {}


def _included(file: Path) -> Iterator[tuple[str, int, Path]]:
    """(section, place, path) of what a kustomization takes in from the disk."""
    said = mapping(file)
    for section in INCLUDES:
        entries = said.get(section)
        for place, one in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(one, str) and "\n" not in one:
                yield section, place, Path(os.path.normpath(file.parent / one))


def _found(root: Path) -> Iterator[Path]:
    for count, (folder, below, files) in enumerate(os.walk(root)):
        below[:] = sorted(name for name in below if name not in _SKIPPED)
        if count > _MOST:
            raise NotEdited("the repository has too many folders to look for kustomizations")
        yield from (Path(folder) / name for name in KUSTOMIZATIONS if name in files)
