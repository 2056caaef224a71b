"""The loopback Azure as the vendor's own SDKs see it: pages, versions, quota, and errors in Azure's form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.policies import ContentDecodePolicy
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from providers.azure.loopback import Faults, Loopback, cloud
from providers.azure.loopback.__main__ import made
from tests.providers.azure.live_reading import ACCOUNT, ONE, SERVER, TWO, VNET, body, group

QUERY = "Resources | project id, name, type | order by id asc"
VERSION = "2023-05-01"


class Token:
    """Any token will do."""

    def get_token(self, *scopes: str, **_: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken("t", 4_000_000_000)


def manager(server: Loopback, subscription: str = ONE) -> ResourceManagementClient:
    """The vendor's client as anybody makes it, without tries again."""
    return ResourceManagementClient(Token(), subscription, server.url, retry_total=0)


def code(refused: pytest.ExceptionInfo[HttpResponseError]) -> tuple[int | None, str | None]:
    error = refused.value.error
    assert error is not None and error.message
    return refused.value.status_code, error.code


@pytest.fixture
def azure() -> Iterator[Loopback]:
    documents = [
        {"id": group()},
        *(body(ACCOUNT, f"a{number:03}", tags={"n": str(number)}) for number in range(250)),
        body(VNET, "v"),
        body(SERVER, "s"),
        body(f"{SERVER}/databases", "s/orders"),
        {"resourceType": VNET, "apiVersions": ["2022-09-01"]},
    ]
    with cloud(documents) as server:
        yield server


def test_listings_go_on_at_the_next_link(azure: Loopback) -> None:
    found = list(manager(azure).resources.list(enforce_https=False))
    assert len({one.id for one in found}) == 253
    assert sum(path.endswith("/resources") for _, path, _ in azure.calls) == 3


def test_groups_and_providers(azure: Loopback) -> None:
    assert [one.name for one in manager(azure).resource_groups.list(enforce_https=False)] == ["rg"]
    versions = {
        f"{provider.namespace}/{one.resource_type}".lower(): one.api_versions
        for provider in manager(azure).providers.list(enforce_https=False)
        for one in provider.resource_types
    }
    assert versions[VNET.lower()] == ["2022-09-01"]
    assert "microsoft.keyvault/vaults" in versions  # Azure tells of all types, whether used or not


def test_one_resource_by_id(azure: Loopback) -> None:
    id_ = f"{group().upper()}/providers/{ACCOUNT}/A007"
    found = manager(azure).resources.get_by_id(id_, api_version=VERSION, enforce_https=False)
    assert (found.name, found.tags) == ("a007", {"n": "7"})


@pytest.mark.parametrize(
    ("id_", "version", "expected"),
    [
        (f"{group()}/providers/{ACCOUNT}/none", VERSION, (404, "ResourceNotFound")),
        (f"{group(name='other')}/providers/{ACCOUNT}/none", VERSION, (404, "ResourceGroupNotFound")),
        (f"{group(TWO)}/providers/{ACCOUNT}/none", VERSION, (404, "SubscriptionNotFound")),
        (f"{group()}/providers/{VNET}/v", VERSION, (400, "NoRegisteredProviderFound")),
        (f"{group()}/providers/{VNET}/v", "latest", (400, "InvalidApiVersionParameter")),
    ],
)
def test_what_is_not_there(azure: Loopback, id_: str, version: str, expected: tuple[int, str]) -> None:
    with pytest.raises(HttpResponseError) as refused:
        manager(azure).resources.get_by_id(id_, api_version=version, enforce_https=False)
    assert code(refused) == expected
    assert (expected[0] == 404) == isinstance(refused.value, ResourceNotFoundError)
    if expected[0] == 400:
        assert "The supported api-versions are '2022-09-01'" in str(refused.value)


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (Faults(denied=frozenset({ONE})), (403, "AuthorizationFailed")),
        (Faults(denied_types=frozenset({VNET.lower()})), (403, "AuthorizationFailed")),
        (Faults(throttled={ONE: 1}), (429, "TooManyRequests")),
        (Faults(broken=frozenset({ONE})), (500, "InternalServerError")),
        (Faults(expires=0), (401, "ExpiredAuthenticationToken")),
    ],
)
def test_what_is_refused(faults: Faults, expected: tuple[int, str]) -> None:
    with cloud([body(VNET, "v")], faults=faults) as server:
        id_ = f"{group()}/providers/{VNET}/v"
        with pytest.raises(HttpResponseError) as refused:
            manager(server).resources.get_by_id(id_, api_version=VERSION, enforce_https=False)
    assert code(refused) == expected
    assert refused.value.response is not None
    assert ("Retry-After" in refused.value.response.headers) == (expected[0] == 429)


def test_a_namespace_that_is_not_registered() -> None:
    """The vendor's own pipeline would now register it; one without that policy gives the answer."""
    with cloud([body(VNET, "v")], faults=Faults(unregistered=frozenset({"microsoft.network"}))) as server:
        client = ResourceManagementClient(Token(), ONE, server.url, policies=[ContentDecodePolicy()])
        with pytest.raises(HttpResponseError) as refused:
            client.resources.get_by_id(f"{group()}/providers/{VNET}/v", api_version=VERSION)
    assert code(refused) == (409, "MissingSubscriptionRegistration")


def test_the_vendors_client_waits_and_asks_again() -> None:
    with cloud([body(VNET, "v")], faults=Faults(throttled={ONE: 1}, retry_after=1)) as server:
        client = ResourceManagementClient(Token(), ONE, server.url)
        assert [one.name for one in client.resources.list(enforce_https=False)] == ["v"]
        assert len(server.calls) == 2


def test_nothing_can_be_changed(azure: Loopback) -> None:
    with pytest.raises(AzureError):
        manager(azure).resource_groups.create_or_update(
            "new", {"location": "westeurope"}, enforce_https=False
        )
    assert {"id": group()}.items() <= azure.store.get(group()).items()


def ask(server: Loopback, query: str = QUERY, **options: Any) -> tuple[Any, dict[str, str]]:
    headers: dict[str, str] = {}
    client = ResourceGraphClient(Token(), server.url, retry_total=0)
    request = QueryRequest(
        subscriptions=[ONE],
        query=query,
        options=QueryRequestOptions(result_format="objectArray", **options),
    )
    told = client.resources(
        request,
        enforce_https=False,
        raw_response_hook=lambda answer: headers.update(answer.http_response.headers),
    )
    return told, headers


def test_resource_graph_goes_on_at_the_skip_token(azure: Loopback) -> None:
    told, headers = ask(azure, top=100)
    rows = list(told.data)
    assert (told.total_records, told.count, told.result_truncated) == (253, 100, "false")
    assert headers["x-ms-user-quota-remaining"] == "14"
    while told.skip_token:
        told, _ = ask(azure, top=100, skip_token=told.skip_token)
        rows += told.data
    assert len({one["id"] for one in rows}) == 253
    assert rows[0].keys() == {"id", "name", "type"}
    assert {one["type"] for one in rows} == {
        one.lower() for one in (ACCOUNT, VNET, SERVER, f"{SERVER}/databases")
    }


def test_resource_graph_of_some_types(azure: Loopback) -> None:
    told, _ = ask(azure, f"Resources | where type in~ ('{VNET}') | project name | order by id asc")
    assert told.data == [{"name": "v"}]


def test_resource_graph_does_not_guess_at_other_questions(azure: Loopback) -> None:
    with pytest.raises(HttpResponseError) as refused:
        ask(azure, "Resources | summarize count()")
    assert code(refused) == (400, "BadRequest")


def test_resource_graphs_quota() -> None:
    with cloud([body(VNET, "v")], faults=Faults(quota=1, retry_after=7)) as server:
        _, headers = ask(server)
        assert headers["x-ms-user-quota-remaining"] == "0"
        assert headers["x-ms-user-quota-resets-after"] == "00:00:07"


def test_an_estate_of_any_size() -> None:
    with cloud(made(40, 2)) as server:
        assert len(server.store.subscriptions) == 2
        assert len(server.store.resources) == 42


def test_documents_of_a_folder(tmp_path: Any) -> None:
    (tmp_path / "one.yaml").write_text(
        f"- {{subscriptionId: {ONE}, displayName: shop}}\n- {{id: {group()}}}\n"
    )
    (tmp_path / "two.json").write_text(f'{{"id": "{group()}/providers/{VNET}/v", "properties": {{}}}}')
    with cloud(tmp_path) as server:
        assert server.store.subscriptions[ONE]["displayName"] == "shop"
        assert server.store.get(f"{group()}/providers/{VNET}/V")["type"] == VNET
