"""A run leaves behind what does not end: what was read until the deadline is kept, the rest is unread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drift.deadline import Deadline
from drift.errors import CredentialsError
from drift.live import collect, tasks
from drift.live.estate import ANY, Estate
from drift.live.order import Order
from drift.live.tasks import Progress, Waiting
from drift.model import Cell, Coverage
from drift.redaction import Redactor
from drift.task import Wanted
from tests.clock import Until
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


class Told(Connected, contract=True):
    """A cloud that says when all its tasks were told."""

    all = False

    def connect(self, settings: Any, deadline: Any) -> Any:
        made = super().connect(settings, deadline)

        class Its:
            context = made.context

            def tasks(_, wanted: Any) -> Iterator[Any]:  # noqa: N805
                yield from made.tasks(wanted)
                self.all = True

        return Its()


def read(
    ends: Deadline | Callable[[Estate], bool], watch: Any = lambda _: None, **clouds: Connected
) -> Estate:
    """What is read until the deadline, or until what was found is such that it is to end."""
    found = Estate(clouds)  # type: ignore[arg-type]
    wanted = dict.fromkeys(clouds, Wanted(frozenset()))
    deadline = ends if isinstance(ends, Deadline) else Until(lambda: ends(found))
    collect.from_clouds(found, dict.fromkeys(clouds), wanted, Redactor("k"), 2, watch, deadline)
    return found


def checked(found: Estate) -> bool:
    """Whether a task that ends has been kept."""
    return found.coverage.get(CELL) == Coverage(CELL, "checked", 1)


def test_a_task_that_hangs_is_unread_and_its_siblings_are_kept(over: threading.Event) -> None:
    tasks = (Hanging(over), Task(live("a")))
    found = read(checked, cloud=Told(*tasks))
    assert found.coverage[CELL] == Coverage(CELL, "checked", 1)
    row = found.coverage[OTHER]
    assert (row.status, row.complete) == ("failed", False)
    assert row.message == "deadline: the 1m that the run may take are used up; it was not read by then"


def test_more_that_hang_than_there_are_threads(over: threading.Event) -> None:
    tasks = [Hanging(over) for _ in range(5)]
    for number, task in enumerate(tasks):
        task.cells = (CELL._replace(region=f"r{number}"),)
    cloud = Told(*tasks)
    found = read(lambda _: cloud.all, cloud=cloud)
    assert [row.status for row in found.coverage.values()] == ["failed"] * 5


def test_what_was_read_before_waits_for_what_never_was() -> None:
    """Also where somebody is idle when it is told, and the budget would be spent on it."""
    began: list[str] = []

    class Says(Task):
        def __init__(self, region: str) -> None:
            super().__init__()
            self.cells = (CELL._replace(region=region),)

        def read(self) -> Any:
            began.append(self.cells[0].region)
            yield from super().read()

    rows = [
        {**CELL._replace(region=name)._asdict(), "status": "checked", "read_at": at}
        for name, at in (("r1", "2026-11-03"), ("r2", "2026-11-01"))
    ]
    order, cloud = Order(rows), Connected(*map(Says, ("r1", "r2", "r3", "r4")))
    found, wanted = Estate({"cloud": cloud}), {"cloud": Wanted(frozenset())}  # type: ignore[dict-item]
    collect.from_clouds(found, {"cloud": None}, wanted, Redactor("k"), 1, order=order)
    assert began == ["r3", "r4", "r2", "r1"]


def test_a_cloud_that_hangs_holds_up_no_other(over: threading.Event) -> None:
    found = read(checked, slow=Slow(over), cloud=Connected(Task(live("a"))))
    assert len(found) == 1 and found.coverage[CELL].status == "checked"
    nobody = Cell("slow", ANY, ANY, ANY)
    assert found.coverage[nobody].status == "failed"
    assert found.coverage[nobody].message.startswith("deadline: ")


def test_a_stop_ends_the_reading(over: threading.Event) -> None:
    deadline = Deadline()

    def watch(told: Any) -> None:
        if isinstance(told, Progress) and told.done:
            deadline.stop("SIGTERM")

    found = read(deadline, watch, cloud=Connected(Hanging(over), Task(live("a"))))
    assert found.coverage[OTHER].message.startswith("deadline: stopped by SIGTERM")
    assert found.coverage[CELL].status == "checked"


def test_what_comes_after_the_deadline_is_not_kept(over: threading.Event) -> None:
    begun, late = threading.Event(), threading.Event()

    class Late(Hanging):
        def read(self) -> Any:
            begun.set()
            self._over.wait()
            try:
                yield live("late", region="r2")
            finally:
                late.set()

    found = read(lambda _: begun.is_set(), cloud=Connected(Late(over)))
    over.set()
    assert late.wait(60)
    assert len(found) == 0 and found.coverage[OTHER].status == "failed"


def test_what_was_handed_over_in_time_is_kept_however_late_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed = threading.Semaphore(0)

    class Noted(queue.Queue):  # type: ignore[type-arg]
        def put(self, item: Any, *more: Any, **said: Any) -> None:
            super().put(item, *more, **said)
            if not isinstance(item, tuple):
                handed.release()

    monkeypatch.setattr(tasks.queue, "Queue", Noted)
    monkeypatch.setattr(tasks, "LAST_WORDS_SECONDS", -1.0)
    deadline = Deadline()

    def watch(told: Any) -> None:
        """Comes to itself once both are handed over, and no time is left."""
        if isinstance(told, Progress) and told.done and not deadline.stopped:
            assert handed.acquire(timeout=60) and handed.acquire(timeout=60)
            deadline.stop("SIGTERM")

    other = Task(live("b", region="r2"))
    other.cells = (OTHER,)
    found = read(deadline, watch, cloud=Connected(Task(live("a")), other))
    assert [found.coverage[cell].status for cell in (CELL, OTHER)] == ["checked"] * 2


def test_nothing_is_entered_after_the_deadline() -> None:
    deadline = Deadline()
    deadline.stop("SIGTERM")
    found = read(deadline, cloud=Connected(Task(live("a"))))
    assert [row.status for row in found.coverage.values()] == ["failed"]


def test_a_cloud_that_can_not_be_entered_is_no_error_while_another_still_hangs(over: threading.Event) -> None:
    refused = Cell("cloud", ANY, ANY, ANY)
    found = read(lambda found: refused in found.coverage, slow=Slow(over), cloud=Connected(refused="no key"))
    assert {row.status for row in found.coverage.values()} == {"failed", "denied"}
    with pytest.raises(CredentialsError):
        read(Deadline(), cloud=Connected(refused="no key"))


def test_a_watcher_is_told_what_is_waited_for(over: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "WAITING_SECONDS", 0.1)
    seen: list[Any] = []
    read(lambda _: bool(seen), seen.append, slow=Slow(over))
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
