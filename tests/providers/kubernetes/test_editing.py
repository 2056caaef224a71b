"""Kustomize folders and charts are edited where a value comes from, by the lines that must change and no
others; a command restores what Git says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import load
from drift.editing.target import Target
from drift.editor import Wish
from drift.remediate.proof import Proof
from providers.kubernetes.editing.layout import Layout
from providers.kubernetes.editing.manifests import ManifestsEditor
from providers.kubernetes.editing.templates import masked
from providers.kubernetes.editing.transformers import parts
from providers.kubernetes.editing.values import Candidate, candidates
from providers.kubernetes.settings import Settings
from tests.providers.kubernetes.declared.conftest import helm, helm_folder, renderer
from tests.remediate import cases
from tests.remediate.harness import repository, snapshot

__all__ = ["helm", "helm_folder", "renderer"]
CASES = Path(__file__).parent / "editing_cases"


def held(language: str, folder: Path, file: Path | None = None) -> None:
    file = file or CASES / f"{language}.txt"
    case = cases.read(file, language)
    done = cases.outcomes({file.stem: case}, folder)[file.stem]
    assert done.diff == case.diff
    plus = sum(line.startswith("+") for line in case.diff)
    assert done.numstat == (plus, len(case.diff) - plus)
    assert (done.described, done.left) == (case.described, len(case.described))


@pytest.mark.usefixtures("renderer")
def test_an_overlay_is_edited_and_a_base_that_others_use_is_not(tmp_path: Path) -> None:
    held("kustomize", tmp_path)


@pytest.mark.usefixtures("renderer")
def test_an_object_gets_one_patch_and_is_known_by_its_kind_where_it_is_renamed(tmp_path: Path) -> None:
    held("kustomize", tmp_path, CASES / "kustomize-several.txt")


@pytest.mark.usefixtures("helm")
def test_the_key_that_renders_to_a_value_is_found_by_rendering(tmp_path: Path) -> None:
    held("helm", tmp_path)


@pytest.mark.usefixtures("helm")
def test_what_is_gone_is_left_out_by_the_key_that_makes_it_alone(tmp_path: Path) -> None:
    held("helm", tmp_path, CASES / "helm" / "gone.txt")


def test_values_that_may_be_meant_come_the_likeliest_first() -> None:
    values = {"port": 80, "image": {"repository": "nginx", "tag": "1.25"}, "other": {"tag": "1.25"}}
    way = ("spec", "containers", 0, "image")
    found = candidates(values, Target(way, "nginx:1.25", "nginx:1.26"))
    assert found[0] == Candidate(("image", "tag"), "1.26")
    assert Candidate(("port",), 80) not in found


def test_an_image_in_parts() -> None:
    assert parts("localhost:5000/a/b:1.2@sha256:00") == ("localhost:5000/a/b", "1.2", "sha256:00")
    assert parts("nginx") == ("nginx", "", "")


def test_a_masked_template_has_every_byte_in_its_place() -> None:
    text = "a: {{ .Values.ä }}\n  {{- if x }}\nb: '{{ y }}' # z\n".encode()
    assert len(masked(text)) == len(text)
    assert b"{{" not in masked(text)


FLUX = "kustomize.toolkit.fluxcd.io"
OBJECT: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "web", "namespace": "shop"},
    "data": {"a": "b"},
}
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec: {source: {path: k}}
"""


def wish(tmp_path: Path, labels: dict[str, str], annotations: dict[str, str], more: dict[str, str]) -> Wish:
    files = {"k/-web.yaml": json.dumps(OBJECT), **more}
    entries = "".join(f"- {{path: {name}, scope: prod}}\n" for name in {file.split("/")[0] for file in files})
    folder = repository(tmp_path / "r", {**files, "drift.yaml": f"version: 1\ndeclared:\n{entries}"})
    live = {**OBJECT, "data": {"a": "c"}, "metadata": {**OBJECT["metadata"], "labels": labels}}
    live["metadata"]["annotations"] = annotations
    record = {"provider": "kubernetes", "scope": "prod", "type": "v1/ConfigMap", "id": "shop/web"}
    proof = Proof(
        load(folder / "drift.yaml", None, {}),
        [snapshot(tmp_path / "l.jsonl", [{**record, "name": "web", "attributes": live}])],
    )
    verdict = proof.judged(lambda _: True)
    finding = next(one for one in verdict.findings.values() if one.resource.name == "web")
    source = verdict.source_of(finding)
    assert source is not None
    around = tuple(verdict.said.sources)
    return Wish(finding, finding.changes[0], source, source.location, verdict.estate.providers, around)


@pytest.mark.parametrize(
    ("labels", "annotations", "more", "words"),
    [
        (
            {},
            {},
            {},
            "kubectl apply --server-side --force-conflicts -f k/-web.yaml --context prod",
        ),
        (
            {
                "kustomize.toolkit.fluxcd.io/name": "apps",
                "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
            },
            {},
            {},
            "flux reconcile kustomization apps --namespace flux-system --with-source",
        ),
        (
            {},
            {"argocd.argoproj.io/tracking-id": "shop:/ConfigMap:shop/web"},
            {},
            "argocd app sync shop --resource :ConfigMap:shop/web",
        ),
        ({}, {}, {"apps/shop.yaml": APPLICATION}, "argocd app sync shop --resource :ConfigMap:shop/web"),
    ],
)
def test_a_command_restores_what_git_says(
    tmp_path: Path, labels: dict[str, str], annotations: dict[str, str], more: dict[str, str], words: str
) -> None:
    found = ManifestsEditor().restoring(wish(tmp_path, labels, annotations, more))
    assert found is not None
    assert [" ".join(command) for command in found.commands] == [words]
    assert "ConfigMap shop/web" in found.does


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Wish:
    return wish(tmp_path_factory.mktemp("plain"), {}, {}, {})


@pytest.mark.parametrize(
    ("settings", "words", "note"),
    [
        ({"contexts": [{"name": "prod", "context": "eks-prod"}, "test"]}, "--context eks-prod", False),
        (
            {"contexts": [{"name": "prod", "context": "default", "kubeconfig": "/k3s.yaml"}]},
            "--context default --kubeconfig /k3s.yaml",
            False,
        ),
        ({"contexts": ["prod"], "kubeconfig": "/all.yaml"}, "--context prod --kubeconfig /all.yaml", False),
        ({"contexts": ["test"]}, "--context prod", False),
        ({}, "--context prod", False),
        ({"name": "prod"}, "", True),
        ({"contexts": [{"name": "prod", "in_cluster": True}]}, "", True),
    ],
)
def test_the_cluster_is_named_as_the_settings_reach_it(
    plain: Wish, settings: dict[str, Any], words: str, note: bool
) -> None:
    asked = replace(plain, settings={"kubernetes": Settings.model_validate(settings)})
    found = ManifestsEditor().restoring(asked)
    assert found is not None
    assert " ".join(found.commands[0]).endswith(f"-f k/-web.yaml {words}".rstrip())
    assert ("the current context must be that of prod" in found.does) is note


def test_a_hostile_name_names_no_file_elsewhere(tmp_path: Path) -> None:
    layout = Layout(tmp_path, None, "{name}", ".yaml")
    for name in ("../../x", "-rf", "a;b$(c)", "\n", "..", "x/y"):
        (one,) = layout.added({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
        assert one.file.parent == tmp_path
        assert one.file.name[0] not in ".-"


@pytest.mark.chaos
@pytest.mark.usefixtures("renderer", "helm")
@pytest.mark.parametrize("file", sorted(CASES.glob("*/*.txt")), ids=lambda file: file.stem)
def test_more_of_them_one_by_one(file: Path, tmp_path: Path) -> None:
    held(file.parent.name, tmp_path, file)
