"""Turns one template at one place into declared resources, and says of each that it can't turn why."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jmespath.exceptions

from drift.errors import DeclaredError
from drift.lined import Map, Trace
from drift.model import MISSING, Origin, Problem, Resource, Unresolved, Unverifiable
from drift.source import LiveView, Location
from providers.aws.attaching import Alias, Attach
from providers.aws.cloudformation import loops, made, parameters, serverless
from providers.aws.cloudformation.functions import Unknown
from providers.aws.cloudformation.intrinsics import Evaluator
from providers.aws.cloudformation.neighbours import changed_by
from providers.aws.cloudformation.place import Deployed, Place, Stack
from providers.aws.cloudformation.references import ResourceReferences
from providers.aws.cloudformation.shape import shaped
from providers.aws.cloudformation.stack_tags import with_stack_tags
from providers.aws.cloudformation.template import SUFFIXES, Template, read
from providers.aws.facts import Catalogue

SOURCE = "cloudformation"
NESTED = "AWS::CloudFormation::Stack"
#: Types that stand for nothing in the cloud that could drift.
_NOTHING = frozenset(
    {
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
    }
)
_DEEPEST_NESTING = 10

Item = Resource | Unverifiable | Problem


def declares_nothing(type_: str) -> bool:
    """Whether a type stands for nothing in the cloud that could drift."""
    return type_ in _NOTHING or type_.startswith("Custom::")


@dataclass(frozen=True)
class Surroundings:
    """What all templates of one declaration share."""

    location: Location
    live: LiveView
    catalogue: Catalogue
    stacks: Sequence[Stack]


class Translation:
    """One template, evaluated at one place. ``said`` are parameter values that win over recorded and default
    ones; ``written`` is the template with its loops as they are written."""

    def __init__(
        self,
        template: Template,
        place: Place,
        said: Mapping[str, Any],
        around: Surroundings,
        parents: tuple[str, ...] = (),
    ) -> None:
        self.place, self.around, self.parents = place, around, parents
        self.written, self.said = template, said
        self.references = ResourceReferences(template, place, around.live, around.catalogue, around.stacks)
        values = parameters.values(template, said, place, self.references.ssm)
        self.evaluator = Evaluator(template, place, values, self.references)
        self.references.evaluate = self.evaluator.value
        self.references.condition = self.evaluator.condition
        self.template = loops.expanded(template, self.evaluator.value)
        self.evaluator.template = self.references.template = self.template

    def expected(self) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """The (logical id, type) pairs that the stack must have, and those that it may have."""
        must: set[tuple[str, str]] = set()
        may: set[tuple[str, str]] = set()
        for name, said in self.template.resources.items():
            if isinstance(said, Mapping) and isinstance(said.get("Type"), str):
                holds = self._condition(said)
                if holds is not False:
                    (must if holds is True else may).add((name, said["Type"]))
        return must, may

    def resources(self) -> Iterator[Item]:
        """Everything that the template declares here."""
        for name, said in self.template.resources.items():
            yield from self._member(name, said)
            yield from self._changes(name, said)
        if self.template.macros or any(not known_plain(name) for name in self.template.transforms):
            yield from self._made_by_transforms()

    def _changes(self, name: str, said: Any) -> Iterator[Item]:
        """What a resource of a type without a map may have changed of others in the template."""
        type_ = said.get("Type") if isinstance(said, Mapping) else None
        if (
            not isinstance(type_, str)
            or self.around.catalogue.knows(type_)
            or self._condition(said) is not True
        ):
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
                yield Unverifiable(*place, types[parent], id_, "", why, self._origin(name))
                continue
            reason = Unresolved(f"may be set by {by}")
            yield Resource(
                *place,
                types[parent],
                id_,
                dict.fromkeys(paths, reason),
                self._region(types[parent]),
                origin=self._origin(name),
                partial=True,
            )

    def _member(self, name: str, said: Any) -> Iterator[Item]:
        if name.startswith(loops.PREFIX):
            reason = said.reason if isinstance(said, Unresolved) else "is no loop that can be expanded"
            yield self._unverifiable(name, "AWS::CloudFormation::Loop", reason)
            return
        if not isinstance(said, Mapping) or not isinstance(said.get("Type"), str):
            where = f"{self.template.file}:{self.template.resources.lines.get(name, 1)}"
            yield Problem(SOURCE, f"{where}: the resource {name} needs a Type")
            return
        type_ = said["Type"]
        if declares_nothing(type_):
            return
        holds = self._condition(said)
        if holds is False:
            return
        if isinstance(holds, Unresolved) and self._deployed(name) is None:
            yield self._unverifiable(name, type_, f"whether it is declared can't be told: {holds.reason}")
        elif type_.startswith(serverless.PREFIX) or type_.endswith("::MODULE"):
            yield from self._made(
                name,
                type_,
                f"{type_} is expanded by a transform when the stack is deployed",
                self._passed_on(name, said),
            )
        elif self.template.macros:
            macros = ", ".join(self.template.macros)
            yield from self._made(
                name, type_, f"{macros} may rewrite the template when the stack is deployed"
            )
        elif type_ == NESTED:
            yield from self._nested(name, said)
        else:
            yield from self._plain(name, type_, said)

    def _condition(self, said: Mapping[str, Any]) -> bool | Unresolved:
        name = said.get("Condition")
        if name is None:
            return True
        return (
            self.evaluator.condition(name)
            if isinstance(name, str)
            else Unresolved("Condition must be a name")
        )

    def _deployed(self, name: str) -> Deployed | None:
        return self.place.stack.resources.get(name) if self.place.stack else None

    # --- one resource
    # -----------------------------------------------------------------------------------------------

    def _plain(self, name: str, type_: str, said: Mapping[str, Any]) -> Iterator[Item]:
        lines: dict[str, int] = {}
        try:
            attributes = self.evaluator.value(said.get("Properties") or Map(), Trace(lines))
        except RecursionError:
            attributes = Unresolved("its properties are nested too deeply")
        if not isinstance(attributes, dict):
            reason = (
                attributes.reason if isinstance(attributes, Unresolved) else "its Properties are no mapping"
            )
            yield self._unverifiable(name, type_, reason)
            return
        attributes = shaped(attributes, self.around.catalogue.schema(type_))
        origin = self._origin(name, lines)
        attributes = made.settled(type_, attributes, self.references)
        alias = self.around.catalogue.aliases.get(type_)
        if alias is not None:
            yield from self._elsewhere(name, alias, attributes, origin)
            type_, attributes = alias.type, alias.apply(attributes, self._told())
        if type_ in self.around.catalogue.attachments:
            attaches = self.around.catalogue.attachments[type_]
            parts = list(self._attached(name, type_, attributes, origin, attaches))
            why = next((attach.otherwise for attach in attaches if attach.otherwise), None)
            why = why or "it does not name what it is attached to"
            yield from parts or [self._unverifiable(name, type_, why)]
            return
        attributes = yield from self._makes(name, type_, attributes, origin)
        entry = self.around.catalogue.entry(type_)
        if entry is None and type_ in self.around.catalogue.makes:
            return
        called = attributes.get(entry.name) if entry and entry.name else None
        called = called if isinstance(called, str) and called else None
        if called and entry and entry.identity.lower:
            called = called.lower()  # as AWS writes it
        deployed = self._deployed(name)
        if (
            entry
            and self.place.stack
            and called is None
            and (deployed is None or deployed.physical_id is None)
        ):
            yield self._unverifiable(
                name,
                type_,
                f"the stack {self.place.stack.name} does not hold it: the template is not deployed as it "
                "stands",
            )
            return
        id_ = self.references.identify(name, type_, attributes)
        if type_ == "AWS::EC2::SecurityGroup" and id_ and not id_.startswith("sg-"):
            id_ = None  # Without VpcId the physical id is the group's name.
        if entry and entry.natural_key is not None:
            called = entry.called(attributes)
            if id_ is None or self.references.find(type_, id_) is None:
                id_ = made.known_as(type_, attributes, self.references)[0] or id_
        elif (
            called is None
            and entry
            and deployed
            and (id_ is None or entry.primary_identifier == (entry.name,))
        ):
            called = deployed.physical_id
        if entry and self.place.stack and self.place.stack.tags:
            there = self.references.find(type_, id_ or (deployed.physical_id if deployed else None))
            attributes = with_stack_tags(attributes, self.place.stack.tags, entry.facts, there)
        yield Resource(
            provider="aws",
            scope=self.place.account or "",
            region=self._region(type_),
            type=type_,
            id=id_,
            name=called,
            attributes=attributes,
            origin=origin,
        )
        if entry and deployed and type_ in self.around.catalogue.adds:
            known = dict.fromkeys(entry.primary_identifier, deployed.physical_id)
            yield from self._attached(
                name, type_, {**known, **attributes}, origin, self.around.catalogue.adds[type_]
            )

    def _elsewhere(
        self, name: str, alias: Alias, attributes: dict[str, Any], origin: Origin
    ) -> Iterator[Item]:
        """The copies that a resource has in other regions."""
        for region in alias.elsewhere(attributes, self._told()):
            with contextlib.suppress(Unknown):
                yield Resource(
                    provider="aws",
                    scope=self.place.account or "",
                    region=region,
                    type=alias.type,
                    id=self.references.ref(name),
                    attributes=alias.apply(attributes, {**self._told(), "region": region}),
                    origin=origin,
                )

    def _makes(
        self, name: str, type_: str, attributes: dict[str, Any], origin: Origin
    ) -> Generator[Item, None, dict[str, Any]]:
        """What a resource makes besides itself; gives its properties without these."""
        makes = self.around.catalogue.makes.get(type_, ())
        entry = self.around.catalogue.entry(type_)
        own = dict(attributes)
        if makes and entry is not None:
            with contextlib.suppress(Unknown):
                own.update(dict.fromkeys(entry.primary_identifier, self.references.ref(name)))
        for make in makes:
            if isinstance(attributes.get(make.members), Unresolved):
                yield self._unverifiable(
                    name, make.type, f"its {make.members} is not known: {attributes[make.members].reason}"
                )
                continue
            for index, one in enumerate(made.members(make, own)):
                one = made.with_zone(make.type, one, self.references)
                known, called = made.known_as(make.type, one, self.references)
                place = f"/{make.members}/{index}"
                lines = {
                    path.removeprefix(place): line
                    for path, line in origin.lines.items()
                    if path.startswith(f"{place}/")
                }
                yield Resource(
                    provider="aws",
                    scope=self.place.account or "",
                    region=self._region(make.type),
                    type=make.type,
                    id=known,
                    name=called,
                    attributes=one,
                    origin=replace(self._origin(name, lines), line=origin.lines.get(place, origin.line)),
                )
        listed = {make.members for make in makes}
        return {key: value for key, value in attributes.items() if key not in listed}

    def _attached(
        self,
        name: str,
        type_: str,
        attributes: dict[str, Any],
        origin: Origin,
        attaches: Iterable[Attach],
    ) -> Iterator[Item]:
        """Merges what a resource adds to other ones into those."""
        for attach in attaches:
            try:
                parts = attach.apply(attributes, self._told())
            except (jmespath.exceptions.JMESPathError, TypeError, AttributeError, ValueError):
                yield self._unverifiable(
                    name, type_, f"what it adds to {attach.into} is made of values that are not known"
                )
                return
            for parent, added, shared in parts:
                nowhere = self._nowhere(attach.into)
                if isinstance(parent, Unresolved):
                    yield self._unverifiable(name, type_, f"its {attach.into} is not known: {parent.reason}")
                elif not isinstance(parent, str) or nowhere:
                    yield self._unverifiable(name, type_, nowhere or f"it does not name its {attach.into}")
                elif attach.live_only and self.references.find(attach.into, parent) is None:
                    continue
                else:
                    lines = {f"/{key}": origin.lines.get(f"/{key}", origin.line or 1) for key in added}
                    yield Resource(
                        provider="aws",
                        scope=self.place.account or "",
                        region=self._region(attach.into),
                        type=attach.into,
                        id=(known := self.references.parent(attach.into, parent)),
                        name=None if known else parent,
                        attributes=added,
                        origin=self._origin(name, lines),
                        partial=True,
                        shared=shared,
                    )

    def _told(self) -> dict[str, Any]:
        """What hooks are told of the place."""
        place = self.place
        return {"account": place.account, "region": place.region, "partition": place.partition}

    def _region(self, type_: str) -> str | None:
        entry = self.around.catalogue.entry(type_)
        return None if entry and not entry.regional else self.place.region

    def _nowhere(self, type_: str) -> str | None:
        """Why it can't be told where a resource of this type stands."""
        if self.place.account is None:
            return f"its account is not known: {self.place.no_stack}, or say 'scope'"
        entry = self.around.catalogue.entry(type_)
        if self.place.region is None and (entry is None or entry.regional):
            return f"its region is not known: {self.place.no_stack}, or say 'region'"
        return None

    def _origin(self, name: str, lines: Mapping[str, int] | None = None) -> Origin:
        location = self.around.location
        return Origin(
            source=SOURCE,
            file=self.template.file,
            line=self.template.resources.lines.get(name),
            address="/".join((*self.parents, name)),
            commit=location.commit,
            url=location.url,
            lines=lines or {},
        )

    def _unverifiable(self, name: str, type_: str, reason: str) -> Unverifiable:
        deployed = self._deployed(name)
        return Unverifiable(
            provider="aws",
            scope=self.place.account or "",
            type=type_,
            resource_id=(deployed.physical_id if deployed else None) or "/".join((*self.parents, name)),
            path="",
            reason=reason,
            origin=self._origin(name),
        )

    # --- what the template does not say
    # -----------------------------------------------------------------------------

    def _passed_on(self, name: str, said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, int]]:
        """What is known of the properties of a resource that the Serverless Application Model makes, and
        where they stand."""
        kind, deployed = serverless.kind_of(said), self._deployed(name)
        if kind is None or self.template.macros or deployed is None or deployed.type != kind.type:
            return {}, {}
        lines: dict[str, int] = {}
        try:
            made = serverless.passed_on(self.template, said, kind, self.evaluator, lines)
        except RecursionError:
            return {}, {}
        made = shaped(made, self.around.catalogue.schema(kind.type))
        entry, tags = (
            self.around.catalogue.entry(kind.type),
            self.place.stack.tags if self.place.stack else {},
        )
        if entry and tags and "Tags" in made:
            there = self.references.find(kind.type, deployed.physical_id)
            made = with_stack_tags(made, tags, entry.facts, there)
        return made, lines

    def _made(
        self,
        name: str,
        type_: str,
        reason: str,
        known: tuple[dict[str, Any], dict[str, int]] = ({}, {}),
    ) -> Iterator[Item]:
        """A resource of which only the stack knows what it is: it is declared, and of its properties those
        are known that are ``known``, with their lines."""
        deployed = self._deployed(name)
        if (
            deployed
            and deployed.physical_id
            and deployed.type in self.around.catalogue.types
            and not self._nowhere(deployed.type)
        ):
            yield Resource(
                provider="aws",
                scope=self.place.account or "",
                region=self._region(deployed.type),
                type=deployed.type,
                id=(id_ := self.references.identify(name, deployed.type, known[0])),
                name=None if id_ else deployed.physical_id,
                attributes=known[0],
                origin=self._origin(name, known[1]),
                partial=True,
            )
            if known[0]:
                reason = f"{reason}; compared is only what the template says that is passed on"
        yield self._unverifiable(name, deployed.type if deployed else type_, reason)

    def _made_by_transforms(self) -> Iterator[Item]:
        if self.place.stack is None:
            return
        transforms = ", ".join(name for name in self.template.transforms if not known_plain(name))
        for name, deployed in self.place.stack.resources.items():
            if name not in self.template.resources and not declares_nothing(deployed.type):
                yield from self._made(
                    name, deployed.type, f"made by {transforms}; the template does not say its properties"
                )

    def _nested(self, name: str, said: Mapping[str, Any]) -> Iterator[Item]:
        own = self.evaluator.value(said.get("Properties") or Map())
        own = own if isinstance(own, dict) else {}
        deployed = self._deployed(name)
        stack = self.references.stack(deployed.physical_id if deployed else None)
        if NESTED in self.around.catalogue.types:
            yield from self._plain(name, NESTED, said)
        try:
            template = self._nested_template(said, own.get("TemplateURL"))
        except (Unknown, DeclaredError) as reason:
            yield self._unverifiable(name, NESTED, str(reason))
            if stack:
                yield from self._listed(name, stack, str(reason))
            return
        if stack is None and self.place.stack is not None:
            yield self._unverifiable(
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
        deployed = self._deployed(name)
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
                yield from inner._made(member, deployed.type, f"in the nested stack {name}: {reason}")


def known_plain(transform: str) -> bool:
    """Whether a transform adds no resources of its own."""
    return transform == "AWS::LanguageExtensions"


def local_template(said: Mapping[str, Any], url: Any) -> str | None:
    """The relative path of a nested stack's template: its TemplateURL, or the asset that CDK says it
    uploads."""
    metadata = said.get("Metadata")
    if isinstance(metadata, Mapping) and metadata.get("aws:asset:property") == "TemplateURL":
        url = metadata.get("aws:asset:path")
    if url is MISSING or not isinstance(url, str) or "://" in url or url.startswith("/"):
        return None
    return url if url.lower().endswith(SUFFIXES) else None
