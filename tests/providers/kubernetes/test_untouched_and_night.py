"""An untouched cluster has no finding, whatever controllers did to it; each night-time change is found, and
who did it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from providers.kubernetes.loopback import Loopback, Store
from tests.providers.kubernetes.helpers import declared, of, read, told, verdict

NIGHT = "2026-03-03T03:03:03Z"
Start = Callable[..., Loopback]


@pytest.mark.parametrize("manager", ["kubectl-client-side-apply", "helm", "argocd-controller", "ci-robot"])
def test_untouched_is_silent(running: Start, bodies: list[dict[str, Any]], manager: str) -> None:
    server = running(manager=manager)
    judgement = verdict(read(of(server.kubeconfig)), declared(bodies))
    assert [told(one) for one in judgement.findings] == []
    assert judgement.in_sync == len(bodies)
    assert not judgement.unverifiable


def test_untouched_by_server_side_apply_is_silent(bodies: list[dict[str, Any]], running: Start) -> None:
    server = running(traces=False, bootstrap=True)
    for body in bodies:
        server.store.create(body, manager="kustomize-controller", operation="Apply")
    judgement = verdict(read(of(server.kubeconfig)), declared(bodies))
    assert [told(one) for one in judgement.findings] == []


def scaled(store: Store) -> None:
    store.scale("apps/Deployment", "web/shop", 9, manager="kubectl", time=NIGHT)


def edited_config(store: Store) -> None:
    store.patch("ConfigMap", "web/shop", {"data": {"color": "red"}}, manager="kubectl-edit", time=NIGHT)


def added_config(store: Store) -> None:
    store.patch("ConfigMap", "web/shop", {"data": {"debug": ""}}, manager="kubectl-patch", time=NIGHT)


def hot_fixed(store: Store) -> None:
    template = store.get("apps/Deployment", "web/shop")["spec"]["template"]
    container = {**template["spec"]["containers"][0], "image": "registry.example.com/shop:hotfix"}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    store.patch("apps/Deployment", "web/shop", patch, manager="kubectl-set", time=NIGHT)


def added_variable(store: Store) -> None:
    template = store.get("apps/Deployment", "web/shop")["spec"]["template"]
    container = dict(template["spec"]["containers"][0])
    container["env"] = [*container["env"], {"name": "DEBUG", "value": "1"}]
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    store.patch("apps/Deployment", "web/shop", patch, manager="kubectl-edit", time=NIGHT)


def host_network(store: Store) -> None:
    patch = {"spec": {"template": {"spec": {"hostNetwork": True}}}}
    store.patch("apps/Deployment", "web/shop", patch, manager="Mozilla", time=NIGHT)


def labelled(store: Store) -> None:
    patch = {"metadata": {"labels": {"owner": "bob"}}}
    store.patch("Namespace", "web", patch, manager="kubectl-label", time=NIGHT)


def annotated(store: Store) -> None:
    patch = {"metadata": {"annotations": {"note": "hand made"}}}
    store.patch("Service", "web/shop", patch, manager="kubectl-annotate", time=NIGHT)


def widened(store: Store) -> None:
    rules = [{"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["get", "list", "delete"]}]
    patch = {"rules": rules}
    store.patch(
        "rbac.authorization.k8s.io/ClusterRole", "shop-reader", patch, manager="kubectl-edit", time=NIGHT
    )


def rotated(store: Store) -> None:
    store.patch("Secret", "web/shop", {"data": {"dsn": "b3RoZXI="}}, manager="kubectl-edit", time=NIGHT)


def secret_key(store: Store) -> None:
    store.patch("Secret", "web/shop", {"data": {"extra": "b3RoZXI="}}, manager="kubectl-edit", time=NIGHT)


def resized(store: Store) -> None:
    store.patch("example.com/Widget", "web/w", {"spec": {"size": "huge"}}, manager="kubectl-edit", time=NIGHT)


def bound(store: Store) -> None:
    subjects = store.get("rbac.authorization.k8s.io/ClusterRoleBinding", "shop-reader")["subjects"]
    patch = {
        "subjects": [*subjects, {"kind": "User", "name": "eve", "apiGroup": "rbac.authorization.k8s.io"}]
    }
    store.patch(
        "rbac.authorization.k8s.io/ClusterRoleBinding",
        "shop-reader",
        patch,
        manager="kubectl-edit",
        time=NIGHT,
    )


def opened(store: Store) -> None:
    spec = {
        "ports": [
            *store.get("Service", "web/shop")["spec"]["ports"],
            {"name": "d", "port": 9999, "protocol": "TCP", "targetPort": 9999},
        ]
    }
    store.patch("Service", "web/shop", {"spec": spec}, manager="kubectl-patch", time=NIGHT)


CHANGES: list[tuple[Callable[[Store], None], str, tuple[str, ...], str]] = [
    (scaled, "apps/v1/Deployment web/shop", ("/spec/replicas",), "kubectl"),
    (edited_config, "v1/ConfigMap web/shop", ("/data/color",), "kubectl-edit"),
    (added_config, "v1/ConfigMap web/shop", ("/data/debug",), "kubectl-patch"),
    (hot_fixed, "apps/v1/Deployment web/shop", ("/spec/template/spec/containers/shop/image",), "kubectl-set"),
    (
        added_variable,
        "apps/v1/Deployment web/shop",
        ("/spec/template/spec/containers/shop/env/DEBUG",),
        "kubectl-edit",
    ),
    (host_network, "apps/v1/Deployment web/shop", ("/spec/template/spec/hostNetwork",), "Mozilla"),
    (labelled, "v1/Namespace web", ("/metadata/labels/owner",), "kubectl-label"),
    (annotated, "v1/Service web/shop", ("/metadata/annotations",), "kubectl-annotate"),
    (widened, "rbac.authorization.k8s.io/v1/ClusterRole shop-reader", ("/rules",), "kubectl-edit"),
    (rotated, "v1/Secret web/shop", ("/data/dsn",), "kubectl-edit"),
    (secret_key, "v1/Secret web/shop", ("/data/extra",), "kubectl-edit"),
    (resized, "example.com/v1/Widget web/w", ("/spec/size",), "kubectl-edit"),
    (
        bound,
        "rbac.authorization.k8s.io/v1/ClusterRoleBinding shop-reader",
        ("/subjects/User||eve",),
        "kubectl-edit",
    ),
    (opened, "v1/Service web/shop", ("/spec/ports/9999|TCP",), "kubectl-patch"),
]


@pytest.mark.parametrize("manager", ["kubectl-client-side-apply", "helm"])
@pytest.mark.parametrize(
    ("change", "what", "paths", "actor"), CHANGES, ids=[one[0].__name__ for one in CHANGES]
)
def test_each_change_is_found_and_nothing_else(
    running: Start,
    bodies: list[dict[str, Any]],
    manager: str,
    change: Callable[[Store], None],
    what: str,
    paths: tuple[str, ...],
    actor: str,
) -> None:
    server = running(manager=manager)
    change(server.store)
    judgement = verdict(read(of(server.kubeconfig)), declared(bodies))
    assert [told(one) for one in judgement.findings] == [("changed", what, paths)]
    attribution = judgement.findings[0].attribution
    assert attribution is not None
    assert (attribution.actor, attribution.time) == (actor, NIGHT)


def test_a_secret_value_appears_nowhere(running: Start, bodies: list[dict[str, Any]]) -> None:
    server = running()
    rotated(server.store)
    estate = read(of(server.kubeconfig))
    judgement = verdict(estate, declared(bodies))
    text = repr([one.attributes for one in estate]) + repr(judgement.findings)
    assert judgement.findings[0].changes[0].sensitive
    for secret in ("s3cr3t-value-one", "czNjcjN0LXZhbHVlLW9uZQ", "b3RoZXI"):
        assert secret not in text


def test_removed_and_added_objects(running: Start, bodies: list[dict[str, Any]]) -> None:
    server = running()
    store = server.store
    store.delete("networking.k8s.io/NetworkPolicy", "web/deny")
    rbac = "rbac.authorization.k8s.io"
    store.create(
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "system:night", "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "User", "name": "eve"}],
        },
        manager="kubectl-create",
        time=NIGHT,
    )
    shadow = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shadow", "namespace": "web"}}
    store.create(shadow, manager="kubectl-create", time=NIGHT)
    elsewhere = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "default"}}
    store.create(elsewhere, manager="kubectl-create", time=NIGHT)
    judgement = verdict(read(of(server.kubeconfig)), declared(bodies))
    assert sorted(told(one)[:2] for one in judgement.findings) == [
        ("missing", "networking.k8s.io/v1/NetworkPolicy web/deny"),
        ("unmanaged", f"{rbac}/v1/ClusterRoleBinding system:night"),
        ("unmanaged", "v1/ConfigMap web/shadow"),
    ]
    assert sum(judgement.unlisted.values()) == 1  # the one in a namespace where Git declares no ConfigMap
    maker = next(one for one in judgement.findings if one.kind == "unmanaged").attribution
    assert maker is not None and (maker.actor, maker.time) == ("kubectl-create", NIGHT)


def test_a_declared_field_counts_whoever_owns_it(running: Start, bodies: list[dict[str, Any]]) -> None:
    server = running()
    changed = [
        {**body, "spec": {**body["spec"], "replicas": 2}} if body["kind"] == "Deployment" else body
        for body in bodies
    ]
    judgement = verdict(read(of(server.kubeconfig)), declared(changed))
    assert [told(one)[2] for one in judgement.findings] == [("/spec/replicas",)]


def test_what_a_cluster_makes_is_not_hidden_behind_an_owner_reference(
    running: Start, bodies: list[dict[str, Any]]
) -> None:
    server = running()
    rbac = "rbac.authorization.k8s.io"
    reference = {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "1"}
    server.store.create(
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "eve", "ownerReferences": [reference]},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "User", "name": "eve"}],
        },
        manager="kubectl-create",
    )
    judgement = verdict(read(of(server.kubeconfig)), declared(bodies))
    assert [told(one)[:2] for one in judgement.findings] == [
        ("unmanaged", f"{rbac}/v1/ClusterRoleBinding eve")
    ]
