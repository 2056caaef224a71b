"""What of Amazon VPC is more than a renaming: rules, routes and entries in CloudFormation's shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Document = dict[str, Any]

#: CloudFormation's words for a rule's peers, by direction.
_GROUP = {"Ingress": "SourceSecurityGroupId", "Egress": "DestinationSecurityGroupId"}
_PREFIX_LIST = {"Ingress": "SourcePrefixListId", "Egress": "DestinationPrefixListId"}
_PROTOCOLS = {"all": "-1", "tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}
#: The rule `*` that every network ACL ends with; rules have numbers up to 32766. Source:
#: CreateNetworkAclEntry.
LAST_ENTRIES = frozenset({"32767", "32768"})
#: The protocols that have ports, and those that have types and codes.
WITH_PORTS = frozenset({"6", "17"})
WITH_TYPES = frozenset({"1", "58"})
_ALL = frozenset({"0.0.0.0/0", "::/0"})

#: Target of a route in Terraform → in CloudFormation.
_ROUTE = {
    "cidr_block": "DestinationCidrBlock",
    "ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "destination_prefix_list_id": "DestinationPrefixListId",
    "carrier_gateway_id": "CarrierGatewayId",
    "core_network_arn": "CoreNetworkArn",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId",
    "gateway_id": "GatewayId",
    "local_gateway_id": "LocalGatewayId",
    "nat_gateway_id": "NatGatewayId",
    "network_interface_id": "NetworkInterfaceId",
    "transit_gateway_id": "TransitGatewayId",
    "vpc_endpoint_id": "VpcEndpointId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId",
}
_ROUTE_NAMES = (*_ROUTE.values(), "InstanceId", "OdbNetworkArn")
_DHCP = {
    "domain-name": "DomainName",
    "domain-name-servers": "DomainNameServers",
    "netbios-name-servers": "NetbiosNameServers",
    "netbios-node-type": "NetbiosNodeType",
    "ntp-servers": "NtpServers",
    "ipv6-address-preferred-lease-time": "Ipv6AddressPreferredLeaseTime",
}
_DHCP_SINGLE = frozenset({"DomainName", "NetbiosNodeType", "Ipv6AddressPreferredLeaseTime"})


# Security groups


def security_group(document: Document) -> Document:
    """The rules of DescribeSecurityGroups, one for each peer; and whether a default group is still as AWS
    made it."""
    ingress = list(_rules(document.get("IpPermissions"), "Ingress", document.get("OwnerId")))
    egress = list(_rules(document.get("IpPermissionsEgress"), "Egress", document.get("OwnerId")))
    found: Document = {"SecurityGroupIngress": ingress, "SecurityGroupEgress": egress}
    own = {"IpProtocol": "-1", "SourceSecurityGroupId": document.get("GroupId")}
    if (
        document.get("GroupName") == "default"  # nobody else can make a group of this name
        and all(rule == own for rule in ingress)
        and all(_allows_all(rule) for rule in egress)
    ):
        found["AsAwsMakesIt"] = True
    return found


def _rules(permissions: Any, direction: str, owner: Any) -> Iterator[Document]:
    for permission in permissions or ():
        ports = {name: permission.get(name) for name in ("IpProtocol", "FromPort", "ToPort")}
        for peer in permission.get("IpRanges") or ():
            yield _rule(ports, peer, CidrIp=peer.get("CidrIp"))
        for peer in permission.get("Ipv6Ranges") or ():
            yield _rule(ports, peer, CidrIpv6=peer.get("CidrIpv6"))
        for peer in permission.get("PrefixListIds") or ():
            yield _rule(ports, peer, **{_PREFIX_LIST[direction]: peer.get("PrefixListId")})
        for peer in permission.get("UserIdGroupPairs") or ():
            group = {_GROUP[direction]: peer.get("GroupId")}
            if direction == "Ingress" and peer.get("UserId") not in (None, owner):
                group["SourceSecurityGroupOwnerId"] = peer["UserId"]
            if group[_GROUP[direction]] is None:
                group = {"SourceSecurityGroupName": peer.get("GroupName")}
            yield _rule(ports, peer, **group)


def _rule(ports: Mapping[str, Any], peer: Mapping[str, Any], **more: Any) -> Document:
    rule = {**ports, **more, "Description": peer.get("Description") or None}
    return {name: value for name, value in rule.items() if value is not None}


def _allows_all(rule: Mapping[str, Any]) -> bool:
    return rule.get("IpProtocol") == "-1" and bool({rule.get("CidrIp"), rule.get("CidrIpv6")} & _ALL)


def terraform_security_group(document: Document) -> Document:
    """The inline rules. None at all is said too: Terraform takes the allow-all egress of a new group away."""
    return {
        "SecurityGroupIngress": list(_terraform_rules(document, "Ingress")),
        "SecurityGroupEgress": list(_terraform_rules(document, "Egress")),
    }


def _terraform_rules(document: Mapping[str, Any], direction: str) -> Iterator[Document]:
    for block in document.get(direction.lower()) or ():
        ports = {
            "IpProtocol": block.get("protocol"),
            "FromPort": block.get("from_port"),
            "ToPort": block.get("to_port"),
        }
        said = {"Description": block.get("description")}
        for cidr in block.get("cidr_blocks") or ():
            yield _rule(ports, said, CidrIp=cidr)
        for cidr in block.get("ipv6_cidr_blocks") or ():
            yield _rule(ports, said, CidrIpv6=cidr)
        for prefix_list in block.get("prefix_list_ids") or ():
            yield _rule(ports, said, **{_PREFIX_LIST[direction]: prefix_list})
        groups = list(block.get("security_groups") or ())
        if block.get("self"):
            groups.append(document.get("id"))
        for group in groups:
            owner, _, name = str(group).rpartition("/")
            peer = {_GROUP[direction]: name}
            if owner and direction == "Ingress":
                peer["SourceSecurityGroupOwnerId"] = owner
            yield _rule(ports, said, **peer)


# VPCs and their option sets


def vpc(document: Document) -> Document:
    """The networks that were added, and the DHCP options; those that the region has by itself stand apart."""
    added: list[Document] = [
        {"CidrBlock": one["CidrBlock"]}
        for one in document.get("CidrBlockAssociationSet") or ()
        if _associated(one.get("CidrBlockState"))
        and one.get("CidrBlock") not in (None, document.get("CidrBlock"))
    ]
    for one in document.get("Ipv6CidrBlockAssociationSet") or ():
        if not _associated(one.get("Ipv6CidrBlockState")):
            continue
        if one.get("Ipv6Pool", "Amazon") == "Amazon":
            added.append({"AmazonProvidedIpv6CidrBlock": True})
        elif one.get("Ipv6CidrBlock"):
            added.append({"Ipv6CidrBlock": one["Ipv6CidrBlock"]})
    found: Document = {"VpcCidrBlocks": added}
    options = document.get("join_dhcp")
    chosen = document.get("DhcpOptionsId")
    own = chosen == "default" or bool(options and _as_aws_makes_it(options, document["region"]))
    found["OwnDhcpOptionsId" if own else "DhcpOptionsId"] = chosen
    return found


def _associated(state: Any) -> bool:
    return not state or state.get("State") in ("associated", "associating")


def dhcp_options(document: Document) -> Document:
    """``DhcpConfigurations`` as CloudFormation's properties."""
    found = _options(document)
    if _as_aws_makes_it(document, document["region"]):
        found["AsAwsMakesIt"] = True
    return found


def _options(document: Mapping[str, Any]) -> Document:
    found: Document = {}
    for configuration in document.get("DhcpConfigurations") or ():
        name = _DHCP.get(configuration["Key"])
        values = [value.get("Value") for value in configuration.get("Values") or ()]
        if name is not None and values:
            found[name] = values[0] if name in _DHCP_SINGLE else values
    return found


def _as_aws_makes_it(document: Mapping[str, Any], region: str) -> bool:
    """Source: https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html (default DHCP
    option set)."""
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    own_tags = [tag for tag in document.get("Tags") or () if not tag["Key"].startswith("aws:")]
    return not own_tags and _options(document) == {
        "DomainName": domain,
        "DomainNameServers": ["AmazonProvidedDNS"],
    }


# Route tables


def route_table(document: Document) -> Document:
    """The routes that somebody made, and whether a main table is still as AWS made it with its VPC."""
    routes = [route for route in map(_route, document.get("Routes") or ()) if route is not None]
    found: Document = {"Routes": routes}
    main = [one for one in document.get("Associations") or () if one.get("Main")]
    own_tags = [tag for tag in document.get("Tags") or () if not tag["Key"].startswith("aws:")]
    only_main = bool(main) and len(main) == len(document.get("Associations") or ())
    default_vpc = bool(document.get("join_vpc"))
    untouched = not own_tags and not document.get("PropagatingVgws") and (default_vpc or not routes)
    if only_main and untouched and all(_to_internet(route) for route in routes):
        found["AsAwsMakesIt"] = True
    return found


def _to_internet(route: Mapping[str, Any]) -> bool:
    return route.get("DestinationCidrBlock") == "0.0.0.0/0" and str(route.get("GatewayId", "")).startswith(
        "igw-"
    )


def _route(given: Mapping[str, Any]) -> Document | None:
    """One route as it was declared; None where AWS keeps it: local, propagated, or of a gateway endpoint."""
    gateway = str(given.get("GatewayId") or "")
    if gateway == "local" or given.get("Origin") == "EnableVgwRoutePropagation":
        return None
    if gateway.startswith("vpce-") and given.get("DestinationPrefixListId"):
        return None  # a gateway endpoint's: compared as the endpoint's RouteTableIds
    named = {**given, "DestinationIpv6CidrBlock": given.get("DestinationIpv6CidrBlock")}
    route = {name: named[name] for name in _ROUTE_NAMES if named.get(name)}
    if gateway.startswith("vpce-"):
        route["VpcEndpointId"] = route.pop("GatewayId")
    return route  # EC2 answers InstanceId and NetworkInterfaceId for a route to an instance: see settled


def terraform_route_table(document: Document) -> Document:
    """The inline routes."""
    said = [
        _route({_ROUTE[name]: value for name, value in block.items() if name in _ROUTE and value})
        for block in document.get("route") or ()
    ]
    return {"Routes": [route for route in said if route]}


# Network ACLs


def network_acl(document: Document) -> Document:
    """The entries but the last one of each direction, and whether a default ACL is still as AWS made it."""
    entries = [
        _entry(
            number=given["RuleNumber"],
            egress=given["Egress"],
            protocol=given.get("Protocol"),
            action=given.get("RuleAction"),
            cidr=given.get("CidrBlock"),
            ipv6=given.get("Ipv6CidrBlock"),
            ports=given.get("PortRange"),
            icmp=given.get("IcmpTypeCode"),
        )
        for given in document.get("Entries") or ()
        if str(given["RuleNumber"]) not in LAST_ENTRIES
    ]
    found: Document = {"Entries": entries}
    own_tags = [tag for tag in document.get("Tags") or () if not tag["Key"].startswith("aws:")]
    if document.get("IsDefault") and not own_tags and all(_opens_all(entry) for entry in entries):
        found["AsAwsMakesIt"] = True
    return found


def _opens_all(entry: Mapping[str, Any]) -> bool:
    cidr = entry.get("CidrBlock") or entry.get("Ipv6CidrBlock")
    return cidr in _ALL and entry.get("Protocol") == "-1" and entry.get("RuleAction") == "allow"


def protocol_number(said: Any) -> str:
    """The number of a protocol, ``-1`` of all.

    >>> protocol_number("TCP"), protocol_number(-1)
    ('6', '-1')
    """
    name = str(said).lower()
    return _PROTOCOLS.get(name, name)


def terraform_network_acl(document: Document) -> Document:
    """The inline entries; none at all is said too, for Terraform takes those of a default ACL away."""
    entries = [
        _entry(
            number=block.get("rule_no"),
            egress=direction == "egress",
            protocol=block.get("protocol"),
            action=block.get("action"),
            cidr=block.get("cidr_block") or None,
            ipv6=block.get("ipv6_cidr_block") or None,
            ports={"From": block.get("from_port"), "To": block.get("to_port")},
            icmp={"Code": block.get("icmp_code"), "Type": block.get("icmp_type")},
        )
        for direction in ("ingress", "egress")
        for block in document.get(direction) or ()
    ]
    return {"Entries": entries}


def _entry(
    *, number: Any, egress: Any, protocol: Any, action: Any, cidr: Any, ipv6: Any, ports: Any, icmp: Any
) -> Document:
    protocol = protocol_number(protocol)
    return {
        "RuleNumber": number,
        "Egress": egress,
        "Protocol": protocol,
        "RuleAction": None if action is None else str(action).lower(),
        "CidrBlock": cidr,
        "Ipv6CidrBlock": ipv6,
        "PortRange": ports,  # of a protocol that has none, comparison takes it away (providers.aws.settled)
        "Icmp": icmp,
    }
