"""Brings OpenAPI documents down to what comparison needs: lists' map keys, special scalars, defaults.

A *node* is ``{"k": letter}`` for a scalar that has several spellings (``q`` quantity, ``i`` int or string,
``d`` duration, ``t`` time), ``{"m": [keys], "i": node}`` for a list whose members have keys, ``{"s": 1}`` for
a set of scalars, ``{"i": node}`` for another list, ``{"v": node}`` for a map, ``{"p": {name: node}}`` for an
object, ``{"r": name}`` for a shared definition; ``"def"`` holds a default. What says none of this is left
out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Node = dict[str, Any]

_QUANTITY = "resource.Quantity"
_INT_OR_STRING = "intstr.IntOrString"
_DURATION = "meta.v1.Duration"
_TIMES = ("meta.v1.Time", "meta.v1.MicroTime")
_MAX_DEPTH = 40


def compact(document: Mapping[str, Any]) -> dict[str, Any]:
    """``{"types": {"group/version/Kind": definition}, "defs": {definition: node}}`` of an OpenAPI
    document."""
    found = (
        document.get("components", {}).get("schemas") or document.get("$defs") or document.get("definitions")
    )
    schemas: Mapping[str, Mapping[str, Any]] = found or {}
    types: dict[str, str] = {}
    defs: dict[str, Node] = {}
    for name, schema in schemas.items():
        for gvk in schema.get("x-kubernetes-group-version-kind", ()):
            if not gvk["kind"].endswith("List") and "metadata" in schema.get("properties", {}):
                api = f"{gvk['group']}/{gvk['version']}" if gvk["group"] else gvk["version"]
                types[f"{api}/{gvk['kind']}"] = name
        defs[name] = _node(schema, 0)
    keep = _reachable(types.values(), defs)
    return {
        "types": dict(sorted(types.items())),
        "defs": {name: defs[name] for name in sorted(keep) if defs[name]},
    }


def _node(schema: Mapping[str, Any], depth: int) -> Node:
    node: Node = {}
    if depth > _MAX_DEPTH:
        return node
    reference = schema.get("$ref")
    for part in schema.get("allOf", ()):
        reference = reference or part.get("$ref")
    if "default" in schema and schema["default"] not in ({}, "", [], None):
        node["def"] = schema["default"]
    if isinstance(reference, str):
        name = reference.rpartition("/")[2]
        letter = _letter(name)
        if letter:
            node["k"] = letter
        else:
            node["r"] = name
        return node
    letter = _scalar(schema)
    if letter:
        node["k"] = letter
    types = schema.get("type")
    types = types if isinstance(types, list) else [types]
    if "array" in types or "items" in schema:
        node.update(_list(schema, depth))
    properties = {
        name: below
        for name, sub in (schema.get("properties") or {}).items()
        if isinstance(sub, Mapping) and name not in ("status",) and (below := _node(sub, depth + 1))
    }
    if properties:
        node["p"] = properties
    additional = schema.get("additionalProperties")
    if isinstance(additional, Mapping) and (below := _node(additional, depth + 1)):
        node["v"] = below
    return node


def _list(schema: Mapping[str, Any], depth: int) -> Node:
    items = schema.get("items")
    below = _node(items, depth + 1) if isinstance(items, Mapping) else {}
    node: Node = {"i": below} if below else {}
    keys = schema.get("x-kubernetes-list-map-keys")
    merge_key = schema.get("x-kubernetes-patch-merge-key")
    if schema.get("x-kubernetes-list-type") == "map" and keys:
        node["m"] = list(keys)
    elif schema.get("x-kubernetes-list-type") == "set":
        node["s"] = 1
    elif merge_key and "x-kubernetes-list-type" not in schema:
        node["m"] = [merge_key]
    return node


def _letter(name: str) -> str | None:
    if name.endswith(_QUANTITY):
        return "q"
    if name.endswith(_INT_OR_STRING):
        return "i"
    if name.endswith(_DURATION):
        return "d"
    return "t" if name.endswith(_TIMES) else None


def _scalar(schema: Mapping[str, Any]) -> str | None:
    pattern, format_ = str(schema.get("pattern", "")), schema.get("format")
    if schema.get("x-kubernetes-int-or-string") or format_ == "int-or-string":
        return "q" if "KMGTPE" in pattern else "i"
    if format_ == "quantity" or "KMGTPE" in pattern:
        return "q"
    if format_ == "duration" or "(ms|s|m|h)" in pattern or "ns|us|µs|ms|s|m|h" in pattern:
        return "d"
    return "t" if format_ == "date-time" else None


def _reachable(start: Any, defs: Mapping[str, Node]) -> set[str]:
    seen: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in seen and name in defs:
            seen.add(name)
            todo.extend(_references(defs[name]))
    return seen


def _references(node: Node) -> list[str]:
    found = [node["r"]] if "r" in node else []
    for below in (*node.get("p", {}).values(), *(node[letter] for letter in ("i", "v") if letter in node)):
        found.extend(_references(below))
    return found
