"""What a Config Connector kind stands for in Google's API: host, Cloud Asset type, collections and schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from drift.safe_yaml import data as read_data
from providers.gcp import schema

SUFFIX = ".cnrm.cloud.google.com"
_TOPS = ("projects/", "folders/", "organizations/", "billingAccounts/", "*/*/", "admin/")
_FILE = Path(__file__).with_name("kinds.yaml")


#: What a name begins with in capitals: a letter, or an acronym.
_ACRONYM = re.compile(r"^(?:[A-Z]+(?=[A-Z][a-z])|[A-Z]+$|[A-Z])")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: ``paths`` are the forms that its resource's name may have, ``*`` for each variable part."""

    name: str
    host: str
    type: str
    paths: tuple[str, ...]
    schema: str
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def collection(self) -> str:
        """The collection's name (``urlMaps``)."""
        parts = [part for part in self.paths[0].split("/") if part != "*"]
        return parts[-1]


@cache
def data() -> dict[str, Any]:
    """The exceptions of ``kinds.yaml``."""
    found: dict[str, Any] = read_data(_FILE)
    return found


@cache
def kind_of(group: str, name: str) -> Kind:
    """The kind ``name`` of an API group's first label (``compute``).

    Of an API without a discovery document only the names are known: then ``schema`` is empty.
    """
    said = data()["kinds"].get(name, {})
    host = said.get("host") or f"{data()['hosts'].get(group, group)}.googleapis.com"
    known = schema.collections(host)
    if "path" in said:
        paths = [(said["path"], said.get("schema", ""))]
        paths = [one for one in known if one[0] == said["path"]] or paths
    else:
        paths = _matching(host, name, known)
    if not paths:
        paths = _guessed(group, name)
    collection = [part for part in paths[0][0].split("/") if part != "*"][-1]
    if "path" in said and paths[0][0] == said["path"] and not paths[0][1]:
        paths = [(said["path"], _schema(name, host))]
    type_ = said.get("type") or f"{host}/{schema.kind(host, collection, said.get('schema') or paths[0][1])}"
    return Kind(name, host, type_, tuple(path for path, _ in paths), said.get("schema") or paths[0][1], said)


def placed(type_: str, path: str) -> str:
    """The type where Cloud Asset tells what is global from what lies in a region.

    >>> placed("compute.googleapis.com/Address", "projects/p/global/addresses/a")
    'compute.googleapis.com/GlobalAddress'
    """
    for place, named in data()["placed"].items():
        if f"/{place}/" in path and type_ in named:
            return str(named[type_])
    return type_


def _schema(name: str, host: str) -> str:
    """The schema of the API that the kind ends with; "" where there is none."""
    wanted = schema.plain(name)
    found = [one for _, one in schema.collections(host) if one and wanted.endswith(schema.plain(one))]
    return max(found, key=len, default="")


def collection_of(word: str) -> str:
    """The collection of what is called ``word``: its plural."""
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    if re.search(r"[^s]s$", word):
        return word  # it is one already
    return word + "es" if re.search(r"(ss|sh|ch|x)$", word) else word + "s"


def _guessed(group: str, name: str) -> list[tuple[str, str]]:
    """The paths of Google's usual form: the kind without its service's name, in the plural."""
    word = name[len(group) :] if name.lower().startswith(group) else name
    many = collection_of(_ACRONYM.sub(lambda found: found[0].lower(), word))
    tops = ("projects", "folders", "organizations")
    return [(f"{top}/*/{place}{many}/*", "") for place in ("locations/*/", "") for top in tops]


def _matching(host: str, name: str, known: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The collections with the longest singular that the kind ends with; of these those whose longer name it
    ends with, where there are some (``InstanceAttachment``)."""
    wanted = schema.plain(name)
    best, found = 0, list[tuple[str, str]]()
    for path, answer in known:
        parts = path.split("/")
        if len(parts) < 2 or parts[-1] != "*" or parts[-2] == "*":
            continue
        word = schema.plain(schema.singular(parts[-2]))
        if not wanted.endswith(word) or len(word) < best:
            continue
        if len(word) > best:
            best, found = len(word), []
        found.append((path, answer))
    longer = {one: schema.plain(schema.kind(host, one[0].split("/")[-2], one[1])) for one in found}
    most = max((len(word) for word in longer.values() if wanted.endswith(word)), default=0)
    found = [one for one, word in longer.items() if len(word) == most and wanted.endswith(word)] or found
    whole = [one for one in found if one[0].startswith(_TOPS)]
    return whole or found
