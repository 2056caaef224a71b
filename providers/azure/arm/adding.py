"""Adds what nobody declares to a template that is deployed where it lies: the next deployment sets what is
live already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from drift.editing.rewrite import Operation, made
from drift.editing.target import pruned, terms
from drift.editing.versions import replacements
from drift.editor import Edit, NotEdited, Wish
from drift.model import MISSING
from drift.redaction import is_secret
from drift.values import children
from providers.azure.arm.document import escaped, opened, parsed
from providers.azure.arm.place import extend
from providers.azure.arm.sites import named
from providers.azure.arm.source import SOURCE, Templates, translations
from providers.azure.arm.translate import Translation
from providers.azure.arm.values import Unknown
from providers.azure.ids import parse

#: Members of a resource beside its properties, in the order in which they are written. Source:
#: https://learn.microsoft.com/azure/azure-resource-manager/templates/resource-declaration
_MEMBERS = ("location", "extendedLocation", "zones", "tags", "sku", "kind", "identity", "plan", "managedBy")


def fitness(wish: Wish) -> int:
    """0 where no template of the declaration is deployed to where the resource lies; more where one declares
    others of its type or provider there."""
    return max((fit for fit, _ in _templates(wish)), default=0)


def edits(wish: Wish) -> Iterator[Edit]:
    """The resource with what is writable and no default of it, then with all that is writable. Raises
    NotEdited."""
    resource = wish.resource
    found = sorted(_templates(wish), key=lambda one: -one[0])
    if not found or not found[0][0]:
        raise NotEdited("no template is deployed to where it lies")
    translation = found[0][1]
    version = _version(wish)
    if version is None:
        raise NotEdited(f"no template declares a {resource.type}, whose API version it could have")
    if _hidden(resource.attributes):
        raise NotEdited("a secret of it is never written to Git")
    file = translation.template.path
    document = opened(file)
    key = named(parsed(file, translation.template.file), "resources")
    if key is None:
        raise NotEdited(f"{translation.template.file} has no resources")
    told: list[dict[str, Any]] = []
    for body in _bodies(wish):
        said = {"type": _type(wish), "apiVersion": version, "name": _name(wish), **escaped(body)}
        if said in told:
            continue
        told.append(said)
        adds = _operation(parsed(file, translation.template.file)[key], key, said)
        after = made(document, [adds])
        says = f"declares {said['name']} in {translation.template.file}"
        yield Edit(replacements(file, document.content, after.content), says)


def _operation(held: Any, key: str, said: Mapping[str, Any]) -> Operation:
    if isinstance(held, list):
        return Operation("insert", (key,), said, at=len(held))
    words = re.findall(r"[A-Za-z0-9]+", str(said["name"])) or ["imported"]
    stem = words[0][:1].lower() + words[0][1:] + "".join(one.capitalize() for one in words[1:])
    stem = stem if stem[0].isalpha() else f"r{stem}"
    name, number = stem, 2
    while named(held, name) is not None:
        name, number = f"{stem}{number}", number + 1
    return Operation("add", (key,), said, name=name)


def _templates(wish: Wish) -> Iterator[tuple[int, Translation]]:
    """The templates that are deployed to where the resource lies, with how fit each is."""
    resource, declaration = wish.resource, wish.declaration
    said = parse(resource.id or "") if resource.provider == "azure" else None
    here = isinstance(declaration, Templates) and declaration.source == SOURCE
    if said is None or wish.view is None or not here or not isinstance(declaration, Templates):
        return
    for translation in translations(declaration, wish.view):
        try:
            there = extend(translation.place.base(), said.type, said.names)
        except Unknown:
            continue
        if there.lower() != str(resource.id).lower():
            continue
        types = [str(one.get("type", "")).lower() for _, one, _ in translation.template.resources]
        own, provider = resource.type.lower(), resource.type.lower().partition("/")[0]
        alike = any(one.startswith(f"{provider}/") for one in types)
        yield 1 + 2 * (own in types) + alike, translation


def _version(wish: Wish) -> str | None:
    """The API version that the templates of the run have for the type."""
    for one in (wish.declaration, *wish.around):
        if isinstance(one, Templates):
            for type_, version in one.versions().items():
                if type_.lower() == wish.resource.type.lower():
                    return str(version)
    return None


def _type(wish: Wish) -> str:
    """The type as a template of the run spells it."""
    for one in (wish.declaration, *wish.around):
        for template in one.templates if isinstance(one, Templates) else ():
            for _, words, _ in template.resources:
                said = words.get("type")
                if isinstance(said, str) and said.lower() == wish.resource.type.lower():
                    return said
    return wish.resource.type


def _name(wish: Wish) -> str:
    """The names of it and what it lies in, its own as Azure spells it."""
    said = parse(wish.resource.id or "")
    names = list(said.names) if said is not None else []
    spelled = str(wish.resource.attributes.get("name") or "").rpartition("/")[2]
    if names and spelled.lower() == names[-1].lower():
        names[-1] = spelled
    return "/".join(names)


def _bodies(wish: Wish) -> Iterator[dict[str, Any]]:
    facts, context = terms(wish, wish.resource)
    attributes = wish.resource.attributes
    for all_ in (False, True):
        body: dict[str, Any] = {}
        for name in (*_MEMBERS, "properties"):
            value = attributes.get(name, MISSING)
            if value in (MISSING, None) or (facts.child(name).read_only and name != "location"):
                continue
            told = value if name == "location" else pruned(value, facts.child(name), context)
            if all_ and name != "location":
                told = _writable(value, facts.child(name))
            if told is not MISSING:
                body[name] = told
        yield {"properties": {}, **body} if "properties" not in body else body


def _hidden(value: Any) -> bool:
    return is_secret(value) or any(map(_hidden, children(value)))


def _writable(value: Any, facts: Any) -> Any:
    """A value without what is read-only; MISSING where nothing is left."""
    if facts.read_only:
        return MISSING
    if isinstance(value, Mapping):
        found = {name: _writable(one, facts.child(name)) for name, one in value.items()}
        return {name: one for name, one in found.items() if one is not MISSING} or MISSING
    if isinstance(value, list):
        return [one for one in (_writable(each, facts.member()) for each in value) if one is not MISSING]
    return value
