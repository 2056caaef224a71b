"""The loopback API server's discovery and OpenAPI documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from providers.kubernetes.loopback.faults import Faults
from providers.kubernetes.loopback.kinds import Kind

_VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]


def discovery(path: str, kinds: list[Kind], faults: Faults, accept: str) -> tuple[dict[str, Any], str] | None:
    """(document, content type) of a discovery path; None where it is none."""
    if path in ("/api", "/apis"):
        core = path == "/api"
        if faults.aggregated and f"v={faults.aggregated};as=APIGroupDiscoveryList" in accept:
            told = f"application/json;g=apidiscovery.k8s.io;v={faults.aggregated};as=APIGroupDiscoveryList"
            return _aggregated([one for one in kinds if (not one.group) == core], faults), told
        return (_core() if core else _groups(kinds)), "application/json"
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) == 2:
        return _resources([one for one in kinds if not one.group and one.version == parts[1]], parts[1])
    if parts[0] == "apis" and len(parts) == 3:
        mine = [one for one in kinds if (one.group, one.version) == (parts[1], parts[2])]
        return _resources(mine, f"{parts[1]}/{parts[2]}") if mine else None
    return None


def openapi(path: str, kinds: Iterable[Kind]) -> dict[str, Any]:
    """The index at ``/openapi/v3``, or one group version's document."""
    apis = sorted({(one.group, one.version) for one in kinds})
    if path == "/openapi/v3":
        names = [f"apis/{group}/{version}" if group else f"api/{version}" for group, version in apis]
        return {"paths": {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash=1"} for name in names}}
    schemas = {}
    for one in kinds:
        name = f"apis/{one.group}/{one.version}" if one.group else f"api/{one.version}"
        if path == f"/openapi/v3/{name}" and one.schema is not None:
            properties = {**one.schema.get("properties", {}), "metadata": {"type": "object"}}
            gvk = {"group": one.group, "version": one.version, "kind": one.kind}
            label = ".".join([*reversed(one.group.split(".")), one.version, one.kind])
            schemas[label] = {
                **one.schema,
                "properties": properties,
                "x-kubernetes-group-version-kind": [gvk],
            }
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.34.1"},
        "components": {"schemas": schemas},
    }


def _aggregated(kinds: list[Kind], faults: Faults) -> dict[str, Any]:
    groups: dict[str, dict[str, list[Kind]]] = {}
    for one in kinds:
        groups.setdefault(one.group, {}).setdefault(one.version, []).append(one)
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{faults.aggregated}",
        "metadata": {},
        "items": [
            {
                "metadata": {"name": group} if group else {},
                "versions": [
                    _version(group, version, members, faults) for version, members in versions.items()
                ],
            }
            for group, versions in groups.items()
        ],
    }


def _version(group: str, version: str, members: list[Kind], faults: Faults) -> dict[str, Any]:
    if f"{group}/{version}" in faults.stale:
        return {"version": version, "freshness": "Stale", "resources": []}
    resources = [
        {
            "resource": one.plural,
            "responseKind": {"group": group, "version": version, "kind": one.kind},
            "scope": "Namespaced" if one.namespaced else "Cluster",
            "verbs": _VERBS,
            "subresources": [{"subresource": "status", "verbs": ["get", "patch", "update"]}],
        }
        for one in members
    ]
    return {"version": version, "freshness": "Current", "resources": resources}


def _core() -> dict[str, Any]:
    return {"kind": "APIVersions", "versions": ["v1"]}


def _groups(kinds: Iterable[Kind]) -> dict[str, Any]:
    groups: dict[str, list[str]] = {}
    for one in kinds:
        if one.group and one.version not in groups.setdefault(one.group, []):
            groups[one.group].append(one.version)
    return {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [
            {
                "name": group,
                "versions": [
                    {"groupVersion": f"{group}/{version}", "version": version} for version in versions
                ],
                "preferredVersion": {"groupVersion": f"{group}/{versions[0]}", "version": versions[0]},
            }
            for group, versions in groups.items()
        ],
    }


def _resources(kinds: list[Kind], api: str) -> tuple[dict[str, Any], str]:
    listed: list[dict[str, Any]] = []
    for one in kinds:
        entry = {"name": one.plural, "singularName": "", "namespaced": one.namespaced, "kind": one.kind}
        listed.append({**entry, "verbs": _VERBS})
        listed.append({**entry, "name": f"{one.plural}/status", "verbs": ["get", "patch", "update"]})
    return {"kind": "APIResourceList", "groupVersion": api, "resources": listed}, "application/json"
