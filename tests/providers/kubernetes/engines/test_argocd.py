"""What Argo CD makes of a repository: Applications of Applications, sources, tools, destinations."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.finding import Unverifiable
from drift.model import Problem, Resource
from providers.kubernetes.engines.argocd import status
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.source import GitOps
from tests.conftest import serving
from tests.providers.kubernetes.declared.support import Live, load, write

URL = "https://git.example/acme/fleet.git"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\ndata: {{a: '1'}}\n"
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "values.yaml": "size: 1\nmode: chart\nextra: {a: chart, b: chart}\n",
    "templates/settings.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-settings\n"
        "data:\n  values: {{ .Values | toJson | quote }}\n  namespace: {{ .Release.Namespace }}\n"
    ),
    "templates/hook.yaml": (
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n"
        "  annotations: {helm.sh/hook: pre-install}\n"
    ),
    "crds/crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    "metadata: {name: things.acme.example}\n",
}


def app(name: str, source: Mapping[str, Any] | list[Any], **said: Any) -> str:
    """An Application of a source, or of several. ``namespace``, ``server``, ``cluster`` are its
    destination's."""
    destination = {"server": said.pop("server", "https://kubernetes.default.svc")}
    if "cluster" in said:
        destination = {"name": said.pop("cluster")}
    destination["namespace"] = said.pop("namespace", "shop")
    own = said.pop("own_namespace", "argocd")
    several = isinstance(source, list)
    sources = [{"repoURL": URL, **one} for one in (source if isinstance(source, list) else [source])]
    spec = {
        "project": said.pop("project", "default"),
        "destination": destination,
        **({"sources": sources} if several else {"source": sources[0]}),
        **said,
    }
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": own},
        "spec": spec,
    }
    return yaml.safe_dump(body, sort_keys=False)


def live_of(type_: str, id_: str, scope: str = "prod", **body: Any) -> Resource:
    return Resource("kubernetes", scope, type_, id_, body, name=id_.rpartition("/")[2])


class Read:
    """What is declared by ``Kind id``, what was not read, and the notes."""

    def __init__(self, folder: Path, files: Mapping[str, str], live: Any = None, **said: Any) -> None:
        write(folder, files)
        said.setdefault("scope", "prod")
        declared = load(GitOps(), folder, ".", **said)
        found = list(declared.resources(live or Live({})))
        several = [one for one in found if isinstance(one, Resource)]
        self.objects = {f"{one.type.rpartition('/')[2]} {one.id}": one for one in several}
        assert len(self.objects) == len(several), [one.id for one in several]
        self.problems = [one.message for one in found if isinstance(one, Problem)]
        self.left = {
            f"{one.type} {one.resource_id}": one.reason for one in found if isinstance(one, Unverifiable)
        }
        self.notes = declared.notes

    @property
    def names(self) -> set[str]:
        """All but Argo CD's own objects."""
        return {one for one in self.objects if not one.startswith(("Application ", "ApplicationSet "))}

    def values(self, name: str) -> Any:
        return yaml.safe_load(self.objects[f"ConfigMap {name}"].attributes["data"]["values"])


def test_applications_of_applications_are_followed_to_their_end(tmp_path: Path) -> None:
    found = Read(
        tmp_path,
        {
            "apps/root.yaml": app("root", {"path": "apps"}, namespace="argocd"),
            "apps/shop.yaml": app("shop", {"path": "shop", "directory": {"recurse": True}}),
            "shop/a.yaml": CONFIG.format("a"),
            "shop/deep/b.yaml": CONFIG.format("b") + "---\n" + CONFIG.format("c\n  namespace: own"),
            "other/d.yaml": CONFIG.format("d"),
        },
    )
    assert found.names == {"ConfigMap shop/a", "ConfigMap shop/b", "ConfigMap own/c"}
    assert found.problems == []
    origin = found.objects["ConfigMap shop/b"].origin
    assert origin is not None
    assert (origin.file, origin.line, origin.via) == ("shop/deep/b.yaml", 1, ("root", "shop"))
    assert any("1 folder with objects that argocd applies nothing of: other" in one for one in found.notes)
    assert any(f"{URL} is taken for this repository" in one for one in found.notes)


def test_only_what_lies_in_the_folder_is_taken_without_recurse(tmp_path: Path) -> None:
    found = Read(
        tmp_path,
        {
            "root.yaml": app("root", {"path": "."}),
            "c.yaml": CONFIG.format("c"),
            "sub/x.yaml": CONFIG.format("x"),
            "more/include.yaml": app("more", {"path": "many", "directory": {
                "recurse": True, "include": "{in/*,top.yaml}", "exclude": "in/not*"}}),
            "many/in/yes.yaml": CONFIG.format("good"),
            "many/in/not-this.yaml": CONFIG.format("bad"),
            "many/top.yaml": CONFIG.format("top"),
            "many/other.yaml": CONFIG.format("other"),
        },
    )  # fmt: skip
    assert found.names == {"ConfigMap shop/c", "ConfigMap shop/good", "ConfigMap shop/top"}
    assert found.problems == []


@pytest.mark.usefixtures("helm")
def test_values_of_a_chart_win_in_argo_cds_order(tmp_path: Path) -> None:
    helm = {
        "valueFiles": ["/env/$ARGOCD_APP_NAME.yaml", "none.yaml", "more/*.yaml"],
        "ignoreMissingValueFiles": True,
        "values": "mode: ignored",
        "valuesObject": {"extra": {"b": "object"}},
        "parameters": [
            {"name": "count", "value": "3"},
            {"name": "text", "value": "3", "forceString": True},
            {"name": "comma", "value": "a,b"},
            {"name": "list", "value": "{x,y}"},
        ],
        "fileParameters": [{"name": "note", "path": "note.txt"}],
        "skipCrds": True,
    }
    found = Read(
        tmp_path,
        {
            **{f"charts/web/{name}": text for name, text in CHART.items()},
            "charts/web/more/1.yaml": "one: 1\nboth: 1\n",
            "charts/web/more/2.yaml": "both: 2\n",
            "charts/web/note.txt": "hello",
            "env/web.yaml": "mode: file\nextra: {a: file, b: file}\n",
            "apps/web.yaml": app("web", {"path": "charts/web", "helm": helm}),
            "apps/plain.yaml": app("plain", {"path": "charts/web", "helm": {"releaseName": "other"}}),
        },
    )
    assert found.problems == []
    assert found.values("shop/web-settings") == {
        "size": 1, "mode": "file", "extra": {"a": "file", "b": "object"}, "one": 1, "both": 2, "count": 3,
        "text": "3", "comma": "a,b", "list": ["x", "y"], "note": "hello",
    }  # fmt: skip
    assert found.values("shop/other-settings")["mode"] == "chart"
    assert "CustomResourceDefinition things.acme.example" in found.names
    assert "a Helm hook" in found.left["batch/v1/Job shop/migrate"]
    origin = found.objects["ConfigMap shop/web-settings"].origin
    assert origin is not None and origin.file == "charts/web/templates/settings.yaml"


@pytest.mark.usefixtures("helm")
def test_values_come_of_another_source_and_the_later_source_wins(tmp_path: Path) -> None:
    sources = [
        {"path": "charts/web", "helm": {"valueFiles": ["$values/env/web.yaml"], "skipCrds": True}},
        {"ref": "values"},
        {"path": "more"},
    ]
    found = Read(
        tmp_path,
        {
            **{f"charts/web/{name}": text for name, text in CHART.items()},
            "env/web.yaml": "mode: other\n",
            "more/over.yaml": CONFIG.format("web-settings") + "---\n" + CONFIG.format("own"),
            "apps/web.yaml": app("web", sources),
        },
    )
    assert found.problems == []
    assert found.names == {"ConfigMap shop/web-settings", "ConfigMap shop/own"}
    assert found.objects["ConfigMap shop/web-settings"].attributes["data"] == {"a": "1"}


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx:1}]}
"""


@pytest.mark.usefixtures("renderer")
def test_kustomize_is_said_as_kustomize_edit_would(tmp_path: Path) -> None:
    said = {
        "namePrefix": "eu-",
        "images": ["nginx=acme/nginx:2"],
        "replicas": [{"name": "web", "count": "3"}],
        "commonLabels": {"team": "$ARGOCD_APP_NAME"},
        "labelWithoutSelector": True,
        "labelIncludeTemplates": True,
        "commonAnnotations": {"note": "$ARGOCD_APP_NAME"},
        "namespace": "eu",
        "components": ["../tls"],
    }
    found = Read(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\nnamePrefix: old-\n"
            "images: [{name: nginx, newTag: '1.5'}]\n",
            "base/web.yaml": DEPLOYMENT,
            "tls/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
            "resources: [tls.yaml]\n",
            "tls/tls.yaml": CONFIG.format("tls"),
            "apps/one.yaml": app("one", {"path": "base", "kustomize": said}),
            "plain/kustomization.yaml": "resources: [web.yaml]\n",
            "plain/web.yaml": DEPLOYMENT,
            "plain/.argocd-source-two.yaml": "kustomize:\n  images: ['nginx:9']\n",
            "apps/two.yaml": app("two", {"path": "plain"}),
        },
    )
    assert found.problems == []
    web = found.objects["Deployment eu/eu-web"]
    assert web.attributes["spec"]["replicas"] == 3
    assert web.attributes["spec"]["template"]["spec"]["containers"][0]["image"] == "acme/nginx:2"
    assert web.attributes["spec"]["selector"]["matchLabels"] == {"app": "web"}
    assert web.attributes["metadata"]["labels"] == {"team": "one"}
    assert web.attributes["spec"]["template"]["metadata"]["labels"] == {"app": "web", "team": "one"}
    assert web.attributes["metadata"]["annotations"] == {"note": "$ARGOCD_APP_NAME"}
    assert web.origin is not None and web.origin.file == "base/web.yaml"
    assert "ConfigMap eu/eu-tls" in found.names
    other = found.objects["Deployment shop/web"].attributes["spec"]["template"]["spec"]["containers"][0]
    assert other["image"] == "nginx:9"


def test_a_cluster_is_told_by_its_secret(tmp_path: Path) -> None:
    secret = """\
        apiVersion: v1
        kind: Secret
        metadata:
          name: cluster-eu
          namespace: argocd
          labels: {argocd.argoproj.io/secret-type: cluster}
        stringData: {name: eu, server: "https://eu.example"}
        """

    class Both(Live):
        def scopes(self, provider: str) -> frozenset[str]:
            return frozenset(("prod", "eu"))

    found = Read(
        tmp_path,
        {
            "apps/one.yaml": app("one", {"path": "shop"}, server="https://eu.example"),
            "apps/two.yaml": app("two", {"path": "shop"}, cluster="in-cluster", namespace="two"),
            "apps/three.yaml": app("three", {"path": "shop"}, cluster="asia"),
            "clusters/eu.yaml": secret,
            "shop/a.yaml": CONFIG.format("a"),
        },
        Both({}),
    )
    assert {one: found.objects[one].scope for one in found.names} == {
        "ConfigMap shop/a": "eu", "ConfigMap two/a": "prod", "Secret argocd/cluster-eu": "prod",
    }  # fmt: skip
    (problem,) = found.problems
    assert problem == (
        "three: its destination cluster asia is none of those that were read; name a cluster's `scope` asia "
        "to have it compared"
    )


def test_what_is_not_read_is_said_once_by_name(tmp_path: Path) -> None:
    chart = {"repoURL": "https://charts.example", "chart": "redis", "targetRevision": "1.2.3"}
    found = Read(
        tmp_path,
        {
            "apps/ours.yaml": app("ours", {"path": "shop"}),
            "apps/chart.yaml": app("chart", chart),
            "apps/other.yaml": app("other", {"repoURL": "https://git.example/acme/other", "path": "x"}),
            "apps/plugin.yaml": app("plugin", {"path": "shop", "plugin": {"name": "envsubst"}}),
            "apps/project.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\n"
            "metadata: {name: team, namespace: argocd}\nspec:\n  sourceRepos: ['*']\n"
            "  destinations: [{server: '*', namespace: team-*}]\n",
            "apps/denied.yaml": app("denied", {"path": "shop"}, project="team"),
            "shop/a.yaml": CONFIG.format("a"),
        },
    )
    assert found.names == {"ConfigMap shop/a", "AppProject argocd/team"}
    assert sorted(found.problems) == [
        "chart: redis of https://charts.example at 1.2.3: https://charts.example/redis is not fetched: add "
        "it to the entry's `fetch` to have it read",
        "denied: Argo CD does not apply it: its project team does not allow the destination "
        "https://kubernetes.default.svc, namespace shop",
        "other: x of https://git.example/acme/other: https://git.example/acme/other is not fetched: add it "
        "to the entry's `fetch` to have it read",
        "plugin: shop of https://git.example/acme/fleet.git: it is made by a config management plugin "
        "(envsubst), which is not run",
    ]


def test_a_namespace_is_made_where_nothing_declares_it(tmp_path: Path) -> None:
    policy = {
        "syncOptions": ["CreateNamespace=true"],
        "managedNamespaceMetadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    }
    found = Read(
        tmp_path,
        {
            "apps/one.yaml": app("one", {"path": "shop"}, syncPolicy=policy),
            "apps/two.yaml": app("two", {"path": "own"}, syncPolicy=policy, namespace="own"),
            "shop/a.yaml": CONFIG.format("a"),
            "own/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: own}\n",
        },
    )
    assert found.problems == []
    made = found.objects["Namespace shop"]
    assert made.attributes["metadata"]["labels"] == {"pod-security.kubernetes.io/enforce": "restricted"}
    assert made.origin is not None and made.origin.via == ("one",)
    assert found.objects["Namespace own"].attributes["metadata"] == {"name": "own"}


def test_jsonnet_is_evaluated_with_what_the_application_says(tmp_path: Path) -> None:
    pytest.importorskip("_gojsonnet", reason="the extra jsonnet is not installed")
    jsonnet = {
        "extVars": [{"name": "size", "value": "2"}],
        "tlas": [{"name": "many", "value": "1 + 1", "code": True}],
        "libs": ["lib"],
    }
    found = Read(
        tmp_path,
        {
            "apps/one.yaml": app("one", {"path": "shop", "directory": {"jsonnet": jsonnet}}),
            "lib/named.libsonnet": "{config(name, data):: {apiVersion: 'v1', kind: 'ConfigMap', "
            "metadata: {name: name}, data: data}}",
            "shop/a.jsonnet": "local lib = import 'named.libsonnet';\n"
            "function(many) [lib.config('j%d' % i, {size: std.extVar('size')}) "
            "for i in std.range(1, many)]\n",
            "bad/b.jsonnet": "import '/etc/passwd'",
            "apps/bad.yaml": app("bad", {"path": "bad"}),
        },
    )
    assert found.names == {"ConfigMap shop/j1", "ConfigMap shop/j2"}
    assert found.objects["ConfigMap shop/j1"].attributes["data"] == {"size": "2"}
    (problem,) = found.problems
    assert problem == "bad/b.jsonnet: Jsonnet can't evaluate it: there is no /etc/passwd in the repository"


@pytest.mark.usefixtures("renderer")
def test_what_a_kustomization_would_fetch_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    chart = "helmCharts: [{name: redis, version: '1', repo: 'https://charts.example', releaseName: r}]\n"
    found = Read(
        tmp_path,
        {
            "bootstrap/kustomization.yaml": "resources:\n- https://git.example/argo/install.yaml\n"
            "- root.yaml\n- ../infra\n",
            "bootstrap/root.yaml": app("root", {"path": "apps"}, namespace="argocd"),
            "infra/kustomization.yaml": f"resources: [a.yaml]\n{chart}",
            "infra/a.yaml": CONFIG.format("a"),
            "apps/shop.yaml": app("shop", {"path": "shop"}),
            "shop/kustomization.yaml": f"resources: [b.yaml]\nnamePrefix: eu-\n{chart}",
            "shop/b.yaml": CONFIG.format("b"),
        },
    )
    assert found.names == {"ConfigMap default/a", "ConfigMap shop/eu-b"}
    inflate = "is not inflated; set the option 'enable-helm: true' to let kustomize inflate (and fetch) it"
    assert sorted(found.problems) == [
        "bootstrap: https://git.example/argo/install.yaml: is remote and not fetched silently; vendor it, or "
        "set the option 'remote: true'",
        f"infra: chart redis 1 of https://charts.example: {inflate}",
        f"shop: chart redis 1 of https://charts.example: {inflate}",
    ]


def test_settings_say_what_argo_cd_marks_and_what_it_leaves_out(tmp_path: Path) -> None:
    config = """\
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: argocd-cm, namespace: argocd}
        data:
          application.resourceTrackingMethod: label
          resource.exclusions: |
            - apiGroups: [""]
              kinds: [Endp*]
              clusters: ["*"]
        """
    labels = {"app.kubernetes.io/instance": "team_web"}
    marked = live_of("v1/ConfigMap", "shop/a", metadata={"labels": labels})
    stranger = live_of("v1/ConfigMap", "shop/b", metadata={"labels": {"app.kubernetes.io/instance": "x"}})
    project = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: own, namespace: argocd}\n"
    spec = (
        "spec:\n  sourceRepos: ['*']\n  destinations: [{server: '*', namespace: '*'}]\n"
        "  sourceNamespaces: [team]\n  namespaceResourceBlacklist: [{group: '', kind: Secret}]\n"
    )
    other = app("other", {"path": "shop"}, project="own", own_namespace="elsewhere", namespace="x")
    found = Read(
        tmp_path,
        {
            "argocd/cm.yaml": config,
            "argocd/project.yaml": project + spec,
            "argocd/web.yaml": app("web", {"path": "shop"}, project="own", own_namespace="team"),
            "argocd/other.yaml": other,
            "shop/a.yaml": CONFIG.format("a\n  labels: {app.kubernetes.io/instance: chart}"),
            "shop/b.yaml": CONFIG.format("b\n  labels: {app.kubernetes.io/instance: chart}"),
            "shop/c.yaml": "apiVersion: v1\nkind: Endpoints\nmetadata: {name: c}\n",
            "shop/d.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: d}\n",
        },
        Live({}, [marked, stranger]),
    )
    assert found.problems == [
        "other: Argo CD does not apply it: its project own does not allow Applications in the namespace "
        "elsewhere"
    ]
    labels_of = {one: found.objects[f"ConfigMap shop/{one}"].attributes["metadata"]["labels"] for one in "ab"}
    assert labels_of == {"a": labels, "b": {"app.kubernetes.io/instance": "chart"}}
    assert found.left == {
        "v1/Endpoints shop/c": "Argo CD is told to leave out its kind (resource.exclusions)",
        "v1/Secret shop/d": "the project own does not allow it (namespaceResourceBlacklist)",
    }


def test_what_a_live_application_says_of_itself() -> None:
    commit, other = "a" * 40, "b" * 40
    operation = {"phase": "Succeeded", "syncResult": {"revisions": [commit, other]}}
    out = {"sync": {"status": "OutOfSync", "revision": "c" * 40}, "operationState": operation}
    assert status.applied({"status": out}, 1) == other
    assert status.applied({"status": {"sync": {"status": "Synced", "revision": commit}}}, 0) == commit
    partly = {**operation, "operation": {"sync": {"resources": [{"kind": "Service"}]}}}
    history = {**out, "operationState": partly, "history": [{"revision": other}, {"revision": commit}]}
    assert status.applied({"status": history}, 0) == commit
    assert status.applied({"status": {"sync": {"status": "Synced", "revision": "1.2.3"}}}, 0) is None

    automated = {"spec": {"syncPolicy": {"automated": {"selfHeal": True}}}}
    assert status.stays(automated) == ""
    assert "no automated sync" in status.stays({"spec": {}})
    assert "no automated sync" in status.stays({"spec": {"syncPolicy": {"automated": {"enabled": False}}}})
    assert "selfHeal is off" in status.stays({"spec": {"syncPolicy": {"automated": {}}}})
    failed = {"operationState": {"phase": "Failed", "message": "one\ntwo"}}
    assert status.stays({**automated, "status": failed}) == "its last synchronisation failed: one two"
    error = {"conditions": [{"type": "ComparisonError", "message": "gone"}]}
    assert status.stays({**automated, "status": error}) == "ComparisonError: gone"
    assert "create-only" in status.keeps({"spec": {"syncPolicy": {"applicationsSync": "create-only"}}})

    several = [
        {"group": "apps", "version": "v1", "kind": "Deployment", "namespace": "shop", "name": "web"},
        {"version": "v1", "kind": "Service", "namespace": "shop", "name": "old", "requiresPruning": True},
    ]
    made = status.inventory({"status": {"resources": several}}, "prod")
    assert made == frozenset((Ref("prod", "apps/Deployment", "shop", "web"),))
    assert status.inventory({"status": {}}, "prod") is None


@pytest.fixture
def charts(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a Helm repository on loopback with the chart ``web`` 1.0.0; nothing is kept of others."""
    folder = tmp_path_factory.mktemp("charts")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    with tarfile.open(folder / "web-1.0.0.tgz", "w:gz") as archive:
        for name, text in {**CHART, "values-prod.yaml": "mode: packaged\n"}.items():
            told = tarfile.TarInfo(f"web/{name}")
            told.size = len(text)
            archive.addfile(told, io.BytesIO(text.encode()))
    entry = {"name": "web", "version": "1.0.0", "apiVersion": "v2", "urls": ["web-1.0.0.tgz"]}
    (folder / "index.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "entries": {"web": [entry]}}))
    with serving(partial(_Quiet, directory=str(folder))) as url:
        yield url


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.mark.usefixtures("helm")
def test_a_chart_of_a_repository_is_fetched_where_the_entry_allows_it(tmp_path: Path, charts: str) -> None:
    helm = {"valueFiles": ["values-prod.yaml"], "skipCrds": True}
    chart = {"repoURL": charts, "chart": "web", "targetRevision": "1.0.0", "helm": helm}
    umbrella: dict[str, Any] = {"apiVersion": "v2", "name": "all", "version": "1.0.0"}
    umbrella["dependencies"] = [{"name": "web", "version": "1.0.0", "repository": charts}]
    found = Read(
        tmp_path,
        {
            "apps/web.yaml": app("web", chart),
            "apps/all.yaml": app("all", {"path": "charts/all", "helm": {"skipCrds": True}}),
            "charts/all/Chart.yaml": yaml.safe_dump(umbrella),
            "charts/all/values.yaml": "web: {mode: umbrella}\n",
        },
        fetch=[f"{charts}/*"],
    )
    assert found.problems == []
    assert found.values("shop/web-settings")["mode"] == "packaged"
    assert found.values("shop/all-settings")["mode"] == "umbrella"
