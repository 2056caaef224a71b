"""Tells where an ARM body has Terraform's arguments by their names: ``public_network_access_enabled`` is
``publicNetworkAccess`` of the type's model.

What no name tells is left out. A map of the type (``terraform/*.yaml``) with ``named`` takes it for what its
own fields leave unsaid; of a type without a map it is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from drift.model import Sensitive, Unresolved
from drift.terraform_schemas import Attribute
from providers.azure import models
from providers.azure.general import is_secret
from providers.azure.terraform_body import Body
from providers.azure.terraform_entries import Entry, EntryError, Field, Fields

#: Model's properties by their letters alone → (spelling, node).
Known = Mapping[str, tuple[str, models.Node]]
#: What Azure calls words that Terraform writes out.
_SHORT = {
    "certificate": "cert",
    "certificates": "certs",
    "configuration": "config",
    "maximum": "max",
    "minimum": "min",
}
_ENABLED, _DISABLED = "Enabled", "Disabled"
#: Arguments that every type says alike, and those that name the resource.
_ALIKE = frozenset(
    "id name location tags zones zone identity timeouts resource_group_name edge_zone extended_location "
    "etag".split()
)


def whole(entry: Entry, schema: Mapping[str, Attribute]) -> Entry:
    """The entry with the fields that names tell. Raises EntryError where it speaks of an argument of a block
    whose place no name tells."""
    found = dict(fields(entry.type, schema))
    for name, said in entry.fields.items():
        block, _, inner = name.partition(".")
        if not inner:
            found[name] = said
        elif block not in found:
            raise EntryError(f"{entry.type}: {name}: no name tells where {block} is; say all of it")
        else:
            found[block] = (_with(found[block][0], inner, said),)
    return replace(entry, fields={name: one for name, one in found.items() if name not in entry.leave})


def _with(block: Field, name: str, said: tuple[Field, ...]) -> Field:
    """A block's field with another one of its arguments, at any depth."""
    below = dict(block.block if block.block is not None else block.each or {})
    first, _, rest = name.partition(".")
    below[first] = (_with(below[first][0], rest, said),) if rest else said
    many = block.each is not None
    return Field(block.to, None if many else below, below if many else None, block.words)


def guess(
    arm_type: str, terraform_type: str, id: str, attributes: Mapping[str, Any], known: Fields
) -> dict[str, Any]:
    """The body that a resource of a type without a map may have: each value a guess, which counts where it is
    live and else can't be verified."""
    said = {name: value for name, value in attributes.items() if name not in _ALIKE}
    body = Body(Entry(arm_type, known, frozenset()), id).of(said)
    reason = f"{terraform_type} has no map; where Azure has this argument is guessed by its name"
    return {key: _guessed(one, key, reason) for key, one in body.items()}


def _guessed(value: Any, name: str, reason: str) -> Any:
    if isinstance(value, dict) and value:
        return {key: _guessed(one, key, reason) for key, one in value.items()}
    if isinstance(value, (Unresolved, Sensitive)) or is_secret(name) or _holds(value):
        return value if isinstance(value, Unresolved) else Unresolved(reason)
    return Unresolved(reason, value)


def _holds(value: Any) -> bool:
    """Whether something at or below a value is not known, or a secret."""
    if isinstance(value, dict):
        return any(_holds(one) or is_secret(key) for key, one in value.items())
    return any(map(_holds, value)) if isinstance(value, list) else isinstance(value, (Unresolved, Sensitive))


def fields(arm_type: str, schema: Mapping[str, Attribute]) -> Fields:
    """The fields of the arguments in a type's ``schema`` whose names tell where a body of ``arm_type`` has
    them; none where no model of it is known."""
    said = models.types().get(arm_type.lower())
    if said is None:
        return {}
    package = said["in"]
    root = _letters(package, {"r": said.get("put") or said["get"]})
    properties = root.get("properties")
    inside = _letters(package, properties[1]) if properties else {}
    found: dict[str, tuple[Field, ...]] = {}
    for name in (one for one in schema if "." not in one):
        if name in _ALIKE or schema[name].mode == "computed":
            continue
        known = _field(package, name, name, inside, schema) or _deeper(package, name, inside, schema)
        if known is not None:
            found[name] = (_under("properties", known),)
        elif (
            known := _sku(name, root, package, schema) or _field(package, name, name, root, schema)
        ) is not None:
            found[name] = (known,)
    return found


def _field(package: str, name: str, path: str, known: Known, schema: Mapping[str, Attribute]) -> Field | None:
    """Where an object has the argument ``name``, which is at ``path`` of the schema."""
    for letters, word in _names(name):
        if letters not in known:
            continue
        spelled, node = known[letters]
        if node.get("o"):
            continue
        inner = [one for one in schema if one.startswith(f"{path}.") and "." not in one[len(path) + 1 :]]
        member = node.get("i", node)
        below = _letters(package, member) if "r" in member or "p" in member else {}
        if inner:
            if not below or word:
                continue
            nested = _members(package, path, inner, below, schema)
            if not nested:
                continue
            many = "i" in node
            return Field(spelled, None if many else nested, nested if many else None, {})
        if word == "id":
            if "id" in below:
                return (
                    Field(f"{spelled}/id", words={})
                    if "i" not in node
                    else Field(spelled, words={"wrap": "id"})
                )
            continue
        if below:
            continue
        if word == "invert":
            return Field(spelled, words={"invert": True})
        if {_ENABLED, _DISABLED} <= set(node.get("e", ())):
            return Field(spelled, words={"switch": [_ENABLED, _DISABLED]})
        if word == "on" and node.get("t") != "boolean":
            continue
        return Field(spelled, words={})
    return None


def _members(
    package: str, path: str, inner: list[str], known: Known, schema: Mapping[str, Attribute]
) -> dict[str, tuple[Field, ...]]:
    found: dict[str, tuple[Field, ...]] = {}
    for one in inner:
        name = one[len(path) + 1 :]
        if schema[one].mode == "computed":
            continue
        field = _field(package, name, one, known, schema)
        if field is None and "properties" in known:
            below = _letters(package, known["properties"][1])
            deeper = _field(package, name, one, below, schema)
            field = _under("properties", deeper) if deeper is not None else None
        if field is not None:
            found[name] = (field,)
    return found


def _deeper(package: str, name: str, known: Known, schema: Mapping[str, Attribute]) -> Field | None:
    """Where one of the objects of the properties has the argument, and no other; not one that Terraform has a
    block for."""
    found = []
    own = {re.sub("[^a-z0-9]", "", one) for one in schema if "." not in one}
    for above, (spelled, node) in known.items():
        if ("r" in node or "p" in node) and not node.get("o") and not {above, above.removesuffix("s")} & own:
            letters = _letters(package, node)
            plain = re.sub("[^a-z0-9]", "", name)
            if plain in letters and len(plain) > 5:
                field = _field(package, name, name, {plain: letters[plain]}, schema)
                found += [_under(spelled, field)] if field is not None else []
    return found[0] if len(found) == 1 else None


def _sku(name: str, root: Known, package: str, schema: Mapping[str, Attribute]) -> Field | None:
    """``sku``, ``sku_name``, ``sku_tier`` and the like in the body's ``sku``."""
    block = any(one.startswith(f"{name}.") for one in schema)
    if not name.startswith("sku") or "sku" not in root or block:
        return None
    below = _letters(package, root["sku"][1])
    word = name.removeprefix("sku").strip("_") or "name"
    return Field(f"sku/{below[word][0]}", words={}) if word in below else None


def _names(name: str) -> Iterator[tuple[str, str]]:
    """The letters that the property may have, and what is special about it; as the words stand, then as
    Azure shortens them."""
    yield from _forms(re.sub("[^a-z0-9]", "", name))
    short = "".join(_SHORT.get(word, word) for word in name.split("_"))
    if short != name.replace("_", ""):
        yield from _forms(short)


def _forms(plain: str) -> Iterator[tuple[str, str]]:
    yield plain, ""
    yield f"{plain}s", ""
    if plain.endswith("y"):
        yield f"{plain[:-1]}ies", ""
    if plain.endswith("enabled"):
        base = plain.removesuffix("enabled")
        yield f"is{plain}", "on"
        yield f"enable{base}", "on"
        yield f"disable{base}", "invert"
        if base.endswith("authentication"):
            yield f"disable{base.removesuffix('entication')}", "invert"
        yield base, "on"
    if plain.endswith("id"):
        yield plain.removesuffix("id"), "id"
        yield f"{plain.removesuffix('id')}resourceid", ""
        yield f"{plain.removesuffix('id')}armresourceid", ""
    if plain.endswith("ids"):
        yield f"{plain.removesuffix('ids')}s", "id"
        yield f"{plain.removesuffix('ids')}resourceids", ""


@cache
def _read(package: str, model: str) -> Known:
    return _spelled(models.properties(package, model))


def _letters(package: str, node: models.Node) -> Known:
    if "r" in node:
        return _read(package, str(node["r"]))
    return _spelled({name: [one] for name, one in (node.get("p") or {}).items()})


def _spelled(said: Mapping[str, list[models.Node]]) -> Known:
    return {re.sub("[^a-z0-9]", "", name.lower()): (name, _first(nodes)) for name, nodes in said.items()}


def _first(nodes: list[models.Node]) -> dict[str, Any]:
    """What several variants of a model say of one property: the first that can be set."""
    return dict(next((one for one in nodes if not one.get("o")), nodes[0]))


def _under(above: str, field: Field) -> Field:
    return Field(f"{above}/{field.to}", field.block, field.each, field.words)
