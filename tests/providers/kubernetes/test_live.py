"""Reading a cluster: discovery both ways, pages, refusals, breaks, several clusters; and that it only
reads."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from drift.errors import CredentialsError
from drift.live import collect
from drift.live.estate import Estate
from drift.live.write_snapshot import header
from drift.model import Cell
from drift.records import snapshot
from drift.redaction.redact import Redactor
from providers.kubernetes import KubernetesProvider
from providers.kubernetes.connection import REVIEWS
from providers.kubernetes.loopback import Faults, Loopback, cluster
from providers.kubernetes.settings import Settings
from tests.providers.kubernetes.helpers import KEY, declared, of, read, told, verdict

Start = Callable[..., Loopback]
PACKAGE = Path(sys.modules[KubernetesProvider.__module__].__file__ or "").parent


def config_maps(count: int) -> list[dict[str, Any]]:
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"c{n:04}", "namespace": "web"},
            "data": {"n": str(n)},
        }
        for n in range(count)
    ]


def cell(type_: str, scope: str = "loopback") -> Cell:
    return Cell("kubernetes", scope, "global", type_)


def ids(estate: Estate, type_: str) -> list[str]:
    return sorted(str(one.id) for one in estate if one.type == type_)


@pytest.mark.parametrize("aggregated", ["v2", "v2beta1", None])
def test_every_kind_is_found_however_discovery_answers(running: Start, aggregated: str | None) -> None:
    server = running(faults=Faults(aggregated=aggregated))
    estate = read(of(server.kubeconfig))
    kinds = estate.context("kubernetes")["clusters"]["loopback"]["kinds"]
    assert kinds["apps/Deployment"] == {
        "versions": ["v1"],
        "read": "v1",
        "namespaced": True,
        "plural": "deployments",
    }
    assert kinds["example.com/Widget"]["plural"] == "widgets"
    assert kinds["autoscaling/HorizontalPodAutoscaler"]["versions"] == ["v2", "v1"]
    assert ids(estate, "example.com/v1/Widget") == ["web/w"]
    assert ids(estate, "autoscaling/v1/HorizontalPodAutoscaler") == []  # each object once
    assert {row.status for row in estate.coverage.values()} <= {"checked", "skipped"}


def test_an_object_is_read_at_the_version_that_git_declares(running: Start) -> None:
    server = running()
    estate = read(of(server.kubeconfig), ["autoscaling/v1/HorizontalPodAutoscaler"])
    assert ids(estate, "autoscaling/v1/HorizontalPodAutoscaler") == ["web/shop"]
    assert ids(estate, "autoscaling/v2/HorizontalPodAutoscaler") == []


def test_one_object_declared_in_another_version_is_the_same_one(
    running: Start, bodies: list[dict[str, Any]]
) -> None:
    server = running()
    old = {
        "apiVersion": "autoscaling/v1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "shop", "namespace": "web"},
        "spec": {
            "minReplicas": 2,
            "maxReplicas": 10,
            "targetCPUUtilizationPercentage": 70,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
        },
    }
    changed = [old if body["kind"] == "HorizontalPodAutoscaler" else body for body in bodies]
    judgement = verdict(read(of(server.kubeconfig)), declared(changed))
    assert [told(one) for one in judgement.findings] == []
    assert judgement.in_sync == len(bodies)


def test_pages_are_joined_and_an_expired_list_begins_again() -> None:
    with cluster(config_maps(95), faults=Faults(expired={"ConfigMap": 2})) as server:
        estate = read(of(server.kubeconfig, page_size=10))
        found = [one for one in ids(estate, "v1/ConfigMap") if one.startswith("web/")]
        assert len(found) == 95
        assert estate.coverage[cell("v1/ConfigMap")].status == "checked"
        asked = [path for _, path in server.requests if path.startswith("/api/v1/configmaps")]
        assert len(asked) > 10 and all("limit=10" in path for path in asked)


def test_a_list_that_always_expires_is_said(running: Start) -> None:
    with cluster(config_maps(20), faults=Faults(expired={"ConfigMap": 99})) as server:
        row = read(of(server.kubeconfig, page_size=10)).coverage[cell("v1/ConfigMap")]
        assert row.status == "failed" and "expired" in row.message


def test_throttling_is_waited_out(running: Start) -> None:
    server = running(faults=Faults(throttled={"Secret": 3}))
    assert read(of(server.kubeconfig)).coverage[cell("v1/Secret")].status == "checked"


def test_throttling_without_end_is_said(running: Start) -> None:
    server = running(faults=Faults(throttled={"Secret": 99}))
    assert read(of(server.kubeconfig, max_attempts=2)).coverage[cell("v1/Secret")].status == "throttled"


def test_a_refused_kind_blinds_nothing_else(running: Start, bodies: list[dict[str, Any]]) -> None:
    server = running(faults=Faults(denied=frozenset({"Secret", "example.com/Widget"})))
    estate = read(of(server.kubeconfig))
    row = estate.coverage[cell("v1/Secret")]
    assert row.status == "denied" and "secrets is forbidden" in row.message
    judgement = verdict(estate, declared(bodies))
    assert judgement.findings == []
    assert {(one.type, one.resource_id) for one in judgement.unverifiable} == {
        ("v1/Secret", "web/shop"),
        ("example.com/v1/Widget", "web/w"),
    }
    assert judgement.in_sync == len(bodies) - 2


@pytest.mark.parametrize("how", ["html", "cut", "error"])
def test_a_broken_answer_is_said(running: Start, how: str) -> None:
    server = running(faults=Faults(broken={"Service": how}))
    estate = read(of(server.kubeconfig, max_attempts=2))
    assert estate.coverage[cell("v1/Service")].status == "failed"
    assert ids(estate, "apps/v1/Deployment") == ["web/shop"]


def test_a_slow_answer_is_said(running: Start) -> None:
    server = running(faults=Faults(slow={"Service": 8.0}))
    row = read(of(server.kubeconfig, read_timeout=3, max_attempts=1)).coverage[cell("v1/Service")]
    assert row.status == "failed" and "no answer in time" in row.message


def test_a_stale_api_service_is_said(running: Start, bodies: list[dict[str, Any]]) -> None:
    server = running(faults=Faults(stale=frozenset({"example.com/v1"})))
    estate = read(of(server.kubeconfig), ["example.com/v1/Widget"])
    assert estate.coverage[cell("example.com/v1/Widget")].status == "failed"
    judgement = verdict(estate, declared(bodies))
    assert judgement.findings == [] and len(judgement.unverifiable) == 1


def test_a_declared_kind_that_is_not_served_is_said(running: Start) -> None:
    server = running()
    body = {"apiVersion": "no.such/v1", "kind": "Thing", "metadata": {"name": "t", "namespace": "web"}}
    judgement = verdict(read(of(server.kubeconfig), ["no.such/v1/Thing"]), declared([body]))
    assert not any(told(one)[0] == "missing" for one in judgement.findings)
    assert "does not serve no.such/v1/Thing" in judgement.unverifiable[0].reason


def test_two_clusters_one_dead(running: Start, bodies: list[dict[str, Any]], tmp_path: Path) -> None:
    server = running()
    both = server.configuration()
    both["clusters"].append({"name": "gone", "cluster": {"server": "http://127.0.0.1:9"}})
    both["contexts"].append({"name": "gone", "context": {"cluster": "gone", "user": "loopback"}})
    (tmp_path / "config").write_text(yaml.safe_dump(both))
    settings = of(
        tmp_path / "config", contexts=[{"name": "prod", "context": "loopback"}, "gone"], connect_timeout=0.5
    )
    estate = read(settings)
    row = estate.coverage[Cell("kubernetes", "gone", "*", "*")]
    assert row.status == "failed" and "can't be reached" in row.message
    judgement = verdict(estate, [*declared(bodies, "prod"), *declared(bodies, "gone")])
    assert judgement.findings == []
    assert judgement.in_sync == len(bodies)
    assert len(judgement.unverifiable) == len(bodies)


def test_namespaces_and_kinds_in_and_out(running: Start, bodies: list[dict[str, Any]]) -> None:
    server = running()
    estate = read(of(server.kubeconfig, exclude_namespaces=["kube-*", "web"], exclude_kinds=["rbac.*/*"]))
    namespaces = {str(one.id).rpartition("/")[0] for one in estate}
    assert namespaces <= {"", "default"}
    assert estate.coverage[cell("rbac.authorization.k8s.io/v1/ClusterRole")].status == "skipped"
    judgement = verdict(estate, declared(bodies))
    assert judgement.findings == []  # what was left out is never missing
    assert any("the namespace web is left out" in one.reason for one in judgement.unverifiable)


def test_named_namespaces_are_listed_one_by_one(running: Start) -> None:
    server = running()
    estate = read(of(server.kubeconfig, namespaces=["web"]))
    assert ids(estate, "v1/ConfigMap") == ["web/kube-root-ca.crt", "web/shop"]
    assert any(path.startswith("/api/v1/namespaces/web/configmaps") for _, path in server.requests)
    assert not any(path.startswith("/api/v1/configmaps") for _, path in server.requests)


def test_tokens_and_exec_plugins(running: Start, tmp_path: Path) -> None:
    server = running(faults=Faults(token="right"))
    assert ids(read(of(server.kubeconfig)), "v1/Service") != []
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "right"},
    }
    both = server.configuration()
    both["users"][0]["user"] = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": ["-c", f"print({json.dumps(plugin)!r})"],
            "interactiveMode": "Never",
        }
    }
    (tmp_path / "config").write_text(yaml.safe_dump(both))
    assert ids(read(of(tmp_path / "config")), "v1/Service") != []
    both["users"][0]["user"] = {"token": "wrong"}
    (tmp_path / "wrong").write_text(yaml.safe_dump(both))
    row = read(of(tmp_path / "wrong")).coverage[Cell("kubernetes", "loopback", "*", "*")]
    assert row.status == "denied"


def test_an_unknown_context_is_named(running: Start) -> None:
    server = running()
    with pytest.raises(CredentialsError, match="there is no context 'prdo'.*known are loopback"):
        read(of(server.kubeconfig, contexts=["prdo"]))


def test_settings_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"contexs": ["a"]})
    with pytest.raises(ValidationError, match="two clusters are named"):
        Settings.model_validate({"contexts": ["a", {"name": "a", "context": "b"}]})
    assert Settings.model_validate({"contexts": ["prod"]}).contexts[0].context == "prod"  # type: ignore[index]


@pytest.mark.parametrize("openapi", [True, False])
def test_shapes_of_custom_resources_come_from_the_cluster(
    running: Start, bodies: list[dict[str, Any]], openapi: bool
) -> None:
    server = running(faults=Faults(openapi=openapi))
    widget = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "web"},
        "spec": {"interval": "1h", "memory": "1Gi", "parts": [{"name": "b"}, {"name": "a", "color": "red"}]},
    }
    changed = [widget if body["kind"] == "Widget" else body for body in bodies]
    judgement = verdict(read(of(server.kubeconfig)), declared(changed))
    assert (
        bool(judgement.findings) is not openapi
    )  # re-ordered parts are the same only where their keys are known


def test_a_snapshot_is_judged_offline_like_the_cluster(
    running: Start, bodies: list[dict[str, Any]], tmp_path: Path
) -> None:
    server = running()
    server.store.patch("example.com/Widget", "web/w", {"spec": {"size": "huge"}}, manager="kubectl-edit")
    redactor = Redactor(KEY)
    estate = read(of(server.kubeconfig))
    snapshot.write(tmp_path / "live.jsonl.zst", estate, header(estate, redactor))
    offline = Estate({"kubernetes": KubernetesProvider()})
    assert collect.from_files(offline, [tmp_path / "live.jsonl.zst"], redactor) == []
    online = verdict(estate, declared(bodies))
    again = verdict(offline, declared(bodies))
    assert [told(one) for one in again.findings] == [told(one) for one in online.findings]
    assert [one.attribution for one in again.findings] == [one.attribution for one in online.findings]
    assert again.findings[0].attribution is not None


def test_it_only_lists(running: Start) -> None:
    server = running()
    read(of(server.kubeconfig))
    assert {method for method, _ in server.requests} == {"GET"}
    objects = [
        path
        for _, path in server.requests
        if path.startswith("/api") and path.count("/") > 4 and "namespaces" not in path
    ]
    assert objects == []  # discovery and lists, never one object


def test_the_source_knows_no_other_method() -> None:
    """But for one that stores nothing: a review of oneself is created only to be answered, and by the one
    method that posts, which knows no other path
    (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access)."""
    verbs: dict[str, set[str]] = {}
    for file in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                verbs.setdefault(node.value, set()).add(file.name)
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("post", "put", "delete", "urlopen")
    assert verbs.keys() == {"GET", "POST"} and verbs["POST"] == {"connection.py"}
    assert all(
        re.fullmatch(r"/apis/auth\w+\.k8s\.io/v1/selfsubject\w*reviews", one) for one in REVIEWS.values()
    )
