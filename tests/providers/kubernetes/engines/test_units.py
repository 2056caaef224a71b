"""A folder of Kustomize folders, charts and manifests is read as all of them, what one uses not by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from drift.errors import DeclaredError
from drift.model import Problem, Resource
from providers.kubernetes.declared_units import laid
from providers.kubernetes.engines.source import GitOps
from providers.kubernetes.kustomize import Kustomize
from providers.kubernetes.manifests import Manifests
from tests.providers.kubernetes.declared.support import Live, load, served, write

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\ndata: {{a: '1'}}\n"
FILES = {
    "base/kustomization.yaml": "resources: [settings.yaml, more/quota.yaml]\n",
    "base/settings.yaml": CONFIG.format("settings"),
    "base/more/quota.yaml": CONFIG.format("quota"),
    "base/more/stray.yaml": CONFIG.format("stray"),
    "common/alone.yaml": CONFIG.format("alone"),
    "overlays/eu/kustomization.yaml": "resources: [../../base]\nnamespace: eu\ncomponents: [../../tls]\n",
    "overlays/us/kustomization.yaml": "resources: [../../base]\nnamespace: us\n",
    "tls/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [tls.yaml]\n"
    ),
    "tls/tls.yaml": CONFIG.format("tls"),
    "unused/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [none.yaml]\n"
    ),
    "unused/none.yaml": CONFIG.format("none"),
    "node_modules/x/y.yaml": CONFIG.format("vendored"),
    "README.md": "Not an object.\n",
}
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/templates/settings.yaml": CONFIG.format("from-{{ .Release.Name }}"),
}


def ids(found: Sequence[object]) -> list[str]:
    assert not [one for one in found if isinstance(one, Problem)]
    return sorted(str(one.id) for one in found if isinstance(one, Resource))


def test_what_another_one_uses_is_no_unit(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, **CHART})
    told = [(one.kind, one.folder.relative_to(tmp_path).as_posix()) for one in laid(tmp_path).units]
    assert told == [
        ("chart", "charts/web"),
        ("files", "common"),
        ("kustomize", "overlays/eu"),
        ("kustomize", "overlays/us"),
    ]


@pytest.mark.usefixtures("renderer", "helm")
def test_all_of_it_is_declared(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, **CHART})
    assert GitOps().recognises(tmp_path, b"")
    assert not Manifests().recognises(tmp_path, b"")
    declared = load(GitOps(), tmp_path, "k8s", scope="prod")
    live = Live(served("v1/ConfigMap"))
    found = list(declared.resources(live))
    assert ids(found) == [
        "default/alone", "default/from-web", "eu/quota", "eu/settings", "eu/tls", "us/quota", "us/settings",
    ]  # fmt: skip
    (left,) = declared.notes
    assert left == "k8s: left out, as no kustomization names it: k8s/base/more/stray.yaml"
    origins = {one.id: one.origin for one in found if isinstance(one, Resource) and one.origin}
    assert (origins["eu/quota"].file, origins["eu/quota"].line) == ("k8s/base/more/quota.yaml", 1)
    assert origins["default/from-web"].file == "k8s/charts/web/templates/settings.yaml"


@pytest.mark.usefixtures("renderer")
def test_one_that_is_broken_takes_no_other_with_it(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "overlays/us/kustomization.yaml": "resources: [../../gone]\n"})
    found = list(load(GitOps(), tmp_path, "k8s").resources(Live(served("v1/ConfigMap"))))
    (problem,) = [one for one in found if isinstance(one, Problem)]
    assert problem.unread
    assert "k8s/overlays/us: kustomize can't render it" in problem.message
    assert {one.id for one in found if isinstance(one, Resource)} == {
        "default/alone", "eu/quota", "eu/settings", "eu/tls",
    }  # fmt: skip


@pytest.mark.usefixtures("renderer", "helm")
def test_what_would_be_fetched_is_told_and_hides_nothing(tmp_path: Path) -> None:
    needs = "dependencies: [{name: base, version: 1.x, repository: 'https://charts.example.com'}]\n"
    remote = "resources: ['https://github.com/acme/bases//quota?ref=v1']\n"
    write(tmp_path, {**FILES, **CHART, "charts/web/Chart.yaml": CHART["charts/web/Chart.yaml"] + needs})
    write(tmp_path, {"overlays/us/kustomization.yaml": remote})
    found = list(load(GitOps(), tmp_path, "k8s").resources(Live(served("v1/ConfigMap"))))
    told = [one for one in found if isinstance(one, Problem)]
    assert [(one.message, one.unread) for one in told] == [
        (
            "k8s/charts/web: its chart needs the chart base 1.x of https://charts.example.com: "
            "https://charts.example.com/base is not fetched: add it to the entry's `fetch` to have it read",
            False,
        ),
        (
            "k8s/overlays/us: https://github.com/acme/bases//quota?ref=v1: is remote and not fetched "
            "silently; vendor it, or set the option 'remote: true'",
            False,
        ),
    ]
    assert {one.id for one in found if isinstance(one, Resource)} == {
        "default/alone", "eu/quota", "eu/settings", "eu/tls",
    }  # fmt: skip


def test_one_folder_of_one_kind_stays_with_its_own_source(tmp_path: Path) -> None:
    write(tmp_path, {"a/b/one.yaml": CONFIG.format("one"), "c/kustomization.yaml": "resources: [x.yaml]\n",
                     "c/x.yaml": CONFIG.format("x")})  # fmt: skip
    assert not GitOps().recognises(tmp_path / "a", b"")
    assert Manifests().recognises(tmp_path / "a", b"")
    assert not GitOps().recognises(tmp_path / "c", b"")
    assert Kustomize().recognises(tmp_path / "c", b"")
    assert GitOps().recognises(tmp_path, b"")


def test_an_engine_that_is_not_known_is_refused(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    with pytest.raises(DeclaredError, match="there is no engine 'fleet'; known are .*none"):
        load(GitOps(), tmp_path, "k8s", engine="fleet")
