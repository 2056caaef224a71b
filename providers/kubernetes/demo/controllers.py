"""What controllers do to a deployed estate, as on every real cluster; none of it is drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.kubernetes.loopback import Store

MANAGER = "kube-controller-manager"
_DEPLOYMENTS = "apps/Deployment"
_WEBHOOKS = "admissionregistration.k8s.io/ValidatingWebhookConfiguration"


def work(store: Store, time: str) -> None:
    """All of it."""
    furnished = {body["metadata"]["namespace"] for body in store.listed("ConfigMap", None) if _is_root(body)}
    for body in store.listed("Namespace", None):
        if body["metadata"]["name"] not in furnished:
            store.furnish(body["metadata"]["name"])
    for body in list(store.listed(_DEPLOYMENTS, None)):
        _roll_out(store, body["metadata"], time)
    for body in list(store.listed("Service", None)):
        _address(store, body["metadata"])
    store.scale(_DEPLOYMENTS, "shop/web", 5, manager=MANAGER, time=time)
    _inject(store, time)
    _aggregate(store, time)
    _claim(store, time)
    _roast(store, time)
    _release(store, time)


def _is_root(body: Mapping[str, Any]) -> bool:
    return bool(body["metadata"]["name"] == "kube-root-ca.crt")


def _roll_out(store: Store, metadata: Mapping[str, Any], time: str) -> None:
    namespace, name = metadata["namespace"], metadata["name"]
    revision = {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "7"}}}
    store.patch(
        _DEPLOYMENTS, f"{namespace}/{name}", revision, manager=MANAGER, time=time, subresource="status"
    )
    report = {"observedGeneration": 7, "replicas": 1, "readyReplicas": 1}
    store.status(_DEPLOYMENTS, f"{namespace}/{name}", report, time=time)
    template = store.get(_DEPLOYMENTS, f"{namespace}/{name}")["spec"]["template"]
    labels = template["metadata"]["labels"]
    deployment = store.get(_DEPLOYMENTS, f"{namespace}/{name}")
    replicas = _child("apps/v1", "ReplicaSet", f"{name}-7d9c", deployment, labels)
    store.create(
        {**replicas, "spec": {"selector": {"matchLabels": labels}, "template": template}},
        manager=MANAGER,
        time=time,
    )
    replica_set = store.get("apps/ReplicaSet", f"{namespace}/{name}-7d9c")
    pod = _child("v1", "Pod", f"{name}-7d9c-x2x4z", replica_set, labels)
    store.create({**pod, "spec": {**template["spec"], "nodeName": "node-1"}}, manager=MANAGER, time=time)


def _child(
    api: str, kind: str, name: str, owner: Mapping[str, Any], labels: Mapping[str, str]
) -> dict[str, Any]:
    told = owner["metadata"]
    of = {
        "apiVersion": "apps/v1",
        "kind": owner["kind"],
        "name": told["name"],
        "uid": told["uid"],
        "controller": True,
    }
    metadata = {
        "name": name,
        "namespace": told["namespace"],
        "labels": dict(labels),
        "ownerReferences": [of],
    }
    return {"apiVersion": api, "kind": kind, "metadata": metadata}


def _address(store: Store, metadata: Mapping[str, Any]) -> None:
    place = {"name": metadata["name"], "namespace": metadata["namespace"]}
    subsets = [{"addresses": [{"ip": "10.1.0.7"}], "ports": [{"port": 8080}]}]
    store.create(
        {"apiVersion": "v1", "kind": "Endpoints", "metadata": place, "subsets": subsets}, manager=MANAGER
    )
    labels = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
    metadata = {**place, "name": f"{place['name']}-k8s4x", "labels": labels}
    store.create(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": metadata,
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["10.1.0.7"]}],
        },
        manager=MANAGER,
    )


def _inject(store: Store, time: str) -> None:
    """cert-manager's certificate authority."""
    hooks = [
        {**hook, "clientConfig": {**hook["clientConfig"], "caBundle": "TGFya3NwdXIgQ29mZmVlIENB"}}
        for hook in store.get(_WEBHOOKS, "image-policy")["webhooks"]
    ]
    store.patch(_WEBHOOKS, "image-policy", {"webhooks": hooks}, manager="cainjector", time=time)


def _aggregate(store: Store, time: str) -> None:
    rules = store.get("rbac.authorization.k8s.io/ClusterRole", "observe-roasts")["rules"]
    store.patch(
        "rbac.authorization.k8s.io/ClusterRole", "observers", {"rules": rules}, manager=MANAGER, time=time
    )


def _claim(store: Store, time: str) -> None:
    """The volume of the StatefulSet's claim, and the binding of the declared one."""
    size = {"requests": {"storage": "100Gi"}}
    metadata = {"name": "data-orders-0", "namespace": "shop", "labels": {"app": "orders"}}
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "resources": size}
    store.create(
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec},
        manager=MANAGER,
        time=time,
    )
    bound = {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}
    store.patch("PersistentVolumeClaim", "shop/exports", {"metadata": bound}, manager=MANAGER, time=time)


def _roast(store: Store, time: str) -> None:
    """The roastery's operator writes into its custom resources and elects a leader."""
    for name, machine in (("house-blend", "probat-2"), ("decaf", "probat-1")):
        place = f"roastery/{name}"
        store.patch(
            "larkspur.example/Roast", place, {"spec": {"machine": machine}}, manager="roaster", time=time
        )
        store.status("larkspur.example/Roast", place, {"roasted": "41 kg"}, manager="roaster", time=time)
    lease = {"name": "roaster-leader", "namespace": "roastery"}
    store.create(
        {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": lease},
        manager="roaster",
        time=time,
    )


def _release(store: Store, time: str) -> None:
    """Helm's marks on what it deployed, and its record of the release."""
    marks = {"meta.helm.sh/release-name": "loyalty", "meta.helm.sh/release-namespace": "loyalty"}
    for key in ("Service", "ConfigMap", "ServiceAccount", _DEPLOYMENTS):
        store.patch(key, "loyalty/loyalty", {"metadata": {"annotations": marks}}, manager="helm", time=time)
    metadata = {"name": "sh.helm.release.v1.loyalty.v7", "namespace": "loyalty", "labels": {"owner": "helm"}}
    store.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "type": "helm.sh/release.v1",
            "data": {"release": "SDRzSUFBQUFBQUFB"},
        },
        manager="helm",
        time=time,
    )
