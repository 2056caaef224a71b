"""Folders of manifests, and which files and folders are taken for manifests at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.errors import DeclaredError
from drift.model import Problem
from providers.kubernetes.declared_resources import Objects
from providers.kubernetes.engines.source import GitOps
from providers.kubernetes.manifests import Manifests
from tests.providers.kubernetes.declared.support import everything, load, recognises, resources, write

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"


class TestFolders:
    FILES = {
        "web/a.yaml": MAP,
        "web/deep/b.yml": MAP.replace(": a", ": b"),
        "web/c.json": '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "c"}}',
        "web/notes.txt": MAP.replace(": a", ": never"),
        "web/.hidden/d.yaml": MAP.replace(": a", ": hidden"),
        "web/values.yaml": "replicas: 3\n",
        "web/template.yaml": "a: {{ x }}\nb: {{ y }}\n",
    }

    def test_all_files_below(self, tmp_path: Path) -> None:
        declaration = load(Manifests(), write(tmp_path, self.FILES) / "web", "clusters/web")
        found = resources(declaration)
        assert {one: str(found[one].origin) for one in found} == {
            "ConfigMap default/a": "clusters/web/a.yaml:1 (ConfigMap/a)",
            "Service default/c": "clusters/web/c.json:1 (Service/c)",
            "ConfigMap default/b": "clusters/web/deep/b.yml:1 (ConfigMap/b)",
        }
        assert isinstance(declaration, Objects)
        assert [note.split(": ")[0] for note in declaration.notes] == [
            "clusters/web/template.yaml:1",
            "clusters/web/values.yaml:1",
        ]

    def test_broken_files_that_mean_to_be_manifests_are_problems(self, tmp_path: Path) -> None:
        write(tmp_path, {"web/a.yaml": MAP, "web/b.yaml": f"{MAP}data: [\n"})
        found = everything(load(Manifests(), tmp_path / "web"))
        assert [one.message for one in found if isinstance(one, Problem)] == [
            "web/b.yaml:6: is no valid YAML: did not find expected node content; the document is left out"
        ]

    def test_what_another_source_reads_is_said(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "web/a.yaml": MAP,
                "web/over/kustomization.yaml": "resources: [b.yaml]\n",
                "web/over/b.yaml": MAP,
                "web/chart/Chart.yaml": "name: chart\n",
                "web/chart/templates/a.yaml": "{{ x }}",
            },
        )
        found = everything(load(Manifests(), tmp_path / "web"))
        assert [one.message for one in found if isinstance(one, Problem)] == [
            "web/chart: is a Helm chart, which plain manifests leave out; give it an entry of its own",
            "web/over: is a Kustomize folder, which plain manifests leave out; give it an entry of its own",
        ]
        assert len(found) == 3

    def test_nothing_in_it(self, tmp_path: Path) -> None:
        write(tmp_path, {"web/a.txt": MAP})
        with pytest.raises(DeclaredError, match="web: there is no .yaml, .yml, .json file with a Kubernetes"):
            load(Manifests(), tmp_path / "web")


class TestRecognition:
    @pytest.mark.parametrize(
        "text",
        [
            MAP,
            f"# licence\n---\na: 1\n---\n{MAP}",
            MAP.replace("\n", "\r\n"),
            f"{MAP}data: [broken\n",
            '{"kind": "List", "apiVersion": "v1", "items": []}',
            '{\n  "metadata": {"kind": "no"},\n  "apiVersion": "v1",\n  "kind": "Pod"',
            "{apiVersion: v1, kind: Pod, metadata: {name: a}}",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n",
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n",
            "apiVersion: storage.cnrm.cloud.google.com/v1beta1\nkind: StorageBucket\nmetadata: {name: a}\n",
            f"{MAP}data:\n  t.yaml: |\n    Resources:\n      A:\n        Type: AWS::S3::Bucket\n",
        ],
    )
    def test_manifests(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "a.yaml").write_text(text)
        assert recognises(Manifests(), tmp_path / "a.yaml")
        deployers = "fluxcd.io" in text or "argoproj.io" in text
        assert recognises(Manifests(), tmp_path) is not deployers
        assert recognises(GitOps(), tmp_path) is deployers

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("a.yaml", ""),
            ("a.yaml", "apiVersion: v2\nname: chart\n"),
            ("a.yaml", "apiVersion: v1\n---\nkind: x\n"),
            ("a.yaml", "provider: kubernetes\ntype: v1/Pod\nattributes:\n  apiVersion: v1\n  kind: Pod\n"),
            ("a.yaml", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n"),
            ("a.json", '{"$schema": "x", "resources": [{"apiVersion": "2021", "kind": "x"}]}'),
            ("a.json", '{"version": 4, "resources": [{"kind": "x"}], "apiVersion": 1}'),
            ("kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"),
        ],
    )
    def test_others(self, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        assert not recognises(Manifests(), tmp_path / name)
        assert not recognises(Manifests(), tmp_path)

    def test_folders_of_other_sources(self, tmp_path: Path) -> None:
        write(tmp_path, {"k/kustomization.yml": "resources: []", "k/a.yaml": MAP})
        write(tmp_path, {"h/Chart.yaml": "name: h", "h/crds/a.yaml": MAP})
        assert not recognises(Manifests(), tmp_path / "k")
        assert not recognises(Manifests(), tmp_path / "h")
        assert not recognises(Manifests(), tmp_path)
