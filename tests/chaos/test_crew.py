"""A worker of a Dask cluster is killed outright at random moments of a scan: the report stays the same."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.estate import KEY, Estate, clusters, same
from tests.engine.test_alike import config_map, declared

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.chaos

COUNT, MOMENTS = 6, 12


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers, each of which is begun anew when it is lost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFT_REDACTION_KEY", KEY)
        made = distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=2,
            dashboard_address=":0",
            protocol="tcp://",
            host="127.0.0.1",
            silence_logs=50,
        )
        with made:
            yield made


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Estate]:
    def objects(number: int) -> list[dict[str, Any]]:
        return [config_map("settings", what="live"), config_map(f"nobody-{number}", what="live")]

    entries = []
    for number in range(COUNT):
        (tmp_path / f"{number}.yaml").write_text(declared(config_map("settings", what="git")))
        entries.append({"path": f"{number}.yaml", "scope": f"c{number}"})
    contexts = [f"c{number}" for number in range(COUNT)]
    live = {"kubeconfig": str(tmp_path / "kubeconfig"), "contexts": contexts}
    (tmp_path / "shared").mkdir()
    with clusters(tmp_path, COUNT, objects):
        yield Estate(tmp_path, {"kubernetes": live}, entries)


def test_a_worker_that_is_killed_at_a_random_moment(cluster: Any, fleet: Estate) -> None:
    said = {"dask": cluster.scheduler_address, "shared": "shared"}
    chance = random.Random(19)
    fleet.run(said).scan()  # in which the workers import
    began = time.monotonic()
    undisturbed = fleet.run(said).scan()
    seconds, killed = time.monotonic() - began, 0
    same(fleet.alone(), undisturbed)
    for _ in range(MOMENTS):
        with distributed.Client(cluster, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=300)
        process = chance.choice(list(cluster.workers.values())).process.process
        over = threading.Timer(chance.random() * seconds, os.kill, (process.pid, signal.SIGKILL))
        over.start()
        disturbed = fleet.run(said).scan()
        killed += not over.is_alive()
        over.cancel()
        over.join()
        same(fleet.alone(), disturbed)
    assert killed > MOMENTS / 2
    assert list((fleet.folder / "shared").iterdir()) == []
