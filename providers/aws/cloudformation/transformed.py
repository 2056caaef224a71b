"""What transforms make of a template when its stack is deployed, as far as only the stack tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.model import Resource
from providers.aws.cloudformation import serverless
from providers.aws.cloudformation.evaluated import Evaluated, Item, declares_nothing
from providers.aws.cloudformation.shape import shaped
from providers.aws.cloudformation.stack_tags import with_stack_tags


def resource(
    at: Evaluated,
    name: str,
    type_: str,
    reason: str,
    known: tuple[dict[str, Any], dict[str, int]] = ({}, {}),
) -> Iterator[Item]:
    """A resource of which only the stack knows what it is: it is declared, and of its properties those
    are known that are ``known``, with their lines."""
    deployed = at.deployed(name)
    if (
        deployed
        and deployed.physical_id
        and at.around.catalogue.entry(deployed.type)
        and not at.nowhere(deployed.type)
    ):
        yield Resource(
            provider="aws",
            scope=at.place.account or "",
            region=at.region_of(deployed.type),
            type=deployed.type,
            id=(id_ := at.references.identify(name, deployed.type, known[0])),
            name=None if id_ else deployed.physical_id,
            attributes=known[0],
            origin=at.origin(name, known[1]),
            partial=True,
        )
        if known[0]:
            reason = f"{reason}; compared is only what the template says that is passed on"
    yield at.unverifiable(name, deployed.type if deployed else type_, reason)


def made_besides(at: Evaluated) -> Iterator[Item]:
    """The members of the stack that transforms made besides those of the template."""
    if at.place.stack is None:
        return
    transforms = ", ".join(name for name in at.template.transforms if not known_plain(name))
    for name, deployed in at.place.stack.resources.items():
        if name not in at.template.resources and not declares_nothing(deployed.type):
            yield from resource(
                at, name, deployed.type, f"made by {transforms}; the template does not say its properties"
            )


def made_of(at: Evaluated, name: str, reason: str) -> Iterator[Item]:
    """What is made in place of a resource, as far as the stack tells it: its names begin with that one's."""
    yield at.unverifiable(name, "AWS::CloudFormation::Module", reason)
    for member, deployed in at.place.stack.resources.items() if at.place.stack else ():
        if member.startswith(name) and member not in at.template.resources:
            yield from resource(at, member, deployed.type, reason)


def passed_on(at: Evaluated, name: str, said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, int]]:
    """What is known of the properties of a resource that the Serverless Application Model makes, and
    where they stand."""
    kind, deployed = serverless.kind_of(said), at.deployed(name)
    if kind is None or at.template.macros or deployed is None or deployed.type != kind.type:
        return {}, {}
    lines: dict[str, int] = {}
    try:
        made = serverless.passed_on(at.template, said, kind, at.evaluator, lines)
    except RecursionError:
        return {}, {}
    made = shaped(made, at.around.catalogue.schema(kind.type))
    entry, tags = at.around.catalogue.entry(kind.type), at.place.stack_tags
    if entry and tags and "Tags" in made:
        there = at.references.find(kind.type, deployed.physical_id)
        made = with_stack_tags(made, tags, entry.facts, there)
    return made, lines


def known_plain(transform: str) -> bool:
    """Whether a transform adds no resources of its own."""
    return transform == "AWS::LanguageExtensions"
