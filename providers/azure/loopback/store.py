"""What a loopback Azure holds: subscriptions, management groups, resources by id, and secret settings of
apps."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from providers.azure import models
from providers.azure.ids import canonical, parse

TENANT = "99999999-9999-4999-8999-999999999999"
#: What a type is served at where no document says it: the newest of a few versions, and one that is not
#: finished.
VERSIONS = (
    "2025-03-01-preview",
    "2024-05-01",
    "2024-03-01",
    "2023-09-01",
    "2023-07-01",
    "2023-05-01",
    "2023-01-31",
    "2023-01-01",
    "2022-09-01",
    "2022-07-01-preview",
    "2022-07-01",
    "2022-06-01",
    "2022-04-01",
    "2022-03-01",
    "2021-11-01",
    "2021-06-01",
    "2021-05-01-preview",
    "2020-10-01",
    "2020-05-01",
    "2020-02-02",
    "2018-11-30",
)


class Store:
    """Everything by lower-case id. Its methods may be called while the server runs."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, list[dict[str, str]]] = {}
        self.resources: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, dict[str, str]] = {}
        self.versions: dict[str, tuple[str, ...]] = {}
        #: The Activity Log.
        self.events: list[dict[str, Any]] = []
        #: The rows of Resource Graph's table resourcechanges.
        self.changes: list[dict[str, Any]] = []

    def add(self, document: Mapping[str, Any]) -> None:
        """Takes one document:

        ``{"subscriptionId": …, "displayName", "state", "tenantId"}`` a subscription;
        ``{"managementGroup": …, "below": [subscription or group ids]}`` a management group;
        ``{"resourceType": …, "apiVersions": […]}`` the versions that a type is served at;
        ``{"settings": ID/config/appsettings, "values": {…}}`` what only the action ``list`` tells;
        else a resource's body with its ``id``; its type and name follow from that.
        """
        one = copy.deepcopy(dict(document))
        with self.lock:
            if "subscriptionId" in one:
                said = {"displayName": one["subscriptionId"], "state": "Enabled", "tenantId": TENANT, **one}
                self.subscriptions[str(one["subscriptionId"]).lower()] = said
            elif "managementGroup" in one:
                self.groups[str(one["managementGroup"]).lower()] = list(one.get("below", ()))
            elif "resourceType" in one:
                self.versions[str(one["resourceType"]).lower()] = tuple(one["apiVersions"])
            elif "settings" in one:
                self.settings[canonical(one["settings"])] = dict(one["values"])
            else:
                self._resource(one)

    def _resource(self, one: dict[str, Any]) -> None:
        found = parse(str(one["id"]))
        if found is None:
            raise ValueError(f"{one['id']}: is no id of a resource")
        if found.subscription and found.subscription.lower() not in self.subscriptions:
            self.add({"subscriptionId": found.subscription})
        known = models.types().get(found.type.lower())
        self.resources[canonical(str(one["id"]))] = {
            "id": one["id"],
            "name": found.name,
            "type": known["as"] if known else found.type,
            **one,
        }

    def get(self, id: str) -> dict[str, Any]:
        """A resource's body, to be changed in place. Raises KeyError."""
        return self.resources[canonical(id)]

    def remove(self, id: str) -> None:
        """Takes away a resource and what lies below it."""
        low = canonical(id)
        with self.lock:
            for one in [one for one in self.resources if one == low or one.startswith(f"{low}/")]:
                del self.resources[one]

    def served(self, type_: str) -> tuple[str, ...]:
        """The API versions of a type."""
        return self.versions.get(type_.lower(), VERSIONS)


def read_documents(folder: Path) -> Iterator[dict[str, Any]]:
    """The documents of a folder's YAML and JSON files, in the order of their names."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".yaml", ".yml", ".json"):
            with file.open("rb") as stream:
                for document in yaml.safe_load_all(stream):
                    yield from document if isinstance(document, list) else [document] if document else []
