"""What a deployer applies is edited where it stands: a manifest, an overlay of a shared base, values that a
release sets; what comes of elsewhere is described, and the deployer's own command restores it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drift.config.model import load
from drift.editor import Wish
from drift.remediate.proof import Proof
from providers.kubernetes.editing.gitops import GitOpsEditor
from tests.providers.kubernetes.engines.harness import Cluster
from tests.remediate.harness import adopted, repository

KS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec: {{interval: 1h, path: {path}, prune: true, sourceRef: {{kind: GitRepository, name: flux-system}}}}
"""
SYNC = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "https://git.example/acme/fleet", ref: {branch: main}}
---
""" + KS.format(name="flux-system", path="./clusters/prod")
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {}
  namespace: {}
data:
  level: info
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: web}
spec:
  interval: 1h
  chart:
    spec:
      chart: ./charts/web
      sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
"""
LOUD = (
    RELEASE.replace("name: web, namespace: web", "name: loud, namespace: loud") + "  values: {level: info}\n"
)
FILES = {
    "drift.yaml": "version: 1\ndeclared: [{path: ., source: gitops, scope: prod}]\nblame: {enabled: false}\n",
    "clusters/prod/flux-system/gotk-sync.yaml": SYNC,
    "clusters/prod/apps.yaml": KS.format(name="apps", path="./plain"),
    "clusters/prod/eu.yaml": KS.format(name="eu", path="./overlays/eu"),
    "clusters/prod/us.yaml": KS.format(name="us", path="./overlays/us"),
    "clusters/prod/web.yaml": RELEASE,
    "clusters/prod/loud.yaml": LOUD,
    "plain/settings.yaml": CONFIG.format("settings", "shop"),
    "base/kustomization.yaml": "resources: [shared.yaml]\n",
    "base/shared.yaml": CONFIG.format("shared", "base"),
    "overlays/eu/kustomization.yaml": "resources: [../../base]\nnamespace: eu\n",
    "overlays/us/kustomization.yaml": "resources: [../../base]\nnamespace: us\n",
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "level: info # how much it says\n",
    "charts/web/templates/settings.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n"
        "data: {level: {{ .Values.level }}}\n"
    ),
}
OWNERS = {"shop/settings": "apps", "eu/shared": "eu", "us/shared": "us"}


def live() -> Cluster:
    """What Flux made of it, and somebody changed."""
    cluster = Cluster()
    for name in ("flux-system/gotk-sync", "apps", "eu", "us", "web", "loud"):
        cluster.deployed(FILES[f"clusters/prod/{name}.yaml"], labels=marks("flux-system"))
    for id_, owner in OWNERS.items():
        namespace, _, name = id_.partition("/")
        cluster.deployed(CONFIG.format(name, namespace), labels=marks(owner))
    for name in ("web", "loud"):
        release = {"helm.toolkit.fluxcd.io/name": name, "helm.toolkit.fluxcd.io/namespace": name}
        release["app.kubernetes.io/managed-by"] = "Helm"
        helm = {"meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": name}
        made = CONFIG.format(name, name)
        cluster.deployed(made, by="helm-controller", labels=release, annotations=helm)
    for id_ in (*OWNERS, "web/web", "loud/loud"):
        if id_ != "us/shared":
            cluster.changed("ConfigMap", id_, {"data": {"level": "error"}})
    return cluster


def marks(owner: str) -> dict[str, str]:
    return {"kustomize.toolkit.fluxcd.io/name": owner, "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}


@pytest.mark.usefixtures("renderer", "helm")
def test_each_is_edited_where_it_stands(tmp_path: Path) -> None:
    folder = repository(tmp_path / "fleet", FILES)
    snapshot = live().snapshot(tmp_path / "live.jsonl")
    done = adopted(folder, snapshot)
    assert sorted(done.files) == [
        "charts/web/values.yaml", "overlays/eu/kustomization.yaml",
        "overlays/eu/shared-configmap-patch.yaml", "plain/settings.yaml",
    ]  # fmt: skip
    assert done.files["plain/settings.yaml"] == FILES["plain/settings.yaml"].replace("info", "error")
    assert done.files["charts/web/values.yaml"] == "level: error # how much it says\n"
    ((why, _),) = done.described.values()
    assert "where HelmRelease loud/loud says it, that would differ from the live one" in why
    assert [one.resource.id for one in done.after.findings.values()] == ["loud/loud"]


@pytest.mark.usefixtures("renderer", "helm")
def test_its_own_command_restores_it(tmp_path: Path) -> None:
    folder = repository(tmp_path / "fleet", FILES)
    proof = Proof(load(folder / "drift.yaml", None, {}), [live().snapshot(tmp_path / "live.jsonl")])
    verdict = proof.judged(lambda _: True)
    found: dict[str, Any] = {}
    for finding in verdict.findings.values():
        source = verdict.source_of(finding)
        assert source is not None
        wish = Wish(finding, finding.changes[0], source, source.location, verdict.estate.providers)
        restoring = GitOpsEditor().restoring(wish)
        assert restoring is not None
        found[str(finding.resource.id)] = " ".join(restoring.commands[0])
    flux = "flux reconcile kustomization {} --namespace flux-system --with-source"
    assert found == {
        "shop/settings": flux.format("apps"),
        "eu/shared": flux.format("eu"),
        "loud/loud": "flux reconcile helmrelease loud --namespace loud --with-source --force",
        "web/web": "flux reconcile helmrelease web --namespace web --with-source --force",
    }
