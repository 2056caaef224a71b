"""The history on SQLite: recording 10,000 findings, and the trend over 1,000 runs of 1,000 findings."""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import insert

from drift.history.database import Database
from drift.history.history import History
from drift.history.measures import measures
from drift.history.place import Place, place
from drift.history.sight import Learnt, Sight
from drift.history.tables import EPISODES, RUNS
from drift.live.estate import Estate
from drift.moment import rfc3339
from tests.bench.timing import seconds
from tests.reports.sample import large_report

FINDINGS, RUNS_COUNT, EACH = 10_000, 1_000, 1_000
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _recording(place("history.db", Path(folder)))
        _trend(place("trend.db", Path(folder)))


def _recording(where: Place) -> None:
    report = _report()
    sight = Sight(Estate({}), learnt=Learnt())
    history = History(where)
    for said in ("new findings recorded", "known findings recorded again"):
        began = time.process_time()
        took = seconds(lambda: history.remember(report, sight, lambda _: 2))
        assert history.problem is None, history.problem
        spent = time.process_time() - began
        own = f"{spent:.2f} s of the processor"
        print(f"history: {FINDINGS:,} {said} in {took:.2f} s, {own} (goal: under 3)")
        history.written()
        report["run"] = {**report["run"], "id": "second", "history": None}


def _report() -> dict[str, Any]:
    """A report of as many findings, none of which has a status yet."""
    report = large_report(FINDINGS)
    for number, one in enumerate(report["findings"]):
        one |= {"status": None, "first_seen": None, "digest": f"{number:016x}"}
        one["id"] = "f-" + hashlib.sha256(str(number).encode()).hexdigest()[:16]
        for change in one["changes"]:
            change.setdefault("undeclared", False)
            change.setdefault("sensitive", False)
            change["id"] = "c-" + hashlib.sha256(f"{one['id']}{change['path']}".encode()).hexdigest()[:16]
    report["run"] = {**report["run"], "history": None, "started_at": rfc3339(NOW)}
    return {"undeclared": [], "compared": [], **report}


def _trend(where: Place) -> None:
    """1,000 runs, each of which found 1,000: what is there stays for a while, and one in ten comes anew."""
    drawn = random.Random(12)  # noqa: S311 - no secret
    began = NOW - timedelta(hours=2 * RUNS_COUNT)
    counts = orjson.dumps({"recurring": EACH, "git": {"aws": [900, EACH]}}).decode()
    run = {"environment": "default", "version": "0", "exit_code": 2, "partial": False, "whole": True}
    runs, episodes = [], []
    for number in range(RUNS_COUNT):
        at = rfc3339(began + timedelta(hours=2 * number))
        more = {
            "id": f"run-{number}",
            "started_at": at,
            "finished_at": at,
            "counts": counts,
            "declared": "[]",
        }
        runs.append({**run, **more, "written": True})
    for number in range(RUNS_COUNT * EACH // 10):
        first = number * 10 // EACH
        last = first + drawn.randrange(1, 20)
        ended = last < RUNS_COUNT
        episodes.append(
            {
                "finding": f"f-{number:016x}", "environment": "default", "kind": "changed", "provider": "aws",
                "scope": "1", "region": "r", "type": "T", "owner": f"team-{number % 50}", "severity": "high",
                "opened_at": runs[first]["started_at"], "opened_run": first + 1,
                "closed_at": runs[last]["started_at"] if ended else None,
                "closed_run": last + 1 if ended else None, "resolution": "restored" if ended else None,
            }
        )  # fmt: skip
    with Database(where) as database:
        with database.writing() as connection:
            connection.execute(insert(RUNS), runs)
            connection.execute(insert(EPISODES), episodes)
        with database.reading() as connection:
            spent = time.process_time()
            took = seconds(lambda: measures(connection, "default", rfc3339(NOW)))
            spent = time.process_time() - spent
    print(
        f"history: the trend of {RUNS_COUNT:,} runs of {EACH:,} findings in {took:.2f} s, {spent:.2f} s of "
        "the processor (goal: under 1)"
    )
