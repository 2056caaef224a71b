"""Who did it in Azure: which operation is believed, in pages, and what is said of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drift.deadline import Deadline
from drift.model import Change, Finding, Resource
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
    assert len(azure.calls) == 2
    assert told(azure, finding(), calls=1) == []


def test_who_deleted_it(azure: Loopback) -> None:
    azure.store.events = [event(1, "anna@acme.example"), event(2, "Microsoft.Support", "delete")]
    (one,) = told(azure, finding("missing"))
    assert isinstance(one, Witnessed)
    assert (one.attribution.actor, one.attribution.kind) == ("Microsoft.Support", "service")


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
    assert len(found) == 1 and isinstance(found[0], Silent) and said in found[0].message
