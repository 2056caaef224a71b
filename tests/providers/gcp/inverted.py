"""Makes the attributes that Terraform's state would have of a resource from its recorded body: the maps, read
the other way round along the provider's own schema."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from drift.terraform_schemas import Attribute
from providers.gcp import schema
from providers.gcp.terraform_body import _LEAVE, _follow, _match
from providers.gcp.terraform_entries import Entry

#: What stands for a value that the body does not tell.
NOTHING = object()
#: How many blocks deep the index of the provider's schema is.
DEPTH = 3


def attributes(
    entry: Entry, known: Mapping[str, Attribute], name: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """The attributes of a resource that is called ``name`` in full and has this body, as far as it tells
    them."""
    for path, value in entry.set.items():
        if "{" not in str(value) and body.get(path) != value:
            raise Unfit
    walk = _Walk(entry, known, body, name)
    root = schema.named(entry.host, entry.schema)
    at: Any = body
    if entry.under:
        root = _follow(entry.host, root, entry.under)
        for step in entry.under.split("/"):
            at = _step(at, step)
    parts = named(entry, name) if "$" not in "".join(entry.id) else {}  # a guessed one's is this very name
    found = walk.of(at, root, "") if isinstance(at, Mapping) else {}
    found.update(parts)
    return {**found, "id": name.removeprefix("//").partition("/")[2]}


class Unfit(Exception):
    """The resource is none that the map can have made."""


def named(entry: Entry, name: str) -> dict[str, str]:
    """What the name templates say of a full name. Raises Unfit where it fits none; an empty one, of what the
    server names, fits all."""
    name = name.removeprefix("//").partition("/")[2]
    for template in [one.removeprefix("//").partition("/")[2] for one in entry.id]:
        parts = re.split(r"\{\+?(\w+)(?:\|[\w,]+)?\}", template)
        pattern = "".join(
            (f"(?P<{one}>.+)" if one not in parts[1:at:2] else f"(?P={one})") if at % 2 else re.escape(one)
            for at, one in enumerate(parts)
        )
        if found := re.fullmatch(pattern, name):
            return found.groupdict()
    if entry.id and name:
        raise Unfit
    return {}


class _Walk:
    def __init__(
        self, entry: Entry, known: Mapping[str, Attribute], root: Mapping[str, Any], name: str
    ) -> None:
        self.entry, self.known, self.root, self.name = entry, known, root, name

    def of(self, body: Mapping[str, Any], node: schema.Node, at: str) -> dict[str, Any]:
        """The attributes of one object at ``at`` of Terraform's schema."""
        properties = schema.properties(self.entry.host, node)
        found: dict[str, Any] = {}
        for name in self._names(at, properties):
            path = f"{at}/{name}" if at else name
            words = self.entry.fields.get(path)
            left = path in self.entry.leave or path in self.entry.also or path in self.entry.unread
            if left or (not at and words is None and name in _LEAVE):
                continue
            said = self.known.get(path.replace("/", "."))
            if said is not None and said.mode == "computed":
                continue
            if words is not None:
                value = self._exception(words, body, node, path)
            else:
                match = _match(name, properties)
                below = (properties or {}).get(match or "", {})
                if match is None and said is not None and said.mode == "required":
                    found[name] = self._place(name)
                if match is None or below.get("o") or match not in body:
                    continue
                value = self._value(body[match], below, path)
            if value is not NOTHING:
                found[name] = value
        return found

    def _names(self, at: str, properties: schema.Properties | None) -> list[str]:
        if self._deep(at):
            own = {
                one.removeprefix(f"{at}/").partition("/")[0]
                for one in self.entry.fields
                if one.startswith(f"{at}/")
            }
            return [*own, *(snake(name) for name in properties or ())]
        start = f"{at.replace('/', '.')}." if at else ""
        return [
            one[len(start) :] for one in self.known if one.startswith(start) and "." not in one[len(start) :]
        ]

    def _deep(self, at: str) -> bool:
        """Whether Terraform's schema is not known so deep, and its names are those of the API."""
        return at.count("/") >= DEPTH

    def _place(self, name: str) -> str:
        """What Terraform always says, and no field of the API is known for: a part of the name, or else."""
        parts = self.name.split("/")
        above = f"{name.removesuffix('_id')}s"
        if above in parts[:-1]:
            return parts[parts.index(above) + 1]
        return parts[-1] if name.endswith("_id") else "something"

    def _nested(self, path: str) -> bool:
        return self._deep(path) or any(one.startswith(f"{path.replace('/', '.')}.") for one in self.known)

    def _exception(
        self, words: Mapping[str, Any], body: Mapping[str, Any], node: schema.Node, path: str
    ) -> Any:
        to = words.get("to") or re.sub(r"_(\w)", lambda one: one[1].upper(), path.rpartition("/")[2])
        if to == "." and words.get("json"):
            return json.dumps(body)
        if to == ".":
            below = self.of(body, node, path)
            return [below] if below else NOTHING
        value: Any = self.root if to[0] == "/" else body
        start = schema.named(self.entry.host, self.entry.schema) if to[0] == "/" else node
        for step in to.strip("/").split("/"):
            value = _step(value, step)
        if value is NOTHING or value is None or "append" in words or "item" in words or "halves" in words:
            return NOTHING
        node = _follow(self.entry.host, start, to.strip("/"))
        if "map" in words:
            return next((mine for mine, theirs in words["map"].items() if theirs == value), value)
        if words.get("invert"):
            return not value
        if "suffix" in words:
            return str(value).removesuffix(words["suffix"])
        if words.get("json"):
            return json.dumps(value)
        if "pairs" in words:
            return {one[words["pairs"][0]]: one[words["pairs"][1]] for one in value}
        if "wrap" in words:
            return [one[words["wrap"]] for one in value]
        if "keyed" in words:
            return [
                {words["keyed"]: key, **self._value(one, node.get("m", {}), path)[0]}
                for key, one in value.items()
            ]
        if words.get("list"):
            value, node = value[0] if isinstance(value, list) and value else NOTHING, node.get("i", {})
        return NOTHING if value is NOTHING else self._value(value, node, path)

    def _value(self, value: Any, node: schema.Node, path: str) -> Any:
        nested = self._nested(path)
        if isinstance(value, int) and not isinstance(value, bool) and "e" in node:
            numbers = schema.enum_numbers(self.entry.host, node["e"])
            return node["e"][numbers.index(value)] if value in numbers else value
        if isinstance(value, list):
            inner = node.get("i", {})
            return [one for each in value for one in self._members(each, inner, path, nested)]
        if isinstance(value, Mapping) and "m" not in node:
            return [self.of(value, node, path)] if nested else NOTHING
        return value

    def _members(self, value: Any, node: schema.Node, path: str, nested: bool) -> list[Any]:
        if not isinstance(value, Mapping):
            return [self._value(value, node, path)]
        text = schema.only_text(self.entry.host, node)
        if text and not nested:
            return [value.get(text)]
        return [self.of(value, node, path)] if nested else []


def snake(name: str) -> str:
    """``allowAll`` as ``allow_all``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])|(?<=[A-Z])([A-Z](?=[a-z]))", r"_\1\2", name).lower()


def _step(value: Any, step: str) -> Any:
    found = value.get(step.removesuffix("[]"), NOTHING) if isinstance(value, Mapping) else NOTHING
    if step.endswith("[]"):
        return found[0] if isinstance(found, list) and found else NOTHING
    return found
