"""Makes the attributes that Terraform's state would have of a resource that was read: the maps of the type
facts, read the other way round along the provider's own schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jmespath

from providers.aws import expressions, fitting
from providers.aws.facts import TerraformEntry
from providers.aws.terraform import AwsTerraform

_DIALECT = AwsTerraform()
#: A block of what ``terraform providers schema -json`` prints.
Block = Mapping[str, Any]
#: What Terraform's old plugins write into a block for what nobody set, by type.
_ZERO = {"string": "", "number": 0, "bool": False, "list": [], "set": [], "map": None, "object": None}


class Unfit(Exception):  # noqa: N818 - as :class:`Untold`
    """The resource is none that the map can have made."""


class Untold(Exception):  # noqa: N818 - it is an answer: nothing can be told of it
    """An expression that no value of the state can be told of."""


def attributes(
    entry: TerraformEntry, block: Block, said: Mapping[str, Any], id_: str | None, *, zeros: bool = False
) -> dict[str, Any]:
    """The state of a resource that has the properties ``said``, as far as the map tells it: what it does not
    tell is null or, with ``zeros``, "", 0, false and [], both of which plugins write. Raises Unfit."""
    state: dict[str, Any] = {}
    defaults = _DIALECT.defaults(entry.terraform_type)
    for name, text in entry.properties.items():
        always = expressions.compile(text)({})
        if always not in (None, [], {}, said.get(name, always)):
            raise Unfit
        if name in said:
            _tried(text, said[name], state, block)
    if entry.id and id_ is not None:
        _tried(entry.id, id_, state, block)
    unsaid = {
        name: None if one.get("required") or name in defaults else _zero(one.get("type"))
        for name, one in block.get("attributes", {}).items()
    }
    unsaid.update({name: [] for name in block.get("block_types", {})})
    made = {name: _typed(value, name, block) for name, value in state.items()}
    return {**(unsaid if zeros else dict.fromkeys(unsaid)), **made}


def unknown(state: Mapping[str, Any], block: Block, above: str = "") -> Iterator[str]:
    """The arguments of a state that the provider does not have."""
    for name, value in state.items():
        nested = block.get("block_types", {}).get(name)
        if nested is not None:
            for one in value or ():
                yield from unknown(one, nested["block"], f"{above}{name}.")
        elif name not in block.get("attributes", {}):
            yield f"{above}{name}"


def _tried(text: str, value: Any, state: dict[str, Any], block: Block) -> None:
    """Adds what makes an expression give the value; nothing where it can't be told."""
    found = json.loads(json.dumps(state))
    try:
        _put(jmespath.compile(text).parsed, value, found, block)
        again = expressions.prune(expressions.compile(text)(found))
    except (Untold, TypeError, AttributeError, KeyError, ValueError):
        return
    if again is not None:
        state.clear()
        state.update(found)


def _put(node: Mapping[str, Any], value: Any, at: dict[str, Any], block: Block | None) -> None:
    """Writes into ``at``, of which ``block`` is the schema, what makes an expression give ``value``."""
    inside = node["children"]
    match node["type"]:
        case "field":
            if at.get(node["value"], value) != value:
                raise Untold
            at[node["value"]] = value
        case "subexpression":
            below = _there(inside[0], at)
            _put(inside[1], value, below, _below(inside[0], block))
        case "index_expression":
            held = at.setdefault(inside[0]["value"], [])
            held[:] = [value]
        case "multi_select_dict":
            for pair in inside:
                if pair["value"] in value:
                    _put(pair["children"][0], value[pair["value"]], at, block)
        case "projection":
            _each(inside, value, at, block)
        case "or_expression":
            _put(inside[0], value, at, block)
        case "literal":
            if node["value"] != value:
                raise Untold
        case "comparator":
            if value is not True or node["value"] != "eq":
                raise Untold
            _put(inside[0], inside[1]["value"], at, block)
        case "function_expression":
            _called(node["value"], inside, value, at, block)
        case _:
            raise Untold


def _called(name: str, given: list[Any], value: Any, at: dict[str, Any], block: Block | None) -> None:
    match name:
        case "nonzero" | "nonempty" | "upper" | "to_string":
            pass
        case "tags":
            value = {one["Key"]: one.get("Value") for one in value}
        case "parse":
            value = value if isinstance(value, str) else json.dumps(value)
        case "said":
            _said(given, value, at, block)
            return
        case "object":
            value = [{given[1]["value"]: key, given[2]["value"]: one} for key, one in value.items()]
        case "pairs":
            value = {one[given[1]["value"]]: one.get(given[2]["value"]) for one in value}
        case "split":
            value = given[1]["value"].join(value)
        case "when":
            _either(given[1:], value, at, block)
            return
        case _:
            raise Untold
    _put(given[0], value, at, block)


def _either(ways: list[Any], value: Any, at: dict[str, Any], block: Block | None) -> None:
    for way in ways:
        if way["type"] != "literal" and way.get("value") != "null":
            _put(way, value, at, block)
            return
    raise Untold


def _each(parts: list[Any], value: Any, at: dict[str, Any], block: Block | None) -> None:
    """A list of which each member is said by an expression."""
    left, right = parts
    while left["type"] == "flatten":
        left = left["children"][0]
    if left["type"] != "field" or not isinstance(value, list):
        raise Untold
    below = _below(left, block)
    members = []
    for one in value:
        if right["type"] in ("identity", "current"):
            members.append(one)
            continue
        held: dict[str, Any] = {}
        _put(right, one, held, below)
        members.append(held)
    at[left["value"]] = members


def _there(node: Mapping[str, Any], at: dict[str, Any]) -> dict[str, Any]:
    """The object that an expression leads to, made where there is none."""
    match node["type"]:
        case "field":
            found = at.setdefault(node["value"], {})
        case "index_expression":
            held = at.setdefault(node["children"][0]["value"], [])
            if not held:
                held.append({})
            found = held[0]
        case "subexpression":
            found = _there(node["children"][1], _there(node["children"][0], at))
        case _:
            raise Untold
    if not isinstance(found, dict):
        raise Untold
    return found


def _below(node: Mapping[str, Any], block: Block | None) -> Block | None:
    """The schema of what an expression leads to."""
    if block is None:
        return None
    match node["type"]:
        case "field":
            found: Block | None = block.get("block_types", {}).get(node["value"], {}).get("block")
            return found
        case "index_expression":
            return _below(node["children"][0], block)
        case "subexpression":
            return _below(node["children"][1], _below(node["children"][0], block))
    return None


def _said(given: list[Any], value: Any, at: dict[str, Any], block: Block | None) -> None:
    """A block that is spelled by the CloudFormation schema."""
    source, place = given[0], given[1]["value"]
    if source["type"] == "function_expression" and source["value"] in ("nonempty", "nonzero"):
        source = source["children"][0]
    node, names = fitting._at(place)
    if source["type"] in ("current", "identity"):
        if block is None or not isinstance(value, Mapping):
            raise Untold
        at.update(_members(value, node, names, block, zeros=False))
        return
    below = _below(source, block)
    if below is None:
        _put(source, value, at, block)
        return
    members = value if isinstance(value, list) else [value]
    item = node.any if isinstance(value, list) and node.any is not None else node
    made = [_members(one, item, names, below) for one in members]
    _put(source, made, at, block)


def _members(
    value: Any, node: fitting.Node, names: fitting.Names, block: Block, *, zeros: bool = True
) -> dict[str, Any]:
    """The members of one block."""
    if not isinstance(value, Mapping):
        raise Untold
    found: dict[str, Any] = {}
    for name, said in block.get("attributes", {}).items():
        known = node.named(name, names.spelled)
        if known in value:
            found[name] = value[known]
        elif zeros:
            found[name] = _zero(said.get("type"))
    for name, said in block.get("block_types", {}).items():
        known = node.named(name, names.spelled)
        if known is None or known not in value:
            if zeros:
                found[name] = []
            continue
        inner, one = node.members[known], value[known]
        many = one if isinstance(one, list) else [one]
        item = inner.any if isinstance(one, list) and inner.any is not None else inner
        found[name] = [_members(each, item, names, said["block"]) for each in many]
    return found


def _zero(type_: Any) -> Any:
    return _ZERO.get(type_ if isinstance(type_, str) else type_[0] if type_ else "object")


def _typed(value: Any, name: str, block: Block) -> Any:
    """A value as Terraform's type has it: numbers and switches as texts where it is one, a block as a
    list."""
    nested = block.get("block_types", {}).get(name)
    if nested is not None:
        many = value if isinstance(value, list) else [] if value is None else [value]
        return [
            {key: _typed(one, key, nested["block"]) for key, one in each.items()}
            if isinstance(each, dict)
            else each
            for each in many
        ]
    return _as(block.get("attributes", {}).get(name, {}).get("type"), value)


def _as(type_: Any, value: Any) -> Any:
    if isinstance(type_, list):
        if isinstance(value, list) and type_[0] in ("list", "set"):
            return [_as(type_[1], one) for one in value]
        if isinstance(value, Mapping) and type_[0] == "map":
            return {key: _as(type_[1], one) for key, one in value.items()}
        return value
    if type_ == "string" and isinstance(value, bool):
        return str(value).lower()
    if type_ == "string" and isinstance(value, (int, float)):
        return str(value)
    if type_ == "string" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    if type_ == "string" and isinstance(value, (dict, list)):
        return json.dumps(value)
    if type_ == "number" and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if type_ == "bool" and isinstance(value, str):
        return value.lower() == "true"
    return value
