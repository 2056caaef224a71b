"""The compiled index of Microsoft's models (see :mod:`providers.azure.compile_models`).

A node says of one property: ``t`` its JSON type, ``f`` its format (date-time, duration, byte), ``e`` its
enumeration, ``o`` that it can only be read, ``w`` that it is never given back, ``d`` the default that its
documentation names, ``r`` the model it holds, ``i`` what its list's members are, ``m`` what its map's values
are, ``p`` properties of its own. A model is ``{"p": properties, "h": the models that are variants of it}``.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

Node = Mapping[str, Any]
_INDEX = Path(__file__).with_name("models.json.gz")


@cache
def _index() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(gzip.decompress(_INDEX.read_bytes()))
    return found


def types() -> Mapping[str, Mapping[str, str]]:
    """Lower-case type → ``{"as": spelling, "in": package, "get" | "put" | "patch": model}``."""
    found: Mapping[str, Mapping[str, str]] = _index()["types"]
    return found


def properties(package: str, model: str) -> dict[str, list[Node]]:
    """A model's properties with those of its variants, each as every one of them has it."""
    found: dict[str, list[Node]] = {}
    todo, seen = [model], set()
    while todo:
        name = todo.pop()
        said = _index()["models"].get(package, {}).get(name)
        if said is not None and name not in seen:
            seen.add(name)
            todo.extend(said.get("h", ()))
            for prop, node in said["p"].items():
                nodes = found.setdefault(prop, [])
                if node not in nodes:
                    nodes.append(node)
    return found


def names(what: str) -> Sequence[str]:
    """Names of properties: ``enums``, enumerated wherever they stand; ``texts``, whose value is a free text
    somewhere."""
    found: Sequence[str] = _index()["names"][what]
    return found


@cache
def enumerated() -> frozenset[str]:
    """Every value of every enumeration."""
    found: set[str] = set()
    todo: list[Any] = list(_index()["models"].values())
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if isinstance(node.get("e"), list):
                found.update(node["e"])
            todo.extend(value for key, value in node.items() if key != "e")
    return frozenset(found)
