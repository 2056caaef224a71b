"""Finds what stands at the end of a way of keys and indices in a YAML text, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drift.editing.pieces import Pieces
from drift.editing.yaml_lines import style
from drift.editing.yaml_members import whole
from drift.editing.yaml_nodes import Document, Entry, Language, Node, documents, is_merge, key, members, value
from drift.editing.yaml_spelling import YAML_1_1
from drift.editing.yaml_values import Way, shown
from drift.editor import NotEdited, Replacement


class YamlPlaces:
    """A YAML text of one document or many, as it is now. ``named`` is what it is called in reasons."""

    def __init__(self, content: bytes, language: Language = YAML_1_1, *, named: str = "the file") -> None:
        self.language, self.named = language, named
        try:
            self._pieces = Pieces(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise NotEdited(f"{named} is not UTF-8 text") from error
        self.documents: list[Document] = []
        self._read()
        self.style = style(self.text, self.documents)

    def _read(self) -> None:
        self.documents = documents(self.text, self.language)

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self._pieces.text

    @property
    def content(self) -> bytes:
        return self.text.encode()

    def replacements(self, file: Path) -> tuple[Replacement, ...]:
        """What was changed, in bytes of the original."""
        return self._pieces.replacements(file)

    def node(self, document: int, way: Way) -> Node:
        """The node at the end of a way, aliases followed. Raises NotEdited where there is none."""
        node = self._root(document)
        for step in way:
            node = self._value(node.real, step, way)
        return node

    def has(self, document: int, way: Way) -> bool:
        try:
            self.node(document, way)
        except NotEdited:
            return False
        return True

    def get(self, document: int, way: Way) -> Any:
        """The value at the end of a way. Raises NotEdited where there is none."""
        return value(self.node(document, way), self.language)

    def span(self, document: int, way: Way) -> tuple[int, int]:
        """Bytes of the text as it is now, from where a value begins to where it ends."""
        node = self.node(document, way)
        return self._bytes(node.start), self._bytes(node.end)

    def key_span(self, document: int, way: Way) -> tuple[int, int]:
        """Bytes of the key of a mapping's member."""
        name = way[-1]
        entry = self._entry(self.node(document, way[:-1]).real, str(name), way)
        return self._bytes(entry.key.start), self._bytes(entry.key.end)

    def whole_span(self, document: int, way: Way) -> tuple[int, int]:
        """Bytes of a whole entry or list member, with the comments that belong to it and its line break."""
        container = self.node(document, way[:-1])
        start, end = whole(self.text, container.real, self._index(container.real, way[-1], way))
        return self._bytes(start), self._bytes(end)

    def line(self, document: int, way: Way) -> int:
        """The line, from 1, on which a value (of a mapping: its key) stands."""
        if way and isinstance(way[-1], str):
            node = self._entry(self.node(document, way[:-1]).real, way[-1], way).key
        else:
            node = self.node(document, way)
        return self.text.count("\n", 0, node.start) + 1

    def _root(self, document: int) -> Node:
        one = self.documents[document]
        if one.node is None:
            raise NotEdited(f"a document of {self.named} {one.broken or 'is empty'}")
        return one.node

    def _value(self, node: Node, step: str | int, way: Way) -> Node:
        if node.kind == "list" and isinstance(step, int) and 0 <= step < len(node.items):
            return node.items[step]
        if node.kind == "map" and isinstance(step, str):
            return self._entry(node, step, way).value
        raise NotEdited(f"{shown(way)} is not in {self.named}")

    def _entry(self, node: Node, name: str, way: Way) -> Entry:
        found = members(node, self.language).get(name) if node.kind == "map" else None
        if found is None:
            raise NotEdited(f"{shown(way)} is not in {self.named}")
        own = [one for one in node.entries if not is_merge(one) and self._key(one) == name]
        if len(own) > 1:
            raise NotEdited(f"{shown(way)}: the key {name!r} is said twice in {self.named}")
        return found

    def _key(self, entry: Entry) -> str:
        return key(entry, self.language)

    def _index(self, container: Node, step: str | int, way: Way) -> int:
        """The place of a container's own member."""
        if container.kind == "list" and isinstance(step, int):
            return step
        entry = self._entry(container, str(step), way)
        if entry not in container.entries:
            raise NotEdited(f"{shown(way)} comes by a merge in {self.named}")
        return container.entries.index(entry)

    def _bytes(self, place: int) -> int:
        return len(self.text[:place].encode())
