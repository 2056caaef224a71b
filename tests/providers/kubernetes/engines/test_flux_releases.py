"""HelmReleases: which chart, which values, which name; against what helm itself renders of them."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.model import Unresolved
from drift.source import Location
from providers.kubernetes.engines.charts import Charts
from providers.kubernetes.engines.flux.release import release_name
from providers.kubernetes.engines.flux.values import merged, put
from providers.kubernetes.engines.flux.versions import fits
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.trees import Trees
from tests.providers.kubernetes.declared.support import Live, write
from tests.providers.kubernetes.engines.harness import Cluster, bodies, exact, in_sync
from tests.providers.kubernetes.engines.test_flux import live_of, read

pytestmark = pytest.mark.usefixtures("renderer", "helm")
HR = "helm.toolkit.fluxcd.io"
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.4.2\n",
    "charts/web/values.yaml": "replicas: 1\nhost: none\nextra: {a: chart, b: chart}\nlist: [x, y]\n",
    "charts/web/values-prod.yaml": "replicas: 2\nextra: {b: prod}\n",
    "charts/web/crds/cart.yaml": """\
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: carts.shop.example}
        spec:
          group: shop.example
          scope: Namespaced
          names: {kind: Cart, plural: carts}
          versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
    """,
    "charts/web/templates/web.yaml": """\
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: "{{ .Release.Name }}"}
        spec:
          replicas: {{ .Values.replicas }}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: "registry.example/web:1"}]}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: "{{ .Release.Name }}-settings"}
        data:
          host: {{ .Values.host | quote }}
          a: {{ .Values.extra.a | quote }}
          b: {{ .Values.extra.b | quote }}
          list: {{ join "," .Values.list | quote }}
    """,
}
BOOT = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "https://git.example/acme/fleet", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1h, prune: true, path: ./clusters/prod, sourceRef: {kind: GitRepository, name: flux-system}}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: shop}
spec:
  interval: 1h
  targetNamespace: front
  install: {createNamespace: true}
  chart:
    spec:
      chart: ./charts/web
      valuesFiles: [charts/web/values.yaml, ./charts/web/values-prod.yaml]
      sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}
  valuesFrom:
    - {kind: ConfigMap, name: values}
    - {kind: ConfigMap, name: values, valuesKey: second, targetPath: "list[1]"}
    - {kind: Secret, name: absent, optional: true}
  values: {extra: {a: inline}, list: [x, y]}
  postRenderers:
    - kustomize:
        images: [{name: registry.example/web, newTag: "2"}]
        patches:
          - target: {kind: Deployment}
            patch: '[{"op": "add", "path": "/spec/minReadySeconds", "value": 5}]'
"""
VALUES = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: values, namespace: shop}
data: {values.yaml: "host: shop.example\\nextra: {a: from, b: from}\\n", second: z}
"""
FILES = {
    **CHART,
    "clusters/prod/sync.yaml": BOOT,
    "clusters/prod/web.yaml": RELEASE,
    "clusters/prod/values.yaml": VALUES,
}


def rendered(folder: Path, values: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """What helm itself makes of the chart."""
    said = folder.parent / "values.yaml"
    said.write_text(yaml.safe_dump(values), encoding="utf-8")
    command = ["helm", "template", name, str(folder / "charts/web"), "--include-crds", "-f", str(said)]
    return bodies(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, helm_folder: Path) -> tuple[Path, Cluster]:
    folder = write(tmp_path_factory.mktemp("releases") / "repo", FILES)
    cluster = Cluster(controller="kustomize-controller")
    marks = {f"kustomize.toolkit.fluxcd.io/{key}": "flux-system" for key in ("name", "namespace")}
    for text in (BOOT, RELEASE, VALUES):
        cluster.deployed(text, labels=marks)
    values = {
        "replicas": 2,
        "host": "shop.example",
        "extra": {"a": "inline", "b": "from"},
        "list": ["x", "z"],
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(helm_folder), prepend=":")
        made = rendered(folder, values, "front-web")
    for one in made:
        if one["kind"] == "Deployment":
            one["spec"]["minReadySeconds"] = 5
            one["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/web:2"
        helm = {"app.kubernetes.io/managed-by": "Helm"} if one["kind"] != "CustomResourceDefinition" else {}
        cluster.deployed(
            [one], namespace="front", by="helm-controller",
            labels={**helm, f"{HR}/name": "web", f"{HR}/namespace": "shop"},
            annotations={"meta.helm.sh/release-name": "front-web", "meta.helm.sh/release-namespace": "front"}
            if helm else None,
        )  # fmt: skip
    cluster.deployed("apiVersion: v1\nkind: Namespace\nmetadata: {name: front}\n", by="helm-controller")
    return folder, cluster


def test_a_release_is_in_sync(deployed: tuple[Path, Cluster]) -> None:
    folder, cluster = deployed
    found = in_sync(folder, cluster)
    assert found.problems == []
    assert [(name, path) for name, path, _ in found.unverifiable] == [
        ("CustomResourceDefinition carts.shop.example", "/spec")
    ]


def test_of_a_release_each_change_is_told(deployed: tuple[Path, Cluster]) -> None:
    folder, cluster = deployed
    found = exact(folder, cluster, [
        (
            lambda live: live.changed("Deployment", "front/front-web", {"spec": {"minReadySeconds": 1}}),
            [("changed", "Deployment front/front-web", ("/spec/minReadySeconds",))],
        ),
        (
            lambda live: live.changed(
                "ConfigMap", "front/front-web-settings", {"data": {"list": "x,y", "c": "1"}}
            ),
            [("changed", "ConfigMap front/front-web-settings", ("/data/c", "/data/list"))],
        ),
        (
            lambda live: live.changed("HelmRelease", "shop/web", {"spec": {"suspend": True}}),
            [("changed", "HelmRelease shop/web", ("/spec/suspend",))],
        ),
        (
            lambda live: live.changed("ConfigMap", "shop/values", {"data": {"second": "y"}}),
            [("changed", "ConfigMap shop/values", ("/data/second",))],
        ),
    ])  # fmt: skip
    origin = found.finding("Deployment front/front-web")["declared_at"]
    assert origin["file"] == "repo/charts/web/templates/web.yaml"


def test_what_a_secret_says_makes_what_comes_of_it_unknown(tmp_path: Path) -> None:
    secret = "{kind: Secret, name: hidden, valuesKey: host, targetPath: host}"
    release = RELEASE.replace("{kind: Secret, name: absent, optional: true}", secret)
    found, problems, _, _ = read(tmp_path, {**FILES, "clusters/prod/web.yaml": release})
    assert not problems
    data = found["ConfigMap front/front-web-settings"].attributes["data"]
    assert isinstance(data["host"], Unresolved) and "Secret shop/hidden" in data["host"].reason
    assert data["a"] == "inline"


def test_a_chart_that_needs_what_is_not_known_is_one_row(tmp_path: Path) -> None:
    secret = "{kind: Secret, name: hidden, valuesKey: n, targetPath: replicas}"
    release = RELEASE.replace("{kind: Secret, name: absent, optional: true}", secret)
    template = FILES["charts/web/templates/web.yaml"].replace(
        "replicas }}", "replicas | int | max 1 | fail }}"
    )
    files = {**FILES, "clusters/prod/web.yaml": release, "charts/web/templates/web.yaml": template}
    _, (row,), _, _ = read(tmp_path, files)
    assert "the chart can't be rendered without values that are not known: one comes from" in row.message
    assert "drift-unknown" not in row.message


def test_a_whole_document_of_values_that_is_not_known_is_one_row(tmp_path: Path) -> None:
    release = RELEASE.replace("name: absent, optional: true", "name: hidden")
    found, (row,), _, _ = read(tmp_path, {**FILES, "clusters/prod/web.yaml": release})
    assert "ConfigMap front/front-web-settings" not in found
    assert row.message.startswith(
        "HelmRelease shop/web: chart ./charts/web of GitRepository flux-system/flux-system: "
    )
    assert "its values are not known: the Secret shop/hidden can't be read" in row.message


def test_of_a_range_the_version_that_runs_is_taken_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = """\
        apiVersion: source.toolkit.fluxcd.io/v1beta2
        kind: HelmRepository
        metadata: {name: charts, namespace: shop}
        spec: {interval: 1h, url: "https://charts.example/"}
        ---
        apiVersion: helm.toolkit.fluxcd.io/v2beta1
        kind: HelmRelease
        metadata: {name: web, namespace: shop}
        spec:
          interval: 1h
          chart: {spec: {chart: web, version: 1.x, sourceRef: {kind: HelmRepository, name: charts}}}
    """
    write(tmp_path / "made", CHART)
    cache = tmp_path / "cache"
    monkeypatch.setattr("providers.kubernetes.engines.charts.user_cache_path", lambda _: cache)
    kept(cache, "https://charts.example", "web", "1.4.2", tmp_path / "made/charts/web")
    status = {"history": [{"chartVersion": "1.4.2"}]}
    live = live_of(f"{HR}/v2/HelmRelease", "shop/web", status=status, spec={})
    files = {"clusters/prod/sync.yaml": BOOT, "clusters/prod/web.yaml": release}
    found, problems, _, _ = read(tmp_path / "repo", files, Live({}, [live]))
    assert not problems
    assert found["Deployment shop/web"].attributes["spec"]["replicas"] == 1
    found, (row,), _, _ = read(tmp_path / "repo", files)
    assert "https://charts.example/web is not fetched" in row.message


def kept(cache: Path, url: str, name: str, version: str, chart: Path) -> None:
    """Puts a chart where one that was fetched once is."""
    home = Charts.home(cache / "charts", url, name, version)
    home.mkdir(parents=True)
    with tarfile.open(home / f"{name}-{version}.tgz", "w:gz") as archive:
        archive.add(chart, name)


def test_what_was_kept_of_a_range_stands_for_nothing_that_can_not_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version may fit it best by now."""
    monkeypatch.setattr("providers.kubernetes.engines.charts.user_cache_path", lambda _: tmp_path / "cache")
    write(tmp_path / "made", CHART)
    url = "http://127.0.0.1:1"
    for version in ("1.x", "1.4.2"):
        kept(tmp_path / "cache", url, "web", version, tmp_path / "made/charts/web")
    trees = Trees(Location(tmp_path / "made", "made"), [f"{url}/*"], Deadline(60))
    with pytest.raises(DeclaredError, match=r"web-1\.x\.tgz, which was kept, may be older"):
        Charts(trees, Deadline(60)).of(url, "web", "1.x")
    Charts(trees, Deadline(60)).of(url, "web", "1.4.2")


def test_names_of_releases() -> None:
    ref = Ref("prod", f"{HR}/HelmRelease", "shop", "web")
    assert release_name(ref, {}) == "web"
    assert release_name(ref, {"targetNamespace": "front"}) == "front-web"
    assert release_name(ref, {"releaseName": "x", "targetNamespace": "front"}) == "x"
    long = release_name(ref, {"releaseName": "some-front-appended-namespace-release-with-a-very-long-name"})
    assert len(long) == 53
    assert long.startswith("some-front-appended-namespace-release-wi-")


@pytest.mark.parametrize(("path", "value", "wanted"), [
    ("a.b", "5", {"a": {"b": 5}}),
    ("a.b", "'5'", {"a": {"b": "5"}}),
    ("a[1].c", "true", {"a": [None, {"c": True}]}),
    (r"a\.b", "{x,2}", {"a.b": ["x", 2]}),
    ("a", "05", {"a": "05"}),
    ("a", r"x\,y", {"a": "x,y"}),
])  # fmt: skip
def test_a_target_path_is_set_as_helm_does(path: str, value: str, wanted: Any) -> None:
    values: dict[str, Any] = {}
    put(values, path, value)
    assert values == wanted


def test_a_target_path_changes_a_releases_own_values_where_they_are_the_same() -> None:
    """Flux merges a release's own values once more at the end. A mapping that was not merged with another one
    is still the release's own, and so is any list."""
    own: dict[str, Any] = {"list": ["a", "b"], "map": {"x": "own"}}
    values = merged({}, own)
    put(values, "list[0]", "z")
    put(values, "map.x", "z")
    assert merged(values, own) == {"list": ["z", "b"], "map": {"x": "z"}}
    own = {"map": {"x": "own"}}
    values = merged({"map": {"y": "from"}}, own)
    put(values, "map.x", "z")
    assert merged(values, own) == {"map": {"x": "own", "y": "from"}}


@pytest.mark.parametrize(("version", "said", "wanted"), [
    ("1.2.3", "*", True), ("1.2.3-rc.1", "*", False), ("1.2.3", ">=1.0.0 <2", True), ("1.2.3", "1.2", True),
    ("1.2.3", "1.3.x", False), ("0.2.9", "^0.2.3", True), ("0.3.0", "^0.2.3", False), ("1.9.0", "~1", True),
    ("2.0.0", "1 - 2", True), ("3.0.0", ">2.9, !=3.0.0", False), ("v1.2.3", "v1.2.3", True),
    ("1.0.0-beta.2", ">=1.0.0-beta.1", True), ("x", "*", False), ("1.2.3", "latest", False),
    ("2.1.0", "1.x || 2.1", True), ("0.0.4", "^0.0.3", False),
])  # fmt: skip
def test_ranges(version: str, said: str, wanted: bool) -> None:
    assert fits(version, said) is wanted
