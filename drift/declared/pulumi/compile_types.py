"""Compiles which Terraform type a type of a bridged Pulumi package stands for (``make pulumi-facts``; build
time only).

The npm package ``@pulumi/NAME`` names the types, the older names of each and their properties; the Terraform
type whose name and arguments they are is found in the index of Terraform's schemas. What a bridge's own
``bridge-metadata.json`` says wins, where one is given. A type that is like none is left out: its resources
are unsupported and counted, never taken for another type's.

``python -m drift.declared.pulumi.compile_types INDEX SCHEMAS PREFIX SOURCE…`` with files ``*.tgz`` and
``*.json``.
"""

from __future__ import annotations

import gzip
import re
import sys
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from drift.declared.pulumi.names import plain, snake

_TOKEN = re.compile(r"__pulumiType = ['\"]([^'\"]+)['\"]")
_PROPERTY = re.compile(r'resourceInputs\["(\w+)"\]')
_ALIAS = re.compile(r'aliases: \[((?:\{ type: "[^"]+" \}(?:, )?)+)\]')
_TYPE = re.compile(r'type: "([^"]+)"')
#: What every type of a provider may have.
_OWN = frozenset({"id", "timeout", "tagsall", "region", "label"})
_CANDIDATES = 80


class Type(NamedTuple):
    """A type of a package: its token, those that it had before, and its properties."""

    token: str
    older: tuple[str, ...]
    properties: frozenset[str]


def packaged(package: Path) -> Iterator[Type]:
    """The resource types of an npm package."""
    with tarfile.open(package) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.name.endswith(".js") else None
            text = stream.read().decode() if stream else ""
            token = _TOKEN.search(text)
            properties = frozenset(_PROPERTY.findall(text))
            if token and properties and token[1].count(":") == 2 and not token[1].startswith("pulumi:"):
                older = _ALIAS.search(text)
                yield Type(token[1], tuple(_TYPE.findall(older[1])) if older else (), properties)


def derived(types: Iterable[Type], schemas: Mapping[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    """(token, Terraform type) of each type that is surely one of ``schemas`` (type → its attributes as the
    index of schemas writes them)."""
    known = {
        type_: frozenset(plain(word.rstrip("*")[:-1]) for word in said.split() if "." not in word) - _OWN
        for type_, said in schemas.items()
        if type_.startswith(prefix)
    }
    types = list(types)
    modules = {_module(one.token) for one in types}
    having: dict[str, list[str]] = defaultdict(list)
    for type_, attributes in known.items():
        for name in attributes:
            having[name].append(type_)
    for one in types:
        properties = frozenset(plain(snake(name)) for name in one.properties) - _OWN
        shared = Counter(type_ for name in properties for type_ in having[name])
        found = max(
            (
                _likeness(one.token, properties, type_, known[type_], prefix)
                for type_, _ in shared.most_common(_CANDIDATES)
                if not _elsewhere(one.token, type_.removeprefix(prefix), modules)
            ),
            default=None,
        )
        if found is not None and _sure(*found[:2]):
            yield from ((token, found[2]) for token in (one.token, *one.older))


def _likeness(
    token: str, properties: frozenset[str], type_: str, attributes: frozenset[str], prefix: str
) -> tuple[float, float, str]:
    """How alike two types are in all, how alike their arguments are, and the Terraform type."""
    module, name = _module(token), token.rpartition(":")[2]
    own = type_.removeprefix(prefix)
    short, joined = snake(name).replace("_", ""), own.replace("_", "")
    arguments = len(properties & attributes) / len(properties | attributes)
    words, other = {*snake(name).split("_"), module}, set(own.split("_"))
    named = 1.0 if joined in (short, module + short) else 0.5 if joined.endswith(short) else 0.0
    return arguments + named + len(words & other) / len(words | other) / 2, arguments, type_


def _module(token: str) -> str:
    return token.split(":")[1].partition("/")[0].lower()


def _elsewhere(token: str, own: str, modules: set[str]) -> bool:
    """Whether a Terraform type is called by another module of the package and not as this one's type."""
    short, first = snake(token.rpartition(":")[2]).replace("_", ""), own.partition("_")[0]
    module = _module(token)
    named = own.replace("_", "") in (short, module + short)
    related = module.startswith(first) or first.startswith(module) or module.endswith(first)
    return first in modules and not related and not named


def _sure(likeness: float, arguments: float) -> bool:
    return (likeness >= 1.4 and arguments >= 0.5) or (likeness >= 1.1 and arguments >= 0.9)


def bridged(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(token, Terraform type) as a bridge itself keeps them."""
    yield from metadata.get("renames", {}).get("resources", {}).items()
    for type_, said in metadata.get("auto-aliasing", {}).get("resources", {}).items():
        tokens = [said.get("current"), *(one.get("name") for one in said.get("past") or ())]
        yield from ((token, type_) for token in tokens if isinstance(token, str))


def main(index: Path, schemas: Path, prefix: str, sources: list[Path]) -> None:
    attributes = orjson.loads(gzip.decompress(schemas.read_bytes()))["types"]
    found: dict[str, str] = {}
    for source in sorted(sources, key=lambda one: one.suffix == ".json"):
        if source.suffix == ".tgz":
            found.update(derived(packaged(source), attributes, prefix))
        else:
            found.update(bridged(orjson.loads(source.read_bytes())))
    types = {token: _current(type_, attributes) for token, type_ in sorted(found.items())}
    said = {"sources": [one.name for one in sources], "types": types}
    index.write_bytes(gzip.compress(orjson.dumps(said), mtime=0))


def _current(type_: str, schemas: Mapping[str, str]) -> str:
    """A bridge keeps older tokens beside newer ones under a Terraform type of its own making."""
    return type_ if type_ in schemas else type_.removesuffix("_legacy")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], [Path(one) for one in sys.argv[4:]])
