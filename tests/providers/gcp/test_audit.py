"""Who did it in Google Cloud: which entry is believed, in pages, and what is said of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drift.deadline import Deadline
from drift.finding import Change, Finding
from drift.model import Resource
from drift.moment import rfc3339
from drift.witness import Budget, Silent, Witnessed
from providers.gcp.loopback import Faults, Loopback, Store
from providers.gcp.provider import GcpProvider
from providers.gcp.settings import Settings

NAME = "projects/shop/topics/orders"
ID = f"//pubsub.googleapis.com/{NAME}"


@pytest.fixture
def google() -> Iterator[Loopback]:
    server = Loopback(Store(), Faults())
    yield server
    server.close()


def entry(
    at: int, actor: str, method: str, request: Any = None, name: str = NAME, **more: Any
) -> dict[str, Any]:
    return {
        "insertId": f"i{at}",
        "timestamp": rfc3339(datetime.now(UTC) - timedelta(days=9) + timedelta(minutes=at)),
        "logName": "projects/shop/logs/cloudaudit.googleapis.com%2Factivity",
        "protoPayload": {
            "resourceName": name,
            "methodName": f"google.pubsub.v1.Publisher.{method}",
            "authenticationInfo": {"principalEmail": actor},
            "request": request,
            **more,
        },
    }


def finding(kind: Any = "changed", type_: str = "pubsub.googleapis.com/Topic", id_: str = ID) -> Finding:
    one = Resource("gcp", "shop", type_, id_, {}, None, "orders")
    declared, live = (None if kind == "unmanaged" else one), (None if kind == "missing" else one)
    change = Change("/messageRetentionDuration", "600s", "900s")
    return Finding(kind, declared, live, (change,) if kind == "changed" else ())


def told(google: Loopback, *findings: Finding, calls: int = 20) -> list[Witnessed | Silent]:
    budget = Budget(calls, Deadline(30), ["deploy@*"])
    settings = Settings(endpoint=google.url, projects=["shop"], max_attempts=1)
    said = GcpProvider().witness(findings, settings, budget)
    return [one for one in said if isinstance(one, Silent) or one.attribution is not None]


def test_a_mask_says_what_was_written(google: Loopback) -> None:
    google.service.entries = [
        entry(1, "deploy@shop.iam.gserviceaccount.com", "CreateTopic", {"name": NAME}),
        entry(2, "anna@acme.example", "UpdateTopic", {"updateMask": "message_retention_duration"}),
        entry(3, "bob@acme.example", "UpdateTopic", {"updateMask": {"paths": ["labels"]}}),
        entry(4, "bob@acme.example", "UpdateTopic", status={"code": 7}),
    ]
    changed, made = told(google, finding(), finding("unmanaged"))
    assert isinstance(changed, Witnessed) and isinstance(made, Witnessed)
    by = changed.attribution
    assert (by.actor, by.kind, by.certain) == ("anna@acme.example", "person", True)
    assert by.link is not None and by.link.endswith("?project=shop") and "i2" in by.link
    assert made.attribution.kind == "pipeline"


def test_what_may_have_written_it_is_possible_and_pages_are_read(google: Loopback) -> None:
    anna, robot = "anna@acme.example", "service-1@gcp-sa-x.iam.gserviceaccount.com"
    google.service.entries = [
        entry(1, robot, "UpdateTopic"),
        *(entry(2 + n, anna, "UpdateTopic") for n in range(600)),
    ]
    (one,) = told(google, finding())
    assert isinstance(one, Witnessed) and not one.attribution.certain
    assert one.attribution.actor == f"one of {anna}, {robot}"
    assert [name for name, _ in google.calls] == ["ListLogEntries"] * 2
    assert told(google, finding(), calls=1) == []


def test_who_granted_it(google: Loopback) -> None:
    delta = {"action": "ADD", "role": "roles/owner", "member": "user:eve@acme.example"}
    data = {"serviceData": {"policyDelta": {"bindingDeltas": [delta]}}}
    google.service.entries = [entry(1, "anna@acme.example", "SetIamPolicy", **data)]
    type_ = "iam.googleapis.com/Binding"
    (one,) = told(google, finding("unmanaged", type_, f"{ID}|roles/owner|user:eve@acme.example|"))
    assert isinstance(one, Witnessed) and one.attribution.actor == "anna@acme.example"
    assert told(google, finding("unmanaged", type_, f"{ID}|roles/viewer|user:eve@acme.example|")) == []


def test_an_operation_that_failed_in_the_end_did_nothing(google: Loopback) -> None:
    def part(at: int, act: str, actor: str, *, last: bool, **more: Any) -> dict[str, Any]:
        mask = {"updateMask": "messageRetentionDuration"}
        told = entry(at, actor, "UpdateTopic", None if last else mask, **more)
        return {**told, "operation": {"id": act, "first": not last, "last": last}}

    google.service.entries = [
        part(1, "a", "anna@acme.example", last=False),
        part(2, "a", "anna@acme.example", last=True),
        part(3, "b", "bob@acme.example", last=False),
        part(4, "b", "bob@acme.example", last=True, status={"code": 9, "message": "in use"}),
    ]
    (one,) = told(google, finding())
    assert isinstance(one, Witnessed)
    assert (one.attribution.actor, one.attribution.certain) == ("anna@acme.example", True)


def test_many_resources_are_asked_about_at_once_and_by_each_of_their_names(google: Loopback) -> None:
    mask = {"updateMask": "labels"}
    logged = {
        "//storage.googleapis.com/logs": ("projects/_/buckets/logs", "storage.googleapis.com"),
        "//run.googleapis.com/projects/shop/locations/eu/services/web": (
            "namespaces/shop/services/web",
            "run.googleapis.com",
        ),
        "//container.googleapis.com/projects/shop/zones/a/clusters/c": (
            "projects/shop/locations/a/clusters/c",
            "container.googleapis.com",
        ),
        "//iam.googleapis.com/projects/shop/serviceAccounts/x@shop.iam.gserviceaccount.com": (
            "projects/-/serviceAccounts/x@shop.iam.gserviceaccount.com",
            "iam.googleapis.com",
        ),
        "//cloudresourcemanager.googleapis.com/projects/718204993361": (
            "projects/shop",
            "cloudresourcemanager.googleapis.com",
        ),
    }
    google.service.entries = [
        entry(n, f"p{n}@acme.example", "Update", mask, name, serviceName=service)
        for n, (name, service) in enumerate(logged.values())
    ]
    google.service.entries.append(
        entry(99, "eve@acme.example", "Update", mask, "projects/shop", serviceName="other.googleapis.com")
    )
    labels = (Change("/labels/a", "1", "2"),)
    asked = [replace(finding(id_=id_), changes=labels) for id_ in logged]
    found = told(google, *asked)
    assert [one.attribution.actor for one in found if isinstance(one, Witnessed)] == [
        f"p{n}@acme.example" for n in range(len(logged))
    ]
    assert len(google.calls) == 1
    many = [finding(id_=f"{ID}-{'x' * 200}-{n}") for n in range(200)]
    google.calls.clear()
    assert told(google, *many) == [] and len(google.calls) == 3  # 20,000 characters of a filter each


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (Faults(denied={"shop": "IAM_PERMISSION_DENIED"}), "logging.logEntries.list"),
        (Faults(throttled={"shop": 9}), "Quota"),
    ],
)
def test_a_refusal_is_said_once(google: Loopback, faults: Faults, said: str) -> None:
    google.service.faults = faults
    found = told(google, finding(), finding("missing"))
    assert len(found) == 1 and isinstance(found[0], Silent) and said in found[0].message
