"""Very many pairs are compared by several processes: the report is the same, whatever becomes of the
processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from drift.compare import processes as spread
from drift.compare.pair import Comparer
from drift.config.model import parse
from drift.match.pairing import Pairs
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


@pytest.fixture
def scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scanned:
    """Scans 1,600 pairs of which half were touched, some in a value of which no rule knows, some in a
    secret."""
    for name, live in (("declared.jsonl", False), ("live.jsonl", True)):
        with (tmp_path / name).open("wb") as out:
            for number, record in enumerate(records(1600, live)):
                attributes = record["attributes"]
                if record["type"] == "AWS::SQS::Queue":
                    attributes["FifoQueue"] = live
                if record["type"] == "AWS::Lambda::Function":
                    password = f"hunter-{number}-{number % 3 if live else 0}"
                    attributes["Environment"] = {"Variables": {"DB_PASSWORD": password}}
                out.write(orjson.dumps(record) + b"\n")

    def scan(processes: int, in_memory: int = 100) -> tuple[bytes, list[Any]]:
        monkeypatch.setattr(store, "IN_MEMORY", in_memory)
        config = parse(TEXT, "drift.yaml", tmp_path, None, {})
        run = Run(config, live=[tmp_path / "live.jsonl"], started=STARTED, processes=processes)
        result = run.scan()
        report = {**result.report, "run": None}
        assert report["summary"]["changed"] > 100 and report["summary"]["in_sync"] > 1000
        return orjson.dumps(report, option=orjson.OPT_SORT_KEYS), list(result.evidence)

    monkeypatch.setattr(spread, "FROM", 1)
    monkeypatch.setattr(spread, "LOT", 70)
    return scan


@pytest.fixture
def compared_here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs each lot held that this process compared itself."""
    counts: list[int] = []
    compare = Comparer.compare

    def counted(self: Comparer, pairs: Any) -> Any:
        held = list(pairs)
        counts.append(len(held))
        return compare(self, held)

    monkeypatch.setattr(Comparer, "compare", counted)
    return counts


def test_the_report_is_the_same(scanned: Scanned, compared_here: list[int]) -> None:
    alone = scanned(1)
    assert sum(compared_here) == 1600
    compared_here.clear()
    assert scanned(2) == alone
    assert 0 < sum(compared_here) < 300, "what is in memory is compared here, the rest elsewhere"
    compared_here.clear()
    assert scanned(3, in_memory=0) == alone
    assert sum(compared_here) == 0
    assert b"hunter" not in alone[0] + orjson.dumps(alone[1])


def test_what_fails_elsewhere_is_compared_here(
    scanned: Scanned, compared_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = scanned(1)
    compared_here.clear()
    raw = Pairs.raw

    def broken(self: Pairs, index: int) -> Any:
        found = raw(self, index)
        return (b"[broken", found[1]) if found is not None and index == 1000 else found

    monkeypatch.setattr(Pairs, "raw", broken)
    assert scanned(2, in_memory=0) == alone
    assert sum(compared_here) == spread.LOT


def end(*_: Any) -> None:
    """Ends the process that it is called in."""
    os._exit(3)


def test_processes_that_end_lose_nothing(
    scanned: Scanned, compared_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = scanned(1)
    compared_here.clear()
    monkeypatch.setattr(spread, "_begin", end)
    assert scanned(2, in_memory=0) == alone
    assert sum(compared_here) == 1600


def test_a_system_without_shared_memory_compares_here(
    scanned: Scanned, compared_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(spread, "ProcessPoolExecutor", refused)
    scanned(2, in_memory=0)
    assert sum(compared_here) == 1600


def test_few_pairs_start_no_process(scanned: Scanned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "FROM", 1601)
    monkeypatch.setattr(spread, "ProcessPoolExecutor", None)
    scanned(8, in_memory=0)


@pytest.mark.parametrize(
    ("limit", "most"), [("100000 100000", 1), ("50000 100000", 1), ("max 100000", None), ("nonsense", None)]
)
def test_a_containers_limit_holds(tmp_path: Path, limit: str, most: int | None) -> None:
    quota = tmp_path / "cpu.max"
    everything = spread.processors(quota)
    quota.write_text(limit + "\n")
    assert spread.processors(quota) == (most or everything) >= 1
