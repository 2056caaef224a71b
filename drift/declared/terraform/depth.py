"""Says how deeply the resources of a Terraform state are compared: by attribute, by guessed names, by
existence, or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from drift.declared.terraform import strangers
from drift.dialect import Foreign
from drift.model import Resource, Unresolved
from drift.provider import Provider

Depth = Literal["attribute", "name", "existence", "nothing", "local"]
#: What each depth means, in the order in which they are told.
MEANING: Mapping[Depth, str] = {
    "attribute": "compared by attribute",
    "name": "compared by name: an argument that is live as it is declared is in sync, any other unverifiable",
    "existence": "compared by existence: whether it is there",
    "nothing": "not compared at all",
    "local": "nothing live: they are in the state alone",
}


class Kind(NamedTuple):
    """A Terraform type of a state and what its resources become (types of the cloud, in order)."""

    depth: Depth
    type: str
    becomes: tuple[str, ...]


def depths(content: Mapping[str, Any], providers: Iterable[Provider]) -> Counter[Kind]:
    """How many managed resources of a state there are of each kind. ``content`` is the state as it was
    parsed."""
    providers = list(providers)
    found: Counter[Kind] = Counter()
    for resource in content.get("resources") or ():
        if resource.get("mode") != "managed":
            continue
        type_ = resource["type"]
        provider = next((one for one in providers if one.terraform and one.terraform.owns(type_)), None)
        for instance in resource.get("instances") or ():
            if not instance.get("deposed"):
                found[_kind(provider, str(resource.get("provider", "")), type_, instance)] += 1
    return found


def _kind(provider: Provider | None, config: str, type_: str, instance: Mapping[str, Any]) -> Kind:
    if provider is None or provider.terraform is None:
        return Kind("local" if strangers.is_local(config, type_) else "nothing", type_, ())
    attributes = instance.get("attributes")
    if not isinstance(attributes, Mapping):
        return Kind("nothing", type_, ())
    scope, region = provider.terraform.place(attributes)
    try:
        made = provider.terraform.translate(Foreign(type_, type_, attributes, scope, region))
    except Exception:  # noqa: BLE001 - an odd instance is not compared, which is what is told here
        made = None
    becomes = tuple(sorted({one.type for one in made or ()}))
    if becomes and provider.terraform.by_name(type_):
        return Kind("name", type_, becomes)
    return Kind(depth(provider, made or ()), type_, becomes)


def depth(provider: Provider, made: Iterable[Resource]) -> Depth:
    made = [one for one in made if provider.facts(one.type) is not None]
    if made and all(one.attributes and _guessed(one.attributes) for one in made):
        return "name"
    if any(not facts.existence for one in made if (facts := provider.facts(one.type)) is not None):
        return "attribute"
    return "existence" if made else "nothing"


def _guessed(value: Any) -> bool:
    """Whether all that is said is a guess, by the names of arguments."""
    if isinstance(value, Mapping):
        return bool(value) and all(map(_guessed, value.values()))
    return isinstance(value, Unresolved)
