"""Compiles what Terraform's providers say of their attributes into an index (``make facts``; build time
only).

Two kinds of sources, later ones win where they differ: what ``terraform providers schema -json`` prints, and
the npm packages ``@cdktf/provider-NAME``, which are generated from the same schemas, for majors that are not
at hand. They say all but what is sensitive.

``python -m drift.declared.terraform.compile_schemas INDEX SOURCE…`` with files ``*.json`` and ``*.tgz``.
"""

from __future__ import annotations

import base64
import gzip
import re
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from drift.terraform_schemas import MARKS

#: How many blocks deep attributes are told.
DEPTH = 3
_MARK = {mode: mark for mark, mode in MARKS.items()}
_CLASS = re.compile(r"^(?:export )?class (\w+) extends cdktf\.(\w+) ", re.M)
#: The TypeScript that a module was made from, with the comments that the compiler left out.
_MAP = re.compile(r"^//# sourceMappingURL=data:application/json;base64,(\S+)", re.M)
_SAID = re.compile(r"// (\w+) - computed: (\w+), optional: (\w+), required: (\w+)")
_BELOW = re.compile(r"new (\w+?)(?:List|Map|OutputReference)\(this, \"(\w+)\"")
_TYPE = re.compile(r"tfResourceType = \"(\w+)\"")


def _mode(*, required: bool, optional: bool, computed: bool) -> str:
    if required:
        return _MARK["required"]
    if optional:
        return _MARK["chosen" if computed else "optional"]
    return _MARK["computed"]


def printed(schema: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """(type, attribute → marks) of each managed type in what ``terraform providers schema -json`` prints."""
    for provider in schema["provider_schemas"].values():
        for type_, resource in (provider.get("resource_schemas") or {}).items():
            yield type_, dict(_block(resource["block"], "", 0))


def _block(block: Mapping[str, Any], above: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, said in (block.get("attributes") or {}).items():
        flags = {word: bool(said.get(word)) for word in ("required", "optional", "computed")}
        yield above + name, _mode(**flags) + ("*" if said.get("sensitive") else "")
        if "nested_type" in said and depth < DEPTH:
            yield from _block(said["nested_type"], f"{above}{name}.", depth + 1)
    for name, said in (block.get("block_types") or {}).items():
        yield above + name, _mode(required=bool(said.get("min_items")), optional=True, computed=False)
        if depth < DEPTH:
            yield from _block(said["block"], f"{above}{name}.", depth + 1)


def packaged(package: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """(type, attribute → marks) of each managed type in a package ``@cdktf/provider-NAME``."""
    with tarfile.open(package) as archive:
        for member in archive:
            if not member.name.endswith(".js") or "/lib/" not in member.name or "/data-" in member.name:
                continue
            file = archive.extractfile(member)
            text = file.read().decode() if file else ""
            if "tfResourceType" in text:
                yield from _classes(_source(text))


def _source(text: str) -> str:
    embedded = _MAP.search(text)
    sources = orjson.loads(base64.b64decode(embedded[1])).get("sourcesContent") if embedded else None
    return sources[0] if sources else text


def _classes(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    parts = list(_CLASS.finditer(text))
    ends = [*(part.start() for part in parts[1:]), len(text)]
    bodies = {part[1]: text[part.end() : end] for part, end in zip(parts, ends, strict=True)}
    for part in parts:
        told = _TYPE.search(bodies[part[1]])
        if part[2] == "TerraformResource" and told:
            yield told[1], dict(_members(bodies, part[1], "", 0))


def _members(bodies: Mapping[str, str], name: str, above: str, depth: int) -> Iterator[tuple[str, str]]:
    body = bodies.get(name, "")
    for attribute, computed, optional, required in _SAID.findall(body):
        yield (
            above + attribute,
            _mode(required=required == "true", optional=optional == "true", computed=computed == "true"),
        )
    for below, attribute in _BELOW.findall(body) if depth < DEPTH else ():
        yield from _members(bodies, f"{below}OutputReference", f"{above}{attribute}.", depth + 1)


def compiled(sources: list[Path]) -> dict[str, Any]:
    """The index of all sources. A name of an older version that a newer one lacks stays."""
    types: dict[str, dict[str, str]] = {}
    for source in sources:
        told = printed(orjson.loads(source.read_bytes())) if source.suffix == ".json" else packaged(source)
        for type_, attributes in told:
            known = types.setdefault(type_, {})
            for name, marks in attributes.items():
                known[name] = marks + ("*" if known.get(name, "").endswith("*") and marks[-1] != "*" else "")
    return {
        "sources": [source.name for source in sources],
        "types": {
            type_: " ".join(f"{name}{types[type_][name]}" for name in sorted(types[type_]))
            for type_ in sorted(types)
        },
    }


def main() -> None:
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    index, *sources = map(Path, sys.argv[1:])
    content = compiled(sources)
    index.write_bytes(gzip.compress(orjson.dumps(content, option=orjson.OPT_INDENT_2), mtime=0))
    print(f"{index}: {len(content['types'])} types of {', '.join(content['sources'])}")


if __name__ == "__main__":
    main()
