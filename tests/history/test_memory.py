"""What nobody declares is remembered at first sight and told when it changes, or appears, later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift.finding import Change, Undeclared
from drift.history.accept import accept
from drift.history.database import Database
from drift.history.errors import HistoryError
from drift.history.lost import lost
from drift.history.place import place
from drift.memory import Was
from drift.model import Cell, Resource
from drift.moved import changes, keeping
from tests.conftest import Drift
from tests.history.support import TOPIC, Nights, at, ended, statuses, topic
from tests.rules.support import ACCOUNT, queue

DECLARED = [topic(status="Active")]
PATH = "/properties/maxSizeInMegabytes"


def night(nights: Nights, day: float, size: int | None, **more: Any) -> dict[str, Any]:
    """The report of a night in which the topic has this size, which nobody declares."""
    own = {"maxSizeInMegabytes": size} if size is not None else {}
    live = [topic(status=more.pop("status", "Active"), **own), *more.pop("beside", ())]
    return nights.run(day, live, more.pop("declared", DECLARED), **more).report


def sns(name: str) -> dict[str, Any]:
    arn = f"arn:aws:sns:eu-west-1:{ACCOUNT}:{name}"
    place = {"provider": "aws", "scope": ACCOUNT, "region": "eu-west-1", "type": "AWS::SNS::Topic"}
    return {**place, "id": arn, "name": name, "attributes": {"TopicName": name}}


def test_a_value_that_nobody_declares_is_counted_at_first_sight_and_told_when_it_changes(
    nights: Nights,
) -> None:
    first = night(nights, 0, 2048)
    assert (first["findings"], first["run"]["history"]["first"]["values"]) == ([], 1)
    assert first["summary"]["undeclared"] == 1
    assert night(nights, 1, 2048)["run"]["history"]["first"]["values"] == 0
    moved = night(nights, 2, 5120)
    (one,) = moved["findings"]
    assert (one["status"], one["kind"], moved["summary"]["undeclared"]) == ("new", "changed", 0)
    (change,) = one["changes"]
    assert (change["path"], change["live"], change["undeclared"]) == (PATH, 5120, True)
    assert change["note"] == "was 2048 since 1 May 2026, is 5120, nobody declares it"
    assert moved["run"]["exit_code"] == 2
    assert statuses(night(nights, 3, 5120)) == {"t": "recurring"}
    back = night(nights, 4, 2048)
    assert (back["findings"], ended(back)) == ([], {"t": "restored"})


def test_an_earlier_look_than_the_last_tells_nothing_of_what_is_known(nights: Nights) -> None:
    night(nights, 0, 2048)
    night(nights, 2, 5120)
    late = nights.run(2.001, [topic(status="Active", maxSizeInMegabytes=2048)], DECLARED, read_at=at(1))
    assert late.history is not None
    (note,) = late.history.notes
    assert note.startswith("cells that another run has read later than this one: 3;")
    assert statuses(night(nights, 3, 5120)) == {"t": "recurring"}


def test_it_stands_beside_what_else_differs(nights: Nights) -> None:
    night(nights, 0, 2048)
    (one,) = night(nights, 1, 5120, status="SendDisabled")["findings"]
    assert [change["path"] for change in one["changes"]] == [PATH, "/properties/status"]


def test_what_is_accepted_is_what_later_runs_compare_with(nights: Nights) -> None:
    night(nights, 0, 2048)
    (one,) = night(nights, 1, 5120)["findings"]
    assert accepts(nights, one["id"]) == [f"{TOPIC} t {PATH}: 5120"]
    accepted = night(nights, 2, 5120)
    assert (accepted["findings"], accepted["summary"]["undeclared"]) == ([], 1)
    (one,) = night(nights, 3, 2048)["findings"]
    assert one["changes"][0]["note"] == "was 5120 since 2 May 2026, is 2048, nobody declares it"
    assert len(accepts(nights)) == 1
    (other,) = nights.delays(4, jobs=2)["findings"]
    with pytest.raises(HistoryError, match="it differs from what Git declares"):
        accepts(nights, other["id"])


def accepts(nights: Nights, *ids: str) -> list[str]:
    with Database(nights.place) as open_, open_.writing() as connection:
        return accept(connection, ids, environment=None, by="me", now=at(9))


def test_the_command_line_accepts(tmp_path: Path, drift: Drift) -> None:
    nights = Nights(tmp_path, place("history.db", tmp_path))
    night(nights, 0, 2048)
    (one,) = night(nights, 1, 5120)["findings"]
    done = drift("history", "accept", one["id"], "--history", "history.db")
    assert done.stdout == f"accepted: {TOPIC} t {PATH}: 5120\n"
    assert drift("history", "accept", "--history", "history.db").complaint.startswith("history accept: name")


def test_a_rule_that_takes_something_else_out_of_both_sides_leaves_it() -> None:
    one = Undeclared(Cell("p", "s", "r", "T"), "i", "n", "/A/B", 2, False, "")
    (change,) = changes([(one, Was("1", at(0)))])
    assert (change.live, change.note) == (2, "was 1 since 1 May 2026, is 2, nobody declares it")
    live = Resource("p", "s", "T", "i", {"A": {"B": 2}, "C": 1})
    again = keeping([change], live, lambda _declared, _live: (Change("/0", 1, 2),))
    assert [each.path for each in again(live, live.but(attributes={"A": {"B": 2}}))] == ["/0", "/A/B"]
    assert [each.path for each in again(live, live.but(attributes={"A": {}, "C": 1}))] == ["/0"]


def test_what_was_declared_meanwhile_is_seen_for_the_first_time_again(nights: Nights) -> None:
    night(nights, 0, 2048)
    assert (
        night(nights, 1, 5120, declared=[topic(status="Active", maxSizeInMegabytes=5120)])["findings"] == []
    )
    again = night(nights, 2, 5120)
    assert (again["findings"], again["run"]["history"]["first"]["values"]) == ([], 1)


def test_secrets_are_compared_by_hashes_of_one_key_and_never_kept(tmp_path: Path) -> None:
    nights = Nights(tmp_path, place("history.db", tmp_path))
    key = "redaction: {key: one}"

    def run(day: float, said: str, rules: str) -> dict[str, Any]:
        value = topic(status="Active", userMetadata={"password": said})
        return nights.run(day, [value], DECLARED, rules=rules).report

    first = run(0, "correct-horse-battery", key)
    assert [one["sensitive"] for one in first["undeclared"]] == [True]
    assert run(1, "correct-horse-battery", key)["findings"] == []
    (one,) = run(2, "another-staple-4711-x", key)["findings"]
    assert "another one than at first sight" in one["changes"][0]["note"]
    other = run(3, "another-staple-4711-x", "redaction: {key: two}")
    assert (other["findings"], other["run"]["history"]["uncomparable"]) == ([], 1)
    raw = (tmp_path / "history.db").read_bytes()
    assert b"horse" not in raw and b"staple" not in raw


def test_resources_of_types_that_nobody_declares_are_counted_and_listed_when_they_appear(
    nights: Nights,
) -> None:
    types = ("AWS::SQS::Queue", "AWS::SNS::Topic")
    jobs = queue("jobs", DelaySeconds=1), queue("mail", DelaySeconds=1)

    def run(day: float, *names: str, **more: Any) -> dict[str, Any]:
        return nights.run(day, [*jobs, *map(sns, names)], types=types, **more).report

    first = run(0, "old")
    assert (first["findings"], first["run"]["history"]["first"]) == ([], {"values": 0, "resources": 1})
    later = run(1, "old", "appeared")
    (one,) = later["findings"]
    assert (one["name"], one["kind"], one["status"]) == ("appeared", "unmanaged", "new")
    assert one["note"].startswith("it was not there on 1 May 2026")
    assert statuses(run(2, "old", "appeared")) == {"appeared": "recurring"}
    accepts(nights, one["id"])
    assert run(3, "old", "appeared")["findings"] == []
    assert run(4, "old", rules="environment: other")["findings"] == []


def test_a_place_that_is_read_for_the_first_time_tells_of_nothing_that_appeared(nights: Nights) -> None:
    jobs = queue("jobs", DelaySeconds=1), queue("mail", DelaySeconds=1)
    nights.run(0, jobs)
    types = ("AWS::SQS::Queue", "AWS::SNS::Topic")
    assert nights.run(1, [*jobs, sns("old")], types=types).report["findings"] == []
    unread = nights.run(2, jobs, types=types, unread=["eu-west-1"]).report
    assert {one["status"] for one in unread["findings"]} <= {"unknown"}
    assert statuses(nights.run(3, [*jobs, sns("old"), sns("new")], types=types).report) == {"new": "new"}


def test_a_second_first_time_of_an_environment_is_a_warning(tmp_path: Path) -> None:
    nights = Nights(tmp_path, place("history.db", tmp_path))
    first = nights.delays(0)
    assert first["run"]["history"]["lost"] is None
    (tmp_path / "runs" / "a").mkdir(parents=True)
    (tmp_path / "runs" / "a" / "report.json").write_text(json.dumps(first))
    (tmp_path / "runs" / "b").mkdir()
    (tmp_path / "runs" / "b" / "report.json").write_text("{")
    (tmp_path / "history.db").unlink()
    nights.reports = tmp_path / "runs"
    again = nights.delays(1)["run"]["history"]["lost"]
    assert again.startswith(
        f"the history begins now, though run {first['run']['id']} was remembered in another"
    )
    assert nights.delays(2)["run"]["history"]["lost"] is None
    assert nights.delays(3, rules="environment: other")["run"]["history"]["lost"] is None
    assert "drift.yaml expects one" in str(lost(tmp_path / "nowhere", "default", expected=True))


def test_what_is_told_without_the_memory_is_not_accepted_in_vain(nights: Nights) -> None:
    """Git declares queues, so that one that nobody declares is told whatever is remembered."""
    live = [queue(name, DelaySeconds=1) for name in ("jobs", "mail", "stray")]
    (stray,) = nights.run(0, live).report["findings"]
    with pytest.raises(HistoryError, match="of a type of which Git declares some"):
        accepts(nights, stray["id"])
