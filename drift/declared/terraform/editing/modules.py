"""The files of a configuration's modules as they can be edited: where blocks stand, who else uses a name, and
who else calls a module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from drift.declared.terraform.configuration.folders import in_order
from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing.blocks import tops
from drift.declared.terraform.editing.document import Document, opened
from drift.declared.terraform.editing.references import of_block
from drift.editor import NotEdited, Place
from drift.listing import files_below

#: More files than that are looked through for calls of a module in no repository.
_MOST_FILES = 20_000
_LOCAL = re.compile(rb'source"?\s*[=:]\s*"\.')

Found = tuple[Document, Any]


@dataclass(frozen=True, slots=True)
class Use:
    """One reference: its names, and the words of the block at the top of its file that it stands in."""

    names: tuple[str, ...]
    document: Document
    node: Any
    words: tuple[str, ...]

    @property
    def place(self) -> Place:
        return self.document.place(self.node)


@dataclass
class Folder:
    """One module's own files."""

    path: Path

    @cached_property
    def documents(self) -> list[Document]:
        found = [file for _, file in in_order(self.path) if isinstance(file, Path)]
        return [one for one in map(self._opened, found) if one is not None]

    def _opened(self, file: Path) -> Document | None:
        """None for JSON that can't be edited: its blocks are in no file that can."""
        try:
            return opened(file)
        except NotEdited:
            if file.name.endswith(".json"):
                return None
            raise

    @cached_property
    def _blocks(self) -> dict[tuple[str, ...], list[Found]]:
        found: dict[tuple[str, ...], list[Found]] = {}
        for document in self.documents:
            for words, node in tops(document):
                found.setdefault(words, []).append((document, node))
        return found

    def blocks(self, *words: str) -> list[Found]:
        """The blocks with this type and these labels; an override's last."""
        return self._blocks.get(words, [])

    def every(self, type_: str) -> Iterator[tuple[tuple[str, ...], Document, Any]]:
        """All blocks of a type, with their words."""
        for words, held in self._blocks.items():
            if words[0] == type_:
                for document, node in held:
                    yield words, document, node

    def attribute(self, name: str, *words: str) -> tuple[Document, Any, doc.Attribute] | None:
        """An attribute of a block, with the block; of an override's where one sets it."""
        for document, node in reversed(self.blocks(*words)):
            held = doc.attributes(doc.body(node)).get(name)
            if held is not None:
                return document, node, held
        return None

    @cached_property
    def uses(self) -> list[Use]:
        """Every reference in its files."""
        found = []
        for document in self.documents:
            for words, node in tops(document):
                found += [Use(names, document, one, words) for names, one in of_block(document, node)]
        return found


@dataclass
class Repository:
    """``top`` is the highest folder that is looked at."""

    top: Path
    _folders: dict[Path, Folder] = field(default_factory=dict)

    def folder(self, path: Path) -> Folder:
        path = path.resolve()
        if path not in self._folders:
            self._folders[path] = Folder(path)
        return self._folders[path]

    @cached_property
    def _calls(self) -> dict[Path, list[tuple[Place, str]]]:
        found: dict[Path, list[tuple[Place, str]]] = {}
        for number, file in enumerate(
            files_below(self.top, (".tf", ".tofu", ".hcl", ".tf.json", ".tofu.json"))
        ):
            if number >= _MOST_FILES:
                raise NotEdited(
                    f"more than {_MOST_FILES:,} files would have to be looked through for its calls"
                )
            for folder, place, name in _calls(file):
                found.setdefault(folder, []).append((place, name))
        return found

    def calls(self, folder: Path) -> list[tuple[Place, str]]:
        """Who calls the module in a folder, in all of the repository: where, and by which name."""
        return self._calls.get(folder.resolve(), [])


def _calls(file: Path) -> Iterator[tuple[Path, Place, str]]:
    try:
        data = file.read_bytes()
    except OSError:
        return  # what can't be read here is told by its reader
    if not _LOCAL.search(data):
        return
    try:
        document = opened(file)
    except NotEdited:
        return
    for words, node in tops(document):
        said = doc.attributes(doc.body(node)).get("source")
        source = doc.NONE if said is None else doc.literal(said.value)
        if words[0] in ("module", "terraform") and isinstance(source, str) and source.startswith("."):
            folder = (file.parent / source.replace("//", "/")).resolve()
            yield folder, document.place(node), words[-1]
