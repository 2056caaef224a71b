"""The loopback cluster's objects, and the ways in which people and controllers change them."""

from __future__ import annotations

import copy
import json
import threading
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from providers.kubernetes.edge import LAST_APPLIED
from providers.kubernetes.loopback import defaults, fields
from providers.kubernetes.loopback.kinds import Kind, built_in, guessed, of_definition

Id = tuple[str, str, str]
START = "2026-01-01T00:00:00Z"
_SYSTEM = "kube-controller-manager"


def read_objects(folder: Path) -> list[dict[str, Any]]:
    """The objects in a folder's YAML and JSON files, custom resource definitions first."""
    found: list[dict[str, Any]] = []
    for file in sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml", ".json")):
        for body in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if isinstance(body, dict) and str(body.get("kind", "")).endswith("List") and "items" in body:
                found.extend(body["items"])
            elif isinstance(body, dict) and "kind" in body:
                found.append(body)
    return sorted(found, key=lambda body: body["kind"] != "CustomResourceDefinition")


class Store:
    """Objects by (group/Kind, namespace, name). Every change is recorded in managedFields."""

    def __init__(self) -> None:
        self.kinds: list[Kind] = built_in()
        self.objects: dict[str, dict[Id, dict[str, Any]]] = {}
        self.lock = threading.RLock()
        self._version = 1000
        self._sorted: dict[str, tuple[int, list[dict[str, Any]]]] = {}

    def kind(self, key: str) -> Kind:
        """The served kind ``group/Kind`` in its preferred version. Raises KeyError."""
        return next(one for one in self.kinds if one.key == key)

    def get(self, key: str, id_: str) -> dict[str, Any]:
        """The object ``namespace/name`` (or ``name``) itself. Raises KeyError."""
        namespace, _, name = id_.rpartition("/")
        return self.objects[key][(key, namespace, name)]

    def create(
        self,
        body: Mapping[str, Any],
        *,
        manager: str = "kubectl-create",
        time: str = START,
        operation: str = "Update",
    ) -> dict[str, Any]:
        """A new object, with its defaults; with the last applied configuration where ``kubectl apply`` makes
        it."""
        made = copy.deepcopy(dict(body))
        kind = self._served(made)
        metadata = made.setdefault("metadata", {})
        if kind.namespaced:
            metadata.setdefault("namespace", "default")
        if manager == "kubectl-client-side-apply":
            metadata.setdefault("annotations", {})[LAST_APPLIED] = json.dumps(body)
        applied = copy.deepcopy(made)
        defaults.fill(made, kind.schema)
        metadata.setdefault(
            "uid",
            str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind.key}/{metadata.get('namespace')}/{metadata['name']}")),
        )
        metadata.setdefault("creationTimestamp", time)
        self._touch(made)
        if "managedFields" not in metadata:
            owned = fields.leaves(applied if operation == "Apply" else made, kind.schema)
            metadata["managedFields"] = [_entry(made, manager, operation, time, "", set(owned))]
        with self.lock:
            self.objects.setdefault(kind.key, {})[_id(kind.key, metadata)] = made
            if kind.key == "apiextensions.k8s.io/CustomResourceDefinition":
                known = {(one.group, one.kind) for one in of_definition(made)}
                self.kinds = [one for one in self.kinds if (one.group, one.kind) not in known]
                self.kinds.extend(of_definition(made))
        return made

    def patch(
        self,
        key: str,
        id_: str,
        changes: Mapping[str, Any],
        *,
        manager: str,
        time: str = START,
        subresource: str = "",
    ) -> dict[str, Any]:
        """A JSON merge patch (RFC 7386), by somebody; null removes."""
        with self.lock:
            old = self.get(key, id_)
            new: dict[str, Any] = _merged(old, changes)
            self._replace(key, old, new, manager, time, subresource)
            return new

    def apply(
        self, body: Mapping[str, Any], *, manager: str = "kubectl-client-side-apply", time: str = START
    ) -> dict[str, Any]:
        """Creates an object or merges it into the one that is there."""
        kind = self._served(dict(body))
        metadata = body["metadata"]
        namespace = (metadata.get("namespace") or "default") if kind.namespaced else ""
        id_ = f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])
        if (kind.key, namespace, metadata["name"]) not in self.objects.get(kind.key, {}):
            return self.create(body, manager=manager, time=time)
        return self.patch(kind.key, id_, body, manager=manager, time=time)

    def scale(
        self, key: str, id_: str, replicas: int, *, manager: str = "kubectl", time: str = START
    ) -> None:
        """Sets the replicas through the subresource ``scale``, as ``kubectl scale`` and autoscalers do."""
        self.patch(
            key, id_, {"spec": {"replicas": replicas}}, manager=manager, time=time, subresource="scale"
        )

    def status(
        self, key: str, id_: str, status: Mapping[str, Any], *, manager: str = _SYSTEM, time: str = START
    ) -> None:
        """A controller's report."""
        with self.lock:
            body = self.get(key, id_)
            body["status"] = dict(status)
            owned = {("f:status", f"f:{name}") for name in status}
            body["metadata"]["managedFields"].append(_entry(body, manager, "Update", time, "status", owned))
            self._touch(body)

    def delete(self, key: str, id_: str) -> None:
        namespace, _, name = id_.rpartition("/")
        with self.lock:
            del self.objects[key][(key, namespace, name)]
            self._version += 1

    def bootstrap(self) -> None:
        """What every cluster makes for itself."""
        for name in ("default", "kube-system", "kube-public", "kube-node-lease"):
            self.create(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}},
                manager="kube-apiserver",
            )
            self.furnish(name)
        rbac = {"kubernetes.io/bootstrapping": "rbac-defaults"}
        group = "rbac.authorization.k8s.io"
        for body in (
            {
                "apiVersion": f"{group}/v1",
                "kind": "ClusterRole",
                "metadata": {"name": "cluster-admin", "labels": rbac},
                "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
            },
            {
                "apiVersion": f"{group}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "cluster-admin", "labels": rbac},
                "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "cluster-admin"},
                "subjects": [{"apiGroup": group, "kind": "Group", "name": "system:masters"}],
            },
            {
                "apiVersion": "scheduling.k8s.io/v1",
                "kind": "PriorityClass",
                "metadata": {"name": "system-node-critical"},
                "value": 2000001000,
            },
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "kubernetes", "namespace": "default"},
                "spec": {"ports": [{"name": "https", "port": 443, "targetPort": 6443}]},
            },
        ):
            self.create(body, manager="kube-apiserver")
        self.create(
            {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": "node-1", "namespace": "kube-node-lease"},
            },
            manager="kubelet",
        )

    def furnish(self, namespace: str) -> None:
        """What controllers put into every namespace."""
        place = {"namespace": namespace}
        self.create(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", **place}},
            manager=_SYSTEM,
        )
        self.create(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "kube-root-ca.crt", **place},
                "data": {"ca.crt": "PEM"},
            },
            manager=_SYSTEM,
        )

    def listed(self, key: str, namespace: str | None) -> list[dict[str, Any]]:
        """A kind's objects, in the order of their keys."""
        with self.lock:
            if self._sorted.get(key, (0, []))[0] != self._version:
                self._sorted[key] = (
                    self._version,
                    [body for _, body in sorted(self.objects.get(key, {}).items())],
                )
            found = self._sorted[key][1]
        if namespace is None:
            return found
        return [body for body in found if body["metadata"].get("namespace") == namespace]

    def _served(self, body: Mapping[str, Any]) -> Kind:
        group, _, _ = str(body["apiVersion"]).rpartition("/")
        with self.lock:
            for one in self.kinds:
                if (one.group, one.kind) == (group, body["kind"]):
                    return one
            self.kinds.append(guessed(body))
            return self.kinds[-1]

    def _replace(
        self, key: str, old: dict[str, Any], new: dict[str, Any], manager: str, time: str, subresource: str
    ) -> None:
        kind = self._served(new)
        before, after = fields.leaves(old, kind.schema), fields.leaves(new, kind.schema)
        changed = {path for path, value in after.items() if path not in before or before[path] != value}
        entries = []
        mine = changed
        for entry in old["metadata"].get("managedFields", ()):
            paths = set(fields.paths_of(entry["fieldsV1"]))
            if (entry["manager"], entry.get("subresource", "")) == (manager, subresource) and entry[
                "operation"
            ] == "Update":
                mine = mine | {path for path in paths if path in after or path[0] == "f:status"}
                continue
            left = {
                path for path in paths if path not in changed and (path in after or path[0] == "f:status")
            }
            if left:
                entries.append({**entry, "fieldsV1": fields.tree(left)})
        if mine:
            entries.append(_entry(new, manager, "Update", time, subresource, mine))
        new["metadata"]["managedFields"] = entries
        self._touch(new)
        self.objects[key][_id(key, new["metadata"])] = new

    def _touch(self, body: dict[str, Any]) -> None:
        self._version += 1
        body["metadata"]["resourceVersion"] = str(self._version)
        body["metadata"]["generation"] = int(body["metadata"].get("generation", 0)) + 1


def _id(key: str, metadata: Mapping[str, Any]) -> Id:
    return (key, metadata.get("namespace") or "", str(metadata["name"]))


def _entry(
    body: Mapping[str, Any],
    manager: str,
    operation: str,
    time: str,
    subresource: str,
    paths: Iterable[fields.Path],
) -> dict[str, Any]:
    told = {"manager": manager, "operation": operation, "apiVersion": body["apiVersion"], "time": time}
    if subresource:
        told["subresource"] = subresource
    return {**told, "fieldsType": "FieldsV1", "fieldsV1": fields.tree(paths)}


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
