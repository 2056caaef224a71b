"""Addresses, networks and ports, whatever spelling they came in."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.collections import unordered

_PREFIX = re.compile(r"[^/]+/[0-9]{1,3}", re.ASCII)
_PORTS = re.compile(r"\s*([0-9]{1,5})\s*(?:-\s*([0-9]{1,5})\s*)?", re.ASCII)


def _cidr(value: Any, context: Context, *, bare: bool = False) -> Canonical:
    """A network with its host bits cleared and IPv6 in its short spelling (RFC 5952).

    With ``bare``, an address without a length is the network of that one address (``10.0.0.5`` ≡
    ``10.0.0.5/32``); otherwise it stays an address.

    >>> _cidr("10.1.2.3/8", Context())
    '10.0.0.0/8'
    """
    if not isinstance(value, str):
        return value
    try:
        if _PREFIX.fullmatch(value):
            return str(ipaddress.ip_network(value, strict=False))
        if bare and "/" not in value and "%" not in value:
            return str(ipaddress.ip_network(value))
    except ValueError:
        return value
    return _ip(value, context)


def _ip(value: Any, context: Context) -> Canonical:
    """An address; IPv6 in its short, lower-case spelling (RFC 5952)."""
    if not isinstance(value, str):
        return value
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return value


def _port_ranges(value: Any, context: Context, *, merge: bool = False) -> Canonical:
    """One port or range (``80`` ≡ ``"80"`` ≡ ``"80-80"``), or the set of them.

    With ``merge``, ranges of a set that touch or overlap become one: only for sets that mean the union of
    their ports. ``*`` and all that is not a range stays as it is.
    """
    if not isinstance(value, list):
        return _port_range(value)
    members = [_port_range(member) for member in value]
    ranges = unordered(_merged(members) if merge else members)
    return members if ranges is None else ranges


def _port_range(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 <= value <= 65535 else value
    bounds = _bounds(value)
    return value if bounds is None else _spelled(*bounds)


def _bounds(value: Any) -> tuple[int, int] | None:
    match = _PORTS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return (first, last) if first <= last <= 65535 else None


def _spelled(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _merged(members: list[Any]) -> list[Any]:
    bounds = sorted(found for member in members if (found := _bounds(member)) is not None)
    others = [member for member in members if _bounds(member) is None]
    ranges: list[tuple[int, int]] = []
    for first, last in bounds:
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(last, ranges[-1][1]))
        else:
            ranges.append((first, last))
    return [_spelled(*one) for one in ranges] + others


CIDR = Kind("cidr", _cidr)
IP = Kind("ip", _ip)
PORT_RANGES = Kind("port-ranges", _port_ranges, phase="after")
