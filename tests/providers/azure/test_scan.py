"""An ARM template against live bodies through the command line: what a person did is told, what Azure does is
not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Drift

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/Shop"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
VAULT_KEY = "Pl4nted-Passw0rd"

TEMPLATE: dict[str, Any] = {
    "$schema": SCHEMA,
    "contentVersion": "1.0.0.0",
    "parameters": {
        "location": {"type": "string", "defaultValue": "West Europe"},
        "password": {"type": "securestring"},
    },
    "resources": [
        {
            "type": "Microsoft.Network/networkSecurityGroups",
            "apiVersion": "2023-09-01",
            "name": "web",
            "location": "[parameters('location')]",
            "properties": {
                "securityRules": [
                    {
                        "name": "https",
                        "properties": {
                            "priority": 100,
                            "direction": "Inbound",
                            "access": "Allow",
                            "protocol": "TCP",
                            "sourceAddressPrefix": "*",
                            "sourcePortRange": "*",
                            "destinationAddressPrefix": "*",
                            "destinationPortRange": "443",
                        },
                    }
                ]
            },
        },
        {
            "type": "Microsoft.Network/virtualNetworks",
            "apiVersion": "2023-09-01",
            "name": "net",
            "location": "[parameters('location')]",
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "subnets": [{"name": "a", "properties": {"addressPrefix": "10.0.1.0/24"}}],
            },
        },
        {
            "type": "Microsoft.Network/virtualNetworks/subnets",
            "apiVersion": "2023-09-01",
            "name": "net/b",
            "dependsOn": ["[resourceId('Microsoft.Network/virtualNetworks', 'net')]"],
            "properties": {
                "addressPrefix": "10.0.2.0/24",
                "networkSecurityGroup": {
                    "id": "[resourceId('Microsoft.Network/networkSecurityGroups', 'web')]"
                },
            },
        },
        {
            "type": "microsoft.SQL/Servers",
            "apiVersion": "2021-11-01",
            "name": "orders",
            "location": "[parameters('location')]",
            "properties": {
                "administratorLogin": "root",
                "administratorLoginPassword": "[parameters('password')]",
                "minimalTlsVersion": "1.2",
            },
        },
        {
            "type": "Microsoft.Web/sites",
            "apiVersion": "2022-09-01",
            "name": "shop",
            "location": "[parameters('location')]",
            "kind": "functionapp,linux",
            "identity": {
                "type": "SystemAssigned, UserAssigned",
                "userAssignedIdentities": {
                    "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'shop')]": {}
                },
            },
            "tags": {"team": "shop"},
            "properties": {"httpsOnly": True},
        },
    ],
}


def live(type: str, name: str, **body: Any) -> dict[str, Any]:
    return {
        "provider": "azure",
        "scope": SUBSCRIPTION,
        "type": type,
        "id": f"{GROUP}/providers/{type}/{name}",
        "name": name,
        "attributes": {"location": "westeurope", **body},
    }


def estate() -> list[dict[str, Any]]:
    """What Azure answers after the deployment: other case, its own members, defaults, no password."""
    rule = TEMPLATE["resources"][0]["properties"]["securityRules"][0]
    return [
        live(
            "Microsoft.Network/networkSecurityGroups",
            "web",
            etag='W/"1"',
            properties={
                "provisioningState": "Succeeded",
                "resourceGuid": "0d3f5f5b-0000-0000-0000-000000000000",
                "securityRules": [
                    {
                        **rule,
                        "id": (
                            f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/web/securityRules/https"
                        ),
                        "etag": 'W/"1"',
                        "type": "Microsoft.Network/networkSecurityGroups/securityRules",
                        "properties": {
                            **rule["properties"],
                            "protocol": "Tcp",
                            "provisioningState": "Succeeded",
                            "sourceAddressPrefixes": [],
                            "destinationPortRanges": [],
                        },
                    }
                ],
                "defaultSecurityRules": [{"name": "AllowVnetInBound", "properties": {"priority": 65000}}],
                "subnets": [{"id": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/b"}],
            },
        ),
        live(
            "Microsoft.Network/virtualNetworks",
            "net",
            properties={
                "provisioningState": "Succeeded",
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "enableDdosProtection": False,
                "virtualNetworkPeerings": [],
                "subnets": [
                    {
                        "name": "b",
                        "properties": {
                            "addressPrefix": "10.0.2.0/24",
                            "delegations": [],
                            "privateEndpointNetworkPolicies": "Disabled",
                            "networkSecurityGroup": {
                                "id": f"{GROUP.upper()}/providers/Microsoft.Network/networkSecurityGroups/WEB"
                            },
                        },
                    },
                    {"name": "a", "properties": {"addressPrefix": "10.0.1.0/24", "delegations": []}},
                ],
            },
        ),
        live(
            "Microsoft.Sql/servers",
            "orders",
            kind="v12.0",
            properties={
                "administratorLogin": "root",
                "version": "12.0",
                "state": "Ready",
                "fullyQualifiedDomainName": "orders.database.windows.net",
                "minimalTlsVersion": "1.2",
                "publicNetworkAccess": "Enabled",
            },
        ),
        live(
            "Microsoft.Web/sites",
            "shop",
            kind="functionapp,linux",
            tags={"team": "shop", "hidden-link: /app-insights-resource-id": "/subscriptions/s/x"},
            identity={
                "type": "SystemAssigned, UserAssigned",
                "principalId": "p",
                "tenantId": "t",
                "userAssignedIdentities": {
                    f"{GROUP.lower()}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop": {
                        "clientId": "c",
                        "principalId": "p",
                    }
                },
            },
            properties={
                "httpsOnly": True,
                "state": "Running",
                "defaultHostName": "shop.azurewebsites.net",
                "hostNames": ["shop.azurewebsites.net"],
                "enabled": True,
            },
        ),
    ]


@pytest.fixture
def scan(drift: Drift, tmp_path: Path) -> Any:
    """Runs ``drift diff`` of the template against the given live records."""

    def run(records: list[dict[str, Any]]) -> Any:
        (tmp_path / "main.json").write_text(json.dumps(TEMPLATE))
        checked = {"provider": "azure", "scope": SUBSCRIPTION, "status": "checked"}
        types = sorted({one["type"] for one in estate()} | {one["type"] for one in records})
        head = {"drift_snapshot": 1, "coverage": [{**checked, "type": type_} for type_ in types]}
        (tmp_path / "live.jsonl").write_text("\n".join(json.dumps(one) for one in (head, *records)))
        (tmp_path / "drift.yaml").write_text(
            "version: 1\nredaction: {key: k}\nlive: {azure: {}}\ndeclared:\n"
            f"  - {{path: main.json, scope: {SUBSCRIPTION}, resource_group: shop, "
            f"parameters: {{password: {VAULT_KEY}}}}}\n"
        )
        return drift("scan", "--live", "live.jsonl", "-o", "out")

    return run


def test_what_azure_makes_of_a_deployment_is_no_drift(scan: Any, tmp_path: Path) -> None:
    ran = scan(estate())
    assert ran.findings() == {}, ran.stdout
    assert ran.code == 0, ran.stderr
    assert all(VAULT_KEY not in file.read_text(errors="ignore") for file in (tmp_path / "out").iterdir())


def test_what_people_did_is_told(scan: Any) -> None:
    records = estate()
    rules = records[0]["attributes"]["properties"]["securityRules"]
    rules.append({"name": "ssh", "properties": {**rules[0]["properties"], "destinationPortRange": "22"}})
    subnets = records[1]["attributes"]["properties"]["subnets"]
    subnets[0]["properties"].pop("networkSecurityGroup")
    subnets[0]["properties"]["routeTable"] = {"id": f"{GROUP}/providers/Microsoft.Network/routeTables/detour"}
    subnets.append({"name": "hand", "properties": {"addressPrefix": "10.0.9.0/24"}})
    records[2]["attributes"]["properties"]["minimalTlsVersion"] = "1.0"
    records[3]["attributes"]["tags"]["owner"] = "me"
    role = live(
        "Microsoft.Authorization/roleAssignments",
        "7d6e1f5c-0000-0000-0000-000000000000",
        properties={
            "principalId": "someone",
            "roleDefinitionId": (
                "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
            ),
        },
    )
    ran = scan([*records, role])
    assert ran.code == 2, ran.stderr
    assert ran.findings() == {
        ("changed", "web"): ["/properties/securityRules/ssh"],
        ("changed", "net"): [
            "/properties/subnets/b/properties/networkSecurityGroup",
            "/properties/subnets/b/properties/routeTable",
            "/properties/subnets/hand",
        ],
        ("changed", "orders"): ["/properties/minimalTlsVersion"],
        ("changed", "shop"): ["/tags/owner"],
        ("unmanaged", "7d6e1f5c-0000-0000-0000-000000000000"): [],
    }
    severity = {one["name"]: one["severity"] for one in ran.report["findings"]}
    assert severity["web"] == "critical"
    assert severity["orders"] == "high"
    assert severity["7d6e1f5c-0000-0000-0000-000000000000"] == "critical"


def test_what_is_gone_is_missing(scan: Any) -> None:
    ran = scan([one for one in estate() if one["name"] != "orders"])
    assert ran.findings() == {("missing", "orders"): []}
    assert ran.report["findings"][0]["severity"] == "critical"
