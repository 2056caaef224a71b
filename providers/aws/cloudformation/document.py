"""A template's text, JSON or YAML, as a document that is edited by the steps of its long form: ``Fn::If`` is
a step whether it is written so or as a tag."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from drift.editing.document import Document, Step
from drift.editing.json import Json
from drift.editing.yaml_document import Yaml
from drift.editor import NotEdited

#: Texts that need no quotes anywhere.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")


def document(content: bytes, file: str) -> Document:
    """The document of a template or parameter file. Raises NotEdited where it is neither JSON nor YAML."""
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        try:
            found = Json(content, file)
            found.has(())
            return found
        except NotEdited:
            if file.endswith(".json"):
                raise
    return TemplateYaml(Yaml(content, file))


class TemplateYaml:
    """YAML with CloudFormation's short tags."""

    def __init__(self, yaml: Yaml) -> None:
        self.yaml = yaml

    @property
    def content(self) -> bytes:
        return self.yaml.content

    def has(self, steps: Sequence[Step]) -> bool:
        return self.yaml.has(self._written(steps))

    def line(self, steps: Sequence[Step]) -> int | None:
        return self.yaml.line(self._written(steps))

    def put(self, steps: Sequence[Step], value: Any) -> TemplateYaml:
        way = self._written(steps)
        node = self.yaml.text.node(0, way)
        if node.custom and node.kind == "scalar" and isinstance(value, str) and not node.style.strip("'\""):
            return self._under_tag(way, node.inner, node.end, value)
        return TemplateYaml(self.yaml.put(way, value))

    def _under_tag(self, way: Sequence[Step], start: int, end: int, value: str) -> TemplateYaml:
        """Another text after a short tag, which stays. Raises NotEdited."""
        text = self.yaml.text.text
        plain = _PLAIN.fullmatch(value) and text[start : start + 1] not in ("'", '"')
        new = f"{text[:start]}{value if plain else json.dumps(value, ensure_ascii=False)}{text[end:]}"
        made = TemplateYaml(Yaml(new.encode(), self.yaml.file))
        if made.yaml.text.node(0, way).text != value:
            raise NotEdited(f"the text can't be written into {self.yaml.file} by itself")
        return made

    def add(self, steps: Sequence[Step], name: str, value: Any, at: int | None = None) -> TemplateYaml:
        return TemplateYaml(self.yaml.add(self._written(steps), name, value, at))

    def insert(self, steps: Sequence[Step], at: int, value: Any) -> TemplateYaml:
        return TemplateYaml(self.yaml.insert(self._written(steps), at, value))

    def remove(self, steps: Sequence[Step]) -> TemplateYaml:
        return TemplateYaml(self.yaml.remove(self._written(steps)))

    def _written(self, steps: Sequence[Step]) -> list[Step]:
        """The steps without functions that are written as tags."""
        found: list[Step] = []
        for step in steps:
            function = isinstance(step, str) and (step.startswith("Fn::") or step == "Ref")
            if not function or self.yaml.has([*found, step]):
                found.append(step)
        return found
