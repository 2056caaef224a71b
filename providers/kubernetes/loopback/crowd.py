"""A cluster as people run it, for benchmarks: 107 kinds, of which 60 are custom with schemas of real size,
and objects as many and as long as they usually are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: Custom kinds, so that with Kubernetes' own there are 107 in all.
CUSTOM = 60
_GROUP_OF = 4
#: How many objects there are of Kubernetes' own kinds, for each ten of ``scale``.
_COUNTS = {
    "v1/ConfigMap": 12,
    "v1/Secret": 8,
    "v1/Service": 6,
    "v1/ServiceAccount": 8,
    "v1/Pod": 16,
    "apps/v1/Deployment": 6,
    "apps/v1/ReplicaSet": 24,
    "discovery.k8s.io/v1/EndpointSlice": 6,
    "coordination.k8s.io/v1/Lease": 2,
    "rbac.authorization.k8s.io/v1/Role": 3,
    "rbac.authorization.k8s.io/v1/RoleBinding": 4,
    "rbac.authorization.k8s.io/v1/ClusterRole": 5,
    "networking.k8s.io/v1/NetworkPolicy": 3,
    "batch/v1/Job": 3,
}
_CLUSTER_WIDE = frozenset({"rbac.authorization.k8s.io/v1/ClusterRole"})


def made(scale: int) -> Iterator[dict[str, Any]]:
    """About 130 objects for each ten of ``scale``, besides 60 definitions."""
    for number in range(CUSTOM):
        yield _definition(number)
    for api, each in _COUNTS.items():
        for number in range(each * scale // 10):
            yield _built_in(api, number)
    for number in range(CUSTOM):
        for index in range((number % 5) * scale // 50):
            yield _custom(number, index)


def _names(number: int) -> tuple[str, str]:
    return f"group{number // _GROUP_OF}.example.com", f"Thing{number}"


def _definition(number: int) -> dict[str, Any]:
    """A CustomResourceDefinition of about 100 kB, as those of operators are."""
    group, kind = _names(number)
    plural = f"{kind.lower()}s"
    schema = {
        "type": "object",
        "description": "Thing is the schema of things. " * 4,
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": _schema(3),
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    spec = {
        "group": group,
        "scope": "Namespaced",
        "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
        "versions": [version],
    }
    api = "apiextensions.k8s.io/v1"
    metadata = {"name": f"{plural}.{group}", "labels": {"app.kubernetes.io/part-of": group}}
    return {"apiVersion": api, "kind": "CustomResourceDefinition", "metadata": metadata, "spec": spec}


def _schema(depth: int) -> dict[str, Any]:
    text = "Says what is wanted of this part of the thing, and what becomes of it where nothing is said. "
    properties: dict[str, Any] = {
        f"field{index}": {"type": "string", "description": text * (1 + index % 2)} for index in range(8)
    }
    properties["secretRef"] = {"type": "string", "description": "The secret whose key holds the token."}
    properties["amount"] = {"type": "integer", "format": "int32", "default": 1, "description": text}
    if depth:
        for index in range(3):
            properties[f"part{index}"] = _schema(depth - 1)
        member = _schema(0) | {"required": ["field0"]}
        properties["list"] = {
            "type": "array",
            "items": member,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["field0"],
        }
    return {"type": "object", "description": text, "properties": properties}


def _metadata(name: str, number: int, *, namespaced: bool = True) -> dict[str, Any]:
    labels = {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": f"{name}-prod",
        "app.kubernetes.io/managed-by": "Helm",
        "team": f"team-{number % 9}",
    }
    annotations = {"description": f"Part {number} of the shop; its runbook is wiki.example.com/run/{number}."}
    place = {"namespace": f"team-{number % 30}"} if namespaced else {}
    return {"name": name, **place, "labels": labels, "annotations": annotations}


def _custom(number: int, index: int) -> dict[str, Any]:
    group, kind = _names(number)
    part = {f"field{n}": f"value {n} of {index}" for n in range(8)}
    spec: dict[str, Any] = {**part, "part0": {**part, "part1": part}}
    spec["list"] = [{**part, "field0": str(n)} for n in range(4)]
    metadata = _metadata(f"{kind.lower()}-{index}", index)
    return {"apiVersion": f"{group}/v1", "kind": kind, "metadata": metadata, "spec": spec}


def _built_in(key: str, number: int) -> dict[str, Any]:
    api, _, kind = key.rpartition("/")
    name = f"{kind.lower()}-{number}"
    metadata = _metadata(name, number, namespaced=key not in _CLUSTER_WIDE)
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **_said(kind, name, number)}


def _said(kind: str, name: str, number: int) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": name}
    if kind == "ConfigMap":
        route = "route: {host: shop.example.com, timeout: 5s, retries: 3}\n"
        return {"data": {"application.yaml": route * 40, "level": "info"}}
    if kind == "Secret":
        return {"type": "Opaque", "data": {"password": "aHVudGVyMi1jb3JyZWN0LWhvcnNl", "user": "YXBw"}}
    if kind == "Service":
        return {"spec": {"selector": labels, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}
    if kind in ("Role", "ClusterRole"):
        resources = ["deployments", "statefulsets", "pods", "secrets"]
        return {"rules": [{"apiGroups": ["apps", ""], "resources": resources, "verbs": ["get", "list"]}] * 4}
    if kind == "RoleBinding":
        group = "rbac.authorization.k8s.io"
        subject = {"kind": "ServiceAccount", "name": name, "namespace": f"team-{number % 30}"}
        return {"roleRef": {"apiGroup": group, "kind": "Role", "name": name}, "subjects": [subject]}
    if kind == "NetworkPolicy":
        return {"spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress"]}}
    if kind == "EndpointSlice":
        ends = [{"addresses": [f"10.0.{number % 250}.{n}"], "conditions": {"ready": True}} for n in range(5)]
        return {"addressType": "IPv4", "endpoints": ends, "ports": [{"name": "http", "port": 8080}]}
    if kind == "Lease":
        return {"spec": {"holderIdentity": name, "leaseDurationSeconds": 15}}
    if kind == "Pod":
        return {"spec": _pod(name), "status": {"phase": "Running", "conditions": [{"type": "Ready"}] * 5}}
    if kind in ("Deployment", "ReplicaSet", "Job"):
        template = {"metadata": {"labels": labels}, "spec": _pod(name)}
        selector = {} if kind == "Job" else {"selector": {"matchLabels": labels}, "replicas": 2}
        return {"spec": {**selector, "template": template}, "status": {"conditions": [{"type": "Ok"}] * 3}}
    return {}


def _pod(name: str) -> dict[str, Any]:
    def container(index: int) -> dict[str, Any]:
        secret = {"secretKeyRef": {"name": name, "key": "password"}}
        return {
            "name": f"c{index}",
            "image": f"registry.example.com/shop/{name}:1.{index}.0",
            "args": ["serve", "--config=/etc/app/application.yaml", "--verbose"],
            "env": [
                *({"name": f"SETTING_{n}", "value": f"value {n}"} for n in range(8)),
                {"name": "DB_PASSWORD", "valueFrom": secret},
            ],
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
            "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}],
            "livenessProbe": {"httpGet": {"path": "/live", "port": 8080}},
        }

    volumes = [{"name": "config", "configMap": {"name": name}}]
    return {"serviceAccountName": name, "containers": [container(0), container(1)], "volumes": volumes}
