"""The live side of a run: the ledger keeps the worse word, and names find only what is unique."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest

from drift.errors import CellError, CredentialsError
from drift.live import collect
from drift.live.estate import ANY, Estate
from drift.live.tasks import Watch
from drift.model import Cell, Coverage, Resource
from drift.redaction.redact import Redactor
from drift.task import Wanted
from tests.match.test_match import TYPE, Cloud, estate, live

CELL = Cell("cloud", "s", "r", TYPE)


def test_an_id_is_there_once() -> None:
    found = Estate({})
    assert found.add(live("a"))
    assert not found.add(live("a"))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("rows", "status", "complete"),
    [
        ((("checked", False), ("denied", False)), "denied", False),
        ((("checked", False), ("denied", True)), "denied", True),
        ((("denied", True), ("denied", False)), "denied", False),
        ((("denied", False), ("failed", True)), "failed", False),
        ((("throttled", True), ("failed", True)), "failed", True),
        ((("skipped", False), ("checked", False)), "skipped", False),
    ],
)
def test_the_worse_row_stands_and_a_list_is_whole_only_if_all_say_so(
    rows: Any, status: str, complete: bool
) -> None:
    for order in permutations(rows):
        found = Estate({})
        for one, listed in order:
            found.cover(Coverage(CELL, one, listed=listed))
        assert (found.coverage[CELL].status, found.coverage[CELL].complete) == (status, complete)


def test_a_cells_own_row_comes_before_wider_ones() -> None:
    found = Estate({})
    found.cover(Coverage(CELL._replace(region=ANY, type=ANY), "denied"))
    found.cover(Coverage(CELL, "checked"))
    assert found.status(CELL) == Coverage(CELL, "checked")
    assert found.status(CELL._replace(region="r2")).status == "denied"  # type: ignore[union-attr]
    assert found.status(CELL._replace(scope="s2")) is None


def test_find_gives_only_what_is_unique() -> None:
    found = estate(live("a"), live("a", region="r2"), live("b"))
    assert found.find("cloud", "s", TYPE, "b") == live("b")
    assert found.find("cloud", None, TYPE, "a") is None
    assert found.find("cloud", "s", TYPE, "a", "r2") == live("a", region="r2")
    assert found.find("cloud", "s2", TYPE, "b") is None


class Task:
    """Reads what it was given; raises what is an exception."""

    def __init__(self, *steps: Any) -> None:
        self.cells = (CELL,)
        self.steps = steps

    def read(self) -> Any:
        for step in self.steps:
            if isinstance(step, Exception):
                raise step
            yield step


class Connected(Cloud, contract=True):
    """A cloud whose tasks are given and that is its own connection; an exception among the tasks is raised
    there."""

    def __init__(self, *tasks: Any, refused: str = "", learnt: dict[str, Any] | None = None) -> None:
        super().__init__()
        self._tasks, self._refused, self._learnt = tasks, refused, learnt or {}

    def connect(self, settings: Any, deadline: Any) -> Connection:
        if self._refused:
            raise CredentialsError(self._refused)
        return Connection(self._tasks, self._learnt)


@dataclass(frozen=True, slots=True)
class Connection:
    """What :class:`Connected` gives."""

    _tasks: tuple[Any, ...]
    _learnt: dict[str, Any]

    def tasks(self, wanted: Wanted) -> Iterable[Any]:
        for task in self._tasks:
            if isinstance(task, Exception):
                raise task
            yield task

    def context(self) -> dict[str, Any]:
        return self._learnt


def collected(*tasks: Task, watch: Watch = lambda _: None) -> Estate:
    found = Estate({"cloud": Connected(*tasks)})  # type: ignore[dict-item]
    collect.from_clouds(found, {"cloud": None}, {"cloud": Wanted(frozenset())}, Redactor("k"), 4, watch)
    return found


def test_whatever_a_task_raises_ends_in_the_ledger() -> None:
    for error, status, message in (
        (CellError("denied", "no"), "denied", "no"),
        (KeyError("x\ny"), "failed", "unexpected KeyError: 'x\\ny'"),
        (RecursionError("deep"), "failed", "unexpected RecursionError: deep"),
    ):
        found = collected(Task(live("a"), error))
        row = found.coverage[CELL]
        assert (row.status, row.message, row.resources, row.complete) == (status, message, 1, False)


def test_a_failure_after_a_partial_row_is_not_a_whole_list() -> None:
    found = collected(
        Task(live("a"), Coverage(CELL, "denied", 1, "tags", listed=True), CellError("denied", "no"))
    )
    assert not found.coverage[CELL].complete


def test_two_different_live_resources_of_one_id_are_told() -> None:
    assert collected(Task(live("a"), live("a"))).coverage[CELL].status == "checked"
    row = collected(Task(live("a", X=1), live("a", X=2))).coverage[CELL]
    assert (row.status, "two different resources have the id arn:a" in row.message) == ("failed", True)


def test_many_tasks_and_more_resources_than_the_queue_holds() -> None:
    tasks = [Task(*(live(f"{task}-{number}") for number in range(700))) for task in range(120)]
    assert len(collected(*tasks)) == 84_000


def test_an_interrupt_does_not_hang() -> None:
    def stop(_: Any) -> None:
        raise KeyboardInterrupt

    tasks = [Task(live(str(number))) for number in range(300)]
    with pytest.raises(KeyboardInterrupt):
        collected(*tasks, watch=_after(5, stop))


def _after(calls: int, then: Any) -> Any:
    import threading

    main, seen = threading.get_ident(), [0]

    def watch(progress: Any) -> None:
        if threading.get_ident() == main:
            seen[0] += 1
            if seen[0] > calls:
                then(progress)

    return watch


def test_a_resource_keeps_its_unread_paths_in_its_record() -> None:
    assert Resource("p", "s", "T", "i", {}, unread={"/A": "why"}).record()["unread"] == {"/A": "why"}


def test_what_does_not_fit_in_memory_is_kept_all_the_same() -> None:
    found = Estate({})
    found._store.room = 2
    resources = [
        Resource(
            "cloud",
            "one",
            "t/T",
            f"id-{n}",
            {"Size": n, "Tags": [{"Key": "a", "Value": "ü"}]},
            "north",
            f"n{n}",
            unread={"/X": "denied"},
        )
        for n in range(6)
    ]
    for resource in reversed(resources):
        assert found.add(resource)
    assert not found.add(resources[0])
    assert list(found) == resources
    assert list(found.members(resources[0].cell)) == resources
    assert [found.get(one.cell, str(one.id)) for one in resources] == resources
    assert len(found) == found.count(resources[0].cell) == 6
