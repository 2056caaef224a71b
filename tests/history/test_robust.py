"""Whatever happens to a history, or to a run that writes it: nothing is lost, nothing half-recorded, and the
report says what could not be remembered."""

from __future__ import annotations

import json
import os
import resource
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, func, select, text, update

from drift.deadline import Deadline
from drift.history import database as databases
from drift.history.database import HEAD, VERSIONS, Database
from drift.history.errors import HistoryError, Outdated
from drift.history.history import History
from drift.history.place import Place, place
from drift.history.sight import Sight
from drift.history.tables import EPISODES, EVENTS, FINDINGS, METADATA, RUNS
from tests import ports
from tests.history.support import Nights, at, statuses
from tests.postgres import Served
from tests.rules.support import queue

ESTATE: Any = None


def code(_: Any) -> int:
    return 2


def later(report: dict[str, Any], day: float, name: str) -> dict[str, Any]:
    """The report of another run that found the same."""
    moment = at(day)
    run = {**report["run"], "id": name, "started_at": moment, "history": None}
    rows = [{**row, "read_at": moment} for row in report["coverage"]]
    plain = ("status", "first_seen", "history")
    findings = [{k: v for k, v in one.items() if k not in plain} for one in report["findings"]]
    found = [{**one, "status": None, "first_seen": None} for one in findings]
    return {**report, "run": run, "coverage": rows, "findings": found, "resolved": []}


def counted(history: Place, table: Any = RUNS) -> int:
    with Database(history) as open_, open_.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def in_child(work: Callable[[], Any]) -> Any:
    """What ``work`` gives in a process of its own, as JSON; None where that died."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(into, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else None


def test_the_tables_are_what_the_migrations_make(nowhere: Place) -> None:
    with Database(nowhere) as open_, open_.writing() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == HEAD


def test_a_history_of_an_older_version_is_brought_to_this_one(nights: Nights) -> None:
    report = nights.delays(0, jobs=2)
    by = {"actor": "anna", "time": None, "event": "SetQueueAttributes", "evidence": "CloudTrail"}
    with Database(nights.place) as open_, open_.writing() as connection:
        connection.execute(text("ALTER TABLE drift_sighted DROP COLUMN version"))
        connection.execute(text("ALTER TABLE drift_findings DROP COLUMN attribution"))
        connection.execute(text("ALTER TABLE drift_findings DROP COLUMN answered"))
        document = json.loads(connection.scalar(select(FINDINGS.c.document)) or "")
        document = json.dumps({**document, "attribution": by})
        connection.execute(update(FINDINGS).values(document=document))
        connection.execute(text(f"UPDATE {VERSIONS} SET version_num = '0001'"))  # noqa: S608
    with pytest.raises(Outdated, match="older version"), Database(nights.place) as open_, open_.reading():
        pass
    again = nights.delays(1, jobs=2)
    assert statuses(again) == {"jobs": "recurring"} and again["findings"][0]["attribution"] == by
    with Database(nights.place) as open_, open_.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSIONS})
        assert compare_metadata(context, METADATA) == []
    assert report["run"]["history"]["problem"] is None


def test_runs_at_once_are_all_recorded(nights: Nights) -> None:
    report = nights.delays(0, jobs=2)
    told: list[dict[str, Any]] = []

    def run(number: int) -> None:
        own = later(report, 1, f"run-{number}")
        told.append(History(nights.place).remember(own, Sight(ESTATE), code))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one["run"]["history"]["problem"] for one in told] == [None] * 4
    assert sorted(one["run"]["history"]["runs"] for one in told) == [1, 2, 3, 4]
    assert (counted(nights.place), counted(nights.place, EPISODES)) == (5, 1)


def test_one_waits_for_another_run_only_so_long(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    report = nights.delays(0, jobs=2)
    monkeypatch.setattr(databases, "LOCK_SECONDS", 0.2)
    history = History(nights.place)
    with Database(nights.place) as other, other.writing():
        told = history.remember(later(report, 1, "late"), Sight(ESTATE), code)
    assert "another run has been writing to it" in str(history.problem)
    assert told["run"]["history"]["problem"] == history.problem
    assert statuses(told) == {"jobs": "recurring"}, "what can't be written may be read"
    assert counted(nights.place) == 1


@pytest.mark.parametrize("statement", [1, 10, 14, 18])
def test_a_run_that_is_killed_leaves_all_or_nothing(nights: Nights, statement: int) -> None:
    report = nights.delays(0, jobs=2)
    before = [counted(nights.place, table) for table in (RUNS, EVENTS, EPISODES)]
    own = later({**report, "findings": []}, 1, "killed")
    made = databases.Database._engine
    ended = Sight(ESTATE)
    ended.blind = lambda _: None  # type: ignore[method-assign]

    def dying(self: Database) -> Any:
        engine, seen = made(self), []

        def count(*_: object) -> None:
            seen.append(1)
            if len(seen) == statement:
                os._exit(9)

        event.listen(engine, "before_cursor_execute", count)
        return engine

    def remember() -> Any:
        databases.Database._engine = dying  # type: ignore[method-assign]
        return History(nights.place).remember(own, ended, code)["run"]["history"]

    done = in_child(remember)
    after = [counted(nights.place, table) for table in (RUNS, EVENTS, EPISODES)]
    assert after == (before if done is None else [before[0] + 1, before[1] + 1, before[2]])
    again = History(nights.place).remember({**own, "run": {**own["run"], "id": "next"}}, ended, code)
    assert len(again["resolved"]) == 1, "a report that was not written told nobody"
    assert again["run"]["history"]["problem"] is None


def test_a_full_disk(tmp_path: Path) -> None:
    nights = Nights(tmp_path, place("history.db", tmp_path))
    report = nights.delays(0, jobs=2)
    own = later(report, 1, "full")
    own["findings"] = [
        {**own["findings"][0], "id": f"f-{number:016x}", "name": "x" * 900} for number in range(500)
    ]
    ended = Sight(ESTATE)
    ended.blind = lambda _: None  # type: ignore[method-assign]

    def remember() -> Any:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        return History(nights.place).remember(own, ended, code)

    told = in_child(remember)
    assert "disk" in told["run"]["history"]["problem"]
    assert {one["status"] for one in told["findings"]} == {"new"}, "what can't be written may be read"
    assert counted(nights.place) == 1
    assert statuses(nights.delays(2, jobs=2)) == {"jobs": "recurring"}


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes somebody who may not write")
def test_a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    nights = Nights(tmp_path, place("history.db", tmp_path))
    report = nights.delays(0, jobs=2)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)

    def remember() -> Any:
        os.setuid(65534)
        return History(nights.place).remember(later(report, 1, "nobody"), Sight(ESTATE), code)

    told = in_child(remember)
    assert told["run"]["history"]["problem"].startswith(f"{tmp_path}/history.db: ")
    assert counted(nights.place) == 1


def test_a_history_of_another_version(nights: Nights) -> None:
    report = nights.delays(0, jobs=2)

    def becomes(version: str) -> None:
        with Database(nights.place) as open_, open_.writing() as connection:
            connection.execute(text(f"UPDATE {VERSIONS} SET version_num = :new"), {"new": version})  # noqa: S608

    becomes("9999")
    history = History(nights.place)
    told = history.remember(later(report, 1, "older"), Sight(ESTATE), code)
    assert "was written by a newer drift" in told["run"]["history"]["problem"]
    assert [one["status"] for one in told["findings"]] == [None]
    history.written()
    with pytest.raises(HistoryError, match="newer drift"), Database(nights.place) as open_, open_.reading():
        pass


def test_a_server_that_is_down_or_silent_is_waited_for_only_so_long(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    report = Nights(tmp_path, place("history.db", tmp_path)).delays(0, jobs=2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        history = History(place(f"postgres://me:hunter2@127.0.0.1:{port}/x"), Deadline(), seconds=0.5)
        told = history.remember(later(report, 1, "silent"), Sight(ESTATE), code)
        assert "did not end within 0.5 seconds" in told["run"]["history"]["problem"]
    port = ports.free()
    history = History(place(f"postgres://me:hunter2@127.0.0.1:{port}/x"))
    told = history.remember(later(report, 1, "down"), Sight(ESTATE), code)
    problem = told["run"]["history"]["problem"]
    assert problem.startswith(f"postgresql://127.0.0.1:{port}/x: ") and "refused" in problem
    assert "hunter2" not in problem
    assert [one["status"] for one in told["findings"]] == [None]


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    nights = Nights(tmp_path, place("ours?mode=ro#1 %20.db", tmp_path))
    assert nights.delays(0, jobs=2)["run"]["history"]["problem"] is None
    assert (tmp_path / "ours?mode=ro#1 %20.db").is_file()


def test_what_is_given_up_is_not_recorded_afterwards(nights: Nights) -> None:
    report = nights.delays(0, jobs=2)
    history = History(nights.place, seconds=0.3)
    over = threading.Event()
    own = Sight(ESTATE)

    def slow(_: Any) -> bool:
        over.wait(60)
        return False

    own.lets_through = slow  # type: ignore[method-assign]
    told = history.remember(later({**report, "findings": []}, 1, "slow"), own, code)
    assert "did not end within" in told["run"]["history"]["problem"]
    over.set()
    for thread in threading.enumerate():
        if thread.name == "asked":
            thread.join(60)
    assert counted(nights.place) == 1


def test_no_secret_nor_its_hash_is_kept(tmp_path: Path) -> None:
    from drift.history.masked import masked

    value = {"A": {"$secret": {"key": "0123456789ab", "hmac": "f" * 64}}, "B": "x $secret:0123456789abcdef y"}
    assert masked(value) == '{"A":{"$secret":null},"B":"x $secret y"}'
    assert queue("a")["name"] == "a"


def test_a_server_that_restarts_between_or_within_what_a_run_asks(
    postgres_server: Served, tmp_path: Path
) -> None:
    with psycopg.connect(postgres_server, connect_timeout=60) as connection:
        connection.execute("CREATE SCHEMA restarted")
    nights = Nights(tmp_path, place(f"{postgres_server}?options=-csearch_path%3Drestarted"))
    report = nights.delays(0, jobs=2)
    history = History(nights.place)
    assert history.recall("default", "0.1", partial=False) is not None
    postgres_server.restart()
    told = history.remember(later(report, 1, "between"), Sight(ESTATE), code)
    assert (told["run"]["history"]["problem"], statuses(told)) == (None, {"jobs": "recurring"})

    def restart(*said: Any) -> None:
        if "INSERT INTO drift_events" in said[2] or "UPDATE drift_findings" in said[2]:
            event.remove(Engine, "before_cursor_execute", restart)
            postgres_server.restart()

    event.listen(Engine, "before_cursor_execute", restart)
    told = History(nights.place).remember(later(report, 2, "within"), Sight(ESTATE), code)
    assert "terminating connection" in told["run"]["history"]["problem"]
    assert statuses(told) == {"jobs": "recurring"}
    assert counted(nights.place) == 2
    told = History(nights.place).remember(later(report, 3, "after"), Sight(ESTATE), code)
    assert (told["run"]["history"]["problem"], counted(nights.place)) == (None, 3)
