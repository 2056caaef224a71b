"""How bad a change in a cluster is: what gives power away, opens a door or destroys data is never said
quietly."""

from __future__ import annotations

from typing import Any

import pytest

from drift.finding import Change, Finding, FindingKind
from drift.model import MISSING, Resource
from drift.rules import severity
from providers.kubernetes import KubernetesProvider

RULES = list(KubernetesProvider().severity_rules())
RBAC = "rbac.authorization.k8s.io/v1"
HOOKS = "admissionregistration.k8s.io/v1"
POD = "/spec/template/spec"


def judged(kind: FindingKind, type_: str, *changes: Change, live: dict[str, Any] | None = None) -> str:
    resource = Resource("kubernetes", "prod", type_, "ns/name", live or {}, name="name")
    finding = Finding(
        kind,
        None if kind == "unmanaged" else resource,
        None if kind == "missing" else resource,
        changes,
    )
    return severity.rate(finding, RULES)[0]


def changed(type_: str, path: str, live: Any = MISSING, declared: Any = MISSING, **body: Any) -> str:
    return judged("changed", type_, Change(path, declared, live), live=body)


def rule(verbs: list[str], resources: list[str]) -> dict[str, Any]:
    return {"apiGroups": [""], "resources": resources, "verbs": verbs}


def test_every_rule_says_why() -> None:
    assert RULES
    assert all(one["why"].endswith(".") for one in RULES)


def test_a_binding_to_cluster_admin_is_critical() -> None:
    admin = {"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}}
    view = {"roleRef": {"kind": "ClusterRole", "name": "view"}}
    binding = f"{RBAC}/ClusterRoleBinding"
    eve = {"kind": "User", "name": "eve"}
    assert judged("unmanaged", binding, live=admin) == "critical"
    assert judged("unmanaged", binding, live=view) == "high"
    assert changed(binding, "/subjects/User||eve", eve, **admin) == "critical"
    assert changed(binding, "/subjects/User||eve", eve, **view) == "high"
    assert changed(binding, "/subjects/User||eve", MISSING, eve, **admin) == "medium"


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (rule(["*"], ["*"]), "critical"),
        (rule(["*"], ["pods"]), "critical"),
        (rule(["get"], ["*"]), "critical"),
        (rule(["get"], ["configmaps", "secrets"]), "critical"),
        (rule(["escalate"], ["clusterroles"]), "critical"),
        (rule(["impersonate"], ["users"]), "critical"),
        (rule(["create"], ["pods/exec"]), "critical"),
        (rule(["get"], ["pods"]), "high"),
    ],
)
def test_a_widened_cluster_role(added: dict[str, Any], expected: str) -> None:
    assert changed(f"{RBAC}/ClusterRole", "/rules", [added]) == expected
    assert changed(f"{RBAC}/ClusterRole", "/rules", [added], [rule(["get"], ["nodes"])]) == expected
    assert changed(f"{RBAC}/Role", "/rules", [added]) == "high"


def test_a_narrowed_role_is_medium_and_an_undeclared_one_high() -> None:
    assert changed(f"{RBAC}/ClusterRole", "/rules", MISSING, [rule(["*"], ["*"])]) == "medium"
    assert judged("unmanaged", f"{RBAC}/Role", live={"rules": [rule(["get"], ["pods"])]}) == "high"
    assert judged("unmanaged", f"{RBAC}/ClusterRole", live={"rules": [rule(["*"], ["*"])]}) == "critical"


def test_webhooks() -> None:
    assert judged("unmanaged", f"{HOOKS}/MutatingWebhookConfiguration") == "critical"
    assert judged("unmanaged", f"{HOOKS}/ValidatingWebhookConfiguration") == "high"
    assert judged("missing", f"{HOOKS}/ValidatingWebhookConfiguration") == "critical"
    hook = f"{HOOKS}/MutatingWebhookConfiguration"
    assert changed(hook, "/webhooks/a.b.c/clientConfig/url", "https://elsewhere") == "critical"
    assert changed(hook, "/webhooks/a.b.c/failurePolicy", "Ignore", "Fail") == "high"
    assert changed(hook, "/metadata/labels/a", "b") == "low"


def test_network() -> None:
    assert judged("missing", "networking.k8s.io/v1/NetworkPolicy") == "critical"
    assert changed("networking.k8s.io/v1/NetworkPolicy", "/spec/ingress", []) == "high"
    assert changed("v1/Service", "/spec/type", "LoadBalancer", "ClusterIP") == "high"
    assert changed("v1/Service", "/spec/type", "ClusterIP", "LoadBalancer") == "medium"
    assert judged("unmanaged", "v1/Service", live={"spec": {"type": "NodePort"}}) == "high"
    assert judged("unmanaged", "v1/Service", live={"spec": {"type": "ClusterIP"}}) == "medium"
    assert judged("unmanaged", "networking.k8s.io/v1/Ingress") == "high"


@pytest.mark.parametrize(
    ("path", "live"),
    [
        (f"{POD}/hostNetwork", True),
        (f"{POD}/hostPID", True),
        (f"{POD}/containers/app/securityContext/privileged", True),
        (f"{POD}/containers/app/securityContext", {"privileged": True}),
        (f"{POD}/containers/evil", {"image": "x", "securityContext": {"privileged": True}}),
        (f"{POD}/volumes/root", {"name": "root", "hostPath": {"path": "/"}}),
        (f"{POD}/volumes/root/hostPath/path", "/"),
        ("/spec/jobTemplate/spec/template/spec/hostIPC", True),
    ],
)
def test_out_of_the_container_is_critical(path: str, live: Any) -> None:
    assert changed("apps/v1/Deployment", path, live) == "critical"


def test_back_into_the_container_is_not() -> None:
    assert changed("apps/v1/Deployment", f"{POD}/hostNetwork", False, True) == "medium"
    volume = {"name": "tmp", "emptyDir": {}}
    assert changed("apps/v1/Deployment", f"{POD}/volumes/tmp", volume) == "medium"


@pytest.mark.parametrize(
    "live",
    [
        {"spec": {"hostNetwork": True, "containers": []}},
        {"spec": {"template": {"spec": {"volumes": [{"name": "r", "hostPath": {"path": "/"}}]}}}},
        {"spec": {"template": {"spec": {"containers": [{"securityContext": {"privileged": True}}]}}}},
        {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"hostPID": True}}}}}},
    ],
)
def test_an_undeclared_pod_with_power_over_its_node_is_critical(live: dict[str, Any]) -> None:
    assert judged("unmanaged", "apps/v1/Deployment", live=live) == "critical"
    harmless = {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}
    assert judged("unmanaged", "apps/v1/Deployment", live=harmless) == "medium"


@pytest.mark.parametrize(
    ("type_", "path", "live", "expected"),
    [
        ("apps/v1/Deployment", f"{POD}/containers/app/image", "app:hotfix", "high"),
        ("apps/v1/Deployment", f"{POD}/containers/app/command", ["sh"], "high"),
        ("apps/v1/Deployment", f"{POD}/containers/sidecar", {"image": "x"}, "high"),
        ("apps/v1/Deployment", f"{POD}/serviceAccountName", "admin", "high"),
        ("apps/v1/Deployment", f"{POD}/containers/app/securityContext/runAsNonRoot", False, "high"),
        (
            "apps/v1/Deployment",
            f"{POD}/containers/app/securityContext",
            {"capabilities": {"add": ["A"]}},
            "high",
        ),
        (
            "apps/v1/Deployment",
            f"{POD}/containers/app/securityContext",
            {"allowPrivilegeEscalation": True},
            "high",
        ),
        ("apps/v1/Deployment", f"{POD}/securityContext", {"runAsUser": 0}, "high"),
        ("apps/v1/Deployment", f"{POD}/securityContext", {"runAsUser": 1000}, "medium"),
        (
            "apps/v1/Deployment",
            f"{POD}/containers/app/securityContext",
            {"capabilities": {"drop": ["A"]}},
            "medium",
        ),
        ("apps/v1/Deployment", "/spec/replicas", 6, "medium"),
        ("apps/v1/Deployment", "/spec/replicas", 0, "high"),
        ("apps/v1/Deployment", f"{POD}/containers/app/env/DEBUG", {"name": "DEBUG", "value": "1"}, "medium"),
        ("apps/v1/Deployment", f"{POD}/containers/app/resources/limits/memory", "2Gi", "medium"),
        ("apps/v1/Deployment", "/metadata/labels/team", "b", "low"),
        ("apps/v1/Deployment", "/metadata/annotations", {"note": "x"}, "low"),
        ("apps/v1/Deployment", "/spec/template/metadata/labels/team", "b", "low"),
        ("v1/ConfigMap", "/data/color", "red", "medium"),
        ("v1/Secret", "/data/password", {"$secret": {"key": "k", "hmac": "h"}}, "high"),
        ("v1/Namespace", "/metadata/labels/pod-security.kubernetes.io~1enforce", "privileged", "high"),
        ("v1/Namespace", "/metadata/labels/team", "b", "low"),
        ("example.com/v1/Widget", "/spec/size", 3, "medium"),
    ],
)
def test_other_changes(type_: str, path: str, live: Any, expected: str) -> None:
    assert changed(type_, path, live, "declared") == expected


def test_gone() -> None:
    assert judged("missing", "v1/PersistentVolumeClaim") == "critical"
    assert judged("missing", "v1/Namespace") == "critical"
    assert judged("missing", "apiextensions.k8s.io/v1/CustomResourceDefinition") == "critical"
    assert judged("missing", "apps/v1/Deployment") == "high"
    assert judged("missing", "policy/v1/PodDisruptionBudget") == "medium"


NOTE = "/metadata/annotations"


@pytest.mark.parametrize(
    ("type_", "path", "declared", "live", "severity_"),
    [
        ("v1/ServiceAccount", f"{NOTE}/eks.amazonaws.com~1role-arn", "arn:a", "arn:b", "high"),
        ("v1/ServiceAccount", f"{NOTE}/eks.amazonaws.com~1role-arn", "arn:a", MISSING, "medium"),
        ("v1/ServiceAccount", f"{NOTE}/iam.gke.io~1gcp-service-account", MISSING, "a@b", "high"),
        ("v1/ServiceAccount", f"{NOTE}/azure.workload.identity~1client-id", MISSING, "x", "high"),
        (
            "v1/Service",
            f"{NOTE}/service.beta.kubernetes.io~1aws-load-balancer-scheme",
            MISSING,
            "internet-facing",
            "critical",
        ),
        (
            "v1/Service",
            f"{NOTE}/service.beta.kubernetes.io~1azure-load-balancer-internal",
            "true",
            MISSING,
            "high",
        ),
        ("v1/Service", f"{NOTE}/networking.gke.io~1load-balancer-type", "Internal", MISSING, "high"),
        (
            "v1/Service",
            f"{NOTE}/service.beta.kubernetes.io~1load-balancer-source-ranges",
            "10.0.0.0/8",
            MISSING,
            "high",
        ),
        (
            "networking.k8s.io/v1/Ingress",
            f"{NOTE}/alb.ingress.kubernetes.io~1scheme",
            "internal",
            "internet-facing",
            "critical",
        ),
        (
            "networking.k8s.io/v1/Ingress",
            f"{NOTE}/nginx.ingress.kubernetes.io~1whitelist-source-range",
            "10.0.0.0/8",
            "0.0.0.0/0",
            "critical",
        ),
        (
            "networking.k8s.io/v1/Ingress",
            f"{NOTE}/alb.ingress.kubernetes.io~1inbound-cidrs",
            MISSING,
            "10.0.0.0/8, 0.0.0.0/0",
            "critical",
        ),
        (
            "networking.k8s.io/v1/Ingress",
            f"{NOTE}/nginx.ingress.kubernetes.io~1configuration-snippet",
            MISSING,
            "x",
            "high",
        ),
        (
            "networking.k8s.io/v1/Ingress",
            f"{NOTE}/nginx.ingress.kubernetes.io~1auth-url",
            "https://a",
            MISSING,
            "high",
        ),
        (
            "networking.k8s.io/v1/Ingress",
            f"{NOTE}/nginx.ingress.kubernetes.io~1ssl-redirect",
            MISSING,
            "false",
            "high",
        ),
        (
            "apps/v1/Deployment",
            "/spec/template/metadata/annotations/sidecar.istio.io~1inject",
            MISSING,
            "false",
            "high",
        ),
        (
            "argoproj.io/v1alpha1/Application",
            f"{NOTE}/argocd.argoproj.io~1skip-reconcile",
            MISSING,
            "true",
            "high",
        ),
        (
            "rbac.authorization.k8s.io/v1/ClusterRole",
            "/metadata/labels/rbac.authorization.k8s.io~1aggregate-to-edit",
            MISSING,
            "true",
            "high",
        ),
        ("apps/v1/Deployment", f"{NOTE}/team", MISSING, "a", "low"),
        ("apps/v1/Deployment", f"{NOTE}/example.com~1evaluated", MISSING, "a", "low"),
    ],
)
def test_an_annotation_that_opens_something_is_no_labelling(
    type_: str, path: str, declared: Any, live: Any, severity_: str
) -> None:
    assert changed(type_, path, live, declared) == severity_
