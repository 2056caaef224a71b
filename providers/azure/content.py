"""What a resource of Azure is and gives, in words: roles and identities by name, open ports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.hooks import Around
from drift.model import Resource
from drift.rules.content import Content, Function

_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
_CALLED = ("principalId", "clientId")


@cache
def content() -> Content:
    functions: dict[str, Function] = {"identity": _identity, "place": _place, "rule": _rule}
    return Content(Path(__file__).with_name("content.yaml"), functions)


def _identity(resource: Resource, around: Around, id_: Any) -> str | None:
    """Whom an object id means, by name where it is a managed identity that was read."""
    if not isinstance(id_, str):
        return None
    for one in around.every("azure", _IDENTITIES):
        said = one.attributes.get("properties")
        if isinstance(said, Mapping) and id_.lower() in {str(said.get(name)).lower() for name in _CALLED}:
            return f"{one.name} (managed identity, {id_})"
    return id_


def _place(resource: Resource, around: Around, id_: Any) -> str | None:
    """What an ARM id names, in words.

    >>> _place(None, None, "/subscriptions/S/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/keys")
    'vaults keys in the resource group shop'
    """
    if not isinstance(id_, str):
        return None
    parts = [part for part in id_.split("/") if part]
    low = [part.lower() for part in parts]
    if len(parts) == 2 and low[0] == "subscriptions":
        names = around.context("azure").get("names") if around is not None else None
        known = names.get(parts[1].lower()) if isinstance(names, Mapping) else None
        return f"the whole subscription {f'{known} ({parts[1]})' if known else parts[1]}"
    if "managementgroups" in low:
        return f"the management group {parts[-1]}"
    group = parts[low.index("resourcegroups") + 1] if "resourcegroups" in low[:-1] else ""
    if group and len(parts) == 4:
        return f"the resource group {group}"
    if "providers" not in low or len(parts) < 2:
        return id_
    return f"{parts[-2]} {parts[-1]}" + (f" in the resource group {group}" if group else "")


def _rule(resource: Resource, around: Around, rule: Any) -> str | None:
    """An inbound rule that allows: what it lets through, and whom; None for all others."""
    said = rule.get("properties", rule) if isinstance(rule, Mapping) else {}
    allows = str(said.get("access", "")).lower() == "allow"
    if not allows or str(said.get("direction", "")).lower() != "inbound":
        return None
    ports = [*_both(said, "destinationPortRange")]
    protocol = str(said.get("protocol") or "*")
    through = "all ports" if "*" in ports else ", ".join(ports)
    who = ", ".join(_both(said, "sourceAddressPrefix")) or "nowhere"
    called = f"{rule['name']}: " if rule.get("name") else ""
    return f"{called}{'any protocol' if protocol == '*' else protocol} {through} from {who}"


def _both(said: Mapping[str, Any], name: str) -> Iterator[str]:
    """What stands in the property of one value, and in that of several."""
    if said.get(name):
        yield str(said[name])
    several = said.get(name.replace("Prefix", "Prefixes") if "Prefix" in name else f"{name}s")
    yield from map(str, several if isinstance(several, list) else ())
