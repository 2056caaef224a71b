"""Serves a loopback Azure in a process of its own: ``python -m providers.azure.loopback [FOLDER]``.

Prints the URL and serves until standard input closes. Without a folder, ``--resources N`` makes that many
resources in ``--subscriptions S`` subscriptions.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from providers.azure.loopback import cloud


def made(resources: int, subscriptions: int) -> Iterator[dict[str, Any]]:
    """Resources of a few types, of the size that such resources have."""
    for number in range(subscriptions):
        yield {"subscriptionId": _subscription(number), "displayName": f"subscription-{number}"}
        yield {"id": f"/subscriptions/{_subscription(number)}/resourceGroups/rg", "location": "westeurope"}
    for number in range(resources):
        yield _resource(
            number, f"/subscriptions/{_subscription(number % subscriptions)}/resourceGroups/rg/providers"
        )


def _subscription(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def _resource(number: int, base: str) -> dict[str, Any]:
    name, which = f"r{number:06}", number % 4
    body: dict[str, Any] = {
        "location": "westeurope",
        "tags": {"app": name, "team": f"t{number % 7}", "environment": "production"},
    }
    if which == 0:
        rules = [
            {
                "name": f"rule-{one}",
                "id": f"{base}/Microsoft.Network/networkSecurityGroups/{name}/securityRules/rule-{one}",
                "properties": {
                    "provisioningState": "Succeeded",
                    "protocol": "Tcp",
                    "access": "Allow",
                    "direction": "Inbound",
                    "priority": 100 + one,
                    "sourceAddressPrefix": f"10.{one}.0.0/16",
                    "sourcePortRange": "*",
                    "destinationAddressPrefix": "*",
                    "destinationPortRange": "443",
                },
            }
            for one in range(6)
        ]
        return {
            "id": f"{base}/Microsoft.Network/networkSecurityGroups/{name}",
            **body,
            "properties": {"provisioningState": "Succeeded", "securityRules": rules},
        }
    if which == 1:
        return {
            "id": f"{base}/Microsoft.Storage/storageAccounts/{name}",
            **body,
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS", "tier": "Standard"},
            "properties": {
                "minimumTlsVersion": "TLS1_2",
                "allowBlobPublicAccess": False,
                "supportsHttpsTrafficOnly": True,
                "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": []},
                "primaryEndpoints": {"blob": f"https://{name}.blob.core.windows.net/"},
            },
        }
    if which == 2:
        return {
            "id": f"{base}/Microsoft.Compute/disks/{name}",
            **body,
            "sku": {"name": "Premium_LRS", "tier": "Premium"},
            "zones": ["1"],
            "properties": {
                "diskSizeGB": 128,
                "diskState": "Attached",
                "creationData": {"createOption": "Empty"},
            },
        }
    return {
        "id": f"{base}/Microsoft.Network/publicIPAddresses/{name}",
        **body,
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {
            "publicIPAllocationMethod": "Static",
            "ipAddress": "203.0.113.9",
            "idleTimeoutInMinutes": 4,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="providers.azure.loopback", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--resources", type=int, default=0)
    parser.add_argument("--subscriptions", type=int, default=1)
    given = parser.parse_args()
    with cloud(given.folder or made(given.resources, given.subscriptions)) as server:
        server.service.page = 1000
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
