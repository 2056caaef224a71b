"""Compiles what the CloudFormation schemas say of every resource type into ``resource_types.zip`` (part of
``make facts``): one entry a type, so that one is read without the others.

Build time only, as :mod:`providers.aws.compile_schemas`. The words of an entry are those of
:class:`providers.aws.resource_types.ResourceType`.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from providers.aws import schema_kinds
from providers.aws.compile_schemas import Spot, flatten, pointed, walk
from providers.aws.resource_types import ARCHIVE, INDEX

#: What a reader asks of the archive first: name → what of it can be read.
READ, LIST = "r", "l"
#: The mark of a property that must be set where its object is.
REQUIRED = "!"


def main() -> None:
    """Writes the archive beside the type facts."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    types: dict[str, dict[str, Any]] = {}
    for name in sorted(PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1")):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
        if name.startswith("AWS::") and schema.get("handlers") and schema.get("primaryIdentifier"):
            types[name] = compiled(schema)
    size = write(ARCHIVE, types)
    print(f"{ARCHIVE.name}: {len(types)} types, {size // 1024} kB")


def compiled(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of one schema; what is empty is left out."""
    handlers = schema.get("handlers") or {}
    spots = list(walk(schema))
    marks = flatten(schema)
    for path in _required(schema, spots) & marks.keys():
        marks[path] += REQUIRED
    tags = pointed(str((schema.get("tagging") or {}).get("tagProperty") or "")) or None
    kinds = schema_kinds.kinds(spots, marks, tags)
    said = {
        "id": [pointed(one) for one in schema["primaryIdentifier"]],
        "read": _permissions(handlers, "read"),
        "list": _permissions(handlers, "list"),
        "handlers": "".join(mark for mark, word in ((READ, "read"), (LIST, "list")) if word in handlers),
        "parents": _parents(handlers, schema),
        "required": sorted(schema.get("required", ())),
        "tags": tags if tags and tags.split("/")[0] in marks else None,
        "paths": marks,
        "recurs": _recursion(spots),
        "defaults": schema_kinds.defaults(spots),
        "documented": schema_kinds.documented(spots),
        "kinds": kinds,
        "listed": schema_kinds.listed(spots, kinds),
    }
    return {word: value for word, value in said.items() if value}


def _required(schema: Mapping[str, Any], spots: Iterable[Spot]) -> set[str]:
    """The properties that must be set where their object is."""
    found = set(schema.get("required", ()))
    for spot in spots:
        if spot.again is None:
            found |= {f"{spot.path}/{name}" for name in spot.node.get("required", ())}
    return found


def _permissions(handlers: Mapping[str, Any], word: str) -> list[str]:
    """The IAM actions that a handler calls."""
    said: Iterable[str] = (handlers.get(word) or {}).get("permissions", ())
    return sorted({one for one in said if re.fullmatch(r"[\w-]+:[\w*]+", one)})


def _parents(handlers: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, str]:
    """What a list must be asked with → the property of the type that has this value."""
    asked = (handlers.get("list") or {}).get("handlerSchema") or {}
    found: dict[str, str] = {}
    for name in (*asked.get("required", ()), *(next(iter(_choices(asked)), ()))):
        meant = str(asked.get("properties", {}).get(name, {}).get("$ref", "")).rpartition("/properties/")[2]
        found[name] = meant if meant in schema["properties"] else name
    return found


def _choices(asked: Mapping[str, Any]) -> Iterator[Iterable[str]]:
    """What may be asked with instead of each other."""
    for word in ("oneOf", "anyOf"):
        yield from (one["required"] for one in asked.get(word, ()) if one.get("required"))


def _recursion(spots: Iterable[Spot]) -> dict[str, list[str]]:
    """Where a schema holds itself: what is at the path is below it again at these."""
    found: dict[str, list[str]] = {}
    for spot in spots:
        if spot.again is not None and spot.path.startswith(f"{spot.again}/"):
            below = spot.path.removeprefix(f"{spot.again}/")
            if below not in found.setdefault(spot.again, []):
                found[spot.again].append(below)
    return dict(sorted(found.items()))


def write(target: Path, types: Mapping[str, Mapping[str, Any]]) -> int:
    """Writes the archive, the same bytes for the same types; gives its size."""
    beside = target.with_suffix(".tmp")
    index = {name: said["handlers"] for name, said in types.items() if said.get("handlers")}
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, said in ((INDEX, index), *types.items()):
            entry = zipfile.ZipInfo(name.replace("::", "-"))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, json.dumps(said, separators=(",", ":"), sort_keys=True))
    beside.replace(target)
    return target.stat().st_size


if __name__ == "__main__":
    main()
