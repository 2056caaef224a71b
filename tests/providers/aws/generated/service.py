"""What a faithful service answers of a body that it was given: all of it, what it fills in, lists of which
the order does not count in another one, and nothing of what it never tells."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from providers.aws.filled import PEOPLES
from tests.providers.aws.generated.bodies import Bodies, type_of


def answer(bodies: Bodies, body: Mapping[str, Any]) -> dict[str, Any]:
    """The live properties of a resource that was made of ``body``."""
    found = _told(bodies, dict(body), bodies.schema.raw, "")
    assert isinstance(found, dict)
    return found


def _told(bodies: Bodies, value: Any, node: Mapping[str, Any], path: str) -> Any:
    schema = bodies.schema
    node = schema.resolved(node)
    prefix = f"{path}/" if path else ""
    if isinstance(value, dict):
        return _object(bodies, value, node, prefix)
    if isinstance(value, list):
        told = [_told(bodies, one, node.get("items", {}), f"{path}/*") for one in value]
        if node.get("insertionOrder") is False:
            bodies.random.shuffle(told)
        tags = str((schema.raw.get("tagging") or {}).get("tagProperty")).removeprefix("/properties/")
        if path == tags and told and isinstance(told[0], dict) and told[0].keys() == {"Key", "Value"}:
            told.insert(0, {"Key": "aws:cloudformation:stack-name", "Value": "shop"})
        return told
    return value


def _object(bodies: Bodies, value: dict[str, Any], node: Mapping[str, Any], prefix: str) -> Any:
    schema, known = bodies.schema, node.get("properties") or {}
    pattern = next(iter((node.get("patternProperties") or {}).values()), {})
    if not known and not pattern:
        said = node.get("type")
        return (
            json.dumps(value, indent=1, sort_keys=True)
            if isinstance(said, list) and "string" in said
            else value
        )
    told = {}
    for name, one in value.items():
        path = prefix + (name if name in known else "*")
        if path not in schema.write_only:
            told[name] = _told(bodies, one, known.get(name, pattern), path)
    for name, said in known.items():
        path, below = prefix + name, schema.resolved(said)
        if name in value or path in schema.write_only:
            continue
        if path in schema.read_only:
            told[name] = bodies.value(said, path, 5, unsaid=True)
        else:
            parts = (part.get("default") for part in (below, *below.get("allOf", ())))
            default = next((one for one in parts if one is not None), None)
            told.update({} if default is None else {name: default})
    return told


def as_written(bodies: Bodies, value: Any, node: Mapping[str, Any], path: str = "") -> Any:
    """A body as templates have it: some numbers and switches in quotes."""
    node = bodies.schema.resolved(node)
    prefix = f"{path}/" if path else ""
    if isinstance(value, dict):
        known = node.get("properties") or {}
        return {
            name: as_written(bodies, one, known[name], prefix + name) if name in known else one
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [as_written(bodies, one, node.get("items", {}), f"{path}/*") for one in value]
    if type_of(node) in ("integer", "boolean") and not node.get("enum") and bodies.random.random() < 0.3:
        return str(value).lower()
    return value


def more(bodies: Bodies, value: Any, node: Mapping[str, Any], path: str, known: Collection[str]) -> Any:
    """An answer with some of the plain properties that nobody declared, of which no default is ``known``, and
    that no people are known to set."""
    schema = bodies.schema
    node = schema.resolved(node)
    prefix = f"{path}/" if path else ""
    if isinstance(value, list):
        return [more(bodies, one, node.get("items", {}), f"{path}/*", known) for one in value]
    if not isinstance(value, dict) or not value or not node.get("properties") or path in schema.read_only:
        return value
    found = {
        name: more(bodies, one, node["properties"].get(name, {}), prefix + name, known)
        for name, one in value.items()
    }
    for name, said in node["properties"].items():
        below, at = schema.resolved(said), prefix + name
        chosen = name not in value and at not in known | schema.read_only | schema.write_only
        plain = type_of(below) in ("string", "integer", "boolean") and not below.get("default")
        if chosen and plain and not PEOPLES.search(at) and bodies.random.random() < 0.3:
            found[name] = bodies.value(below, at, 5)
    return found
