"""The tests' cluster: what Git declares, applied, with the traces that controllers leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from providers.kubernetes.loopback import Loopback, Store, cluster

HERE = Path(__file__).parent


def controllers(store: Store) -> None:
    """What controllers do to an applied estate; none of it is drift."""
    store.furnish("web")
    store.scale(
        "apps/Deployment", "web/shop", 5, manager="kube-controller-manager", time="2026-02-01T00:00:00Z"
    )
    store.patch(
        "apps/Deployment",
        "web/shop",
        {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "4"}}},
        manager="kube-controller-manager",
        subresource="status",
    )
    store.status("apps/Deployment", "web/shop", {"replicas": 5, "observedGeneration": 4})
    hook = store.get("admissionregistration.k8s.io/MutatingWebhookConfiguration", "shop")["webhooks"][0]
    injected = {**hook, "clientConfig": {**hook["clientConfig"], "caBundle": "Q0E="}}
    store.patch(
        "admissionregistration.k8s.io/MutatingWebhookConfiguration",
        "shop",
        {"webhooks": [injected]},
        manager="cainjector",
    )
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    store.patch(
        "rbac.authorization.k8s.io/ClusterRole",
        "shop-all",
        {"rules": rules},
        manager="kube-controller-manager",
    )
    store.patch("example.com/Widget", "web/w", {"spec": {"chosen": "node-1"}}, manager="widget-operator")
    store.status("example.com/Widget", "web/w", {"ready": True}, manager="widget-operator")
    uid = store.get("apps/Deployment", "web/shop")["metadata"]["uid"]
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "uid": uid, "controller": True}
    store.create(
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {"name": "shop-1", "namespace": "web", "ownerReferences": [owner]},
            "spec": {"selector": {"matchLabels": {"app": "shop"}}},
        },
        manager="kube-controller-manager",
    )
    labels = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
    store.create(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "shop-x", "namespace": "web", "labels": labels},
            "addressType": "IPv4",
            "endpoints": [],
        },
        manager="kube-controller-manager",
    )


@pytest.fixture(scope="session")
def bodies() -> list[dict[str, Any]]:
    with (HERE / "estate.yaml").open(encoding="utf-8") as stream:
        return list(yaml.safe_load_all(stream))


@pytest.fixture
def running(bodies: list[dict[str, Any]]) -> Iterator[Callable[..., Loopback]]:
    """Starts clusters with the estate."""
    import contextlib

    with contextlib.ExitStack() as stack:

        def start(**options: Any) -> Loopback:
            traces = options.pop("traces", True)
            server = stack.enter_context(cluster(bodies, **options))
            if traces:
                controllers(server.store)
            return server

        yield start
