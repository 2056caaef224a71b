"""What Azure makes for itself is nobody's to declare; what only looks like it is."""

from __future__ import annotations

from typing import Any

import pytest

from drift.model import Resource
from providers.azure.facts import facts_of
from providers.azure.hooks import AzureHooks
from providers.azure.ids import parse
from providers.azure.system import made_by_azure, rules

GROUP = "/subscriptions/S/resourceGroups/RG"
AKS = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
MANAGED = {"managed_groups": {"/subscriptions/s/resourcegroups/mc_rg_aks_westeurope": AKS}}


def made(id: str, body: dict[str, Any] | None = None) -> str | None:
    found = parse(id)
    assert found is not None
    return made_by_azure(Resource("azure", found.scope, found.type, id, body or {}, name=found.name), MANAGED)


@pytest.mark.parametrize(
    ("id", "body"),
    [
        ("/subscriptions/s/resourceGroups/NetworkWatcherRG", {}),
        (
            "/subscriptions/s/resourceGroups/networkwatcherrg/providers/Microsoft.Network/networkWatchers/w",
            {},
        ),
        ("/subscriptions/s/resourceGroups/MC_rg_aks_westeurope", {"managedBy": AKS}),
        (
            "/subscriptions/s/resourceGroups/MC_rg_aks_westeurope/providers/Microsoft.Network/publicIPAddresses/p",
            {},
        ),
        (f"{GROUP}/providers/microsoft.insights/actiongroups/Application Insights Smart Detection", {}),
        (f"{GROUP}/providers/Microsoft.Sql/servers/s/databases/Master", {}),
        (f"{GROUP}/providers/Microsoft.Sql/servers/s/databases/d/auditingSettings/Default", {}),
        (f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a/blobServices/default", {}),
        (
            f"{GROUP}/providers/Microsoft.EventHub/namespaces/n/AuthorizationRules/RootManageSharedAccessKey",
            {},
        ),
        (f"{GROUP}/providers/Microsoft.Network/dnsZones/z/SOA/@", {}),
        ("/providers/Microsoft.Authorization/roleDefinitions/r", {"properties": {"type": "BuiltInRole"}}),
        ("/providers/Microsoft.Authorization/policyDefinitions/p", {"properties": {"policyType": "Static"}}),
        (
            f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/p/configurations/ssl",
            {"properties": {"source": "system-default"}},
        ),
    ],
)
def test_what_azure_makes(id: str, body: dict[str, Any]) -> None:
    assert made(id, body)


@pytest.mark.parametrize(
    ("id", "body"),
    [
        (GROUP, {}),
        (f"{GROUP}/providers/Microsoft.Network/publicIPAddresses/p", {}),
        (
            "/subscriptions/s/resourceGroups/MC_rg_aks_westeurope/providers/Microsoft.Authorization/roleAssignments/r",
            {},
        ),
        (f"{GROUP}/providers/Microsoft.Sql/servers/s/databases/orders", {}),
        (f"{GROUP}/providers/Microsoft.Sql/servers/s/firewallRules/AllowAllWindowsAzureIps", {}),
        (f"{GROUP}/providers/Microsoft.EventHub/namespaces/n/AuthorizationRules/mine", {}),
        (f"{GROUP}/providers/Microsoft.Network/dnsZones/z/A/@", {}),
        ("/providers/Microsoft.Authorization/roleDefinitions/r", {"properties": {"type": "CustomRole"}}),
        (
            f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/p/configurations/ssl",
            {"properties": {"source": "user-override"}},
        ),
    ],
)
def test_what_people_make(id: str, body: dict[str, Any]) -> None:
    assert made(id, body) is None


def test_every_rule_is_of_a_type_that_is_known() -> None:
    for rule in rules():
        for type_ in rule["type"]:
            if "*" not in type_:
                assert facts_of(type_) is not None, type_


@pytest.mark.parametrize(
    ("type_", "body", "expected"),
    [
        ("Microsoft.Authorization/roleAssignments", {}, True),
        ("Microsoft.Network/publicIPAddresses", {}, True),
        ("Microsoft.Sql/servers/firewallRules", {}, True),
        ("Microsoft.Storage/storageAccounts", {}, False),
        (
            "Microsoft.Network/networkSecurityGroups",
            {
                "securityRules": [
                    {"properties": {"access": "Allow", "direction": "Inbound", "sourceAddressPrefix": "*"}}
                ]
            },
            True,
        ),
        (
            "Microsoft.Network/networkSecurityGroups",
            {
                "securityRules": [
                    {"properties": {"access": "Deny", "direction": "Inbound", "sourceAddressPrefix": "*"}}
                ]
            },
            False,
        ),
    ],
)
def test_what_lets_somebody_in(type_: str, body: dict[str, Any], expected: bool) -> None:
    facts = facts_of(type_)
    assert facts is not None
    live = Resource("azure", "s", type_, f"{GROUP}/providers/{type_}/x", {"properties": body})
    assert AzureHooks().gives_access(live, facts) is expected
