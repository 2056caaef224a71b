"""The deployers' own objects are watched: whoever writes to them, what is not as Git says is a finding of
severity high that names who did it; and what Git says no longer is told under each deployer's manager."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.engines.harness import Cluster, Told, exact, removed_from_git, scan

GROUPS = {
    "Kustomization": "kustomize.toolkit.fluxcd.io/v1",
    "HelmRelease": "helm.toolkit.fluxcd.io/v2",
    "GitRepository": "source.toolkit.fluxcd.io/v1",
    "Application": "argoproj.io/v1alpha1",
    "ApplicationSet": "argoproj.io/v1alpha1",
    "AppProject": "argoproj.io/v1alpha1",
}


def of(kind: str, name: str, spec: str) -> str:
    head = f"apiVersion: {GROUPS[kind]}\nkind: {kind}\nmetadata: {{name: {name}, namespace: deploy}}\n"
    return f"{head}spec: {spec}\n---\n"


APP = (
    "{{project: default, destination: {{server: 'https://kubernetes.default.svc', namespace: x}}, "
    "source: {{repoURL: 'https://git.example/a', path: a, targetRevision: main}}{more}}}"
)
APPLIES = "{interval: 1h, path: ./a, prune: true, sourceRef: {kind: GitRepository, name: a}}"
RELEASES = "{interval: 1h, chartRef: {kind: OCIRepository, name: a}, values: {replicas: 1}}"
MAKES = "{generators: [{list: {elements: []}}], template: {metadata: {name: a}, spec: {}}}"
OBJECTS = "".join((
    of("Kustomization", "suspended", APPLIES),
    of("Kustomization", "elsewhere", APPLIES),
    of("HelmRelease", "values", RELEASES),
    of("GitRepository", "branch", "{interval: 1h, url: 'https://git.example/a', ref: {branch: main}}"),
    of("Application", "parameter", APP.format(more="")),
    of("Application", "automated", APP.format(more=", syncPolicy: {automated: {selfHeal: true}}")),
    of("Application", "revision", APP.format(more="")),
    of("ApplicationSet", "policy", MAKES),
    of("AppProject", "project", "{sourceRepos: ['https://git.example/*'], destinations: []}"),
))  # fmt: skip
#: Kind and name, what somebody writes, who, and the path that is told.
CHANGES: list[tuple[str, dict[str, Any], str, str]] = [
    ("Kustomization suspended", {"suspend": True}, "flux", "/spec/suspend"),
    ("Kustomization elsewhere", {"path": "./b"}, "kustomize-controller", "/spec/path"),
    ("HelmRelease values", {"values": {"image": {"tag": "evil"}}}, "helm", "/spec/values/image"),
    ("GitRepository branch", {"ref": {"branch": "evil"}}, "kubectl-patch", "/spec/ref/branch"),
    (
        "Application parameter",
        {"source": {"helm": {"parameters": [{"name": "image.tag", "value": "evil"}]}}},
        "argocd-server",
        "/spec/source/helm",
    ),
    (
        "Application automated",
        {"syncPolicy": {"automated": None}},
        "argocd-server",
        "/spec/syncPolicy/automated",
    ),
    (
        "Application revision",
        {"source": {"targetRevision": "evil"}},
        "argocd-controller",
        "/spec/source/targetRevision",
    ),
    (
        "ApplicationSet policy",
        {"syncPolicy": {"preserveResourcesOnDeletion": True}},
        "helm",
        "/spec/syncPolicy",
    ),
    ("AppProject project", {"sourceRepos": ["*"]}, "argocd-server", "/spec/sourceRepos"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "infra", {"objects.yaml": OBJECTS})


def test_each_change_of_a_deployers_object_is_high_with_who_did_it(folder: Path) -> None:
    cluster = Cluster().deployed(OBJECTS)
    assert scan(folder, cluster, engine="none").told == []
    for name, spec, by, _ in CHANGES:
        kind, _, own = name.partition(" ")
        cluster.changed(kind, f"deploy/{own}", {"spec": spec}, by=by)
    found = scan(folder, cluster, engine="none")
    told = {f"{kind} {place}": paths for kind, place, paths in found.told}
    for name, _, by, path in CHANGES:
        place = name.replace(" ", " deploy/")
        (said,) = told.pop(f"changed {place}")
        assert said == path or said.startswith(f"{path}/") or path.startswith(f"{said}/"), (place, said)
        finding = found.finding(place)
        assert (finding["severity"], by in finding["attribution"]["actor"]) == ("high", True), place
    assert told == {}


def test_one_that_nobody_declares_is_high_wherever_it_stands(folder: Path) -> None:
    cluster = Cluster().deployed(OBJECTS)
    strange = OBJECTS.replace("namespace: deploy", "namespace: elsewhere")
    cluster.deployed(strange, by="kustomize-controller")
    found = scan(folder, cluster, engine="none")
    kinds = {one["type"].rpartition("/")[2]: one["severity"] for one in found.report["findings"]}
    assert kinds == dict.fromkeys(sorted(set(GROUPS) - {"GitRepository"}), "high")


WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example/web:1", env: [{name: A, value: '1'}]}]}
"""
NODE = WEB.replace("web", "node")
BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: User, name: ada, apiGroup: rbac.authorization.k8s.io}]
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}
"""
OLD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old, namespace: shop}\ndata: {a: '1'}\n"
KEPT = OLD.replace("old", "kept")


def container(name: str, **more: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": name, **more}]}}}}


def test_what_git_says_no_longer_is_told(tmp_path: Path) -> None:
    """Under each deployer's manager, and however it writes."""
    folder = write(tmp_path / "infra", {"all.yaml": "---\n".join((WEB, NODE, BINDING, POLICY, KEPT))})
    subject = {"kind": "User", "name": "eve", "apiGroup": "rbac.authorization.k8s.io"}
    anywhere = {"spec": {"ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}, {}]}}
    wanted: list[Told] = [
        ("changed", "ClusterRoleBinding admins", ("/subjects/User||eve",)),
        ("changed", "Deployment shop/node", ("/spec/template/spec/containers/node/securityContext",)),
        ("changed", "Deployment shop/web", ("/spec/template/spec/containers/web/env/B",)),
        ("changed", "NetworkPolicy shop/closed", ("/spec/ingress",)),
        ("unmanaged", "ConfigMap shop/old", ()),
    ]
    for manager, operation in (
        ("kustomize-controller", "Apply"),
        ("helm-controller", "Update"),
        ("helm", "Update"),
        ("argocd-controller", "Apply"),
        ("argocd-controller", "Update"),
        ("clouddriver", "Update"),
        ("kubectl", "Apply"),
        ("kubectl-client-side-apply", "Update"),
    ):
        cluster = Cluster(controller=manager, operation=operation)
        cluster.deployed("---\n".join((WEB, NODE, BINDING, POLICY, KEPT, OLD)))
        removed_from_git(
            cluster, "Deployment", "shop/web", container("web", env=[{"name": "B", "value": "2"}])
        )
        removed_from_git(
            cluster, "Deployment", "shop/node", container("node", securityContext={"privileged": True})
        )
        removed_from_git(cluster, "ClusterRoleBinding", "admins", {"subjects": [subject]})
        removed_from_git(cluster, "NetworkPolicy", "shop/closed", anywhere)
        exact(folder, cluster, [(lambda _: None, wanted)], engine="none")
