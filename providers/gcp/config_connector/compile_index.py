"""Compiles what Config Connector's kinds need of Google's discovery documents into ``index.json.gz``.

Run as ``python -m providers.gcp.config_connector.compile_index FOLDER`` where google-api-python-client and
grpcio-tools are installed; at run time only the index is read. Versions of one API are joined, the stable one
first: Config Connector uses both. Of an API without a discovery document its definitions are read, which lie
in FOLDER (:mod:`providers.gcp.config_connector.proto_documents`).
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from providers.gcp.config_connector.proto_documents import documents
from providers.gcp.schema import INDEX

_VERSION = re.compile(r"^.*?(?:^|/)v\d+\w*/")
_LINK = re.compile(r"(\w+)/[{*<\[$]")
#: A sentence of its own ("Output only. The time …", "[Output Only] …", "Read-only."), or one about the field
#: itself ("This property is read-only"); within another one it speaks of something else.
_OUTPUT = re.compile(
    r"(?:^|[.!?]\s+)[\[(*@`\s]*output[ _-]?only\b(?!`?\s+(?-i:when|for|if|fields)\b)|\(output only\)"
    r"|(?:^|[.!?]\s+)[\[(]?read[ -]only[\])]?\s*(?:[.;:]|$)"
    r"|(?:^|[.!?\\]\s*)this (?:field|property|value) is (?:an? )?"
    r"(?:read|output)[ -]only\b(?!\s+(?:when|for|if)\b)"
    r"|^\W*server[ -](?:defined|assigned|generated)\b",
    re.I,
)
#: How much of a map's text speaks of the map, not of its members.
_OWN = 40
_CREATE = re.compile(r"Create\w*Request$")
_INPUT = re.compile(
    r"(?:^|[.!?]\s+)[\[(*@`\s]*(?:input|write)[ _-]?only\b|\((?:input|write)[ -]only\)"
    r"|(?:^|[.!?]\s+)(?:this|it)\b[^.]{0,30}\b(?:is|are|be) "
    r"(?:never|not) returned\b(?!\s+(?:if|when|unless|for|by default)\b)"
    r"|\bomitted from (?:all )?(?:API )?responses\b",
    re.I,
)
_UNSET = (
    r"(?:omitted|unset|unspecified|empty|absent|blank|missing|un(?:defined|provided)|"
    r"(?:not |un)(?:specified|set|provided|supplied|given|defined))"
)
_FILLS = r"(?:assigned|generated|populated|filled|chosen|determined|computed|allocated|selected|set)"
_THEN = (
    r"(?:default|service|server|system|automatic|"
    r"cho[so]|select|generat|assign|inherit|determin|populat|creat)"
)
_SERVICE = r"(?:the )?(?:server|service|system|google|cloud|backend|api|control plane)"
#: Remarks that something stands in a field which nobody sets: its default, or the service's choice.
_FILLED = re.compile(
    r"\bdefaults? (?:to|is|are|value|values)\b|\bdefaults?\s*[:=]|\(default\b"
    r"|\b(?:true|enabled|on) by default\b"
    r"|\b(?:if|when|where)\s+"
    rf"(?:(?:this|the|it)\b[\w ]{{0,12}}?\s)?(?:(?:is|are|left|was)\s+)?{_UNSET}\b[^.]*\b{_THEN}"
    rf"|\b{_FILLS}(?: in)? (?:automatically|by {_SERVICE})\b"
    rf"|\b(?:auto|server|system|service)(?:matically)?[ -]{_FILLS}\b",
    re.I,
)
#: Remarks that a switch is on where nobody sets it.
_ON = re.compile(
    r"\b(?:true|enabled|on) by default\b"
    r"|\bdefault(?:s|ed|ing)?(?: values?)?(?: to| is| of|:|=)?\s*[`'\"(]*(?:true|enabled|on)\b",
    re.I,
)
#: How a deprecated field's text names the one to use in its place.
_SUCCESSOR = re.compile(
    r"\b(?:use|replaced (?:by|with)|superseded by|in favou?r of|renamed to)"
    r"\s+(?:the\s+)?(?:new\s+)?(?:field\s+)?"
    r"[`'\"\[{(]*(?:@link\s+)?([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)",
    re.I,
)
#: A name that is not one of those which many objects have (``enabled``, ``config``).
_TWO_WORDS = re.compile("[a-z][A-Z]")
_DEPRECATED = re.compile(r"\bdeprecated\b|^use\b", re.I)
#: How Compute's texts speak of a link to another resource.
_URL = re.compile(
    r"\b(?:partial|resource|full|fully[- ]qualified|reference) URLs?\b|\bURLs? "
    r"(?:of|to|for|from|referencing)\b"
)
#: Fields of Compute that are called output only since a call of their own sets them
#: (``backendServices.setSecurityPolicy``, ``networks.addPeering``): they are declared like any other.
_SET_APART = frozenset({"securityPolicy", "edgeSecurityPolicy", "peerings"})
#: The formats that tell how two spellings of one value compare.
FORMATS = frozenset({"google-duration", "google-datetime", "date-time", "byte", "int64", "uint64"})


def compile_index(definitions: Path) -> dict[str, Any]:
    """``{host: {"collections": [[path, schema]], "schemas": {name: {property: {"t", "r", "i", "m", "f", "e",
    "o", "w", "l", "u", "d", "s"}}}}}``: type, reference, items, map, format, enumeration, output only, input
    only, link into a collection, link, deprecated, filled in by the service where it is not set. A host's
    ``successors`` are the fields to use in the place of deprecated ones."""
    found: dict[str, Any] = {}
    for host, document in _discovered():
        _add(found.setdefault(host, {"collections": [], "schemas": {}, "answers": set()}), document)
    for document in documents(definitions, {host for host, entry in found.items() if entry["collections"]}):
        host = document["rootUrl"].split("/")[2]
        _add(found.setdefault(host, {"collections": [], "schemas": {}, "answers": set()}), document)
    for entry in found.values():
        used = _reached(entry)
        entry["schemas"] = {name: one for name, one in entry["schemas"].items() if name in used}
        entry["envelopes"] = {name: key for name, key in entry["envelopes"].items() if name in used}
    return found


def _discovered() -> Iterator[tuple[str, dict[str, Any]]]:
    """(host, discovery document), the most stable version first."""
    spec = find_spec("googleapiclient")
    if spec is None or spec.origin is None:
        raise SystemExit("google-api-python-client is not installed; install it to compile the index")
    folder = Path(spec.origin).parent / "discovery_cache" / "documents"
    for path in sorted(folder.glob("*.json"), key=_stability):
        document = json.loads(path.read_bytes())
        if "name" not in document:
            continue  # the list of documents
        host = str(document.get("rootUrl", "")).split("//")[-1].strip("/").replace("www.", "", 1)
        if host in ("googleapis.com", ""):
            host = f"{document['name']}.googleapis.com"
        if host.endswith(".googleapis.com"):
            yield host, document


def _add(entry: dict[str, Any], document: dict[str, Any]) -> None:
    """Adds a document to its host's entry, where nothing stands yet."""
    for name, schema in document.get("schemas", {}).items():
        known = entry["schemas"].setdefault(name, {})
        for prop, said in schema.get("properties", {}).items():
            known.setdefault(prop, _property(said))
            if document["name"] == "compute":
                _as_compute_says(known[prop], prop, said)
    entry.setdefault("successors", {}).update(_successors(document.get("schemas", {})))
    entry.setdefault("envelopes", {}).update(_envelopes(document, document.get("schemas", {})))
    for template, answer in _readers(document):
        entry["answers"].add(answer)
        if template and all(template != one for one, _ in entry["collections"]):
            entry["collections"].append([template, answer])


def _reached(entry: dict[str, Any]) -> set[str]:
    """The schemas that something gets, and all that these hold."""
    todo, used = list(entry.pop("answers")), set[str]()
    while todo:
        name = todo.pop()
        if name not in used:
            used.add(name)
            todo += re.findall(r"'r': '([^']+)'", str(entry["schemas"].get(name, {})))
    return used


def _stability(path: Path) -> tuple[bool, int, str]:
    version = path.stem.rpartition(".")[2]
    number = re.match(r"v(\d+)", version)
    return ("alpha" in version or "beta" in version, -int(number[1]) if number else 0, path.stem)


def _property(said: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "enum" in said:
        found["e"] = said["enum"]
    if said.get("format") in FORMATS:
        found["f"] = said["format"]
    if "$ref" in said:
        found["r"] = said["$ref"]
    elif said.get("type") == "array":
        found["i"] = _property(said.get("items", {}))
    elif "additionalProperties" in said:
        found["m"] = _property(said["additionalProperties"])
    elif "properties" in said:
        found["p"] = {name: _property(one) for name, one in said["properties"].items()}
    elif said.get("type") not in (None, "any", "object"):
        found["t"] = said["type"]
    text = str(said.get("description", ""))
    if said.get("readOnly") or _OUTPUT.search(text[:_OWN] if "m" in found else text):
        found["o"] = 1
    elif _INPUT.search(text):
        found["w"] = 1
    if said.get("deprecated") or text.lower().startswith("deprecated"):
        found["d"] = 1
    if (_ON if found.get("t") == "boolean" else _FILLED).search(text):
        found["s"] = 1
    links = _LINK.findall(text) if found.get("t", "string") == "string" else []
    if links:
        found["l"] = links[-1]
    return found


def _successors(schemas: dict[str, Any]) -> dict[str, list[str]]:
    """Field → the deprecated ones in whose place it is to be used, all by name alone."""
    known = {name for schema in schemas.values() for name in schema.get("properties", {})}
    found: dict[str, list[str]] = {}
    for schema_name, schema in sorted(schemas.items()):
        for name, said in schema.get("properties", {}).items():
            text = str(said.get("description", ""))
            if schema_name.endswith("Request") or not (said.get("deprecated") or _DEPRECATED.search(text)):
                continue
            for path in _SUCCESSOR.findall(text):
                last = re.sub(r"_(\w)", lambda letter: letter[1].upper(), path.rpartition(".")[2])
                spoken = last in known and last != name and _TWO_WORDS.search(last)
                if spoken and name not in found.get(last, ()):
                    found.setdefault(last, []).append(name)
    return found


def _as_compute_says(found: dict[str, Any], name: str, said: dict[str, Any]) -> None:
    """What only holds for the texts of Compute."""
    node = found.get("i", found)
    if node.get("t") == "string" and "l" not in node and _URL.search(str(said.get("description", ""))):
        node["u"] = 1
    if name in _SET_APART:
        found.pop("o", None)


def _gets(method: dict[str, Any]) -> bool:
    return method.get("httpMethod") == "GET"


def _readers(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(path with ``*`` for each variable, "" for none; schema) of every method that gets or sets one thing;
    those that get one first."""
    for method in sorted(node.get("methods", {}).values(), key=lambda one: not _gets(one)):
        path = method.get("flatPath") or method.get("path", "")
        answer = str(method.get("response", {}).get("$ref", ""))
        if method.get("httpMethod") in ("PATCH", "PUT") and path.endswith("}"):
            answer = str(
                method.get("request", {}).get("$ref", "")
            )  # what can be set one by one can be listed
        elif not _gets(method):
            continue
        if not path.endswith("}"):
            if not answer.endswith(("Response", "List", "Operation")):
                yield "", answer  # the only one of its kind (``projects/*/policy``)
            continue
        path = re.sub(r"\{[^}]*\}", "*", _VERSION.sub("", path, count=1))
        yield path, answer
    for below in node.get("resources", {}).values():
        yield from _readers(below)


def _envelopes(node: dict[str, Any], schemas: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(schema, member) of what is sent to be made within a request of its own (``{parent, instanceId,
    instance}``)."""
    for method in node.get("methods", {}).values():
        request = str(method.get("request", {}).get("$ref", ""))
        if method.get("httpMethod") != "POST" or not _CREATE.search(request):
            continue
        for name, said in schemas.get(request, {}).get("properties", {}).items():
            sent = said.get("$ref")
            own = schemas.get(sent, {}).get("properties", {})
            if sent and name.lower() in request.lower() and name not in own:
                yield sent, name
    for below in node.get("resources", {}).values():
        yield from _envelopes(below, schemas)


def main() -> None:
    """Writes the index, the same bytes for the same documents."""
    text = json.dumps(compile_index(Path(sys.argv[1])), separators=(",", ":"), sort_keys=True).encode()
    INDEX.write_bytes(gzip.compress(text, mtime=0))


if __name__ == "__main__":
    main()
