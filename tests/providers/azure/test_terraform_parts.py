"""What Terraform declares of a resource that it declares elsewhere, too: laid over it where it speaks, and
nothing else is dropped."""

from __future__ import annotations

from typing import Any

import pytest

from drift.compare.verdict import Verdict, compare
from drift.dialect import Foreign
from drift.kinds.base import Context
from drift.match.merge import merge
from drift.model import Origin, Resource
from drift.redaction.redact import Redactor
from providers.azure import AzureProvider
from providers.azure.facts import facts_of
from providers.azure.terraform import AzureTerraform
from providers.azure.terraform_entries import entries
from tests.providers.azure.test_terraform_maps import known

PROVIDER = AzureProvider()
REDACTOR = Redactor("a key for tests")
GROUP = "/subscriptions/s/resourceGroups/rg"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/st"
STORAGE = {
    "id": ACCOUNT,
    "name": "st",
    "location": "westeurope",
    "account_tier": "Standard",
    "account_replication_type": "LRS",
    "min_tls_version": "TLS1_2",
    "network_rules": [{"default_action": "Allow", "bypass": ["AzureServices"], "ip_rules": ["9.9.9.9"]}],
}
LIVE = {"location": "westeurope", "sku": {"name": "Standard_LRS"}}


def merged(*said: tuple[str, dict[str, Any]]) -> Resource:
    found = []
    for number, (type_, attributes) in enumerate(said):
        made = AzureTerraform().translate(Foreign(type_, f"{type_}.x", attributes))
        assert made is not None
        origin = Origin("terraform-state", file="f", address=f"{number} {type_}")
        found += [one.but(origin=origin) for one in made]
    (whole,) = merge(found, {"azure": PROVIDER}, [])
    return whole


def against(declared: Resource, live: dict[str, Any]) -> Verdict:
    facts = facts_of(declared.type)
    assert facts is not None
    want = REDACTOR.resource(declared, facts.root)
    have = REDACTOR.resource(declared.but(attributes=live, partial=False), facts.root)
    context = Context("azure", "s", None, declared.type)
    accept = PROVIDER.hooks.undeclared(want, have, facts, context)
    return compare(want, have, facts, context, REDACTOR, accept=accept)


def test_a_part_replaces_what_it_speaks_of_and_leaves_the_rest() -> None:
    rules = {"id": ACCOUNT, "storage_account_id": ACCOUNT, "default_action": "Deny", "ip_rules": ["1.2.3.4"]}
    whole = merged(("azurerm_storage_account", STORAGE), ("azurerm_storage_account_network_rules", rules))
    assert whole.attributes["properties"] == {
        "minimumTlsVersion": "TLS1_2",
        "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]},
    }
    acls = {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]}
    live = {**LIVE, "properties": {"minimumTlsVersion": "TLS1_0", "networkAcls": acls}}
    assert [change.path for change in against(whole, live).changes] == ["/properties/minimumTlsVersion"]


def test_a_list_of_a_part_replaces_the_one_that_the_state_saw() -> None:
    network = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"
    whole = merged(
        (
            "azurerm_virtual_network",
            {"id": network, "name": "v", "address_space": ["10.0.0.0/16"], "dns_servers": ["10.0.0.4"]},
        ),
        (
            "azurerm_virtual_network_dns_servers",
            {
                "id": f"{network}/dnsServers/default",
                "virtual_network_id": network,
                "dns_servers": ["10.0.0.5"],
            },
        ),
    )
    said = whole.attributes["properties"]
    assert said["dhcpOptions"] == {"dnsServers": ["10.0.0.5"]}
    assert said["addressSpace"] == {"addressPrefixes": ["10.0.0.0/16"]}


def test_an_update_of_azapi_is_laid_over_object_by_object() -> None:
    body = {"properties": {"networkAcls": {"bypass": "None"}, "allowSharedKeyAccess": False}}
    update = {"type": "Microsoft.Storage/storageAccounts@2023-01-01", "resource_id": ACCOUNT, "body": body}
    whole = merged(("azurerm_storage_account", STORAGE), ("azapi_update_resource", update))
    said = whole.attributes["properties"]
    assert said["minimumTlsVersion"] == "TLS1_2" and said["allowSharedKeyAccess"] is False
    assert said["networkAcls"] == {
        "bypass": "None",
        "defaultAction": "Allow",
        "ipRules": [{"value": "9.9.9.9"}],
    }


def test_what_a_setting_sets_is_unverifiable_and_the_rest_is_judged() -> None:
    key = {"id": ACCOUNT, "storage_account_id": ACCOUNT, "key_vault_id": "/x", "key_name": "k"}
    whole = merged(
        ("azurerm_storage_account", STORAGE), ("azurerm_storage_account_customer_managed_key", key)
    )
    live = {
        **LIVE,
        "properties": {
            "minimumTlsVersion": "TLS1_0",
            "encryption": {"keySource": "Microsoft.Keyvault", "keyvaultproperties": {"keyname": "k"}},
        },
    }
    verdict = against(whole, live)
    assert [change.path for change in verdict.changes] == [
        "/properties/minimumTlsVersion",
        "/properties/networkAcls",
    ]
    (reason,) = [why for path, why in verdict.unverifiable if path == "/properties/encryption"]
    assert "azurerm_storage_account_customer_managed_key" in reason


@pytest.mark.parametrize(
    ("type", "attributes", "parent"),
    [
        (
            "azurerm_iothub_route",
            {"id": f"{GROUP}/providers/Microsoft.Devices/IotHubs/h/routes/r", "name": "r"},
            f"{GROUP}/providers/Microsoft.Devices/IotHubs/h",
        ),
        (
            "azurerm_cdn_frontdoor_route_disable_link_to_default_domain",
            {
                "id": (
                    f"{GROUP}/providers/Microsoft.Cdn/profiles/p/afdEndpoints/e/routes/r/disableLinkToDefaultDomain/d"
                ),
                "cdn_frontdoor_route_id": (
                    f"{GROUP}/providers/Microsoft.Cdn/profiles/p/afdEndpoints/e/routes/r"
                ),
            },
            f"{GROUP}/providers/Microsoft.Cdn/profiles/p/afdEndpoints/e/routes/r",
        ),
        (
            "azurerm_private_endpoint_application_security_group_association",
            {"id": f"{GROUP}/providers/Microsoft.Network/privateEndpoints/p|{GROUP}/x"},
            f"{GROUP}/providers/Microsoft.Network/privateEndpoints/p",
        ),
    ],
)
def test_the_resource_that_a_setting_is_about(type: str, attributes: dict[str, Any], parent: str) -> None:
    made = AzureTerraform().translate(Foreign(type, "a", attributes))
    assert made is not None and [one.id for one in made] == [parent] and made[0].partial


def test_a_setting_whose_resource_is_not_told_is_not_supported() -> None:
    assert AzureTerraform().translate(Foreign("azurerm_iothub_route", "a", {"id": "x"})) is None


def test_a_setting_that_nobody_knows_is_told_by_its_name_and_its_arguments() -> None:
    cluster = f"{GROUP}/providers/Microsoft.StreamAnalytics/clusters/c"
    said = {"id": cluster, "stream_id": cluster, "capacity_allocated": 3}
    made = AzureTerraform().translate(Foreign("azurerm_stream_cluster_tuning", "a", said))
    assert made is not None
    assert sorted(made[0].attributes["properties"]) == ["capacityAllocated"]
    vault = f"{GROUP}/providers/Microsoft.RecoveryServices/vaults/v"
    key = AzureTerraform().translate(
        Foreign("azurerm_recovery_vault_customer_managed_key", "a", {"id": vault})
    )
    assert key is not None and sorted(key[0].attributes["properties"]) == ["encryption"]


def test_every_setting_leads_to_a_property_that_can_be_set() -> None:
    wrong = [
        (name, path, why)
        for name, entry in entries().items()
        for path in entry.sets
        if (facts := facts_of(entry.type)) is not None and (why := known(facts.root, path))
    ]
    assert wrong == []
    assert sum(bool(entry.sets) for entry in entries().values()) > 35
