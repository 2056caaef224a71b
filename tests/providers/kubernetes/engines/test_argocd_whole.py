"""A repository of Argo CD through the whole program: in sync with a cluster as Argo CD fills it, then each
change is told and nothing else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Repository
from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.engines.harness import Body, Cluster, bodies, exact, in_sync, scan

URL = "https://git.example/acme/fleet"
HERE = "https://kubernetes.default.svc"
ARGO = "argoproj.io/v1alpha1"


def app(name: str, path: str, namespace: str, **more: Any) -> Body:
    source = {"repoURL": f"{URL}.git", "path": path, "targetRevision": "HEAD", **more.pop("source", {})}
    return {
        "apiVersion": ARGO,
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "project": "fleet",
            "source": source,
            "destination": {"server": HERE, "namespace": namespace},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, **more},
        },
    }


PROJECT = {
    "apiVersion": ARGO,
    "kind": "AppProject",
    "metadata": {"name": "fleet", "namespace": "argocd"},
    "spec": {
        "sourceRepos": ["*"],
        "destinations": [{"namespace": "*", "server": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    },
}
ROOT = app("root", "apps", "argocd", source={"directory": {"recurse": True}})
WEB = app(
    "web", "web/overlay", "shop",
    source={"kustomize": {"images": ["nginx:1.29"], "namePrefix": "eu-"}},
    syncOptions=["CreateNamespace=true"],
    managedNamespaceMetadata={"labels": {"pod-security.kubernetes.io/enforce": "baseline"}},
)  # fmt: skip
CHART = app(
    "api", "charts/api", "shop",
    source={"helm": {"valueFiles": ["../../env/prod.yaml"],
                     "parameters": [{"name": "replicas", "value": "3"}]}},
)  # fmt: skip
POLICY = {"automated": {"selfHeal": True}, "syncOptions": ["CreateNamespace=true"]}
SET = {
    "apiVersion": ARGO,
    "kind": "ApplicationSet",
    "metadata": {"name": "tenants", "namespace": "argocd"},
    "spec": {
        "goTemplate": True,
        "goTemplateOptions": ["missingkey=error"],
        "generators": [
            {"git": {"repoURL": f"{URL}.git", "revision": "HEAD", "directories": [{"path": "tenants/*"}]}}
        ],
        "template": {
            "metadata": {"name": "tenant-{{ .path.basename }}"},
            "spec": {
                "project": "fleet",
                "source": {"repoURL": f"{URL}.git", "targetRevision": "HEAD", "path": "{{ .path.path }}"},
                "destination": {"server": HERE, "namespace": "{{ .path.basename }}"},
                "syncPolicy": POLICY,
            },
        },
    },
}
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {level: info}\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx, env: [{name: MODE, value: live}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
API = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: {app.kubernetes.io/instance: {{ .Release.Name }}-chart}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: api, image: "acme/api:{{ .Values.tag }}"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: "pre-install,pre-upgrade"}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: acme/api}]}}}
"""


def said(*objects: Any) -> str:
    return yaml.safe_dump_all(objects, sort_keys=False)


FILES = {
    "bootstrap/root.yaml": said(ROOT),
    "apps/project.yaml": said(PROJECT),
    "apps/web.yaml": said(WEB),
    "apps/more/api.yaml": said(CHART),
    "apps/more/tenants.yaml": said(SET),
    "web/base/kustomization.yaml": "resources: [web.yaml]\n",
    "web/base/web.yaml": DEPLOYMENT,
    "web/overlay/kustomization.yaml": "resources: [../base]\n",
    "charts/api/Chart.yaml": "apiVersion: v2\nname: api\nversion: 1.0.0\n",
    "charts/api/values.yaml": "replicas: 1\ntag: none\n",
    "charts/api/templates/all.yaml": API,
    "env/prod.yaml": "replicas: 2\ntag: '7'\n",
    "tenants/red/settings.yaml": SETTINGS,
    "tenants/blue/settings.yaml": SETTINGS,
    "docs/example.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: example}\n",
}
WEB_LIVE = DEPLOYMENT.replace("name: web}\nspec", "name: eu-web}\nspec").replace(
    "image: nginx", "image: nginx:1.29"
)


def tenant(name: str) -> Body:
    found = app(f"tenant-{name}", f"tenants/{name}", name)
    found["spec"]["syncPolicy"] = POLICY
    owner = {"apiVersion": ARGO, "kind": "ApplicationSet", "name": "tenants", "uid": "1", "controller": True}
    found["metadata"].update(finalizers=["resources-finalizer.argocd.argoproj.io"], ownerReferences=[owner])
    return found


def tracked(name: str, several: list[Body], namespace: str) -> list[Body]:
    """With the annotation that Argo CD marks its objects with."""
    for one in several:
        group = one["apiVersion"].rpartition("/")[0]
        place = one["metadata"].get("namespace", namespace)
        mark = f"{name}:{group}/{one['kind']}:{place}/{one['metadata']['name']}"
        one["metadata"].setdefault("annotations", {})["argocd.argoproj.io/tracking-id"] = mark
    return several


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("fleet") / "fleet", FILES)


@pytest.fixture(scope="module")
def cluster(fleet: Path, helm_folder: Path) -> Cluster:
    made = Cluster(controller="argocd-controller", operation="Update")
    made.serve("argoproj.io/v1alpha1", "Application")
    made.serve("argoproj.io/v1alpha1", "ApplicationSet")
    made.serve("argoproj.io/v1alpha1", "AppProject")
    made.deployed([ROOT], by="kubectl-client-side-apply")
    made.deployed(tracked("root", bodies(said(PROJECT, WEB, CHART, SET)), "argocd"))
    made.deployed([tenant("red"), tenant("blue")], by="argocd-applicationset-controller")
    made.deployed(
        "apiVersion: v1\nkind: Namespace\nmetadata: "
        "{name: shop, labels: {pod-security.kubernetes.io/enforce: baseline}}\n"
    )
    made.deployed(tracked("web", bodies(WEB_LIVE), "shop"), namespace="shop")
    chart = fleet / "charts/api"
    output = subprocess.run(
        [helm_folder / "helm", "template", "api", chart, "--namespace", "shop", "--no-hooks",
         "--values", fleet / "env/prod.yaml", "--set", "replicas=3"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    made.deployed(tracked("api", bodies(output), "shop"), namespace="shop")
    for name in ("red", "blue"):
        made.deployed(f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n")
        made.deployed(tracked(f"tenant-{name}", bodies(SETTINGS), name), namespace=name)
    return made


@pytest.fixture(autouse=True)
def tools(helm_folder: Path, renderer: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{helm_folder}{os.pathsep}{os.environ['PATH']}")


def test_what_argo_cd_filled_is_in_sync(fleet: Path, cluster: Cluster) -> None:
    found = in_sync(fleet, cluster, declared=15)
    assert found.problems == []
    assert [one for one in found.unverifiable if "hook" not in one[2]] == []


def container(name: str, **more: Any) -> Mapping[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": name, **more}]}}}}


def test_each_change_is_told_and_nothing_else(fleet: Path, cluster: Cluster) -> None:
    binding = """\
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: mine}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
        subjects: [{kind: User, name: eve, apiGroup: rbac.authorization.k8s.io}]
        """
    exact(
        fleet,
        cluster,
        [
            (
                lambda c: c.changed("Deployment", "shop/eu-web", {"spec": {"replicas": 5}}),
                [("changed", "Deployment shop/eu-web", ("/spec/replicas",))],
            ),
            (
                lambda c: c.changed("Deployment", "shop/api", {"spec": {"replicas": 1}}),
                [("changed", "Deployment shop/api", ("/spec/replicas",))],
            ),
            (lambda c: c.removed("Service", "shop/eu-web"), [("missing", "Service shop/eu-web", ())]),
            (
                lambda c: c.changed("ConfigMap", "red/settings", {"data": {"level": "debug"}}),
                [("changed", "ConfigMap red/settings", ("/data/level",))],
            ),
            (lambda c: c.removed("ConfigMap", "blue/settings"), [("missing", "ConfigMap blue/settings", ())]),
            (
                lambda c: c.changed(
                    "Namespace", "shop",
                    {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
                ),
                [("changed", "Namespace shop", ("/metadata/labels/pod-security.kubernetes.io~1enforce",))],
            ),
            (
                lambda c: c.changed(
                    "Application", "argocd/api",
                    {"spec": {"source": {"helm": {"parameters": [{"name": "replicas", "value": "9"}]}}}},
                    by="argocd-server",
                ),
                [("changed", "Application argocd/api", ("/spec/source/helm/parameters/0/value",))],
            ),
            (
                lambda c: c.changed(
                    "Application", "argocd/tenant-red", {"spec": {"syncPolicy": {"automated": None}}}
                ),
                [("changed", "Application argocd/tenant-red", ("/spec/syncPolicy/automated",))],
            ),
            (
                lambda c: c.changed("AppProject", "argocd/fleet", {"spec": {"sourceRepos": ["*", "x"]}}),
                [("changed", "AppProject argocd/fleet", ("/spec/sourceRepos/1",))],
            ),
            (
                lambda c: c.deployed(binding, by="kubectl-create"),
                [("unmanaged", "ClusterRoleBinding mine", ())],
            ),
        ],
    )  # fmt: skip


def test_a_chain_is_told_with_what_it_leads_to(fleet: Path, cluster: Cluster) -> None:
    other = cluster.copy()
    other.removed("ConfigMap", "red/settings")
    found = scan(fleet, other).finding("ConfigMap red/settings")
    assert found["declared_at"]["via"] == ["root", "tenants", "tenant-red"]
    assert found["declared_at"]["file"] == "fleet/tenants/red/settings.yaml"


def test_what_an_application_set_leaves_alone_is_no_drift(tmp_path: Path, cluster: Cluster) -> None:
    ignored = [{"kind": "ConfigMap", "jsonPointers": ["/data/level"]}]
    template = {**SET["spec"]["template"]}
    template["spec"] = {**template["spec"], "ignoreDifferences": ignored}
    kept = {**SET["spec"], "template": template, "preservedFields": {"labels": ["team"]}}
    kept["ignoreApplicationDifferences"] = [{"jsonPointers": ["/spec/syncPolicy"]}]
    project = {**PROJECT["spec"], "orphanedResources": {"ignore": [{"kind": "ConfigMap", "name": "made-*"}]}}
    files = {
        **FILES,
        "apps/more/tenants.yaml": said({**SET, "spec": kept}),
        "apps/project.yaml": said({**PROJECT, "spec": project}),
    }
    repository = write(tmp_path / "fleet", files)
    other = cluster.copy()
    other.changed("ApplicationSet", "argocd/tenants", {"spec": kept}, by="argocd-controller")
    other.changed("AppProject", "argocd/fleet", {"spec": project}, by="argocd-controller")
    for name in ("red", "blue"):
        spec = {"spec": {"ignoreDifferences": ignored}}
        other.changed("Application", f"argocd/tenant-{name}", spec, by="argocd-applicationset-controller")
    change = {"spec": {"syncPolicy": {"automated": None}}, "metadata": {"labels": {"team": "a"}}}
    other.changed("Application", "argocd/tenant-red", change)
    other.changed("ConfigMap", "red/settings", {"data": {"level": "debug"}})
    for name in ("made-one", "other"):
        other.deployed(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: red}}\n")
    assert scan(repository, other).told == [("unmanaged", "ConfigMap red/other", ())]


def test_what_argo_cd_has_not_applied_yet_is_pending(repository: Repository) -> None:
    root = app("root", "shop", "shop")
    before = repository.commit({"root.yaml": said({**root, "spec": {**root["spec"], "project": "default"}}),
                                   "shop/settings.yaml": SETTINGS})  # fmt: skip
    made = Cluster(controller="argocd-controller", operation="Update")
    made.serve(ARGO, "Application")
    made.deployed(repository.path.joinpath("root.yaml").read_text(), by="kubectl-client-side-apply")
    made.deployed(tracked("root", bodies(SETTINGS), "shop"), namespace="shop")
    after = repository.commit({"shop/settings.yaml": SETTINGS.replace("info", "warn")})
    operation = {"phase": "Succeeded", "syncResult": {"revision": before}}
    status = {"sync": {"status": "OutOfSync", "revision": after}, "operationState": operation}
    made.status("Application", "argocd/root", status)
    found = scan(repository.path, made)
    assert found.told == [("changed", "ConfigMap shop/settings", ("/data/level",))]
    assert found.finding("ConfigMap shop/settings")["status"] == "pending"

    made.changed("ConfigMap", "shop/settings", {"data": {"level": "debug"}})
    assert scan(repository.path, made).finding("ConfigMap shop/settings")["status"] != "pending"


def test_a_set_without_namespace_that_anothers_application_applies_is_there_only(tmp_path: Path) -> None:
    def made_by(name: str, path: str, **metadata: Any) -> Body:
        spec = {**app(name, path, "argocd")["spec"]}
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {"name": name, **metadata},
            "spec": {
                "generators": [{"list": {"elements": [{"cluster": "here"}]}}],
                "template": {"metadata": {"name": f"{name}-{{{{cluster}}}}"}, "spec": spec},
            },
        }

    folder = write(tmp_path / "repo", {
        "first.yaml": yaml.safe_dump(made_by("first", "sets", namespace="argocd")),
        "sets/second.yaml": yaml.safe_dump(made_by("second", "plain")),
        "plain/one.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n",
    })  # fmt: skip
    cluster = Cluster(controller="argocd-controller", operation="Update")
    for kind in ("Application", "ApplicationSet"):
        cluster.serve("argoproj.io/v1alpha1", kind)
    assert [name for _, name, _ in scan(folder, cluster).told] == [
        "Application argocd/first-here", "Application argocd/second-here",
        "ApplicationSet argocd/first", "ApplicationSet argocd/second", "ConfigMap argocd/one",
    ]  # fmt: skip
