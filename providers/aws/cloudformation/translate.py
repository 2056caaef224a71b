"""Turns one template at one place into declared resources, and says of each that it can't turn why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from drift.finding import Unverifiable
from drift.model import Problem, Resource, Unresolved
from providers.aws.cloudformation import (
    expanded,
    loops,
    nested,
    pending,
    plain,
    rain,
    serverless,
    stack_sets,
    transformed,
)
from providers.aws.cloudformation.evaluated import (
    NESTED,
    SOURCE,
    STACK_SET,
    Item,
    Translated,
    declares_nothing,
)
from providers.aws.cloudformation.neighbours import changed_by
from providers.aws.cloudformation.template import Template


class Translation(Translated):
    """An evaluated template as what it declares."""

    def expected(self) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """The (logical id, type) pairs that the stack must have, and those that it may have."""
        must: set[tuple[str, str]] = set()
        may: set[tuple[str, str]] = set()
        for name, said in self.template.resources.items():
            if isinstance(said, Mapping) and isinstance(said.get("Type"), str):
                holds = self.holds(said)
                if holds is not False:
                    (must if holds is True else may).add((name, said["Type"]))
        return must, may

    def resources(self) -> Iterator[Item]:
        """Everything that the template declares here, and what of it the stack was not deployed with yet."""
        self.now.besides = self.was is None  # else what it holds besides may be of that one
        yield from pending.told(self.now, self.was)

    @cached_property
    def now(self) -> Translation:
        """The template as it is deployed, as far as that is known: with what macros make of it."""
        made = expanded.of(self)
        return self if made is None else self._of(made)

    @cached_property
    def was(self) -> Translation | None:
        """What the stack was deployed with; None where that is the same, or not known."""
        made = expanded.deployed(self)
        return None if made is None else self._of(made, recorded=True).now

    def _of(self, template: Template, *, recorded: bool = False) -> Translation:
        """Another template at this place; of ``recorded`` parameters none is said."""
        said, place = ({}, replace(self.place, tags=None)) if recorded else (self.said, self.place)
        made = Translation(template, place, said, self.around, self.parents)
        made.shallow, made.awaits = recorded or self.shallow, self.awaits
        return made

    def own(self) -> Iterator[Item]:
        """Everything that the template declares here, whatever was deployed."""
        for name, said in self.template.resources.items():
            yield from self._member(name, said)
            yield from self._changes(name, said)
        rewritten = any(not transformed.known_plain(name) for name in self.template.transforms)
        if self.besides and (self.template.macros or rewritten):
            yield from transformed.made_besides(self)

    def _changes(self, name: str, said: Any) -> Iterator[Item]:
        """What a resource of a type without a map may have changed of others in the template."""
        type_ = said.get("Type") if isinstance(said, Mapping) else None
        if not isinstance(type_, str) or self.around.catalogue.knows(type_) or self.holds(said) is not True:
            return
        types = {one: str(self.references.type_of(one)) for one in self.template.resources}
        for parent, paths in changed_by(self.around.catalogue, types, type_, said.get("Properties")):
            id_ = self.references.identify(parent, types[parent], {})
            if id_ is None:
                continue  # it can't be compared itself
            by = f"{name}, whose type {type_} is not supported"
            place = ("aws", self.place.account or "")
            if not paths:
                why = f"may be changed by {by}"
                yield Unverifiable(*place, types[parent], id_, "", why, self.origin(name))
                continue
            reason = Unresolved(f"may be set by {by}")
            yield Resource(
                *place,
                types[parent],
                id_,
                dict.fromkeys(paths, reason),
                self.region_of(types[parent]),
                origin=self.origin(name),
                partial=True,
            )

    def _member(self, name: str, said: Any) -> Iterator[Item]:
        if name.startswith(loops.PREFIX):
            reason = said.reason if isinstance(said, Unresolved) else "is no loop that can be expanded"
            yield self.unverifiable(name, "AWS::CloudFormation::Loop", reason)
            return
        if name == "Fn::Transform":
            yield self.unverifiable(name, "AWS::CloudFormation::Macro", "a macro makes resources of it")
            return
        unmade = rain.unmade(said)
        if unmade is not None:
            yield from transformed.made_of(self, name, unmade)
            return
        if not isinstance(said, Mapping) or not isinstance(said.get("Type"), str):
            where = f"{self.template.file}:{self.template.resources.lines.get(name, 1)}"
            yield Problem(SOURCE, f"{where}: the resource {name} needs a Type")
            return
        type_ = said["Type"]
        if declares_nothing(type_):
            return
        holds = self.holds(said)
        if holds is False:
            return
        if isinstance(holds, Unresolved) and self.deployed(name) is None:
            yield self.unverifiable(name, type_, f"whether it is declared can't be told: {holds.reason}")
        elif type_.startswith(serverless.PREFIX) or type_.endswith("::MODULE"):
            yield from transformed.resource(
                self,
                name,
                type_,
                f"{type_} is expanded by a transform when the stack is deployed{expanded.unknown(self)}",
                transformed.passed_on(self, name, said),
            )
        elif self.template.macros:
            macros = ", ".join(self.template.macros)
            yield from transformed.resource(
                self,
                name,
                type_,
                f"{macros} may rewrite the template when the stack is deployed{expanded.unknown(self)}",
            )
        elif type_ == STACK_SET:
            yield from plain.resources(self, name, type_, said)
            yield from stack_sets.resources(self, name, said)
        elif type_ == NESTED:
            yield from nested.resources(self, name, said)
        else:
            yield from plain.resources(self, name, type_, said)

    def inner(self, name: str) -> Translation | None:
        """The template of a nested stack at its place; None where it is not known."""
        found = nested.inner(self, name)
        return found if isinstance(found, Translation) else None
