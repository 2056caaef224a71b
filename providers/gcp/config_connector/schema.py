"""Reads the compiled index: an API's collections, and the properties of its schemas."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

Node = Mapping[str, Any]
Properties = Mapping[str, Node]

_INDEX = Path(__file__).with_name("index.json.gz")
_WORDS = re.compile(r"[^a-z0-9]")


@lru_cache(maxsize=1)
def _index() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(_INDEX.read_bytes()))
    return found


def collections(host: str) -> list[tuple[str, str]]:
    """(path with ``*`` for each variable, schema name) of everything that the API gives one by one."""
    return [(path, schema) for path, schema in _index().get(host, {}).get("collections", [])]


def envelope(host: str, schema: str) -> str | None:
    """The member that a thing stands in when it is sent to be made, within a request of its own; None where
    it is sent bare."""
    found: str | None = _index().get(host, {}).get("envelopes", {}).get(schema)
    return found


def properties(host: str, node: Node | None) -> Properties | None:
    """The properties of an object's node; None where the node is no object with named properties."""
    if node is None:
        return None
    if "r" in node:
        found: Properties | None = _index().get(host, {}).get("schemas", {}).get(node["r"])
        return found or None
    own: Properties | None = node.get("p")
    return own


def named(host: str, schema: str) -> Node:
    """The node of a schema."""
    return {"r": schema} if schema in _index().get(host, {}).get("schemas", {}) else {}


def enumerated() -> Iterator[str]:
    """The names of all values that the APIs enumerate."""
    todo: list[Any] = [entry["schemas"] for entry in _index().values()]
    while todo:
        node = todo.pop()
        for key, below in node.items():
            if key == "e" and isinstance(below, list):
                yield from below
            elif isinstance(below, dict):
                todo.append(below)


def plain(name: str) -> str:
    """A name without case and punctuation."""
    return _WORDS.sub("", name.lower())


def singular(name: str) -> str:
    """The singular of an English plural, as collections and fields are named (``policies``, ``proxies``,
    ``meshes``)."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if re.search(r"(ss|sh|ch|x|ss)es$", name):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
