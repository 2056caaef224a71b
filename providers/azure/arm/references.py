"""Answers the functions that look at where a template is deployed, at its deployments, or at the live
side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from drift.model import Resource, Unresolved
from drift.pointer import get, split
from drift.source import LiveView
from providers.azure.arm.clouds import CLOUDS
from providers.azure.arm.evaluate import ASSUMED
from providers.azure.arm.identify import DEPLOYMENTS
from providers.azure.arm.place import GROUPS, Place, scope_of
from providers.azure.arm.values import Unknown, word

if TYPE_CHECKING:
    from providers.azure.arm.symbols import Symbols, Turn

_RUNTIME = {
    "utcnow": "the time of the deployment is not known",
    "newguid": "newGuid() gives another value at each deployment",
    "pickzones": "pickZones() is asked of Azure at deployment",
    "providers": "providers() is asked of Azure at deployment",
    "getsecret": "a Key Vault secret is not read",
    "deployer": "who deploys is not known",
}
Outputs = Callable[["Turn"], "dict[str, Any] | None"]


class References:
    """The questions of one template's expressions."""

    def __init__(self, place: Place, live: LiveView, groups: Mapping[str, Any] | None = None) -> None:
        self.place, self.live, self.groups = place, live, groups or {}
        #: Symbolic name, name or ``type/name`` (lower case) → id.
        self.ids: dict[str, str] = {}
        self.symbols: Symbols | None = None
        self.outputs: Outputs = lambda _turn: None
        #: Those of the template around a nested one that shares its expressions.
        self.above: References | None = None
        #: The URI of this template's file, told only while a link to another one is looked for.
        self.here: str | None = None

    def ask(self, name: str, values: list[Any]) -> Any:
        """The value of a function, or of ASSUMED. Raises Unknown."""
        if name == ASSUMED:
            turn = self.symbols.assuming(values[0]) if self.symbols else None
            return None if turn is None else self.of_deployment(turn)
        if name in _RUNTIME:
            raise Unknown(_RUNTIME[name])
        if name == "resourcegroup" and not values:
            return self._group()
        if name == "subscription" and not values:
            id_ = self.place.subscription_base()
            return {
                "id": id_,
                "subscriptionId": id_.rsplit("/", 1)[1],
                "displayName": Unresolved("the subscription's name is not known"),
                **self._tenant(),
            }
        if name == "tenant" and not values:
            return self._tenant()
        if name == "managementgroup" and not values:
            if self.place.management_group is None:
                raise Unknown(
                    "the management group is not told; set `management_group` on the declared entry"
                )
            group = self.place.management_group
            id_ = f"/providers/Microsoft.Management/managementGroups/{group}"
            type_ = "Microsoft.Management/managementGroups"
            return {"id": id_, "name": group, "type": type_, "properties": self._tenant()}
        if name == "deployment" and not values:
            if self.here is not None:
                return {"properties": {"templateLink": {"uri": self.here}}}
            return self._deployment()
        if name == "environment" and not values:
            cloud = str(self.live.context("azure").get("cloud") or "public")
            if cloud not in CLOUDS:
                raise Unknown(f"environment() is not known of the cloud {cloud}")
            return CLOUDS[cloud]
        if name == "reference" and values:
            return self._reference(word(values[0]), len(values) > 2 and str(values[2]).lower() == "full")
        if name == "references" and values:
            return self._references(word(values[0]), len(values) > 1 and str(values[-1]).lower() == "full")
        if name == "resourceinfo" and values:
            named = self.ids.get(word(values[0]).lower())
            if named is None:
                raise Unknown(f"the id of {values[0]} is not known")
            return {"id": named, "name": named.rsplit("/", 1)[1], "type": _type(named)}
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
        declared = self.groups.get(id_.lower())
        if declared is not None:
            known["location"] = declared
        live = self._find(id_, "Microsoft.Resources/resourceGroups")
        if live is not None:
            known["location"] = live.attributes.get("location")
            known["tags"] = live.attributes.get("tags") or {}
        if self.place.location:
            known["location"] = self.place.location
        return known

    def _reference(self, target: str, full: bool) -> Any:
        turn = self.symbols.deployment(target) if self.symbols else None
        if turn is not None:
            return self.of_deployment(turn, full)
        if self.above is not None and not target.startswith("/"):
            return self.above._reference(target, full)
        if self.above is not None and f"/{DEPLOYMENTS}/" in target.lower():
            return self.above._reference(target, full)
        id_ = self.ids.get(target.lower(), target)
        parts = id_.split("/")
        if "." in parts[0] and len(parts) >= 3 and len(parts) % 2:  # the end of an id, taken from here
            id_ = f"{self.place.base()}/providers/{id_}"
        if not id_.startswith("/"):
            raise Unknown(f"reference({target!r}) is asked of Azure at deployment")
        live = self._find(id_, _type(id_))
        if live is None and not full:
            held = self._held(id_, _type(id_))
            if held is not None:
                return held
        if live is None:
            raise Unknown(f"{id_} was not read, so what it says of itself is not known")
        body = live.attributes
        return {"id": id_, **body} if full else body.get("properties", {})

    def _references(self, loop: str, full: bool) -> list[Any]:
        """``references('loop')``: of each turn of a copy loop what ``reference()`` says of it."""
        count = self.symbols.counts.get(loop.lower()) if self.symbols else None
        if count is None:
            raise Unknown(f"references({loop!r}) is asked of Azure at deployment")
        return [self._turn_of(f"{loop}[{at}]", full) for at in range(count)]

    def _turn_of(self, target: str, full: bool) -> Any:
        try:
            return self._reference(target, full)
        except Unknown as reason:
            return Unresolved(str(reason))

    def of_deployment(self, turn: Turn, full: bool = False) -> dict[str, Any]:
        """What ``reference()`` says of a nested deployment. Raises Unknown."""
        outputs = self.outputs(turn)
        if outputs is None:
            raise Unknown("the nested deployment's template is not known, so neither are its outputs")
        if not full:
            return {"outputs": outputs}
        group = self.place.management_group
        scope = (
            f"Microsoft.Management/managementGroups/{group}" if group else Unresolved("the scope is not told")
        )
        return {"properties": {"outputs": outputs}, "scope": scope}

    def _deployment(self) -> dict[str, Any]:
        """``deployment()``: its name, where it is known, and of one above resource groups its location."""
        name: Any = self.place.deployment
        if name is None:
            name = (self.symbols.assumed if self.symbols else None) or Unresolved(
                "the deployment's name is not known"
            )
        if self.place.level == "resourceGroup":
            return {"name": name}
        location = self.place.location or Unresolved(
            "the deployment's location is not told; set `location` on the declared entry"
        )
        return {"name": name, "location": location}

    def _held(self, id_: str, type_: str) -> Any:
        """The properties of a child that stands in its parent's body, as a subnet does; None where it was not
        read."""
        where = facts().inline(type_)
        parent = self._find(id_.rsplit("/", 2)[0], where[0]) if where else None
        if where is None or parent is None:
            return None
        members = get(parent.attributes, split(where[1]))
        name = id_.rsplit("/", 1)[1].lower()
        for member in members if isinstance(members, list) else []:
            if isinstance(member, Mapping) and str(member.get("name")).lower() == name:
                return member.get("properties")
        return None

    def _find(self, id_: str, type_: str) -> Resource | None:
        scope = scope_of(id_)
        kinds = list(dict.fromkeys((type_, facts().spelling(type_), type_.lower())))
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


def facts() -> ModuleType:
    """The facts of Azure's types; asked late, so that recognising a file loads none."""
    from providers.azure import facts as known

    return known


def _type(id_: str) -> str:
    parts = id_.strip("/").split("/")
    at = max((at for at, part in enumerate(parts) if part.lower() == "providers"), default=None)
    if at is None:
        return "Microsoft.Resources/resourceGroups" if len(parts) == 4 else ""
    return "/".join([parts[at + 1] if at + 1 < len(parts) else "", *parts[at + 2 :: 2]])
