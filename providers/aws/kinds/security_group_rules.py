"""Rules of a security group, one for each protocol, port range and peer, in no order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.collections import unordered
from drift.kinds.registry import KINDS
from drift.kinds.text import in_any_order

_cidr = KINDS["cidr"].canonical
_integer = KINDS["integer"].canonical

#: Source: IANA protocol numbers; EC2 takes name or number and answers tcp, udp, icmp, icmpv6, -1 or a number.
_PROTOCOLS = {"all": "-1", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_WITH_PORTS = frozenset({"tcp", "udp", "icmp", "icmpv6"})
_PEERS = (
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "DestinationSecurityGroupId",
    "SourcePrefixListId",
    "DestinationPrefixListId",
)
_OF_SOURCE_GROUP = frozenset({"SourceSecurityGroupId", "SourceSecurityGroupName"})
_OWNER = "SourceSecurityGroupOwnerId"


def _security_group_rules(value: Any, context: Context) -> Canonical:
    """CloudFormation-shaped rules, each split into rules of one peer, as a set.

    Protocols by name (``6`` ≡ ``tcp``, ``all`` ≡ ``-1``); no ports where the protocol has none; CIDRs in
    canonical form; no empty descriptions; the group's own account is not said. Port ranges that touch are not
    merged: each is a rule with a life of its own. Source:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html.
    """
    if not isinstance(value, list):
        return value
    rules = [
        rule for given in value for rule in (_single(given, context) if isinstance(given, dict) else [given])
    ]
    members = unordered(rules)
    return rules if members is None else members


def _single(given: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """The rules of one peer each that ``given`` stands for."""
    rule = _with_ports({name: member for name, member in given.items() if member not in (None, "")})
    if rule.get(_OWNER) == context.scope != "":
        del rule[_OWNER]
    peers = [(name, peer) for name in _PEERS if name in rule for peer in _each(rule[name])]
    if not peers:
        yield rule
        return
    shared = {name: member for name, member in rule.items() if name not in _PEERS and name != _OWNER}
    for name, peer in peers:
        single = {**shared, name: _cidr(peer, context, bare=True) if name.startswith("Cidr") else peer}
        if name in _OF_SOURCE_GROUP and _OWNER in rule:
            single[_OWNER] = rule[_OWNER]
        yield single


def _with_ports(rule: dict[str, Any]) -> dict[str, Any]:
    protocol = rule.get("IpProtocol")
    if isinstance(protocol, (str, int)) and not isinstance(protocol, bool):
        name = str(protocol).strip().lower()
        rule["IpProtocol"] = protocol = _PROTOCOLS.get(name, name)
        if protocol not in _WITH_PORTS:
            rule.pop("FromPort", None)
            rule.pop("ToPort", None)
    ports = {name: _integer(rule[name], Context()) for name in ("FromPort", "ToPort") if name in rule}
    if protocol in ("icmp", "icmpv6") and not ports:
        ports = {"FromPort": -1, "ToPort": -1}
    return rule | ports


def _each(peers: Any) -> list[Any]:
    if isinstance(peers, list):
        return [one for member in peers if member not in (None, "") for one in _each(member)]
    return [peers]


SECURITY_GROUP_RULES = Kind("security-group-rules", _security_group_rules, phase="after", settle=in_any_order)
#: The same, where none is not what a group has that says nothing: a new one allows all.
SECURITY_GROUP_EGRESS = Kind(
    "security-group-egress", _security_group_rules, phase="after", settle=in_any_order, present=True
)
