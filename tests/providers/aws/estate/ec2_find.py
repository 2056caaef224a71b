"""Finds what ``ec2.tf`` made, by what it says there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Clients = Callable[[str], Any]

WORLD = [{"CidrIp": "0.0.0.0/0"}]


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The one whose tag Name is ``name``."""
    return next(one for one in items if {"Key": "Name", "Value": name} in one.get("Tags", ()))


def group(client: Any, name: str) -> dict[str, Any]:
    groups: list[dict[str, Any]] = client.describe_security_groups()["SecurityGroups"]
    return next(one for one in groups if one["GroupName"].startswith(name))


def vpc(client: Any) -> str:
    return str(named(client.describe_vpcs()["Vpcs"], "ec2-main")["VpcId"])


def minimal_vpc(client: Any) -> str:
    return str(next(v["VpcId"] for v in client.describe_vpcs()["Vpcs"] if v["CidrBlock"] == "10.9.0.0/16"))


def subnet(client: Any, cidr: str) -> str:
    return str(next(s["SubnetId"] for s in client.describe_subnets()["Subnets"] if s["CidrBlock"] == cidr))


def instances(client: Any) -> list[dict[str, Any]]:
    filters = [{"Name": "instance-state-name", "Values": ["running", "stopped"]}]
    answer = client.describe_instances(Filters=filters)
    return [one for reservation in answer["Reservations"] for one in reservation["Instances"]]


def rich(client: Any) -> str:
    return str(named(instances(client), "ec2-rich")["InstanceId"])


def volume(client: Any, size: int) -> str:
    return str(next(v["VolumeId"] for v in client.describe_volumes()["Volumes"] if v["Size"] == size))


def tagged(find: Callable[[Any], str], key: str = "Intruder") -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        client = clients("ec2")
        client.create_tags(Resources=[find(client)], Tags=[{"Key": key, "Value": "yes"}])

    return apply
