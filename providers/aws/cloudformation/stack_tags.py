"""Tags of a stack, which CloudFormation puts on the resources of the stack beside their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.facts import TypeFacts
from drift.kinds.base import Context
from drift.model import Resource
from providers.aws.kinds.tags import TAGS


def with_stack_tags(
    attributes: dict[str, Any], tags: Mapping[str, str], facts: TypeFacts, live: Resource | None
) -> dict[str, Any]:
    """The declared properties with the tags of the stack, of which the resource's own win.

    Not every type takes them (source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html,
    "all stack-level tags … are propagated to resources that CloudFormation supports"), so they count where
    the live resource has any of them.
    """
    told = dict(attributes)
    if live is None:
        return told
    for name in _properties(facts):
        own = attributes.get(name)
        there = _by_key(live.attributes.get(name))
        if not any(key in there for key in tags) or not isinstance(own, (list, dict, type(None))):
            continue
        said = _by_key(own)
        more = {key: value for key, value in tags.items() if key not in said}
        if isinstance(own, list) or (own is None and isinstance(live.attributes[name], list)):
            told[name] = [*(own or ()), *(_like(there.get(key), key, value) for key, value in more.items())]
        else:
            told[name] = {**(own or {}), **more}
    return told


def _properties(facts: TypeFacts) -> Iterator[str]:
    """The properties that hold the tags of the resource itself."""
    for name, below in facts.root.children.items():
        if below.kind is not None and below.kind.name == TAGS.name:
            yield name


def _by_key(value: Any) -> dict[str, Any]:
    tags = TAGS.canonical(value or [], Context())
    return dict(tags) if isinstance(tags, dict) else {}


def _like(there: Any, key: str, value: str) -> dict[str, Any]:
    """A tag in the shape that the resource's tags have (an Auto Scaling group's say
    ``PropagateAtLaunch``)."""
    more = (
        {name: item for name, item in there.items() if name not in ("Key", "Value")}
        if isinstance(there, dict)
        else {}
    )
    return {"Key": key, "Value": value, **more}
