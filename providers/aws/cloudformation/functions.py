"""CloudFormation's intrinsic functions that need nothing but their arguments."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):[^{}]*\}\}")
_DIGITS = re.compile(r"[-+]?[0-9]{1,9}")


class Unknown(Exception):
    """A value can't be told. The message is the reason, as people read it."""


def as_text(value: Any) -> str:
    """A scalar as CloudFormation writes it into a string. Raises Unknown for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    raise Unknown(f"expected text, got {_what(value)}")


def as_list(value: Any, function: str) -> list[Any]:
    """A list. Raises Unknown for anything else."""
    if isinstance(value, list):
        return value
    raise Unknown(f"{function} expects a list, got {_what(value)}")


def as_integer(value: Any, function: str) -> int:
    """A whole number, also as text. Raises Unknown for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return int(value)
    raise Unknown(f"{function} expects a whole number, got {_what(value)}")


def _what(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else "text"


def arguments(value: Any, least: int, most: int, function: str) -> list[Any]:
    """The argument list of a function, of allowed length. Raises Unknown."""
    if isinstance(value, list) and least <= len(value) <= most:
        return value
    wanted = str(least) if least == most else f"{least} to {most}"
    raise Unknown(f"{function} expects a list of {wanted} arguments")


def join(delimiter: str, items: list[Any]) -> str:
    """``Fn::Join``."""
    return delimiter.join(as_text(item) for item in items)


def split(delimiter: str, text: str) -> list[str]:
    """``Fn::Split``."""
    if not delimiter:
        raise Unknown("Fn::Split has an empty delimiter")
    return text.split(delimiter)


def select(index: int, items: list[Any]) -> Any:
    """``Fn::Select``."""
    if not 0 <= index < len(items):
        raise Unknown(f"Fn::Select asks for item {index} of {len(items)}")
    return items[index]


def substitute(text: str, lookup: Callable[[str], str]) -> str:
    """``Fn::Sub``: every ``${Name}`` through ``lookup``; ``${!Name}`` is the literal ``${Name}``."""

    def one(found: re.Match[str]) -> str:
        name = found[1]
        return "${" + name[1:] + "}" if name.startswith("!") else lookup(name.strip())

    return _VARIABLE.sub(one, text)


def encode(text: str) -> str:
    """``Fn::Base64``."""
    return base64.b64encode(text.encode()).decode()


def cidr(block: str, count: int, bits: int) -> list[str]:
    """``Fn::Cidr``: the first ``count`` subnets that leave ``bits`` bits for their own addresses."""
    try:
        network = ipaddress.ip_network(block, strict=False)
    except ValueError as error:
        raise Unknown(f"Fn::Cidr: {block} is no address block") from error
    prefix = network.max_prefixlen - bits
    if not 1 <= count <= 256 or not network.prefixlen <= prefix <= network.max_prefixlen:
        raise Unknown(f"Fn::Cidr can't cut {count} blocks of {bits} bits out of {block}")
    if count > 1 << (prefix - network.prefixlen):
        raise Unknown(f"Fn::Cidr: {block} has no room for {count} blocks of {bits} bits")
    start, size = int(network.network_address), 1 << bits
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    return [f"{kind(start + index * size)}/{prefix}" for index in range(count)]


def to_json(value: Any) -> str:
    """``Fn::ToJsonString``."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def length(value: Any) -> int:
    """``Fn::Length``."""
    return len(as_list(value, "Fn::Length"))


def find_in_map(mapping: Mapping[str, Any], name: str, first: str, second: str) -> Any:
    """``Fn::FindInMap``. Raises KeyError where the mapping has no such keys."""
    outer = mapping[first]
    if not isinstance(outer, Mapping):
        raise Unknown(f"the mapping {name} has no second level at {first}")
    return outer[second]


def equal(one: Any, other: Any) -> bool:
    """``Fn::Equals``: scalars by their text, as CloudFormation compares them."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    try:
        return as_text(one) == as_text(other)
    except Unknown:
        return one is None and other is None


def dynamic_reference(text: str) -> str | None:
    """The first ``{{resolve:…}}`` in a text."""
    found = _DYNAMIC.search(text)
    return found[0] if found else None
