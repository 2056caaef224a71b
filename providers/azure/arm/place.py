"""Where a template is deployed, and the ARM ids of resources seen from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from providers.azure.arm.values import Unknown

Level = Literal["resourceGroup", "subscription", "managementGroup", "tenant"]
GROUPS = "microsoft.resources/resourcegroups"
ID_FUNCTIONS = (
    "resourceid",
    "subscriptionresourceid",
    "tenantresourceid",
    "extensionresourceid",
    "managementgroupresourceid",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A deployment's target. What is None is not told. ``deployment`` is its name."""

    level: Level
    subscription: str | None = None
    resource_group: str | None = None
    management_group: str | None = None
    deployment: str | None = None
    location: str | None = None
    tenant: str | None = None

    def base(self) -> str:
        """The id of the target (``/subscriptions/…/resourceGroups/…``; "" for the tenant). Raises Unknown."""
        if self.level == "tenant":
            return ""
        if self.level == "managementGroup":
            if self.management_group is None:
                raise Unknown(
                    "the management group is not told; set `management_group` on the declared entry"
                )
            return f"/providers/Microsoft.Management/managementGroups/{self.management_group}"
        if self.level == "subscription":
            return self.subscription_base()
        if self.resource_group is None:
            raise Unknown("the resource group is not told; set `resource_group` on the declared entry")
        return f"{self.subscription_base()}/resourceGroups/{self.resource_group}"

    def subscription_base(self) -> str:
        """``/subscriptions/…``. Raises Unknown."""
        if self.subscription is None:
            raise Unknown("the subscription is not told; set `scope` on the declared entry")
        return f"/subscriptions/{self.subscription}"


def extend(base: str, type_: str, names: Sequence[str]) -> str:
    """The id of a resource below ``base``. Raises Unknown when type and name have not as many segments."""
    kinds = type_.rstrip("/").split("/")
    if len(kinds) < 2 or len(kinds) - 1 != len(names) or not all(names):
        raise Unknown(f"{type_[:100]} needs {max(len(kinds) - 1, 1)} name segments, has {len(names)}")
    if type_.rstrip("/").lower() == GROUPS and "/resourcegroups/" not in base.lower():
        return f"{base}/resourceGroups/{names[0]}"
    pairs = "/".join(f"{kind}/{name}" for kind, name in zip(kinds[1:], names, strict=True))
    return f"{base}/providers/{kinds[0]}/{pairs}"


def split_extension(type_: str, name: str) -> tuple[list[tuple[str, list[str]]], bool]:
    """The (type, names) parts of a full type and name, several for ``A/b/providers/c`` named ``x/N.S/y``.

    The second value tells whether they fit each other.
    """
    kinds, names = type_.split("/"), name.split("/")
    parts: list[tuple[str, list[str]]] = []
    while True:
        cut = next((at for at, kind in enumerate(kinds) if kind.lower() == "providers"), None)
        if cut is None:
            parts.append(("/".join(kinds), names))
            return parts, len(kinds) - 1 == len(names)
        parts.append(("/".join(kinds[:cut]), names[: cut - 1]))
        if len(names) <= cut - 1:
            return parts, False
        kinds = [names[cut - 1], *kinds[cut + 1 :]]
        names = names[cut:]


def scope_of(id_: str) -> str:
    """The drift scope that an ARM id is in: subscription id, ``managementGroups/ID`` or ``tenant``."""
    parts = id_.strip("/").split("/")
    low = [part.lower() for part in parts]
    if len(parts) >= 2 and low[0] == "subscriptions":
        return low[1]
    if low[:3] == ["providers", "microsoft.management", "managementgroups"] and len(parts) > 3:
        return f"managementGroups/{low[3]}"
    return "tenant"


def resource_id(function: str, place: Place, arguments: Sequence[Any]) -> str:
    """``resourceId``, ``subscriptionResourceId``, ``tenantResourceId``, ``extensionResourceId`` and the
    like."""
    words = [one for one in arguments if isinstance(one, str)]
    if len(words) != len(arguments):
        raise Unknown(f"{function} expects texts")
    if function in ("extensionresourceid", "managementgroupresourceid"):
        if not words:
            raise Unknown(f"{function} expects a scope and a type")
        if function == "extensionresourceid":
            return extend(words[0].rstrip("/"), words[1] if len(words) > 1 else "", _names(words[2:]))
        if "/" not in words[0]:
            base = f"/providers/Microsoft.Management/managementGroups/{words.pop(0)}"
        else:
            base = place.base()
        return extend(base, words[0] if words else "", _names(words[1:]))
    at = next((at for at, one in enumerate(words) if "/" in one), None)
    if at is None or at > 2:
        raise Unknown(f"{function} names no resource type")
    before, type_, names = words[:at], words[at], _names(words[at + 1 :])
    if function == "tenantresourceid" or (
        function == "resourceid" and place.level == "tenant" and not before
    ):
        return extend("", type_, names)
    if function == "subscriptionresourceid":
        return extend(f"/subscriptions/{before[0]}" if before else place.subscription_base(), type_, names)
    if not before:
        return extend(place.base(), type_, names)
    if place.level == "resourceGroup" or len(before) == 2:
        base = place.subscription_base() if len(before) == 1 else f"/subscriptions/{before[0]}"
        return extend(f"{base}/resourceGroups/{before[-1]}", type_, names)
    return extend(f"/subscriptions/{before[0]}", type_, names)


def _names(words: Sequence[str]) -> list[str]:
    return [part for one in words for part in one.split("/")]
