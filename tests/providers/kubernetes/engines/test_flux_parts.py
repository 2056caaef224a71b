"""Parts of Flux by themselves: expansion of variables, what SOPS encrypted, what is left out, what its status
says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drift.deadline import Deadline
from drift.model import Resource, Unresolved
from drift.source import Location
from providers.kubernetes import declared_objects
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.declared_yaml import documents
from providers.kubernetes.engines.charts import Charts
from providers.kubernetes.engines.flux import status
from providers.kubernetes.engines.flux.expansion import BadExpansion, expand
from providers.kubernetes.engines.flux.ignoring import ignored
from providers.kubernetes.engines.flux.said import KUSTOMIZATION, RELEASE
from providers.kubernetes.engines.flux.substitution import substituted
from providers.kubernetes.engines.flux.variables import Variables
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.renderers import Renderers
from providers.kubernetes.engines.trees import Trees
from providers.kubernetes.engines.world import World
from tests.providers.kubernetes.declared.support import Live, write
from tests.providers.kubernetes.engines.test_flux import CONFIG, KS, live_of, read

VALUES = {"a": "abcABC123ABCabc", "file": "path/to/bash.string.txt", "empty": "", "n": "5"}


# Source of the expressions: tldp.org, "Parameter Substitution"; fluxcd.io, "Kustomization", Post build
@pytest.mark.parametrize(("text", "wanted"), [
    ("${#a}", "15"), ("${a^}", "AbcABC123ABCabc"), ("${a,,}", "abcabc123abcabc"), ("${a:3}", "ABC123ABCabc"),
    ("${a:3:3}", "ABC"), ("${a:-3}", "abcABC123ABCabc"), ("${a: -3}", "abcABC123ABCabc"), ("${none:-x}", "x"),
    ("${none:=x}", "x"), ("${empty:-x}", "x"), ("${none=x}", "x"), ("${none}", ""),
    ("${a/abc/x}", "xABC123ABCabc"),
    ("${a//abc/x}", "xABC123ABCx"), ("${a/#abc/x}", "xABC123ABCabc"), ("${a/%abc/x}", "abcABC123ABCx"),
    ("${a/abc/}", "ABC123ABCabc"), ("${file##*/}", "bash.string.txt"), ("${file#*/}", "to/bash.string.txt"),
    ("${file%.*}", "path/to/bash.string"), ("${file%%.*}", "path/to/bash"), ("$${a}", "${a}"), ("$a", "$a"),
    ("${none:-${n}-${a:0:3}}", "5-abc"), (r"${file/\//-}", "path-to/bash.string.txt"),
])  # fmt: skip
def test_expressions(text: str, wanted: str) -> None:
    assert expand(text, VALUES.get) == wanted


@pytest.mark.parametrize("text", ["${", "${a", "${}", "${a b}", "${a/x}", "${" * 200 + "a" + "}" * 200])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(BadExpansion):
        expand(text, VALUES.get)


def test_strict_wants_a_value_or_a_default() -> None:
    assert expand("${none:-x}", VALUES.get, strict=True) == "x"
    with pytest.raises(BadExpansion, match="the variable none is not set"):
        expand("${none^}", VALUES.get, strict=True)


# Where Flux's text of YAML becomes something else


@pytest.mark.parametrize(("text", "wanted"), [
    ("${n}", 5), ("p${n}", "p5"), ("x: ${n}", "x: 5"), ("${yes}", True), ("line\n${n}\n", "line\n5\n"),
    ("${none}", None), ("# ${n}", "# 5"), (" ${n}", " 5"), ("${list}", ["1", "a"]), ("$${n}", "${n}"),
    ('"${n}"', '"5"'), ("a\n\n  b ${n}", "a\n\n  b 5"), ("{{ ${n} }}", "{{ 5 }}"),
])  # fmt: skip
def test_variables_are_filled_into_text(text: str, wanted: Any) -> None:
    said = {"n": "5", "yes": "true", "list": "['1', a]", "hidden": Unresolved("is hidden")}
    (one,) = manifests("spec: {}\n")
    body = {**one.body, "spec": {"a": text, "b": ["${n}", "${hidden}"], "k${n}": 1}}
    made = substituted(replace(one, body=body), Variables(dict(said))).body["spec"]
    assert made == {"a": wanted, "b": [5, Unresolved("is hidden")], "k5": 1}


def manifests(more: str) -> list[Manifest]:
    text = f"apiVersion: shop.example/v1\nkind: Cart\nmetadata: {{name: one}}\n{more}"
    return [
        one
        for found in documents(text.encode())
        for one in declared_objects.read(found, "x.yaml", "x").manifests
    ]


def test_a_name_that_is_not_known_is_no_object_that_is_missing(tmp_path: Path) -> None:
    app = KS.format(name="app", path="./app")
    app += "  postBuild: {substituteFrom: [{kind: Secret, name: hidden}]}\n"
    files = {"cluster/app.yaml": app, "app/one.yaml": CONFIG.format("${NAME}-x", "{}")}
    found, problems, (unknown,), _ = read(tmp_path, files)
    assert set(found) == {"Kustomization flux-system/app"}
    assert not problems
    assert "its name comes from the Secret flux-system/hidden" in unknown.reason


def test_what_flux_is_told_to_leave_alone_is_not_missing(tmp_path: Path) -> None:
    off = (
        CONFIG.format("off", "{}")
        .replace("  name: off", "  name: off\n  annotations: {X}")
        .replace("X", "kustomize.toolkit.fluxcd.io/reconcile: disabled")
    )
    files = {"cluster/app.yaml": KS.format(name="app", path="./app"), "app/one.yaml": off}
    _, _, (left,), _ = read(tmp_path, files)
    assert "Flux is told to leave it alone" in left.reason


def test_a_sourceignore_leaves_files_out(tmp_path: Path) -> None:
    files = {
        "cluster/app.yaml": KS.format(name="app", path="./app"),
        "app/one.yaml": CONFIG.format("one", "{}"),
        "app/two.yaml": CONFIG.format("two", "{}"),
        "app/values/three.yaml": "no: object\n",
        ".sourceignore": "!\n# a comment\n/\ntwo.yaml\n",
        "app/.sourceignore": "values/\n",
    }
    found, problems, _, _ = read(tmp_path, files)
    assert not problems
    assert set(found) == {"Kustomization flux-system/app", "ConfigMap default/one"}
    leaves = ignored(tmp_path, "/app/one.yaml\n")
    assert leaves(tmp_path / "app/one.yaml") and leaves(tmp_path / "app/values/three.yaml")


# SOPS


@pytest.fixture
def sops(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """sops is on the PATH, with a key of age; gives the public one."""
    pyrage = pytest.importorskip("pyrage", reason="pyrage, which makes keys of age, is not installed")
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts"), prepend=os.pathsep)
    if shutil.which("sops") is None:
        pytest.skip("sops is not installed")
    identity = pyrage.x25519.Identity.generate()
    key = tmp_path / "age.txt"
    key.write_text(str(identity), encoding="utf-8")
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(key))
    return str(identity.to_public())


def test_what_sops_encrypted_is_read_with_a_key_and_else_unknown(
    sops: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  user: eve\n  n: '5'\n"
    app = KS.format(name="app", path="./app") + "  targetNamespace: shop\n  decryption: {provider: sops}\n"
    folder = write(tmp_path / "repo", {"cluster/app.yaml": app, "app/login.yaml": secret})
    command = ["sops", "--encrypt", "--age", sops, "--encrypted-regex", "^stringData$", "--in-place"]
    subprocess.run([*command, str(folder / "app/login.yaml")], check=True, capture_output=True)
    assert "eve" not in (folder / "app/login.yaml").read_text(encoding="utf-8")
    found, problems, _, _ = read(folder, {})
    assert not problems
    assert found["Secret shop/login"].attributes["stringData"] == {"user": "eve", "n": "5"}
    monkeypatch.delenv("SOPS_AGE_KEY_FILE")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    found, problems, _, _ = read(folder, {})
    assert not problems
    assert found["Secret shop/login"].attributes["stringData"]["user"] == Unresolved("encrypted with SOPS")


# Status


APPS = Ref("prod", KUSTOMIZATION, "flux-system", "apps")


def world(*live: Resource) -> Any:
    location = Location(Path("/nowhere"), ".")
    deadline = Deadline(None)
    trees = Trees(location, (), deadline)
    charts, renderers = Charts(trees, deadline), Renderers(deadline)
    place = Path("/nowhere")
    return World(trees.own, place, trees, charts, renderers, Live({}, live), "prod", deadline)


@pytest.mark.parametrize("revision", ["main@sha1:{}", "main/{}", "refs/tags/v1@sha1:{}", "{}"])
def test_the_commit_of_a_revision(revision: str) -> None:
    assert status.commit(revision.format("a" * 40)) == "a" * 40
    assert status.commit("6.5.0") is None


def test_what_the_live_object_says() -> None:
    entries = [
        {"id": "shop_web_apps_Deployment", "v": "v1"}, {"id": "shop_settings__ConfigMap", "v": "v1"},
        {"id": "_admin__all_rbac.authorization.k8s.io_ClusterRole", "v": "v1"},
    ]  # fmt: skip
    said = {"lastAppliedRevision": f"main@sha1:{'a' * 40}", "inventory": {"entries": entries}}
    there = live_of("kustomize.toolkit.fluxcd.io/v1/Kustomization", "flux-system/apps", spec={}, status=said)
    assert status.applied(APPS, world(there)) == "a" * 40
    assert status.inventory(APPS, world(there), "prod") == {
        Ref("prod", "apps/Deployment", "shop", "web"),
        Ref("prod", "rbac.authorization.k8s.io/ClusterRole", "", "admin:all"),
        Ref("prod", "ConfigMap", "shop", "settings"),
    }
    assert status.stays(APPS, world(there)) == ""
    assert status.inventory(APPS, world(), "prod") is None


def test_why_it_stays() -> None:
    type_ = "kustomize.toolkit.fluxcd.io/v1/Kustomization"
    suspended = live_of(type_, "flux-system/apps", spec={"suspend": True})
    assert status.stays(APPS, world(suspended)) == "Kustomization flux-system/apps is suspended"
    conditions = [{"type": "Ready", "status": "False", "message": "build failed:\n no such file"}]
    failed = live_of(type_, "flux-system/apps", spec={}, status={"conditions": conditions})
    assert status.stays(APPS, world(failed)) == (
        "Kustomization flux-system/apps: its last run failed: build failed: no such file"
    )
    release = Ref("prod", RELEASE, "shop", "web")
    there = live_of("helm.toolkit.fluxcd.io/v2/HelmRelease", "shop/web", spec={})
    assert "does not correct what differs (driftDetection.mode: disabled)" in status.stays(
        release, world(there)
    )
    source = {"kind": "GitRepository", "name": "fleet"}
    well = live_of(type_, "flux-system/apps", spec={"sourceRef": source})
    held = live_of("source.toolkit.fluxcd.io/v1/GitRepository", "flux-system/fleet", spec={"suspend": True})
    assert status.stays(APPS, world(well, held)) == "its source GitRepository flux-system/fleet is suspended"


def test_whose_a_live_object_is() -> None:
    labels = {"helm.toolkit.fluxcd.io/name": "web", "helm.toolkit.fluxcd.io/namespace": "shop"}
    made = live_of("v1/ConfigMap", "front/x", metadata={"labels": labels})
    assert status.claims(made) == Ref("prod", RELEASE, "shop", "web")
    assert status.claims(live_of("v1/ConfigMap", "front/x", metadata={})) is None
