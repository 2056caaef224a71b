"""Tells by what a CloudFormation schema says of a property what kind of value it is and what it is where
nobody sets it: by its format, its pattern, its enumeration, its description and, where these are silent, its
name.

Build time only: :mod:`providers.aws.compile_types` writes down what it says. The rules are general; what one
type needs besides is in facts of its own, and by such facts the rules were measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from providers.aws.compile_schemas import Spot

_POLICY = re.compile(r"(?:^|[a-z])Policy(?:Document|Text|Json|JSON)?$")
_NETWORK = re.compile(r"(?:Cidr|CIDR|Cidr(?:Block|Ip|Ipv6|Range|ListItem))s?$")
_KEY = re.compile(
    r"(?:Kms|KMS)(?:Encryption|Master)?Key(?:Id|Arn|ARN|Identifier|ID)?$|EncryptionKey(?:Arn|ARN)$"
)
_DOCUMENT = re.compile(
    r"(?:Document|Definition|Json|JSON|Body|Template|Schema|Settings|Input|Query|Spec|Specification|Parameters|"
    r"Mappings|Metadata|Policy|PolicyText|Dashboard)$"
)
#: Documents that people write in YAML as well, where a text is allowed.
_YAML = re.compile(r"(?:Content|Template|Definition|Spec|Specification)$")
_TIME = re.compile(r"(?:Time|Date|Timestamp|DateTime|At)$")
_HOST = re.compile(r"(?:Host|Dns|DNS)(?:N|n)ame$|^(?:FQDN|Fqdn)$|DomainNames?$|^Domains$")
_LOGS = re.compile(r"(?:Log|Destination)\w*(?:Arn|ARN)$")
_NAME_OR_ARN = re.compile(
    r"(?i)\b(?:name|id|identifier)s?\)? or (?:the |an? )?(?:full |complete )?(?:Amazon Resource Name|ARN)|"
    r"\b(?:ARN|Amazon Resource Name)s?(?: \(ARN\))? or (?:the |an? )?(?:short |friendly )?(?:name|ID)\b"
)
#: Names of lists in which the order means something, where the schema does not say that it does not.
_ORDERED = re.compile(
    r"Command|Entry[Pp]oint|Args|Argument|Layers|Column|KeySchema|SortKey|Step|Stage|Phase|Rout|Strateg|Order|"
    r"Sequence|Container|Override|Quer|S[Qq][Ll]|Statement|Classifier|Process|Server|Behavior|Task|Transform|"
    r"Pipeline|Priorit|Prefer|Chain|Segment|Level|Action|Rule|Termination|Feature|Label|Script|Line|Fallback|"
    r"Match|Expression|Partition|Choice|Option|Question|Section|Widget|Slot|Message|Visual|Sheet|Layout|Field|"
    r"Row|Element|Children|Item|Hierarch|Path$"
)
#: Of lists of plain values only these: a list of types or of servers is a set.
_SEQUENCE = re.compile(
    r"Command|Entry[Pp]oint|Args|Argument|Layers|Column|Step|Stage|Order|Sequence|Quer|S[Qq][Ll]|Classifier|"
    r"Priorit|Prefer|Chain|Termination|Feature|Label|Script|Line|Fallback|Expression|Partition|Hierarch|Path$"
)
#: The properties by which the members of a list are told apart, where they must be set.
_NAMING = ("Name", "Key", "Id", "Identifier", "Arn", "Label", "Cidr")
#: Names of what only turns something on and off.
_SWITCH = re.compile(r"(?:Status|State|Enabled?|Mode)$")
_SCALARS = frozenset({"integer", "number", "boolean"})
#: How the members of a tag are spelled.
_TAG = ({"Key", "Value"}, {"key", "value"}, {"TagKey", "TagValue"})
_MOMENT = frozenset({"date-time", "timestamp"})

_SAID = r"[`'\"*]{0,3}(?P<value>\d{1,3}(?:,\d{3})+|[\w.:$-]+)[`'\"*]{0,3}"
#: How descriptions tell a default: before it, and behind it.
_DEFAULTS = (
    *(
        re.compile(f"(?i){text}{_SAID}")
        for text in (
            r"\bdefault(?: value)?(?: setting)?(?: for [\w ]{1,40}?)? (?:is|are|=)(?: set to)?(?: the)? ",
            r"\bdefaults? ?: ?",
            r"\bdefaults to ",
            r"\bdefault(?: value)? of ",
        )
    ),
    *(
        re.compile(f"(?i){_SAID}{text}")
        for text in (r" \((?:the )?default(?: value)?\)", r",? which is the default\b")
    ),
)
#: A pattern that names the words it allows: ``^(ERROR|INFO|NONE)$``.
_ALTERNATIVES = re.compile(r"\^?\(?\^?[A-Za-z][\w-]*(?:\$?\|\^?[A-Za-z][\w-]*)+\$?\)?\$?")
#: A description that does: ``Valid values are source and target.``
_VALID = re.compile(
    r"(?i)\b(?:valid|allowed|possible) (?:values|options)(?: are| include)?(?: either)?:? *"
    r"(?P<words>[`'\"*]*[A-Z][\w-]*[`'\"*]*(?:(?:,? (?:and|or) | ?\| ?|, ?)[`'\"*]*[A-Z][\w-]*[`'\"*]*)+)"
)


def kinds(spots: Iterable[Spot], marks: Mapping[str, str], tags: str | None) -> dict[str, Any]:
    """Path → name of the kind, or the kind with its parameters, where it is not the one that the letter of
    the path says. ``tags`` is the property that holds the tags."""
    found: dict[str, Any] = {}
    for spot in spots:
        if spot.again is None and spot.path not in found:
            kind = _list(spot, marks, tags) or _map(spot, tags) or _text(spot)
            if kind is not None:
                found[spot.path] = kind
    for path in _names(found):
        if found.get(path) in ("word", "capitals"):
            del found[path]  # members are called as people wrote them
    return dict(sorted(found.items()))


def listed(spots: Iterable[Spot], kinds: Mapping[str, Any]) -> list[str]:
    """The members of keyed lists that a service adds by itself: each is one of its own words
    (``ParameterName`` of an enumeration), or a switch that it has (``Name`` and ``Status``)."""
    by_path = {spot.path: spot for spot in spots if spot.again is None}
    found = []
    for name in _names(kinds):
        path, _, key = name.rpartition("/")
        members = {
            member for at in by_path if (member := at.removeprefix(f"{path}/")) != at and "/" not in member
        }
        others = members - {key}
        plain = {one for one in others if by_path[f"{path}/{one}"].node.get("type") != "array"}
        words = name in by_path and len(_words(by_path[name].node)) > 1
        if words or (plain and all(_SWITCH.fullmatch(one) for one in plain)):
            found.append(path)
    return sorted(found)


def _names(kinds: Mapping[str, Any]) -> list[str]:
    """The paths of what the members of keyed lists are told apart by."""
    return [f"{path}/*/{kind['key']}" for path, kind in kinds.items() if isinstance(kind, Mapping)]


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


def documented(spots: Iterable[Spot]) -> dict[str, Any]:
    """Path → the default that the description of a switch, a number or a word of an enumeration names."""
    found: dict[str, Any] = {}
    for spot in spots:
        if spot.again is None and spot.node.get("default") is None:
            value = in_prose(str(spot.node.get("description") or ""), spot.node)
            if value is not None:
                found.setdefault(spot.path, value)
    return dict(sorted(found.items()))


def in_prose(text: str, node: Mapping[str, Any]) -> Any:
    """The one default that a description names and the property can have; None where it names none or
    several.

    >>> in_prose("The default value is ``1,024``.", {"type": "integer"})
    1024
    """
    said = {match["value"].strip(".:") for pattern in _DEFAULTS for match in pattern.finditer(text)}
    values = {_value(one, node) for one in said}
    return values.pop() if len(values) == 1 else None


def _value(text: str, node: Mapping[str, Any]) -> Any:
    words = _words(node)
    if words:
        return {str(one).lower(): one for one in words}.get(text.lower())
    match node.get("type"):
        case "boolean":
            return {"true": True, "false": False}.get(text.lower())
        case "integer" | "number":
            number = text.replace(",", "")
            if re.fullmatch(r"-?\d+", number):
                return int(number)
            return float(number) if re.fullmatch(r"-?\d+\.\d+", number) else None
    return None


def _list(spot: Spot, marks: Mapping[str, str], tags: str | None) -> Any:
    """Of a list whose order does not count: by what its members are told apart, or that it is a set."""
    node, item = spot.node, spot.item
    if node.get("type") != "array":
        return None
    members = item.get("properties") or {}
    if spot.path == tags or (spot.path.endswith("Tags") and any(members.keys() == tag for tag in _TAG)):
        return "tags"
    said = node.get("insertionOrder")
    if not members and _words(item) and not _SEQUENCE.search(_name(spot.path)):
        return "set"  # a choice among words, whatever is said of its order
    key = _naming(spot, marks)
    ordered = _ORDERED if members else _SEQUENCE
    if said is True or (said is None and ordered.search(_name(spot.path))):
        return None
    if said is None and members and key is None and not node.get("uniqueItems"):
        return None
    return "set" if key is None else {"kind": "keyed-list", "key": key}


def _naming(spot: Spot, marks: Mapping[str, str]) -> str | None:
    """The property that tells the members of a list apart: a text that each must have and the cloud gives
    back."""
    members, must = spot.item.get("properties") or {}, spot.item.get("required", ())
    own = [
        name
        for name in members
        if name in must
        and marks.get(f"{spot.path}/*/{name}", "x")[0] == "s"
        and not set("rw") & set(marks[f"{spot.path}/*/{name}"][1:])
    ]
    one = re.sub(r"(?:List|Configurations|s)$", "", _name(spot.path))
    wanted = (*_NAMING, *(f"{one}{word}" for word in _NAMING))
    found = next((name for name in wanted if name in own), None)
    others = [name for name in own if name.endswith(_NAMING)]
    return found or (others[0] if len(others) == 1 else None)


def _map(spot: Spot, tags: str | None) -> Any:
    """An object whose members have names of people's own."""
    node = spot.node
    if node.get("type") != "object" or node.get("properties"):
        return None
    if spot.path == tags:
        return "tags"
    return "map" if node.get("patternProperties") else None


def _text(spot: Spot) -> Any:
    node, name = spot.node, _name(spot.path)
    types = {node["type"]} if isinstance(node.get("type"), str) else {*(node.get("type") or ())}
    said, pattern = str(node.get("format") or ""), str(node.get("pattern") or "")
    if said == "json" or _document(name, types, bool(node.get("properties"))):
        return "iam-policy" if _POLICY.search(name) else "yaml" if _YAML.search(name) else "json"
    plain = types - {"string"}
    if types != {"string"}:
        return next(iter(plain)) if types > plain and len(plain) == 1 and plain <= _SCALARS else None
    if said in _MOMENT:
        return "timestamp"
    if said.startswith("AWS::KMS::Key.") or _KEY.search(name) or ":kms:" in pattern:
        return "kms-key-ref"
    if said in ("ipv4-network", "ipv6-network") or _NETWORK.search(name):
        return "cidr"
    words = _words(node)
    if words:
        return "capitals" if all(str(one) == str(one).upper() for one in words) else "word"
    if said.endswith(".Arn") or pattern.lstrip("^(").startswith("arn:"):
        return "log-group-arn" if "Log" in name or "Destination" in name else "arn"
    if spot.path.endswith("/*"):
        return "dns-name" if _HOST.search(name) else None
    return _by_name(name, pattern, str(node.get("description") or ""))


def _words(node: Mapping[str, Any]) -> tuple[Any, ...]:
    """The words of an enumeration: those that the schema lists, or else its pattern or its description. Where
    letter case, dashes and underscores tell two of them apart, they are two spellings of one; services answer
    some in another spelling than they take."""
    listed = node.get("enum") or node.get("enumCaseInsensitive")
    if listed:
        return tuple(listed)
    if node.get("type") != "string":
        return ()
    pattern, text = str(node.get("pattern") or ""), str(node.get("description") or "")
    if pattern:
        return tuple(re.findall(r"[\w-]+", pattern)) if _ALTERNATIVES.fullmatch(pattern) else ()
    found = _VALID.search(text)
    words = re.findall(r"[\w-]+", found["words"]) if found else []
    return tuple(one for one in words if one.lower() not in ("and", "or"))


def _by_name(name: str, pattern: str, description: str) -> str | None:
    """Where nothing but its name and its description tells what a text is. Each of these kinds leaves a text
    as it is that is not of it."""
    if _NAME_OR_ARN.search(description) or (not pattern and re.search(r"(?:Identifier|Role)$", name)):
        return "name-or-arn"
    if re.search(r"(?i)stored as a lower-?case string", description):
        return "lowercase-identifier"
    if _TIME.search(name) and not pattern:
        return "timestamp"
    if _LOGS.search(name):
        return "log-group-arn"
    if name == "Content" and not pattern:
        return "yaml"
    if name == "EngineVersion":
        return "engine-version"
    if name == "ScheduleExpression":
        return "rate"
    if name == "UserData":
        return "user-data"
    if _HOST.search(name):
        return "dns-name"
    return "json" if _DOCUMENT.search(name) and not pattern else None


def _document(name: str, types: set[str], told: bool) -> bool:
    """Whether a property holds a document, as an object or as a text; ``told``: the schema says what is in
    it."""
    return types == {"object", "string"} or (types == {"object"} and not told and bool(_POLICY.search(name)))


def _name(path: str) -> str:
    """What a path is called, a list's member as the list."""
    return next((part for part in reversed(path.split("/")) if part != "*"), "")
