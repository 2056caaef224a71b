"""References to reserved addresses, for which the API's answers have the addresses themselves."""

from __future__ import annotations

from typing import Any

from drift.model import Unresolved
from drift.source import LiveView

#: Fields that are given a link to an address and come back as what is reserved there.
_FIELDS = frozenset({"IPAddress", "natIP", "networkIP"})


def told(value: Any, scope: str, live: LiveView | None) -> Any:
    """A body with what the live addresses are that it links to; unverifiable where an address is not read."""
    if isinstance(value, list):
        return [told(one, scope, live) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _address(one, scope, live)
        if name in _FIELDS and isinstance(one, str) and "/addresses/" in one
        else told(one, scope, live)
        for name, one in value.items()
    }


def _address(link: str, scope: str, live: LiveView | None) -> str | Unresolved:
    kind = "GlobalAddress" if "/global/" in link else "Address"
    project = link.partition("projects/")[2].partition("/")[0] or scope
    found = None
    if live is not None:
        name = f"//compute.googleapis.com/{link[link.index('projects/') :]}" if "projects/" in link else link
        found = live.find("gcp", project, f"compute.googleapis.com/{kind}", name)
    address = None if found is None else found.attributes.get("address")
    if isinstance(address, str) and address:
        return address
    return Unresolved(f"what is reserved as {link.rpartition('/')[2]} is not read")
