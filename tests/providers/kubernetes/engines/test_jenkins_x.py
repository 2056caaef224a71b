"""A repository of Jenkins X: what config-root holds is declared, what it is rendered from is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from drift.finding import Unverifiable
from drift.model import Problem, Resource
from providers.kubernetes.engines.jenkins_x import JenkinsX
from providers.kubernetes.engines.source import GitOps
from providers.kubernetes.loopback import Loopback, cluster
from tests.conftest import Repository
from tests.providers.kubernetes.declared.support import Live, load, served, write
from tests.providers.kubernetes.engines.running import scan, told

NAMESPACES = "gitops.jenkins-x.io/pipeline: namespaces"
#: As yq writes what a chart brings along: nulls, an empty status, everything on its own line.
CRD = """\
# Source: jenkins-x-crds/templates/sourcerepositories.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  annotations:
    controller-gen.kubebuilder.io/version: v0.14.0
  creationTimestamp: null
  name: sourcerepositories.jenkins.io
  labels:
    gitops.jenkins-x.io/pipeline: customresourcedefinitions
spec:
  group: jenkins.io
  names:
    kind: SourceRepository
    listKind: SourceRepositoryList
    plural: sourcerepositories
    singular: sourcerepository
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          x-kubernetes-preserve-unknown-fields: true
status:
  acceptedNames:
    kind: ""
    plural: ""
  conditions: []
  storedVersions: []
"""
FILES = {
    "jx-requirements.yml": "apiVersion: core.jenkins-x.io/v4beta1\nkind: Requirements\nspec: {}\n",
    "helmfile.yaml": "helmfiles:\n- path: helmfiles/jx/helmfile.yaml\n",
    "helmfiles/jx/helmfile.yaml": "releases: [{chart: jxgh/lighthouse, name: lighthouse}]\n",
    ".lighthouse/jenkins-x/release.yaml": (
        "apiVersion: tekton.dev/v1beta1\nkind: PipelineRun\nmetadata: {name: release}\nspec: {}\n"
    ),
    "charts/own/Chart.yaml": "apiVersion: v2\nname: own\nversion: 0.1.0\n",
    "charts/own/templates/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-a-chart}\n",
    "versionStream/src/base/namespaces/jx/sr.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: an-input, namespace: jx}\n"
    ),
    "versionStream/git-operator/job.yaml": (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: boot}\nspec: {template: {spec: {}}}\n"
    ),
    "versionStream/git-operator/resources/sa.yaml": (
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: jx-boot-job}\n"
    ),
    "config-root/customresourcedefinitions/jx/jenkins-x-crds/sr-crd.yaml": CRD,
    "config-root/cluster/namespaces/jx.yaml": """\
        apiVersion: v1
        kind: Namespace
        metadata: {name: jx, labels: {gitops.jenkins-x.io/pipeline: cluster, team: jx, name: jx}}
        """,
    "config-root/cluster/resources/jx/lighthouse/role.yaml": """\
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: lighthouse, labels: {gitops.jenkins-x.io/pipeline: cluster}}
        rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
        """,
    "config-root/namespaces/jx/lighthouse/deploy.yaml": f"""\
        # Source: lighthouse/templates/webhooks-deployment.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: lighthouse-webhooks
          namespace: jx
          labels: {{{NAMESPACES}, git.jenkins-x.io/sha: annotate}}
          annotations: {{meta.helm.sh/release-name: lighthouse}}
        spec:
          replicas: 1
          selector: {{matchLabels: {{app: lighthouse}}}}
          template:
            metadata:
              labels: {{app: lighthouse}}
              annotations: {{jenkins-x.io/hash: 5feceb66ffc86f38d952786c6d696c79}}
            spec:
              containers: [{{name: webhooks, image: "ghcr.io/jenkins-x/lighthouse-webhooks:1.5.2"}}]
        """,
    "config-root/namespaces/jx/lighthouse-config/config-cm.yaml": f"""\
        apiVersion: v1
        kind: ConfigMap
        metadata: {{name: config, namespace: jx, labels: {{{NAMESPACES}}}}}
        data: {{config.yaml: "an earlier one", "config.yaml": "pod_namespace: jx"}}
        """,
    "config-root/namespaces/jx/source-repositories/acme-shop.yaml": f"""\
        apiVersion: jenkins.io/v1
        kind: SourceRepository
        metadata: {{name: acme-shop, namespace: jx, labels: {{{NAMESPACES}}}}}
        spec: {{org: acme, repo: shop, provider: "https://github.com"}}
        """,
    # a hook of Helm's: kubectl applies it as all else
    "config-root/namespaces/jx/lighthouse/hook.yaml": f"""\
        apiVersion: v1
        kind: ServiceAccount
        metadata: {{name: migrate, labels: {{{NAMESPACES}}}, annotations: {{helm.sh/hook: pre-install}}}}
        """,
    # written by hand since: kubectl selects by the label, so that it is not applied yet
    "config-root/namespaces/jx/by-hand.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: by-hand, namespace: jx}\n"
    ),
    "config-root/namespaces/jx/lighthouse/secret.yaml": f"""\
        apiVersion: external-secrets.io/v1beta1
        kind: ExternalSecret
        metadata: {{name: lighthouse-hmac-token, namespace: jx, labels: {{{NAMESPACES}}}}}
        spec: {{secretStoreRef: {{name: vault, kind: ClusterSecretStore}}, target: {{name: hmac}}}}
        """,
}  # fmt: skip
OPERATOR = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "jx-git-operator", "namespace": "jx-git-operator"},
    "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}},
             "template": {"metadata": {"labels": {"a": "b"}},
                          "spec": {"containers": [{"name": "o", "image": "o"}]}}},
}  # fmt: skip


def applied() -> Iterator[dict[str, Any]]:
    """What `kubectl apply -l … -R -f` sends for each part, in its order."""
    for part in ("customresourcedefinitions", "cluster", "namespaces"):
        for name, text in FILES.items():
            if name.startswith(f"config-root/{part}/") and "by-hand" not in name:
                body = yaml.safe_load(text)
                body.pop("status", None)
                body["metadata"].pop("creationTimestamp", None)
                if part == "namespaces":
                    body["metadata"]["namespace"] = "jx"
                yield body


def account(name: str, namespace: str, **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, **more}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def boot(name: str, commit: str, made: str, **condition: str) -> dict[str, Any]:
    labels = {"git-operator.jenkins.io/kind": "git-operator", "git-operator.jenkins.io/commit-sha": commit}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": "jx-git-operator",
            "labels": labels,
            "creationTimestamp": made,
        },
        "spec": {"template": {"spec": {"containers": [{"name": "job", "image": "jx-boot"}]}}},
        "status": {"conditions": [{"status": "True", **condition}]},
    }


@pytest.fixture(scope="module")
def shared() -> Iterator[Loopback]:
    with cluster() as server:
        for body in applied():
            server.store.create(body, manager="kubectl", operation="Apply")
        server.store.create(account("jx-boot-job", "jx-git-operator"))
        job = boot("jx-boot-1", "a" * 40, "2026-01-01T00:00:00Z", type="Complete")
        server.store.create(job, manager="jx-git-operator")
        server.store.patch(
            "jenkins.io/SourceRepository", "jx/acme-shop",
            {"metadata": {"annotations": {"webhook.jenkins-x.io": "true"}}}, manager="jx-gitops",
        )  # fmt: skip
        sha = {"spec": {"template": {"metadata": {"annotations": {"git.jenkins-x.io/sha": "b" * 40}}}}}
        server.store.patch("apps/Deployment", "jx/lighthouse-webhooks", sha, manager="jx-gitops")
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hmac", "namespace": "jx"}}
        server.store.create(secret, manager="external-secrets")
        yield server


def test_what_the_boot_job_applied_is_in_sync(shared: Loopback, tmp_path: Path) -> None:
    report = scan(write(tmp_path / "cluster", FILES), shared)
    assert report["problems"] == []
    assert told(report) == []
    assert report["summary"]["in_sync"] == len(list(applied()))
    reasons = {one["resource_id"]: one["reason"] for one in report["unverifiable"]}
    assert set(reasons) == {"jx/by-hand", "jx-git-operator/jx-boot-job"}
    assert reasons["jx/by-hand"].startswith("kubectl applies what is labelled gitops.jenkins-x.io/pipeline=n")


def test_ten_changes_are_ten_findings(tmp_path: Path) -> None:
    with cluster() as server:
        store = server.store
        for body in applied():
            store.create(body, manager="kubectl", operation="Apply")
        store.patch(
            "apps/Deployment", "jx/lighthouse-webhooks", {"spec": {"replicas": 0}}, manager="kubectl-scale"
        )
        store.patch("ConfigMap", "jx/config", {"data": {"config.yaml": "other"}}, manager="kubectl-edit")
        store.patch("Namespace", "jx", {"metadata": {"labels": {"team": "sales"}}}, manager="kubectl-label")
        rules = {"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
        store.patch("rbac.authorization.k8s.io/ClusterRole", "lighthouse", rules, manager="kubectl-edit")
        store.patch(
            "jenkins.io/SourceRepository", "jx/acme-shop", {"spec": {"org": "evil"}}, manager="kubectl-edit"
        )
        store.patch("apiextensions.k8s.io/CustomResourceDefinition", "sourcerepositories.jenkins.io",
                    {"spec": {"preserveUnknownFields": True}}, manager="kubectl-edit")  # fmt: skip
        store.delete("ServiceAccount", "jx/migrate")
        secret = {"spec": {"target": {"name": "other"}}}
        store.patch(
            "external-secrets.io/ExternalSecret", "jx/lighthouse-hmac-token", secret, manager="kubectl-edit"
        )
        labels = {"gitops.jenkins-x.io/pipeline": "namespaces"}
        store.create(account("stray", "jx", labels=labels), manager="kubectl", operation="Apply")
        mine = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", **rules}
        store.create({**mine, "metadata": {"name": "mine"}})
        report = scan(write(tmp_path / "cluster", FILES), server)
    assert [(kind, what) for kind, what, _ in told(report)] == [
        ("changed", "ClusterRole lighthouse"),
        ("changed", "ConfigMap jx/config"),
        ("changed", "CustomResourceDefinition sourcerepositories.jenkins.io"),
        ("changed", "Deployment jx/lighthouse-webhooks"),
        ("changed", "ExternalSecret jx/lighthouse-hmac-token"),
        ("changed", "Namespace jx"),
        ("changed", "SourceRepository jx/acme-shop"),
        ("missing", "ServiceAccount jx/migrate"),
        ("unmanaged", "ClusterRole mine"),
        ("unmanaged", "ServiceAccount jx/stray"),
    ]
    found = {one["resource_id"]: one for one in report["findings"]}
    assert [one["path"] for one in found["jx/lighthouse-webhooks"]["changes"]] == ["/spec/replicas"]
    origin = found["jx/migrate"]["declared_at"]
    assert origin["file"] == "cluster/config-root/namespaces/jx/lighthouse/hook.yaml"
    assert origin["via"] == ["config-root", "namespaces/jx"]
    assert "removed from Git, still live" in found["jx/stray"]["note"]


def test_a_repository_that_is_not_rendered_yet_is_one_row(tmp_path: Path, shared: Loopback) -> None:
    inputs = {name: text for name, text in FILES.items() if not name.startswith("config-root")}
    report = scan(write(tmp_path / "cluster", inputs), shared)
    assert report["summary"]["declared"] == report["summary"]["missing"] == 0
    assert told(report) == []
    (row,) = report["problems"]
    assert "not rendered yet" in row["message"]
    claimed = "7 objects claimed by Repository config-root, which no inventory confirms"
    assert f"{claimed}; access is given by ClusterRole lighthouse" in row["message"]


def items(folder: Path, live: Live) -> dict[str, Resource | Unverifiable]:
    found = list(load(GitOps(), folder, "cluster", scope="prod").resources(live))
    assert not [one for one in found if isinstance(one, Problem)]
    return {
        str(one.id if isinstance(one, Resource) else one.resource_id): one
        for one in found
        if not isinstance(one, Problem)
    }


def test_a_folder_gives_its_namespace_and_the_operator_the_rest(tmp_path: Path) -> None:
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {}}}\n"
    write(tmp_path / "cluster", {
        "config-root/namespaces/jx/a.yaml": account.format("a"),
        "config-root/namespaces/beside.yaml": account.format("beside"),
        "config-root/cluster/b.yaml": account.format("b"),
    })  # fmt: skip
    folder = tmp_path / "cluster"
    expected = {"jx/a", "jx-git-operator/beside", "jx-git-operator/b"}
    live = Live(served("v1/ServiceAccount"))
    assert set(items(folder, live)) == expected
    assert all(isinstance(one, Resource) for one in items(folder, live).values())
    assert set(items(folder / "config-root", live)) == expected


@pytest.mark.parametrize(
    ("makefile", "left_out"),
    [
        ("", True),
        ("KUBEAPPLY ?= kubectl-apply\n", True),
        ("export KUBEAPPLY = kapp-apply\n", False),
        ("KUBEAPPLY:=kpt-apply\n", False),
    ],
)
def test_kapp_and_kpt_ask_for_no_label(tmp_path: Path, makefile: str, left_out: bool) -> None:
    write(tmp_path / "cluster", {**FILES, "Makefile": makefile})
    found = items(tmp_path / "cluster", Live(served("v1/ConfigMap")))
    assert isinstance(found["jx/by-hand"], Unverifiable) is left_out


def test_a_repository_of_jenkins_x_2_is_none(tmp_path: Path) -> None:
    write(tmp_path, {"jx-requirements.yml": "cluster: {}\n", "env/values.yaml": "a: 1\n"})
    assert not GitOps().recognises(tmp_path, b"")


def test_the_newest_job_that_ended_well_says_what_is_applied(tmp_path: Path) -> None:
    def job(*said: str, **condition: str) -> Resource:
        body = boot(*said, **condition)
        return Resource(
            "kubernetes", "prod", "batch/v1/Job", f"jx-git-operator/{said[0]}", body, name=said[0]
        )

    folder = write(tmp_path / "cluster", FILES)
    jobs = [
        job("first", "a" * 40, "2026-01-01T00:00:00Z", type="Complete"),
        job("second", "b" * 40, "2026-01-02T00:00:00Z", type="Complete"),
        job("third", "c" * 40, "2026-01-03T00:00:00Z", type="Failed", message="make: *** [apply] Error 1"),
    ]
    operator = Resource(
        "kubernetes", "prod", "apps/v1/Deployment", "jx-git-operator/jx-git-operator", OPERATOR
    )

    def asked(*several: Resource) -> tuple[str | None, str]:
        declared = load(GitOps(), folder, "cluster", scope="prod")
        list(declared.resources(Live(served("v1/ConfigMap"), several)))
        world, step = declared.followed.world, declared.followed.steps[0][0]  # type: ignore[attr-defined]
        return JenkinsX().applied(step, world), JenkinsX().stays(step.owner, world)

    assert asked() == (None, "the git operator applies a commit once, when it is new")
    assert asked(*jobs[:2], operator)[0] == "b" * 40
    commit, why = asked(*jobs)
    assert commit == "b" * 40
    assert why == "the last boot Job, jx-git-operator/third, failed: make: *** [apply] Error 1"
    stopped = Resource(
        "kubernetes", "prod", operator.type, operator.id, {**OPERATOR, "spec": {"replicas": 0}}
    )
    assert "scaled to nothing" in asked(*jobs, stopped)[1]


@pytest.mark.parametrize(("ended", "status"), [("Complete", "pending"), ("Failed", None)])
def test_what_the_last_boot_job_has_not_seen_is_pending(
    repository: Repository, shared: Loopback, ended: str, status: str | None
) -> None:
    before = repository.commit({name: dedent(text) for name, text in FILES.items()})
    name = "config-root/namespaces/jx/lighthouse-config/config-cm.yaml"
    repository.commit({name: dedent(FILES[name]).replace("pod_namespace: jx", "pod_namespace: other")})
    shared.store.create(
        boot("jx-boot-2", before, "2026-01-02T00:00:00Z", type=ended), manager="jx-git-operator"
    )
    report = scan(repository.path, shared)
    shared.store.delete("batch/Job", "jx-git-operator/jx-boot-2")
    assert told(report) == [("changed", "ConfigMap jx/config", ("/data/config.yaml",))]
    assert report["findings"][0]["status"] == status
