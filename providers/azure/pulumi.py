"""How Pulumi names Azure: the package ``azure``, bridged from Terraform's provider, and ``azure-native``,
which is Resource Manager's bodies with ``properties`` laid flat.

Source: https://www.pulumi.com/registry/packages/azure-native/.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.dialect import BasePulumi, Foreign
from drift.model import Resource, Unresolved
from drift.terraform_schemas import PulumiTypes
from providers.azure.facts import spelling
from providers.azure.ids import parse
from providers.azure.terraform import AzureTerraform

_NATIVE = "azure-native:"
_TYPES = PulumiTypes(Path(__file__).with_name("pulumi_types.json.gz"))
#: What stands beside ``properties`` in a body (Resource Manager's common types).
_BESIDE = frozenset(
    {
        "location", "tags", "sku", "kind", "identity", "zones", "plan", "managedBy", "extendedLocation",
        "properties", "etag", "scale", "placement",
    }
)  # fmt: skip


class AzurePulumi(BasePulumi):
    """The dialect of the packages ``azure`` and ``azure-native``."""

    packages = frozenset({"azure", "azure-native"})

    def bridged(self, token: str) -> str | None:
        return _TYPES.of(token)

    def version(self, token: str, known: Foreign) -> tuple[str, str] | None:
        id_, said = known.attributes.get("id"), _version(token, known)
        found = parse(id_) if token.startswith(_NATIVE) and isinstance(id_, str) else None
        return (spelling(found.type), said) if found and said else None

    def translate(self, token: str, said: Mapping[str, Any], known: Foreign) -> list[Resource] | None:
        """The body at the ARM id; what only says where that is stands in the id."""
        id_ = known.attributes.get("id")
        found = parse(id_) if token.startswith(_NATIVE) and isinstance(id_, str) else None
        if found is None:
            return None
        names = {name.lower() for name in found.names} | {(found.resource_group or "").lower()}
        body: dict[str, Any] = {}
        properties: dict[str, Any] = {}
        for name, value in said.items():
            if name in _BESIDE:
                body[name] = value
            elif not _places(name, value, names):
                properties[name] = value
        if properties and "properties" not in body:
            body["properties"] = properties
        identity = body.get("identity")
        if isinstance(identity, Mapping) and isinstance(identity.get("userAssignedIdentities"), list):
            chosen: Any = {one: {} for one in identity["userAssignedIdentities"] if isinstance(one, str)}
            if any(isinstance(one, Unresolved) for one in identity["userAssignedIdentities"]):
                chosen = Unresolved("an identity is not known")
            body["identity"] = {**identity, "userAssignedIdentities": chosen}
        attributes = {"id": id_, "type": f"{found.type}@{_version(token, known)}", "body": body}
        return AzureTerraform().translate(
            Foreign("azapi_resource", known.address, attributes, known.scope, known.region)
        )


def _places(name: str, value: Any, names: set[str]) -> bool:
    """Whether an input says where a resource is: ``resourceGroupName``, ``accountName``."""
    return name.lower().endswith("name") and isinstance(value, str) and value.lower() in names


def _version(token: str, known: Foreign) -> str:
    """The API version that the outputs name, else the one in the token's module
    (``storage/v20230101:StorageAccount``)."""
    told = known.attributes.get("azureApiVersion")
    if isinstance(told, str) and told:
        return told
    digits = token.removeprefix(_NATIVE).partition(":")[0].partition("/v")[2]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}" if digits[:8].isdigit() else ""
