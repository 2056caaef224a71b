"""A member that is killed in the middle: its units are read again elsewhere, nothing twice, nothing lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drift import engine
from drift.config.engine import Engine as Said
from drift.deadline import Deadline
from drift.engine.contract import Call, Ended, Work
from drift.engine.crew import Crew
from drift.engine.processes import Processes
from tests.engine.estate import Estate, clusters, same
from tests.engine.test_alike import config_map, declared

COUNT = 4


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[tuple[Estate, list[Any]]]:
    def objects(number: int) -> list[dict[str, Any]]:
        return [config_map("settings", number=str(number)), config_map(f"nobody-{number}")]

    entries = []
    for number in range(COUNT):
        (tmp_path / f"{number}.yaml").write_text(declared(config_map("settings", number="0")))
        entries.append({"path": f"{number}.yaml", "scope": f"c{number}"})
    contexts = [f"c{number}" for number in range(COUNT)]
    live = {"kubeconfig": str(tmp_path / "kubeconfig"), "contexts": contexts, "max_attempts": 1}
    with clusters(tmp_path, COUNT, objects) as servers:
        yield Estate(tmp_path, {"kubernetes": live}, entries), servers


class Killed(Processes):
    """Processes, of which the first is killed when ``when`` says so of a call that has ended."""

    def __init__(self, count: int, key: bytes, when: Work) -> None:
        super().__init__(count, key)
        self._when, self.killed = when, 0
        self.dead: list[tuple[Work, int]] = []

    def give(self, member: str, call: Call) -> None:
        super().give(member, call)
        if call.work == self._when and not self.killed:
            self.killed = self.ids[member] or 0
            os.kill(self.killed, signal.SIGKILL)

    def ended(self, seconds: float) -> Ended | None:
        told = super().ended(seconds)
        if told is not None and told.ending == "lost":
            self.dead.append((told.call.work, told.call.unit))
        return told


def test_a_process_that_is_killed(fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    estate, _ = fleet
    alone = estate.alone()
    made: list[Killed] = []

    def crew(said: Said, _: Path, key: bytes) -> Killed:
        made.append(Killed(said.local or 0, key, "read"))
        return made[0]

    monkeypatch.setattr(engine, "_engine", crew)
    same(alone, estate.run({"local": 2}).scan())
    assert made[0].killed and made[0].dead


class Gone:
    """An engine that takes so many calls, and of which nobody is left then."""

    at_once = 1

    def __init__(self, calls: int) -> None:
        self._left = calls
        self._ended: list[Ended] = []

    def members(self) -> list[str]:
        return ["one"] if self._left > 0 else []

    def give(self, member: str, call: Call) -> None:
        self._left -= 1
        self._ended.append(Ended(call, member, "done" if self._left > 0 else "lost"))

    def ended(self, seconds: float) -> Ended | None:
        return self._ended.pop(0) if self._ended else None

    def close(self) -> None: ...


def call(work: Work, unit: int, number: int, seconds: float | None, share: float) -> Call:
    return Call("run", "/nowhere", "key", "1", work, unit, number, seconds, share)


def test_what_is_finished_is_given_where_nobody_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drift.engine.crew.NOBODY_SECONDS", 0.0)
    done = list(Crew(Gone(3), call).work("read", range(5), Deadline()))
    assert sorted(one.unit for one in done) == [0, 1, 2, 3, 4]
    assert [bool(one.why) for one in done] == [False, False, True, True, True]
    assert done[-1].why == "no worker is left"


def test_that_nobody_ever_came_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drift.engine.crew.NOBODY_SECONDS", 0.0)
    (done,) = Crew(Gone(0), call).work("read", [0], Deadline())
    assert done.why.startswith("no worker has come to the scheduler: is one running, with a certificate")


def test_a_unit_that_kills_its_members_is_given_up() -> None:
    class Deadly(Gone):
        def members(self) -> list[str]:
            return ["one"]

        def give(self, member: str, call: Call) -> None:
            self._ended.append(Ended(call, member, "lost" if call.unit == 1 else "done"))

    done = {one.unit: one.why for one in Crew(Deadly(9), call).work("read", range(3), Deadline())}
    assert done == {0: "", 1: "3 workers were lost while they read it", 2: ""}


def test_a_unit_that_all_forget_is_given_up() -> None:
    class Forgetful(Gone):
        def members(self) -> list[str]:
            return ["one"]

        def give(self, member: str, call: Call) -> None:
            gone = call.unit == 1 and call.work == "judge"
            self._ended.append(Ended(call, member, "forgotten" if gone else "done"))

    done = {one.unit: one.why for one in Crew(Forgetful(9), call).work("judge", range(3), Deadline())}
    assert done == {0: "", 1: "3 workers no longer held what they had read while they compared it", 2: ""}


def test_the_deadline_of_the_run_holds_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drift.engine.crew._LAST_SECONDS", 0.1)

    class Silent(Gone):
        def give(self, member: str, call: Call) -> None:
            assert call.seconds is not None and call.seconds <= 0.3

    clock = Deadline(0.3)
    done = list(Crew(Silent(9), call).work("read", [0], clock))
    assert len(done) == 1 and done[0].why.startswith("deadline: ")


def test_what_has_ended_in_time_counts_however_late_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drift.engine.crew._LAST_SECONDS", -1.0)
    clock = Deadline()

    class Three(Gone):
        at_once = 3

        def give(self, member: str, call: Call) -> None:
            super().give(member, call)
            if len(self._ended) == 3:
                clock.stop("SIGTERM")

    done = list(Crew(Three(9), call).work("read", range(5), clock))
    assert [one.unit for one in done if not one.why] == [0, 1, 2]
    assert [one.why.partition(":")[0] for one in done if one.why] == ["deadline"] * 2
