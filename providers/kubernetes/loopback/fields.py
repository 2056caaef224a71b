"""Keeps ``managedFields``: which manager set which field, as an API server records it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from providers.kubernetes.schemas import built_in

Path = tuple[str, ...]
_UNTRACKED = frozenset(("apiVersion", "kind", "status"))
_UNTRACKED_METADATA = frozenset(
    [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "managedFields",
        "selfLink",
    ]
)


def leaves(body: Mapping[str, Any], schema: Mapping[str, Any] | None) -> dict[Path, Any]:
    """fieldsV1 path → value of everything that is tracked. Atomic lists and maps are one leaf."""
    node = _node(body) if schema is None else _of_schema(schema)
    found: dict[Path, Any] = {}
    for name, value in body.items():
        if name in _UNTRACKED:
            continue
        if name == "metadata":
            kept = {key: item for key, item in value.items() if key not in _UNTRACKED_METADATA}
            found.update(_walk(kept, {}, ("f:metadata",)))
        else:
            found.update(_walk(value, _child(node, name), (f"f:{name}",)))
    return found


def tree(paths: Any) -> dict[str, Any]:
    """Paths as fieldsV1."""
    root: dict[str, Any] = {}
    for path in sorted(paths):
        node = root
        for part in path:
            node = node.setdefault(part, {".": {}} if part.startswith("k:") else {})
    return root


def paths_of(fields: Mapping[str, Any], above: Path = ()) -> Iterator[Path]:
    """The leaves of fieldsV1."""
    below = {key: item for key, item in fields.items() if key != "."}
    if not below:
        yield above
    for key, item in below.items():
        yield from paths_of(item, (*above, key))


def _walk(value: Any, node: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from _walk(item, _child(node, name), (*path, f"f:{name}"))
    elif isinstance(value, list) and value and "m" in node:
        item_node = _resolved(node.get("i", {}))
        for item in value:
            keys = {key: item.get(key, "TCP" if key == "protocol" else None) for key in node["m"]}
            told = json.dumps(
                {key: one for key, one in keys.items() if one is not None}, separators=(",", ":")
            )
            yield from _walk(item, item_node, (*path, f"k:{told}"))
    elif isinstance(value, list) and "s" in node:
        for item in value:
            yield (*path, f"v:{json.dumps(item)}"), item
    else:
        yield path, value


def _node(body: Mapping[str, Any]) -> Mapping[str, Any]:
    name = built_in().definition(f"{body['apiVersion']}/{body['kind']}")
    return {} if name is None else built_in().defs.get(name, {})


def _child(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    node = _resolved(node)
    return _resolved(node.get("p", {}).get(name) or node.get("v") or {})


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**node, **built_in().defs.get(node["r"], {})} if "r" in node else node


def _of_schema(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    from providers.kubernetes.openapi import compact

    told = compact({"$defs": {"it": {**schema, "x-kubernetes-group-version-kind": []}}})
    found: Mapping[str, Any] = told["defs"].get("it", {})
    return found
