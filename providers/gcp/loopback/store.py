"""What is in a loopback Google Cloud: organizations, folders, projects, and assets with their resources and
policies."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import yaml

_MANAGER = "cloudresourcemanager.googleapis.com"
_TOPS = {"projects": "Project", "folders": "Folder", "organizations": "Organization"}
#: Asset types that are known to it even while there is none of them.
_KNOWN = """
    artifactregistry.googleapis.com/Repository bigquery.googleapis.com/Dataset bigquery.googleapis.com/Table
    cloudfunctions.googleapis.com/Function cloudkms.googleapis.com/CryptoKey cloudkms.googleapis.com/KeyRing
    cloudresourcemanager.googleapis.com/Folder cloudresourcemanager.googleapis.com/Organization
    cloudresourcemanager.googleapis.com/Project
    compute.googleapis.com/Address compute.googleapis.com/Disk compute.googleapis.com/Firewall
    compute.googleapis.com/Instance compute.googleapis.com/Network compute.googleapis.com/Subnetwork
    container.googleapis.com/Cluster container.googleapis.com/NodePool dns.googleapis.com/ManagedZone
    iam.googleapis.com/Role iam.googleapis.com/ServiceAccount iam.googleapis.com/ServiceAccountKey
    logging.googleapis.com/LogSink pubsub.googleapis.com/Subscription pubsub.googleapis.com/Topic
    redis.googleapis.com/Instance run.googleapis.com/Service secretmanager.googleapis.com/Secret
    sqladmin.googleapis.com/Instance storage.googleapis.com/Bucket
"""


def read_documents(folder: Path) -> list[dict[str, Any]]:
    """Every document of a folder's YAML and JSON files, places before what lies in them."""
    found: list[dict[str, Any]] = []
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".yaml", ".yml"):
            found.extend(one for one in yaml.safe_load_all(file.read_text(encoding="utf-8")) if one)
        elif file.suffix == ".json":
            value = orjson.loads(file.read_bytes())
            found.extend(value if isinstance(value, list) else [value])
    return sorted(found, key=lambda one: str(one["name"]).startswith("//"))


@dataclass(slots=True)
class Asset:
    """One asset. ``place`` is the ``projects/N``, ``folders/N`` or ``organizations/N`` that it lies in."""

    name: str
    type: str
    place: str
    data: dict[str, Any] | None
    policy: dict[str, Any] = field(default_factory=dict)
    listed: bool = True


class Store:
    """All of it. Places are known by ``projects/NUMBER``, ``folders/N`` and ``organizations/N``."""

    def __init__(self) -> None:
        self.places: dict[str, dict[str, Any]] = {}
        self.assets: dict[str, Asset] = {}
        self.types: set[str] = set(_KNOWN.split())
        self.lock = threading.RLock()

    def add(self, document: Mapping[str, Any]) -> None:
        """Adds one document: an organization, a folder or a project as Resource Manager v3 gives it
        (``{"name": "projects/1", "projectId": …, "parent": …}``), or an asset: ``{"name": "//…", "assetType":
        …, "data": BODY, "iamPolicy": {…}, "in": "PROJECT-ID or folders/N"}``; ``in`` is needed only where the
        name does not tell the project. ``"listed": false`` keeps it from Cloud Asset: only its own API tells
        it.
        """
        body = copy.deepcopy(dict(document))
        name = str(body["name"])
        with self.lock:
            if not name.startswith("//"):
                policy = body.pop("iamPolicy", {})
                top = name.partition("/")[0]
                self.places[name] = {"state": "ACTIVE", "createTime": "2025-01-01T00:00:00Z", **body}
                self._keep(
                    Asset(f"//{_MANAGER}/{name}", f"{_MANAGER}/{_TOPS[top]}", name, self.places[name], policy)
                )
                return
            place = self.place(str(body.get("in") or _project_in(name)))
            if place is None:
                raise ValueError(f"{name}: lies in no known project; add it before, or say `in`")
            policy, listed = body.get("iamPolicy") or {}, body.get("listed", True)
            self._keep(Asset(name, body["assetType"], place, body.get("data"), policy, listed))

    def _keep(self, asset: Asset) -> None:
        self.assets[asset.name] = asset
        if asset.listed:
            self.types.add(asset.type)

    def place(self, said: str) -> str | None:
        """``projects/NUMBER``, ``folders/N`` or ``organizations/N`` for what a caller says (``projects/ID``,
        an id); None where there is none."""
        with self.lock:
            if said in self.places:
                return said
            bare = said.removeprefix("projects/")
            for name, body in self.places.items():
                if bare in (body.get("projectId"), name.removeprefix("projects/")):
                    return name
        return None

    def ancestors(self, place: str) -> list[str]:
        """A place and all that it lies in, the nearest first."""
        found = [place]
        while (parent := self.places.get(found[-1], {}).get("parent")) is not None:
            found.append(parent)
        return found

    def change(self, name: str, changes: Mapping[str, Any]) -> None:
        """A JSON merge patch (RFC 7386) of a resource's body."""
        with self.lock:
            asset = self.assets[name]
            asset.data = _merged(asset.data, changes)

    def set_policy(self, name: str, policy: Mapping[str, Any]) -> None:
        """Another IAM policy of a resource."""
        with self.lock:
            self.assets[name].policy = copy.deepcopy(dict(policy))

    def grant(self, name: str, role: str, member: str, condition: Mapping[str, Any] | None = None) -> None:
        """Adds one grant to a resource's IAM policy."""
        with self.lock:
            binding: dict[str, Any] = {"role": role, "members": [member]}
            if condition is not None:
                binding["condition"] = dict(condition)
            self.assets[name].policy.setdefault("bindings", []).append(binding)

    def delete(self, name: str) -> None:
        with self.lock:
            del self.assets[name]

    def below(self, place: str) -> Iterator[Asset]:
        """The assets in a place and in all that lies below it, in the order of their names."""
        with self.lock:
            inside = {one for one in self.places if place in self.ancestors(one)}
            found = [one for one in self.assets.values() if one.listed and one.place in inside]
            return iter(sorted(found, key=_by_name))

    def collection(self, path: str) -> tuple[str, list[Asset]] | None:
        """The place that a path of a service lies in (``projects/p/instances/i/databases``), and what stands
        directly below it; None where it lies in nothing that is there."""
        above = path.rpartition("/")[0]
        with self.lock:
            places = [one.place for name, one in self.assets.items() if name.split("/", 3)[-1] == above]
            if not places:
                return None
            below = [
                one
                for one in self.assets.values()
                if one.name.split("/", 3)[-1].rstrip("/").rpartition("/")[0] == path
            ]
            return places[0], sorted(below, key=_by_name)


def _by_name(asset: Asset) -> str:
    return asset.name


def _project_in(name: str) -> str:
    parts = name.split("/")
    for top, value in zip(parts, parts[1:], strict=False):
        if top in _TOPS:
            return value if top == "projects" else f"{top}/{value}"
    return ""


def _merged(old: Any, changes: Any) -> Any:
    if not isinstance(changes, Mapping):
        return copy.deepcopy(changes)
    result = copy.deepcopy(old) if isinstance(old, dict) else {}
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result
