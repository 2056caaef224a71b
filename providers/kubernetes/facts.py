"""What is known of each kind: the shape from OpenAPI, then our own facts (``types/*.yaml``).

A facts file has two sections. ``definitions`` holds for an API definition wherever it is used (``PodSpec``),
``kinds`` for one group and kind (``*``: for each). Paths and words are those of :mod:`drift.facts`; ``.`` is
the thing itself. A kind may also say ``title`` and ``access``.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from drift.facts import FactError, PathFacts, TypeFacts
from drift.kinds.base import Context
from drift.kinds.registry import KINDS
from drift.pointer import unescape
from drift.safe_yaml import data
from providers.kubernetes.kinds import KINDS as OWN_KINDS
from providers.kubernetes.names import TypeName, parse
from providers.kubernetes.schemas import Builder, Schemas, built_in

TYPES_FOLDER = Path(__file__).parent / "types"
_SECTIONS = frozenset({"definitions", "kinds"})
_ALL_KINDS = {**KINDS, **OWN_KINDS}
_KEPT = 512


@cache
def _said() -> dict[str, dict[str, Any]]:
    said: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    for file in sorted(TYPES_FOLDER.glob("*.yaml")):
        content = data(file) or {}
        for section, entries in content.items():
            if section not in _SECTIONS:
                raise FactError(f"{file.name}: unknown section {section!r}; known are {sorted(_SECTIONS)}")
            for name, words in entries.items():
                if name in said[section]:
                    raise FactError(f"{file.name}: {section} {name} is said twice")
                said[section][name] = words
    return said


def known_types() -> list[str]:
    """The kinds that Kubernetes itself serves, in their stable or newest version."""
    return sorted(built_in().by_key.values())


def is_custom(type_: TypeName) -> bool:
    """Whether a kind is not Kubernetes' own."""
    return type_.key not in built_in().by_key


@cache
def facts_of(type_: str) -> TypeFacts | None:
    """What is known of a type without any cluster's help; None where it is no type's name."""
    return _build(type_, None)


def _build(type_: str, learnt: Schemas | None) -> TypeFacts | None:
    name = parse(type_)
    if name is None:
        return None
    said = _said()
    words = dict(said["kinds"].get(name.key, {}))
    facts = TypeFacts(
        type=type_,
        regional=False,
        access=bool(words.pop("access", False)),
        natural_key=False,
        title=str(words.pop("title", name.kind)),
    )
    anything = _anything() if is_custom(name) else None
    if anything is not None:
        facts.root.any = anything
        facts.root.children["metadata"] = PathFacts()
    for schemas in (built_in(), learnt):
        definition = None if schemas is None else schemas.definition(type_)
        if schemas is not None and definition is not None:
            Builder(schemas, said["definitions"], _ALL_KINDS, anything).grow(facts.root, definition)
    Builder(built_in(), said["definitions"], _ALL_KINDS).grow(
        facts.root.reach("metadata"), "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
    )
    for path, more in {**said["kinds"].get("*", {}), **words}.items():
        node = facts.root if path == "." else facts.root.reach(path)
        if anything is not None and path != ".":
            _leave_open(facts.root, path, anything)
        node.say(more, _ALL_KINDS, f"{name.key} {path}")
    return facts


def _anything() -> PathFacts:
    """Any path of a custom resource, at any depth, of which no schema tells more."""
    node = PathFacts(kind=_ALL_KINDS["string-of-any-kind"])
    node.any = node
    return node


def _leave_open(root: PathFacts, path: str, anything: PathFacts) -> None:
    """Lets anything stand beside a path of a custom resource of which we say something."""
    node = root
    for name in path.strip("/").split("/"):
        node.any = node.any or anything
        node = node.child(unescape(name))
    if node.kind is None:
        node.kind, node.any = anything.kind, node.any or anything


class Learnt:
    """Facts made exact by what a cluster's own OpenAPI told; built once for each type and schema."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], TypeFacts] = OrderedDict()
        self._schemas: dict[int, tuple[Any, Schemas, int]] = {}

    def facts(self, facts: TypeFacts, context: Context) -> TypeFacts:
        """The facts of ``context.type`` in the cluster ``context.scope``."""
        said = context.data.get("clusters", {}).get(context.scope, {}).get("openapi")
        if not said:
            return facts
        schemas, number = self._of(said)
        if schemas.definition(context.type) is None:
            return facts
        key = (context.type, number)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = _build(context.type, schemas) or facts
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found

    def knows(self, context: Context) -> bool:
        """Whether the cluster ``context.scope`` told the shape of ``context.type``."""
        said = context.data.get("clusters", {}).get(context.scope, {}).get("openapi")
        return bool(said) and self._of(said)[0].definition(context.type) is not None

    def _of(self, said: Mapping[str, Any]) -> tuple[Schemas, int]:
        with self._lock:
            known = self._schemas.get(id(said))
            if known is not None and known[0] is said:
                return known[1], known[2]
            number = hash(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
            schemas = Schemas.of(said)
            self._schemas[id(said)] = (said, schemas, number)
            while len(self._schemas) > 64:
                self._schemas.pop(next(iter(self._schemas)))
            return schemas, number
