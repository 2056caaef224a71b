"""What Google's own schemas say of a type, as type facts: read-only and input-only fields, formats, links."""

from __future__ import annotations

from functools import cache, lru_cache

from drift.facts import PathFacts, TypeFacts
from drift.kinds.registry import KINDS as GENERAL
from providers.gcp.config_connector import schema
from providers.gcp.kinds import KINDS as OWN

KINDS = {**GENERAL, **OWN}
#: Formats of discovery documents (https://developers.google.com/discovery/v1/type-format) → kinds.
_FORMATS = {
    "google-duration": "duration",
    "google-datetime": "timestamp",
    "date-time": "timestamp",
    "byte": "base64",
    "int64": "integer",
    "uint64": "integer",
}


@lru_cache(maxsize=4096)
def facts_of(type: str, schema_name: str | None = None) -> TypeFacts | None:
    """The facts of a Cloud Asset type (``compute.googleapis.com/Network``); None where the text is no such type.

    ``schema_name`` names the schema of its API where the caller knows it; else it is that of the collection which the
    type's name is the singular of. Of a type without schema nothing is known.
    """
    host, _, kind = type.partition("/")
    if not kind or "." not in host:
        return None
    name = schema_name or _schema_name(host, kind)
    root = _path(host, name) if name else PathFacts()
    return TypeFacts(type, root, regional=False, natural_key=False, title=kind)


def _schema_name(host: str, kind: str) -> str | None:
    """The schema of the things that an API's collection holds; None where no collection is called so."""
    wanted = schema.plain(kind)
    for path, name in schema.collections(host):
        parts = path.split("/")
        if name and len(parts) > 1 and schema.plain(schema.singular(parts[-2])) == wanted:
            return name
    return None


@cache
def _path(host: str, name: str) -> PathFacts:
    """The facts of one schema. A schema that holds itself leads back to the same facts."""
    facts = PathFacts()
    _cached[host, name] = facts
    for prop, node in (schema.properties(host, {"r": name}) or {}).items():
        facts.children[prop] = _node(host, node)
    return facts


_cached: dict[tuple[str, str], PathFacts] = {}


def _node(host: str, node: schema.Node) -> PathFacts:
    """The facts of one property. Its flags are its own; what is below a named schema is shared."""
    facts = PathFacts(read_only=bool(node.get("o")), write_only=bool(node.get("w")))
    kind = _FORMATS.get(str(node.get("f", ""))) or ("self-link" if node.get("l") else None)
    if kind is not None and "t" in node:
        facts.kind = KINDS[kind]
    if "r" in node:
        name = str(node["r"])
        facts.children = (_cached.get((host, name)) or _path(host, name)).children
    for prop, below in node.get("p", {}).items():
        facts.children[prop] = _node(host, below)
    below = node.get("i") or node.get("m")
    if below is not None:
        facts.any = _node(host, below)
    return facts
