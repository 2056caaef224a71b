"""Serves a loopback Google Cloud in a process of its own: ``python -m providers.gcp.loopback [FOLDER]``.

Prints the URLs of REST and gRPC, a line each, and serves until standard input closes. Without a folder,
``--assets N`` makes that many assets in ``--projects P`` projects.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from providers.gcp.loopback import cloud

_COMPUTE = "https://www.googleapis.com/compute/v1/projects"


def made(assets: int, projects: int) -> Iterator[dict[str, Any]]:
    """Assets of a few types, of the size that such assets have; every fifth with an IAM policy."""
    for number in range(projects):
        yield {"name": f"projects/{1000 + number}", "projectId": f"project-{number}"}
    for number in range(assets):
        yield _asset(number, f"project-{number % projects}")


def _asset(number: int, project: str) -> dict[str, Any]:
    name, which = f"a{number:06}", number % 5
    data: dict[str, Any]
    labels = {"app": name, "team": f"t{number % 7}"}
    if which == 0:
        policy = {
            "bindings": [{"role": "roles/storage.objectViewer", "members": [f"user:u{number}@example.com"]}]
        }
        data = {
            "name": name,
            "labels": labels,
            "location": "EU",
            "storageClass": "STANDARD",
            "versioning": {"enabled": True},
        }
        return _told("storage.googleapis.com/Bucket", f"//storage.googleapis.com/{name}", data, policy) | {
            "in": project
        }
    if which == 1:
        data = {
            "name": f"projects/{project}/topics/{name}",
            "labels": labels,
            "messageRetentionDuration": "86600s",
        }
        return _told(
            "pubsub.googleapis.com/Topic", f"//pubsub.googleapis.com/projects/{project}/topics/{name}", data
        )
    if which == 2:
        data = {
            "name": name,
            "network": f"{_COMPUTE}/{project}/global/networks/default",
            "direction": "INGRESS",
            "priority": 1000,
            "sourceRanges": ["10.0.0.0/8"],
            "allowed": [{"IPProtocol": "tcp", "ports": ["22", "443"]}],
        }
        return _told(
            "compute.googleapis.com/Firewall",
            f"//compute.googleapis.com/projects/{project}/global/firewalls/{name}",
            data,
        )
    zone = f"{_COMPUTE}/{project}/zones/europe-west1-b"
    disk = {
        "autoDelete": True,
        "boot": True,
        "deviceName": "boot",
        "index": 0,
        "mode": "READ_WRITE",
        "source": f"{zone}/disks/{name}",
    }
    card = {
        "name": "nic0",
        "network": f"{_COMPUTE}/{project}/global/networks/default",
        "networkIP": "10.0.0.2",
    }
    data = {
        "name": name,
        "id": str(10**15 + number),
        "zone": zone,
        "machineType": f"{zone}/machineTypes/e2-medium",
        "labels": labels,
        "tags": {"items": ["web", "ssh"]},
        "disks": [disk],
        "networkInterfaces": [card],
        "scheduling": {"automaticRestart": True, "onHostMaintenance": "MIGRATE", "preemptible": False},
        "metadata": {"items": [{"key": "startup-script", "value": "#! /bin/sh\napt-get update\n" * 5}]},
        "status": "RUNNING",
    }
    return _told(
        "compute.googleapis.com/Instance",
        f"//compute.googleapis.com/projects/{project}/zones/europe-west1-b/instances/{name}",
        data,
    )


def _told(
    type_: str, name: str, data: dict[str, Any], policy: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"name": name, "assetType": type_, "data": data, **({"iamPolicy": policy} if policy else {})}


def main() -> None:
    parser = argparse.ArgumentParser(prog="providers.gcp.loopback", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--assets", type=int, default=0)
    parser.add_argument("--projects", type=int, default=1)
    given = parser.parse_args()
    with cloud(given.folder or made(given.assets, given.projects)) as server:
        print(server.url, server.grpc_url, sep="\n", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
