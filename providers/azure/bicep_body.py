"""Finds where Bicep writes what a resource's properties come to: in its statement, in a parameter or variable
that only it takes, in what a module is called with, and in parameter files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drift import reading
from drift.editing.document import Document, Step
from drift.editing.rewrite import Operation, made, operations
from drift.editing.target import Target
from drift.editing.versions import replacements
from drift.editor import NotEdited, Place, Replacement, Wish, places
from drift.errors import DeclaredError
from drift.listing import files_below, leads_out
from drift.model import MISSING
from providers.azure.arm.document import opened
from providers.azure.arm.editor import given
from providers.azure.arm.source import Templates, beside
from providers.azure.bicep import SUFFIX, modules
from providers.azure.bicep_document import BicepText, member_of
from providers.azure.bicep_scan import Statement, Value, words

_CHAIN = re.compile(r"\w+(?:\.\w+|\[\d+\])*")
_LINK = re.compile(r"\w+")
#: Modules that are nested deeper, and statements more than that of one type in one, are not looked at.
_DEEPEST, _MOST = 5, 6


@dataclass(frozen=True)
class Call:
    """The statement by which a file has another one deployed."""

    text: BicepText
    path: Path
    statement: Statement
    above: Call | None = None


@dataclass(frozen=True)
class Body:
    """The statement of a resource in its file; ``call`` is what has a module deployed that it stands in."""

    wish: Wish
    path: Path
    text: BicepText
    statement: Statement
    call: Call | None = None

    @classmethod
    def of(cls, wish: Wish) -> list[Body]:
        """The statements that may declare the resource, of several in a module those first that name it.
        Raises NotEdited where none surely does."""
        declared = wish.finding.declared
        origin = declared.origin if declared else None
        if origin is None or origin.file is None or origin.line is None:
            raise NotEdited("what declares it is not known", *places(wish))
        path = wish.file(origin.file)
        text = BicepText(reading.content(path, origin.file), origin.file)
        found = [one for one in text.statements if one.line == origin.line]
        where = Place(Path(origin.file), origin.line)
        if len(found) != 1 or found[0].kind not in ("resource", "module"):
            raise NotEdited("the statement that declares it is not found", where)
        if found[0].value.kind != "object":
            raise NotEdited("a loop makes it", where)
        if found[0].kind == "resource":
            return [cls(wish, path, text, found[0])]
        several = list(cls._in_modules(wish, Call(text, path, found[0]), 1))
        if not several:
            raise NotEdited("it is declared in a module that is not followed", where)
        name = str(wish.resource.name or "").rpartition("/")[2].lower()
        several.sort(key=lambda one: one.name().lower() != name)
        return several[:_MOST]

    @classmethod
    def _in_modules(cls, wish: Wish, call: Call, depth: int) -> Iterator[Body]:
        """The statements of the resource's type in a module, and in those that it calls."""
        path = _called(wish, call)
        if path is None or depth > _DEEPEST:
            return
        text = BicepText(reading.content(path, path.name), _shown(wish, path))
        for one in text.statements:
            if one.value.kind != "object":
                continue
            if one.kind == "resource" and one.target.partition("@")[0].lower() == wish.resource.type.lower():
                yield cls(wish, path, text, one, call)
            elif one.kind == "module":
                yield from cls._in_modules(wish, Call(text, path, one, call), depth + 1)

    def name(self) -> str:
        """The name that the statement writes out; empty where it is computed."""
        member = member_of(self.statement.value, "name")
        return str(member.value.said) if member and member.value.kind == "literal" else ""

    def edited(self, target: Target) -> tuple[Replacement, ...]:
        """What makes a target. Raises NotEdited."""
        if target.old is MISSING:
            wanted = [Operation("add", target.steps[:-1], target.new, name=str(target.steps[-1]))]
        else:
            wanted = list(operations(target.steps, target.old, target.new, self._whole))
        return edited([self._placed(one) for one in wanted])

    def _whole(self, steps: tuple[Step, ...]) -> bool:
        try:
            file, way = self._follow(steps)
        except NotEdited:
            return True
        value = _bicep(file).find(way) if file.suffix == SUFFIX else None
        return value is not None and value.kind not in ("object", "array")

    def _placed(self, wanted: Operation) -> tuple[Path, Operation]:
        if wanted.kind == "remove":
            file, above = self._follow(wanted.steps[:-1])
            return file, replace(wanted, steps=(*above, wanted.steps[-1]))
        file, way = self._follow(wanted.steps)
        return file, replace(wanted, steps=way)

    def _follow(self, steps: tuple[Step, ...]) -> tuple[Path, tuple[Step, ...]]:
        """The file and the steps of a value in it, through parameters, variables and calls of modules."""
        here = _Here(self.text, self.path, self.statement, self.call)
        way: tuple[Step, ...] = ("resource", self.statement.name)
        rest = list(steps)
        for _ in range(20):
            value = here.text.find(way)
            while rest and value is not None and value.kind in ("object", "array"):
                member = member_of(value, rest[0])
                if member is None:
                    raise NotEdited(f"{'/'.join(map(str, steps))} is not written out", here.place(value))
                way, value = (*way, member.key if member.key is not None else rest[0]), member.value
                rest.pop(0)
            if value is None or value.kind != "expression":
                self._only_call(here, value)
                return here.path, (*way, *rest)
            found = self._named(here, value)
            if isinstance(found[0], Path):
                return found[0], (*found[1], *rest)
            here, way = found
        raise NotEdited("its value is passed on too often", here.place(self.statement.value))

    def _named(
        self, here: _Here, value: Value
    ) -> tuple[Path, tuple[Step, ...]] | tuple[_Here, tuple[Step, ...]]:
        """What a name, with members of it, stands for: a parameter file and steps, or a statement."""
        said = here.text.text[value.start : value.end].strip()
        if not _CHAIN.fullmatch(said):
            raise NotEdited(f"{said[:80]} is computed", here.place(value))
        name, *links = _LINK.findall(said)
        keys: list[Step] = [int(one) if one.isdigit() else one for one in links]
        found = [one for one in here.text.statements if one.name == name and one.kind in ("param", "var")]
        given_here = here.passed(name)
        if len(found) != 1 and given_here is None:
            raise NotEdited(f"{said[:80]} is computed, or has no default", here.place(value))
        own = here.statement
        start, end = (found[0].start, found[0].value.start) if found else here.declares(name)
        outside = [
            at
            for at in words(here.text.text, name)
            if not own.start <= at <= own.value.end and not start <= at <= end
        ]
        if outside:
            line = here.text.text.count("\n", 0, outside[0]) + 1
            raise NotEdited(f"{name} is taken elsewhere, too", Place(Path(here.text.file), line))
        if given_here is not None:
            call = here.call
            assert call is not None
            there = _Here(call.text, call.path, call.statement, call.above)
            return there, ("module", call.statement.name, "params", given_here, *keys)
        if found[0].kind == "param" and here.call is None:
            file = self._parameters().get(name.lower())
            if file is not None:
                return file[0], (*file[1], *keys)
        return here, (found[0].kind, name, *keys)

    def _only_call(self, here: _Here, value: Value | None) -> None:
        """Raises NotEdited where others deploy the module, too, in which a value stands."""
        root = self.wish.location.root
        if here.call is None or root is None:
            return
        calls = [
            Place(Path(_shown(self.wish, file)), line)
            for file in files_below(root, (SUFFIX,))
            for line, path in modules(file)
            if path == here.path.resolve()
        ]
        if len(calls) > 1:
            told = ", ".join(f"{one.file}:{one.line}" for one in calls[:3])
            where = here.place(value) if value is not None else Place(Path(here.text.file))
            raise NotEdited(f"the module {here.text.file} is deployed by {told}", where)

    def _parameters(self) -> dict[str, tuple[Path, tuple[Step, ...]]]:
        """Where the parameters are given, by their names in lower case."""
        declaration = self.wish.declaration
        option = declaration.location.options.get("parameters")
        if isinstance(option, Mapping) and option:
            raise NotEdited("the parameters are given in drift.yaml")
        location = declaration.location.path
        folder = location if location.is_dir() else location.parent
        top: Call | None = self.call
        while top is not None and top.above is not None:
            top = top.above
        file = folder / option if isinstance(option, (str, Path)) else beside(top.path if top else self.path)
        if file is None or not file.is_file() or not isinstance(declaration, Templates):
            return {}
        return {name: (one.file, one.steps) for name, one in given(file).items()}


@dataclass(frozen=True)
class _Here:
    """A file while a value is followed, with the statement in it that takes the value."""

    text: BicepText
    path: Path
    statement: Statement
    call: Call | None

    def place(self, value: Value) -> Place:
        return Place(Path(self.text.file), self.text.text.count("\n", 0, value.start) + 1)

    def passed(self, name: str) -> str | None:
        """The name under which the module is called with a parameter; None where it is not."""
        if self.call is None or not any(True for _ in self._parameter(name)):
            return None
        given_ = member_of(self.call.statement.value, "params")
        member = None if given_ is None else member_of(given_.value, name)
        return None if member is None else member.key

    def declares(self, name: str) -> tuple[int, int]:
        """Where a parameter without a default is declared."""
        return next(self._parameter(name))

    def _parameter(self, name: str) -> Iterator[tuple[int, int]]:
        for found in re.finditer(rf"^[ \t]*param[ \t]+{re.escape(name)}\b[^\n]*", self.text.text, re.M):
            yield found.span()


def edited(placed: Sequence[tuple[Path, Operation]]) -> tuple[Replacement, ...]:
    """What operations make of their files. Raises NotEdited."""
    by_file: dict[Path, list[Operation]] = {}
    for file, operation in placed:
        by_file.setdefault(file, []).append(operation)
    found: list[Replacement] = []
    for file, several in by_file.items():
        document: Document = _bicep(file) if file.suffix == SUFFIX else opened(file)
        found += replacements(file, document.content, made(document, several).content)
    return tuple(found)


def _bicep(file: Path) -> BicepText:
    return BicepText(reading.content(file, file.name), file.name)


def _called(wish: Wish, call: Call) -> Path | None:
    """The file of the repository that a statement has deployed; None where it is none."""
    path = (call.path.parent / call.statement.target).resolve()
    root = wish.location.root
    inside = root is None or path.is_relative_to(root.resolve())
    return path if inside and path.suffix == SUFFIX and path.is_file() and not leads_out(path) else None


def _shown(wish: Wish, path: Path) -> str:
    root = wish.location.root
    try:
        return path.resolve().relative_to(root.resolve()).as_posix() if root is not None else path.name
    except ValueError as error:
        raise DeclaredError(f"{path.name} lies outside of the repository") from error
