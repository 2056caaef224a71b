"""Templates in the forms that public quickstarts have: what they declare, whole."""

from __future__ import annotations

from pathlib import Path

from drift.model import Resource, Sensitive, Unresolved

from .support import GROUP, SUB, Live, arm, declared, load

PARAMETERS = {
    "prefix": {"type": "string", "defaultValue": "[uniqueString(resourceGroup().id)]"},
    "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
    "adminLogin": {"type": "string", "defaultValue": "boss"},
    "adminPassword": {"type": "securestring", "minLength": 12},
    "subnets": {"type": "array", "defaultValue": [{"name": "web", "net": 0}, {"name": "data", "net": 1}]},
}


def network() -> list[dict]:
    rule = {
        "priority": 1000,
        "access": "Allow",
        "direction": "Inbound",
        "protocol": "Tcp",
        "destinationPortRange": "443",
    }
    subnet = {
        "name": "[parameters('subnets')[copyIndex('subnets')].name]",
        "properties": {
            "addressPrefix": "[format('10.0.{0}.0/24', parameters('subnets')[copyIndex('subnets')].net)]",
            "networkSecurityGroup": {"id": "[resourceId('Microsoft.Network/networkSecurityGroups', 'nsg')]"},
        },
    }
    return [
        {
            "type": "Microsoft.Network/networkSecurityGroups",
            "apiVersion": "2023-04-01",
            "name": "nsg",
            "location": "[parameters('location')]",
            "properties": {"securityRules": [{"name": "https", "properties": rule}]},
        },
        {
            "type": "Microsoft.Network/virtualNetworks",
            "apiVersion": "2023-04-01",
            "name": "vnet",
            "location": "[parameters('location')]",
            "dependsOn": ["[resourceId('Microsoft.Network/networkSecurityGroups', 'nsg')]"],
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "copy": [{"name": "subnets", "count": "[length(parameters('subnets'))]", "input": subnet}],
            },
        },
    ]


def web() -> list[dict]:
    settings = {
        "KEY": "[listKeys(variables('storageId'), '2023-01-01').keys[0].value]",
        "WEBSITE_NODE": "~18",
    }
    return [
        {
            "type": "Microsoft.Storage/storageAccounts",
            "apiVersion": "2023-01-01",
            "name": "[variables('storage')]",
            "location": "[parameters('location')]",
            "sku": {"name": "Standard_LRS"},
            "kind": "StorageV2",
        },
        {
            "type": "Microsoft.Web/serverfarms",
            "apiVersion": "2022-09-01",
            "name": "plan",
            "sku": {"name": "B1"},
        },
        {
            "type": "Microsoft.Web/sites",
            "apiVersion": "2022-09-01",
            "name": "[format('site-{0}', parameters('prefix'))]",
            "identity": {"type": "SystemAssigned"},
            "properties": {"serverFarmId": "[resourceId('Microsoft.Web/serverfarms', 'plan')]"},
            "resources": [
                {"type": "config", "apiVersion": "2022-09-01", "name": "appsettings", "properties": settings}
            ],
        },
    ]


def data() -> list[dict]:
    return [
        {
            "type": "Microsoft.Sql/servers",
            "apiVersion": "2021-11-01",
            "name": "sql",
            "properties": {
                "administratorLogin": "[parameters('adminLogin')]",
                "administratorLoginPassword": "[parameters('adminPassword')]",
            },
            "resources": [
                {"type": "databases", "apiVersion": "2021-11-01", "name": "db", "sku": {"name": "S0"}}
            ],
        },
        {
            "type": "Microsoft.KeyVault/vaults",
            "apiVersion": "2022-07-01",
            "name": "[take(concat('kv-', parameters('prefix')), 24)]",
            "properties": {"tenantId": "[subscription().tenantId]", "accessPolicies": []},
        },
        {
            "type": "Microsoft.KeyVault/vaults/secrets",
            "apiVersion": "2022-07-01",
            "name": "[concat('kv-', parameters('prefix'), '/password')]",
            "properties": {"value": "[parameters('adminPassword')]"},
        },
        {
            "type": "Microsoft.ContainerService/managedClusters",
            "apiVersion": "2023-05-01",
            "name": "aks",
            "identity": {"type": "SystemAssigned"},
            "properties": {
                "agentPoolProfiles": [
                    {
                        "name": "pool",
                        "count": 3,
                        "vnetSubnetID": (
                            "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'web')]"
                        ),
                    }
                ]
            },
        },
        {
            "type": "Microsoft.Authorization/roleAssignments",
            "apiVersion": "2022-04-01",
            "name": "[guid(resourceGroup().id, 'aks', 'reader')]",
            "properties": {"principalId": "[reference('aks', '2023-05-01', 'full').identity.principalId]"},
        },
    ]


def test_a_whole_estate(tmp_path: Path) -> None:
    variables = {
        "storage": "[concat('st', parameters('prefix'))]",
        "storageId": "[resourceId('Microsoft.Storage/storageAccounts', variables('storage'))]",
    }
    template = arm(*network(), *web(), *data(), parameters=PARAMETERS, variables=variables)
    live = Live(
        [
            Resource(
                "azure", SUB, "Microsoft.Resources/resourceGroups", GROUP.lower(), {"location": "westeurope"}
            ),
            Resource(
                "azure",
                SUB,
                "Microsoft.ContainerService/managedClusters",
                f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks".lower(),
                {"identity": {"principalId": "p-1"}},
            ),
        ]
    )
    resources, unverifiable, problems = declared(load(tmp_path, template), live)
    assert not unverifiable
    assert not problems
    by_type = {one.type: one for one in resources if not one.partial}
    assert all(one.id for one in resources)
    assert by_type["Microsoft.Storage/storageAccounts"].attributes["location"] == "westeurope"
    subnets = by_type["Microsoft.Network/virtualNetworks"].attributes["properties"]["subnets"]
    assert [(one["name"], one["properties"]["addressPrefix"]) for one in subnets] == [
        ("web", "10.0.0.0/24"),
        ("data", "10.0.1.0/24"),
    ]
    settings = by_type["Microsoft.Web/sites/config"].attributes["properties"]
    assert isinstance(settings["KEY"], Unresolved)
    assert settings["WEBSITE_NODE"] == "~18"
    assert isinstance(
        by_type["Microsoft.KeyVault/vaults/secrets"].attributes["properties"]["value"], Unresolved
    )
    assert (
        by_type["Microsoft.Sql/servers/databases"].id
        == f"{GROUP}/providers/Microsoft.Sql/servers/sql/databases/db"
    )
    assert by_type["Microsoft.Authorization/roleAssignments"].attributes["properties"] == {
        "principalId": "p-1"
    }
    given = load(tmp_path, template, parameters={"adminPassword": "correct horse"})
    server = next(one for one in declared(given, live)[0] if one.type == "Microsoft.Sql/servers")
    assert server.attributes["properties"]["administratorLoginPassword"] == Sensitive("correct horse")
