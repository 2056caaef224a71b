"""A run leaves behind what does not end: what was read until the deadline is kept, the rest is unread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from drift.deadline import Deadline
from drift.errors import CredentialsError
from drift.live import collect, tasks
from drift.live.estate import ANY, Estate
from drift.live.tasks import Waiting
from drift.model import Cell, Coverage
from drift.provider import Wanted
from drift.redaction import Redactor
from tests.live.test_estate import CELL, Connected, Task
from tests.match.test_match import live

OTHER = CELL._replace(region="r2")


class Hanging(Task):
    """Reads what it was given, then hangs."""

    def __init__(self, over: threading.Event, *steps: Any) -> None:
        super().__init__(*steps)
        self.cells, self._over = (OTHER,), over

    def read(self) -> Any:
        yield from super().read()
        self._over.wait()


class Slow(Connected, contract=True):
    """A cloud that hangs while it is entered."""

    def connect(self, settings: Any, deadline: Any) -> Any:
        self._tasks[0].wait()


@pytest.fixture
def over() -> Iterator[threading.Event]:
    made = threading.Event()
    yield made
    made.set()


def read(deadline: Deadline, watch: Any = lambda _: None, **clouds: Connected) -> Estate:
    found = Estate(clouds)  # type: ignore[arg-type]
    wanted = dict.fromkeys(clouds, Wanted(frozenset()))
    collect.from_clouds(found, dict.fromkeys(clouds), wanted, Redactor("k"), 2, watch, deadline)
    return found


def test_a_task_that_hangs_is_unread_and_its_siblings_are_kept(over: threading.Event) -> None:
    tasks = (Hanging(over), Task(live("a")))
    found = read(Deadline(0.5, said="1m"), cloud=Connected(*tasks))
    assert found.coverage[CELL] == Coverage(CELL, "checked", 1)
    row = found.coverage[OTHER]
    assert (row.status, row.complete) == ("failed", False)
    assert row.message == "deadline: the 1m that the run may take are used up; it was not read by then"


def test_more_that_hang_than_there_are_threads(over: threading.Event) -> None:
    tasks = [Hanging(over) for _ in range(5)]
    for number, task in enumerate(tasks):
        task.cells = (CELL._replace(region=f"r{number}"),)
    found = read(Deadline(0.5), cloud=Connected(*tasks))
    assert [row.status for row in found.coverage.values()] == ["failed"] * 5


def test_a_cloud_that_hangs_holds_up_no_other(over: threading.Event) -> None:
    found = read(Deadline(0.6), slow=Slow(over), cloud=Connected(Task(live("a"))))
    assert len(found) == 1 and found.coverage[CELL].status == "checked"
    nobody = Cell("slow", ANY, ANY, ANY)
    assert found.coverage[nobody].status == "failed"
    assert found.coverage[nobody].message.startswith("deadline: ")


def test_a_stop_ends_the_reading(over: threading.Event) -> None:
    deadline = Deadline()
    threading.Timer(0.3, deadline.stop, ["SIGTERM"]).start()
    found = read(deadline, cloud=Connected(Hanging(over), Task(live("a"))))
    assert found.coverage[OTHER].message.startswith("deadline: stopped by SIGTERM")
    assert found.coverage[CELL].status == "checked"


def test_what_comes_after_the_deadline_is_not_kept(over: threading.Event) -> None:
    late = threading.Event()

    class Late(Hanging):
        def read(self) -> Any:
            self._over.wait()
            try:
                yield live("late", region="r2")
            finally:
                late.set()

    found = read(Deadline(0.3), cloud=Connected(Late(over)))
    over.set()
    assert late.wait(30)
    assert len(found) == 0 and found.coverage[OTHER].status == "failed"


def test_nothing_is_entered_after_the_deadline() -> None:
    deadline = Deadline()
    deadline.stop("SIGTERM")
    found = read(deadline, cloud=Connected(Task(live("a"))))
    assert [row.status for row in found.coverage.values()] == ["failed"]


def test_a_cloud_that_can_not_be_entered_is_no_error_while_another_still_hangs(over: threading.Event) -> None:
    found = read(Deadline(0.5), slow=Slow(over), cloud=Connected(refused="no key"))
    assert {row.status for row in found.coverage.values()} == {"failed", "denied"}
    with pytest.raises(CredentialsError):
        read(Deadline(), cloud=Connected(refused="no key"))


def test_a_watcher_is_told_what_is_waited_for(over: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "WAITING_SECONDS", 0.1)
    seen: list[Any] = []
    read(Deadline(1), seen.append, slow=Slow(over))
    assert seen and all(isinstance(one, Waiting) and one.what == "slow" for one in seen)


def test_what_breaks_while_it_tells_what_it_learnt_is_in_the_ledger() -> None:
    class Broken(Connected, contract=True):
        def connect(self, settings: Any, deadline: Any) -> Any:
            made = super().connect(settings, deadline)

            class Told:
                tasks = made.tasks

                def context(self) -> dict[str, Any]:
                    raise RuntimeError("changed size")

            return Told()

    found = read(Deadline(), cloud=Broken(Task(live("a"))))
    assert found.coverage[Cell("cloud", ANY, ANY, ANY)].message == "unexpected RuntimeError: changed size"
