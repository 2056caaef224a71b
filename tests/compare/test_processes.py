"""Very many pairs are compared by several processes: the report is the same, whatever becomes of the
processes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import runpy
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from drift.compare import processes as spread
from drift.compare import workers
from drift.compare.pair import Comparer
from drift.config.model import parse
from drift.deadline import Deadline
from drift.live.estate import Estate
from drift.match.matches import Pair, Pairs
from drift.model import Resource
from drift.scan import Run
from drift.store import live as store
from tests.bench.records import records

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TEXT = """
version: 1
declared: [{path: declared.jsonl}]
redaction: {key: a key for tests only}
undeclared: [{type: "AWS::SQS::Queue", path: "/FifoQueue", action: ignore}]
"""

Scanned = Callable[..., tuple[bytes, list[Any]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,600 pairs of which half were touched, some in a value of which no rule knows, some in a secret."""
    made = tmp_path_factory.mktemp("pairs")
    for name, live in (("declared.jsonl", False), ("live.jsonl", True)):
        with (made / name).open("wb") as out:
            for number, record in enumerate(records(1600, live)):
                attributes = record["attributes"]
                if record["type"] == "AWS::SQS::Queue":
                    attributes["FifoQueue"] = live
                if record["type"] == "AWS::Lambda::Function":
                    password = f"hunter-{number}-{number % 3 if live else 0}"
                    attributes["Environment"] = {"Variables": {"DB_PASSWORD": password}}
                out.write(orjson.dumps(record) + b"\n")
    return made


def scan(folder: Path, processes: int) -> tuple[bytes, list[Any]]:
    """The report, but for what is told of the run, and its evidence."""
    config = parse(TEXT, "drift.yaml", folder, None, {})
    result = Run(config, live=[folder / "live.jsonl"], started=STARTED, processes=processes).scan()
    report = {**result.report, "run": None}
    assert report["summary"]["changed"] > 100 and report["summary"]["in_sync"] > 1000
    return orjson.dumps(report, option=orjson.OPT_SORT_KEYS), list(result.evidence)


@pytest.fixture(scope="module")
def alone(folder: Path) -> tuple[bytes, list[Any]]:
    """What one process finds, in memory and on disk."""
    with pytest.MonkeyPatch.context() as patch, counting(patch) as compared_here:
        patch.setattr(store, "IN_MEMORY", 100)
        found = scan(folder, 1)
        assert sum(compared_here) == 1600
    return found


def copies(patch: pytest.MonkeyPatch) -> None:
    """Has this process copied, whatever threads other tests have left in it: they only wait."""
    patch.setattr(workers, "LARGE", 0)
    patch.setattr(threading, "active_count", lambda: 1)


def started_anew(patch: pytest.MonkeyPatch) -> None:
    """Has processes started anew."""
    patch.setattr(workers, "LARGE", 1 << 40)


@pytest.fixture(params=[copies, started_anew])
def scanned_each(
    request: pytest.FixtureRequest, scanned: Scanned, monkeypatch: pytest.MonkeyPatch
) -> Scanned:
    """:func:`scanned` by copies of this process, and by processes that are started anew."""
    request.param(monkeypatch)
    return scanned


@pytest.fixture
def scanned(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Scanned:
    """:func:`scan` of the folder by so many processes, in small lots."""

    def scanned(processes: int, in_memory: int = 100) -> tuple[bytes, list[Any]]:
        monkeypatch.setattr(store, "IN_MEMORY", in_memory)
        return scan(folder, processes)

    monkeypatch.setattr(spread, "FROM", 1)
    monkeypatch.setattr(spread, "LOT", 70)
    return scanned


@contextlib.contextmanager
def counting(patch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many pairs each lot held that this process compared itself."""
    counts: list[int] = []
    compare = Comparer.compare

    def counted(self: Comparer, pairs: Any) -> Any:
        held = list(pairs)
        counts.append(len(held))
        return compare(self, held)

    patch.setattr(Comparer, "compare", counted)
    yield counts


@pytest.fixture
def compared_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """:func:`counting`."""
    with counting(monkeypatch) as counts:
        yield counts


def test_the_report_is_the_same(alone: Any, scanned_each: Scanned, compared_here: list[int]) -> None:
    scanned = scanned_each
    assert scanned(2) == alone
    assert 0 < sum(compared_here) < 300, "what is in memory is compared here, the rest elsewhere"
    compared_here.clear()
    assert scanned(3, in_memory=0) == alone
    assert sum(compared_here) == 0
    assert b"hunter" not in alone[0] + orjson.dumps(alone[1])


def test_what_fails_elsewhere_is_compared_here(
    alone: Any, scanned: Scanned, compared_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Pairs.places

    def broken(self: Pairs, index: int) -> Any:
        found = places(self, index)
        return (found[0] - 9, found[1]) if found is not None and index == 1000 else found

    monkeypatch.setattr(Pairs, "places", broken)
    assert scanned(2, in_memory=0) == alone
    assert sum(compared_here) == spread.LOT


def end(*_: Any) -> None:
    """Ends the process that it is called in."""
    os._exit(3)


def test_processes_that_end_lose_nothing(
    alone: Any, scanned: Scanned, compared_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    copies(monkeypatch)  # what is started anew would know nothing of the next line
    monkeypatch.setattr(workers, "_comparer", end)
    assert scanned(2, in_memory=0) == alone
    assert sum(compared_here) == 1600


def test_a_system_without_shared_memory_compares_here(
    scanned: Scanned, compared_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(multiprocessing, "get_context", refused)
    scanned(2, in_memory=0)
    assert sum(compared_here) == 1600


def test_few_pairs_start_no_process(scanned: Scanned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "FROM", 1601)
    monkeypatch.setattr(workers, "LARGE", 1 << 40)
    monkeypatch.setattr(multiprocessing, "get_context", None)
    scanned(8, in_memory=0)


@pytest.fixture
def methods(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How other processes were started, each time that some were."""
    started: list[str] = []
    start = workers.Workers._start

    def watched(self: workers.Workers, method: str) -> None:
        started.append(method)
        start(self, method)

    monkeypatch.setattr(workers.Workers, "_start", watched)
    return started


@pytest.mark.parametrize("way", [copies, started_anew])
def test_none_is_left(
    scanned: Scanned, methods: list[str], monkeypatch: pytest.MonkeyPatch, way: Callable[..., None]
) -> None:
    way(monkeypatch)
    scanned(2, in_memory=0)
    assert methods == ["spawn" if way is started_anew or sys.platform != "linux" else "fork"]
    assert not multiprocessing.active_children()


def test_a_process_with_threads_is_not_copied(
    scanned: Scanned, methods: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LARGE", 0)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        scanned(2, in_memory=0)
    finally:
        done.set()
        thread.join()
    assert methods == ["spawn"]


@pytest.mark.parametrize(
    ("limit", "most"), [("100000 100000", 1), ("50000 100000", 1), ("max 100000", None), ("nonsense", None)]
)
def test_a_containers_limit_holds(tmp_path: Path, limit: str, most: int | None) -> None:
    quota = tmp_path / "cpu.max"
    everything = spread.processors(quota)
    quota.write_text(limit + "\n")
    assert spread.processors(quota) == (most or everything) >= 1


def test_a_process_that_is_started_anew_runs_no_program() -> None:
    """As multiprocessing imports the main module of the process that starts another."""
    said = runpy.run_module("drift", run_name="__mp_main__")
    assert said["__name__"] == "__mp_main__"


def test_a_pair_that_does_not_end_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless:
        estate = Estate({}, raw=True)

        def compare(self, pairs: Iterator[Any]) -> Any:
            next(pairs)
            ended.wait(60)

    ended, done = threading.Event(), bytearray(3)
    monkeypatch.setattr(spread, "_LAST_SECONDS", 0.1)
    one = Resource("aws", "1", "T", "i", {})
    try:
        told = spread.compared(
            [Pair(one, one)] * 3, cast(Any, Endless()), workers.Workers(), Deadline(0.5), done
        )
        assert [(each.in_sync, each.changed) for each in told] == [(0, [])]
        assert not any(done), "it is told as uncompared"
    finally:
        ended.set()
