"""The exceptions of Argo CD and Flux, as their documentation gives them, in whole runs from files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.rule import Note
from drift.scan import Result
from providers.kubernetes import exceptions, jq_process
from tests.rules.support import scan, write

TARGET = {"group": "apps", "kind": "Deployment"}


def deployment(
    name: str = "web", *, replicas: int = 1, image: str = "a:1", **metadata: Any
) -> dict[str, Any]:
    containers = [{"name": "main", "image": image}, {"name": "proxy", "image": "p:1"}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", **metadata},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}},
        },
    }


def application(*entries: dict[str, Any], name: str = "shop", **destination: Any) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop", **destination},
            "ignoreDifferences": list(entries),
        },
    }


def release(*entries: dict[str, Any], kind: str = "HelmRelease") -> dict[str, Any]:
    group = "helm" if kind == "HelmRelease" else "kustomize"
    return {
        "apiVersion": f"{group}.toolkit.fluxcd.io/v2",
        "kind": kind,
        "metadata": {"name": "shop", "namespace": "flux-system"},
        "spec": {
            "path": "./elsewhere",
            "targetNamespace": "shop",
            "driftDetection": {"mode": "enabled", "ignore": list(entries)},
        },
    }


def run(
    folder: Path, rules: list[dict[str, Any]], live: list[dict[str, Any]], *more: dict[str, Any]
) -> Result:
    declared = [deployment(), *more, *rules]
    write(folder, {"base/all.yaml": declared})
    records = [
        {
            "provider": "kubernetes",
            "scope": "c",
            "type": f"{one['apiVersion']}/{one['kind']}",
            "id": f"{one['metadata']['namespace']}/{one['metadata']['name']}",
            "name": one["metadata"]["name"],
            "attributes": one,
        }
        for one in [*live, *rules]
    ]
    write(folder, {"live.yaml": yaml.safe_dump_all(records)})
    return scan(folder, declared="base, scope: c")


def left(result: Result) -> list[str]:
    return sorted(c["path"] for f in result.report["findings"] for c in f["changes"])


def hidden(result: Result) -> list[tuple[str, str]]:
    return sorted((h["path"], h["rule"]) for h in result.report["suppressed"])


def statuses(result: Result) -> list[str]:
    return [one["status"] for one in result.report["rules"]]


REPLICAS, IMAGE = "/spec/replicas", "/spec/template/spec/containers/main/image"
CHANGED = deployment(replicas=3, image="a:2")
RULE = "Argo CD Application argocd/shop ignoreDifferences.0"


def test_without_rules(tmp_path: Path) -> None:
    assert left(run(tmp_path, [], [CHANGED])) == [REPLICAS, IMAGE]


@pytest.mark.parametrize(
    ("entry", "hides", "which"),
    [
        ({**TARGET, "jsonPointers": ["/spec/replicas"]}, REPLICAS, "jsonPointers"),
        ({**TARGET, "jsonPointers": ["/spec/template/spec/containers/0/image"]}, IMAGE, "jsonPointers"),
        ({**TARGET, "jqPathExpressions": [".spec.replicas"]}, REPLICAS, "jqPathExpressions"),
        (
            {
                **TARGET,
                "jqPathExpressions": ['.spec.template.spec.containers[] | select(.name == "main") | .image'],
            },
            IMAGE,
            "jqPathExpressions",
        ),
        ({"group": "*", "kind": "*", "jsonPointers": ["/spec/replicas"]}, REPLICAS, "jsonPointers"),
        (
            {**TARGET, "name": "web", "namespace": "shop", "jsonPointers": ["/spec/replicas"]},
            REPLICAS,
            "jsonPointers",
        ),
    ],
)
def test_argo_ignores(tmp_path: Path, entry: dict[str, Any], hides: str, which: str) -> None:
    result = run(tmp_path, [application(entry)], [CHANGED])
    assert hidden(result) == [(hides, f"{RULE} {which}")]
    assert left(result) == [path for path in (REPLICAS, IMAGE) if path != hides]
    (rule,) = result.report["rules"]
    assert (rule["file"], rule["status"], rule["matched"]) == ("base/all.yaml", "active", 1)
    assert rule["line"]


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "Deployment", "jsonPointers": ["/spec/replicas"]},
        {**TARGET, "kind": "StatefulSet", "jsonPointers": ["/spec/replicas"]},
        {**TARGET, "name": "other", "jsonPointers": ["/spec/replicas"]},
        {**TARGET, "namespace": "other", "jsonPointers": ["/spec/replicas"]},
        {**TARGET, "jsonPointers": ["/spec/nothing"]},
        {**TARGET, "jqPathExpressions": [".spec.nothing[].x"]},
    ],
)
def test_argo_ignores_nothing_else(tmp_path: Path, entry: dict[str, Any]) -> None:
    result = run(tmp_path, [application(entry)], [CHANGED])
    assert (left(result), statuses(result)) == ([REPLICAS, IMAGE], ["unused"])


@pytest.mark.parametrize(
    ("marks", "namespace", "hides"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}}, "x", True),
        (
            {"annotations": {"argocd.argoproj.io/tracking-id": "other:apps/Deployment:shop/web"}},
            "shop",
            False,
        ),
        ({"labels": {"argocd.argoproj.io/instance": "shop"}}, "x", True),
        ({"labels": {"argocd.argoproj.io/instance": "other"}}, "shop", False),
        ({}, "x", False),
    ],
)
def test_an_applications_rules_hold_for_its_own_objects(
    tmp_path: Path, marks: dict[str, Any], namespace: str, hides: bool
) -> None:
    entry = {**TARGET, "jsonPointers": ["/spec/replicas"]}
    result = run(tmp_path, [application(entry, namespace=namespace)], [deployment(replicas=3, **marks)])
    assert (REPLICAS not in left(result)) == hides


def test_argos_trusted_managers(tmp_path: Path) -> None:
    fields = {"f:spec": {"f:replicas": {}}}
    managed = [
        {
            "manager": "kube-controller-manager",
            "operation": "Update",
            "fieldsType": "FieldsV1",
            "fieldsV1": fields,
        }
    ]
    entry = {**TARGET, "managedFieldsManagers": ["kube-controller-manager"]}
    live = deployment(replicas=3, image="a:2", managedFields=managed)
    assert left(run(tmp_path, [application(entry)], [live])) == [IMAGE]
    other = {**TARGET, "managedFieldsManagers": ["somebody"]}
    assert left(run(tmp_path, [application(other)], [live])) == [REPLICAS, IMAGE]


def test_argos_settings_for_all(tmp_path: Path) -> None:
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argocd-cm", "namespace": "argocd"},
        "data": {
            "resource.customizations.ignoreDifferences.apps_Deployment": "jsonPointers:\n- /spec/replicas\n",
            "resource.customizations.ignoreDifferences.all": "managedFieldsManagers: [nobody]\n",
        },
    }
    result = run(tmp_path, [settings], [CHANGED])
    assert left(result) == [IMAGE]
    assert [one["status"] for one in result.report["rules"]] == ["unused", "active"]


def test_jq_that_cant_be_used_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = run(tmp_path, [application({**TARGET, "jqPathExpressions": [".spec["]})], [CHANGED])
    assert statuses(broken) == ["unusable"]
    assert broken.report["rules"][0]["message"].startswith("no jq expression: ")
    monkeypatch.setitem(sys.modules, "jq", None)
    none = run(tmp_path, [application({**TARGET, "jqPathExpressions": [".spec.replicas"]})], [CHANGED])
    assert "jq is not installed" in none.report["rules"][0]["message"]
    assert left(none) == [REPLICAS, IMAGE]


def test_jq_that_does_not_end_is_given_up() -> None:
    find, unusable = exceptions.jq([".spec.replicas", "last(repeat(.))"])
    rule = exceptions.Parts(Note("a", "b"), lambda _: True, find)
    assert unusable == "" == rule.note.unusable
    assert list(find(deployment())) == []
    assert rule.note.unusable.startswith("the jq expression is not used: it takes more than 2 seconds")


def test_jq_that_is_not_simple_is_evaluated_apart() -> None:
    find, unusable = exceptions.jq(["[.spec.replicas, .kind][]?", ".spec | (.replicas, .x)"])
    assert unusable == "" and ("spec", "replicas") in find(deployment())


def test_what_evaluates_jq_imports_nothing_of_the_program_and_starts_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evaluator = jq_process.Evaluator([".a, .b"])
    assert evaluator.paths('{"a": 1}') == [["a"], ["b"]]
    process = evaluator._process  # noqa: SLF001
    assert process is not None
    proc = Path(f"/proc/{process.pid}")
    maps = (proc / "maps").read_text()
    children = (proc / "task" / str(process.pid) / "children").read_text()
    assert "/jq" in maps and "pydantic" not in maps and children == ""
    for said in (proc / "environ").read_bytes().split(b"\0"):
        name, _, value = said.decode().partition("=")
        if name not in ("", "PATH", "PYTHONPATH"):
            monkeypatch.setenv(name, value)
    with pytest.raises(jq_process.Broken, match="starts no other"):
        jq_process.Evaluator([".a, .b"]).check()


@pytest.mark.parametrize(
    ("expression", "plain"),
    [
        (".spec.replicas", True),
        ('.spec.template.spec.containers[] | select(.name == "main") | .image', True),
        ('.metadata.annotations["a/b"]', True),
        ('.webhooks[]?.clientConfig."caBundle"', True),
        ('.spec.ports[] | select(.name | startswith("x"))', True),
        ("..", False),
        (".a, .b", False),
        ("repeat(.)", False),
        ("select(.[] | true)", False),
        ('select(.x | test("a"))', False),
        (f"{'.a[]' * 120}!", False),
    ],
)
def test_which_jq_surely_ends(expression: str, plain: bool) -> None:
    assert jq_process.simple(expression) is plain


def test_argo_leaves_extra_objects_out_by_annotation(tmp_path: Path) -> None:
    extra = deployment("extra", annotations={"argocd.argoproj.io/compare-options": "IgnoreExtraneous,X=y"})
    result = run(tmp_path, [], [deployment(), extra, deployment("more")])
    assert [f["name"] for f in result.report["findings"]] == ["more"]
    assert hidden(result) == [("", "argocd.argoproj.io/compare-options: IgnoreExtraneous")]


@pytest.mark.parametrize(
    ("entry", "hides"),
    [
        ({"paths": ["/spec/replicas"]}, True),
        ({"paths": ["/spec/replicas"], "target": {"kind": "Deployment"}}, True),
        ({"paths": ["/spec/replicas"], "target": {"kind": "Deploy"}}, False),
        ({"paths": ["/spec/replicas"], "target": {"name": "we.*", "group": "apps", "version": "v1"}}, True),
        ({"paths": ["/spec/replicas"], "target": {"labelSelector": "tier=web,env!=prod"}}, True),
        ({"paths": ["/spec/replicas"], "target": {"labelSelector": "tier=db"}}, False),
        ({"paths": ["/spec/replicas"], "target": {"labelSelector": "tier in (web)"}}, False),
        ({"paths": ["/spec/replicas"], "target": {"name": "("}}, False),
        ({"paths": [""]}, True),
        ({"paths": ["/spec/paused"]}, False),
    ],
)
@pytest.mark.parametrize("kind", ["HelmRelease", "Kustomization"])
def test_flux_ignores(tmp_path: Path, entry: dict[str, Any], hides: bool, kind: str) -> None:
    live = deployment(replicas=3, labels={"tier": "web"})
    result = run(tmp_path, [release(entry, kind=kind)], [live])
    assert (REPLICAS not in left(result)) == hides
    if hides:
        assert (REPLICAS, f"Flux {kind} flux-system/shop driftDetection.ignore.0") in hidden(result)


def test_flux_ignores_what_a_kustomization_says(tmp_path: Path) -> None:
    said = release(kind="Kustomization")
    said["spec"]["ignore"] = [{"paths": ["/spec/replicas"], "target": {"kind": "Deployment"}}]
    result = run(tmp_path, [said], [deployment(replicas=3)])
    assert (REPLICAS, "Flux Kustomization flux-system/shop ignore.0") in hidden(result)


def test_a_releases_rules_hold_for_its_own_objects(tmp_path: Path) -> None:
    entry = {"paths": ["/spec/replicas"]}
    marks = {"helm.toolkit.fluxcd.io/name": "other", "helm.toolkit.fluxcd.io/namespace": "flux-system"}
    result = run(tmp_path, [release(entry)], [deployment(replicas=3, labels=marks)])
    assert REPLICAS in left(result)


@pytest.mark.parametrize("said", ["reconcile: disabled", "ssa: Ignore", "ssa: IfNotPresent"])
def test_fluxs_annotation_counts_as_git_declares_it(tmp_path: Path, said: str) -> None:
    name, _, value = said.partition(": ")
    off = {"annotations": {f"kustomize.toolkit.fluxcd.io/{name}": value}}
    declared, live = deployment("off", **off), deployment("off", replicas=3, **off)
    result = run(tmp_path, [], [deployment(replicas=3, **off), live], declared)
    assert {f["name"] for f in result.report["findings"]} == {"web"}
    assert {h["name"] for h in result.report["suppressed"]} == {"off"}
