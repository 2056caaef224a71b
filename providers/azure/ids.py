"""The ids of Azure Resource Manager: one spelling of them, and what they tell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from drift.kinds.scalars import fold_case

_TYPE = re.compile(r"[A-Za-z][\w.-]*\.[\w.-]+(?:/[\w.-]+)+|Microsoft\.Resources/resourceGroups", re.ASCII)
GROUPS = "microsoft.resources/resourcegroups"
SUBSCRIPTIONS = "microsoft.resources/subscriptions"
TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an id tells, in the id's own spelling. ``parent`` is the id of what the resource lies in or
    extends."""

    type: str
    names: tuple[str, ...]
    parent: str
    subscription: str | None = None
    resource_group: str | None = None

    @property
    def name(self) -> str:
        """The last segment."""
        return self.names[-1]

    @property
    def scope(self) -> str:
        """The drift scope: subscription id, ``managementGroups/ID`` or ``tenant``."""
        if self.subscription:
            return fold_case(self.subscription)
        parts = [fold_case(one) for one in self.parent.strip("/").split("/")]
        if parts[:3] == ["providers", "microsoft.management", "managementgroups"] and len(parts) > 3:
            return f"managementGroups/{parts[3]}"
        return TENANT


def is_type(text: str) -> bool:
    """Whether a text has the form of an ARM type (``Microsoft.Network/virtualNetworks/subnets``)."""
    return _TYPE.fullmatch(text) is not None


def canonical(id: str) -> str:
    """The one spelling of an id: lower case, one slash at its beginning and none at its end.

    >>> canonical("subscriptions/S/resourceGroups/RG/")
    '/subscriptions/s/resourcegroups/rg'
    """
    return "/" + fold_case(id.strip().strip("/"))


def cased(id: str, type: str) -> str:
    """An id with its fixed words, and those of its type, as ARM's documentation writes them.

    >>> cased("/subscriptions/s/resourcegroups/rg/providers/microsoft.sql/servers/a", "Microsoft.Sql/servers")
    '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Sql/servers/a'
    """
    known = {
        fold_case(word): word for word in ("subscriptions", "resourceGroups", "providers", *type.split("/"))
    }
    parts = id.strip("/").split("/")
    said = [known.get(fold_case(part), part) if at % 2 == 0 else part for at, part in enumerate(parts)]
    for at, part in enumerate(parts[:-1]):
        if fold_case(part) == "providers":
            said[at + 1] = known.get(fold_case(parts[at + 1]), parts[at + 1])
    return "/" + "/".join(said)


def parse(id: str) -> Parsed | None:
    """What an id tells; None where the text is no id of a resource.

    >>> parse("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Sql/servers/a/databases/b").type
    'Microsoft.Sql/servers/databases'
    """
    parts = id.strip("/").split("/")
    low = [fold_case(one) for one in parts]
    subscription = parts[1] if low[0] == "subscriptions" and len(parts) > 1 else None
    group = parts[3] if subscription and low[2:3] == ["resourcegroups"] and len(parts) > 3 else None
    at = max((at for at, one in enumerate(low) if one == "providers"), default=-1)
    if at < 0:
        if group and len(parts) == 4:
            return Parsed(
                "Microsoft.Resources/resourceGroups",
                (group,),
                f"/subscriptions/{subscription}",
                subscription,
                group,
            )
        if subscription and len(parts) == 2:
            return Parsed("Microsoft.Resources/subscriptions", (subscription,), "", subscription)
        return None
    rest = parts[at + 1 :]
    if len(rest) < 3 or len(rest) % 2 == 0 or "." not in rest[0] or not all(rest):
        return None
    kinds, names = rest[1::2], tuple(rest[2::2])
    parent = "/".join(parts[:at] if len(kinds) == 1 else parts[:-2])
    return Parsed("/".join([rest[0], *kinds]), names, f"/{parent}" if parent else "", subscription, group)
