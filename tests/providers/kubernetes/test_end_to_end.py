"""The command line against two clusters, one of them dead: the other's result is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from providers.kubernetes.loopback import Loopback

Start = Callable[..., Loopback]


def drift(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return subprocess.run(
        [sys.executable, "-m", "drift", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def company(running: Start, bodies: list[dict[str, Any]], tmp_path: Path) -> Loopback:
    """A live cluster and one that is gone, both declared by the same manifests."""
    server = running()
    both = server.configuration()
    both["clusters"].append({"name": "gone", "cluster": {"server": "http://127.0.0.1:9"}})
    both["contexts"].append({"name": "gone", "context": {"cluster": "gone", "user": "loopback"}})
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(both))
    for name in ("prod", "gone"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "objects.yaml").write_text(yaml.safe_dump_all(bodies))
    contexts = [{"name": "prod", "context": "loopback"}, "gone"]
    document = {
        "version": 1,
        "declared": [{"path": name, "scope": name} for name in ("prod", "gone")],
        "attribution": {"pipelines": ["*-edit"]},
        "live": {"kubernetes": {"kubeconfig": "kubeconfig", "contexts": contexts, "connect_timeout": 0.5}},
    }
    (tmp_path / "drift.yaml").write_text(yaml.safe_dump(document))
    return server


def scanned(folder: Path) -> tuple[int, dict[str, Any]]:
    done = drift(folder, "scan", "-q", "-o", "out", "--format", "json")
    assert done.returncode in (2, 3), done.stderr
    return done.returncode, orjson.loads((folder / "out" / "report.json").read_bytes())


def test_two_clusters_one_dead(company: Loopback, bodies: list[dict[str, Any]], tmp_path: Path) -> None:
    code, report = scanned(tmp_path)
    assert code == 3
    assert report["findings"] == []
    assert report["summary"]["in_sync"] == len(bodies)
    gone = [row for row in report["coverage"] if row["scope"] == "gone"]
    assert [row["status"] for row in gone] == ["failed"]
    assert "can't be reached" in gone[0]["message"]
    assert {one["scope"] for one in report["unverifiable"]} == {"gone"}
    assert len(report["unverifiable"]) == len(bodies)


def test_what_changed_in_the_one_is_found_and_no_secret_is_told(company: Loopback, tmp_path: Path) -> None:
    night = "2026-03-03T03:03:03Z"
    company.store.patch(
        "Secret", "web/shop", {"data": {"dsn": "b3RoZXI="}}, manager="kubectl-edit", time=night
    )
    code, report = scanned(tmp_path)
    assert code == 2
    (finding,) = report["findings"]
    assert (finding["scope"], finding["resource_id"]) == ("prod", "web/shop")
    assert [(one["path"], one["sensitive"]) for one in finding["changes"]] == [("/data/dsn", True)]
    assert finding["attribution"] == {
        "actor": "kubectl-edit",
        "time": night,
        "event": "Update",
        "evidence": f"metadata.managedFields: kubectl-edit owns /data/dsn, last written {night}",
        "kind": "pipeline",  # as the configuration says
        "link": None,
        "certain": True,
    }
    assert drift(tmp_path, "snapshot", "-q", "-o", "live.jsonl").returncode in (0, 3)
    written = b"".join(file.read_bytes() for file in [*(tmp_path / "out").iterdir(), tmp_path / "live.jsonl"])
    for secret in (b"s3cr3t-value-one", b"czNjcjN0LXZhbHVlLW9uZQ", b"b3RoZXI"):
        assert secret not in written
