"""What Azure answers beside what was declared: another spelling, an echo, what is never given back; and that
a person's change beside it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from drift.hooks import Filled
from drift.kinds.base import Context
from drift.model import Resource
from drift.rules.severity import Graves
from providers.azure import AzureProvider
from providers.azure.facts import facts_of
from providers.azure.hooks import AzureHooks
from tests.providers.azure.test_facts import GROUP, judge, told

THINGS = "Contoso.Things/things"
SUBSCRIPTION = "Microsoft.ApiManagement/service/subscriptions"
APIM = f"{GROUP}/providers/Microsoft.ApiManagement/service"
PROVIDER = "Microsoft.ApiManagement/service/authorizationProviders"


def _grants(**said: str) -> dict[str, Any]:
    return {"properties": {"oauth2": {"grantTypes": {"authorizationCode": said}}}}


def _replicas(*places: str) -> dict[str, Any]:
    return {
        "location": "westeurope",
        "properties": {"geoDataReplication": {"locations": [{"locationName": one} for one in places]}},
    }


@pytest.mark.parametrize(
    ("type", "want", "have"),
    [
        ("Microsoft.DBforPostgreSQL/flexibleServers/databases", {"charset": "utf8"}, {"charset": "UTF8"}),
        ("Microsoft.DBforMySQL/flexibleServers/databases", {"charset": "utf8"}, {"charset": "utf8mb3"}),
        (
            "Microsoft.DBforMariaDB/servers/databases",
            {"collation": "utf8_general_ci"},
            {"collation": "utf8mb3_general_ci"},
        ),
        (
            "Microsoft.Sql/servers/databases",
            {"collation": "sql_latin1_general_cp1_ci_as"},
            {"collation": "SQL_Latin1_General_CP1_CI_AS"},
        ),
        (THINGS, {"runtimeVersion": "6"}, {"runtimeVersion": "6.0.14"}),
        ("Microsoft.Authorization/roleDefinitions", {"type": "customRole"}, {"type": "CustomRole"}),
    ],
)
def test_another_spelling_is_no_change(type: str, want: Mapping[str, Any], have: Mapping[str, Any]) -> None:
    assert told(type, {"properties": want}, {"properties": have}) == []


@pytest.mark.parametrize(
    ("type", "name", "want", "have"),
    [
        ("Microsoft.DBforPostgreSQL/flexibleServers/databases", "charset", "utf8", "SQL_ASCII"),
        ("Microsoft.DBforMySQL/flexibleServers/databases", "charset", "utf8", "utf8mb4"),
        (
            "Microsoft.DBforMySQL/flexibleServers/databases",
            "collation",
            "utf8_bin",
            "utf8mb4_bin",
        ),
        (THINGS, "runtimeVersion", "6.0.14", "6"),
        (THINGS, "runtimeVersion", "6.1", "6.10"),
        ("Microsoft.Authorization/roleDefinitions", "type", "CustomRole", "BuiltInRole"),
    ],
)
def test_another_value_is_a_change(type: str, name: str, want: str, have: str) -> None:
    assert told(type, {"properties": {name: want}}, {"properties": {name: have}}) == [f"/properties/{name}"]


def test_a_maps_keys_in_another_letter_case() -> None:
    want = _grants(ResourceUri="https://a", clientId="x")
    assert told(PROVIDER, want, _grants(resourceUri="https://a", clientId="x")) == []
    at = "/properties/oauth2/grantTypes/authorizationCode"
    assert told(PROVIDER, want, _grants(resourceUri="https://b", clientId="x")) == [f"{at}/ResourceUri"]
    both = _grants(resourceUri="https://a", RESOURCEURI="https://a", clientId="x")
    assert told(PROVIDER, want, both) == [
        f"{at}/RESOURCEURI",
        f"{at}/ResourceUri",
        f"{at}/resourceUri",
    ], "two of them are alike: which is meant is not known"


def test_a_tags_key_in_another_letter_case_and_its_value() -> None:
    assert told(THINGS, {"tags": {"Cost": "a"}}, {"tags": {"cost": "a"}}) == []
    assert told(THINGS, {"tags": {"Cost": "a"}}, {"tags": {"cost": "A"}}) == ["/tags/Cost"]


def test_a_secret_of_a_map_is_not_given_back() -> None:
    verdict = judge(PROVIDER, _grants(clientId="x", clientSecret="hunter2hunter2"), _grants(clientId="x"))
    assert verdict.in_sync
    at = "/properties/oauth2/grantTypes/authorizationCode/clientSecret"
    assert [path for path, _ in verdict.unverifiable] == [at]
    assert told(THINGS, {"tags": {"token": "a", "etag": "b"}}, {"tags": {}}) == ["/tags/etag", "/tags/token"]


@pytest.mark.parametrize(
    ("want", "have", "same"),
    [
        ("/apis", f"{APIM}/x/apis", True),
        ("apis/a", f"{APIM}/x/apis/a", True),
        ("a", f"{APIM}/x/apis/a", True),
        (f"{APIM}/x/products/p", "/products/p", True),
        ("/apis", f"{APIM}/y/apis", False),
        ("/apis", f"{APIM}/x/products", False),
        ("a", f"{APIM}/y/apis/a", False),
        ("/", f"{APIM}/x/apis", False),
        (f"{GROUP}2/providers/Contoso.Things/things/t", "t", False),
        (f"{GROUP}/providers/Contoso.Things/things/t", "t", True),
    ],
)
def test_an_id_seen_from_where_the_resource_lies(want: str, have: str, same: bool) -> None:
    """The resource is a subscription of the service ``x``."""
    found = judge(
        SUBSCRIPTION,
        {"properties": {"scope": want}},
        {"properties": {"scope": have}},
        id=f"{APIM}/x/subscriptions/s",
    )
    assert found.in_sync is same


def test_what_nobody_can_take_away_is_unverifiable_where_the_answer_has_none() -> None:
    verdict = judge(THINGS, {"sku": {"name": "S1"}, "kind": "app"}, {"location": "westeurope"})
    assert verdict.in_sync
    assert [path for path, _ in verdict.unverifiable] == ["/sku", "/kind"]
    assert told(THINGS, {"sku": {"name": "S1"}}, {"sku": {"name": "S2"}}) == ["/sku/name"]


def test_what_properties_repeat() -> None:
    plan = "Microsoft.Web/serverfarms"
    want = {"tags": {"cost": "12"}, "location": "westeurope"}
    have = {**want, "properties": {"tags": {"cost": "12"}, "geoRegion": "West Europe"}}
    assert told(plan, want, have) == []
    verdict = judge(plan, want, have)
    assert [fold.fact for fold in verdict.folds] == [
        "said of the resource elsewhere"
    ]  # geoRegion can only be read


def test_a_tag_of_the_platform_and_one_of_somebody() -> None:
    live = {"tags": {"platformsettings.host_environment.service.x": "true", "azsecpack": "nonprod"}}
    assert told(THINGS, {}, live) == told(THINGS, {"tags": {}}, live) == []
    assert told(THINGS, {}, {"tags": {**live["tags"], "azsecpackx": "a"}}) == ["/tags/azsecpackx"]


@pytest.mark.parametrize("type", [THINGS, "Microsoft.ServiceBus/namespaces", "Microsoft.EventHub/namespaces"])
def test_replication_to_the_own_region_and_to_another(type: str) -> None:
    want = {"location": "West Europe"}
    assert told(type, want, _replicas("westeurope")) == []
    assert told(type, want, _replicas("westeurope", "northeurope")) == ["/properties"]
    assert told(type, want, _replicas("northeurope")) == ["/properties"]


def test_what_a_vault_key_may_do() -> None:
    key, all_ = (
        "Microsoft.KeyVault/vaults/keys",
        ["sign", "verify", "wrapKey", "unwrapKey", "encrypt", "decrypt"],
    )
    assert told(key, {"properties": {"kty": "RSA"}}, {"properties": {"kty": "RSA", "keyOps": all_}}) == []
    more = {"properties": {"kty": "RSA", "keyOps": [*all_, "import"]}}
    assert told(key, {"properties": {"kty": "RSA"}}, more) == ["/properties/keyOps"]
    less = {"properties": {"kty": "RSA", "keyOps": all_[:1]}}
    assert told(key, {"properties": {"kty": "RSA", "keyOps": all_}}, less) != []


def test_a_switch_of_a_map_that_is_off() -> None:
    service = "Microsoft.ApiManagement/service"
    off, on = ({"properties": {"customProperties": {"Ssl30": one}}} for one in ("false", "true"))
    assert told(service, {"properties": {"customProperties": {}}}, off) == []
    assert told(service, {"properties": {"customProperties": {}}}, on) == [
        "/properties/customProperties/Ssl30"
    ]
    assert told(THINGS, {"tags": {"a": "b"}}, {"tags": {"a": "b", "off": "false"}}) == ["/tags/off"]


TOPIC = "Microsoft.ServiceBus/namespaces/topics"


def _answers(type: str, have: Mapping[str, Any]) -> dict[str, str]:
    """Path → what is answered of a live value that nobody declares; ``filled`` where nobody can tell."""
    id_ = f"{GROUP}/providers/{type}/x"
    declared = Resource("azure", "s", type, id_, {})
    live = declared.but(attributes={"properties": dict(have)})
    facts = facts_of(type)
    assert facts is not None
    accept = AzureHooks().undeclared(declared, live, facts, Context("azure", "s", None, type))
    answers = {name: accept(f"/properties/{name}", value) for name, value in have.items()}
    return {
        name: "filled" if isinstance(one, Filled) else "change" if one is None else one
        for name, one in answers.items()
    }


def test_what_the_service_may_have_filled_in_is_told_from_what_is_known() -> None:
    have = {
        "maxMessageSizeInKilobytes": 1024,
        "maxSizeInMegabytes": 2048,
        "supportOrdering": False,
        "newer": 7,
        "entityName": "x",
        "supportedKinds": ["a"],
        "ipRules": [{"value": "203.0.113.7"}],
        "allowAnybody": True,
    }
    assert _answers(TOPIC, have) == {
        "maxMessageSizeInKilobytes": "the default that its documentation names",
        "maxSizeInMegabytes": "filled",
        "supportOrdering": "false and zero are unset",
        "newer": "filled",
        "entityName": "said of the resource elsewhere",
        "supportedKinds": "filled",
        "ipRules": "change",
        "allowAnybody": "change",
    }


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        ("Microsoft.Network/privateLinkServices", "autoApproval", {"subscriptions": ["s"]}),
        (THINGS, "supportedKinds", ["a", "b"]),
        (THINGS, "hostNameSslStates", [{"name": "a.example.net", "sslState": "Disabled"}]),
        (THINGS, "outbound", {"addresses": ["203.0.113.7"]}),
    ],
)
def test_a_list_that_nobody_declares_may_be_filled_in(type: str, name: str, value: Any) -> None:
    assert _answers(type, {name: value}) == {name: "filled"}


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        ("Microsoft.ContainerRegistry/registries", "networkRuleSet", {"ipRules": [{"value": "203.0.113.7"}]}),
        ("Microsoft.Network/routeTables", "routes", [{"name": "r", "properties": {"nextHopType": "None"}}]),
        ("Microsoft.Network/virtualNetworks", "dhcpOptions", {"dnsServers": ["203.0.113.7"]}),
        (
            "Microsoft.Storage/storageAccounts/blobServices",
            "cors",
            {"corsRules": [{"allowedOrigins": ["*"]}]},
        ),
        ("Microsoft.KeyVault/vaults", "accessPolicies", [{"objectId": "o"}]),
        ("Microsoft.Kusto/clusters", "trustedExternalTenants", [{"value": "tenant"}]),
    ],
)
def test_a_list_that_only_people_fill_is_a_change(type: str, name: str, value: Any) -> None:
    assert told(type, {}, {"properties": {name: value}}) != []


def test_a_member_that_is_added_to_a_declared_list_is_a_change() -> None:
    want = {"properties": {"supportedKinds": ["a"], "hosts": [{"name": "a"}]}}
    have = {"properties": {"supportedKinds": ["a", "b"], "hosts": [{"name": "a"}, {"name": "b"}]}}
    assert told(THINGS, want, have) == ["/properties/hosts/1", "/properties/supportedKinds/1"]


def test_references_alone_say_who_refers_to_it_or_what_somebody_attached() -> None:
    gateway, nat = "Microsoft.Network/applicationGateways", "Microsoft.Network/natGateways"
    own = [{"id": f"{GROUP}/providers/{gateway}/x/requestRoutingRules/r"}]
    other = [{"id": f"{GROUP}/providers/Microsoft.Network/publicIPAddresses/p"}]
    pool = {"backendAddressPools": [{"name": "p", "properties": {"requestRoutingRules": own}}]}
    bare = {"backendAddressPools": [{"name": "p", "properties": {}}]}
    assert told(gateway, {"properties": bare}, {"properties": pool}) == []
    assert told(nat, {"properties": {}}, {"properties": {"publicIpAddresses": other}}) != []


def test_an_identity_that_nobody_declares_is_a_change() -> None:
    assert told(THINGS, {}, {"identity": {"type": "SystemAssigned", "principalId": "p"}}) == ["/identity"]
    assert told(THINGS, {}, {"identity": {"type": "None"}}) == []


@pytest.mark.parametrize(
    ("type", "path", "off", "on"),
    [
        ("Microsoft.Sql/servers/databases/transparentDataEncryption", "state", "Disabled", "Enabled"),
        ("Microsoft.Network/azureFirewalls", "threatIntelMode", "Off", "Alert"),
        ("Microsoft.RecoveryServices/vaults/backupconfig", "softDeleteFeatureState", "Disabled", "Enabled"),
        (
            "Microsoft.RecoveryServices/vaults",
            "securitySettings/softDeleteSettings/softDeleteState",
            "Disabled",
            "Enabled",
        ),
        ("Microsoft.DataProtection/backupVaults", "securitySettings/softDeleteSettings/state", "Off", "On"),
    ],
)
def test_what_is_switched_off_is_told_though_the_service_may_have_filled_it_in(
    type: str, path: str, off: str, on: str
) -> None:
    """By a severity rule with ``always``, in the spelling that comparison tells."""
    grave = Graves(AzureProvider().severity_rules())
    live = Resource("azure", "s", type, f"{GROUP}/providers/{type}/x", {})
    for value, expected in ((off, True), (on, False)):
        body: Any = value
        for name in reversed(path.split("/")):
            body = {name: body}
        (one,) = judge(type, {}, {"properties": body}).informed
        assert one.change.path == f"/properties/{path}"
        assert grave.fit(live, live, one.change) is expected


@pytest.mark.parametrize(
    ("type", "path", "value"),
    [
        ("Microsoft.Storage/storageAccounts", "allowBlobPublicAccess", True),
        ("Microsoft.Web/sites", "siteConfig/remoteDebuggingEnabled", True),
        ("Microsoft.Sql/servers", "administrators/login", "somebody"),
    ],
)
def test_what_opens_or_grants_is_told_though_the_service_may_have_filled_it_in(
    type: str, path: str, value: Any
) -> None:
    grave = Graves(AzureProvider().severity_rules())
    live = Resource("azure", "s", type, f"{GROUP}/providers/{type}/x", {})
    body: Any = value
    for name in reversed(path.split("/")):
        body = {name: body}
    (one,) = judge(type, {}, {"properties": body}).informed
    assert grave.fit(live, live, one.change)
