"""How Terraform's Google providers name things: state attributes to REST bodies, types to Cloud Asset's, IAM
to bindings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.dialect import BaseDialect, Configured, Foreign, Question
from drift.model import Resource
from drift.safe_yaml import data
from drift.terraform_schemas import Attribute, Behaviour, Defaults, Imports, Schemas
from providers.gcp import terraform_data, terraform_iam, terraform_names
from providers.gcp.terraform_body import Body
from providers.gcp.terraform_entries import Entry

FOLDER = Path(__file__).parent / "terraform"
_SELF_LINK = re.compile(
    r"https://(?:www\.|(?P<host>[a-z0-9-]+\.))?googleapis\.com/(?:(?P<api>[a-z]+)/)?v?[\w]+/(?P<path>projects/.+)"
)
_ID = re.compile(r"(?:projects|folders|organizations|billingAccounts|locations)/[^/]+/.+")


@cache
def _documents() -> list[dict[str, Any]]:
    return [data(path) or {} for path in sorted(FOLDER.glob("*.yaml"))]


@cache
def entries() -> dict[str, Entry]:
    """The entries of ``terraform/*.yaml`` by Terraform type; one with ``like`` takes what it leaves out from
    another."""
    said = {name: words for document in _documents() for name, words in document.items() if name != "iam"}
    found: dict[str, Entry] = {}
    for name, words in said.items():
        whole = {**said[words["like"]], **words} if "like" in words else words
        found[name] = Entry.read(name, whole)
    return found


@cache
def grants() -> dict[str, Any]:
    """Name template of what a ``google_X_iam_…`` is about, by X."""
    return {name: text for document in _documents() for name, text in document.get("iam", {}).items()}


_SCHEMAS = Schemas(Path(__file__).with_name("terraform_schemas.json.gz"))
_DEFAULTS = Defaults(Path(__file__).with_name("terraform_defaults.json.gz"))
_BEHAVIOUR = Behaviour(Path(__file__).with_name("terraform_behaviour.yaml"))
_ADDED = Behaviour(Path(__file__).with_name("terraform_added.yaml"))
_IMPORTS = Imports(Path(__file__).with_name("terraform_imports.yaml"))


class GcpTerraform(BaseDialect):
    """The dialect of the providers ``google`` and ``google-beta``."""

    def owns(self, terraform_type: str) -> bool:
        return terraform_type.startswith("google_")

    def import_id(self, terraform_type: str, resource: Resource) -> str | None:
        """By ``terraform_imports.yaml``, else the relative resource name; what gives access is imported by
        several words."""
        name = str(resource.id or "")
        if not name.startswith("//"):
            return None
        relative = name.removeprefix("//").partition("/")[2]
        if terraform_type in _IMPORTS:
            parts = relative.split("/")
            said = dict(zip(parts[::2], parts[1::2], strict=False))
            return _IMPORTS.id(terraform_type, lambda word: said.get(word, resource.attributes.get(word)))
        return None if terraform_iam.parse(terraform_type) else relative or None

    def names(self, type: str) -> list[str]:
        """Terraform's types that declare a resource of ``type``."""
        return [name for name, entry in entries().items() if entry.type == type]

    def attributes(self, terraform_type: str) -> Mapping[str, Attribute] | None:
        return _SCHEMAS.of(terraform_type)

    def behaviour(self, terraform_type: str) -> frozenset[str]:
        return _BEHAVIOUR.of(terraform_type)

    def added(self, terraform_type: str) -> frozenset[str]:
        return _ADDED.of(terraform_type) | terraform_iam.added(terraform_type)

    def defaults(self, terraform_type: str) -> Mapping[str, Any]:
        return _DEFAULTS.of(terraform_type)

    def place(self, attributes: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """The project, folder or organization that the attributes tell; nothing has a region in the cells."""
        return terraform_names.scope(attributes), None

    def configured(self, settings: Mapping[str, Any]) -> Configured:
        return terraform_data.configured(settings)

    def answer(self, question: Question) -> Mapping[str, Any]:
        return terraform_data.answer(question)

    def translate(self, foreign: Foreign) -> list[Resource] | None:
        iam = terraform_iam.parse(foreign.type)
        if iam is not None:
            return terraform_iam.bindings(foreign, *iam, grants())
        entry = entries().get(foreign.type)
        if entry is None:
            entry = _guessed(foreign)
        if entry is None:
            return None
        if not entry.type:
            return []
        values = terraform_names.Variables(foreign.attributes, foreign.scope)
        name = _name(entry, foreign, values)
        scope = terraform_names.scope_of(name) or values.project or foreign.scope or ""
        attributes = Body(entry, values, name).of(foreign.attributes)
        if entry.into:
            if not attributes:
                return []
            return [
                Resource(
                    "gcp",
                    scope,
                    entry.type,
                    name,
                    attributes,
                    partial=True,
                    shared=frozenset(entry.into),
                )
            ]
        said = attributes.get("name")
        if name and isinstance(said, str) and f"/{name}".endswith(f"/{said}"):
            del attributes[
                "name"
            ]  # it only repeats what the resource is called, in one API's form or another
        short = name.rpartition("/")[2] if name else None
        return [
            Resource("gcp", scope, entry.type, name, attributes, name=short),
            *self._also(entry, foreign, values),
        ]

    def _also(self, entry: Entry, foreign: Foreign, values: terraform_names.Variables) -> list[Resource]:
        """The resources of their own that the resource declares in blocks."""
        found: list[Resource] = []
        for block, type in entry.also.items():
            for member in foreign.attributes.get(block) or ():
                if isinstance(member, Mapping):
                    outer = {"parent_name": values.get("name"), "parent_location": values.get("location")}
                    said = {**member, "project": values.project, **outer}
                    found += self.translate(Foreign(type, foreign.address, said, foreign.scope)) or []
        return found


def _name(entry: Entry, foreign: Foreign, values: terraform_names.Variables) -> str | None:
    """The full resource name: by the entry's first template that can be filled, else by what the state links
    to."""
    for template in entry.id:
        found = terraform_names.fill(template, values)
        if found is not None:
            return found
    return _linked(entry.host, foreign.attributes)


def _linked(host: str, attributes: Mapping[str, Any]) -> str | None:
    link = attributes.get("self_link")
    found = _SELF_LINK.fullmatch(link) if isinstance(link, str) else None
    if found:
        return f"//{host}/{found['path']}"
    own = attributes.get("id")
    return f"//{host}/{own}" if isinstance(own, str) and _ID.fullmatch(own) else None


def _guessed(foreign: Foreign) -> Entry | None:
    """An entry for a type that has none: its API is the one whose collection the id ends in, None where that
    is unclear."""
    own, link = foreign.attributes.get("id"), foreign.attributes.get("self_link")
    linked = _SELF_LINK.fullmatch(link) if isinstance(link, str) else None
    path = linked["path"] if linked else own
    if not isinstance(path, str) or not _ID.fullmatch(path):
        return None
    words = foreign.type.removeprefix("google_")
    host = terraform_names.host_of(words)
    kind = terraform_names.kind_of(host, path) if host else None
    if host is None or kind is None:
        return None
    return Entry.read(
        foreign.type, {"type": f"{host}/{kind[0]}", "schema": kind[1], "id": f"//{host}/{path}"}
    )
