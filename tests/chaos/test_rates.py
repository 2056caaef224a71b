"""A rate that all share holds over real workers: when their calls came is recorded where they came to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from providers.gcp.loopback import Faults, cloud
from tests import command
from tests.chaos.crews import WORKERS, Crew
from tests.engine.estate import KEY, Estate
from tests.providers.gcp import live_reading as gcp

pytest.importorskip("distributed")
pytestmark = pytest.mark.chaos

#: The rate for these tests: so many calls of all workers in so many seconds.
CALLS, SECONDS = 4, 1.0
#: Projects, each of which takes two calls and one that is refused; and what may come before a worker knows
#: that it has to keep to the rate: what it reads at a time.
PROJECTS, AT_ONCE = 12, 4


def _slow() -> None:
    """The quota of a worker is small."""
    from providers.gcp.session import Quota

    Quota.__init__.__defaults__ = (CALLS, SECONDS, None)  # type: ignore[misc]


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    there = tmp_path / "workers"
    there.mkdir()
    env = {"PATH": "/usr/bin:/bin", "HOME": str(there), "TMPDIR": str(there), "NO_PROXY": "127.0.0.1"}
    made = Crew(there, {**env, "DRIFT_REDACTION_KEY": KEY}, first=_slow)
    try:
        yield made.whole()
    finally:
        made.close()
        command.end()


def test_no_more_calls_than_the_rate_of_all_workers_together(
    crew: Crew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each moment at most as many calls have come as the rate allows since the first one, beside those
    that came before the first refusals: a bound that a slow machine only keeps better."""
    names = [f"shop-{number}" for number in range(PROJECTS)]
    documents: list[dict[str, Any]] = [gcp.project(name, 100 + at) for at, name in enumerate(names)]
    documents += [gcp.topic(name, "t") for name in names]
    came: list[float] = []
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with cloud(documents, faults=Faults(throttled=dict.fromkeys(names, 1))) as server:
        answer = server.http.answer

        def recording(request: Any) -> Any:
            if request.path.endswith("/assets"):
                came.append(time.monotonic())
            return answer(request)

        server.http.answer = recording
        live = {"endpoint": server.url, "projects": names, "include": [gcp.TOPIC], "max_attempts": 4}
        (tmp_path / "shared").mkdir()
        estate = Estate(tmp_path, {"gcp": live}, [])
        result = estate.run({"dask": crew.address, "shared": "shared"}).scan()
    assert {row["status"] for row in result.report["coverage"]} <= {"checked", "skipped"}
    burst = AT_ONCE * WORKERS
    assert len(came) >= burst + 3 * CALLS
    for number, at in enumerate(came, 1):
        allowed = burst + CALLS * (int((at - came[0]) / SECONDS) + 1)
        assert number <= allowed, (number, at - came[0])
