"""Reading Azure from a loopback server with the vendor's own SDKs: which subscriptions, what is in them, how
often it is asked."""

from __future__ import annotations

from typing import Any

import pytest

from drift.errors import CredentialsError
from drift.task import Wanted
from providers.azure.live import AzureLive
from providers.azure.loopback import Faults, cloud
from providers.azure.session import Session, _InTenant
from providers.azure.settings import Settings
from tests.providers.azure.live_reading import (
    ACCOUNT,
    ONE,
    SERVER,
    THREE,
    TWO,
    VNET,
    body,
    group,
    read,
    resources,
    row,
    settings,
    subscription,
)

CONTAINERS = f"{ACCOUNT}/blobServices/containers"
RULES = f"{SERVER}/firewallRules"
GRANT = "Microsoft.Authorization/roleAssignments"
LOCK = "Microsoft.Authorization/locks"
CONFIG = "Microsoft.Web/sites/config"
ALL = [
    subscription(ONE, "prod-shop"),
    subscription(TWO, "prod-data"),
    subscription(THREE, "test"),
    *(body(VNET, "v", group(one)) for one in (ONE, TWO, THREE)),
]


def scopes(**more: object) -> set[str]:
    with cloud(ALL) as server:
        return {one.scope for one in read(settings(server, **more)) if one.type == VNET}


def test_all_subscriptions_that_the_credential_sees() -> None:
    assert scopes() == {ONE, TWO, THREE}


def test_by_id_by_glob_and_without_some() -> None:
    assert scopes(subscriptions=[TWO.upper()]) == {TWO}
    assert scopes(subscriptions=["prod-*"]) == {ONE, TWO}
    assert scopes(subscriptions=[f"/subscriptions/{THREE}"]) == {THREE}
    assert scopes(exclude_subscriptions=["test"]) == {ONE, TWO}


def test_by_management_group() -> None:
    documents = [
        *ALL,
        {"managementGroup": "top", "below": ["shops", THREE]},
        {"managementGroup": "shops", "below": [ONE]},
    ]
    with cloud(documents) as server:
        estate = read(settings(server, management_groups=["top"]))
        assert {one.scope for one in estate if one.type == VNET} == {ONE, THREE}
        assert row(estate, "managementGroups/shops", GRANT).status == "checked"
        refused = read(settings(server, management_groups=["other"]))
    assert row(refused, "managementGroups/other").status == "failed"


@pytest.mark.parametrize("state", ["Disabled", "Deleted"])
def test_what_does_not_run_is_skipped_and_said(state: str) -> None:
    with cloud([*ALL, subscription(TWO, "prod-data", state=state)]) as server:
        estate = read(settings(server), [VNET])
    found = row(estate, TWO, VNET)
    assert (found.status, found.message) == ("skipped", f"the subscription prod-data is {state}")
    assert row(estate, ONE, VNET).status == "checked"


@pytest.mark.parametrize("state", ["Warned", "PastDue"])
def test_what_still_runs_is_read(state: str) -> None:
    with cloud([*ALL, subscription(TWO, "prod-data", state=state)]) as server:
        assert row(read(settings(server), [VNET]), TWO, VNET).status == "checked"


def test_a_subscription_that_nobody_sees_is_denied() -> None:
    nobody = "44444444-0000-4000-8000-000000000000"
    with cloud(ALL) as server:
        estate = read(settings(server, subscriptions=[ONE, nobody, "staging-*"]), [VNET])
    assert row(estate, nobody, VNET).status == "denied"
    assert "staging-*" in row(estate, "staging-*").message
    assert row(estate, ONE, VNET).status == "checked"


def test_everything_in_bulk_and_each_once() -> None:
    documents = [{"id": group()}, *(body(ACCOUNT, f"a{number}") for number in range(250))]
    with cloud(documents) as server:
        estate = read(settings(server, page_size=100))
        asked = [path for _, path, _ in server.calls]
    assert len(resources(estate)) == 251
    assert sum("ResourceGraph" in path for path in asked) == 3
    assert row(estate, ONE, ACCOUNT).resources == 250
    assert len(asked) < 25


def test_what_git_declares_is_read_at_its_version() -> None:
    with cloud([body(VNET, "v"), body(ACCOUNT, "a")]) as server:
        estate = read(settings(server), [VNET, ACCOUNT], versions={VNET: "2022-09-01"})
        asked = {path: query["api-version"] for _, path, query in server.calls}
    assert asked[f"/subscriptions/{ONE}/providers/{VNET}"] == "2022-09-01"
    assert asked[f"/subscriptions/{ONE}/providers/{ACCOUNT}"] == "2024-05-01"  # the newest that is no preview
    assert len(resources(estate)) == 2


def test_a_type_without_listing_is_read_by_id() -> None:
    documents = [body(VNET, "v", properties={"whole": True}), body(VNET, "w")]
    with cloud(documents, faults=Faults(unlisted=frozenset({VNET.lower()}))) as server:
        estate = read(settings(server), [VNET], versions={VNET: "2022-09-01"})
        asked = [path for _, path, _ in server.calls]
    assert row(estate, ONE, VNET).resources == 2
    assert f"{group()}/providers/{VNET}/v" in asked


def test_an_unknown_version_is_said_and_nothing_is_missing() -> None:
    documents = [body(VNET, "v"), {"resourceType": VNET, "apiVersions": ["2022-09-01"]}]
    with cloud(documents) as server:
        estate = read(settings(server), [VNET], versions={VNET: "2031-01-01"})
    found = row(estate, ONE, VNET)
    assert found.status == "unsupported"
    assert "2022-09-01" in found.message


def test_what_resource_graph_does_not_hold_yet_is_read_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud([body(ACCOUNT, "old"), body(ACCOUNT, "new")]) as server:
        table = server.service._table
        hidden = f"{group()}/providers/{ACCOUNT}/new"
        whole = server.service._summaries(ONE)
        monkeypatch.setattr(
            server.service, "_table", lambda *said: [o for o in table(*said) if o["id"] != hidden]
        )
        monkeypatch.setattr(server.service, "_summaries", lambda _: whole)
        estate = read(settings(server))
    assert {one.name for one in estate if one.type == ACCOUNT} == {"old", "new"}


def test_children_are_read_where_they_are_declared_or_give_access() -> None:
    documents = [
        body(SERVER, "s"),
        body(RULES, "s/everybody"),
        body(ACCOUNT, "a"),
        body(f"{ACCOUNT}/blobServices", "a/default"),
        body(CONTAINERS, "a/default/c"),
    ]
    with cloud(documents) as server:
        bare = {one.type for one in read(settings(server))}
        declared = {one.type for one in read(settings(server), [CONTAINERS])}
    assert RULES in bare and CONTAINERS not in bare
    assert CONTAINERS in declared


def test_grants_and_locks_of_a_subscription_without_what_it_inherits() -> None:
    inherited = f"/providers/Microsoft.Management/managementGroups/top/providers/{GRANT}/g"
    documents = [
        body(VNET, "v"),
        body(GRANT, "here", f"{group()}/providers/{VNET}/v"),
        body(GRANT, "wide", f"/subscriptions/{ONE}"),
        body(LOCK, "keep", group()),
        {"id": inherited},
    ]
    with cloud(documents) as server:
        estate = read(settings(server))
    assert {one.name for one in estate if one.type == GRANT} == {"here", "wide"}
    assert {one.name for one in estate if one.type == LOCK} == {"keep"}


def test_settings_of_apps_are_hidden_where_they_come_in() -> None:
    site = f"{group()}/providers/Microsoft.Web/sites/w"
    documents = [
        body("Microsoft.Web/sites", "w"),
        body(CONFIG, "w/web", properties={"ftpsState": "Disabled"}),
        {"settings": f"{site}/config/appsettings", "values": {"DB": "hunter22"}},
    ]
    with cloud(documents) as server:
        assert not any(one.type == CONFIG for one in read(settings(server)))
        estate = read(settings(server), [CONFIG])
    found = {one.name: one for one in estate if one.type == CONFIG}
    assert set(found) == {"appsettings", "connectionstrings", "web"}
    assert set(found["appsettings"].attributes["properties"]) == {"DB"}
    assert "hunter22" not in repr(found)


def test_an_app_is_read_with_all_of_its_configuration() -> None:
    site, slot = "Microsoft.Web/sites", "Microsoft.Web/sites/slots"
    shortened = {"siteConfig": {"alwaysOn": None, "minTlsVersion": None, "numberOfWorkers": 1}}
    whole = {"alwaysOn": True, "minTlsVersion": "1.2", "numberOfWorkers": 1}
    documents = [
        body(site, "w", properties={"httpsOnly": True, **shortened}),
        body(slot, "w/s", properties=shortened),
        body(CONFIG, "w/web", properties=whole),
        body(f"{slot}/config", "w/s/web", properties=whole),
        body(site, "bare"),
    ]
    with cloud(documents) as server:
        found = {one.name: one.attributes for one in read(settings(server), [site, slot])}
    assert found["w"]["properties"] == {"httpsOnly": True, "siteConfig": whole}
    assert found["s"]["properties"] == {"siteConfig": whole}
    assert "bare" in found


def test_a_child_that_no_provider_lists_is_asked_at_its_parents_version() -> None:
    parts = "Contoso.Shops/shops/parts"
    documents = [
        body("Contoso.Shops/shops", "s"),
        body(parts, "s/p"),
        {"resourceType": "Contoso.Shops/shops", "apiVersions": ["2023-01-01", "2024-01-01-preview"]},
    ]
    with cloud(documents) as server:
        providers = server.service._providers
        server.service._providers = lambda id_: [  # type: ignore[method-assign]
            {**one, "resourceTypes": [t for t in one["resourceTypes"] if t["resourceType"] != "shops/parts"]}
            for one in providers(id_)
        ]
        server.store.versions[parts.lower()] = ("2023-01-01",)
        estate = read(settings(server), [parts])
    assert {one.name for one in estate if one.type == parts} == {"p"}


def test_diagnostic_settings_are_asked_resource_by_resource_where_declared() -> None:
    kind = "Microsoft.Insights/diagnosticSettings"
    documents = [body(VNET, "v"), body(ACCOUNT, "a"), body(kind, "d", f"{group()}/providers/{VNET}/v")]
    with cloud(documents) as server:
        assert not any(one.type == kind for one in read(settings(server)))
        assert [one.name for one in read(settings(server), [kind]) if one.type == kind] == ["d"]


def test_diagnostic_settings_of_children_services_and_the_subscription() -> None:
    kind, databases = "Microsoft.Insights/diagnosticSettings", f"{SERVER}/databases"
    documents = [
        body(ACCOUNT, "a"),
        body(SERVER, "s"),
        body(databases, "s/orders"),
        body(kind, "blobs", f"{group()}/providers/{ACCOUNT}/a/blobServices/default"),
        body(kind, "queries", f"{group()}/providers/{databases.replace('servers/', 'servers/s/')}/orders"),
        body(kind, "activity", f"/subscriptions/{ONE}"),
    ]
    with cloud(documents) as server:
        for wanted in ([kind], [kind, databases], [kind, ACCOUNT, SERVER, databases]):
            estate = read(settings(server), wanted)
            assert sorted(str(one.name) for one in estate if one.type == kind) == [
                "activity",
                "blobs",
                "queries",
            ]
            assert row(estate, ONE, kind).status == "checked"


def test_so_many_subscriptions_at_once() -> None:
    at_once: list[int] = []
    reading: set[str] = set()
    with cloud(ALL) as server:
        graph, resource = server.service.graph, server.service._summaries

        def begin(said: Any, query: Any) -> Any:
            reading.add(said["subscriptions"][0])
            at_once.append(len(reading))
            return graph(said, query)

        def end(subscription: str) -> Any:
            reading.discard(subscription)
            return resource(subscription)

        server.service.graph, server.service._summaries = begin, end  # type: ignore[method-assign]
        read(settings(server, concurrency=1))
    assert at_once == [1, 1, 1]


def test_what_extends_clusters_is_asked_of_clusters_only() -> None:
    kind, cluster = (
        "Microsoft.KubernetesConfiguration/extensions",
        "Microsoft.ContainerService/managedClusters",
    )
    documents = [
        body(VNET, "v"),
        body(cluster, "c"),
        body(kind, "flux", f"{group()}/providers/{cluster}/c"),
    ]
    with cloud(documents) as server:
        estate = read(settings(server), [kind])
        asked = [path.lower() for _, path, _ in server.calls if path.lower().endswith("/extensions")]
    assert [one.name for one in estate if one.type == kind] == ["flux"]
    assert len(asked) == 1 and "/managedclusters/c/" in asked[0]


def test_a_type_that_only_git_knows_is_read_once_in_gits_spelling() -> None:
    with cloud([body("Contoso.Shops/coffeeShops", "s")]) as server:
        found = resources(read(settings(server), ["Contoso.Shops/coffeeShops"]))
    assert [one.type for one in found.values()] == ["Contoso.Shops/coffeeShops"]


def test_include_exclude_and_only() -> None:
    documents = [body(VNET, "v"), body(ACCOUNT, "a")]
    with cloud(documents) as server:
        left = read(settings(server, exclude=["microsoft.storage/*"]))
        only = read(settings(server), selects=lambda type_: type_ == ACCOUNT)
    assert {one.type for one in left} == {VNET}
    assert row(left, ONE, ACCOUNT).status == "skipped"
    assert {one.type for one in only} == {ACCOUNT}


def test_what_a_template_asks_of_the_tenant() -> None:
    with cloud(ALL) as server:
        live = AzureLive(settings(server))
        list(live.tasks(Wanted(frozenset())))
    assert live.context() == {
        "tenant": "99999999-9999-4999-8999-999999999999",
        "cloud": "public",
        "names": {ONE: "prod-shop", TWO: "prod-data", THREE: "test"},
    }


@pytest.mark.parametrize(
    ("cloud_name", "address"),
    [
        ("public", "https://management.azure.com"),
        ("government", "https://management.usgovcloudapi.net"),
        ("china", "https://management.chinacloudapi.cn"),
    ],
)
def test_sovereign_clouds_by_name(cloud_name: str, address: str) -> None:
    session = Session(Settings.model_validate({"cloud": cloud_name}))
    assert session.base == address
    assert session._scopes[0].startswith(address) or "core." in session._scopes[0]


def test_without_credentials_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_USERNAME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CredentialsError, match="no way of logging in works"):
        AzureLive(Settings())


def test_tokens_are_of_the_tenant_that_is_named() -> None:
    asked: list[Any] = []

    class Credential:
        def get_token(self, *scopes: str, **said: Any) -> None:
            asked.append((scopes, said))

    _InTenant(Credential(), "larkspur.example").get_token("s", claims="c")
    assert asked == [(("s",), {"claims": "c", "tenant_id": "larkspur.example"})]


def test_only_loopback_is_asked_without_encryption() -> None:
    with pytest.raises(CredentialsError, match="only a loopback address"):
        Session(Settings(endpoint="http://management.example.com"))
