"""Changes ARM templates and their parameter files: a property where its literal stands, a resource that is
gone, one that nobody declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from drift.editing.document import Step
from drift.editing.proposing import proposed
from drift.editing.rewrite import Operation, made, operations
from drift.editing.target import Target, targets
from drift.editing.versions import replacements
from drift.editor import BaseEditor, Edit, NotEdited, Replacement, Restoring, Wish, places
from drift.model import MISSING
from drift.pointer import get
from drift.source import Declaration, LiveView
from providers.azure.arm import adding, removing, restoring
from providers.azure.arm.document import opened, parsed
from providers.azure.arm.inline import POOLS, into
from providers.azure.arm.sites import Cursor, Home, Site, named, sites
from providers.azure.arm.source import SOURCE, Templates, beside, translations
from providers.azure.arm.spots import Body, NotHere, Placed


class ArmEditor(BaseEditor):
    """The editor of ARM templates."""

    name = SOURCE

    def change(self, wish: Wish) -> Iterable[Edit]:
        owners = Owners.of(wish)

        def way(target: Target) -> tuple[Replacement, ...]:
            return edited(owners.placed(target))

        yield from proposed(
            wish,
            ((partial(way, target), False) for target in targets(wish)),
            lambda: NotEdited("the template does not say it by itself", *places(wish)),
        )

    def remove(self, wish: Wish) -> Iterable[Edit]:
        owners = Owners.of(wish)
        placed = removing.placed(owners.own.site, owners.all_sites)
        yield Edit(edited(placed), f"takes {wish.resource.name} out of the template")

    def adopts(self, wish: Wish) -> int:
        return adding.fitness(wish)

    def add(self, wish: Wish) -> Iterable[Edit]:
        yield from adding.edits(wish)

    def restoring(self, wish: Wish) -> Restoring | None:
        return restoring.commands(wish)


@dataclass(frozen=True)
class Owners:
    """``own`` is the body of the resource, ``parts`` are those of children that stand in it: where they do,
    and by what name."""

    wish: Wish
    own: Body
    parts: tuple[tuple[Body, tuple[Step, ...], str], ...]
    all_sites: tuple[Site, ...]

    @classmethod
    def of(cls, wish: Wish) -> Owners:
        """Raises NotEdited where the resource is not found in its template."""
        declared = wish.finding.declared
        if declared is None or declared.origin is None or wish.view is None or declared.id is None:
            raise NotEdited("what declares it is not known", *places(wish))
        for declaration in (wish.declaration, *wish.around):  # a linked template lies under no entry's name
            found = cls._within(wish, declaration, declared.id)
            if found is not None:
                return found
        raise NotEdited(f"{declared.origin} is not found any more", *places(wish))

    @classmethod
    def _within(cls, wish: Wish, declaration: Declaration, known: str) -> Owners | None:
        every = tuple(one for home in homes(declaration, wish.view) for one in sites(home))
        own: Body | None = None
        parts: list[tuple[Body, tuple[Step, ...], str]] = []
        for site in every:
            id_, type_, names, _ = site.identity
            if id_ is None or site.words.get("existing") is True:
                continue
            where = into(type_, names, site.home.translation.around.inline) if names else None
            if where is not None and _same(id_.rsplit("/", 2)[0], known):
                parts.append((Body(site, every), tuple(where[1].split("/")), names[-1]))
            elif where is None and _same(id_, known):
                own = Body(site, every)
        if own is None and parts:
            own = parts[0][0]
        return None if own is None else cls(wish, own, tuple(parts), every)

    def placed(self, target: Target) -> list[Placed]:
        """The edits that make a target. Raises NotEdited."""
        if target.old is MISSING:
            wanted = [Operation("add", target.steps[:-1], target.new, name=str(target.steps[-1]))]
        else:
            wanted = list(operations(target.steps, target.old, target.new, self._whole))
        return [self._operation(one) for one in wanted]

    def _whole(self, steps: tuple[Step, ...]) -> bool:
        for body, own in self._bodies(steps):
            try:
                body.cursor(own)
            except NotHere:
                continue
            except NotEdited:
                return True
            return body.whole(own)
        return False

    def _operation(self, wanted: Operation) -> Placed:
        why: NotEdited | None = None
        for body, steps in self._bodies(wanted.steps):
            try:
                if not steps and wanted.kind == "remove":
                    placed = removing.placed(body.site, self.all_sites)
                    if len(placed) == 1:
                        return placed[0]
                return body.operation(replace(wanted, steps=steps))
            except NotHere as error:
                why = why or error
        raise why or NotHere("the template does not say it", *places(self.wish))

    def _bodies(self, steps: tuple[Step, ...]) -> Iterator[tuple[Body, tuple[Step, ...]]]:
        """The bodies that may say a place, with the steps in each."""
        if not any(self.own is body for body, _, _ in self.parts):
            yield self.own, steps
        declared = self.wish.finding.declared
        assert declared is not None
        for body, at, name in self.parts:
            rest = steps[len(at) :]
            low = [str(one).lower() for one in steps[: len(at)]]
            if low != [str(one).lower() for one in at] or not rest:
                continue
            member = get(declared.attributes, steps[: len(at) + 1])
            if isinstance(member, Mapping) and str(member.get("name")).lower() == name.lower():
                pools = body.site.identity.type.lower() == POOLS
                yield body, (("properties", *rest[1:]) if pools and rest[1:] else rest[1:])


def homes(declaration: Declaration, view: LiveView | None) -> Iterator[Home]:
    """The templates of a declared location as they are written."""
    if view is None or not isinstance(declaration, Templates) or declaration.source != SOURCE:
        return
    location = declaration.location
    option = location.options.get("parameters")
    folder = location.path if location.path.is_dir() else location.path.parent
    for translation in translations(declaration, view):
        template = translation.template
        file = folder / option if isinstance(option, (str, Path)) else beside(template.path)
        known = given(file) if file is not None and file.is_file() else {}
        if isinstance(option, Mapping):
            known = {name: one for name, one in known.items() if name not in map(str.lower, option)}
        yield Home(template.path, template.file, parsed(template.path, template.file), (), translation, known)


def given(file: Path) -> dict[str, Cursor]:
    """Where a parameter file says the value of each parameter."""
    said: Any = parsed(file, file.name)
    steps: tuple[Step, ...] = ()
    if "$schema" in said or ("contentVersion" in said and isinstance(said.get("parameters"), Mapping)):
        steps, said = ("parameters",), said.get("parameters") or {}
    found: dict[str, Cursor] = {}
    for name, words in said.items():
        value = named(words, "value")
        if isinstance(words, Mapping) and value is not None and (steps or set(words) == {"value"}):
            found[name.lower()] = Cursor(file, (*steps, name, value), words[value], None)
        elif not steps:
            found[name.lower()] = Cursor(file, (name,), words, None)
    return found


def edited(placed: Iterable[Placed]) -> tuple[Replacement, ...]:
    """What operations make of their files. Raises NotEdited."""
    by_file: dict[Path, list[Operation]] = {}
    for file, operation in placed:
        by_file.setdefault(file, []).append(operation)
    found: list[Replacement] = []
    for file, several in by_file.items():
        document = opened(file)
        found += replacements(file, document.content, made(document, several).content)
    return tuple(found)


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()
