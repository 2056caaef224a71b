"""Helm charts, rendered by a real helm: releases, capabilities, hooks, random values, and one clear error."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from drift.errors import DriftError
from drift.finding import Unverifiable
from drift.model import Problem, Resource, Unresolved
from providers.kubernetes.helm import Helm
from tests.providers.kubernetes.declared.support import Live, everything, load, recognises, served, write

CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
    "charts/web/values.yaml": "replicas: 1\nimage: {repository: web, tag: '1'}\n",
    "charts/web/crds/fleet.yaml": """\
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: fleets.example.com}
        spec: {group: example.com, scope: Cluster, names: {kind: Fleet, plural: fleets}, versions: []}
        """,
    "charts/web/templates/NOTES.txt": "Thank you.\n",
    "charts/web/templates/deployment.yaml": """\
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{ .Release.Name }}
          labels: {app.kubernetes.io/managed-by: {{ .Release.Service }}}
        spec:
          replicas: {{ .Values.replicas }}
          template:
            spec:
              containers:
              - {name: web, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"}
        """,
    "charts/web/templates/more.yaml": """\
        apiVersion: v1
        kind: Service
        metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
        ---
        apiVersion: example.com/v1
        kind: Fleet
        metadata: {name: vans}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: twice
          name: twice
        """,
    "charts/web/templates/hooks.yaml": """\
        apiVersion: batch/v1
        kind: Job
        metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: check, annotations: {helm.sh/hook: test}}
        """,
    "charts/web/templates/monitor.yaml": """\
        {{ if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1/ServiceMonitor" }}
        apiVersion: monitoring.coreos.com/v1
        kind: ServiceMonitor
        metadata: {name: web, labels: {version: "{{ .Capabilities.KubeVersion.Version }}"}}
        {{ end }}
        """,
}


@pytest.fixture
def chart(tmp_path: Path, helm: None) -> Path:
    return write(tmp_path, CHART) / "charts" / "web"


def released(path: Path, live: Live | None = None, **options: Any) -> dict[str, Resource]:
    found = everything(load(Helm(), path, "charts/web", **options), live)
    assert not [one for one in found if isinstance(one, Problem)], found
    return {f"{one.type.rpartition('/')[2]} {one.id}": one for one in found if isinstance(one, Resource)}


def refusal(path: Path, display: str = "charts/web", **options: Any) -> str:
    with pytest.raises(DriftError) as raised:
        load(Helm(), path, display, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def not_known(found: list[Any]) -> list[str]:
    return [one.resource_id for one in found if isinstance(one, Unverifiable) and "not known" in one.reason]


def changed(folder: Path, **files: str) -> Path:
    write(folder / "charts" / "web", {f"templates/{name}.yaml": text for name, text in files.items()})
    return folder / "charts" / "web"


class TestAChart:
    def test_objects(self, chart: Path) -> None:
        found = released(chart, release="shop", namespace="prod")
        assert sorted(found) == [
            "ConfigMap prod/twice",
            "CustomResourceDefinition fleets.example.com",
            "Deployment prod/shop",
            "Fleet vans",
            "Service prod/shop",
        ]
        assert {name: one.origin.file for name, one in found.items() if one.origin} == {
            "ConfigMap prod/twice": "charts/web/templates/more.yaml",
            "CustomResourceDefinition fleets.example.com": "charts/web/crds/fleet.yaml",
            "Deployment prod/shop": "charts/web/templates/deployment.yaml",
            "Fleet vans": "charts/web/templates/more.yaml",
            "Service prod/shop": "charts/web/templates/more.yaml",
        }

    def test_the_release_is_named_like_the_chart_and_lives_in_default(self, chart: Path) -> None:
        assert "Deployment default/web" in released(chart)

    def test_types(self, chart: Path) -> None:
        types = load(Helm(), chart, "charts/web").types()
        assert ("kubernetes", "apps/v1/Deployment") in types
        assert ("kubernetes", "batch/v1/Job") not in types

    def test_hooks_and_tests_are_left_out(self, chart: Path) -> None:
        found = everything(load(Helm(), chart, "charts/web"))
        assert {one.resource_id: one.reason for one in found if isinstance(one, Unverifiable)} == {
            "default/check": "a Helm test: run when asked, not kept",
            "default/migrate": "a Helm hook (pre-upgrade): run while deploying, not kept",
        }

    def test_values(self, chart: Path) -> None:
        write(chart.parents[1], {"prod.yaml": "replicas: 3\n", "charts/web/more.yaml": "image: {tag: '7'}\n"})
        found = released(
            chart,
            values=["prod.yaml", "more.yaml", {"image": {"repository": "mirror/web"}}],
            set={"replicas": 5, "image.tag": "1,2"},
        )
        spec = found["Deployment default/web"].attributes["spec"]
        assert spec["replicas"] == 5
        assert spec["template"]["spec"]["containers"][0]["image"] == "mirror/web:1,2"
        spec = released(chart, values="prod.yaml")["Deployment default/web"].attributes["spec"]
        assert spec["replicas"] == 3

    def test_the_cluster_tells_what_it_can(self, chart: Path) -> None:
        kinds = served(
            "apps/v1/Deployment", "v1/Service", "v1/ConfigMap", "monitoring.coreos.com/v1/ServiceMonitor"
        )
        found = released(chart, Live(kinds, version="v1.29.3+k3s1"))
        labels = found["ServiceMonitor default/web"].attributes["metadata"]["labels"]
        assert labels["version"].startswith("v1.29.3")
        assert found["Service default/web"].scope == "prod"
        said: dict[str, Any] = {
            "api-versions": ["monitoring.coreos.com/v1/ServiceMonitor"],
            "kube_version": "1.30.0",
        }
        labels = released(chart, **said)["ServiceMonitor None"].attributes["metadata"]["labels"]
        assert labels["version"] == "v1.30.0"
        assert "ServiceMonitor None" not in released(chart)

    def test_what_depends_on_a_version_that_was_not_read_is_not_known(self, chart: Path) -> None:
        changed(
            chart.parents[1],
            label="""\
                {{ if semverCompare ">=1.29-0" .Capabilities.KubeVersion.Version }}
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: new}
                {{ end }}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: "made", labels: {version: "{{ .Capabilities.KubeVersion.Version }}"}}
                """,
        )
        kinds = served("apps/v1/Deployment", "v1/Service", "v1/ConfigMap")
        found = everything(load(Helm(), chart, "charts/web"), Live(kinds))
        (problem,) = [one for one in found if isinstance(one, Problem)]
        assert "say `kube-version`" in problem.message
        assert not_known(found) == ["default/new"]
        known = {one.id: one for one in found if isinstance(one, Resource)}
        assert isinstance(known["default/made"].attributes["metadata"]["labels"]["version"], Unresolved)
        assert released(chart, Live(kinds), kube_version="1.30.0")  # said, so that nothing is in doubt

    def test_what_depends_on_kinds_that_were_not_read_is_not_known(self, chart: Path) -> None:
        kinds = served("apps/v1/Deployment", "v1/Service", "v1/ConfigMap")
        refused = ["monitoring.coreos.com/v1"]
        live = Live(kinds, version="v1.30.0", refused=refused)
        assert released(chart, live)  # what the chart asks for is another thing
        changed(
            chart.parents[1],
            monitor="""\
                {{ if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: monitored}
                {{ end }}
                """,
        )
        found = everything(load(Helm(), chart, "charts/web"), live)
        assert not_known(found) == ["default/monitored"]

    def test_an_archive(self, chart: Path) -> None:
        archive = chart.parent / "web-1.2.3.tgz"
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(chart, "web")
        assert recognises(Helm(), archive)
        found = {
            str(one.origin)
            for one in everything(load(Helm(), archive, "web-1.2.3.tgz"))
            if isinstance(one, Resource)
        }
        assert "web-1.2.3.tgz/templates/deployment.yaml (Deployment/web)" in found

    def test_recognition(self, chart: Path) -> None:
        assert recognises(Helm(), chart)
        assert recognises(Helm(), chart / "Chart.yaml")
        assert not recognises(Helm(), chart.parent)
        assert not recognises(Helm(), chart / "values.yaml")
        (chart / "no.tgz").write_bytes(b"\x1f\x8bno archive")
        assert not recognises(Helm(), chart / "no.tgz")
        assert "Deployment default/web" in released(chart / "Chart.yaml")


class TestWhatHelmAdds:
    def live(self, **annotations: str) -> Live:
        metadata = {"name": "web", "annotations": annotations}
        body = {"apiVersion": "v1", "kind": "Service", "metadata": metadata}
        return Live(
            served("v1/Service"),
            [Resource("kubernetes", "prod", "v1/Service", "default/web", body, name="web")],
        )

    def test_where_helm_installed_it(self, chart: Path) -> None:
        live = self.live(
            **{"meta.helm.sh/release-name": "other", "meta.helm.sh/release-namespace": "default"}
        )
        metadata = released(chart, live)["Service default/web"].attributes["metadata"]
        assert metadata["labels"] == {"app.kubernetes.io/managed-by": "Helm"}
        assert metadata["annotations"] == {
            "meta.helm.sh/release-name": "web",
            "meta.helm.sh/release-namespace": "default",
        }

    def test_not_where_something_else_did(self, chart: Path) -> None:
        metadata = released(chart, self.live())["Service default/web"].attributes["metadata"]
        assert set(metadata) == {"name", "namespace"}


class TestWhatChangesAtEachRender:
    def test_random_values_are_unknown(self, tmp_path: Path, chart: Path) -> None:
        text = """\
            apiVersion: v1
            kind: Secret
            metadata: {name: s, annotations: {fixed: "1"}}
            data:
              password: {{ randAlphaNum 20 | b64enc }}
              user: {{ "admin" | b64enc }}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: c-{{ randAlphaNum 20 | lower }}}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: list}
            data: {x: {{ list (uuidv4) "b" | toJson | quote }}, z: "1"}
            """
        found = everything(load(Helm(), changed(tmp_path, random=text), "charts/web"))
        secret = next(one for one in found if isinstance(one, Resource) and one.type == "v1/Secret")
        changes = Unresolved("changes at each render (random function)")
        assert secret.attributes["data"] == {"password": changes, "user": "YWRtaW4="}
        assert secret.attributes["metadata"]["annotations"] == {"fixed": "1"}
        listed = next(one for one in found if isinstance(one, Resource) and one.name == "list")
        assert listed.attributes["data"] == {"x": changes, "z": "1"}
        (named,) = (one for one in found if isinstance(one, Unverifiable) and "/c-" in one.resource_id)
        assert named.reason == "its name changes at each render (random function)"

    @pytest.mark.parametrize(
        "said", ["now | unixEpoch", 'now | date "2006-01-02"', "now", 'now | date "20060102"']
    )
    def test_the_time_too(self, tmp_path: Path, chart: Path, said: str) -> None:
        text = (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\n"
            f"data: {{at: {{{{ {said} | quote }}}}, x: z}}\n"
        )
        found = released(changed(tmp_path, time=text))["ConfigMap default/t"]
        assert isinstance(found.attributes["data"]["at"], Unresolved)
        assert found.attributes["data"]["x"] == "z"


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a: b\n c: d\n", "charts/web/templates/x.yaml"),
            ("a: {{ .Values.nothing.deep }}\n", "charts/web/templates/x.yaml:1:"),
            (
                'a: {{ required "set .Values.host" .Values.host }}\n',
                "charts/web/templates/x.yaml:1:6): set .Values.host",
            ),
            ("a: {{ nofunction }}\n", "charts/web/templates/x.yaml:1)"),
        ],
    )
    def test_a_broken_template(self, tmp_path: Path, chart: Path, text: str, message: str) -> None:
        told = refusal(changed(tmp_path, x=text))
        assert told.startswith("charts/web: helm can't render it: ")
        assert message in told

    def test_a_broken_chart(self, chart: Path) -> None:
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: [\n")
        assert refusal(chart).startswith("charts/web/Chart.yaml:3: is no valid YAML")
        (chart / "Chart.yaml").write_text("apiVersion: v2\n")
        assert refusal(chart) == "charts/web/Chart.yaml: is no Helm chart: it has no name"

    def test_missing_dependencies(self, chart: Path) -> None:
        said = (
            "apiVersion: v2\nname: web\nversion: 1.0.0\n"
            "dependencies: [{name: redis, version: 1.0.0, repository: 'https://127.0.0.1:9'}]\n"
        )
        (chart / "Chart.yaml").write_text(said)
        assert "helm dependency build" in refusal(chart)

    def test_a_broken_archive(self, chart: Path) -> None:
        archive = chart / "web.tgz"
        archive.write_bytes(b"\x1f\x8b\x08 broken")
        assert refusal(archive, "web.tgz").startswith("web.tgz: the chart archive can't be read")

    def test_an_object_that_the_api_server_would_refuse(self, tmp_path: Path, chart: Path) -> None:
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 12}\n"
        (problem,) = (
            one
            for one in everything(load(Helm(), changed(tmp_path, x=text), "charts/web"))
            if isinstance(one, Problem)
        )
        assert problem.message == (
            "charts/web/templates/x.yaml: metadata.name must be text, not 12; quote it; "
            "the object is left out"
        )

    def test_a_kubernetes_version_that_helm_does_not_know(self, chart: Path) -> None:
        (chart / "Chart.yaml").write_text(
            "apiVersion: v2\nname: web\nversion: 1.0.0\nkubeVersion: '~1.20.0'\n"
        )
        kinds = served("apps/v1/Deployment")
        assert "Deployment default/web" in released(chart, Live(kinds, version="v1.20.4"))
        (problem,) = everything(load(Helm(), chart, "charts/web"), Live(kinds, version="v1.31.0"))
        assert isinstance(problem, Problem)
        assert "incompatible with Kubernetes v1.31.0" in problem.message
        assert "incompatible" in refusal(chart, **{"kube-version": "1.31.0"})

    def test_options(self, chart: Path) -> None:
        assert "helm knows no option 'relase'; did you mean 'release'?" in refusal(chart, relase="x")
        assert "option 'release' must be text, not 5; quote it" in refusal(chart, release=5)
        assert "option 'set' must be a mapping" in refusal(chart, set=["a=b"])
        assert "option 'values' must be a list of files or mappings, not 5" in refusal(chart, values=[5])
        assert "there is no values file no.yaml beside the configuration or in the chart" in refusal(
            chart, values="no.yaml"
        )
        assert "invalid release name" in refusal(chart, release="No_Such")

    def test_a_missing_binary_is_named(
        self, tmp_path: Path, chart: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert refusal(chart).startswith("helm is not installed; it is needed to render charts (https://")
