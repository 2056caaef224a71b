"""A kubeconfig that is kept elsewhere: read without a file, and of errors nothing of it is told; one in a
file is read once for all clusters."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import yaml
from kubernetes.config import kube_config

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


def test_a_kubeconfig_of_many_clusters_is_read_once_and_again_when_it_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    load = yaml.safe_load
    monkeypatch.setattr(kube_config.yaml, "safe_load", lambda file: read.append(file) or load(file))

    def names(*contexts: str) -> list[str]:
        found = connect(settings(kubeconfig=str(file), contexts=list(contexts)))
        return [one.host if isinstance(one, Cluster) else str(one) for one in found]

    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(_of("a", "b", "c")))
    assert names("a", "b", "c") == ["https://a", "https://b", "https://c"]
    assert len(read) == 1
    file.write_text(yaml.safe_dump(_of("a", "bb")))
    assert names("bb", "c") == [
        "https://bb",
        f"c: there is no context 'c' in {file}; known are a, bb",
    ]
    assert len(read) == 2


def _of(*names: str) -> dict[str, object]:
    return {
        "current-context": names[0],
        "clusters": [{"name": one, "cluster": {"server": f"https://{one}"}} for one in names],
        "contexts": [{"name": one, "context": {"cluster": one}} for one in names],
    }
