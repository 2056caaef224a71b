"""What people do to the cluster at night behind Git's back; each gives exactly the finding that it names."""

from __future__ import annotations

import base64
from typing import Any

from drift.demo import Change, Found
from providers.kubernetes.loopback import Store

DEPLOYMENTS = "apps/Deployment"
_RBAC = "rbac.authorization.k8s.io"


def scale(store: Store, time: str) -> None:
    store.scale(DEPLOYMENTS, "shop/checkout", 6, manager="kubectl", time=time)


def label(store: Store, time: str) -> None:
    changes = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}
    store.patch("Namespace", "roastery", changes, manager="kubectl-label", time=time)


def edit_settings(store: Store, time: str) -> None:
    changes = {"data": {"FREE_SHIPPING_FROM": "0"}}
    store.patch("ConfigMap", "shop/web-settings", changes, manager="kubectl-edit", time=time)


def hot_fix(store: Store, time: str) -> None:
    container = {**_container(store, "shop/web"), "image": "registry.larkspur.example/web:1.14.2-hotfix"}
    _set_container(store, "shop/web", container, "kubectl-set", time)


def debug(store: Store, time: str) -> None:
    container = _container(store, "loyalty/loyalty")
    container = {**container, "env": [*container["env"], {"name": "DEBUG_SQL", "value": "1"}]}
    _set_container(store, "loyalty/loyalty", container, "kubectl-edit", time)


def copy_settings(store: Store, time: str) -> None:
    data = store.get("ConfigMap", "shop/web-settings")["data"]
    metadata = {"name": "web-settings-old", "namespace": "shop"}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
    store.create(body, manager="kubectl-create", time=time)


def widen(store: Store, time: str) -> None:
    rules = [
        *store.get(f"{_RBAC}/ClusterRole", "support")["rules"],
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    ]
    store.patch(f"{_RBAC}/ClusterRole", "support", {"rules": rules}, manager="kubectl-edit", time=time)


def open_network(store: Store, time: str) -> None:
    store.delete("networking.k8s.io/NetworkPolicy", "shop/orders-only-from-checkout")


def change_password(store: Store, time: str) -> None:
    data = {"password": base64.b64encode(NEW_PASSWORD.encode()).decode()}
    store.patch("Secret", "shop/orders", {"data": data}, manager="kubectl-patch", time=time)


def become_admin(store: Store, time: str) -> None:
    body = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "night-shift"},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "User", "name": "sam@contractor.example"}],
    }
    store.create(body, manager="kubectl-create", time=time)


def roast_darker(store: Store, time: str) -> None:
    changes = {"spec": {"celsius": 232}}
    store.patch("larkspur.example/Roast", "roastery/house-blend", changes, manager="k9s", time=time)


def _container(store: Store, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = store.get(DEPLOYMENTS, id_)["spec"]["template"]["spec"]["containers"][0]
    return found


def _set_container(store: Store, id_: str, container: dict[str, Any], manager: str, time: str) -> None:
    changes = {"spec": {"template": {"spec": {"containers": [container]}}}}
    store.patch(DEPLOYMENTS, id_, changes, manager=manager, time=time)


#: What Git declares, and what it became at night; neither may get out.
PASSWORD = "ristretto-hunter2"  # noqa: S105 - of a loopback cluster
NEW_PASSWORD = "doppio-hunter3"  # noqa: S105
_IN_POD = "/spec/template/spec/containers"

NIGHT = (
    Change(
        "22:48",
        "A tasting was announced: somebody scaled the checkout to six replicas.",
        scale,
        (Found("apps/v1/Deployment", "shop/checkout", paths=("/spec/replicas",), actor="kubectl"),),
    ),
    Change(
        "23:16",
        "The namespace roastery was relabelled, so that privileged pods may run in it.",
        label,
        (
            Found(
                "v1/Namespace",
                "roastery",
                paths=("/metadata/labels/pod-security.kubernetes.io~1enforce",),
                actor="kubectl-label",
            ),
        ),
    ),
    Change(
        "00:31",
        "Shipping is free: somebody edited the ConfigMap web-settings …",
        edit_settings,
        (
            Found(
                "v1/ConfigMap", "shop/web-settings", paths=("/data/FREE_SHIPPING_FROM",), actor="kubectl-edit"
            ),
        ),
    ),
    Change(
        "00:33",
        "… and kept another one for later, web-settings-old.",
        copy_settings,
        (Found("v1/ConfigMap", "shop/web-settings-old", "unmanaged", actor="kubectl-create"),),
    ),
    Change(
        "01:07",
        "The web shop runs a hot-fixed image, 1.14.2-hotfix.",
        hot_fix,
        (Found("apps/v1/Deployment", "shop/web", paths=(f"{_IN_POD}/web/image",), actor="kubectl-set"),),
    ),
    Change(
        "01:43",
        "The loyalty programme logs every query: DEBUG_SQL is set.",
        debug,
        (
            Found(
                "apps/v1/Deployment",
                "loyalty/loyalty",
                paths=(f"{_IN_POD}/loyalty/env/DEBUG_SQL",),
                actor="kubectl-edit",
            ),
        ),
    ),
    Change(
        "02:20",
        "Support could not see enough: the cluster role support may do everything.",
        widen,
        (Found(f"{_RBAC}/v1/ClusterRole", "support", paths=("/rules",), actor="kubectl-edit"),),
    ),
    Change(
        "03:09",
        "A contractor is cluster-admin, by a binding that nobody declared, night-shift.",
        become_admin,
        (Found(f"{_RBAC}/v1/ClusterRoleBinding", "night-shift", "unmanaged", actor="kubectl-create"),),
    ),
    Change(
        "03:28",
        "Connections timed out, and the NetworkPolicy around the orders was deleted.",
        open_network,
        (Found("networking.k8s.io/v1/NetworkPolicy", "shop/orders-only-from-checkout", "missing"),),
    ),
    Change(
        "04:15",
        "The password of the orders' database was changed by hand.",
        change_password,
        (Found("v1/Secret", "shop/orders", paths=("/data/password",), actor="kubectl-patch"),),
    ),
    Change(
        "05:02",
        "The house blend is roasted darker than the recipe says.",
        roast_darker,
        (Found("larkspur.example/v1/Roast", "roastery/house-blend", paths=("/spec/celsius",), actor="k9s"),),
    ),
)
