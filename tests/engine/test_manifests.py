"""What is printed for a cluster: valid objects, nobody but who must reaches the scheduler, no pod is root."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from drift.cli.app import application
from drift.config.engine import Engine
from drift.engine.manifests import SPARING, Wanted
from drift.errors import ConfigError

dask = pytest.importorskip("dask")
pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def printed() -> tuple[str, list[dict[str, Any]]]:
    done = CliRunner().invoke(
        application(), ["engine", "manifests", "-n", "night", "--workers", "7", "--claim", "nfs"]
    )
    assert done.exit_code == 0, done.output
    return done.stdout, list(yaml.safe_load_all(done.stdout))


def test_the_objects_are_valid(printed: tuple[str, list[dict[str, Any]]]) -> None:
    validate = pytest.importorskip("kubernetes_validate")
    for one in printed[1]:
        validate.validate(one, validate.latest_version(), strict=True)
        assert one["metadata"]["namespace"] == "night"


def test_pods_run_confined_and_mount_what_they_need(printed: tuple[str, list[dict[str, Any]]]) -> None:
    pods = {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]
        for one in printed[1]
        if one["kind"] == "Deployment"
    }
    assert pods.keys() == {"drift-scheduler", "drift-worker"}
    for pod in pods.values():
        (container,) = pod["containers"]
        assert (
            pod["securityContext"]["runAsNonRoot"] and container["securityContext"]["readOnlyRootFilesystem"]
        )
        assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}
        assert "--tls-ca-file" in container["command"]
    assert pods["drift-worker"]["containers"][0]["env"][0]["name"] == "DRIFT_REDACTION_KEY"
    assert {one["name"] for one in pods["drift-scheduler"]["containers"][0]["env"]} == SPARING.keys()
    assert "nfs" in json.dumps(pods["drift-worker"]) and "nfs" not in json.dumps(pods["drift-scheduler"])


def test_what_dask_is_spared_is_known_to_it() -> None:
    for name in SPARING:
        path = name.removeprefix("DASK_").lower().replace("__", ".").replace("_", "-")
        assert dask.config.get(path) is not None


def test_the_scheduler_is_reached_by_workers_and_who_scans(printed: tuple[str, list[dict[str, Any]]]) -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in printed[1] if one["kind"] == "NetworkPolicy"}
    (rule,) = policies["drift-scheduler"]["ingress"]
    assert [one["podSelector"]["matchLabels"] for one in rule["from"]] == [
        {"app.kubernetes.io/name": "drift-engine", "app.kubernetes.io/component": "worker"},
        {"app.kubernetes.io/name": "drift"},
    ]
    (rule,) = policies["drift-worker"]["ingress"]
    assert len(rule["from"]) == 1


def test_what_drift_yaml_is_to_say_is_said(printed: tuple[str, list[dict[str, Any]]]) -> None:
    lines = [line.removeprefix("#   ") for line in printed[0].splitlines() if line.startswith("#   ")]
    said = Engine.model_validate(yaml.safe_load("\n".join(lines))["engine"])
    assert said.dask == "tls://drift-scheduler.night.svc:8786" and str(said.shared) == "/var/lib/drift/shared"


def test_an_object_store_needs_no_volume() -> None:
    done = CliRunner().invoke(application(), ["engine", "manifests", "--shared", "s3://acme/shared"])
    assert "#     shared: s3://acme/shared" in done.stdout
    assert "persistentVolumeClaim" not in json.dumps(list(yaml.safe_load_all(done.stdout)))


def test_a_secret_that_is_there_is_used() -> None:
    done = CliRunner().invoke(application(), ["engine", "manifests", "--tls-secret", "ours"])
    made = list(yaml.safe_load_all(done.stdout))
    assert "Secret" not in {one["kind"] for one in made} and '"ours"' in json.dumps(made)


@pytest.mark.parametrize(
    "said",
    [
        {"namespace": "No_Name"},
        {"claim": ""},
        {"shared": "shared"},
        {"shared": "ftp://x/y"},
        {"scanner": "-"},
    ],
)
def test_what_kubernetes_would_refuse_is_refused_here(said: dict[str, str]) -> None:
    fields = {
        "namespace": "drift",
        "workers": 1,
        "image": "i",
        "claim": "c",
        "shared": "/s",
        "key_secret": "k",
    }
    assert Wanted(**fields).secret == "drift-engine-tls"
    with pytest.raises(ConfigError, match="no name in Kubernetes|absolute path|no object store"):
        Wanted(**{**fields, **said})
