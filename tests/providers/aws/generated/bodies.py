"""Valid bodies of a resource type, generated from its CloudFormation schema by a seed, and the values in them
that can be changed."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from providers.aws.compile_schemas import pointed
from tests.providers.aws.generated.texts import matching

#: How deep a body goes, beyond what must be said.
DEEPEST = 7
#: Words that say with which other properties one may or must stand.
_TOGETHER = (
    "oneOf",
    "anyOf",
    "requiredXor",
    "requiredOr",
    "dependentExcluded",
    "dependentRequired",
    "dependencies",
)


@dataclass(frozen=True)
class Schema:
    """A type's schema with its references followed, and which paths are the cloud's own or never told."""

    raw: Mapping[str, Any]
    read_only: frozenset[str] = field(init=False)
    write_only: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        for name, word in (("read_only", "readOnlyProperties"), ("write_only", "writeOnlyProperties")):
            object.__setattr__(self, name, frozenset(map(pointed, self.raw.get(word, ()))))

    def resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """A node without references and alternatives of its own: of these the first that says a type."""
        for _ in range(20):
            if "$ref" in node:
                target: Any = self.raw
                for part in node["$ref"].removeprefix("#/").split("/"):
                    target = target[part]
                node = {**target, **{word: said for word, said in node.items() if word != "$ref"}}
            elif "allOf" in node and "type" not in node and "properties" not in node:
                node = {**{k: v for k, v in node.items() if k != "allOf"}, **self._all(node["allOf"])}
            elif "type" not in node and "properties" not in node and _choice(node) is not None:
                chosen = _choice(node)
                assert chosen is not None
                node = {**{k: v for k, v in node.items() if k not in ("oneOf", "anyOf")}, **chosen}
            else:
                return node
        return node

    def _all(self, parts: list[Mapping[str, Any]]) -> dict[str, Any]:
        whole: dict[str, Any] = {}
        for part in parts:
            said = self.resolved(part)
            properties = {**whole.get("properties", {}), **said.get("properties", {})}
            required = [*whole.get("required", ()), *said.get("required", ())]
            whole.update(said)
            if properties:
                whole.update(properties=properties, required=required)
        return whole


def _choice(node: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for word in ("oneOf", "anyOf"):
        for one in node.get(word, ()):
            if "$ref" in one or "type" in one or "properties" in one:
                return {
                    k: v for k, v in one.items() if k != "required" or "properties" in one or "type" in one
                }
    return None


def type_of(node: Mapping[str, Any]) -> str:
    """The JSON type that is generated where several may stand."""
    said = node.get("type")
    if isinstance(said, list):
        return "object" if "object" in said and not node.get("enum") else str(said[0])
    return str(said or ("object" if "properties" in node or "patternProperties" in node else "string"))


class Bodies:
    """Generates bodies of one type."""

    def __init__(self, raw: Mapping[str, Any], random: Random) -> None:
        self.schema, self.random = Schema(raw), random

    def body(self) -> dict[str, Any]:
        """The writable part of a resource: what must be said and some of what may be."""
        found = self.value(self.schema.raw, "", 0)
        assert isinstance(found, dict)
        return found

    def value(self, node: Mapping[str, Any], path: str, depth: int, *, unsaid: bool = False) -> Any:
        """A value that a node allows; with ``unsaid`` also of what is the cloud's own."""
        node = self.schema.resolved(node)
        if "const" in node:
            return node["const"]
        if node.get("enum"):
            return self.random.choice(node["enum"])
        match type_of(node):
            case "object":
                return self._object(node, path, depth, unsaid)
            case "array":
                return self._list(node, path, depth, unsaid)
            case "boolean":
                return self.random.random() < 0.5
            case "integer":
                return self._number(node, 1)
            case "number":
                return self._number(node, 4) / 4
        return self.text(node, path)

    def _object(self, node: Mapping[str, Any], path: str, depth: int, unsaid: bool) -> dict[str, Any]:
        prefix = f"{path}/" if path else ""
        found = {}
        for name in self._names(node, prefix, depth, unsaid):
            found[name] = self.value(node["properties"][name], prefix + name, depth + 1, unsaid=unsaid)
        if not node.get("properties"):
            for pattern, said in list(node.get("patternProperties", {}).items())[:1]:
                for _ in range(max(node.get("minProperties", 0), 2)):
                    name = matching(pattern, self.random, 1, 60) or self._word(8)
                    found[name] = self.value(said, f"{prefix}*", depth + 1, unsaid=unsaid)
            if not node.get("patternProperties"):  # a document: anything may stand in it
                found = {"Rules": [{"Name": self._word(6), "Count": self.random.randint(1, 9)}], "On": True}
        return found

    def _names(self, node: Mapping[str, Any], prefix: str, depth: int, unsaid: bool) -> list[str]:
        known = node.get("properties", {})
        may = [name for name in known if unsaid or prefix + name not in self.schema.read_only]
        must = {name for name in node.get("required", ()) if name in known and name in may}
        must |= known.keys() & {"Key", "TagKey"} if len(known) == 2 else set()  # no tag is without its key
        chosen, refused = set(must), set[str]()
        for word in ("oneOf", "anyOf", "requiredXor", "requiredOr"):
            said = node.get(word, ())
            several = [[one] if isinstance(one, str) else one.get("required") for one in said]
            sets = [set(one) for one in several if one and set(one) <= set(may)]
            if sets:
                one = self.random.choice(sets)
                chosen |= one
                refused |= set().union(*sets) - one
        tied = {
            *(node.get("dependentExcluded") or ()),
            *(node.get("dependentRequired") or ()),
            *(node.get("dependencies") or ()),
        }
        likely = 0.0 if depth >= DEEPEST else (0.75 if depth == 0 else 0.5)
        for name in may:
            if name not in refused | tied and self.random.random() < likely:
                chosen.add(name)
        return [name for name in known if name in chosen and depth < 2 * DEEPEST]

    def _list(self, node: Mapping[str, Any], path: str, depth: int, unsaid: bool) -> list[Any]:
        least = max(node.get("minItems", 0), 1)
        count = min(max(least, self.random.randint(1, 3)), node.get("maxItems", 1000))
        if depth > DEEPEST:
            count = node.get("minItems", 0)
        found: list[Any] = []
        for _ in range(count * 4):
            one = self.value(node.get("items", {}), f"{path}/*", depth + 1, unsaid=unsaid)
            if len(found) < count and one not in found:
                found.append(one)
        return found

    def _number(self, node: Mapping[str, Any], scale: int) -> int:
        least = int(node.get("minimum", 0) if node.get("minimum") is not None else 0) * scale
        most = node.get("maximum")
        most = least + 1000 * scale if most is None else min(int(most) * scale, least + 1000 * scale)
        step = int(node.get("multipleOf", 1)) * scale if node.get("multipleOf", 1) >= 1 else 1
        return self.random.randint(-(-least // step), max(least, most) // step) * step

    def text(self, node: Mapping[str, Any], path: str) -> str:
        """A text that the node allows."""
        least, most = node.get("minLength") or 0, node.get("maxLength") or 200
        if node.get("pattern"):
            found = matching(node["pattern"], self.random, least, most)
            if found is not None:
                return found
        if node.get("format") in ("date-time", "timestamp"):
            return f"2031-0{self.random.randint(1, 9)}-1{self.random.randint(0, 9)}T10:00:00Z"
        if node.get("format") == "ipv4-network":
            return f"10.{self.random.randint(0, 255)}.{self.random.randint(0, 255)}.0/24"
        return self._word(min(max(least, 8), most))

    def _word(self, length: int) -> str:
        return "".join(self.random.choice(string.ascii_lowercase) for _ in range(length))


@dataclass(frozen=True)
class Place:
    """A plain value in a body: the way to it, the path that its schema has for it, and the node."""

    way: tuple[str | int, ...]
    path: str
    node: Mapping[str, Any]


def places(
    schema: Schema,
    value: Any,
    node: Mapping[str, Any],
    way: tuple[str | int, ...] = (),
    path: str = "",
) -> Iterator[Place]:
    """Each plain value of a body that the cloud gives back."""
    node = schema.resolved(node)
    if path in schema.write_only or path in schema.read_only:
        return
    prefix = f"{path}/" if path else ""
    if isinstance(value, dict):
        known = node.get("properties") or {}
        pattern = next(iter((node.get("patternProperties") or {}).values()), None)
        for name, one in value.items():
            below = known.get(name, pattern)
            if below is not None:
                inner = prefix + (name if name in known else "*")
                yield from places(schema, one, below, (*way, name), inner)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from places(schema, one, node.get("items", {}), (*way, index), f"{path}/*")
    elif "const" not in node and (len(node.get("enum", ())) != 1):
        yield Place(way, path, node)
