"""Answers the functions that look at where a template is deployed, at its deployments, or at the live side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from drift.model import Resource, Unresolved
from drift.source import LiveView
from providers.azure.arm.place import GROUPS, Place, scope_of
from providers.azure.arm.values import Unknown, word

if TYPE_CHECKING:
    from providers.azure.arm.evaluate import Evaluator

Outputs = Callable[[str], "dict[str, Any] | None"]
#: What differs by cloud is asked of ``environment()``; these are the public cloud's (Microsoft Learn, ``environment``).
_ENVIRONMENT = {
    "name": "AzureCloud",
    "resourceManager": "https://management.azure.com/",
    "authentication": {"loginEndpoint": "https://login.microsoftonline.com/"},
    "suffixes": {
        "storage": "core.windows.net",
        "keyvaultDns": ".vault.azure.net",
        "sqlServerHostname": ".database.windows.net",
        "acrLoginServer": ".azurecr.io",
    },
}


class References:
    """The questions of one template's expressions."""

    def __init__(self, place: Place, live: LiveView) -> None:
        self.place, self.live = place, live
        self.symbols: dict[str, str] = {}
        self.outputs: Outputs = lambda _target: None
        self.outer: Outputs = lambda _target: None
        self.evaluator: Evaluator | None = None
        #: The URI of this template's file, told only while a link to another one is looked for.
        self.here: str | None = None

    def ask(self, name: str, values: list[Any]) -> Any:
        """The value of a function. Raises Unknown."""
        if name == "resourcegroup" and not values:
            return self._group()
        if name == "subscription" and not values:
            id_ = self.place.subscription_base()
            return {"id": id_, "subscriptionId": id_.rsplit("/", 1)[1], **self._tenant()}
        if name == "tenant" and not values:
            return self._tenant()
        if name == "managementgroup" and not values:
            if self.place.management_group is None:
                raise Unknown(
                    "the management group is not told; set `management_group` on the declared entry"
                )
            group = self.place.management_group
            id_ = f"/providers/Microsoft.Management/managementGroups/{group}"
            return {"id": id_, "name": group, "type": "Microsoft.Management/managementGroups"}
        if name == "deployment" and not values:
            if self.here is not None:
                return {"properties": {"templateLink": {"uri": self.here}}}
            if self.place.deployment is None:
                raise Unknown("the deployment's name is not known")
            return {"name": self.place.deployment}
        if name == "environment" and not values:
            if self.live.context("azure").get("cloud", "public") != "public":
                raise Unknown("environment() is known of the public cloud only")
            return _ENVIRONMENT
        if name == "reference" and values:
            return self._reference(word(values[0]), len(values) > 2 and str(values[2]).lower() == "full")
        if name == "resourceinfo" and values:
            named = self.symbols.get(word(values[0]).lower())
            if named is None:
                raise Unknown(f"the id of {values[0]} is not known")
            return {"id": named, "name": named.rsplit("/", 1)[1]}
        if name.startswith("list"):
            raise Unknown(f"{name}() asks Azure for secrets, which are not read")
        raise Unknown(f"the function {name}() is not known here")

    def _tenant(self) -> dict[str, Any]:
        tenant = self.live.context("azure").get("tenant") or self.place.tenant
        return {"tenantId": tenant if isinstance(tenant, str) else Unresolved("the tenant is not known")}

    def _group(self) -> dict[str, Any]:
        if self.place.level != "resourceGroup":
            raise Unknown("resourceGroup() stands in a template that is not deployed to one")
        id_ = self.place.base()
        known: dict[str, Any] = {
            "id": id_,
            "name": self.place.resource_group,
            "type": "Microsoft.Resources/resourceGroups",
        }
        unread = f"the resource group {self.place.resource_group} was not read"
        known["location"] = Unresolved(f"{unread}; set `location` on the declared entry")
        known["tags"] = Unresolved(unread)
        live = self._find(id_, "Microsoft.Resources/resourceGroups")
        if live is not None:
            known["location"] = live.attributes.get("location")
            known["tags"] = live.attributes.get("tags") or {}
        if self.place.location:
            known["location"] = self.place.location
        return known

    def _reference(self, target: str, full: bool) -> Any:
        outputs = self.outputs(target)
        if outputs is None:
            outputs = self.outer(target)
        if outputs is not None:
            return {"properties": {"outputs": outputs}} if full else {"outputs": outputs}
        id_ = self.symbols.get(target.lower(), target)
        if not id_.startswith("/"):
            raise Unknown(f"reference({target!r}) is asked of Azure at deployment")
        live = self._find(id_, _type(id_))
        if live is None:
            raise Unknown(f"{id_} was not read, so what it says of itself is not known")
        body = live.attributes
        return {"id": id_, **body} if full else body.get("properties", {})

    def _find(self, id_: str, type_: str) -> Resource | None:
        scope = scope_of(id_)
        kinds = [type_, type_.lower()]
        if type_.lower() == GROUPS:
            kinds += [
                "Microsoft.Resources/subscriptions/resourceGroups",
                "microsoft.resources/subscriptions/resourcegroups",
            ]
        for kind in kinds:
            for spelling in (id_.lower(), id_):
                found = self.live.find("azure", scope, kind, spelling)
                if found is not None and isinstance(found.attributes, Mapping):
                    return found
        return None


def _type(id_: str) -> str:
    parts = id_.strip("/").split("/")
    at = max((at for at, part in enumerate(parts) if part.lower() == "providers"), default=None)
    if at is None:
        return "Microsoft.Resources/resourceGroups" if len(parts) == 4 else ""
    return "/".join([parts[at + 1] if at + 1 < len(parts) else "", *parts[at + 2 :: 2]])
