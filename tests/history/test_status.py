"""What a history tells of findings: new, known, come and gone, changed again, ended, not read."""

from __future__ import annotations

from typing import Any

import pytest

from drift.history.compare import Memory, compare
from drift.history.place import place
from drift.history.sight import Sight
from tests.history.support import Nights, at, ended, statuses
from tests.rules.support import queue


def test_what_was_found_before_is_recurring_and_what_is_found_no_more_has_ended(nights: Nights) -> None:
    first = nights.delays(0, jobs=2)
    assert statuses(first) == {"jobs": "new"}
    assert (first["run"]["history"]["runs"], first["run"]["history"]["compared_with"]) == (0, None)
    second = nights.delays(1, jobs=2, mail=None)
    assert statuses(second) == {"jobs": "recurring", "mail": "new"}
    assert {one["name"]: one["first_seen"] for one in second["findings"]} == {"jobs": at(0), "mail": at(1)}
    told = second["run"]["history"]
    assert told["compared_with"] == {"id": first["run"]["id"], "started_at": at(0)}
    assert (told["runs"], told["since"], told["database"]) == (1, at(0), first["run"]["history"]["database"])
    third = nights.delays(2, mail=None)
    assert (statuses(third), ended(third)) == ({"mail": "recurring"}, {"jobs": "restored"})
    (over,) = third["resolved"]
    assert (over["first_seen"], over["last_seen"], over["resolved_at"]) == (at(0), at(1), at(2))
    counts = third["run"]["history"]["counts"]
    assert {name: number for name, number in counts.items() if number} == {"recurring": 1, "resolved": 1}
    assert nights.delays(3, mail=None)["resolved"] == [], "it is told once"


def test_a_changed_value_of_a_known_finding_is_told_as_that(nights: Nights) -> None:
    nights.delays(0, jobs=2)
    (one,) = nights.delays(1, jobs=3)["findings"]
    assert (one["status"], one["history"]["changed_again"], one["history"]["changed_at"]) == (
        "recurring", True, at(1),
    )  # fmt: skip
    assert [change["was"] for change in one["changes"]] == [{"live": 2}]
    (one,) = nights.delays(2, jobs=3)["findings"]
    assert (one["history"]["changed_again"], one["history"]["changed_at"]) == (False, at(1))
    assert "was" not in one["changes"][0]
    live = [queue("jobs", DelaySeconds=3, VisibilityTimeout=99), queue("mail", DelaySeconds=1)]
    (one,) = nights.run(3, live).report["findings"]
    assert {change["path"]: change.get("was", "as before") for change in one["changes"]} == {
        "/DelaySeconds": "as before",
        "/VisibilityTimeout": None,
    }


def test_what_comes_back_is_new_and_what_does_so_twice_comes_and_goes(nights: Nights) -> None:
    nights.delays(0, jobs=2)
    nights.delays(1)
    (one,) = nights.delays(2, jobs=2)["findings"]
    assert (one["status"], one["first_seen"], one["history"]["since"]) == ("new", at(0), at(2))
    assert (one["history"]["reopened"], one["history"]["reopened_at"]) == (1, at(2))
    nights.delays(3)
    back = nights.delays(4, jobs=2)
    assert (statuses(back), back["run"]["history"]["counts"]["came_back"]) == ({"jobs": "flapping"}, 1)
    assert statuses(nights.delays(5, jobs=2)) == {"jobs": "flapping"}
    assert statuses(nights.delays(40, jobs=2)) == {"jobs": "recurring"}


def test_a_finding_whose_place_was_not_read_is_unknown_and_neither_ended_nor_new(nights: Nights) -> None:
    nights.delays(0, jobs=2)
    blind = nights.run(1, [], unread=["eu-west-1"])
    (one,) = blind.report["findings"]
    assert (one["name"], one["status"], one["first_seen"]) == ("jobs", "unknown", at(0))
    assert (one["history"]["last_seen"], one["history"]["unknown"]) == (at(0), "denied: AccessDenied")
    assert blind.report["resolved"] == []
    assert blind.report["run"]["exit_code"] == 3, "of what is unknown nobody says that it is drift"
    assert statuses(nights.delays(2, jobs=2)) == {"jobs": "recurring"}
    nights.run(3, [], unread=["eu-west-1"])
    assert ended(nights.delays(4)) == {"jobs": "restored"}


def test_what_can_not_be_verified_any_more_has_not_ended(nights: Nights) -> None:
    nights.delays(0, jobs=2)
    unread = {**queue("jobs"), "unread": {"/DelaySeconds": "a detail was denied"}}
    report = nights.run(1, [unread, queue("mail", DelaySeconds=1)]).report
    assert statuses(report) == {"jobs": "unknown"}
    assert report["resolved"] == []


def test_what_only_leaves_out_is_left_as_it_is(nights: Nights) -> None:
    nights.delays(0, jobs=2, mail=2)
    report = nights.delays(1, jobs=2, mail=1, only=["jobs"])
    assert (statuses(report), report["resolved"]) == ({"jobs": "recurring"}, [])
    assert ended(nights.delays(2, jobs=2, mail=1)) == {"mail": "restored"}


def test_what_a_rule_hides_ends_as_accepted_and_another_finding_of_the_resource_replaces_it(
    nights: Nights,
) -> None:
    nights.delays(0, jobs=2, mail=2)
    rules = "ignore: [{reason: ours, name: jobs}]"
    report = nights.delays(1, jobs=2, mail=None, rules=rules)
    assert ended(report) == {"jobs": "accepted", "mail": "replaced"}
    assert statuses(report) == {"mail": "new"}


def test_what_is_pending_stays_it_and_is_new_when_it_is_drift(nights: Nights) -> None:
    report = nights.delays(0, jobs=2)
    pending = {**report, "findings": [{**report["findings"][0], "status": "pending"}]}
    nothing: Any = None
    (told,) = compare(pending, Memory({}, {}), lambda _: {}, Sight(nothing)).seen
    assert (told.status, told.opened_at, told.events) == ("pending", None, [])


def test_new_in_a_run_whose_report_was_never_written_is_new_again(nights: Nights) -> None:
    nights.delays(0, jobs=2, written=False)
    assert statuses(nights.delays(1, jobs=2)) == {"jobs": "new"}
    assert statuses(nights.delays(2, jobs=2)) == {"jobs": "recurring"}
    assert ended(nights.delays(3, written=False)) == {"jobs": "restored"}
    assert ended(nights.delays(4)) == {"jobs": "restored"}
    assert ended(nights.delays(5)) == {}


def test_a_run_that_read_earlier_than_another_recorded_does_not_undo_it(nights: Nights) -> None:
    nights.delays(0, jobs=2)
    nights.delays(2)
    late = nights.delays(2.5, jobs=2, read_at=at(1))
    assert (statuses(late), late["findings"][0]["history"]["reopened"]) == ({"jobs": "recurring"}, 0)
    assert statuses(nights.delays(3)) == {}
    assert nights.delays(4, jobs=2)["findings"][0]["history"]["reopened"] == 1


def test_a_name_may_hold_any_character(nights: Nights) -> None:
    name = "a\0b\u2028\U0001f600"
    for day in range(2):
        report = nights.run(
            day, [queue("jobs", DelaySeconds=1), queue("mail", DelaySeconds=1), queue(name)]
        ).report
    assert report["run"]["history"]["problem"] is None
    assert statuses(report) == {name: "recurring"}
    blind = nights.run(2, [], unread=["eu-west-1"]).report
    assert statuses(blind) == {name: "unknown"}


def test_environments_are_apart(nights: Nights) -> None:
    nights.delays(0, jobs=2)
    other = nights.delays(1, jobs=2, rules="environment: other")
    assert (statuses(other), other["run"]["history"]["runs"]) == ({"jobs": "new"}, 0)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("runs/history.db", "runs/history.db"),
        ("sqlite:///runs/history.db", "runs/history.db"),
        ("postgres://me:secret@db.acme.io/drift?sslmode=require", "postgresql://db.acme.io/drift"),
    ],
)
def test_a_place_is_a_file_or_a_server_and_shows_no_password(said: str, shown: str) -> None:
    assert place(said).shown == shown


def test_a_run_of_a_clock_years_ahead_does_not_make_later_runs_too_late(nights: Nights) -> None:
    nights.delays(0, jobs=5, read_at="2099-01-01T00:00:00Z")
    assert statuses(nights.delays(1, jobs=5)) == {"jobs": "recurring"}
    assert ended(nights.delays(2)) == {"jobs": "restored"}
