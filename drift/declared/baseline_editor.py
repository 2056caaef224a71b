"""Changes baselines: a value of a record, a record that is gone, a record more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from drift import reading, records
from drift.declared.baseline import ENDINGS
from drift.editing.document import Document
from drift.editing.json import Json
from drift.editing.proposing import proposed
from drift.editing.rewrite import Operation, made, operations
from drift.editing.target import Target, targets
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editing.yaml_document import Yaml
from drift.editor import BaseEditor, Edit, NotEdited, Place, Replacement, Wish, places
from drift.listing import beginning, files_below
from drift.model import MISSING, Resource
from drift.redaction import is_secret
from drift.values import children

_PACKED = (".gz", ".zst")
_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class _Record:
    """A record in its file: in YAML the document at ``place``, else the line from ``start`` to ``end``."""

    file: Path
    content: bytes
    place: int = 0
    start: int = 0
    end: int = 0

    @property
    def lines(self) -> bool:
        return self.file.name.endswith(_LINES)

    def document(self) -> Document:
        if self.lines:
            return Json(self.content[self.start : self.end], self.file.name)
        return Yaml(self.content, self.file.name, place=self.place)

    def replaced(self, document: Document) -> tuple[Replacement, ...]:
        after = document.content
        if self.lines:
            after = self.content[: self.start] + after + self.content[self.end :]
        return replacements(self.file, self.content, after)


class BaselineEditor(BaseEditor):
    """The editor of files of records."""

    name = "baseline"

    def change(self, wish: Wish) -> Iterable[Edit]:
        record = _found(wish)

        def way(target: Target) -> tuple[Replacement, ...]:
            return record.replaced(made(record.document(), _operations(target)))

        yield from proposed(
            wish,
            ((partial(way, target), False) for target in targets(wish)),
            lambda: NotEdited("the record does not say it", *places(wish)),
        )

    def remove(self, wish: Wish) -> Iterable[Edit]:
        record = _found(wish)
        says = f"takes the record of {wish.resource.name or wish.resource.id} away"
        if record.lines:
            end = record.end + (record.content[record.end : record.end + 1] == b"\n")
            after = record.content[: record.start] + record.content[end:]
        else:
            text = YamlText(record.content, named=record.file.name)
            text.remove_document(record.place)
            after = text.content
        if after.strip() not in (b"", b"---"):
            yield Edit(replacements(record.file, record.content, after), says)
        elif record.file == wish.location.path:
            raise NotEdited("it is the only record of the baseline: take its entry out of drift.yaml")
        else:
            yield Edit((Replacement(record.file, 0, len(record.content), b"", removes=True),), says)

    def adopts(self, wish: Wish) -> int:
        if wish.view is None:
            return 0
        fits = 0
        for one in wish.declaration.resources(wish.view):
            if isinstance(one, Resource) and one.provider == wish.resource.provider:
                same = one.scope == wish.resource.scope
                fits = max(fits, 1 + same + (same and one.type == wish.resource.type))
        return fits

    def add(self, wish: Wish) -> Iterable[Edit]:
        resource = wish.resource
        if _hidden(resource.attributes):
            raise NotEdited("a secret of it is never written to Git")
        record = {key: value for key, value in resource.record().items() if key != "unread"}
        file = _home(wish)
        says = f"adds a record of {resource.name or resource.id} to {file.name}"
        before = reading.content(file, file.name) if file.exists() else b""
        if file.name.endswith(_LINES):
            end = b"" if before.endswith(b"\n") or not before else b"\n"
            yield Edit(replacements(file, before, before + end + orjson.dumps(record) + b"\n"), says)
            return
        text = YamlText(before, named=file.name)
        text.append_document(record)
        after = text.content if before else b"---\n" + text.content
        yield Edit(replacements(file, before, after), says)


def _operations(target: Target) -> list[Operation]:
    steps = ("attributes", *target.steps)
    if target.old is MISSING:
        return [Operation("add", steps[:-1], target.new, name=str(steps[-1]))]
    return list(operations(steps, target.old, target.new))


def _found(wish: Wish) -> _Record:
    """The record of the declared resource. Raises NotEdited."""
    declared = wish.finding.declared
    if declared is None or declared.origin is None or declared.origin.file is None:
        raise NotEdited("the file of its record is not known")
    file = wish.file(declared.origin.file)
    if file.name.endswith(_PACKED):
        raise NotEdited(f"{file.name} is compressed: write it anew with `drift baseline`", Place(file))
    content = reading.content(file, file.name)
    for record, value in _records(file, content):
        if isinstance(value, dict) and _same(value, declared):
            return record
    raise NotEdited(f"{file.name} has no record of {declared.id}", Place(file))


def _records(file: Path, content: bytes) -> Iterator[tuple[_Record, Any]]:
    if not file.name.endswith(_LINES):
        text = YamlText(content, named=file.name)
        for place, one in enumerate(text.documents):
            if one.node is not None:
                yield _Record(file, content, place), text.get(place, ())
        return
    at = 0
    for line in content.splitlines(keepends=True):
        body = line.strip().removeprefix(b"\xef\xbb\xbf")
        start = at + line.find(body)
        at += len(line)
        try:
            value = orjson.loads(body) if body else None
        except orjson.JSONDecodeError:
            continue
        yield _Record(file, content, 0, start, start + len(body)), value


def _same(record: dict[str, Any], one: Resource) -> bool:
    told = {"provider": one.provider, "scope": one.scope, "type": one.type, "id": one.id}
    region = record.get("region") or None
    return all(record.get(key) == value for key, value in told.items()) and region == one.region


def _hidden(value: Any) -> bool:
    return is_secret(value) or any(map(_hidden, children(value)))


def _home(wish: Wish) -> Path:
    """The file that a new record goes to: the only one, else one with others of its type and place, else the
    one that `drift baseline` would write."""
    top, resource = wish.location.path, wish.resource
    if not top.is_dir():
        if top.name.endswith(_PACKED):
            raise NotEdited(f"{top.name} is compressed: write it anew with `drift baseline`", Place(top))
        return top
    for file in files_below(top, ENDINGS):
        if file.name.endswith(_PACKED) or not records.is_records(file, beginning(file)):
            continue
        for one in records.read(file, file.name):
            if isinstance(one, Resource) and one.cell == resource.cell:
                return file
    cell = [re.sub(r"[^A-Za-z0-9._-]+", "-", part).strip("-.") or "none" for part in resource.cell]
    return top.joinpath(*cell[:-1], f"{cell[-1]}.yaml")
