"""Compiles the CloudFormation resource schemas inside cfn-lint into the small index ``schemas.json`` (``make
facts``).

Build time only: loading one schema through cfn-lint costs a second and tens of megabytes. The index holds,
for each type that the type facts name, its primary identifier and for each property path a letter for the
JSON type (s, i, n, b, o, a; x where several are allowed) and marks: ``r`` read-only, ``w`` write-only, ``c``
create-only, ``~`` insertionOrder false. Of a type of which only existence is read,
it is the identifier and ``names``: the properties that a template may set to a plain value or a list of such.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from providers.aws.facts import TYPES_FOLDER, catalogue, schema_types

LETTERS = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "object": "o", "array": "a"}
DEPTH = 9


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of a schema: its path (``A/*/B``), what the schema says there with its references followed,
    that of the members of a list (``item``), and, where it holds itself, the path at which the same began
    (``again``)."""

    path: str
    node: Mapping[str, Any]
    again: str | None = None
    item: Mapping[str, Any] = field(default_factory=dict)


def pointed(pointer: str) -> str:
    """The path of a schema's pointer: ``/properties/A/items/B`` is ``A/*/B``."""
    path = pointer.removeprefix("/properties/")
    return path.replace("/properties/", "/").replace("/items/", "/*/")


def walk(schema: Mapping[str, Any]) -> Iterator[Spot]:
    """Every place of a schema, those of its alternatives too; where it holds itself it ends."""

    def visit(node: Any, path: str, seen: tuple[tuple[str, str], ...]) -> Iterator[Spot]:
        if not isinstance(node, dict) or path.count("/") > DEPTH:
            return
        while "$ref" in node:
            ref = node["$ref"]
            again = next((at for known, at in seen if known == ref), None)
            if again is not None:
                yield Spot(path, node, again)
                return
            seen = (*seen, (ref, path))
            node = {**_target(schema, ref), **{k: v for k, v in node.items() if k != "$ref"}}
        if path:
            items = node.get("items")
            item = items if isinstance(items, dict) else {}
            yield Spot(path, node, None, _target(schema, item["$ref"]) if "$ref" in item else item)
        prefix = f"{path}/" if path else ""
        for part in (
            node,
            *(b for word in ("anyOf", "oneOf", "allOf") for b in node.get(word, ()) if isinstance(b, dict)),
        ):
            if part is not node and "$ref" in part:
                yield from visit(part, path, seen)
            for name, child in part.get("properties", {}).items():
                yield from visit(child, prefix + name, seen)
            for child in part.get("patternProperties", {}).values():
                yield from visit(child, prefix + "*", seen)
        if isinstance(node.get("items"), dict):
            yield from visit(node["items"], prefix + "*", seen)

    yield from visit({"properties": schema.get("properties", {})}, "", ())


def _target(schema: Mapping[str, Any], ref: str) -> dict[str, Any]:
    """What a reference within a schema (``#/definitions/Tag``) names; empty where there is nothing."""
    target: Any = schema
    for part in ref.removeprefix("#/").split("/"):
        target = target.get(part, {}) if isinstance(target, dict) else {}
    return target if isinstance(target, dict) else {}


def flatten(schema: Mapping[str, Any]) -> dict[str, str]:
    """Every property path of a schema (``A/*/B``) with its letter and marks."""
    marks: dict[str, str] = {}
    for word, mark in (
        ("readOnlyProperties", "r"),
        ("writeOnlyProperties", "w"),
        ("createOnlyProperties", "c"),
    ):
        for pointer in schema.get(word, ()):
            path = pointed(pointer)
            marks[path] = marks.get(path, "") + mark
    out = {
        spot.path: _letter(spot.node)
        + marks.get(spot.path, "")
        + ("~" if spot.node.get("insertionOrder") is False else "")
        for spot in walk(schema)
        if spot.again is None
    }
    return dict(sorted(out.items()))


def _letter(node: Mapping[str, Any]) -> str:
    said = node.get("type")
    if isinstance(said, str):
        return LETTERS.get(said, "x")
    return "o" if not said and "properties" in node else "x"


def plain(paths: dict[str, str]) -> list[str]:
    """The properties at the top that a template may set and the cloud gives back, where they are a plain
    value or a list of such."""
    top = {path: marks for path, marks in paths.items() if "/" not in path and not {*"rw"} & {*marks[1:]}}
    return [
        path
        for path, marks in top.items()
        if marks[0] in "sinb" or (marks[0] == "a" and paths.get(f"{path}/*", "o")[0] in "sinb")
    ]


def main() -> None:
    """Writes the index beside the type facts."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    types: dict[str, Any] = {}
    there = {type_ for type_, entry in catalogue().entries.items() if entry.existence}
    for name in sorted(schema_types()):
        try:
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
        except Exception as error:  # noqa: BLE001 - reported, and the type has no schema
            print(f"{name}: no schema in cfn-lint ({type(error).__name__})", file=sys.stderr)
            continue
        identifier = [pointer.removeprefix("/properties/") for pointer in schema.get("primaryIdentifier", ())]
        paths = flatten(schema)
        types[name] = {"id": identifier, **({"names": plain(paths)} if name in there else {"paths": paths})}
    index = {"source": f"cfn-lint {version('cfn-lint')}", "types": types}
    target = TYPES_FOLDER.parent / "schemas.json"
    beside = target.with_suffix(".tmp")
    beside.write_text(json.dumps(index, indent=0, sort_keys=True) + "\n")
    Path(beside).replace(target)
    print(f"{target.name}: {len(types)} types, {target.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
