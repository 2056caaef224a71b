"""What is declared of a stack itself: its tags, protection and notifications, and what a nested one is
passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.model import ABSENT, Resource, Unresolved
from drift.values import same
from providers.aws.asked import POLICY
from providers.aws.cloudformation import parameters, plain
from providers.aws.cloudformation.deployment import Deployment
from providers.aws.cloudformation.evaluated import NESTED, Evaluated, Item
from providers.aws.cloudformation.place import Stack
from providers.aws.cloudformation.recorded import masked

_POLICY = "StackPolicyBody"
#: What is compared of a nested stack; the rest says where its template is, or how it is deployed.
_COMPARED = frozenset({"StackName", "Parameters", "Tags", "NotificationARNs"})


def said(of: Deployment, tags: Mapping[str, str] | None) -> dict[str, Any]:
    """What is said of the stack of a template, as CloudFormation's own properties."""
    told = {
        "EnableTerminationProtection": of.protected,
        "NotificationARNs": None if of.notified is None else list(of.notified),
        "RoleARN": of.role,
        "Tags": None if tags is None else [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    return {name: value for name, value in told.items() if value is not None}


def declared(of: Deployment, at: Evaluated) -> Iterator[Item]:
    """The stack of a template, where something is said of it and it was read. What only a deployment changes
    is pending where it is otherwise."""
    stack, attributes = at.place.stack, said(of, at.place.tags)
    if not attributes or stack is None or at.references.find(NESTED, stack.id) is None:
        return
    had = {
        "NotificationARNs": list(stack.notified),
        "RoleARN": stack.role,
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
    }
    before = {
        name: ABSENT if value is None else value
        for name, value in had.items()
        if name in attributes and not same(value, attributes[name])
    }
    yield _of(stack, NESTED, attributes, at).but(partial=True, before=before)


def policy(of: Deployment, at: Evaluated) -> Iterator[Item]:
    """Which updates of the stack of a template are allowed, where that was read: what is said of it, and
    where nothing is, that it has one."""
    stack = at.place.stack
    if stack is None or at.references.find(POLICY, stack.id) is None:
        return
    told = {} if of.policy is None else {_POLICY: masked(of.policy)}
    yield _of(stack, POLICY, {"StackName": stack.name, **told}, at)


def _of(stack: Stack, type_: str, attributes: dict[str, Any], at: Evaluated) -> Resource:
    """What is declared of a deployed stack itself."""
    return Resource(
        provider="aws",
        scope=stack.scope,
        region=stack.region,
        type=type_,
        id=stack.id,
        name=stack.name,
        attributes=attributes,
        origin=at.origin(stack.name),
    )


def nested(at: Evaluated, name: str, words: Mapping[str, Any]) -> Iterator[Item]:
    """A nested stack itself, where it was read: what is passed to it, and its tags."""
    deployed = at.deployed(name)
    if deployed is None or at.references.find(NESTED, deployed.physical_id) is None:
        return
    for item in plain.resources(at, name, NESTED, words):
        if not isinstance(item, Resource) or item.type != NESTED:
            yield item
            continue
        attributes = {key: value for key, value in item.attributes.items() if key in _COMPARED}
        passed = attributes.get("Parameters")
        if isinstance(passed, dict):
            attributes["Parameters"] = {
                key: value if isinstance(value, Unresolved) else parameters.text(value) or value
                for key, value in passed.items()
            }
        yield item.but(attributes=attributes, partial=True)
