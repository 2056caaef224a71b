"""Reads a loopback Azure through the core's own path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drift.live import collect
from drift.live.estate import Estate
from drift.model import Cell, Coverage, Resource
from drift.redaction.redact import Redactor
from drift.task import Wanted
from providers.azure import AzureProvider
from providers.azure.loopback import Loopback
from providers.azure.settings import Settings

KEY = "a key for tests"
ONE, TWO, THREE = (f"{number}" * 8 + "-0000-4000-8000-000000000000" for number in (1, 2, 3))
VNET = "Microsoft.Network/virtualNetworks"
ACCOUNT = "Microsoft.Storage/storageAccounts"
SERVER = "Microsoft.Sql/servers"


def subscription(id_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"subscriptionId": id_, "displayName": name, **more}


def group(id_: str = ONE, name: str = "rg") -> str:
    return f"/subscriptions/{id_}/resourceGroups/{name}"


def body(type_: str, name: str, where: str | None = None, **more: Any) -> dict[str, Any]:
    space, *kinds = type_.split("/")
    pairs = "/".join(f"{kind}/{one}" for kind, one in zip(kinds, name.split("/"), strict=True))
    return {
        "id": f"{where or group()}/providers/{space}/{pairs}",
        "location": "westeurope",
        "properties": {},
        **more,
    }


def settings(server: Loopback, **more: Any) -> Settings:
    return Settings.model_validate({"endpoint": server.url, "max_attempts": 2, **more})


def read(given: Settings, types: Iterable[str] = (), **wanted: Any) -> Estate:
    """Everything that the settings name."""
    estate = Estate({"azure": AzureProvider()})
    collect.from_clouds(
        estate, {"azure": given}, {"azure": Wanted(frozenset(types), **wanted)}, Redactor(KEY), 8
    )
    return estate


def resources(estate: Estate) -> dict[str, Resource]:
    """Canonical id → what was read."""
    found: dict[str, Resource] = {}
    for one in estate:
        assert one.id is not None
        assert one.id.lower() not in found, f"{one.id} was read twice"
        found[one.id.lower()] = one
    return found


def row(estate: Estate, scope: str, type_: str | None = None) -> Coverage:
    """What the ledger says of a scope, or of one type in it."""
    cell = Cell("azure", scope, "*" if type_ is None else "global", type_ or "*")
    found = estate.status(cell)
    assert found is not None, f"{scope} {type_} is not in the ledger"
    return found
