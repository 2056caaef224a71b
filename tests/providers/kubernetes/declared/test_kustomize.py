"""Kustomize folders, rendered by the real binary: objects, the files they come from, and one clear error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drift.errors import DriftError
from drift.model import Unresolved
from providers.kubernetes.kustomize import Kustomize
from tests.providers.kubernetes.declared.support import load, recognises, resources, write

pytestmark = pytest.mark.usefixtures("renderer")

TREE = {
    "base/kustomization.yaml": """\
        resources:
        - objects.yaml
        configMapGenerator:
        - name: other
          literals: [x=y]
        - name: settings
          literals:
          - LOG_LEVEL=info
          - FLAG=yes
        secretGenerator:
        - name: token
          literals: [token=geheim]
        """,
    "base/objects.yaml": """\
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: front}
        spec:
          replicas: 1
          template:
            spec:
              containers:
              - name: front
                image: front:1
                envFrom: [{configMapRef: {name: settings}}]
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: front
        spec: {ports: [{port: 80}]}
        """,
    "overlays/prod/kustomization.yaml": """\
        namespace: prod
        namePrefix: prod-
        resources: [../../base, role.yaml]
        images: [{name: front, newTag: "2"}]
        patches:
        - path: replicas.yaml
        """,
    "overlays/prod/replicas.yaml": """\
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: front}
        spec: {replicas: 3}
        """,
    "overlays/prod/role.yaml": """\
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: reader}
        rules: []
        """,
}


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(DriftError) as raised:
        load(Kustomize(), path, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_an_overlay(tmp_path: Path) -> None:
    folder = write(tmp_path, TREE) / "overlays" / "prod"
    found = resources(load(Kustomize(), folder, "deploy/overlays/prod"))
    names = {name.rpartition("-")[0] if "Map" in name or "Secret" in name else name for name in found}
    assert names == {
        "ConfigMap prod/prod-settings",
        "ConfigMap prod/prod-other",
        "Secret prod/prod-token",
        "Deployment prod/prod-front",
        "Service prod/prod-front",
        "ClusterRole prod-reader",
    }
    front = found["Deployment prod/prod-front"]
    assert front.attributes["spec"]["replicas"] == 3
    assert front.attributes["spec"]["template"]["spec"]["containers"][0]["image"] == "front:2"
    settings = next(one for name, one in found.items() if "settings" in name)
    assert settings.attributes["data"] == {"LOG_LEVEL": "info", "FLAG": "yes"}


def test_where_objects_come_from(tmp_path: Path) -> None:
    folder = write(tmp_path, TREE) / "overlays" / "prod"
    found = resources(load(Kustomize(), folder, "deploy/overlays/prod"))
    assert all("annotations" not in one.attributes["metadata"] for one in found.values())
    origins = {name: one.origin for name, one in found.items()}
    where = {name: f"{origin.file}:{origin.line}" for name, origin in origins.items() if origin}
    assert where["Deployment prod/prod-front"] == "deploy/base/objects.yaml:1"
    assert where["Service prod/prod-front"] == "deploy/base/objects.yaml:13"
    assert where["ClusterRole prod-reader"] == "deploy/overlays/prod/role.yaml:1"
    settings = next(told for name, told in where.items() if "settings" in name)
    assert settings == "deploy/base/kustomization.yaml:6"


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_names_of_the_file(tmp_path: Path, name: str) -> None:
    write(tmp_path, {f"k/{name}": "resources: [a.yaml]\n", "k/a.yaml": TREE["base/objects.yaml"]})
    assert recognises(Kustomize(), tmp_path / "k")
    assert recognises(Kustomize(), tmp_path / "k" / name)
    assert not recognises(Kustomize(), tmp_path)
    found = resources(load(Kustomize(), tmp_path / "k" / name, f"k/{name}", namespace="web"))
    assert list(found) == ["Service web/front", "Deployment web/front"]
    origin = found["Service web/front"].origin
    assert origin is not None
    assert (origin.file, origin.line) == ("k/a.yaml", 13)


def test_annotations_that_the_user_asked_for_stay(tmp_path: Path) -> None:
    text = "resources: [a.yaml]\nbuildMetadata: [originAnnotations, managedByLabel]\n"
    write(tmp_path, {"k/kustomization.yaml": text, "k/a.yaml": TREE["overlays/prod/role.yaml"]})
    (found,) = resources(load(Kustomize(), tmp_path / "k")).values()
    metadata = found.attributes["metadata"]
    assert metadata["annotations"] == {"config.kubernetes.io/origin": "path: a.yaml\n"}
    assert isinstance(metadata["labels"]["app.kubernetes.io/managed-by"], Unresolved)
    assert found.origin is not None
    assert (found.origin.file, found.origin.line) == ("k/a.yaml", 1)


def test_the_file_alone_where_the_line_is_unclear(tmp_path: Path) -> None:
    role = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n"
    several = f"{role}---\n{role.replace(' a}', ' b}')}"
    patch = '[{"op": "replace", "path": "/metadata/name", "value": "ab"}]'
    text = f"resources: [a.yaml]\npatches:\n- target: {{name: b}}\n  patch: '{patch}'\n"
    write(tmp_path, {"k/kustomization.yaml": text, "k/a.yaml": several})
    found = resources(load(Kustomize(), tmp_path / "k"))
    origin = found["ServiceAccount default/ab"].origin
    assert origin is not None
    assert (origin.file, origin.line) == ("k/a.yaml", None)


@pytest.mark.parametrize(
    "entry",
    [
        "https://github.com/acme/base//deploy?ref=v1",
        "github.com/acme/base",
        "git@github.com:acme/base.git",
        "https://example.com/objects.yaml",
        "ssh://git@example.com/base",
    ],
)
def test_nothing_is_fetched_silently(tmp_path: Path, entry: str) -> None:
    write(
        tmp_path,
        {"a/kustomization.yaml": f"resources:\n- {entry}\n", "b/kustomization.yaml": "resources: [../a]"},
    )
    assert refusal(tmp_path / "b") == (
        f"a/kustomization.yaml:2: {entry} is remote and not fetched silently; vendor it, "
        "or set the option 'remote: true'"
    )


def test_kustomize_complains_in_one_line(tmp_path: Path) -> None:
    write(tmp_path, {"k/kustomization.yaml": "resources: [nowhere.yaml]\n"})
    told = refusal(tmp_path / "k")
    assert told.startswith("k: kustomize can't render it: accumulating resources")
    assert "nowhere.yaml" in told
    assert "drift-" not in told


def test_charts_need_an_option(tmp_path: Path) -> None:
    chart = "helmCharts: [{name: a, repo: 'https://127.0.0.1:9', version: 1.0.0}]\n"
    write(tmp_path, {"k/kustomization.yaml": chart})
    assert "set the option 'enable-helm: true'" in refusal(tmp_path / "k")


def test_a_broken_kustomization(tmp_path: Path) -> None:
    write(tmp_path, {"k/kustomization.yaml": "resources: [a.yaml\n", "l/a.yaml": "a: 1"})
    assert refusal(tmp_path / "k").startswith("k: kustomize can't render it: ")
    assert refusal(tmp_path / "l") == "l: there is no kustomization.yaml in this folder"


def test_options(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    assert "did you mean 'enable-helm'?" in refusal(tmp_path / "base", enable_hlm=True)
    assert (
        refusal(tmp_path / "base", remote="yes") == "base: option 'remote' must be true or false, not 'yes'"
    )


def test_a_missing_binary_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, TREE)
    monkeypatch.setenv("PATH", str(tmp_path))
    told = refusal(tmp_path / "base")
    assert told.startswith("neither kustomize nor kubectl is installed; one of them is needed")
    assert "https://" in told
