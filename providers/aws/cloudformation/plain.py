"""What a resource declares that its template says in full: itself, what it makes besides, what it adds to
others."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import jmespath.exceptions

from drift.lined import Map, Trace
from drift.model import Origin, Resource, Unresolved
from drift.values import children
from providers.aws.attaching import Alias, Attach
from providers.aws.cloudformation import made
from providers.aws.cloudformation.evaluated import Evaluated, Item
from providers.aws.cloudformation.functions import Unknown
from providers.aws.cloudformation.shape import shaped
from providers.aws.cloudformation.stack_tags import with_stack_tags


def resources(at: Evaluated, name: str, type_: str, said: Mapping[str, Any]) -> Iterator[Item]:
    """A resource of the template, as CloudFormation would deploy it."""
    lines: dict[str, int] = {}
    try:
        attributes = at.evaluator.value(said.get("Properties") or Map(), Trace(lines))
    except RecursionError:
        attributes = Unresolved("its properties are nested too deeply")
    if not isinstance(attributes, dict):
        reason = attributes.reason if isinstance(attributes, Unresolved) else "its Properties are no mapping"
        yield at.unverifiable(name, type_, reason)
        return
    attributes = shaped(attributes, at.around.catalogue.schema(type_))
    origin = at.origin(name, lines)
    attributes = made.settled(type_, attributes, at.references)
    alias = at.around.catalogue.aliases.get(type_)
    if alias is not None:
        yield from _elsewhere(at, name, alias, attributes, origin)
        type_, attributes = alias.type, alias.apply(attributes, at.told())
    if type_ in at.around.catalogue.attachments:
        attaches = at.around.catalogue.attachments[type_]
        parts = list(_attached(at, name, type_, attributes, origin, attaches))
        why = next((attach.otherwise for attach in attaches if attach.otherwise), None)
        why = why or "it does not name what it is attached to"
        yield from parts or [at.unverifiable(name, type_, why)]
        return
    attributes = yield from _makes(at, name, type_, attributes, origin)
    entry = at.around.catalogue.entry(type_)
    if entry is None and type_ in at.around.catalogue.makes:
        return
    called = attributes.get(entry.name) if entry and entry.name else None
    called = called if isinstance(called, str) and called else None
    if called and entry and entry.identity.lower:
        called = called.lower()  # as AWS writes it
    deployed = at.deployed(name)
    unheld = called is None and (deployed is None or deployed.physical_id is None)
    if entry and at.place.stack and unheld and name not in at.awaited:
        yield at.unverifiable(
            name,
            type_,
            f"the stack {at.place.stack.name} does not hold it: the template is not deployed as it stands",
        )
        return
    id_ = at.references.identify(name, type_, attributes)
    if type_ == "AWS::EC2::SecurityGroup" and id_ and not id_.startswith("sg-"):
        id_ = None  # Without VpcId the physical id is the group's name.
    if entry and entry.natural_key is not None:
        called = entry.called(attributes)
        if id_ is None or at.references.find(type_, id_) is None:
            id_ = made.known_as(type_, attributes, at.references)[0] or id_
    elif called is None and entry and deployed and (id_ is None or entry.primary_identifier == (entry.name,)):
        called = deployed.physical_id
    if entry and at.place.stack and at.place.stack_tags:
        there = at.references.find(type_, id_ or (deployed.physical_id if deployed else None))
        attributes = with_stack_tags(attributes, at.place.stack_tags, entry.facts, there)
    yield Resource(
        provider="aws",
        scope=at.place.account or "",
        region=at.region_of(type_),
        type=type_,
        id=id_,
        name=called,
        attributes=attributes,
        origin=origin,
    )
    if entry and deployed and type_ in at.around.catalogue.adds:
        known = dict.fromkeys(entry.primary_identifier, deployed.physical_id)
        yield from _attached(
            at, name, type_, {**known, **attributes}, origin, at.around.catalogue.adds[type_]
        )


def _elsewhere(
    at: Evaluated, name: str, alias: Alias, attributes: dict[str, Any], origin: Origin
) -> Iterator[Item]:
    """The copies that a resource has in other regions."""
    for region in alias.elsewhere(attributes, at.told()):
        with contextlib.suppress(Unknown):
            yield Resource(
                provider="aws",
                scope=at.place.account or "",
                region=region,
                type=alias.type,
                id=at.references.ref(name),
                attributes=alias.apply(attributes, {**at.told(), "region": region}),
                origin=origin,
            )


def _makes(
    at: Evaluated, name: str, type_: str, attributes: dict[str, Any], origin: Origin
) -> Generator[Item, None, dict[str, Any]]:
    """What a resource makes besides itself; gives its properties without these."""
    makes = at.around.catalogue.makes.get(type_, ())
    entry = at.around.catalogue.entry(type_)
    own = dict(attributes)
    if makes and entry is not None:
        with contextlib.suppress(Unknown):
            own.update(dict.fromkeys(entry.primary_identifier, at.references.ref(name)))
    for make in makes:
        if isinstance(attributes.get(make.members), Unresolved):
            yield at.unverifiable(
                name, make.type, f"its {make.members} is not known: {attributes[make.members].reason}"
            )
            continue
        for index, one in enumerate(made.members(make, own)):
            one = made.with_zone(make.type, one, at.references)
            known, called = made.known_as(make.type, one, at.references)
            place = f"/{make.members}/{index}"
            lines = {
                path.removeprefix(place): line
                for path, line in origin.lines.items()
                if path.startswith(f"{place}/")
            }
            yield Resource(
                provider="aws",
                scope=at.place.account or "",
                region=at.region_of(make.type),
                type=make.type,
                id=known,
                name=called,
                attributes=one,
                origin=replace(at.origin(name, lines), line=origin.lines.get(place, origin.line)),
            )
    listed = {make.members for make in makes}
    return {key: value for key, value in attributes.items() if key not in listed}


def _attached(
    at: Evaluated,
    name: str,
    type_: str,
    attributes: dict[str, Any],
    origin: Origin,
    attaches: Iterable[Attach],
) -> Iterator[Item]:
    """Merges what a resource adds to other ones into those."""
    for attach in attaches:
        try:
            parts = attach.apply(attributes, at.told())
        except (jmespath.exceptions.JMESPathError, TypeError, AttributeError, ValueError):
            why = next(_unknown(attributes), "it is in no form that is understood")
            yield at.unverifiable(name, type_, f"what it adds to {attach.into} is not known: {why}")
            return
        for parent, added, shared in parts:
            nowhere = at.nowhere(attach.into)
            if isinstance(parent, Unresolved):
                yield at.unverifiable(name, type_, f"its {attach.into} is not known: {parent.reason}")
            elif not isinstance(parent, str) or nowhere:
                yield at.unverifiable(name, type_, nowhere or f"it does not name its {attach.into}")
            elif attach.live_only and at.references.find(attach.into, parent) is None:
                continue
            else:
                lines = {f"/{key}": origin.lines.get(f"/{key}", origin.line or 1) for key in added}
                yield Resource(
                    provider="aws",
                    scope=at.place.account or "",
                    region=at.region_of(attach.into),
                    type=attach.into,
                    id=(known := at.references.parent(attach.into, parent)),
                    name=None if known else parent,
                    attributes=added,
                    origin=at.origin(name, lines),
                    partial=True,
                    shared=shared,
                )


def _unknown(value: Any) -> Iterator[str]:
    """Why parts of a value are not known."""
    if isinstance(value, Unresolved):
        yield value.reason
    for one in children(value):
        yield from _unknown(one)
