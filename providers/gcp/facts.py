"""What is known of each type: Google's own schemas, then our own facts (``types/*.yaml``).

A facts file maps Cloud Asset types to ``{title, access, schema, whole, mirrors, facts: {path: words}}``;
under ``schemas`` it says facts of an API's schema wherever it is used
(``compute.googleapis.com/NetworkInterface``). Paths and words are those of :mod:`drift.facts`. A ``default``
said here is checked by hand: any other live value that nobody declares is a change, where of other plain
fields it is taken for what the service fills in (:mod:`providers.gcp.undeclared`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from drift.facts import FactError, PathFacts, TypeFacts
from drift.kinds.registry import KINDS as GENERAL
from drift.safe_yaml import data
from providers.gcp import schema
from providers.gcp.kinds import KINDS as OWN
from providers.gcp.names import is_type

TYPES_FOLDER = Path(__file__).parent / "types"
KINDS = {**GENERAL, **OWN}
COUNTS = "count"
FILLED = "filled"
#: Labels that Google's services and Config Connector's controller set by themselves
#: (https://cloud.google.com/resource-manager/docs/labels-overview: the prefix goog is reserved).
SERVICE_LABELS = ("goog-", "google-", "managed-by-cnrm", "aiplatform.googleapis.com/", "batch-job-id")
_BUILDING = threading.RLock()
_WORDS = frozenset({"title", "access", "schema", "facts", "whole", "mirrors"})
#: Formats of discovery documents (https://developers.google.com/discovery/v1/type-format) → kinds.
_FORMATS = {
    "google-duration": "duration",
    "google-datetime": "timestamp",
    "date-time": "timestamp",
    "byte": "base64",
    "int64": "integer",
    "uint64": "integer",
}
#: Lists that say who or what is let in, which people fill whatever their documentation says of them.
_PEOPLES = re.compile(
    r"^(?:allowed|trusted|authorized|denied|blocked|excluded)|"
    r"(?:access|rules|policies|bindings|users|admins|capabilities|Owners|Members|Principals|Permissions)$|"
    r"^(?:owners|members|principals|permissions)$"
)
#: Fields that are maps of their users' wherever an API has them.
_MAPS = ("labels", "userLabels", "resourceLabels", "annotations", "environmentVariables")
#: JSON types → (kind, the values that stand for unset).
_TYPES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "integer": ("integer", (0,)),
    "number": ("number", (0,)),
    "boolean": ("boolean", (False,)),
    "string": ("text", ("",)),
}
#: Formats of texts that are numbers.
_NUMBERS = frozenset({"int64", "uint64"})
#: APIs that are older than protocol buffers: their enumerations are in no order, and none of their values is
#: zero.
_NO_ZERO_NAMES = frozenset(
    {
        "compute.googleapis.com",
        "dns.googleapis.com",
        "deploymentmanager.googleapis.com",
        "storage.googleapis.com",
    }
)


@cache
def _said() -> tuple[dict[str, Any], dict[str, Any]]:
    """(what is said of types, what is said of schemas)."""
    types: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for file in sorted(TYPES_FOLDER.glob("*.yaml")):
        content = data(file) or {}
        for name, words in content.pop("schemas", {}).items():
            if name in schemas:
                raise FactError(f"{file.name}: the schema {name} is said twice")
            schemas[name] = words
        for name, words in content.items():
            unknown = sorted(set(words) - _WORDS)
            if unknown or not is_type(name):
                raise FactError(
                    f"{file.name}: {name}: expected a type with {sorted(_WORDS)}, got {unknown or name}"
                )
            if name in types:
                raise FactError(f"{file.name}: {name} is said twice")
            types[name] = words
    return types, schemas


def known_types() -> list[str]:
    """The types with facts of their own."""
    return sorted(_said()[0])


def is_whole(type: str) -> bool:
    """Whether all that the service fills in of a type is in its facts, so that any other undeclared value is
    somebody's."""
    return bool(_said()[0].get(type, {}).get("whole"))


def mirrors(type: str) -> list[list[str]]:
    """The fields of a type that its service says twice (:mod:`providers.gcp.mirrors`)."""
    found: list[list[str]] = _said()[0].get(type, {}).get("mirrors", [])
    return found


def facts_of(type: str, schema_name: str | None = None) -> TypeFacts | None:
    """The facts of a Cloud Asset type (``compute.googleapis.com/Network``); None where the text is no such
    type.

    ``schema_name`` names the schema of its API where the caller knows it; else it is the one said in the
    facts file or that of the collection which the type's name is the singular of. Of a type without schema
    only our own facts are known, and which fields are maps by what Google calls them everywhere.
    """
    with _BUILDING:  # facts share nodes, which another thread must not see before they are whole
        return _facts_of(type, schema_name)


@cache
def _facts_of(type: str, schema_name: str | None) -> TypeFacts | None:
    if not is_type(type):
        return None
    host, _, kind = type.partition("/")
    words = _said()[0].get(type, {})
    name = schema_name or words.get("schema") or _schema_name(host, kind)
    root = replace(_path(host, name)) if name else replace(_anything())
    root.children = dict(root.children)
    sent = schema.envelope(host, name) if name else None
    if sent is not None:
        root.kind, root.params = KINDS["envelope"], {"key": sent}
        root.children[sent] = root
    facts = TypeFacts(
        type,
        root,
        regional=False,
        access=bool(words.get("access")),
        natural_key=False,
        title=str(words.get("title", kind)),
    )
    _say(root, words.get("facts", {}), type)
    return facts


def _say(root: PathFacts, said: Mapping[str, Any], where: str) -> None:
    """Adds our facts to a tree whose nodes other trees may share: what is said of is copied first."""
    for path, words in said.items():
        node = root if path == "." else root.own(path)
        if "default" in words or "defaults" in words:
            node.defaults = []
            node.undeclared = COUNTS
        node.say(words, KINDS, f"{where} {path}")


def _schema_name(host: str, kind: str) -> str | None:
    """The schema of the things that an API's collection holds, else the schema that is called so; None where
    none is.

    Cloud Asset tells global and regional things of some collections apart (``RegionDisk``); their schema is
    one.
    """
    for word in (kind, kind.removeprefix("Global").removeprefix("Region")):
        wanted = schema.plain(word)
        for path, name in schema.collections(host):
            parts = path.split("/")
            listed = name.startswith("List") and name.endswith("Response")
            if not name or len(parts) < 2 or listed:
                continue
            if wanted in (
                schema.plain(schema.singular(parts[-2])),
                schema.plain(schema.kind(host, parts[-2], name)),
            ):
                return name
        if schema.named(host, word):
            return word
    return None


@cache
def _anything() -> PathFacts:
    """Any path of a type without schema, at any depth."""
    node = PathFacts(kind=KINDS["anything"], defaults=[0, False])
    node.any = node
    for name in _MAPS:
        node.children[name] = PathFacts(kind=KINDS["map"])
        if name.lower().endswith("labels"):
            node.children[name].params = {"drop_prefix": SERVICE_LABELS}
            node.children[name].unread = "no schema tells whether the type has labels"
    return node


_cached: dict[tuple[str, str], PathFacts] = {}


def _path(host: str, name: str) -> PathFacts:
    """The facts of one schema. A schema that holds itself leads back to the same facts."""
    known = _cached.get((host, name))
    if known is not None:
        return known
    facts = _cached[host, name] = PathFacts()
    for prop, node in (schema.properties(host, {"r": name}) or {}).items():
        facts.children[prop] = _node(host, node, prop)
    _say(facts, _said()[1].get(f"{host}/{name}", {}), f"{host}/{name}")
    return facts


def _node(host: str, node: schema.Node, name: str = "") -> PathFacts:
    """The facts of one property. Its flags are its own; what is below a named schema is shared."""
    facts = PathFacts(read_only=bool(node.get("o")), write_only=bool(node.get("w")))
    kind, unset = _TYPES.get(str(node.get("t")), (None, ()))
    if "e" in node:
        facts.kind = KINDS["enum"]
        facts.params = {"names": node["e"], "numbers": schema.enum_numbers(host, node["e"])}
        facts.defaults = [name for name in node["e"][:1] if name.endswith("UNSPECIFIED")]
        facts.left_out = () if host in _NO_ZERO_NAMES else tuple(node["e"][:1])
    elif kind is not None:
        unset = (0,) if node.get("f") in _NUMBERS else unset
        facts.defaults, facts.left_out = list(unset), unset
        kind = _FORMATS.get(str(node.get("f", ""))) or ("self-link" if "l" in node or "u" in node else kind)
        facts.kind = KINDS[kind]
        if kind == "self-link" and host == "compute.googleapis.com":
            facts.params = {"of": "compute"}
    if "s" in node and "m" not in node and not ("i" in node and _PEOPLES.search(name)):
        facts.undeclared = FILLED
    if "r" in node:
        below = _path(host, str(node["r"]))
        facts.children, facts.any = below.children, below.any
    for prop, below_node in node.get("p", {}).items():
        facts.children[prop] = _node(host, below_node, prop)
    if "i" in node:
        facts.any = _node(host, node["i"])
    elif "m" in node:
        facts.any = _node(host, node["m"])
        facts.kind = KINDS["map"]
        if name.lower().endswith("labels"):
            facts.params = {"drop_prefix": SERVICE_LABELS}
    return facts
