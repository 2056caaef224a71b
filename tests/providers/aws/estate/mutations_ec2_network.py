"""What people and attackers do to the networks of ``ec2.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.ec2_find import WORLD, Clients, group, minimal_vpc, named, subnet, tagged, vpc
from tests.providers.aws.estate.mutation import Mutation


def _open_ssh(clients: Clients) -> None:
    client = clients("ec2")
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": WORLD}
    client.authorize_security_group_ingress(GroupId=group(client, "ec2-web")["GroupId"], IpPermissions=[rule])


def _close_https(clients: Clients) -> None:
    client = clients("ec2")
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    client.revoke_security_group_ingress(GroupId=group(client, "ec2-web")["GroupId"], IpPermissions=[rule])


def _all_out(name: str) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        client = clients("ec2")
        rule = {"IpProtocol": "-1", "IpRanges": WORLD}
        client.authorize_security_group_egress(GroupId=group(client, name)["GroupId"], IpPermissions=[rule])

    return apply


def _open_default(clients: Clients) -> None:
    client = clients("ec2")
    vpc = minimal_vpc(client)
    groups = client.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    group = next(one for one in groups if one["GroupName"] == "default")
    rule = {"IpProtocol": "tcp", "FromPort": 3389, "ToPort": 3389, "IpRanges": WORLD}
    client.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[rule])


def _new_group(clients: Clients) -> None:
    client = clients("ec2")
    client.create_security_group(GroupName="ec2-intruder", Description="x", VpcId=vpc(client))


def _dns_off(clients: Clients) -> None:
    client = clients("ec2")
    client.modify_vpc_attribute(VpcId=vpc(client), EnableDnsHostnames={"Value": False})


def _more_network(clients: Clients) -> None:
    client = clients("ec2")
    client.associate_vpc_cidr_block(VpcId=minimal_vpc(client), CidrBlock="10.10.0.0/16")


def _public_subnet(clients: Clients) -> None:
    client = clients("ec2")
    client.modify_subnet_attribute(
        SubnetId=subnet(client, "10.0.1.0/24"), MapPublicIpOnLaunch={"Value": True}
    )


def _table(client: Any, name: str) -> dict[str, Any]:
    return named(client.describe_route_tables()["RouteTables"], name)


def _route_added(clients: Clients) -> None:
    client = clients("ec2")
    gateway = named(client.describe_internet_gateways()["InternetGateways"], "ec2-main")
    client.create_route(
        RouteTableId=_table(client, "ec2-inline")["RouteTableId"],
        DestinationCidrBlock="203.0.113.0/24",
        GatewayId=gateway["InternetGatewayId"],
    )


def _route_removed(clients: Clients) -> None:
    client = clients("ec2")
    table = _table(client, "ec2-default")["RouteTableId"]
    client.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")


def _disassociated(clients: Clients) -> None:
    client = clients("ec2")
    associations = _table(client, "ec2-inline")["Associations"]
    client.disassociate_route_table(AssociationId=associations[0]["RouteTableAssociationId"])


def _detached(clients: Clients) -> None:
    client = clients("ec2")
    gateway = named(client.describe_internet_gateways()["InternetGateways"], "ec2-main")
    client.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc(client))


def _acl(client: Any) -> str:
    return str(named(client.describe_network_acls()["NetworkAcls"], "ec2-inline")["NetworkAclId"])


def _acl_entry(clients: Clients) -> None:
    client = clients("ec2")
    client.create_network_acl_entry(
        NetworkAclId=_acl(client),
        RuleNumber=50,
        Protocol="-1",
        RuleAction="allow",
        Egress=False,
        CidrBlock="0.0.0.0/0",
    )


def _acl_entry_changed(clients: Clients) -> None:
    client = clients("ec2")
    client.replace_network_acl_entry(
        NetworkAclId=_acl(client),
        RuleNumber=100,
        Protocol="6",
        RuleAction="deny",
        Egress=False,
        CidrBlock="10.0.0.0/8",
        PortRange={"From": 443, "To": 443},
    )


def _default_dhcp(clients: Clients) -> None:
    client = clients("ec2")
    minimal = next(
        one["DhcpOptionsId"]
        for one in client.describe_dhcp_options()["DhcpOptions"]
        if any(c["Values"][0]["Value"] == "10.9.0.2" for c in one["DhcpConfigurations"])
    )
    client.associate_dhcp_options(DhcpOptionsId=minimal, VpcId=vpc(client))


_GROUP = "AWS::EC2::SecurityGroup"
_TABLE = "AWS::EC2::RouteTable"
_ACL = "AWS::EC2::NetworkAcl"

MUTATIONS = [
    Mutation("ssh opened to the world", _open_ssh, _GROUP, "ec2-web", paths=("/SecurityGroupIngress",)),
    Mutation(
        "https closed for the inside", _close_https, _GROUP, "ec2-web", paths=("/SecurityGroupIngress",)
    ),
    Mutation(
        "all egress of a closed group",
        _all_out("ec2-apart"),
        _GROUP,
        "ec2-apart",
        paths=("/SecurityGroupEgress",),
    ),
    Mutation(
        "tag on a group",
        tagged(lambda c: str(group(c, "ec2-modern")["GroupId"])),
        _GROUP,
        "ec2-modern",
        paths=("/Tags/Intruder",),
    ),
    Mutation("default group opened", _open_default, _GROUP, "default", "unmanaged"),
    Mutation("new group", _new_group, _GROUP, "ec2-intruder", "unmanaged"),
    Mutation("DNS host names off", _dns_off, "AWS::EC2::VPC", "vpc-", paths=("/EnableDnsHostnames",)),
    Mutation("tag on a VPC", tagged(vpc), "AWS::EC2::VPC", "vpc-", paths=("/Tags/Intruder",)),
    Mutation("network added to a VPC", _more_network, "AWS::EC2::VPC", "vpc-", paths=("/VpcCidrBlocks",)),
    Mutation("other DHCP options", _default_dhcp, "AWS::EC2::VPC", "vpc-", paths=("/DhcpOptionsId",)),
    Mutation(
        "public addresses in a subnet",
        _public_subnet,
        "AWS::EC2::Subnet",
        "subnet-",
        paths=("/MapPublicIpOnLaunch",),
    ),
    Mutation(
        "tag on a subnet",
        tagged(lambda c: subnet(c, "10.0.2.0/24")),
        "AWS::EC2::Subnet",
        "subnet-",
        paths=("/Tags/Intruder",),
    ),
    Mutation("route added", _route_added, _TABLE, "rtb-", paths=("/Routes",)),
    Mutation("route removed", _route_removed, _TABLE, "rtb-", paths=("/Routes",)),
    Mutation("subnet taken off a table", _disassociated, _TABLE, "rtb-", paths=("/Associations",)),
    Mutation("gateway detached", _detached, "AWS::EC2::InternetGateway", "igw-", paths=("/VpcId",)),
    Mutation("entry added to an ACL", _acl_entry, _ACL, "acl-", paths=("/Entries/false|50",)),
    Mutation(
        "entry of an ACL denies", _acl_entry_changed, _ACL, "acl-", paths=("/Entries/false|100/RuleAction",)
    ),
]
