"""Finds declared objects in their files, the document of many or the member of a List, and edits or takes
away one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from drift.compare.readable import holds_secret
from drift.editing.document import Document, Step
from drift.editing.json import Json
from drift.editing.proposing import proposed
from drift.editing.rewrite import Operation, made, operations
from drift.editing.target import Target
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editing.yaml_document import Yaml
from drift.editing.yaml_nodes import Language
from drift.editor import Edit, NotEdited, Place, Replacement, Wish, places
from drift.model import MISSING


@dataclass(frozen=True, slots=True)
class Spot:
    """An object in a file: in which document (from 0), and where in it. ``alone`` says that nothing else is
    in the file, ``language`` what its scalars mean."""

    file: Path
    document: int
    way: tuple[Step, ...]
    body: Mapping[str, Any]
    line: int
    language: Language
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
        return Yaml(content, self.file.name, self.language, self.document, prune=prune, shared=shared)

    def edited(
        self, several: Sequence[Operation], *, prune: bool = False, shared: bool = False
    ) -> tuple[Replacement, ...]:
        """The replacements that make operations on the object. Raises NotEdited, also where one would write a
        secret."""
        if any(holds_secret(one.value) for one in several):
            raise NotEdited("a secret is never written to Git", Place(self.file, self.line))
        document = self.opened(prune=prune, shared=shared)
        placed = [replace(one, steps=(*self.way, *one.steps)) for one in several]
        return replacements(self.file, document.content, made(document, placed).content)

    def without(self) -> tuple[Replacement, ...]:
        """The replacements that take the object out of its file; the file goes where nothing else is in
        it."""
        content = self.file.read_bytes()
        whole = (Replacement(self.file, 0, len(content), b"", removes=True),)
        if self.alone:
            return whole
        text = YamlText(content, self.language, named=self.file.name)
        if self.way and len(text.get(self.document, self.way[:-1])) > 1:
            text.remove(self.document, self.way, prune=False)
        elif len(text.documents) == 1:
            return whole
        else:
            text.remove_document(self.document)
        return replacements(self.file, content, text.content)


def spots(file: Path, language: Language) -> list[Spot]:
    """All objects of a file. Raises NotEdited where it can't be read."""
    try:
        text = YamlText(file.read_bytes(), language, named=file.name)
    except OSError as error:
        raise NotEdited(f"{file.name} can't be read: {error.strerror}") from error
    found = []
    for number, document in enumerate(text.documents):
        if isinstance(document.value, dict):
            for way, body in _opened(document.value, ()):
                found.append(Spot(file, number, way, body, text.line(number, way), language))
    filled = [one for one in text.documents if one.node is not None or one.broken]
    if len(found) == len(filled) == 1 and not found[0].way:
        return [replace(found[0], alone=True)]
    return found


def as_declared(target: Target) -> list[Operation]:
    """The operations of a target where the object is written as it is declared."""
    return list(operations(target.steps, target.old, target.new))


def changed(
    wish: Wish,
    where: Spot,
    several: Iterable[Target],
    placed: Callable[[Target], Sequence[Operation]] = as_declared,
) -> Iterator[Edit]:
    """Proposals that make targets true of an object: with what becomes empty gone and left, at an anchor that
    others use last. ``placed`` gives the operations on the object that a target means. Raises NotEdited where
    there is none."""
    known = list(several)
    aliased = where.file.suffix != ".json" and b"*" in where.file.read_bytes()

    def way(target: Target, prune: bool, shared: bool) -> tuple[Replacement, ...]:
        return where.edited(placed(target), prune=prune, shared=shared)

    ways = (
        (partial(way, target, prune, shared), target.new is MISSING)
        for shared in ((False, True) if aliased else (False,))
        for target in known
        for prune in ((True, False) if target.new is MISSING else (False,))
    )
    try:
        yield from proposed(wish, ways, lambda: NotEdited("the file does not say it by itself"))
    except NotEdited as error:
        raise NotEdited(error.reason, *(error.places or places(wish))) from error


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
