"""Who did it in Azure: which operation is believed, in pages, and what is said of refusals."""

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
from providers.azure.loopback import Faults, Loopback, cloud
from providers.azure.provider import AzureProvider
from providers.azure.settings import Settings

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
TYPE = "Microsoft.Storage/storageAccounts"
ID = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/shop/providers/microsoft.storage/storageaccounts/logs"


@pytest.fixture(scope="module")
def azure() -> Iterator[Loopback]:
    with cloud([{"subscriptionId": SUBSCRIPTION, "displayName": "shop"}]) as server:
        yield server


def event(at: int, caller: str, verb: str = "write", **more: Any) -> dict[str, Any]:
    time = rfc3339(datetime.now(UTC) - timedelta(days=1) + timedelta(minutes=at))
    return {
        "resourceId": ID.upper(),
        "caller": caller,
        "eventTimestamp": time,
        "correlationId": f"c{at}",
        "operationName": {"value": f"{TYPE}/{verb}"},
        "status": {"value": "Succeeded"},
        "authorization": {"evidence": {"principalType": "User" if "@" in caller else "ServicePrincipal"}},
        **more,
    }


def body(text: str) -> dict[str, Any]:
    return {"properties": {"requestbody": text}}


def change(at: int, by: str, how: str = "Update", *, kind: str = "User", **changes: str) -> dict[str, Any]:
    """A row of Resource Graph's changes; ``changes`` are members of ``properties`` with their new value."""
    moment = (datetime.now(UTC) - timedelta(days=1) + timedelta(minutes=at)).isoformat(
        timespec="milliseconds"
    )
    return {
        "id": f"{ID}/providers/Microsoft.Resources/changes/{at}",
        "properties": {
            "targetResourceId": ID.upper(),
            "changeType": how,
            "changeAttributes": {
                "correlationId": f"c{at}",
                "changedBy": by,
                "changedByType": kind,
                "operation": f"{TYPE}/write",
                "timestamp": moment,
                "changesCount": len(changes),
            },
            "changes": {
                f"properties.{name.replace('__', '.')}": {"newValue": value, "previousValue": "x"}
                for name, value in changes.items()
            },
        },
    }


@pytest.fixture(autouse=True)
def nothing_happened(azure: Loopback) -> None:
    azure.store.events, azure.store.changes = [], []


def finding(kind: Any = "changed") -> Finding:
    one = Resource("azure", SUBSCRIPTION, TYPE, ID, {}, "westeurope", "logs")
    declared, live = (None if kind == "unmanaged" else one), (None if kind == "missing" else one)
    change = Change("/properties/minimumTlsVersion", "TLS1_2", "TLS1_0")
    return Finding(kind, declared, live, (change,) if kind == "changed" else ())


def told(azure: Loopback, *findings: Finding, calls: int = 20) -> list[Witnessed | Silent]:
    budget = Budget(calls, Deadline(30), ["0000-deploy"])
    settings = Settings(endpoint=azure.url, subscriptions=[SUBSCRIPTION], max_attempts=1)
    said = AzureProvider().witness(findings, settings, budget)
    return [one for one in said if isinstance(one, Silent) or one.attribution is not None]


def test_a_write_is_certain_where_its_body_names_the_property(azure: Loopback) -> None:
    azure.store.events = [
        event(1, "0000-deploy", subStatus={"value": "Created"}),
        event(2, "anna@acme.example", **body('{"properties":{"minimumTlsVersion":"TLS1_0"}}')),
        event(3, "bob@acme.example", status={"value": "Failed"}),
        event(4, "bob@acme.example", "listKeys/action"),
    ]
    (one,) = told(azure, finding())
    assert isinstance(one, Witnessed)
    by = one.attribution
    assert (by.actor, by.kind, by.certain) == ("anna@acme.example", "person", True)
    assert by.link == f"https://portal.azure.com/#@/resource{ID}/eventlogs" and "TLS1_0" not in str(by)
    (made,) = told(azure, finding("unmanaged"))
    assert isinstance(made, Witnessed) and made.attribution.kind == "pipeline"


def test_a_write_of_nobody_knows_what_is_possible_and_pages_are_read(azure: Loopback) -> None:
    azure.store.events = [event(1, "0000-deploy"), *(event(2 + n, "anna@acme.example") for n in range(150))]
    azure.calls.clear()
    (one,) = told(azure, finding())
    assert isinstance(one, Witnessed) and not one.attribution.certain
    assert one.attribution.actor == "one of anna@acme.example, 0000-deploy" and one.attribution.kind is None
    assert len(azure.calls) == 3  # Resource Graph, and two pages of the log
    assert told(azure, finding(), calls=2) == []


def test_who_deleted_it(azure: Loopback) -> None:
    azure.store.events = [event(1, "anna@acme.example"), event(2, "Microsoft.Support", "delete")]
    (one,) = told(azure, finding("missing"))
    assert isinstance(one, Witnessed)
    assert (one.attribution.actor, one.attribution.kind) == ("Microsoft.Support", "service")


def test_resource_graph_says_who_changed_which_property_and_the_log_is_not_asked(azure: Loopback) -> None:
    azure.store.changes = [
        change(1, "0000-deploy", "Create", kind="Application"),
        change(2, "anna@acme.example", minimumTlsVersion="TLS1_0"),
        change(3, "System", kind="System", provisioningState="Succeeded"),
    ]
    azure.store.events = [event(2, "anna@acme.example"), event(4, "bob@acme.example")]
    azure.calls.clear()
    changed, made = told(azure, finding(), finding("unmanaged"))
    assert isinstance(changed, Witnessed) and isinstance(made, Witnessed)
    by = changed.attribution
    assert (by.actor, by.kind, by.certain) == ("anna@acme.example", "person", True)
    assert by.event == f"{TYPE}/write" and by.evidence.startswith("Resource Graph changes: ")
    assert by.link == f"https://portal.azure.com/#@/resource{ID}/eventlogs"
    assert made.attribution.kind == "pipeline" and len(azure.calls) == 1


def test_what_resource_graph_does_not_settle_the_log_tells_and_one_act_counts_once(azure: Loopback) -> None:
    azure.store.changes = [change(3, "anna@acme.example", allowBlobPublicAccess="true")]
    created = {"value": "Created"}
    azure.store.events = [event(1, "0000-deploy", subStatus=created), event(3, "anna@acme.example")]
    (one,) = told(azure, finding())
    assert isinstance(one, Witnessed)
    assert (one.attribution.actor, one.attribution.certain) == ("0000-deploy", True)


@pytest.mark.parametrize(
    ("name", "path", "certain"),
    [
        ("tags.cost.center", "/tags/cost.center", True),
        ('tags["acme/team"]', "/tags/acme~1team", True),
        ("properties.networkAcls", "/properties/networkAcls/defaultAction", True),
        ("properties.networkAcls.ipRules[0].value", "/properties/networkAcls/ipRules", True),
        ("properties.networkAclsOther", "/properties/networkAcls", None),
        ("tags.cost", "/tags/cost.center", True),  # nobody can tell these two apart
    ],
)
def test_how_a_property_is_spelled(azure: Loopback, name: str, path: str, certain: bool | None) -> None:
    row = change(1, "anna@acme.example")
    row["properties"]["changes"] = {name: {"newValue": "x", "previousValue": "y"}}
    azure.store.changes = [row]
    found = told(azure, replace(finding(), changes=(Change(path, "a", "b"),)))
    assert [one.attribution.certain for one in found if isinstance(one, Witnessed)] == (
        [] if certain is None else [certain]
    )


def test_a_member_of_a_list_is_told_by_its_new_value(azure: Loopback) -> None:
    path = "/properties/networkAcls/ipRules/10.0.0.0~18/action"
    one = finding()
    rules = replace(one, changes=(Change(path, "Deny", "Allow"),))
    azure.store.changes = [
        change(1, "bob@acme.example", networkAcls__ipRules__0__action="Allow"),
        change(2, "anna@acme.example", networkAcls__ipRules__1__action="Deny"),
    ]
    (found,) = told(azure, rules)
    assert isinstance(found, Witnessed) and not found.attribution.certain
    assert found.attribution.actor == "one of anna@acme.example, bob@acme.example"


def test_an_operation_is_one_act_and_counts_by_how_it_ended(azure: Loopback) -> None:
    def entry(at: int, act: str, status: str, caller: str, **more: Any) -> dict[str, Any]:
        return {**event(at, caller, **more), "correlationId": act, "status": {"value": status}}

    asked = body('{"properties":{"minimumTlsVersion":"TLS1_0"}}')
    azure.store.events = [
        entry(1, "a", "Started", "anna@acme.example", **asked),
        entry(2, "a", "Accepted", "anna@acme.example"),
        entry(3, "a", "Succeeded", "anna@acme.example"),
        entry(4, "b", "Started", "bob@acme.example", **asked),
        entry(5, "b", "Succeeded", "bob@acme.example"),
        entry(6, "b", "Failed", "bob@acme.example"),
        entry(7, "c", "Accepted", "eve@acme.example", **asked),
    ]
    (one,) = told(azure, finding())
    assert isinstance(one, Witnessed)
    assert (one.attribution.actor, one.attribution.certain) == ("anna@acme.example", True)


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (Faults(denied=frozenset({SUBSCRIPTION})), "AuthorizationFailed"),
        (Faults(throttled={SUBSCRIPTION: 9}), "TooManyRequests"),
    ],
)
def test_a_refusal_is_said_once(faults: Faults, said: str) -> None:
    with cloud([{"subscriptionId": SUBSCRIPTION}], faults=faults) as azure:
        found = told(azure, finding(), finding("missing"))
    # Resource Graph's and the log's, each once.
    assert len(found) == 2
    assert all(isinstance(one, Silent) and said in one.message for one in found)
