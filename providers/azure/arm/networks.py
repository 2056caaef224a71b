"""The template functions on address ranges.

Source: Microsoft Learn, "CIDR functions for ARM templates" (also its examples, which the tests hold).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from providers.azure.arm.values import Unknown, integer, word

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(value: Any) -> Network:
    try:
        return ipaddress.ip_network(word(value), strict=False)
    except ValueError as error:
        raise Unknown("expected an address range as 10.0.0.0/16") from error


def parse_cidr(network: Any) -> dict[str, Any]:
    """``parseCidr('10.144.0.0/20')``: network, netmask, broadcast, first and last usable address, prefix
    length."""
    found = _network(network)
    first, last = found.network_address, found.broadcast_address
    said: dict[str, Any] = {"network": str(first), "netmask": str(found.netmask), "cidr": found.prefixlen}
    if found.version == 6:
        return {**said, "firstUsable": str(first), "lastUsable": str(last)}
    inner = found.prefixlen < 31
    return {
        **said,
        "broadcast": str(last),
        "firstUsable": str(first + 1 if inner else first),
        "lastUsable": str(last - 1 if inner else last),
    }


def cidr_subnet(network: Any, prefix: Any, index: Any) -> str:
    """``cidrSubnet('10.144.0.0/20', 24, 0)`` is ``10.144.0.0/24``."""
    found, length, at = _network(network), integer(prefix), integer(index)
    if not found.prefixlen <= length <= found.max_prefixlen or not 0 <= at < 1 << (length - found.prefixlen):
        raise Unknown(f"cidrSubnet: {found} has no part {at} of length {length}")
    start = int(found.network_address) + (at << (found.max_prefixlen - length))
    return f"{type(found.network_address)(start)}/{length}"


def cidr_host(network: Any, index: Any) -> str:
    """``cidrHost('10.144.3.0/24', 0)`` is ``10.144.3.1``: hosts begin after the network's own address."""
    found, at = _network(network), integer(index)
    first = 1 if found.max_prefixlen - found.prefixlen > 1 else 0
    last = first if found.version == 4 else 0
    if not 0 <= at < found.num_addresses - first - last:
        raise Unknown(f"cidrHost: {found} has no host {at}")
    return str(found.network_address + first + at)


TABLE: dict[str, tuple[int, int, Callable[..., Any]]] = {
    "parsecidr": (1, 1, parse_cidr),
    "cidrsubnet": (3, 3, cidr_subnet),
    "cidrhost": (2, 2, cidr_host),
}
