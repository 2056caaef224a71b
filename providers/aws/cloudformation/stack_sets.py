"""What StackSets declare: a template in each account and region in which they have an instance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drift.errors import DeclaredError
from drift.lined import Map
from drift.model import Problem, Unresolved
from providers.aws.cloudformation import nested, parameters, template
from providers.aws.cloudformation.evaluated import SOURCE, STACK_SET, Item, Surroundings, Translated
from providers.aws.cloudformation.functions import Unknown
from providers.aws.cloudformation.place import Place, Stack
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.template import Template


@dataclass(frozen=True)
class Instance:
    """One instance of a StackSet."""

    account: str
    region: str
    stack_id: str | None = None
    status: str = "CURRENT"
    reason: str = ""


@dataclass(frozen=True)
class StackSet:
    """One StackSet, from the live side's context (:func:`providers.aws.stack_sets.read_stack_sets`)."""

    name: str
    scope: str
    region: str
    template: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    instances: tuple[Instance, ...] = ()

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> StackSet:
        found = record.get("template")
        return cls(
            name=str(record.get("name")),
            scope=str(record.get("scope")),
            region=str(record.get("region")),
            template=found if isinstance(found, Mapping) else None,
            parameters=record.get("parameters") or {},
            instances=tuple(
                Instance(
                    str(one.get("account")),
                    str(one.get("region")),
                    one.get("stack_id"),
                    str(one.get("status") or "CURRENT"),
                    str(one.get("reason") or ""),
                )
                for one in record.get("instances") or ()
            ),
        )


def named(around: Surroundings, name: str, scope: str | None, region: str | None) -> list[StackSet]:
    """The StackSets of a name, where they are administered."""
    told = map(StackSet.of, around.live.context("aws").get("stack_sets") or ())
    return [
        one
        for one in told
        if one.name == name and scope in (None, one.scope) and region in (None, one.region)
    ]


def places(of: StackSet, around: Surroundings, where: str) -> Iterator[tuple[Place, Instance]]:
    """The place of each instance, with its stack where that was read; what is not current is noted."""
    for one in of.instances:
        stack = next((each for each in around.stacks if one.stack_id and each.id == one.stack_id), None)
        if stack is not None and stack.template is None and one.status == "CURRENT":
            stack = replace(stack, template=of.template)
        if one.status != "CURRENT":
            why = f": {one.reason}" if one.reason else ""
            note = f"{where}: the StackSet {of.name} is {one.status} in {one.account}/{one.region}{why}"
            if note not in around.notes:
                around.notes.append(note)
        yield Place(one.account, one.region, stack, one.stack_id or f"StackSet-{of.name}"), one


def overridden(of: StackSet, said: Mapping[str, Any]) -> dict[str, Any]:
    """Of parameters that are said those that the StackSet has otherwise: what it has so may have another
    value in an instance, which its stack tells."""
    return {name: value for name, value in said.items() if parameters.text(value) != of.parameters.get(name)}


def resources(at: Translated, name: str, said: Mapping[str, Any]) -> Iterator[Item]:
    """What a StackSet of a template declares in the accounts and regions of its instances."""
    if at.shallow:
        return
    deployed = at.deployed(name)
    own = at.evaluator.value(said.get("Properties") or Map())
    own = own if isinstance(own, dict) else {}
    called = (deployed.physical_id or "").partition(":")[0] if deployed else own.get("StackSetName")
    found = named(at.around, called, at.place.account, None) if isinstance(called, str) else []
    if len(found) != 1:
        yield at.unverifiable(name, STACK_SET, "in which accounts and regions it has instances was not read")
        return
    try:
        inner = _template(at, name, said, own, found[0])
    except (Unknown, DeclaredError) as reason:
        yield at.unverifiable(name, STACK_SET, str(reason))
        return
    groups = [one for one in own.get("StackInstancesGroup") or () if isinstance(one, dict)]
    where = f"{at.template.file}:{at.template.resources.lines.get(name, 1)}"
    shared = overridden(found[0], _pairs(own.get("Parameters")))
    there = set()
    for place, instance in places(found[0], at.around, where):
        there.add((instance.account, instance.region))
        more = next((_pairs(one.get("ParameterOverrides")) for one in groups if _meant(one, instance)), {})
        if at.place.tags is not None:
            place = replace(place, tags={**at.place.tags, **nested.tags(own.get("Tags"))})
        yield from type(at)(inner, place, {**shared, **more}, at.around, (*at.parents, name)).resources()
    for account, region in _said(groups):
        if (account, region) not in there:
            yield Problem(
                SOURCE,
                f"{where}: the StackSet {called} has no instance in {account}/{region}, where it is to be",
            )


def _template(
    at: Translated, name: str, said: Mapping[str, Any], own: Mapping[str, Any], live: StackSet
) -> Template:
    """What a StackSet deploys. Raises Unknown or DeclaredError where that is not known."""
    body = own.get("TemplateBody")
    line = at.template.resources.lines.get(name, 1)
    if isinstance(body, (str, Mapping)):
        document = parse(body.encode(), at.template.file) if isinstance(body, str) else body
        made = template.relined(document, None, line)
        found = template.of(made, at.template.path, at.template.file, f"the TemplateBody of {name}")
        return replace(found, root=at.template.root)
    if isinstance(body, Unresolved):
        raise Unknown(f"its TemplateBody is not known: {body.reason}")
    stack = Stack(live.name, live.name, live.scope, live.region, template=live.template)
    return nested.found(at, name, said, own.get("TemplateURL"), stack)


def _pairs(said: Any) -> dict[str, Any]:
    pairs = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    return {
        one["ParameterKey"]: one["ParameterValue"]
        for one in pairs
        if isinstance(one.get("ParameterKey"), str) and "ParameterValue" in one
    }


def _meant(group: Mapping[str, Any], instance: Instance) -> bool:
    """Whether a group of instances holds one; which accounts an organizational unit has only AWS tells."""
    targets = group.get("DeploymentTargets")
    targets = targets if isinstance(targets, dict) else {}
    accounts = targets.get("Accounts")
    here = instance.account in map(str, accounts) if isinstance(accounts, list) else True
    if targets.get("AccountFilterType") == "DIFFERENCE":
        here = not here
    regions = group.get("Regions")
    return here and isinstance(regions, list) and instance.region in regions


def _said(groups: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The accounts and regions that groups name; units name no account."""
    for one in groups:
        targets, regions = one.get("DeploymentTargets"), one.get("Regions")
        if not isinstance(targets, dict) or "OrganizationalUnitIds" in targets:
            continue
        accounts = targets.get("Accounts")
        if isinstance(accounts, list) and isinstance(regions, list):
            yield from ((str(account), str(region)) for account in accounts for region in regions)
