"""A kubeconfig that is kept elsewhere: read without a file, and of errors nothing of it is told."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import yaml

from drift.config.model import parse
from drift.errors import CredentialsError
from providers.kubernetes.connection import Cluster, connect
from providers.kubernetes.loopback import Faults, cluster
from providers.kubernetes.settings import Settings


def settings(**section: object) -> Settings:
    said = orjson.dumps({"version": 1, "live": {"kubernetes": section}}).decode()
    found = parse(said, "drift.yaml", Path("/base"), None, {}).settings["kubernetes"]
    assert isinstance(found, Settings)
    return found


def test_a_path_stays_a_path() -> None:
    assert settings(kubeconfig="~/.kube/prod").kubeconfig == Path("~/.kube/prod")


def test_clusters_are_reached_by_what_is_kept_and_one_that_lacks_it_hides_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with cluster(faults=Faults(token="a token of the cluster"), bootstrap=False) as made:
        monkeypatch.setenv("DRIFT_TEST_KUBECONFIG", yaml.safe_dump(made.configuration()))
        monkeypatch.setenv("DRIFT_TEST_NO_KUBECONFIG", "hunter: two")
        contexts = [
            {"name": "good", "kubeconfig": "env://DRIFT_TEST_KUBECONFIG"},
            {"name": "away", "kubeconfig": "env://DRIFT_TEST_NOT_SET"},
            {"name": "other", "kubeconfig": "env://DRIFT_TEST_NO_KUBECONFIG"},
        ]
        good, away, other = connect(settings(contexts=contexts))
        assert isinstance(good, Cluster) and good.get("/version")["major"] == "1"
    assert isinstance(away, CredentialsError) and isinstance(other, CredentialsError)
    assert "live.kubernetes.contexts.1.kubeconfig (env): the environment variable is not set" in str(away)
    assert str(other) == "other: what is kept elsewhere is no kubeconfig; correct the reference"
