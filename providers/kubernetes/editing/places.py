"""Finds declared objects in their files: the document of many, the member of a List."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.editing.document import Document, Step
from drift.editing.json import Json
from drift.editing.rewrite import Operation, made
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editing.yaml_document import Yaml
from drift.editing.yaml_nodes import Language
from drift.editor import NotEdited, Place, Replacement, Wish, places
from drift.model import Resource
from drift.redaction import is_secret
from providers.kubernetes.declared_scalars import key, scalar

Way = tuple[Step, ...]
#: What scalars mean to a Kubernetes client.
LANGUAGE = Language(scalar, key)


@dataclass(frozen=True, slots=True)
class Spot:
    """An object in a file: in which document (from 0), and where in it. ``alone`` says that nothing else is
    in the file."""

    file: Path
    document: int
    way: tuple[Step, ...]
    body: Mapping[str, Any]
    line: int
    alone: bool = False

    @property
    def name(self) -> str | None:
        return (self.body.get("metadata") or {}).get("name")

    @property
    def namespace(self) -> str | None:
        return (self.body.get("metadata") or {}).get("namespace")

    @property
    def type(self) -> str:
        return f"{self.body.get('apiVersion')}/{self.body.get('kind')}"

    def opened(self, *, prune: bool = False, shared: bool = False) -> Document:
        """The document, to be edited."""
        content = self.file.read_bytes()
        if self.file.suffix == ".json":
            return Json(content, self.file.name)
        return Yaml(content, self.file.name, LANGUAGE, self.document, prune=prune, shared=shared)

    def edited(
        self, operations: Sequence[Operation], *, prune: bool = False, shared: bool = False
    ) -> tuple[Replacement, ...]:
        """The replacements that make operations on the object. Raises NotEdited, also where one would write a
        secret."""
        if any(holds_secret(one.value) for one in operations):
            raise NotEdited("a secret is never written to Git", Place(self.file, self.line))
        document = self.opened(prune=prune, shared=shared)
        placed = [
            Operation(one.kind, (*self.way, *one.steps), one.value, one.old, one.name, one.at)
            for one in operations
        ]
        return replacements(self.file, document.content, made(document, placed).content)


def spots(file: Path) -> list[Spot]:
    """All objects of a file. Raises NotEdited where it can't be read."""
    try:
        text = YamlText(file.read_bytes(), LANGUAGE, named=file.name)
    except OSError as error:
        raise NotEdited(f"{file.name} can't be read: {error.strerror}") from error
    found = []
    for number, document in enumerate(text.documents):
        if isinstance(document.value, dict):
            for way, body in _opened(document.value, ()):
                found.append(Spot(file, number, way, body, text.line(number, way)))
    filled = [one for one in text.documents if one.node is not None or one.broken]
    if len(found) == len(filled) == 1 and not found[0].way:
        one = found[0]
        return [Spot(file, one.document, one.way, one.body, one.line, alone=True)]
    return found


def spot(wish: Wish) -> Spot:
    """The object that a finding's declared side was read from. Raises NotEdited."""
    declared = wish.finding.declared
    if declared is None or declared.origin is None or declared.origin.file is None:
        raise NotEdited("it is not known which file declares it", *places(wish))
    file = wish.file(declared.origin.file)
    found = [one for one in spots(file) if is_of(one, declared)]
    exact = [one for one in found if one.line == declared.origin.line] or found
    if len(exact) != 1:
        why = "is not found" if not exact else "is declared several times"
        raise NotEdited(f"{declared.origin.address} {why} in {declared.origin.file}", *places(wish))
    return exact[0]


def is_of(one: Spot, declared: Resource) -> bool:
    """Whether an object of a file is the declared one, as far as type, name and namespace tell."""
    metadata = declared.attributes.get("metadata") or {}
    said = declared.attributes
    type_ = f"{said.get('apiVersion')}/{said.get('kind')}"
    if (one.type, one.name) != (type_, metadata.get("name")):
        return False
    return one.namespace in (None, "", metadata.get("namespace")) or not metadata.get("namespace")


def holds_secret(value: Any) -> bool:
    """Whether something hidden stands in a value, at any depth."""
    if is_secret(value):
        return True
    if isinstance(value, Mapping):
        return any(map(holds_secret, value.values()))
    return isinstance(value, list) and any(map(holds_secret, value))


def _opened(
    value: dict[str, Any], way: tuple[Step, ...]
) -> Iterator[tuple[tuple[Step, ...], dict[str, Any]]]:
    kind, items = value.get("kind"), value.get("items")
    if not isinstance(kind, str) or not kind.endswith("List") or not isinstance(items, list):
        yield way, value
        return
    of = {"apiVersion": value.get("apiVersion"), "kind": kind.removesuffix("List")}
    for place, item in enumerate(items):
        if isinstance(item, dict):
            filled = item if not of["kind"] or "kind" in item or "apiVersion" in item else {**of, **item}
            yield from _opened(filled, (*way, "items", place))
