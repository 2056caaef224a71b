"""Finds the line of a canonical path, in which the members of keyed lists go by key:
``/spec/containers/web/image``."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from drift.pointer import join, split
from providers.kubernetes.declared_yaml import Node

#: What lists of objects are keyed by, the likeliest first. Source: ``x-kubernetes-list-map-keys`` of the
#: API's own kinds and of public custom resources.
KEYS = (
    "name",
    "containerPort",
    "key",
    "port",
    "mountPath",
    "devicePath",
    "ip",
    "host",
    "hostname",
    "type",
    "topologyKey",
    "whenUnsatisfiable",
    "namespace",
    "protocol",
    "uid",
    "id",
    "path",
    "kind",
)
#: Keys that a declaration may leave out of a label, since they have a default.
_DEFAULTS = frozenset(("", "TCP"))


class Lines(Mapping[str, int]):
    """JSON Pointer → line. Holds only names and line numbers, packed, as an estate has many and asks few."""

    __slots__ = ("_packed",)

    def __init__(self, value: Any, node: Node) -> None:
        self._packed = zlib.compress(orjson.dumps(_skeleton(value, node)), 1)

    def __getitem__(self, path: str) -> int:
        found = _find(orjson.loads(zlib.decompress(self._packed)), split(path))
        if found is None and path.startswith("/data/"):
            return self[f"/stringData/{path.removeprefix('/data/')}"]
        if found is None:
            raise KeyError(path)
        return found

    def __contains__(self, path: object) -> bool:
        try:
            return isinstance(path, str) and self[path] > 0
        except KeyError:
            return False

    def __iter__(self) -> Iterator[str]:
        return _paths(orjson.loads(zlib.decompress(self._packed)), "")

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _skeleton(value: Any, node: Node) -> Any:
    """``line`` of a scalar; ``[line, {name: …}]`` of a mapping; ``[line, [[names, …], …]]`` of a list."""
    if isinstance(value, dict):
        return [node.line, {name: _skeleton(item, node.members[name]) for name, item in value.items()}]
    if isinstance(value, list):
        items = zip(value, node.items, strict=True)
        return [node.line, [[_names(item), _skeleton(item, below)] for item, below in items]]
    return node.line


def _names(item: Any) -> Any:
    if isinstance(item, Mapping):
        return {
            name: str(item[name])
            for name in KEYS
            if isinstance(item.get(name), (str, int)) and len(str(item[name])) <= 512
        }
    return {}


def _find(skeleton: Any, parts: list[str]) -> int | None:
    for part in parts:
        if not isinstance(skeleton, list):
            return None
        below = skeleton[1]
        skeleton = below.get(part) if isinstance(below, dict) else _member(below, part)
    line = skeleton[0] if isinstance(skeleton, list) else skeleton
    return line if isinstance(line, int) else None


def _member(items: list[Any], part: str) -> Any:
    """The member of a list that goes by a label (its keys' values, joined by ``|``), else by its index."""
    labels = part.split("|")
    for name in KEYS:
        for names, below in items:
            if names.get(name) == labels[0] and _fits(names, labels[1:]):
                return below
    return items[int(part)][1] if part.isdecimal() and int(part) < len(items) else None


def _fits(names: Mapping[str, str], labels: list[str]) -> bool:
    return all(label in names.values() or label in _DEFAULTS for label in labels)


def _paths(skeleton: Any, above: str) -> Iterator[str]:
    if above:
        yield above
    below = skeleton[1] if isinstance(skeleton, list) else {}
    if isinstance(below, dict):
        for name, item in below.items():
            yield from _paths(item, join(above, name))
    else:
        for index, (_, item) in enumerate(below):
            yield from _paths(item, f"{above}/{index}")
