"""Compiles what Config Connector's kinds need of Google's discovery documents into ``index.json.gz``.

Run as ``python -m providers.gcp.config_connector.compile_index`` where google-api-python-client is installed;
at run time only the index is read. Versions of one API are joined, the stable one first: Config Connector
uses both.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

INDEX = Path(__file__).with_name("index.json.gz")
_VERSION = re.compile(r"^.*?(?:^|/)v\d+\w*/")
_LINK = re.compile(r"(\w+)/[{*<\[$]")
#: A sentence of its own ("Output only. The time …", "[Output Only] …"); within one it speaks of something
#: else.
_OUTPUT = re.compile(
    r"(?:^|[.!?]\s+)[\[(*@`\s]*output[ _-]?only\b(?!`?\s+(?:when|for|if|fields)\b)|\(output only\)", re.I
)
_CREATE = re.compile(r"Create\w*Request$")
_READ = re.compile(r"\s*read-only\.", re.I)
_INPUT = re.compile(r"(?:^|[.!?]\s+)[\[(*@`\s]*input[ _-]?only\b|\(input only\)", re.I)
#: How Compute's texts speak of a link to another resource.
_URL = re.compile(
    r"\b(?:partial|resource|full|fully[- ]qualified|reference) URLs?\b|\bURLs? (?:of|to|for|from|referencing)\b"
)
#: Fields of Compute that are called output only since a call of their own sets them
#: (``backendServices.setSecurityPolicy``, ``networks.addPeering``): they are declared like any other.
_SET_APART = frozenset({"securityPolicy", "edgeSecurityPolicy", "peerings"})
#: The formats that tell how two spellings of one value compare.
FORMATS = frozenset({"google-duration", "google-datetime", "date-time", "byte", "int64", "uint64"})


def compile_index() -> dict[str, Any]:
    """``{host: {"collections": [[path, schema]], "schemas": {name: {property: {"t", "r", "i", "m", "f", "e",
    "o", "w", "l", "u"}}}}}``."""
    spec = find_spec("googleapiclient")
    if spec is None or spec.origin is None:
        raise SystemExit("google-api-python-client is not installed; install it to compile the index")
    folder = Path(spec.origin).parent / "discovery_cache" / "documents"
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.json"), key=_stability):
        document = json.loads(path.read_bytes())
        if "name" not in document:
            continue  # the list of documents
        host = str(document.get("rootUrl", "")).split("//")[-1].strip("/").replace("www.", "", 1)
        if host in ("googleapis.com", ""):
            host = f"{document['name']}.googleapis.com"
        if not host.endswith(".googleapis.com"):
            continue
        entry = found.setdefault(host, {"collections": [], "schemas": {}, "answers": set()})
        for name, schema in document.get("schemas", {}).items():
            known = entry["schemas"].setdefault(name, {})
            for prop, said in schema.get("properties", {}).items():
                known.setdefault(prop, _property(said))
                if document["name"] == "compute":
                    _as_compute_says(known[prop], prop, said)
        entry.setdefault("envelopes", {}).update(_envelopes(document, document.get("schemas", {})))
        for template, answer in _readers(document):
            entry["answers"].add(answer)
            if template and all(template != one for one, _ in entry["collections"]):
                entry["collections"].append([template, answer])
    for entry in found.values():
        used = _reached(entry)
        entry["schemas"] = {name: one for name, one in entry["schemas"].items() if name in used}
        entry["envelopes"] = {name: key for name, key in entry["envelopes"].items() if name in used}
    return found


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
    if said.get("readOnly") or _OUTPUT.search(text) or _READ.match(text):
        found["o"] = 1
    elif _INPUT.search(text):
        found["w"] = 1
    links = _LINK.findall(text) if found.get("t", "string") == "string" else []
    if links:
        found["l"] = links[-1]
    return found


def _as_compute_says(found: dict[str, Any], name: str, said: dict[str, Any]) -> None:
    """What only holds for the texts of Compute."""
    node = found.get("i", found)
    if node.get("t") == "string" and "l" not in node and _URL.search(str(said.get("description", ""))):
        node["u"] = 1
    if name in _SET_APART:
        found.pop("o", None)


def _readers(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(path with ``*`` for each variable, "" for none; schema of the answer) of every method that gets one
    thing."""
    for method in node.get("methods", {}).values():
        path = method.get("flatPath") or method.get("path", "")
        answer = str(method.get("response", {}).get("$ref", ""))
        if method.get("httpMethod") != "GET":
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
    text = json.dumps(compile_index(), separators=(",", ":"), sort_keys=True).encode()
    INDEX.write_bytes(gzip.compress(text, mtime=0))


if __name__ == "__main__":
    main()
