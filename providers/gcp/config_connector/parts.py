"""Config Connector's objects that are a part of another resource (a NAT of a router), or of nothing that can
be read."""

from __future__ import annotations

from collections.abc import Iterator

from drift.dialect import Foreign
from drift.finding import Unverifiable
from drift.model import Origin, Resource
from providers.gcp.config_connector.as_terraform import Attributes
from providers.gcp.config_connector.objects import Declared
from providers.gcp.config_connector.references import Names


def adds(one: Declared) -> bool:
    """Whether the object is no resource of its own."""
    return "part" in one.means.said or "nowhere" in one.means.said


def type_of(one: Declared) -> str:
    """The type of what it is a part of; its kind's own where it is a part of nothing that is read."""
    from providers.gcp.terraform import entries

    name = one.means.said.get("part")
    return entries()[name].type if name else one.means.type


def resources(one: Declared, names: Names, origin: Origin) -> Iterator[Resource | Unverifiable]:
    """What it adds to another resource; Unverifiable where that can't be told."""
    from providers.gcp.terraform import GcpTerraform

    top = names.top(one)
    scope = top[1] if isinstance(top, tuple) and top[0] == "projects" else names.scope
    said = one.means.said
    if "nowhere" in said:
        yield Unverifiable("gcp", scope or "", type_of(one), one.address, "", str(said["nowhere"]), origin)
        return
    attributes = {**Attributes(one, names).whole(), "project": scope}
    made = GcpTerraform().translate(Foreign(said["part"], one.address, attributes, scope))
    named = [part.but(origin=origin) for part in made or () if part.id is not None]
    if named:
        yield from named
    else:
        reason = f"{one.address}: what it is a part of is not known"
        yield Unverifiable("gcp", scope or "", type_of(one), one.address, "", reason, origin)
