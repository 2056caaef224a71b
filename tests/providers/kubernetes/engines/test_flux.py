"""What Flux makes of a repository: roots, builds, patches of parents, variables, releases, sources."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.finding import Unverifiable
from drift.model import Problem, Resource, Unresolved
from providers.kubernetes.engines.source import GitOps
from providers.kubernetes.kustomize import binary
from tests.providers.kubernetes.declared.support import Live, load, write

KS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec:
  interval: 1h
  prune: true
  path: {path}
  sourceRef: {{kind: GitRepository, name: flux-system}}
"""
SYNC = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "ssh://git@git.example/acme/fleet", ref: {branch: main}}
---
""" + KS.format(name="flux-system", path="./clusters/prod")
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\ndata: {}\n"


def live_of(resource_type: str, id_: str, **body: Any) -> Resource:
    """A live object."""
    return Resource("kubernetes", "prod", resource_type, id_, body, name=id_.rpartition("/")[2])


def read(
    folder: Path, files: Mapping[str, str], live: Live | None = None, **said: Any
) -> tuple[dict[str, Resource], list[Problem], list[Unverifiable], tuple[str, ...]]:
    """What is declared by ``Kind id``, what was not read, what can't be judged, and the notes."""
    write(folder, files)
    declared = load(GitOps(), folder, ".", scope="prod", **said)
    found = list(declared.resources(live or Live({})))
    return (
        {f"{one.type.rpartition('/')[2]} {one.id}": one for one in found if isinstance(one, Resource)},
        [one for one in found if isinstance(one, Problem)],
        [one for one in found if isinstance(one, Unverifiable)],
        declared.notes,
    )


@pytest.mark.usefixtures("renderer")
def test_a_root_leads_to_all_that_it_applies(tmp_path: Path) -> None:
    found, problems, _, notes = read(
        tmp_path,
        {
            "clusters/prod/flux-system/gotk-sync.yaml": SYNC,
            "clusters/prod/apps.yaml": KS.format(name="apps", path="./apps/prod")
            + "  targetNamespace: shop\n",
            "clusters/stage/flux-system/gotk-sync.yaml": SYNC.replace("clusters/prod", "clusters/stage"),
            "apps/prod/kustomization.yaml": "resources: [../base]\nnamePrefix: eu-\n",
            "apps/base/kustomization.yaml": "resources: [web.yaml]\n",
            "apps/base/web.yaml": CONFIG.format("web", "{a: '1'}"),
            "unused/kustomization.yaml": "resources: [x.yaml]\n",
            "unused/x.yaml": CONFIG.format("x", "{}"),
        },
    )
    assert not problems
    assert set(found) == {
        "GitRepository flux-system/flux-system", "Kustomization flux-system/flux-system",
        "Kustomization flux-system/apps", "ConfigMap shop/eu-web",
    }  # fmt: skip
    origin = found["ConfigMap shop/eu-web"].origin
    assert origin is not None
    assert (origin.file, origin.line, origin.via) == ("apps/base/web.yaml", 1, ("clusters/prod", "apps"))
    assert any("applies nothing of: clusters/stage" in one and "unused" in one for one in notes)


def test_several_roots_need_a_name(tmp_path: Path) -> None:
    files = {
        f"clusters/{name}/flux-system/gotk-sync.yaml": SYNC.replace("clusters/prod", f"clusters/{name}")
        for name in ("eu", "us")
    }
    _, (problem,), _, _ = read(tmp_path, files)
    assert problem.unread
    assert problem.message == (
        ".: holds several clusters of Flux, and nothing tells which is that of the cluster prod: "
        "say `path: clusters/eu` or `path: clusters/us`"
    )
    spec = {"path": "./clusters/us"}
    live = live_of("kustomize.toolkit.fluxcd.io/v1/Kustomization", "flux-system/flux-system", spec=spec)
    found, problems, _, _ = read(tmp_path, {}, Live({}, [live]))
    assert not problems
    origin = found["Kustomization flux-system/flux-system"].origin
    assert origin is not None and origin.file.startswith("clusters/us/")


@pytest.mark.usefixtures("renderer")
def test_a_parent_patches_its_children_before_they_are_read(tmp_path: Path) -> None:
    parent = (
        KS.format(name="cluster-apps", path="./apps")
        + """\
  patches:
    - target: {group: kustomize.toolkit.fluxcd.io, kind: Kustomization}
      patch: |
        - op: add
          path: /spec/targetNamespace
          value: media
        - op: add
          path: /spec/postBuild
          value: {substitute: {SIZE: 5Gi}}
"""
    )
    found, problems, _, notes = read(
        tmp_path,
        {
            "flux/cluster.yaml": parent,
            "apps/plex/ks.yaml": KS.format(name="plex", path="./apps/plex/app"),
            "apps/plex/kustomization.yaml": "resources: [ks.yaml]\n",
            "apps/plex/app/config.yaml": CONFIG.format("plex", '{size: "${SIZE}", other: "${OTHER:-x}"}'),
        },
    )
    assert not problems
    assert found["ConfigMap media/plex"].attributes["data"] == {"size": "5Gi", "other": "x"}
    assert found["Kustomization flux-system/plex"].attributes["spec"]["targetNamespace"] == "media"
    assert any("flux-system/flux-system is neither declared here nor in the cluster" in one for one in notes)


def test_what_a_secret_says_is_unknown_and_never_the_literal(tmp_path: Path) -> None:
    said = (
        KS.format(name="app", path="./app")
        + """\
  postBuild:
    substitute: {NUM: "3", NAME: web}
    substituteFrom:
      - {kind: ConfigMap, name: settings}
      - {kind: Secret, name: hidden}
"""
    )
    settings = live_of(
        "v1/ConfigMap", "flux-system/settings", data={"ZONE": "eu", "NAME": "hidden by inline"}
    )
    found, problems, _, notes = read(
        tmp_path,
        {
            "cluster/app.yaml": said,
            "app/one.yaml": CONFIG.format(
                "${NAME}", '{zone: "z ${ZONE}", domain: "a.${DOMAIN}", n: "${NUM}x"}'),
            "app/two.yaml": CONFIG.format("two", "{}") + "spec:\n  replicas: ${NUM}\n  off: $${NUM}\n",
            "app/three.yaml": (
                "apiVersion: v1\nkind: ConfigMap\n"
                "metadata: {name: three, labels: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\n"
                "data: {a: '${N}'}\n"
            ),
        },
        Live({}, [settings]),
    )  # fmt: skip
    assert not problems
    data = found["ConfigMap default/web"].attributes["data"]
    assert isinstance(data["domain"], Unresolved) and "Secret flux-system/hidden" in data["domain"].reason
    assert data["n"] == "3x"
    assert found["ConfigMap default/two"].attributes["spec"] == {"replicas": 3, "off": "${NUM}"}
    assert found["ConfigMap default/three"].attributes["data"] == {"a": "${N}"}
    assert isinstance(data["zone"], Unresolved)  # the Secret, which comes later, may say it anew
    words = "its variables of ConfigMap flux-system/settings are those in the cluster"
    assert f"Kustomization flux-system/app: {words}" in notes


@pytest.mark.usefixtures("renderer")
def test_what_others_make_is_read_before_what_takes_values_of_it(tmp_path: Path) -> None:
    """Of two that wait for what nobody declares, one depends on the other, and takes what that makes."""
    post = (
        "  postBuild: {{substituteFrom: "
        "[{{kind: ConfigMap, name: {}}}, {{kind: Secret, name: no, optional: true}}]}}\n"
    )
    found, problems, _, _ = read(
        tmp_path,
        {
            "cluster/a.yaml": KS.format(name="a", path="./a")
            + post.format("settings")
            + "  dependsOn: [{name: config}]\n",
            "cluster/config.yaml": KS.format(name="config", path="./config") + post.format("gone"),
            "a/one.yaml": CONFIG.format("one", "{zone: '${ZONE}'}"),
            "config/settings.yaml": CONFIG.format("settings\n  namespace: flux-system", "{ZONE: eu}"),
        },
        Live({}, [live_of("v1/Secret", "other/x")]),
    )
    assert not problems
    assert found["ConfigMap default/one"].attributes["data"] == {"zone": "eu"}


def test_what_goes_to_another_cluster_is_declared_there(tmp_path: Path) -> None:
    class Two(Live):
        def scopes(self, provider: str) -> frozenset[str]:
            return frozenset({"prod", "edge"})

    said = KS.format(name="app", path="./app") + "  kubeConfig: {secretRef: {name: NAME}}\n"
    files = {"app/one.yaml": CONFIG.format("one", "{}")}
    for name, more in (("edge-kubeconfig", {}), ("other", {"clusters": {"other": "edge"}})):
        files["cluster/app.yaml"] = said.replace("NAME", name)
        found, problems, _, _ = read(tmp_path, files, Two({}), **more)
        assert not problems
        assert found["ConfigMap default/one"].scope == "edge"
        assert found["Kustomization flux-system/app"].scope == "prod"


def test_an_instance_of_the_operator_is_a_root(tmp_path: Path) -> None:
    instance = """\
        apiVersion: fluxcd.controlplane.io/v1
        kind: FluxInstance
        metadata: {name: flux, namespace: flux-system}
        spec:
          sync: {kind: GitRepository, url: "https://git.example/fleet", path: clusters/prod}
    """
    files = {
        "bootstrap/flux.yaml": instance,
        "clusters/prod/app.yaml": KS.format(name="app", path="./app"),
        "app/one.yaml": CONFIG.format("one", "{}"),
    }
    found, problems, _, _ = read(tmp_path, files)
    assert not problems
    assert found["ConfigMap default/one"].origin.via == ("clusters/prod", "app")  # type: ignore[union-attr]


@pytest.mark.usefixtures("renderer")
def test_a_folder_is_built_as_with_what_flux_writes_into_its_kustomization(tmp_path: Path) -> None:
    """Judged by kustomize itself on a folder into which that was written by hand."""
    own = {
        "resources": ["../base"],
        "namePrefix": "own-",
        "images": [{"name": "registry.example/web", "newTag": "1", "digest": "sha256:" + "a" * 64}],
        "patches": [{"path": "patch.yaml"}],
        "configMapGenerator": [{"name": "made", "files": ["sub/data.txt", "other=sub/data.txt"]}],
    }
    strategic = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"paused": True},
    }
    operation = {"op": "add", "path": "/spec/minReadySeconds", "value": 3}
    target = {"kind": "Deployment", "name": "web"}
    spec = {
        "path": "./app", "prune": True, "interval": "1h", "targetNamespace": "shop", "namePrefix": "new-",
        "nameSuffix": "-x", "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
        "components": ["../gone", "../more"], "ignoreMissingComponents": True,
        "patchesStrategicMerge": [strategic],
        "patchesJson6902": [{"target": target, "patch": [operation]}],
        "images": [{"name": "registry.example/web", "newTag": "2"}],
    }  # fmt: skip
    metadata = {"name": "app", "namespace": "flux-system"}
    kind = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1beta2", "kind": "Kustomization"}
    web = "spec: {template: {spec: {containers: [{name: web, image: registry.example/web}]}}}\n"
    files = {
        "cluster/app.yaml": yaml.safe_dump({**kind, "metadata": metadata, "spec": spec}),
        "app/kustomization.yaml": yaml.safe_dump(own),
        "app/patch.yaml": yaml.safe_dump({**strategic, "spec": {"replicas": 4}}),
        "app/sub/data.txt": "text\n",
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n" + web,
        "more/kustomization.yaml": (
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [more.yaml]\n"
        ),
        "more/more.yaml": CONFIG.format("more", "{}"),
    }
    found, problems, _, _ = read(tmp_path / "repo", files)
    assert not problems
    by_hand = {
        **own, "namespace": "shop", "namePrefix": "new-", "nameSuffix": "-x", "components": ["../more"],
        "images": [{"name": "registry.example/web", "newTag": "2"}],
        "patchesStrategicMerge": [json.dumps(strategic)],
        "patchesJson6902": [{"target": target, "patch": json.dumps([operation])}],
    }  # fmt: skip
    write(tmp_path / "hand", {**files, "app/kustomization.yaml": yaml.safe_dump(by_hand)})
    command = [*binary(), "--load-restrictor", "LoadRestrictionsNone", str(tmp_path / "hand/app")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wanted = {f"{one['kind']} shop/{one['metadata']['name']}": one for one in yaml.safe_load_all(printed)}
    made = {name: one.attributes for name, one in found.items() if "/v1beta2/" not in one.type}
    assert made == wanted
    assert any(name.startswith("ConfigMap shop/new-made-x-") for name in made)
