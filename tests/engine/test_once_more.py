"""What is missing or critical is read once more by the member that holds its unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drift.engine.contract import Call, Ended
from tests.engine.estate import Estate, Inline, clusters, same
from tests.engine.test_alike import config_map, declared

OWN, SECOND = config_map("own", colour="red"), config_map("second", colour="red")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[tuple[Estate, list[Any]]]:
    """Two clusters, of each of which something is declared that is not there."""
    entries = []
    for number in range(2):
        (tmp_path / f"{number}.yaml").write_text(declared(config_map("own", colour="blue"), SECOND))
        entries.append({"path": f"{number}.yaml", "scope": f"c{number}"})
    live = {"kubeconfig": str(tmp_path / "kubeconfig"), "contexts": ["c0", "c1"], "max_attempts": 1}
    with clusters(tmp_path, 2, lambda _: [OWN]) as servers:
        yield Estate(tmp_path, {"kubernetes": live}, entries), servers


class Watched(Inline):
    """Tells somebody of the first call of a kind, before it is carried."""

    def __init__(self, work: str, tell: Callable[[], None]) -> None:
        super().__init__()
        self._work, self._tell = work, tell

    def give(self, member: str, call: Call) -> None:
        if call.work == self._work:
            self._work = ""
            self._tell()
        super().give(member, call)


def findings(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted((one["scope"], one["name"], one["kind"]) for one in report["findings"])


def test_what_came_late_is_not_missing(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, servers = fleet

    def late() -> None:
        servers[0].store.create(SECOND, manager="kubectl")

    report = estate.together(monkeypatch, lambda: Watched("confirm", late)).report
    drifted = [("c0", "own", "changed"), ("c1", "own", "changed")]
    assert findings(report) == sorted([*drifted, ("c1", "second", "missing")])
    assert report["run"]["confirmed"] == {"asked": 2, "confirmed": 1, "otherwise": 1, "untold": 0}
    assert findings(estate.alone().report) == findings(report)


def test_a_member_that_is_lost_before_it_read_once_more(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its unit is read again, and everything is compared with that."""
    estate, _ = fleet
    works: list[str] = []

    class Losing(Inline):
        def give(self, member: str, call: Call) -> None:
            works.append(call.work)
            if works.count("confirm") == 1 and call.work == "confirm":
                self._ended.put(Ended(call, member, "lost"))
            else:
                super().give(member, call)

    same(estate.alone(), estate.together(monkeypatch, Losing))
    assert works.count("read") == 3 and works.count("judge") == 4


def test_where_nobody_can_tell_the_finding_says_so(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, servers = fleet

    def shut() -> None:
        servers[0].faults = replace(servers[0].faults, token="another")

    report = estate.together(monkeypatch, lambda: Watched("confirm", shut)).report
    notes = {one["scope"]: one.get("note", "") for one in report["findings"] if one["kind"] == "missing"}
    assert "not confirmed by a second reading" in notes["c0"] and "not confirmed" not in notes["c1"]
