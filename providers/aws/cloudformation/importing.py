"""Adds what nobody declares to the template of a stack, so that the stack can import it.

An imported resource needs a DeletionPolicy, and the change set that imports it the properties that identify
it. Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from drift import reading
from drift.editing.rewrite import Operation, made
from drift.editing.target import pruned, terms
from drift.editing.versions import replacements
from drift.editor import Edit, NotEdited, Restoring, Wish
from drift.editor import Place as Line
from drift.model import MISSING, Resource
from drift.redaction import is_secret
from drift.values import children
from providers.aws.cloudformation import restoring
from providers.aws.cloudformation.derived import REFS
from providers.aws.cloudformation.document import document
from providers.aws.cloudformation.place import Place
from providers.aws.cloudformation.spots import Said
from providers.aws.cloudformation.templates import Templates, translations
from providers.aws.cloudformation.translate import Translation
from providers.aws.facts import Entry, catalogue

_CHANGE_SET = "import-live"
_WORD = re.compile(r"[A-Za-z0-9]+")


def fitness(wish: Wish) -> int:
    """0 where no template of the declaration is deployed to the place of the resource; more where one
    declares others of its type or service there."""
    return max((fit for fit, _ in _templates(wish)), default=0)


def edits(wish: Wish) -> Iterator[Edit]:
    """The resource with what is no default of it, then with all that may be written. Raises NotEdited."""
    resource = wish.resource
    found = sorted(_templates(wish), key=lambda one: -one[0])
    if not found or not found[0][0]:
        raise NotEdited(f"no template is deployed to {resource.scope} {resource.region or ''}".strip())
    translation = found[0][1]
    entry = _importable(resource, translation)
    identifier = _identifier(entry, resource, translation.place)
    logical = _logical(translation, resource, entry)
    Said(translation, logical, wish.declaration).must_be_named()
    file = translation.template.path
    before = reading.content(file, file.name)
    for properties in _properties(wish, entry):
        said = {"Type": resource.type, "DeletionPolicy": "Retain", "Properties": properties}
        adds = Operation("add", ("Resources",), said, name=logical)
        after = made(document(before, file.name), [adds])
        pieces = replacements(file, before, after.content)
        to_import = [
            {"ResourceType": resource.type, "LogicalResourceId": logical, "ResourceIdentifier": identifier}
        ]
        yield Edit(
            pieces,
            f"adds {logical} to {translation.template.file}, to be imported",
            then=_then(wish, translation, to_import),
        )


def _templates(wish: Wish) -> Iterator[tuple[int, Translation]]:
    if not isinstance(wish.declaration, Templates) or wish.view is None or wish.resource.provider != "aws":
        return
    resource = wish.resource
    for translation, problem in translations(wish.declaration, wish.view):
        place = translation.place
        here = place.account == resource.scope and resource.region in (None, place.region)
        if problem is None and here:
            types = [type_ for _, type_ in translation.template.typed()]
            service = resource.type.rsplit("::", 1)[0]
            alike = resource.type in types
            yield 1 + 2 * alike + any(type_.startswith(f"{service}::") for type_ in types), translation


def _importable(resource: Resource, translation: Translation) -> Entry:
    """What is known of its type. Raises NotEdited where a template can't declare it so that it is found."""
    where = Line(Path(translation.template.file))
    entry = catalogue().entry(resource.type)
    if entry is None or entry.existence:
        raise NotEdited(f"of {resource.type} not enough is known to declare it", where)
    if translation.template.macros:
        raise NotEdited("macros rewrite the template when it is deployed", where)
    if entry.name is None or not isinstance(resource.attributes.get(entry.name), str):
        raise NotEdited(
            f"AWS itself gives a {resource.type} its id, so that a template can't say which one it means "
            "before it is imported",
            where,
        )
    if _hidden(resource.attributes):
        raise NotEdited("a secret of it is never written to Git", where)
    return entry


def _hidden(value: Any) -> bool:
    return is_secret(value) or any(map(_hidden, children(value)))


def _identifier(entry: Entry, resource: Resource, place: Place) -> dict[str, str]:
    """The properties that tell CloudFormation which one is imported. Raises NotEdited where one is not
    known."""
    names = entry.primary_identifier
    parts = str(resource.id).split("|")
    found: dict[str, str] = {}
    for at, name in enumerate(names):
        value = resource.attributes.get(name)
        if not isinstance(value, str) and len(names) == 1 and entry.type in REFS:
            value = _filled(REFS[entry.type], resource, place)
        elif not isinstance(value, str) and len(parts) == len(names):
            value = parts[at]
        if not isinstance(value, str):
            raise NotEdited(f"its {name}, by which CloudFormation imports a {entry.type}, is not known")
        found[name] = value
    if not found:
        raise NotEdited(f"by what CloudFormation imports a {entry.type} is not known")
    return found


def _filled(template: str, resource: Resource, place: Place) -> str | None:
    """What ``Ref`` gives, made of the resource's properties and its place; None where one is not known."""
    known = {"account": place.account, "region": place.region, "partition": place.partition}
    words = {"Path": "/", **resource.attributes, **known, "suffix": place.suffix}
    try:
        return template.format_map({key: value for key, value in words.items() if isinstance(value, str)})
    except KeyError:
        return None


def _properties(wish: Wish, entry: Entry) -> Iterator[dict[str, Any]]:
    facts, context = terms(wish, wish.resource)
    attributes = wish.resource.attributes
    written = [name for name in entry.writable if name in attributes]
    written.sort(key=lambda name: name != entry.name)
    for all_ in (False, True):
        told: dict[str, Any] = {}
        for name in written:
            below = facts.child(name)
            value = pruned(attributes[name], below, context)
            if name == entry.name:
                value = attributes[name]
            elif not all_ and below.assigned:
                continue
            if value is not MISSING:
                told[name] = value
        yield told


def _logical(translation: Translation, resource: Resource, entry: Entry) -> str:
    """A logical id of letters and digits that the template does not have yet."""
    name = resource.name or resource.attributes.get(str(entry.name)) or entry.title
    words = _WORD.findall(str(name).rsplit("/", 1)[-1])
    stem = "".join(word[:1].upper() + word[1:] for word in words)[:200] or "Imported"
    known, number, found = translation.template.resources, 1, stem
    while found in known or found in translation.template.parameters:
        number += 1
        found = f"{stem}{number}"
    return found


def _then(wish: Wish, translation: Translation, to_import: Sequence[Mapping[str, Any]]) -> Restoring | None:
    """The change set that imports it, where the stack is known."""
    stack = translation.place.stack
    if stack is None:
        return None
    said = Said(translation, str(to_import[0]["LogicalResourceId"]), wish.declaration)
    target = ("--stack-name", stack.name, "--region", stack.region, "--change-set-name", _CHANGE_SET)
    make = ("aws", "cloudformation", "create-change-set", *target, "--change-set-type", "IMPORT")
    listed = ("--resources-to-import", json.dumps(to_import))
    run = (
        (*make, *listed, *restoring.words(said)),
        ("aws", "cloudformation", "wait", "change-set-create-complete", *target),
        ("aws", "cloudformation", "execute-change-set", *target),
    )
    does = f"Has the stack {stack.name} in account {stack.scope} take over {wish.resource.id} as it is."
    return Restoring(run, does, restoring.folder(wish, said))
