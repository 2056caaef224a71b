"""Children that stand in their parent's body: members of a list of it, a cluster's pools, and policies added
to a vault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drift.model import Resource

Inline = Callable[[str], "tuple[str, str] | None"]
POLICIES = "microsoft.keyvault/vaults/accesspolicies"
VAULTS = "Microsoft.KeyVault/vaults"
#: A cluster's body holds its pools without the `properties` around what is said of them.
POOLS = "microsoft.containerservice/managedclusters/agentpools"
CLUSTERS = "Microsoft.ContainerService/managedClusters"


def inline() -> Inline:
    """How children stand in their parents' bodies; asked late, so that recognising a file loads no facts."""
    from providers.azure.facts import inline as known

    return known


def into(type_: str, names: list[str], inline: Inline) -> tuple[str, str] | None:
    """(parent type, path) where a child stands in its parent's body; None where it is a resource of its
    own."""
    if type_.lower() == POLICIES:
        return VAULTS, "properties/accessPolicies"
    if type_.lower() == POOLS:
        return CLUSTERS, "properties/agentPoolProfiles"
    return inline(type_) if len(names) > 1 else None


def laid_into(made: Resource, type_: str, names: list[str], at: str) -> Resource:
    """The part of the parent that a child declares. ``at``: the list's path in the parent."""
    value: Any
    if type_.lower() == POLICIES:
        said = made.attributes.get("properties")
        value = said.get("accessPolicies", []) if isinstance(said, dict) else []
    elif type_.lower() == POOLS:
        said = made.attributes.get("properties")
        value = [{"name": names[-1], **(said if isinstance(said, dict) else {})}]
    else:
        value = [{"name": names[-1], **made.attributes}]
    for part in reversed(at.split("/")):
        value = {part: value}
    adds = type_.lower() != POLICIES or names[-1].lower() == "add"
    return made.but(
        type=made.type,
        id=made.id.rsplit("/", 2)[0] if made.id else None,
        name=names[-2],
        attributes=value,
        partial=True,
        shared=frozenset({at}) if adds else frozenset(),
    )
