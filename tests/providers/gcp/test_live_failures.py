"""What goes wrong while Google Cloud is read: each ends in the ledger, in the right words, and holds nothing
else."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from drift import deadline
from drift.limits import common
from providers.gcp import session
from providers.gcp.loopback import Faults, cloud
from providers.gcp.loopback.service import Refusal
from tests.clock import Clock
from tests.providers.gcp.live_reading import (
    BINDING,
    BOTH,
    PUBSUB,
    TOPIC,
    declared,
    ids,
    policy,
    project,
    read,
    row,
    settings,
    told,
    topic,
    verdict,
)

TWO = [project("a", 1), project("b", 2), topic("a", "t"), topic("b", "t")]
DECLARED = [
    declared(topic("a", "t"), "a"),
    declared(topic("a", "other"), "a"),
    declared(topic("b", "t"), "b"),
]


@pytest.mark.parametrize("where", BOTH)
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("IAM_PERMISSION_DENIED", "grant roles/cloudasset.viewer"),
        ("SERVICE_DISABLED", "gcloud services enable cloudasset.googleapis.com --project a"),
    ],
)
def test_a_refused_project_is_denied_and_nothing_of_it_missing(where: str, reason: str, words: str) -> None:
    with cloud(TWO, faults=Faults(denied={"a": reason})) as server:
        estate = read(settings(server, where), [TOPIC])
    for type_ in (TOPIC, BINDING, "compute.googleapis.com/Instance"):
        assert row(estate, "a", type_).status == "denied" and words in row(estate, "a", type_).message
    judgement = verdict(estate, DECLARED)
    assert told(judgement) == [] and judgement.in_sync == 1
    assert {one.resource_id for one in judgement.unverifiable} == {
        f"{PUBSUB}/a/topics/t",
        f"{PUBSUB}/a/topics/other",
    }


@pytest.mark.parametrize("where", BOTH)
def test_throttling_is_waited_out(where: str) -> None:
    with cloud(TWO, faults=Faults(throttled={"a": 3})) as server:
        estate = read(settings(server, where))
    assert row(estate, "a").status == "checked" and len(ids(estate, TOPIC)) == 2


@pytest.mark.parametrize("where", BOTH)
def test_throttling_without_end_is_said(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.gcp.failures._FIRST", 0.01)
    with cloud(TWO, faults=Faults(throttled={"a": 99})) as server:
        estate = read(settings(server, where, max_attempts=3), [TOPIC])
    assert row(estate, "a").status == "throttled" and "Quota exceeded" in row(estate, "a").message
    assert row(estate, "b").status == "checked"
    assert told(verdict(estate, DECLARED)) == []


def test_a_slow_project_holds_no_other() -> None:
    with cloud(TWO) as server:
        answer = server.service.list_assets
        other_is_read = threading.Event()
        waited = []

        def list_assets(request: Mapping[str, Any]) -> dict[str, Any]:
            """Answers for the one project once all calls about the other one were answered."""
            if request["parent"] == "projects/a":
                waited.append(other_is_read.wait(60))
            told = answer(request)
            if sum(_of(one) == "projects/b" for one in server.calls) == 2:
                other_is_read.set()
            return told

        server.service.list_assets = list_assets  # type: ignore[method-assign]
        found = read(settings(server, max_attempts=1))
    assert waited and all(waited)
    assert row(found, "a").status == row(found, "b").status == "checked"


@pytest.mark.parametrize("where", BOTH)
def test_a_project_that_does_not_answer_is_said(where: str) -> None:
    with cloud(TWO, faults=Faults(slow={"a": 8.0})) as server:
        estate = read(settings(server, where, timeout=3, max_attempts=1), [TOPIC])
    assert row(estate, "a").status == "failed" and "no answer in time" in row(estate, "a").message
    assert told(verdict(estate, DECLARED)) == []


@pytest.mark.parametrize("where", BOTH)
def test_an_error_of_the_service_is_said(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.gcp.failures._FIRST", 0.01)
    with cloud(TWO, faults=Faults(broken=frozenset({"a"}))) as server:
        estate = read(settings(server, where, max_attempts=2))
        assert row(estate, "a").status == "failed" and "Internal error" in row(estate, "a").message
        tries = [one for one in server.calls if _of(one) == "projects/a"]
    assert len(tries) == 4  # two of resources, two of policies
    assert ids(estate, TOPIC) == [f"{PUBSUB}/b/topics/t"]


@pytest.mark.parametrize("where", BOTH)
def test_a_listing_that_breaks_off_keeps_what_was_read(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.gcp.failures._FIRST", 0.01)
    documents = [project("a", 1), *(topic("a", f"t{n:02}") for n in range(30))]
    with cloud(documents, faults=Faults(cut={"a": 2})) as server:
        estate = read(settings(server, where, page_size=10, max_attempts=2), [TOPIC])
    assert row(estate, "a", TOPIC).status == "failed" and len(ids(estate, TOPIC)) == 19
    last, gone = declared(topic("a", "t29"), "a"), declared(topic("a", "t00", labels={"x": "y"}), "a")
    judgement = verdict(estate, [last, gone])
    assert told(judgement) == [("changed", f"{PUBSUB}/a/topics/t00", ("/labels/x",))]
    assert [one.resource_id for one in judgement.unverifiable] == [f"{PUBSUB}/a/topics/t29"]


@pytest.mark.parametrize("where", BOTH)
def test_a_credential_that_expires_in_the_middle_leaves_what_was_read(where: str) -> None:
    documents = [project("a", 1), *(topic("a", f"t{n:02}") for n in range(40))]
    with cloud(documents, faults=Faults(expires=4)) as server:
        estate = read(settings(server, where, page_size=10), [TOPIC])
    assert 0 < len(ids(estate, TOPIC)) < 40
    found = row(estate, "a", TOPIC)
    assert found.status == "failed" and "the credential is not valid" in found.message
    assert told(verdict(estate, [declared(topic("a", "t39"), "a")])) == []


@pytest.mark.parametrize("where", BOTH)
def test_a_credential_that_is_not_valid_at_all_is_said(where: str) -> None:
    with cloud(TWO, faults=Faults(expires=0)) as server:
        found = row(read(settings(server, where)), "*")
    assert found.status == "failed" and "the credential is not valid" in found.message


def test_a_folder_that_may_not_be_listed_is_said() -> None:
    documents = [
        {"name": "folders/10"},
        {"name": "folders/11", "parent": "folders/10"},
        project("a", 1, parent="folders/10"),
        project("b", 2, parent="folders/11"),
        topic("a", "t"),
    ]
    with cloud(documents, faults=Faults(hidden=frozenset({"folders/11"}))) as server:
        estate = read(settings(server, folders=[10]), [TOPIC])
    assert row(estate, "folders/11").status == "denied"
    assert "what is below it is not known" in row(estate, "folders/11").message
    assert ids(estate, TOPIC) == [f"{PUBSUB}/a/topics/t"]
    assert told(verdict(estate, [declared(topic("b", "t"), "b")])) == []


def test_refused_policies_blind_no_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [project("a", 1), {**topic("a", "t"), "iamPolicy": policy("roles/viewer", "user:a@b.c")}]
    with cloud(documents) as server:
        original = server.service.list_assets

        def refusing(request: Mapping[str, Any]) -> dict[str, Any]:
            if request.get("contentType") == "IAM_POLICY":
                raise Refusal("PERMISSION_DENIED", "Permission 'cloudasset.assets.listIamPolicy' denied")
            return original(request)

        monkeypatch.setattr(server.service, "list_assets", refusing)
        estate = read(settings(server))
    assert row(estate, "a", BINDING).status == "denied" and row(estate, "a", TOPIC).status == "checked"


def test_a_refused_api_blinds_only_what_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    instances, database = "//cloudsql.googleapis.com/projects/a/instances", "sqladmin.googleapis.com/Database"
    documents = [
        project("a", 1),
        {"name": f"{instances}/i", "assetType": "sqladmin.googleapis.com/Instance", "data": {"name": "i"}},
        {"name": f"{instances}/i/databases/d", "assetType": database, "data": {"name": "d"}, "listed": False},
    ]
    with cloud(documents) as server:

        def refuse(path: str, request: object) -> dict[str, object]:
            raise Refusal("PERMISSION_DENIED", "The client is not authorized to make this request.")

        monkeypatch.setattr(server.service, "collection", refuse)
        estate = read(settings(server, "url"), [database])
    assert row(estate, "a", database).status == "denied"
    assert "it needs cloudsql.databases.list" in row(estate, "a", database).message
    assert row(estate, "a", "sqladmin.googleapis.com/Instance").status == "checked"
    assert told(verdict(estate, [declared(documents[2], "a")])) == []


def test_nobody_there_is_said() -> None:
    from providers.gcp.settings import Settings

    found = row(read(Settings(endpoint="http://127.0.0.1:9", projects=["a*"], max_attempts=1)), "*")
    assert found.status == "failed" and "can't be reached" in found.message


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the session and of its quota."""
    made = Clock()
    monkeypatch.setattr(session, "time", made)
    monkeypatch.setattr(deadline, "time", made)
    return made


def calls(quota: session.Quota, count: int, clock: Clock) -> list[float]:
    """When so many calls were made."""
    made = []
    for _ in range(count):
        quota.wait()
        made.append(clock.now)
    return made


def test_no_more_calls_than_the_quota_allows_once_several_projects_were_refused(clock: Clock) -> None:
    quota = session.Quota(3, 60)
    quota.refused("projects/a")
    quota.refused("projects/b")
    began = clock.now
    made = calls(quota, 7, clock)
    assert [round(one - began, 6) for one in made] == [0, 0, 0, 60, 60, 60, 120]


def test_processes_that_read_for_one_run_keep_to_the_quota_together(clock: Clock) -> None:
    try:
        common.share(1 / 2)
        several = [session.Quota(6, 60), session.Quota(6, 60)]  # of two processes
        began, made = clock.now, []
        for quota in several:
            quota.refused("projects/a")
            clock.now = began
            made += [one - began for one in calls(quota, 9, clock)]
        assert max(sum(at <= one < at + 60 for one in made) for at in made) <= 6
        common.share(1.0)  # the other one is gone
        clock.now = began + 1000
        assert [one - began - 1000 for one in calls(several[0], 7, clock)] == [0, 0, 0, 0, 0, 0, 0]
        assert common.one("x", object) is common.one("x", object)
    finally:
        common.alone()
    assert common.one("x", object) is not common.one("x", object)


def test_one_refused_project_slows_no_other(clock: Clock) -> None:
    quota = session.Quota(3, 3600)
    quota.refused("projects/a")
    quota.refused("projects/a")
    assert len(calls(quota, 50, clock)) == 50
    assert clock.slept == []


def _of(call: tuple[str, dict[str, object]]) -> object:
    return call[1].get("parent") if call[0] == "ListAssets" else None
