"""What is asked of a history, and how it forgets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, func, select

from drift.history import show
from drift.history.database import Database
from drift.history.errors import HistoryError
from drift.history.forget import Wanted, remove, unknown
from drift.history.tables import CHANGES, EPISODES, EVENTS, METADATA
from drift.report import runs
from tests.conftest import Drift
from tests.history.support import BEGAN, Nights, at, statuses
from tests.rules.support import ACCOUNT

T = TypeVar("T")


def ask(nights: Nights, question: Callable[[Connection], T]) -> T:
    with Database(nights.place) as open_, open_.reading() as connection:
        return question(connection)


def test_runs_and_what_happened_in_them(nights: Nights) -> None:
    first = nights.delays(0, jobs=2)
    second = nights.delays(1, jobs=3, mail=None)
    third = nights.run(2, [], unread=["eu-west-1"]).report
    listed = ask(nights, lambda connection: show.runs(connection, None, 2))
    assert [one["id"] for one in listed] == [third["run"]["id"], second["run"]["id"]]
    assert (listed[1]["counts"]["new"], listed[1]["counts"]["changed_again"], listed[0]["whole"]) == (
        1,
        1,
        False,
    )
    assert ask(nights, lambda connection: show.runs(connection, "other", 9)) == []
    told = ask(nights, lambda connection: show.run(connection, second["run"]["id"]))
    assert sorted((one["event"], one["name"]) for one in told["events"]) == [
        ("changed", "jobs"),
        ("new", "mail"),
    ]
    assert told["unread"] == []
    told = ask(nights, lambda connection: show.run(connection, "latest"))
    assert {(one["event"], one["detail"]) for one in told["events"]} == {("unknown", "denied: AccessDenied")}
    assert [(one["region"], one["status"]) for one in told["unread"]] == [("eu-west-1", "denied")]
    with pytest.raises(HistoryError, match="no such run is remembered"):
        ask(nights, lambda connection: show.run(connection, "2025"))
    assert (
        ask(nights, lambda connection: show.run(connection, first["run"]["id"]))["events"][0]["event"]
        == "new"
    )


def test_the_life_of_a_finding(nights: Nights) -> None:
    for day, delay in enumerate((2, 3, 1, 4)):
        nights.delays(day, jobs=delay)
    told = ask(nights, lambda connection: show.finding(connection, "JOBS"))
    assert [(one["opened_at"], one["closed_at"], one["resolution"]) for one in told["episodes"]] == [
        (at(0), at(2), "restored"),
        (at(3), None, None),
    ]
    assert [one["event"] for one in told["events"]] == ["new", "changed", "resolved", "reopened"]
    assert (told["reopened"], told["resolved_at"], told["first_seen"]) == (1, None, at(0))
    (change,) = told["changes"]
    assert (change["declared"], change["live"], change["changed_at"]) == (1, 4, at(3))
    nights.delays(4, jobs=4, mail=None)
    with pytest.raises(HistoryError, match="means several: f-"):
        ask(nights, lambda connection: show.finding(connection, "f-"))
    with pytest.raises(HistoryError, match="no such finding is remembered"):
        ask(nights, lambda connection: show.finding(connection, "nobody"))


def test_what_nobody_can_read_any_more_is_forgotten_on_request(nights: Nights) -> None:
    nights.delays(0, jobs=2, mail=2)
    dark = nights.run(1, [], unread=["eu-west-1"]).report["findings"]
    assert {one["name"]: one["status"] for one in dark} == {"jobs": "unknown", "mail": "unknown"}
    (jobs,) = (one["id"] for one in dark if one["name"] == "jobs")
    for elsewhere in (Wanted(region="us-*"), Wanted(("jobs",), scope="2*"), Wanted(("nobody*",))):
        assert ask(nights, partial(unknown, wanted=elsewhere)).findings == []
    wanted = Wanted(("job*",), scope=ACCOUNT, region="eu-*")
    with Database(nights.place) as open_, open_.writing() as connection:
        assert [one.id for one in remove(connection, wanted).findings] == [jobs]
    with pytest.raises(HistoryError, match="no such finding"):
        ask(nights, lambda connection: show.finding(connection, jobs))
    for table in (CHANGES, EPISODES, EVENTS):
        left = select(func.count()).where(table.c.finding == jobs)
        assert ask(nights, lambda connection, left=left: connection.scalar(left)) == 0
    assert statuses(nights.delays(2, jobs=2, mail=2)) == {"jobs": "new", "mail": "recurring"}
    assert ask(nights, partial(unknown, wanted=wanted)).others == 1


def test_what_is_too_old_is_forgotten_and_what_is_drift_stays(nights: Nights) -> None:
    rules = "history: {keep: 10d, keep_runs: 2}"
    nights.delays(0, jobs=2, mail=None, rules=rules)
    nights.delays(1, jobs=2, rules=rules)
    for day in (20, 21, 22):
        kept = nights.delays(day, jobs=2, rules=rules)
    assert kept["findings"][0]["first_seen"] == at(0)

    def counts(connection: Connection) -> dict[str, Any]:
        tables = ("runs", "findings", "changes", "episodes", "events")
        named = {name: METADATA.tables[f"drift_{name}"] for name in tables}
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in named.items()
        }

    assert ask(nights, counts) == {"runs": 2, "findings": 1, "changes": 1, "episodes": 1, "events": 0}
    assert statuses(nights.delays(23, jobs=2, mail=None, rules=rules)) == {"jobs": "recurring", "mail": "new"}


def test_folders_of_runs_go_by_age_and_number(nights: Nights) -> None:
    base = nights.folder / "runs"
    for day in range(5):
        folder = base / runs.new_id(BEGAN + timedelta(days=day))
        folder.mkdir(parents=True)
        (folder / "report.json").write_text("{}")
    for name in ("mine", "20200101T000000Z-abcdef"):
        (base / name).mkdir()
    (base / "mine" / "report.json").write_text("{}")
    now = BEGAN + timedelta(days=5)
    assert runs.retire(base, now) == (0, [])
    assert runs.retire(base, now, seconds=int(timedelta(days=3.5).total_seconds())) == (2, [])
    assert runs.retire(base, now, most=1) == (2, [])
    left = sorted(one.name for one in base.iterdir())
    assert len(left) == 3
    assert left[0] == "20200101T000000Z-abcdef" and left[2] == "mine", "no run of ours"


def test_the_command_line_tells_it(nights: Nights, drift: Drift) -> None:
    if nights.place.file is None:
        pytest.skip("the same as with a file")
    first = nights.delays(0, jobs=2)
    nights.delays(1)
    where = ("--history", "history.db")
    assert "1 new" in drift("history", "show", first["run"]["id"], *where).stdout
    assert drift("history", "list", *where).stdout.splitlines()[1].startswith("2026")
    assert "ended 2026-05-02 03:00: restored" in drift("history", "finding", "jobs", *where).stdout
    assert drift("history", "finding", "jobs", *where, "-f", "json").stdout.startswith("{")
    nights.delays(2, jobs=2)
    nights.run(3, [], unread=["eu-west-1"])
    assert "history forget: say what" in drift("history", "forget", *where).stderr
    assert "1 would be forgotten: say --yes to do it" in drift("history", "forget", "jobs", *where).stdout
    assert "forgot 1" in drift("history", "forget", "jobs", "--yes", *where).stdout
    assert drift("history", "forget", "jobs", *where).stdout == "no such finding\n"
    assert drift("history", "list").complaint.endswith(
        "there is no such history; run `drift scan`, or name it with --history"
    )
