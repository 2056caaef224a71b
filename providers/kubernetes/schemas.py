"""The shapes of kinds: the built-in index of what Kubernetes serves itself, and what a cluster's own OpenAPI
told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from drift.facts import PathFacts
from drift.kinds.base import Kind
from providers.kubernetes.names import parse
from providers.kubernetes.openapi import Node

_KINDS = {"q": "quantity", "i": "integer", "d": "go-duration", "t": "timestamp"}


@dataclass(frozen=True, slots=True)
class Schemas:
    """``types`` maps a type to its definition, ``defs`` a definition to its node
    (:mod:`providers.kubernetes.openapi`)."""

    types: Mapping[str, str]
    defs: Mapping[str, Node]
    by_key: Mapping[str, str]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Schemas:
        by_key: dict[str, str] = {}
        for type_ in said.get("types", {}):
            name = parse(type_)
            if name is not None and (name.key not in by_key or _age(type_) < _age(by_key[name.key])):
                by_key[name.key] = type_
        return cls(said.get("types", {}), said.get("defs", {}), by_key)

    def definition(self, type_: str) -> str | None:
        """The definition of a type; that of the kind's newest version where its own is not known."""
        name = parse(type_)
        found = self.types.get(type_)
        if found is None and name is not None and name.key in self.by_key:
            found = self.types[self.by_key[name.key]]
        return found


def _age(type_: str) -> tuple[int, str]:
    """Stable versions before betas before alphas."""
    version = type_.split("/")[-2]
    return (2 if "alpha" in version else 1 if "beta" in version else 0, version)


@cache
def built_in() -> Schemas:
    """The index in the package."""
    path = Path(__file__).with_name("schemas.json")
    return Schemas.of(orjson.loads(path.read_bytes()))


@dataclass(slots=True)
class Builder:
    """Grows the facts of a type from its definition.

    ``shared`` are our own facts of definitions, by their last word; ``anything`` holds where a schema says
    nothing.
    """

    schemas: Schemas
    shared: Mapping[str, Mapping[str, Mapping[str, Any]]]
    kinds: Mapping[str, Kind]
    anything: PathFacts | None = None

    def grow(self, facts: PathFacts, definition: str) -> None:
        """Adds what a definition and those below it say."""
        self._definition(facts, definition, ())

    def _definition(self, facts: PathFacts, name: str, above: tuple[str, ...]) -> None:
        if name in above:
            return
        self._node(facts, self.schemas.defs.get(name, {}), (*above, name))
        short = name.rpartition(".")[2]
        for path, words in self.shared.get(short, {}).items():
            node = facts if path == "." else facts.reach(path)
            node.say(words, self.kinds, f"{short} {path}")

    def _node(self, facts: PathFacts, node: Node, above: tuple[str, ...]) -> None:
        if "def" in node:
            facts.defaults.append(node["def"])
        if "k" in node:
            facts.kind = self.kinds[_KINDS[node["k"]]]
        if "m" in node:
            facts.kind = self.kinds["list-map"]
            facts.params = {"keys": node["m"], "defaults": self._key_defaults(node)}
        elif "s" in node:
            facts.kind = self.kinds["set"]
        if "r" in node:
            self._definition(facts, node["r"], above)
        for name, below in node.get("p", {}).items():
            self._node(facts.children.setdefault(name, self._fresh()), below, above)
        for letter in ("i", "v"):
            if letter in node:
                if facts.any is None or facts.any is self.anything:
                    facts.any = self._fresh()
                self._node(facts.any, node[letter], above)

    def _fresh(self) -> PathFacts:
        return PathFacts(kind=self.anything.kind if self.anything else None, any=self.anything)

    def _key_defaults(self, node: Node) -> dict[str, Any]:
        """The defaults of a list's keys (a port's protocol), which a declaration may leave out."""
        item = node.get("i", {})
        short = item.get("r", "").rpartition(".")[2]
        told = {
            name: below["def"]
            for name, below in {**self.schemas.defs.get(item.get("r", ""), {}), **item}.get("p", {}).items()
            if "def" in below
        }
        for path, words in self.shared.get(short, {}).items():
            if "default" in words:
                told[path] = words["default"]
        return {name: told[name] for name in node["m"] if name in told}
