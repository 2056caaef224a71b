"""Reads the compiled index: an API's collections, and the properties of its schemas."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

Node = Mapping[str, Any]
Properties = Mapping[str, Node]

INDEX = Path(__file__).with_name("index.json.gz")
ENUM_NUMBERS = Path(__file__).with_name("enum_numbers.json")
#: What schemas of some APIs begin with (``GoogleCloudOrgpolicyV2Policy``).
_VERSIONED = re.compile(r"^(?:Google[A-Za-z]*?)?V\d+(?:(?:alpha|beta|main|p)\d*)*_*")
#: APIs whose kinds are not called like their schemas (``DatabaseInstance``).
_SINGULAR = frozenset({"sqladmin.googleapis.com"})
_WORDS = re.compile(r"[^a-z0-9]")


@lru_cache(maxsize=1)
def _index() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(INDEX.read_bytes()))
    return found


def collections(host: str) -> list[tuple[str, str]]:
    """(path with ``*`` for each variable, schema name) of everything that the API gives one by one."""
    return [(path, schema) for path, schema in _index().get(host, {}).get("collections", [])]


def envelope(host: str, schema: str) -> str | None:
    """The member that a thing stands in when it is sent to be made, within a request of its own; None where
    it is sent bare."""
    found: str | None = _index().get(host, {}).get("envelopes", {}).get(schema)
    return found


@cache
def relatives(host: str, name: str) -> tuple[str, ...]:
    """The fields of an API that are deprecated for the one called ``name``, and those that follow it."""
    known: dict[str, list[str]] = _index().get(host, {}).get("successors", {})
    return (*known.get(name, ()), *(new for new, old in known.items() if name in old))


def properties(host: str, node: Node | None) -> Properties | None:
    """The properties of an object's node; None where the node is no object with named properties."""
    if node is None:
        return None
    if "r" in node:
        found: Properties | None = _index().get(host, {}).get("schemas", {}).get(node["r"])
        return found or None
    own: Properties | None = node.get("p")
    return own


def only_text(host: str, node: Node | None) -> str | None:
    """The one text that the members of a list of objects have (``{"type": …}``); None where they have
    more."""
    known = {name: one for name, one in (properties(host, node) or {}).items() if not one.get("o")}
    name, said = next(iter(known.items()), ("", {}))
    return name if len(known) == 1 and said.get("t") == "string" else None


def named(host: str, schema: str) -> Node:
    """The node of a schema."""
    return {"r": schema} if schema in _index().get(host, {}).get("schemas", {}) else {}


def hosts() -> list[str]:
    """The hosts of all APIs."""
    return sorted(_index())


def enumerations(host: str) -> Iterator[list[str]]:
    """The names of each enumeration of an API, one that is used twice twice."""
    todo: list[Any] = [_index()[host]["schemas"]]
    while todo:
        node = todo.pop()
        for key, below in node.items():
            if key == "e" and isinstance(below, list):
                yield below
            elif isinstance(below, dict):
                todo.append(below)


def enumerated() -> Iterator[str]:
    """The names of all values that the APIs enumerate."""
    for host in _index():
        for names in enumerations(host):
            yield from names


@lru_cache(maxsize=1)
def _enum_numbers() -> dict[str, dict[tuple[str, ...], list[int]]]:
    said = json.loads(ENUM_NUMBERS.read_bytes())
    return {host: {tuple(names): numbers for names, numbers in many} for host, many in said.items()}


def enum_numbers(host: str, names: list[str]) -> list[int]:
    """The numbers of an enumeration's names: those of its API's definition, where that is not their order."""
    return _enum_numbers().get(host, {}).get(tuple(names)) or list(range(len(names)))


def kind(host: str, collection: str, schema: str) -> str:
    """The kind that Cloud Asset calls a collection's members: its singular, or the longer name of their
    schema that ends with it (``BuildTrigger`` for triggers).

    Source: https://cloud.google.com/asset-inventory/docs/asset-types.
    """
    word = singular(collection)
    word = word[:1].upper() + word[1:]
    own = host.partition(".")[0]
    name = _VERSIONED.sub("", schema)
    if name.lower().startswith(own):
        name = name[len(own) :]
    return name if name.endswith(word) and host not in _SINGULAR else word


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
