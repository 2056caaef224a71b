"""Tells by what a CloudFormation schema says of a property what kind of value it is: by its format, its
pattern, its enumeration and, where these are silent, its name.

Build time only: :mod:`providers.aws.compile_types` writes down what it says. The rules are general; what one
type needs besides is in its own facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from providers.aws.compile_schemas import Spot

_POLICY = re.compile(r"(?:^|[a-z])Policy(?:Document|Text|Json|JSON)?$")
_NETWORK = re.compile(r"Cidr(?:Block|Ip|Ipv6)?$|CIDR$|CidrRange$")
_KEY = re.compile(r"(?:^|[a-z])(?:Kms|KMS)(?:Encryption|Master)?Key(?:Id|Arn|ARN|Identifier|ID)?$")
_SCALARS = {"integer", "number", "boolean"}
#: How the members of a tag are spelled.
_TAG = ({"Key", "Value"}, {"key", "value"}, {"TagKey", "TagValue"})
_MOMENT = frozenset({"date-time", "timestamp"})


def kinds(spots: Iterable[Spot], marks: Mapping[str, str], tags: str | None) -> dict[str, Any]:
    """Path → name of the kind, or the kind with its parameters, where it is not the one that the letter of
    the path says. ``tags`` is the property that holds the tags."""
    found: dict[str, Any] = {}
    for spot in spots:
        if spot.again is None and spot.path not in found:
            kind = _list(spot, tags) or _map(spot, tags) or _text(spot)
            if kind is not None:
                found[spot.path] = kind
    return dict(sorted(found.items()))


def defaults(spots: Iterable[Spot]) -> dict[str, Any]:
    """Path → the value that the schema says a property has where nobody sets it. A list's member has none:
    that would be one that anybody may add."""
    found: dict[str, Any] = {}
    for spot in spots:
        if spot.again is not None or spot.path.endswith("/*"):
            continue
        for part in (spot.node, *spot.node.get("allOf", ())):
            if part.get("default") is not None:
                found.setdefault(spot.path, part["default"])
    return dict(sorted(found.items()))


def _list(spot: Spot, tags: str | None) -> Any:
    """Of a list of tags that; lists whose order does not count are marked as such."""
    if spot.node.get("type") != "array":
        return None
    return "tags" if spot.path == tags or spot.path.endswith("Tags") and _is_tag(spot.members) else None


def _is_tag(members: Mapping[str, Any]) -> bool:
    return any(members.keys() == tag for tag in _TAG)


def _map(spot: Spot, tags: str | None) -> Any:
    """An object whose members have names of people's own."""
    node = spot.node
    if node.get("type") != "object" or node.get("properties"):
        return None
    if spot.path == tags:
        return "tags"
    return "map" if node.get("patternProperties") else None


def _text(spot: Spot) -> Any:
    node, name = spot.node, spot.path.rpartition("/")[2]
    types = {node["type"]} if isinstance(node.get("type"), str) else {*(node.get("type") or ())}
    said = str(node.get("format") or "")
    if said == "json" or (not node.get("properties") and _document(name, types)):
        return "iam-policy" if _POLICY.search(name) else "json"
    plain = types - {"string"}
    if types != {"string"}:
        return next(iter(plain)) if len(plain) == 1 and plain <= _SCALARS else None
    if said in _MOMENT:
        return "timestamp"
    if said.startswith("AWS::KMS::Key.") or _KEY.search(name):
        return "kms-key-ref"
    if said in ("ipv4-network", "ipv6-network") or _NETWORK.search(name):
        return "cidr"
    if node.get("enumCaseInsensitive"):
        return "case-insensitive"
    pattern = str(node.get("pattern", "")).lstrip("^(")
    return "arn" if said.endswith(".Arn") or pattern.startswith("arn:") else None


def _document(name: str, types: set[str]) -> bool:
    """Whether a property holds a document, as an object or as a text."""
    return types == {"object", "string"} or (types == {"object"} and bool(_POLICY.search(name)))
