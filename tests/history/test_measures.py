"""How an environment does: by hand-made nights whose measures are known."""

from __future__ import annotations

from typing import Any

import pytest

from drift.history.database import Database
from drift.history.deployments import follow
from drift.history.measures import git_counts, measures
from reports.page import around
from tests.conftest import Drift
from tests.history.support import Nights, at
from tests.rules.support import ACCOUNT, QUEUE

DAY = 86_400
COMMITS = ["a" * 40, "b" * 40, "c" * 40]


def measured(nights: Nights, day: float, days: int = 90) -> dict[str, Any]:
    with Database(nights.place) as open_, open_.reading() as connection:
        return measures(connection, "default", at(day), days=days)


def test_what_another_owner_has_now_counts_as_that_owners(nights: Nights) -> None:
    nights.delays(0, jobs=2, rules="owners: [{owner: platform, name: jobs}]")
    report = nights.delays(1, jobs=2, rules="owners: [{owner: payments, name: jobs}]")
    assert [(one["owner"], one["status"]) for one in report["findings"]] == [("payments", "recurring")]
    told = measured(nights, 1)["by"]["owner"]
    assert [(one["name"], one["open"], one["introduced"]) for one in told] == [("payments", 1, 1)]


def test_age_time_to_restore_and_the_trend(nights: Nights) -> None:
    nights.delays(0, jobs=2)
    nights.delays(1, jobs=2, mail=2)
    nights.delays(3, mail=2)
    nights.delays(9, jobs=2, mail=2)
    nights.delays(14, jobs=1, mail=2, rules="ignore: [{reason: ours, name: mail}]")
    report = nights.delays(20, jobs=5, mail=2, rules="owners: [{owner: platform, name: jobs}]")
    told = report["measures"]
    assert told == measured(nights, 20)
    assert (told["runs"], told["whole"], told["until"]) == (6, 6, at(20))
    assert (told["open"], told["age"]) == (2, {"median": 0, "p90": 0, "oldest": 0})
    assert (told["introduced"], told["restored"]) == (5, 2)
    assert told["time_to_restore"] == {"median": 4 * DAY, "p90": 5 * DAY}
    assert told["introduced_per_week"] == round(5 / (20 / 7), 2)
    assert [(week["introduced"], week["restored"], week["open"]) for week in told["weeks"]] == [
        (2, 1, 1),
        (1, 0, 2),
        (2, 1, 2),
    ]
    assert {one["name"]: one["open"] for one in told["by"]["owner"]} == {"platform": 1, "no owner": 1}
    (provider,) = told["by"]["provider"]
    assert (provider["name"], provider["time_to_restore"]) == ("aws", told["time_to_restore"])
    picture = around(report, 10, 10)["trend"]
    assert len(picture["bars"]) == 3 and "2 restored, half of it within 4 days" in picture["said"]
    assert told["under_git"]["by_provider"]["aws"] == {"managed": 2, "live": 2, "share": 1.0}
    assert measured(nights, 20, days=2)["introduced"] == 2


def finding(commit: str, status: str = "new") -> dict[str, Any]:
    """What is left to be applied of a commit."""
    declared = {"commit": commit, "last_change": {"commit": commit}}
    return {"declared_at": declared, "status": status, "changes": []}


def test_deployments_lead_time_and_change_failure(nights: Nights) -> None:
    nights.delays(0)
    with Database(nights.place) as open_, open_.writing() as connection:

        def read(number: int, day: float, commit: str, *findings: dict[str, Any]) -> None:
            source = {"source": "terraform", "location": "git@x:infra.git", "commit": commit}
            run = {"environment": "default", "started_at": at(day), "declared": [source]}
            committed = {one: at(day - 0.5) for one in COMMITS[:2]} | {COMMITS[2]: at(9)}
            report = {"run": run, "findings": findings, "problems": []}
            follow(connection, report, committed, number)

        read(1, 1, COMMITS[0])
        read(1, 2, COMMITS[1], finding(COMMITS[0]))
        read(2, 10, COMMITS[2], finding(COMMITS[2], "pending"))
        read(3, 11, COMMITS[2], finding(COMMITS[2], "unknown"))
    told = measured(nights, 14)
    assert (told["deployments"], told["deployments_per_week"]) == (1, 0.5)
    assert told["lead_time"] == {"median": 2 * DAY, "p90": 2 * DAY}
    assert told["change_failure"] == {"failed": 0, "share": 0.0}
    nights.delays(12, jobs=2)
    assert measured(nights, 14)["change_failure"] == {"failed": 1, "share": 1.0}


def test_the_share_under_git_is_of_what_was_read() -> None:
    row = {"provider": "aws", "scope": ACCOUNT, "region": "r", "type": QUEUE}
    coverage = [
        {**row, "status": "checked", "resources": 10},
        {**row, "status": "denied", "resources": 5},
        {**row, "status": "failed", "listed": True, "resources": 10},
    ]
    compared = [{"provider": "aws", "type": QUEUE, "resources": 6}]
    missing = [{"provider": "aws", "kind": "missing", "status": "new"}]
    report = {"coverage": coverage, "compared": compared, "findings": missing}
    assert git_counts(report) == {"aws": [5, 20]}


def test_the_command_line_tells_the_trend(nights: Nights, drift: Drift) -> None:
    if nights.place.file is None:
        pytest.skip("the same as with a file")
    nights.delays(0, jobs=2)
    nights.delays(1)
    told = drift("history", "trend", "--history", "history.db", "--days", "3650").stdout
    assert "1 introduced" in told and "time to restore: 24 h (median)" in told
    assert drift("history", "trend", "--history", "history.db", "-f", "json").stdout.startswith("[")
