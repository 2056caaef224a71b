"""Builds the shop's network as `repository/terraform/shop/network.tf` declares it."""

from __future__ import annotations

from typing import Any

from providers.aws.demo.accounts import Clients
from providers.aws.demo.tags import specification

Created = dict[str, str]
_ANYWHERE = "0.0.0.0/0"


def build(clients: Clients) -> Created:
    """The VPC with everything in it; Terraform address → id."""
    ec2 = clients.get("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16", TagSpecifications=specification("vpc", Name="larkspur"))
    made = {"aws_vpc.main": str(vpc["Vpc"]["VpcId"])}
    ec2.modify_vpc_attribute(VpcId=made["aws_vpc.main"], EnableDnsHostnames={"Value": True})
    made |= _subnets(ec2, made["aws_vpc.main"])
    made |= _routes(ec2, made)
    return made | _groups(ec2, made["aws_vpc.main"])


def _subnets(ec2: Any, vpc: str) -> Created:
    made: Created = {}
    for kind, prefix in (("public", "10.20."), ("private", "10.20.1")):
        for index, zone in enumerate(("eu-west-1a", "eu-west-1b")):
            subnet = ec2.create_subnet(
                VpcId=vpc,
                CidrBlock=f"{prefix}{index}.0/24",
                AvailabilityZone=zone,
                TagSpecifications=specification("subnet", Name=f"larkspur-{kind}-{index}"),
            )["Subnet"]["SubnetId"]
            if kind == "public":
                ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
            made[f"aws_subnet.{kind}[{index}]"] = subnet
    return made


def _routes(ec2: Any, made: Created) -> Created:
    vpc = made["aws_vpc.main"]
    gateway = ec2.create_internet_gateway(
        TagSpecifications=specification("internet-gateway", Name="larkspur")
    )["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2.allocate_address(
        Domain="vpc", TagSpecifications=specification("elastic-ip", Name="larkspur-nat")
    )
    nat = ec2.create_nat_gateway(
        AllocationId=address["AllocationId"],
        SubnetId=made["aws_subnet.public[0]"],
        TagSpecifications=specification("natgateway", Name="larkspur"),
    )["NatGateway"]
    tables: Created = {}
    for kind, target in (
        ("public", {"GatewayId": gateway}),
        ("private", {"NatGatewayId": nat["NatGatewayId"]}),
    ):
        table = ec2.create_route_table(
            VpcId=vpc, TagSpecifications=specification("route-table", Name=f"larkspur-{kind}")
        )["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock=_ANYWHERE, **target)
        for index in (0, 1):
            ec2.associate_route_table(RouteTableId=table, SubnetId=made[f"aws_subnet.{kind}[{index}]"])
        tables[f"aws_route_table.{kind}"] = table
    return {
        **tables,
        "aws_internet_gateway.main": gateway,
        "aws_eip.nat": address["AllocationId"],
        "aws_eip.nat.public_ip": address["PublicIp"],
        "aws_eip.nat.network_interface": _interface(ec2, address["AllocationId"]),
        "aws_nat_gateway.main": nat["NatGatewayId"],
        "aws_nat_gateway.main.private_ip": nat["NatGatewayAddresses"][0]["PrivateIp"],
    }


def _interface(ec2: Any, address: str) -> str:
    """The network interface that an address belongs to."""
    return str(ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]["NetworkInterfaceId"])


def _groups(ec2: Any, vpc: str) -> Created:
    web = _group(ec2, vpc, "web", "The shop from the internet")
    app = _group(ec2, vpc, "app", "Application servers")
    database = _group(ec2, vpc, "database", "PostgreSQL", Owner="data@larkspur.example")
    _open(ec2, web, 443, IpRanges=[{"CidrIp": _ANYWHERE, "Description": "HTTPS"}])
    _open(ec2, app, 8080, UserIdGroupPairs=[{"GroupId": web, "Description": "From the load balancer"}])
    _open(ec2, app, 22, IpRanges=[{"CidrIp": "198.51.100.0/24", "Description": "SSH from the office"}])
    _open(ec2, database, 5432, UserIdGroupPairs=[{"GroupId": app, "Description": "From the application"}])
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": _ANYWHERE}]}
    ec2.revoke_security_group_egress(GroupId=database, IpPermissions=[everything])
    return {
        "aws_security_group.web": web,
        "aws_security_group.app": app,
        "aws_security_group.database": database,
    }


def _group(ec2: Any, vpc: str, name: str, description: str, **tags: str) -> str:
    return str(
        ec2.create_security_group(
            VpcId=vpc,
            GroupName=name,
            Description=description,
            TagSpecifications=specification("security-group", **tags),
        )["GroupId"]
    )


def _open(ec2: Any, group: str, port: int, **sources: Any) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **sources}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
