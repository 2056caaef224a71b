"""How Terraform's Azure providers name things: ``azurerm`` attributes to ARM bodies by ``terraform/*.yaml``,
``azapi`` as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.dialect import BaseDialect, Configured, Foreign, Question
from drift.kinds.scalars import fold_case
from drift.model import Resource, Unresolved
from drift.pointer import get
from drift.terraform_schemas import Attribute, Behaviour, Defaults, Imports, Schemas
from providers.azure import terraform_azapi, terraform_body, terraform_by_name, terraform_data
from providers.azure.facts import facts_of, inline, spelling
from providers.azure.ids import Parsed, cased, parse
from providers.azure.terraform_body import Body
from providers.azure.terraform_entries import Entry, Fields, entries
from providers.azure.terraform_ids import arm_id, owner
from providers.terraform_words import camel

#: What settings of these names set, wherever they are settings of a resource's own.
_SETTINGS = {
    "_customer_managed_key": ("encryption", "key_vault_properties", "data_encryption"),
    "_network_acl": ("network_acls",),
    "_network_rules": ("network_acls", "network_rule_set"),
    "_custom_domain": ("custom_domains", "host_names", "custom_domain_configuration"),
}
_VARIABLE = re.compile(r"{(\w+)}")

_SCHEMAS = Schemas(Path(__file__).with_name("terraform_schemas.json.gz"))
_DEFAULTS = Defaults(Path(__file__).with_name("terraform_defaults.json.gz"))
_BEHAVIOUR = Behaviour(Path(__file__).with_name("terraform_behaviour.yaml"))
_ADDED = Behaviour(Path(__file__).with_name("terraform_added.yaml"))
_IMPORTS = Imports(Path(__file__).with_name("terraform_imports.yaml"))


class AzureTerraform(BaseDialect):
    """The dialect of the providers ``azurerm`` and ``azapi``."""

    def owns(self, terraform_type: str) -> bool:
        return terraform_type.startswith(("azurerm_", "azapi_"))

    def import_id(self, terraform_type: str, resource: Resource) -> str | None:
        """By ``terraform_imports.yaml``, else the ARM id in the letter case that the provider asks for."""
        id_ = None if resource.id is None else _cased(resource.id, resource.type)
        said = None if id_ is None else parse(id_)
        if id_ is None or said is None:
            return None
        if terraform_type not in _IMPORTS:
            return id_

        def word(name: str) -> Any:
            if name.startswith("Microsoft."):
                return cased(id_, name)
            told = {"id": id_, "parent": said.parent or "/", "name": said.names[-1]}
            return told[name] if name in told else get(resource.attributes, name.split("/"))

        return _IMPORTS.id(terraform_type, word)

    def names(self, type: str) -> list[str]:
        """Terraform's types that declare a resource of ``type``."""
        wanted = fold_case(type)
        return [name for name, entry in entries().items() if fold_case(entry.type) == wanted]

    def attributes(self, terraform_type: str) -> Mapping[str, Attribute] | None:
        return _SCHEMAS.of(terraform_type)

    def behaviour(self, terraform_type: str) -> frozenset[str]:
        return _BEHAVIOUR.of(terraform_type)

    def added(self, terraform_type: str) -> frozenset[str]:
        return _ADDED.of(terraform_type)

    def defaults(self, terraform_type: str) -> Mapping[str, Any]:
        return _DEFAULTS.of(terraform_type)

    def place(self, attributes: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """The subscription, management group or tenant that the id tells; nothing has a region in the
        cells."""
        found = arm_id(attributes)
        said = parse(found) if found else None
        return (said.scope if said else None), None

    def configured(self, settings: Mapping[str, Any]) -> Configured:
        return terraform_data.configured(settings)

    def answer(self, question: Question) -> Mapping[str, Any]:
        return terraform_data.answer(question)

    def version(self, foreign: Foreign) -> tuple[str, str] | None:
        """(type, API version) that the declaration names; only azapi does."""
        return terraform_azapi.version(foreign.type, foreign.attributes)

    def translate(self, foreign: Foreign) -> list[Resource] | None:
        if foreign.type.startswith("azapi_"):
            found = terraform_azapi.body(foreign.type, foreign.attributes)
            if found is None or not found.id:
                return [] if found is not None else None
            made = _resource(found.id, found.attributes, partial=found.partial)
            if found.partial and not made.shared:
                made = made.but(shared=frozenset(map(beneath, _leaves(found.attributes))))
            return [made]
        entry = entry_of(foreign.type)
        if entry is not None and not entry.type:
            return []
        if entry is not None and entry.sets:
            return _setter(entry, foreign)
        id = arm_id(foreign.attributes, entry.id if entry else "") or _own_id(entry, foreign)
        if id is None:
            return _nameless(entry, foreign)
        if entry is None:
            return [_unmapped(id, foreign)]
        if entry.part is not None:
            return [_part(entry, id, foreign)]
        made = _resource(id, Body(entry, id).of(foreign.attributes), into=entry.into)
        if entry.shared:
            made = made.but(shared=made.shared | frozenset(entry.shared))
        return [made, *_also(entry, id, foreign)]


def _cased(id_: str, type_: str) -> str:
    """An id with the words of its type, and of the types of what it extends, in their letter case."""
    head, found, rest = cased(id_, type_).rpartition("/providers/")
    above = parse(head) if found else None
    return f"{_cased(head, spelling(above.type))}/providers/{rest}" if above else f"{head}{found}{rest}"


@cache
def entry_of(terraform_type: str) -> Entry | None:
    """The map of a type, with what names tell where it says so; None where there is none."""
    entry = entries().get(terraform_type)
    if entry is None or not entry.named:
        return entry
    return terraform_by_name.whole(entry, _SCHEMAS.of(terraform_type) or {})


@cache
def _names(arm_type: str, terraform_type: str) -> Fields:
    return terraform_by_name.fields(arm_type, _SCHEMAS.of(terraform_type) or {})


def _own_id(entry: Entry | None, foreign: Foreign) -> str | None:
    """The ARM id that a resource will have that was never applied, where its group and name, or what it lies
    in and its name, tell it."""
    said = foreign.attributes
    name, group = said.get("name"), said.get("resource_group_name")
    if entry is None or entry.id or said.get("id") or not foreign.scope or not isinstance(name, str):
        return None
    base = f"/subscriptions/{foreign.scope}/resourceGroups"
    if foreign.type == "azurerm_resource_group":
        return f"{base}/{name}"
    provider, *types = entry.type.split("/")
    above = f"{provider}/{'/'.join(types[:-1])}".lower()
    for argument, value in said.items():
        found = parse(value) if argument.endswith("_id") and isinstance(value, str) else None
        if found is not None and found.type.lower() == above:
            return f"{value}/{types[-1]}/{name}"
    parents = [one for one in said if one.endswith("_name") and one in entry.leave]
    if not isinstance(group, str) or len(parents) != len(types) - 1 or len(types) > 2:
        return None
    names = [*(said[one] for one in parents), name]
    if not all(isinstance(one, str) for one in names):
        return None
    pairs = zip(types, names, strict=True)
    return f"{base}/{group}/providers/{provider}/" + "/".join(f"{one}/{each}" for one, each in pairs)


def _nameless(entry: Entry | None, foreign: Foreign) -> list[Resource] | None:
    """A resource that was never applied, of which nothing tells where it will lie: what it is a part of is
    not known before. None where that is no matter of time."""
    name = foreign.attributes.get("name")
    if entry is None or not entry.type or entry.id or foreign.attributes.get("id") or not foreign.scope:
        return None
    body = Body(entry, "").of(foreign.attributes)
    made = Resource(
        "azure", foreign.scope, entry.type, None, body, name=name if isinstance(name, str) else None
    )
    return [made.but(partial=entry.part is not None)]


def _resource(id: str, attributes: dict[str, Any], *, partial: bool = False, into: str = "") -> Resource:
    """The resource of an ARM id; a member of its parent where the parent's body holds it."""
    said = parse(id)
    assert said is not None
    type = spelling(said.type)
    parent = parse(said.parent)
    held = inline(type) or ((spelling(parent.type), into) if into and parent else None)
    if held is None or parent is None:
        return Resource("azure", said.scope, type, id, attributes, name=said.name, partial=partial)
    return member_of(said, parent, held[1], {"name": said.name, **attributes})


def member_of(said: Parsed, parent: Parsed, at: str, member: dict[str, Any]) -> Resource:
    """A part of the parent: one member of the list at ``at`` of its body."""
    value: Any = [member]
    for name in reversed(at.split("/")):
        value = {name: value}
    return Resource(
        "azure",
        said.scope,
        spelling(parent.type),
        said.parent,
        value,
        name=parent.name,
        partial=True,
        shared=frozenset({at}),
    )


def _part(entry: Entry, id: str, foreign: Foreign) -> Resource:
    """What the type says of a resource that is declared elsewhere."""
    assert entry.part is not None
    attributes = Body(entry, id).of(foreign.attributes)
    made = _resource(id, attributes, partial=True)
    said = made.shared | {path.format_map(foreign.attributes) for path in entry.part}
    return made.but(shared=said or _objects(attributes))


def _setter(entry: Entry, foreign: Foreign) -> list[Resource] | None:
    """What the type sets of a resource that is declared elsewhere, of which no more is known."""
    id = owner(foreign.attributes, entry.type)
    if id is None:
        return None
    attributes: dict[str, Any] = {}
    for path in entry.sets:
        terraform_body.put(
            attributes, path, Unresolved(f"what {foreign.type} sets of it is not known to drift")
        )
    return [_resource(id, attributes, partial=True).but(shared=frozenset(map(beneath, entry.sets)))]


def _objects(attributes: Mapping[str, Any]) -> frozenset[str]:
    """What a part replaces of the resource that is declared elsewhere: what stands in its ``properties``,
    each as a whole, and nothing beside it."""
    said = attributes.get("properties")
    below = said.items() if isinstance(said, dict) else ()
    return frozenset(
        f"properties/{name}" if isinstance(one, dict) else beneath(f"properties/{name}")
        for name, one in below
    )


def beneath(path: str) -> str:
    """The word of ``shared`` that lays a part over what is declared elsewhere down to ``path``."""
    return f"{path}/*"


def _leaves(attributes: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The paths of what is no object."""
    for name, value in attributes.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{above}{name}/")
        else:
            yield f"{above}{name}"


def _also(entry: Entry, id: str, foreign: Foreign) -> Iterator[Resource]:
    """The resources of their own that are declared in blocks."""
    for block, (at, below) in entry.also.items():
        members = foreign.attributes.get(block)
        for said in members if isinstance(members, list) else ():
            if isinstance(said, Mapping) and all(said.get(name) for name in _VARIABLE.findall(at)):
                own = f"{id}/{at.format_map(said)}"
                yield _resource(own, Body(below, own).of(said), partial=True)


def _unmapped(id: str, foreign: Foreign) -> Resource:
    """A resource of a type without a map: that it is there, its location and its tags can be judged."""
    said = {
        name: foreign.attributes[name]
        for name in ("location", "tags")
        if foreign.attributes.get(name) is not None
    }
    attributes = terraform_body.common(said, {})
    said_of = parse(id)
    reason = Unresolved(f"the attributes of {foreign.type} are not known to drift")
    if said_of is not None and said_of.name == foreign.attributes.get("name"):
        known = _names(said_of.type, foreign.type)
        guessed = terraform_by_name.guess(said_of.type, foreign.type, id, foreign.attributes, known)
        attributes = {**guessed, **attributes}
        attributes.setdefault("properties", reason)
        return _resource(id, attributes, partial=True)
    # An association's or a setting's id is that of the resource it is about, of which others may tell more.
    attributes[foreign.type] = reason
    paths = list(_likely(foreign, said_of.type)) if said_of is not None else []
    for path in paths:
        terraform_body.put(attributes, path, reason)
    made = _resource(id, attributes, partial=True)
    return made.but(shared=made.shared | frozenset(map(beneath, paths)))


def _likely(foreign: Foreign, type: str) -> Iterator[str]:
    """The properties that a setting of a resource sets, as far as its name and its arguments' names tell."""
    facts = facts_of(type)
    known = facts.root.child("properties").children if facts is not None else {}
    names = {name.lower(): name for name in known}
    words = [name for name, value in foreign.attributes.items() if value not in (None, "", [], {})]
    for part, properties in _SETTINGS.items():
        if foreign.type.endswith(part):
            words.extend(properties)
    for word in dict.fromkeys(words):
        if (found := names.get(camel(word).lower())) is not None:
            yield f"properties/{found}"
