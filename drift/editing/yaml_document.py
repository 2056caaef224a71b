"""One document of a YAML text as the rest of this package edits documents of any language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drift.editing.document import Step
from drift.editing.yaml import YamlText
from drift.editing.yaml_nodes import Language
from drift.editing.yaml_spelling import YAML_1_1
from drift.editor import NotEdited


class Yaml:
    """The document ``place`` (from 0) of a text. It never changes: each operation gives the text that it
    becomes. ``file`` is what people call it. With ``prune`` what becomes empty goes too; with ``shared`` a
    change is made at an anchor that others use."""

    def __init__(
        self,
        content: bytes,
        file: str = "the file",
        language: Language = YAML_1_1,
        place: int = 0,
        *,
        prune: bool = False,
        shared: bool = False,
    ) -> None:
        self.content, self.file, self.language, self.place = content, file, language, place
        self.prune, self.shared = prune, shared
        self.text = YamlText(content, language, named=file)
        if place >= len(self.text.documents):
            raise NotEdited(f"{file} holds no YAML document")

    @property
    def value(self) -> Any:
        """What the document says. Raises NotEdited where it can't be read."""
        return self.text.get(self.place, ())

    def has(self, steps: Sequence[Step]) -> bool:
        return self.text.has(self.place, steps)

    def line(self, steps: Sequence[Step]) -> int | None:
        return self.text.line(self.place, steps) if self.has(steps) else None

    def keys(self, steps: Sequence[Step]) -> list[str]:
        """The keys of a mapping in their order."""
        found = self.text.get(self.place, steps)
        if not isinstance(found, dict):
            raise NotEdited(f"{self.file} has no mapping at {'/'.join(map(str, steps))}")
        return list(found)

    def put(self, steps: Sequence[Step], value: Any) -> Yaml:
        """Another value in a value's place."""
        self.text.node(self.place, steps)
        return self._made(lambda text: text.set(self.place, steps, value, shared=self.shared))

    def add(self, steps: Sequence[Step], name: str, value: Any, at: int | None = None) -> Yaml:
        """A member more in a mapping, where the file's order has it. Raises NotEdited where it has one of
        that name."""
        if self.has([*steps, name]):
            raise NotEdited(f"{self.file} says {name} already")
        return self._made(lambda text: text.set(self.place, [*steps, name], value, shared=self.shared))

    def insert(self, steps: Sequence[Step], at: int, value: Any) -> Yaml:
        """A member more in a list, before the one at ``at``."""
        count = len(self.text.get(self.place, steps))
        return self._made(
            lambda text: text.insert(self.place, [*steps, min(at, count)], value, shared=self.shared)
        )

    def remove(self, steps: Sequence[Step]) -> Yaml:
        """Without a member of a mapping or list, and without the comments that are its own."""
        return self._made(lambda text: text.remove(self.place, steps, prune=self.prune, shared=self.shared))

    def _made(self, change: Any) -> Yaml:
        text = YamlText(self.content, self.language, named=self.file)
        change(text)
        return Yaml(text.content, self.file, self.language, self.place, prune=self.prune, shared=self.shared)
