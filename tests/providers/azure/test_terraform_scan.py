"""A state of azurerm against live bodies through the command line: parts are put together, and a person's
change is told."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Drift

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop/providers"
NET = f"{GROUP}/Microsoft.Network"
SECRET = "Pl4nted-Passw0rd"

#: A state after a refresh: the network has its subnets, too, and the interface its pools not at all.
STATE: list[tuple[str, dict[str, Any]]] = [
    (
        "azurerm_virtual_network",
        {
            "id": f"{NET}/virtualNetworks/net",
            "name": "net",
            "location": "westeurope",
            "address_space": ["10.0.0.0/16"],
            "subnet": [
                {
                    "id": f"{NET}/virtualNetworks/net/subnets/a",
                    "name": "a",
                    "address_prefixes": ["10.0.1.0/24"],
                    "security_group": "",
                }
            ],
            "tags": None,
        },
    ),
    (
        "azurerm_subnet",
        {
            "id": f"{NET}/virtualNetworks/net/subnets/a",
            "name": "a",
            "address_prefixes": ["10.0.1.0/24"],
            "service_endpoints": ["Microsoft.Storage"],
        },
    ),
    (
        "azurerm_subnet_network_security_group_association",
        {
            "id": f"{NET}/virtualNetworks/net/subnets/a",
            "subnet_id": f"{NET}/virtualNetworks/net/subnets/a",
            "network_security_group_id": f"{NET}/networkSecurityGroups/web",
        },
    ),
    (
        "azurerm_network_security_group",
        {
            "id": f"{NET}/networkSecurityGroups/web",
            "name": "web",
            "location": "westeurope",
            "security_rule": [],
        },
    ),
    (
        "azurerm_network_security_rule",
        {
            "id": f"{NET}/networkSecurityGroups/web/securityRules/https",
            "name": "https",
            "access": "Allow",
            "direction": "Inbound",
            "priority": 100,
            "protocol": "Tcp",
            "source_address_prefix": "*",
            "source_port_range": "*",
            "destination_address_prefix": "*",
            "destination_port_range": "443",
        },
    ),
    (
        "azurerm_network_interface",
        {
            "id": f"{NET}/networkInterfaces/nic",
            "name": "nic",
            "location": "westeurope",
            "ip_configuration": [
                {"name": "internal", "private_ip_address_allocation": "Dynamic", "primary": True}
            ],
        },
    ),
    *(
        (
            "azurerm_network_interface_backend_address_pool_association",
            {
                "id": (
                    f"{NET}/networkInterfaces/nic/ipConfigurations/internal|{NET}/loadBalancers/lb/backendAddressPools/{pool}"
                ),
                "network_interface_id": f"{NET}/networkInterfaces/nic",
                "ip_configuration_name": "internal",
                "backend_address_pool_id": f"{NET}/loadBalancers/lb/backendAddressPools/{pool}",
            },
        )
        for pool in ("one", "two")
    ),
    (
        "azurerm_mssql_server",
        {
            "id": f"{GROUP}/Microsoft.Sql/servers/orders",
            "name": "orders",
            "location": "westeurope",
            "administrator_login": "root",
            "administrator_login_password": SECRET,
            "minimum_tls_version": "1.2",
            "public_network_access_enabled": False,
        },
    ),
]


def live(type: str, name: str, **body: Any) -> dict[str, Any]:
    return {
        "provider": "azure",
        "scope": SUBSCRIPTION,
        "type": type,
        "id": f"{GROUP}/{type}/{name}",
        "name": name,
        "attributes": {"location": "westeurope", **body},
    }


LIVE = [
    live(
        "Microsoft.Network/virtualNetworks",
        "net",
        properties={
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [
                {
                    "name": "a",
                    "properties": {
                        "addressPrefixes": ["10.0.1.0/24"],
                        "networkSecurityGroup": {"id": f"{NET}/networkSecurityGroups/web"},
                        "serviceEndpoints": [{"service": "Microsoft.Storage", "locations": ["westeurope"]}],
                    },
                }
            ],
        },
    ),
    live(
        "Microsoft.Network/networkSecurityGroups",
        "web",
        properties={
            "securityRules": [
                {
                    "name": "https",
                    "properties": {
                        "access": "Allow",
                        "direction": "Inbound",
                        "priority": 100,
                        "protocol": "Tcp",
                        "sourceAddressPrefix": "*",
                        "sourcePortRange": "*",
                        "destinationAddressPrefix": "*",
                        "destinationPortRange": "443",
                    },
                }
            ]
        },
    ),
    live(
        "Microsoft.Network/networkInterfaces",
        "nic",
        properties={
            "ipConfigurations": [
                {
                    "name": "internal",
                    "properties": {
                        "privateIPAllocationMethod": "Dynamic",
                        "privateIPAddress": "10.0.1.4",
                        "primary": True,
                        "loadBalancerBackendAddressPools": [
                            {"id": f"{NET}/loadBalancers/lb/backendAddressPools/{pool}"}
                            for pool in ("two", "one")
                        ],
                    },
                }
            ]
        },
    ),
    live(
        "Microsoft.Sql/servers",
        "orders",
        properties={
            "administratorLogin": "root",
            "minimalTlsVersion": "1.2",
            "publicNetworkAccess": "Disabled",
        },
    ),
]


@pytest.fixture
def scan(drift: Drift, tmp_path: Path) -> Any:
    """Runs ``drift scan`` of the state against live records; gives path → resource name of each change, and
    the run."""

    def run(records: list[dict[str, Any]]) -> tuple[set[tuple[str, str]], Any]:
        resources = [
            {
                "mode": "managed",
                "type": type,
                "name": f"r{at}",
                "provider": 'provider["registry.terraform.io/hashicorp/azurerm"]',
                "instances": [{"attributes": attributes}],
            }
            for at, (type, attributes) in enumerate(STATE)
        ]
        said = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": resources}
        (tmp_path / "terraform.tfstate").write_text(json.dumps(said))
        checked = {"provider": "azure", "scope": SUBSCRIPTION, "status": "checked"}
        types = sorted({one["type"] for one in LIVE})
        head = {"drift_snapshot": 1, "coverage": [{**checked, "type": type_} for type_ in types]}
        (tmp_path / "live.jsonl").write_text("\n".join(json.dumps(one) for one in (head, *records)))
        (tmp_path / "drift.yaml").write_text(
            "version: 1\nredaction: {key: k}\nlive: {azure: {}}\ndeclared: [{path: terraform.tfstate}]\n"
        )
        done = drift("scan", "--live", "live.jsonl", "-o", "out")
        report = json.loads((tmp_path / "out" / "report.json").read_text())
        found = {
            (finding["name"], change["path"])
            for finding in report["findings"]
            for change in finding.get("changes") or [{"path": finding["kind"]}]
        }
        return found, done

    return run


def test_parts_of_one_resource_are_put_together_and_silent(scan: Any, tmp_path: Path) -> None:
    found, done = scan(LIVE)
    assert found == set(), done.stdout
    for file in (tmp_path / "out").rglob("*"):
        assert file.is_dir() or SECRET.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("at", "steps", "value", "expected"),
    [
        (
            0,
            "subnets/0/properties/networkSecurityGroup/id",
            f"{NET}/networkSecurityGroups/none",
            "/properties/subnets/a/properties/networkSecurityGroup/id",
        ),
        (
            0,
            "subnets/0/properties/serviceEndpoints",
            [],
            "/properties/subnets/a/properties/serviceEndpoints/Microsoft.Storage",
        ),
        (1, "securityRules/0/properties/access", "Deny", "/properties/securityRules/https/properties/access"),
        (3, "publicNetworkAccess", "Enabled", "/properties/publicNetworkAccess"),
    ],
)
def test_what_a_person_changed_is_told(scan: Any, at: int, steps: str, value: Any, expected: str) -> None:
    records = copy.deepcopy(LIVE)
    node = records[at]["attributes"]["properties"]
    *parents, last = steps.split("/")
    for name in parents:
        node = node[int(name)] if isinstance(node, list) else node[name]
    node[last] = value
    found, _ = scan(records)
    assert found == {(records[at]["name"], expected)}


def test_a_pool_that_the_interface_left_is_told(scan: Any) -> None:
    records = copy.deepcopy(LIVE)
    pools = records[2]["attributes"]["properties"]["ipConfigurations"][0]["properties"][
        "loadBalancerBackendAddressPools"
    ]
    del pools[0]
    found, _ = scan(records)
    assert {name for name, _ in found} == {"nic"}


def test_a_rule_that_a_person_added_is_told(scan: Any) -> None:
    records = copy.deepcopy(LIVE)
    rules = records[1]["attributes"]["properties"]["securityRules"]
    rules.append(
        {
            "name": "ssh",
            "properties": {**rules[0]["properties"], "priority": 110, "destinationPortRange": "22"},
        }
    )
    found, _ = scan(records)
    assert found == {("web", "/properties/securityRules/ssh")}


def test_what_terraform_ignores_is_no_finding(scan: Any, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "azurerm_mssql_server" "r8" {\n'
        "  lifecycle {\n    ignore_changes = [public_network_access_enabled]\n  }\n}\n"
    )
    records = copy.deepcopy(LIVE)
    records[3]["attributes"]["properties"] |= {"publicNetworkAccess": "Enabled", "minimalTlsVersion": "1.0"}
    found, _ = scan(records)
    assert found == {("orders", "/properties/minimalTlsVersion")}
