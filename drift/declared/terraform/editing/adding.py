"""Declares what nobody declares: an ``import`` block and the resource's own, beside those of its kind."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from drift.declared.terraform.configuration.folders import overrides
from drift.declared.terraform.configuration.intent import Intent
from drift.declared.terraform.editing import lines, spelling, structure
from drift.declared.terraform.editing.blocks import is_synthesised, tops
from drift.declared.terraform.editing.building import Building
from drift.declared.terraform.editing.document import Document
from drift.declared.terraform.editing.meaning import spared
from drift.declared.terraform.editing.modules import Repository
from drift.declared.terraform.editing.solving import Solver
from drift.declared.terraform.editing.subject import Subjects
from drift.declared.terraform.editing.values import words
from drift.declared.terraform.editing.versions import IMPORT, at_least, oldest
from drift.declared.terraform.editing.written import Inner, Verbatim, written
from drift.editor import Edit, NotEdited, Replacement, Wish
from drift.provider import Provider

#: So many Terraform types are tried for one type of resource.
_TYPES = 3


@dataclass
class Adding:
    """For one wish."""

    wish: Wish
    subjects: Subjects
    solver: Solver
    repository: Repository
    intent: Intent

    def edits(self) -> Iterator[Edit]:
        """One for each Terraform type that may declare it, the likeliest first. Raises NotEdited."""
        resource = self.wish.resource
        provider = self.wish.providers[resource.provider]
        version = oldest(self.intent.tree.root, self.subjects.version)
        types = self._types(provider)
        if not types:
            raise NotEdited(f"no type of Terraform's is known for {resource.type}")
        why: NotEdited | None = None
        for type_ in types[:_TYPES]:
            try:
                yield self._edit(provider, type_, version)
            except NotEdited as error:
                why = why or error
        if why is not None:
            raise why

    def _types(self, provider: Provider) -> list[str]:
        dialect = provider.terraform
        if dialect is None:
            return []
        type_ = self.wish.resource.type
        wanted = words(type_)
        known = set(self.subjects.types())
        fitting = [
            one
            for one in dialect.names(type_)
            if dialect.attributes(one) is not None and type_ in (dialect.possible(one) or {type_})
        ]
        fitting.sort(key=lambda one: (one not in known, -len(wanted & words(one)), len(one)))
        return fitting

    def _edit(self, provider: Provider, type_: str, version: str | None) -> Edit:
        wish, resource = self.wish, self.wish.resource
        dialect = provider.terraform
        assert dialect is not None
        id_ = dialect.import_id(type_, resource)
        if id_ is None:
            raise NotEdited(f"how Terraform imports {type_} is not known")
        label = self._label(type_)
        if version is not None and not at_least(version, IMPORT):
            raise NotEdited(
                f"Terraform {version} knows no import block: declare {type_}.{label} and run "
                f"`terraform import {type_}.{label} {spelling.quoted(id_)}`"
            )
        live = wish.finding.live
        assert live is not None
        made = Building(self.intent, provider, type_, label, live, wish.context, self.solver, id_)
        if made.subject() is None:
            raise NotEdited(f"{type_} declares no {resource.type} of its own")
        made.build()
        document = self._holding(type_)
        changes: Sequence[Replacement]
        if document is not None and document.json:
            changes = structure.declaring(document, type_, label, _in_json(made), id_)
        else:
            changes = [self._placed(type_, _text(made, type_, label, id_))]
        says = f"imports {id_} as {type_}.{label}"
        if made.unsaid:
            says += f"; no argument is known for {', '.join(made.unsaid)}"
        return Edit(tuple(changes), says, "pending")

    def _label(self, type_: str) -> str:
        """A name that no other block of the type has."""
        name = self.wish.resource.name or str(self.wish.resource.id).rpartition("/")[2]
        slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "imported"
        slug = slug if slug[0].isalpha() else f"_{slug}"
        folder = self.repository.folder(self.intent.tree.folders.root)
        label, number = slug, 2
        while folder.blocks("resource", type_, label):
            label, number = f"{slug}_{number}", number + 1
        return label

    def _own_blocks(self, type_: str) -> list[tuple[Document, Any]]:
        """The blocks of a type in the root module's own files."""
        root = self.intent.tree.folders.root
        return [
            (document, node)
            for named, document, node in self.repository.folder(root).every("resource")
            if named[1] == type_ and _own(document, root)
        ]

    def _holding(self, type_: str) -> Document | None:
        """The file that it is written to: that of the last one of its type, else the one that has most of
        its kind; None where there is to be a new one."""
        held = self._own_blocks(type_)
        if held:
            return max(held, key=_last)[0]
        root = self.intent.tree.folders.root
        documents = [one for one in self.repository.folder(root).documents if _own(one, root)]
        prefix = "_".join(type_.split("_")[:2])

        def kin(document: Document) -> int:
            return sum(words[0] == "resource" and words[1].startswith(prefix) for words, _ in tops(document))

        best = max(documents, key=kin, default=None)
        if best is not None and kin(best):
            return best
        main = next((one for one in documents if one.file.name in ("main.tf", "main.tf.json")), None)
        if main is None and (root / "main.tf").exists():
            raise NotEdited("main.tf can't be read")
        return main

    def _placed(self, type_: str, text: str) -> Replacement:
        """Behind the last one of its type, else at the end of its file."""
        held = [one for one in self._own_blocks(type_) if not one[0].json]
        if held:
            document, node = max(held, key=_last)
            at = document.line_end(node.end_byte)
            lead = "\n" if at == len(document.data) and not document.data.endswith(b"\n") else ""
            return lines.replaced(document, at, at, f"{lead}\n{text}")
        document = self._holding(type_) or Document(self.intent.tree.folders.root / "main.tf", b"", None)
        end = len(document.data)
        lead = "" if not end else "\n" if document.data.endswith(b"\n") else "\n\n"
        return lines.replaced(document, end, end, lead + text)


def _last(one: tuple[Document, Any]) -> tuple[str, int]:
    return str(one[0].file), one[1].start_byte


def _own(document: Document, root: Path) -> bool:
    """Whether it is one of the root module's own files that people write, and no override."""
    if document.json and is_synthesised(document):
        return False
    return document.file.parent == root and not overrides(document.file.name)


def _text(made: Building, type_: str, label: str, id_: str) -> str:
    said = {name: _value(made, name, value) for name, value in made.arguments()}
    head = f"import {{\n  to = {type_}.{label}\n  id = {spelling.quoted(id_)}\n}}\n"
    return f"{head}\n{written('resource', said, '', (type_, label))}"


def _in_json(made: Building) -> dict[str, Any]:
    """What is set, blocks as objects, without what they leave unsaid."""
    return {
        name: spared(value, None) if any(one.startswith(f"{name}.") for one in made.schema) else value
        for name, value in made.arguments()
    }


def _value(made: Building, path: str, value: Any) -> Any:
    """A value as an argument, a block, or a document."""
    if any(one.startswith(f"{path}.") for one in made.schema):
        bodies = value if isinstance(value, list) else [value]
        return Inner(
            tuple(
                {
                    name: _value(made, f"{path}.{name}", item)
                    for name, item in one.items()
                    if item not in (None, [], {})
                }
                for one in bodies
                if isinstance(one, Mapping)
            )
        )
    if isinstance(value, str) and value[:1] in ("{", "["):
        with contextlib.suppress(orjson.JSONDecodeError):
            return Verbatim(f"jsonencode({spelling.spelled(orjson.loads(value), spelling.STEP)})")
    return value
