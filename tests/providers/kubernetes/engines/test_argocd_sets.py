"""ApplicationSets: what each generator gives, how templates are filled, and what can't be told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.providers.kubernetes.declared.support import Live
from tests.providers.kubernetes.engines.test_argocd import CONFIG, URL, Read, live_of

TEMPLATE = {
    "metadata": {"name": "{{name}}"},
    "spec": {
        "project": "default",
        "source": {"repoURL": URL, "targetRevision": "HEAD", "path": "shop"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "{{name}}"},
    },
}
SHOP = {"shop/a.yaml": CONFIG.format("a")}


def app_set(
    *generators: Mapping[str, Any], template: Mapping[str, Any] | None = None, name: str = "all", **spec: Any
) -> str:
    """An ApplicationSet; ``template`` is merged into one of an Application of the folder ``shop``."""
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"generators": list(generators), "template": _merged(TEMPLATE, template or {}), **spec},
    }
    return yaml.safe_dump(body, sort_keys=False)


def go(*generators: Mapping[str, Any], template: Mapping[str, Any] | None = None, **spec: Any) -> str:
    """The same with Go's templates."""
    own = {"metadata": {"name": "{{.name}}"}, "spec": {"destination": {"namespace": "{{.name}}"}}}
    options = {"goTemplate": True, "goTemplateOptions": ["missingkey=error"]}
    return app_set(*generators, template=_merged(own, template or {}), **{**options, **spec})


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, Mapping):
        return {**one, **{key: _merged(one.get(key), value) for key, value in other.items()}}
    return other


def secret(name: str, labels: str = "", annotations: str = "", server: str = "") -> str:
    return f"""\
apiVersion: v1
kind: Secret
metadata:
  name: cluster-{name}
  namespace: argocd
  labels: {{argocd.argoproj.io/secret-type: cluster{labels}}}
  annotations: {{{annotations}}}
stringData: {{name: {name}, server: "{server or f"https://{name}.example"}"}}
"""


class Clusters(Live):
    def scopes(self, provider: str) -> frozenset[str]:
        return frozenset(("prod", "eu", "us"))


def apps(found: Read) -> dict[str, Any]:
    """The Applications' specs by name."""
    return {
        one.partition("/")[2]: found.objects[one].attributes["spec"]
        for one in found.objects
        if one.startswith("Application ")
    }


def test_a_list_with_a_selector_and_its_own_template(tmp_path: Path) -> None:
    generators = [
        {"list": {"elements": [{"name": "one", "env": "a"}, {"name": "two", "env": "b"}]},
         "selector": {"matchLabels": {"env": "a"}}},
        {"list": {"elements": [{"name": "three", "values": {"x": "z"}}],
                  "template": {"spec": {"source": {"path": "other"}}, "metadata": {}}}},
    ]  # fmt: skip
    template = {"metadata": {"labels": {"x": "{{values.x}}"}}}
    found = Read(
        tmp_path,
        {
            "sets/all.yaml": app_set(*generators, template=template),
            **SHOP,
            "other/b.yaml": CONFIG.format("b"),
        },
    )
    assert found.problems == []
    assert found.names == {"ConfigMap one/a", "ConfigMap three/b"}
    three = found.objects["Application argocd/three"].attributes["metadata"]
    assert three["labels"] == {"x": "z"}
    assert three["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    assert found.objects["Application argocd/one"].attributes["metadata"]["labels"] == {"x": "{{values.x}}"}
    origin = found.objects["ConfigMap one/a"].origin
    assert origin is not None and origin.via == ("all", "one")


def test_clusters_are_merged_with_a_list(tmp_path: Path) -> None:
    merge = {
        "merge": {
            "mergeKeys": ["name"],
            "generators": [
                {"clusters": {"selector": {"matchExpressions": [{"key": "tier", "operator": "Exists"}]},
                              "values": {"size": "small", "region": "{{index .metadata.labels \"tier\"}}"}}},
                {"list": {"elements": [{"name": "eu", "values": {"size": "large"}}, {"name": "asia"}]}},
            ],
        }
    }  # fmt: skip
    template = {
        "metadata": {"annotations": {"size": "{{.values.size}} {{.values.region}}"}},
        "spec": {"destination": {"server": "{{.server}}"}},
    }
    found = Read(
        tmp_path,
        {
            "sets/all.yaml": go(merge, template=template),
            "clusters/eu.yaml": secret("eu", ", tier: front"),
            "clusters/us.yaml": secret("us", ", tier: back"),
            "clusters/dev.yaml": secret("dev"),
            **SHOP,
        },
        Clusters({}),
    )
    assert found.problems == []
    notes = {
        name: found.objects[f"Application argocd/{name}"].attributes["metadata"]["annotations"]["size"]
        for name in apps(found)
    }
    assert notes == {"eu": "large front", "us": "small back"}
    assert {one: found.objects[one].scope for one in found.names if one.startswith("ConfigMap")} == {
        "ConfigMap eu/a": "eu", "ConfigMap us/a": "us",
    }  # fmt: skip


def test_the_local_cluster_is_there_without_a_selector(tmp_path: Path) -> None:
    found = Read(tmp_path, {"sets/all.yaml": app_set({"clusters": {}}), **SHOP})
    assert set(apps(found)) == {"in-cluster"}


def test_folders_and_files_of_git(tmp_path: Path) -> None:
    git = {
        "repoURL": URL,
        "revision": "HEAD",
        "directories": [{"path": "apps/*"}, {"path": "apps/not", "exclude": True}],
        "values": {"short": "{{ trunc 3 .path.basename }}"},
    }
    files = {"repoURL": URL, "revision": "HEAD", "files": [{"path": "env/**/config.json"}]}
    by_folder = {
        "metadata": {"name": "{{.values.short}}-{{index .path.segments 0}}"},
        "spec": {"source": {"path": "{{.path.path}}"}, "destination": {"namespace": "{{.path.basename}}"}},
    }
    by_file = {
        "metadata": {"name": "{{cluster.name}}-{{path.basename}}-{{path[1]}}"},
        "spec": {"destination": {"namespace": "{{cluster.port}}-x"}},
    }
    found = Read(
        tmp_path,
        {
            "sets/folders.yaml": go({"git": git}, template=by_folder, name="folders"),
            "sets/files.yaml": app_set({"git": files}, template=by_file, name="files"),
            "apps/web_one/a.yaml": CONFIG.format("a"),
            "apps/not/b.yaml": CONFIG.format("b"),
            "env/eu/config.json": '{"cluster": {"name": "c1", "port": 8080}}',
            "env/deep/us/config.json": '[{"cluster": {"name": "c2", "port": 1}}, '
            '{"cluster": {"name": "c3"}}]',
            **SHOP,
        },
    )
    assert found.problems == []
    assert set(apps(found)) == {"web-apps", "c1-eu-eu", "c2-us-deep", "c3-us-deep"}
    assert found.names == {
        "ConfigMap web_one/a", "ConfigMap 8080-x/a", "ConfigMap 1-x/a", "ConfigMap {{cluster.port}}-x/a",
    }  # fmt: skip


def test_a_matrix_fills_its_second_generator_with_the_first(tmp_path: Path) -> None:
    matrix = {
        "matrix": {
            "generators": [
                {"git": {"repoURL": URL, "revision": "HEAD", "directories": [{"path": "teams/*"}]}},
                {"list": {"elementsYaml": "", "elements": [
                    {"name": "{{.path.basename}}-eu"}, {"name": "{{.path.basename}}-us", "zone": "b"}]}},
            ]
        }
    }  # fmt: skip
    patch = '{{- if eq .path.basename "red" }}\nspec:\n  source: {path: other}\n{{- end }}\n'
    found = Read(
        tmp_path,
        {
            "sets/all.yaml": go(matrix, templatePatch=patch),
            "teams/red/x.txt": "",
            "teams/blue/x.txt": "",
            "other/b.yaml": CONFIG.format("b"),
            **SHOP,
        },
    )
    assert found.problems == []
    assert found.names == {
        "ConfigMap red-eu/b", "ConfigMap red-us/b", "ConfigMap blue-eu/a", "ConfigMap blue-us/a",
    }  # fmt: skip


def test_what_others_are_asked_for_is_said_and_its_live_applications_are_followed(tmp_path: Path) -> None:
    owner = {"kind": "ApplicationSet", "apiVersion": "argoproj.io/v1alpha1", "name": "pulls", "uid": "1"}
    source = {"repoURL": URL, "path": "shop"}
    spec = {
        "source": source,
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "pr-7"},
    }
    type_ = "argoproj.io/v1alpha1/Application"
    live = live_of(type_, "argocd/pr-7", metadata={"name": "pr-7", "ownerReferences": [owner]}, spec=spec)
    found = Read(
        tmp_path,
        {
            "sets/pulls.yaml": app_set({"pullRequest": {"github": {}}}, name="pulls"),
            "sets/broken.yaml": go(
                {"list": {"elements": [{"name": "good"}, {"name": "bad", "x": "1"}]}},
                template={"metadata": {"labels": {"l": '{{ if hasKey . "x" }}{{ now }}{{ end }}'}}},
                name="broken",
            ),
            "sets/good.yaml": app_set({"list": {"elements": [{"name": "fine"}]}}, name="good"),
            **SHOP,
        },
        Live({}, [live]),
    )
    assert found.names == {"ConfigMap pr-7/a", "ConfigMap good/a", "ConfigMap fine/a"}
    assert sorted(found.problems) == [
        "ApplicationSet broken: its Application bad: its template can't be filled: the function now is not "
        "known",
        "ApplicationSet pulls: its generator pullRequest asks a forge for its pull requests; the 1 that it "
        "made live are followed instead",
    ]
    origin = found.objects["ConfigMap pr-7/a"].origin
    assert origin is not None and origin.via == ("pulls", "pr-7")


def test_a_live_root_that_reads_this_repository_is_followed(tmp_path: Path) -> None:
    spec = {
        "source": {"repoURL": URL, "path": "more"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "by-hand"},
    }
    type_ = "argoproj.io/v1alpha1/Application"
    live = live_of(type_, "argocd/root", metadata={"name": "root"}, spec=spec)
    made = app_set({"list": {"elements": [{"name": "one"}]}})
    found = Read(
        tmp_path,
        {"sets/all.yaml": made, "more/b.yaml": CONFIG.format("b"), **SHOP},
        Live({}, [live]),
    )
    assert found.names == {"ConfigMap one/a", "ConfigMap by-hand/b"}
    assert any("argocd/root" in one and "not in Git" in one for one in found.notes)


def test_a_set_beside_a_cluster_secret_is_followed(tmp_path: Path) -> None:
    both = app_set({"list": {"elements": [{"name": "one"}]}}) + "---\n" + secret("eu")
    found = Read(tmp_path, {"all/all.yaml": both, **SHOP})
    assert "ConfigMap one/a" in found.names


def test_a_name_that_no_parameter_gives_or_that_comes_twice_is_said(tmp_path: Path) -> None:
    elements = [{"name": "one"}, {"name": "one"}, {"x": "y1"}]
    found = Read(tmp_path, {"sets/all.yaml": app_set({"list": {"elements": elements}}), **SHOP})
    assert set(apps(found)) == {"one"}
    assert sorted(found.problems) == [
        "ApplicationSet all: it makes the Application one twice; the first stands",
        "ApplicationSet all: no parameter gives what the name {{name}} asks for",
    ]
