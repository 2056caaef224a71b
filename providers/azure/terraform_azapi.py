"""Reads what Terraform's ``azapi`` provider declares: bodies in ARM's own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drift.model import Sensitive, Unresolved
from providers.azure.facts import spelling
from providers.azure.terraform_body import identity_of, put

#: azapi's types that call an action or read, and leave nothing behind of which ARM would know.
_ACTIONS = frozenset({"azapi_resource_action", "azapi_data_plane_resource"})


@dataclass(frozen=True, slots=True)
class Declared:
    """A body with its id; no id where nothing is declared."""

    id: str
    attributes: dict[str, Any]
    partial: bool = False


def version(terraform_type: str, attributes: Mapping[str, Any]) -> tuple[str, str] | None:
    """(ARM type, API version) of ``Microsoft.X/y@2023-01-01``."""
    said = attributes.get("type")
    if not terraform_type.startswith("azapi_") or not isinstance(said, str):
        return None
    type, _, named = said.partition("@")
    return (spelling(type), named) if named else None


def body(terraform_type: str, attributes: Mapping[str, Any]) -> Declared | None:
    """What one instance declares; None for a type that is not known."""
    if terraform_type in _ACTIONS:
        return Declared("", {})
    if terraform_type not in ("azapi_resource", "azapi_update_resource"):
        return None
    id = attributes.get("resource_id") if terraform_type == "azapi_update_resource" else None
    id = id or attributes.get("id")
    if not isinstance(id, str) or not id.startswith("/"):
        return None
    found = _body(attributes.get("body"))
    if isinstance(found, Unresolved):
        found = {"properties": found}
    for name in ("location", "tags"):
        if attributes.get(name):
            found[name] = attributes[name]
    if identity := identity_of(attributes.get("identity")):
        found["identity"] = identity
    for path in attributes.get("ignore_body_changes") or ():
        put(found, str(path).replace(".", "/"), Unresolved("ignore_body_changes leaves it out"))
    return Declared(id, found, terraform_type == "azapi_update_resource")


def _body(said: Any) -> Any:
    """The body: an object, an object with its Terraform type (as a state has what is of any type), or JSON
    text."""
    secret = isinstance(said, Sensitive)
    said = said.value if isinstance(said, Sensitive) else said
    if isinstance(said, Mapping) and set(said) == {"value", "type"}:
        said = said["value"]
    if isinstance(said, str):
        try:
            said = json.loads(said) if said.strip() else {}
        except ValueError:
            return Unresolved("azapi's body is no JSON")
    if said is None:
        return {}
    if not isinstance(said, Mapping):
        return Unresolved("azapi's body is no object")
    return {name: Sensitive(value) if secret else value for name, value in said.items()}
