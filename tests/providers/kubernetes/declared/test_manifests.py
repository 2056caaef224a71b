"""Manifests: which objects, in which place, from which line; and what is said of all that is none."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from drift.errors import DeclaredError, DriftError
from drift.finding import Unverifiable
from drift.model import Problem, Resource, Unresolved
from drift.report.document import line_of
from providers.kubernetes.declared_resources import Objects
from providers.kubernetes.manifests import Manifests
from tests import shared
from tests.providers.kubernetes.declared.support import (
    Live,
    everything,
    load,
    resources,
    served,
)

SHOP = Path(__file__).parent / "objects" / "shop.yaml"
RECORDING = "recordings/kubernetes-last-applied"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"


def said(tmp_path: Path, text: str, live: Live | None = None, **options: Any) -> list[Any]:
    (tmp_path / "a.yaml").write_text(text)
    return everything(load(Manifests(), tmp_path / "a.yaml", **options), live)


def refusal(tmp_path: Path, text: str | bytes, name: str = "a.yaml", **options: Any) -> str:
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DriftError) as raised:
        load(Manifests(), tmp_path / name, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


class TestAnEstate:
    def test_objects(self) -> None:
        assert list(resources(load(Manifests(), SHOP, "objects/shop.yaml"))) == [
            "Namespace shop",
            "ConfigMap shop/settings",
            "Secret shop/database",
            "Deployment shop/front",
            "Service shop/front",
            "ClusterRole shop-reader",
            "NetworkPolicy shop/deny",
            "CustomResourceDefinition fleets.example.com",
            "Fleet vans",
        ]

    def test_types(self) -> None:
        types = load(Manifests(), SHOP).types()
        assert ("kubernetes", "apps/v1/Deployment") in types
        assert ("kubernetes", "v1/Service") in types
        assert len(types) == 9

    def test_lines_are_found_by_canonical_path(self) -> None:
        text = SHOP.read_text().splitlines()
        found = resources(load(Manifests(), SHOP))
        front = found["Deployment shop/front"].origin
        assert front is not None and front.line is not None
        assert text[front.line - 1] == "apiVersion: apps/v1"
        for path, words in {
            "/spec/replicas": "replicas: 3",
            "/spec/template/spec/containers/front/image": "front:2.1.0",
            "/spec/template/spec/containers/0/image": "front:2.1.0",
            "/spec/template/spec/containers/proxy": "- name: proxy",
            "/spec/template/spec/containers/proxy/image": "proxy:0.9",
            "/spec/template/spec/initContainers/migrate/image": "migrate:1.4",
            "/spec/template/spec/containers/front/ports/8080|TCP": "name: http",
            "/spec/template/spec/containers/front/ports/5353|UDP/protocol": "name: dns",
            "/spec/template/spec/containers/front/env/PORT/value": 'value: "8080"',
            "/spec/template/spec/containers/front/env/PORT": "- name: PORT",
            "/spec/template/metadata/labels/app.kubernetes.io~1name": "app.kubernetes.io/name: front",
            "/spec/template/metadata/labels/tier": "tier: web",
        }.items():
            line = front.lines[path]
            assert words in text[line - 1], path
        assert "/spec/template/spec/containers/front/ports/5353|TCP" in front.lines  # TCP may be left unsaid
        assert "/spec/template/spec/containers/nobody" not in front.lines
        assert (
            line_of(front, "/spec/template/spec/containers/front/livenessProbe/periodSeconds")
            == (front.lines["/spec/template/spec/containers/front"])
        )
        service, secret = found["Service shop/front"].origin, found["Secret shop/database"].origin
        assert service is not None and secret is not None
        assert "port: 80" in text[service.lines["/spec/ports/80|TCP"] - 1]
        assert "correct horse" in text[secret.lines["/data/password"] - 1]

    def test_lines_hold_no_values(self) -> None:
        origin = resources(load(Manifests(), SHOP))["Secret shop/database"].origin
        assert origin is not None
        assert b"correct horse" not in pickle.dumps(origin)
        assert pickle.loads(pickle.dumps(origin)) == origin  # noqa: S301 - our own

    def test_origin(self) -> None:
        origin = resources(load(Manifests(), SHOP, "deploy/shop.yaml"))["Namespace shop"].origin
        assert origin is not None
        assert str(origin) == "deploy/shop.yaml:2 (Namespace/shop)"
        assert (origin.source, origin.commit) == ("manifests", "c" * 40)

    def test_secrets_stay_as_they_are_said(self) -> None:
        secret = resources(load(Manifests(), SHOP))["Secret shop/database"]
        assert secret.attributes["stringData"] == {"password": "correct horse"}


class TestWhere:
    def test_the_default_namespace(self, tmp_path: Path) -> None:
        (found,) = said(tmp_path, MAP)
        assert (found.id, found.attributes["metadata"]["namespace"]) == ("default/a", "default")
        (found,) = said(tmp_path, MAP, namespace="web")
        assert (found.id, found.attributes["metadata"]["namespace"]) == ("web/a", "web")
        (found,) = said(tmp_path, f"{MAP}  namespace: own\n", namespace="web")
        assert found.id == "own/a"

    def test_a_cluster_wide_object_has_none(self, tmp_path: Path) -> None:
        text = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast, namespace: web}\n"
        (found,) = said(tmp_path, text)
        assert (found.id, "namespace" in found.attributes["metadata"]) == ("fast", False)

    def test_the_cluster(self, tmp_path: Path) -> None:
        (found,) = said(tmp_path, MAP, Live(served("v1/ConfigMap"), name="one"))
        assert found.scope == "one"
        (found,) = said(tmp_path, MAP, Live(served("v1/ConfigMap"), name="one"), scope="other")
        assert found.scope == "other"
        assert said(tmp_path, MAP)[0].scope == ""

    def test_of_two_clusters_none_is_guessed_even_when_one_is_dead(self, tmp_path: Path) -> None:
        class Two(Live):
            def scopes(self, provider: str) -> frozenset[str]:
                return frozenset(("one", "dead"))

        assert said(tmp_path, MAP, Two(served("v1/ConfigMap"), name="one"))[0].scope == ""

    def test_discovery_knows_best(self, tmp_path: Path) -> None:
        text = "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: vans}\n"
        (found,) = said(tmp_path, text, Live(served("example.com/v1/Fleet", namespaced=False)))
        assert found.id == "vans"
        (found,) = said(tmp_path, text, Live(served("example.com/v2/Fleet")))
        assert found.id == "default/vans"

    def test_what_nothing_tells_is_looked_up(self, tmp_path: Path) -> None:
        text = "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: vans}\n"

        def live(id_: str) -> Live:
            return Live(resources=[Resource("kubernetes", "prod", "example.com/v1/Fleet", id_, {})])

        assert said(tmp_path, text, live("vans"))[0].id == "vans"
        assert said(tmp_path, text, live("default/vans"))[0].id == "default/vans"
        assert said(tmp_path, text)[0].id is None
        assert said(tmp_path, text.replace("vans", "vans, namespace: web"))[0].id == "web/vans"

    def test_an_api_that_is_not_served_is_declared_all_the_same(self, tmp_path: Path) -> None:
        text = "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: vans, namespace: web}\n"
        (found,) = said(tmp_path, text, Live(served("v1/ConfigMap")))
        assert isinstance(found, Resource) and found.id == "web/vans"


class TestWhatIsNoObject:
    def test_it_is_named_and_passed_over(self, tmp_path: Path) -> None:
        text = f"a: 1\n---\n- 1\n---\napiVersion: v1\nkind: Config\nclusters: []\n---\n{MAP}---\nkind: x\n"
        (tmp_path / "a.yaml").write_text(text)
        declaration = load(Manifests(), tmp_path / "a.yaml")
        assert isinstance(declaration, Objects)
        assert declaration.notes == (
            "a.yaml:1: is no Kubernetes object: it has no apiVersion",
            "a.yaml:3: is no Kubernetes object: it is no mapping",
            "a.yaml:5: is no Kubernetes object: its v1/Config has no metadata",
            "a.yaml:14: is no Kubernetes object: it has no apiVersion",
        )
        assert list(resources(declaration)) == ["ConfigMap default/a"]

    def test_generated_names(self, tmp_path: Path) -> None:
        (found,) = said(
            tmp_path, "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: run-, namespace: web}\n"
        )
        assert isinstance(found, Unverifiable)
        assert found.resource_id == "web/run-*"
        assert "generateName" in found.reason
        assert found.origin is not None and found.origin.line == 1

    @pytest.mark.parametrize(
        ("annotation", "reason"),
        [
            ("argocd.argoproj.io/hook: PreSync", "an Argo CD hook (PreSync)"),
            ("argocd.argoproj.io/hook: Skip", "told to skip it"),
            ("helm.sh/hook: 'pre-install,pre-upgrade'", "a Helm hook (pre-install,pre-upgrade)"),
            ("helm.sh/hook: test-success", "a Helm test"),
        ],
    )
    def test_hooks(self, tmp_path: Path, annotation: str, reason: str) -> None:
        (found,) = said(tmp_path, f"{MAP}  annotations: {{{annotation}}}\n")
        assert isinstance(found, Unverifiable)
        assert reason in found.reason

    def test_what_is_encrypted_is_unknown(self, tmp_path: Path) -> None:
        text = (
            f"{MAP}data: {{a: 'ENC[AES256_GCM,data:x]', b: plain}}\nsops: {{mac: 'ENC[x]', version: 3.8.1}}\n"
        )
        (found,) = said(tmp_path, text)
        assert found.attributes["data"] == {"a": Unresolved("encrypted with SOPS"), "b": "plain"}
        assert "sops" not in found.attributes


class TestLists:
    def test_items_inherit_what_the_list_says(self, tmp_path: Path) -> None:
        text = "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n"
        found = said(tmp_path, text)
        assert [(one.type, one.id, one.origin.line) for one in found] == [
            ("v1/ConfigMap", "default/a", 4),
            ("v1/ConfigMap", "default/b", 5),
        ]

    def test_a_kind_that_only_ends_so(self, tmp_path: Path) -> None:
        (found,) = said(
            tmp_path, "apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a, namespace: b}\n"
        )
        assert found.type == "example.com/v1/AllowList"

    def test_json_as_kubectl_prints_it(self, tmp_path: Path) -> None:
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "a"},
            "data": {"x": "\U0001f600"},
        }
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [body], "metadata": {}}, indent=4)
        (tmp_path / "a.json").write_text(text)
        found = resources(load(Manifests(), tmp_path / "a.json"))["ConfigMap default/a"]
        assert found.attributes["data"] == {"x": "\U0001f600"}
        assert found.origin is not None
        assert '"x"' in text.splitlines()[found.origin.lines["/data/x"] - 1]


class TestBadInput:
    def test_a_broken_document_is_a_problem_of_its_own(self, tmp_path: Path) -> None:
        found = said(tmp_path, f"{MAP}---\na: [1\n---\n{MAP.replace(': a', ': b')}")
        assert [one.id for one in found if isinstance(one, Resource)] == ["default/a", "default/b"]
        (problem,) = (one for one in found if isinstance(one, Problem))
        assert problem.message == (
            "a.yaml:7: is no valid YAML: did not find expected ',' or ']'; the document is left out"
        )

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "a.yaml: there is no Kubernetes object in it"),
            ("# only\n---\n", "a.yaml: there is no Kubernetes object in it"),
            ("a: 1\n", "a.yaml:1: is no Kubernetes object: it has no apiVersion"),
            (f"{MAP}data:\n  x: 1\n  x: 2\n", "a.yaml:7: the key 'x' is on line 6 already; remove one"),
            (MAP.replace("name: a", "name: 12"), "a.yaml:4: metadata.name must be text, not 12; quote it"),
            (MAP.replace("name: a", "labels: {}"), "a.yaml:3: this ConfigMap has no metadata.name"),
            (MAP.replace("v1", "1"), "a.yaml:1: apiVersion must be text, not 1; quote it"),
            (
                MAP.replace("v1", "a/b/c"),
                "a.yaml:1: apiVersion 'a/b/c' is neither a version nor a group/version",
            ),
            (
                f"{MAP}  labels:\n    on: off\n",
                "a.yaml:6: metadata.labels: true must be text, not False; quote it",
            ),
            (f"{MAP}  annotations: [a]\n", "a.yaml:5: metadata.annotations must be a mapping"),
            (
                f"{MAP}a: [1\n---\nb: [1\n",
                "a.yaml:6: is no valid YAML: did not find expected ',' or ']' (and 1 more)",
            ),
            (f"{MAP}data: {{x: '{{{{ .Values.x }}}}'\n", "a.yaml:6: is no valid YAML"),
            (b"\xff\xfea\x00", "a.yaml: is UTF-16 text (as PowerShell's `>` writes it); save it as UTF-8"),
        ],
    )
    def test_one_clear_error(self, tmp_path: Path, text: str | bytes, message: str) -> None:
        assert refusal(tmp_path, text).startswith(message)

    def test_json(self, tmp_path: Path) -> None:
        text = '{"apiVersion": "v1",\n "kind": "ConfigMap",\n "metadata": {"name": "a",}}'
        assert refusal(tmp_path, text, "a.json").startswith("a.json:3: is no valid JSON")

    def test_unreadable(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").symlink_to(tmp_path / "nowhere")
        with pytest.raises(DeclaredError, match=r"a\.yaml: can't be read: No such file"):
            load(Manifests(), tmp_path / "a.yaml")

    def test_options(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, MAP, namspace="x") == (
            "a.yaml: manifests knows no option 'namspace'; did you mean 'namespace'?; "
            "known are namespace, region, scope"
        )
        assert (
            refusal(tmp_path, MAP, namespace=5) == "a.yaml: option 'namespace' must be text, not 5; quote it"
        )


@shared.needs(RECORDING)
def test_recorded_objects_are_read_as_they_are(tmp_path: Path) -> None:
    import yaml

    lines = (shared.path(RECORDING) / "pairs.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    for number, row in enumerate(rows):
        for side in ("declared", "live"):
            text = yaml.safe_dump(row[side])
            (tmp_path / f"{number}.yaml").write_text(text)
            (found,) = everything(load(Manifests(), tmp_path / f"{number}.yaml", namespace="default"))
            assert isinstance(found, Resource)
            assert found.type == f"{row[side]['apiVersion']}/{row[side]['kind']}"
            expected = {**row[side], "metadata": {**row[side]["metadata"]}}
            got = {**found.attributes, "metadata": {**found.attributes["metadata"]}}
            for body in (expected, got):
                body["metadata"].pop("namespace", None)
            assert got == expected
