"""Turns one template at one place into declared resources, and says of each that it can't turn why."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from drift.errors import DeclaredError
from drift.lined import Map
from drift.model import MISSING, Problem, Resource, Unresolved, Unverifiable
from providers.aws.cloudformation import loops, plain, serverless, transformed
from providers.aws.cloudformation.evaluated import NESTED, SOURCE, Evaluated, Item, declares_nothing
from providers.aws.cloudformation.functions import Unknown
from providers.aws.cloudformation.neighbours import changed_by
from providers.aws.cloudformation.place import Place, Stack
from providers.aws.cloudformation.template import SUFFIXES, Template, read

_DEEPEST_NESTING = 10


class Translation(Evaluated):
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
        """Everything that the template declares here."""
        for name, said in self.template.resources.items():
            yield from self._member(name, said)
            yield from self._changes(name, said)
        if self.template.macros or any(
            not transformed.known_plain(name) for name in self.template.transforms
        ):
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
                f"{type_} is expanded by a transform when the stack is deployed",
                transformed.passed_on(self, name, said),
            )
        elif self.template.macros:
            macros = ", ".join(self.template.macros)
            yield from transformed.resource(
                self, name, type_, f"{macros} may rewrite the template when the stack is deployed"
            )
        elif type_ == NESTED:
            yield from self._nested(name, said)
        else:
            yield from plain.resources(self, name, type_, said)

    def _nested(self, name: str, said: Mapping[str, Any]) -> Iterator[Item]:
        own = self.evaluator.value(said.get("Properties") or Map())
        own = own if isinstance(own, dict) else {}
        deployed = self.deployed(name)
        stack = self.references.stack(deployed.physical_id if deployed else None)
        if NESTED in self.around.catalogue.types:
            yield from plain.resources(self, name, NESTED, said)
        try:
            template = self._nested_template(said, own.get("TemplateURL"))
        except (Unknown, DeclaredError) as reason:
            yield self.unverifiable(name, NESTED, str(reason))
            if stack:
                yield from self._listed(name, stack, str(reason))
            return
        if stack is None and self.place.stack is not None:
            yield self.unverifiable(
                name, NESTED, "the nested stack was not read, so its resources' ids are not known"
            )
            return
        yield from self._within(name, template, own.get("Parameters"), stack).resources()

    def inner(self, name: str) -> Translation | None:
        """The template of a nested stack at its place; None where it is no local file."""
        said = self.template.resources.get(name)
        if not isinstance(said, Mapping) or said.get("Type") != NESTED:
            return None
        own = self.evaluator.value(said.get("Properties") or Map())
        deployed = self.deployed(name)
        try:
            template = self._nested_template(said, own.get("TemplateURL"))
        except (Unknown, DeclaredError, AttributeError):
            return None
        stack = self.references.stack(deployed.physical_id if deployed else None)
        return self._within(name, template, own.get("Parameters"), stack)

    def _within(self, name: str, template: Template, passed: Any, stack: Stack | None) -> Translation:
        passed = passed if isinstance(passed, dict) else {}
        if stack:
            passed = {key: value for key, value in passed.items() if not isinstance(value, Unresolved)}
        place = Place(self.place.account, self.place.region, stack, None)
        return Translation(template, place, passed, self.around, (*self.parents, name))

    def _nested_template(self, said: Mapping[str, Any], url: Any) -> Template:
        """The local template of a nested stack. Raises Unknown or DeclaredError when there is none."""
        url = local_template(said, url)
        if url is None:
            raise Unknown("its template is not a local file, so what it declares is not known")
        path = self.template.path.parent / url
        if len(self.parents) >= _DEEPEST_NESTING:
            raise Unknown("its templates are nested too deeply, or in a circle")
        if not path.is_file():
            raise Unknown(f"its template {url} does not exist beside {self.template.file}")
        return read(path, posixpath.normpath(posixpath.join(posixpath.dirname(self.template.file), url)))

    def _listed(self, name: str, stack: Stack, reason: str) -> Iterator[Item]:
        """The members of a nested stack whose template is not known."""
        place = Place(self.place.account, self.place.region, stack)
        empty = Template(path=self.template.path, file=self.template.file)
        inner = Translation(empty, place, {}, self.around, (*self.parents, name))
        for member, deployed in stack.resources.items():
            if not declares_nothing(deployed.type):
                yield from transformed.resource(
                    inner, member, deployed.type, f"in the nested stack {name}: {reason}"
                )


def local_template(said: Mapping[str, Any], url: Any) -> str | None:
    """The relative path of a nested stack's template: its TemplateURL, or the asset that CDK says it
    uploads."""
    metadata = said.get("Metadata")
    if isinstance(metadata, Mapping) and metadata.get("aws:asset:property") == "TemplateURL":
        url = metadata.get("aws:asset:path")
    if url is MISSING or not isinstance(url, str) or "://" in url or url.startswith("/"):
        return None
    return url if url.lower().endswith(SUFFIXES) else None
