"""Changes Bicep files where a literal stands, also as the default of a parameter or a variable that only this
resource takes, and the parameter files beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from drift import reading
from drift.editing.document import Document, Step
from drift.editing.proposing import proposed
from drift.editing.rewrite import Operation, made, operations
from drift.editing.target import Target, targets
from drift.editing.versions import replacements
from drift.editor import BaseEditor, Edit, NotEdited, Place, Replacement, Restoring, Wish, places
from drift.model import MISSING
from providers.azure.arm import restoring
from providers.azure.arm.document import opened
from providers.azure.arm.editor import given
from providers.azure.arm.source import Templates, beside
from providers.azure.bicep import SOURCE
from providers.azure.bicep_document import BicepText, member_of
from providers.azure.bicep_scan import Statement, Value, words

_CHAIN = re.compile(r"\w+(?:\.\w+|\[\d+\])*")
_LINK = re.compile(r"\w+")


class BicepEditor(BaseEditor):
    """The editor of Bicep files."""

    name = SOURCE

    def change(self, wish: Wish) -> Iterable[Edit]:
        body = Body.of(wish)
        yield from proposed(
            wish,
            ((partial(body.edited, target), False) for target in targets(wish)),
            lambda: NotEdited("the file does not say it by itself", *places(wish)),
        )

    def restoring(self, wish: Wish) -> Restoring | None:
        return restoring.commands(wish)


@dataclass(frozen=True)
class Body:
    """The statement of a resource in its file."""

    wish: Wish
    path: Path
    text: BicepText
    statement: Statement

    @classmethod
    def of(cls, wish: Wish) -> Body:
        """Raises NotEdited where no statement surely declares the resource by itself."""
        declared = wish.finding.declared
        origin = declared.origin if declared else None
        if origin is None or origin.file is None or origin.line is None:
            raise NotEdited("what declares it is not known", *places(wish))
        path = wish.file(origin.file)
        text = BicepText(reading.content(path, origin.file), origin.file)
        found = [one for one in text.statements if one.line == origin.line]
        where = Place(Path(origin.file), origin.line)
        if len(found) != 1 or found[0].kind != "resource":
            raise NotEdited("it is declared in a module", where)
        if found[0].value.kind != "object":
            raise NotEdited("a loop makes it", where)
        return cls(wish, path, text, found[0])

    def edited(self, target: Target) -> tuple[Replacement, ...]:
        """What makes a target. Raises NotEdited."""
        if target.old is MISSING:
            wanted = [Operation("add", target.steps[:-1], target.new, name=str(target.steps[-1]))]
        else:
            wanted = list(operations(target.steps, target.old, target.new, self._whole))
        by_file: dict[Path, list[Operation]] = {}
        for one in wanted:
            file, operation = self._placed(one)
            by_file.setdefault(file, []).append(operation)
        found: list[Replacement] = []
        for file, several in by_file.items():
            document: Document = self.text if file == self.path else opened(file)
            before = document.content
            found += replacements(file, before, made(document, several).content)
        return tuple(found)

    def _whole(self, steps: tuple[Step, ...]) -> bool:
        try:
            file, way = self._follow(steps)
        except NotEdited:
            return True
        value = self.text.find(way) if file == self.path else None
        return value is not None and value.kind not in ("object", "array")

    def _placed(self, wanted: Operation) -> tuple[Path, Operation]:
        if wanted.kind == "remove":
            file, above = self._follow(wanted.steps[:-1])
            return file, replace(wanted, steps=(*above, wanted.steps[-1]))
        file, way = self._follow(wanted.steps)
        return file, replace(wanted, steps=way)

    def _follow(self, steps: tuple[Step, ...]) -> tuple[Path, tuple[Step, ...]]:
        """The file and the steps of a value in it, through parameters and variables."""
        way: tuple[Step, ...] = ("resource", self.statement.name)
        rest = list(steps)
        for _ in range(20):
            value = self.text.find(way)
            while rest and value is not None and value.kind in ("object", "array"):
                member = member_of(value, rest[0])
                if member is None:
                    raise NotEdited(f"{'/'.join(map(str, steps))} is not written out", self._place(value))
                way, value = (*way, member.key if member.key is not None else rest[0]), member.value
                rest.pop(0)
            if value is None or value.kind != "expression":
                return self.path, (*way, *rest)
            found = self._named(value)
            if isinstance(found[0], Path):
                return found[0], (*found[1], *rest)
            way = found[1]
        raise NotEdited("its value is passed on too often", self._place(self.statement.value))

    def _named(self, value: Value) -> tuple[Path | None, tuple[Step, ...]]:
        """What a name, with members of it, stands for: a parameter file and steps, or a statement."""
        said = self.text.text[value.start : value.end].strip()
        if not _CHAIN.fullmatch(said):
            raise NotEdited(f"{said[:80]} is computed", self._place(value))
        name, *links = _LINK.findall(said)
        keys: list[Step] = [int(one) if one.isdigit() else one for one in links]
        found = [one for one in self.text.statements if one.name == name and one.kind in ("param", "var")]
        if len(found) != 1:
            raise NotEdited(f"{said[:80]} is computed, or has no default", self._place(value))
        own = self.statement
        outside = [
            at
            for at in words(self.text.text, name)
            if not own.start <= at <= own.value.end and not found[0].start <= at <= found[0].value.start
        ]
        if outside:
            line = self.text.text.count("\n", 0, outside[0]) + 1
            raise NotEdited(f"{name} is taken elsewhere, too", Place(Path(self.text.file), line))
        if found[0].kind == "param":
            file = self._parameters().get(name.lower())
            if file is not None:
                return file[0], (*file[1], *keys)
        return None, (found[0].kind, name, *keys)

    def _parameters(self) -> dict[str, tuple[Path, tuple[Step, ...]]]:
        """Where the parameters are given, by their names in lower case."""
        declaration = self.wish.declaration
        option = declaration.location.options.get("parameters")
        if isinstance(option, Mapping) and option:
            raise NotEdited("the parameters are given in drift.yaml")
        location = declaration.location.path
        folder = location if location.is_dir() else location.parent
        file = folder / option if isinstance(option, (str, Path)) else beside(self.path)
        if file is None or not file.is_file() or not isinstance(declaration, Templates):
            return {}
        return {name: (one.file, one.steps) for name, one in given(file).items()}

    def _place(self, value: Value) -> Place:
        return Place(Path(self.text.file), self.text.text.count("\n", 0, value.start) + 1)
