"""How Terraform's AWS provider names things: state attributes to CloudFormation properties, as the type facts
say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.dialect import BaseDialect, Configured, Foreign, Question
from drift.model import Resource
from drift.terraform_schemas import Attribute, Behaviour, Defaults, Imports, Schemas
from providers.aws import awscc, by_name, expressions, namesakes, terraform_data
from providers.aws.attaching import Attach, function
from providers.aws.facts import Entry, TerraformEntry, catalogue
from providers.aws.partitions import partition_of

_SCHEMAS = Schemas(Path(__file__).with_name("terraform_schemas.json.gz"))
_BEHAVIOUR = Behaviour(Path(__file__).with_name("terraform_behaviour.yaml"))
_ADDED = Behaviour(Path(__file__).with_name("terraform_added.yaml"))
_DEFAULTS = Defaults(Path(__file__).with_name("terraform_defaults.yaml"))
_ALIKE = Defaults(Path(__file__).with_name("terraform_ids.yaml"))
_IMPORTS = Imports(Path(__file__).with_name("terraform_imports.yaml"))
_ARN = re.compile(r"arn:aws[a-z-]*:[^:]*:(?P<region>[^:]*):(?P<account>\d{12}):.+", re.S)


class AwsTerraform(BaseDialect):
    """The dialect of the providers ``aws`` and ``awscc``."""

    def owns(self, terraform_type: str) -> bool:
        return terraform_type.startswith(("aws_", awscc.PREFIX))

    def names(self, type: str) -> list[str]:
        """Terraform's types that declare a resource of ``type``, or a part of it."""
        own = [
            name
            for name, entries in catalogue().terraform.items()
            if any(
                entry.type == type or any(attach.into == type for attach in entry.attach) for entry in entries
            )
        ]
        return own if own or not catalogue().is_by_schema(type) else [awscc.terraform_type(type)]

    def types(self, terraform_type: str) -> frozenset[str] | None:
        if terraform_type.startswith(awscc.PREFIX):
            return awscc.declared(terraform_type)
        entries = catalogue().terraform.get(terraform_type)
        if entries is None or any(one.attach or one.hook or one.type is None for one in entries):
            return None
        return frozenset(one.type for one in entries if one.type is not None)

    def possible(self, terraform_type: str) -> frozenset[str] | None:
        if terraform_type.startswith(awscc.PREFIX):
            return awscc.declared(terraform_type)
        found = catalogue().terraform.get(terraform_type)
        if found is None:
            namesake = namesakes.type_of(terraform_type)
            return None if namesake is None else frozenset({namesake})
        into = (attach.into for one in found for attach in one.attach)
        return frozenset([*(one.type for one in found if one.type is not None), *into])

    def attributes(self, terraform_type: str) -> Mapping[str, Attribute] | None:
        if terraform_type.startswith(awscc.PREFIX):
            return awscc.attributes(terraform_type)
        return _SCHEMAS.of(terraform_type)

    def behaviour(self, terraform_type: str) -> frozenset[str]:
        return _BEHAVIOUR.of(terraform_type)

    def added(self, terraform_type: str) -> frozenset[str]:
        return _ADDED.of(terraform_type)

    def alike(self, terraform_type: str) -> Mapping[str, str]:
        return _ALIKE.of(terraform_type)

    def defaults(self, terraform_type: str) -> Mapping[str, Any]:
        return _DEFAULTS.of(terraform_type)

    def defaults_since(self, terraform_type: str) -> Mapping[str, Mapping[int, Any]]:
        return _DEFAULTS.since(terraform_type)

    def by_name(self, terraform_type: str) -> bool:
        return namesakes.type_of(terraform_type) is not None

    def import_id(self, terraform_type: str, resource: Resource) -> str | None:
        """By ``terraform_imports.yaml``; ``awscc`` imports by the primary identifier."""
        if terraform_type.startswith(awscc.PREFIX):
            return resource.id if catalogue().is_by_schema(resource.type) else None
        return _IMPORTS.id(terraform_type, lambda word: _import_word(word, resource))

    def place(self, attributes: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """From the resource's own ARN, ``region`` (provider 6 has it on each resource; before it was another
        thing's of a few) and ``owner_id``."""
        account = region = None
        for name in ("arn", "id"):
            found = _ARN.fullmatch(attributes[name]) if isinstance(attributes.get(name), str) else None
            if found:
                account, region = found["account"], found["region"] or None
                break
        if account is None and re.fullmatch(r"\d{12}", str(attributes.get("owner_id") or "")):
            account = str(attributes["owner_id"])
        if region is None and isinstance(attributes.get("region"), str) and attributes["region"]:
            region = attributes["region"]
        return account, region

    def configured(self, settings: Mapping[str, Any]) -> Configured:
        return terraform_data.configured(settings)

    def answer(self, question: Question) -> Mapping[str, Any]:
        return terraform_data.answer(question)

    def translate(self, foreign: Foreign) -> list[Resource] | None:
        if foreign.type.startswith(awscc.PREFIX):
            return _by_schema(foreign)
        entries = catalogue().terraform.get(foreign.type)
        if entries is None:
            return namesakes.translate(foreign, _SCHEMAS.of(foreign.type) or {})
        document = {**foreign.attributes, "account": foreign.scope, "region_name": foreign.region}
        resources: list[Resource] = []
        for entry in entries:
            if entry.type is not None and not entry.attach:
                resources.extend(_whole(entry, foreign, document))
            for attach in entry.attach:
                resources.extend(_parts(attach, foreign, document))
        return resources


def _by_schema(foreign: Foreign) -> list[Resource] | None:
    """What an instance of the provider ``awscc`` declares."""
    type_ = awscc.cloudformation_type(foreign.type)
    known = catalogue()
    entry = known.entry(type_) if type_ is not None else None
    if type_ is None or (entry is None and type_ not in known.attachments):
        return None
    if entry is not None:
        return [awscc.whole(foreign, type_, entry)]
    place = {"account": foreign.scope, "region_name": foreign.region}
    document = {**place, **awscc.properties(foreign, type_)}
    return [part for one in known.attachments[type_] for part in _parts(one, foreign, document)]


def _import_word(word: str, resource: Resource) -> Any:
    """What a word of ``terraform_imports.yaml`` is for a resource; None where it has none."""
    id_, region = resource.id or "", resource.region or "us-east-1"
    if word.startswith("="):
        return word[1:]
    if word.startswith("~"):
        found = re.search(word[1:], id_)
        return found[1] if found else None
    if word.isdigit():
        parts = id_.split("|")
        return parts[int(word) - 1] if int(word) <= len(parts) else None
    match word:
        case "whole":
            return id_
        case "arn":
            return id_ if id_.startswith("arn:") else None
        case "id":
            return re.split(r"[:/|]", id_)[-1]
        case "account":
            return resource.scope
        case "region":
            return region
        case "partition":
            return partition_of(region).name
    return resource.attributes.get(word)


def _whole(entry: TerraformEntry, foreign: Foreign, document: dict[str, Any]) -> Iterator[Resource]:
    assert entry.type is not None
    facts = catalogue().entries[entry.type]
    attributes = {name: expressions.compile(text)(document) for name, text in entry.properties.items()}
    if entry.hook:
        more = function(entry.hook)(document)
        if more is None:
            return
        attributes.update(more)
    attributes = expressions.prune(attributes)
    id_ = (expressions.compile(entry.id)(document) or None) if entry.id else None
    if facts.identity.told is not None:
        id_ = facts.identity.told({**attributes, "account": foreign.scope})
    if id_ is None and len(facts.primary_identifier) == 1:  # never applied: what a template's Ref would give
        id_ = attributes.get(facts.primary_identifier[0])
    id_ = None if id_ is None else _spelled(facts, str(id_), foreign)
    if facts.existence:
        schema = _SCHEMAS.of(foreign.type) or {}
        attributes = by_name.guesses(facts.names, foreign.attributes, schema, id_)
    yield Resource(
        provider="aws",
        scope=foreign.scope or "",
        region=foreign.region if facts.regional else None,
        type=entry.type,
        id=id_,
        name=facts.called(attributes),
        attributes=attributes,
    )


def _spelled(entry: Entry, id_: str, foreign: Foreign) -> str:
    """The id; of a global type, whose resources tell no region, at once the one spelling that the region
    gives it."""
    if entry.regional or not foreign.region:
        return id_
    partition = partition_of(foreign.region).name
    return entry.identity.canonical(id_, account=foreign.scope or "", region=None, partition=partition)


def _parts(attach: Attach, foreign: Foreign, document: Mapping[str, Any]) -> Iterator[Resource]:
    into = catalogue().entries[attach.into]
    for parent, attributes, shared in attach.apply(document):
        named = _ARN.fullmatch(parent) if isinstance(parent, str) else None
        yield Resource(
            provider="aws",
            scope=(named and named["account"]) or foreign.scope or "",
            region=((named and named["region"]) or foreign.region) if into.regional else None,
            type=attach.into,
            id=_spelled(into, parent, foreign) if isinstance(parent, str) else None,
            attributes=attributes,
            partial=True,
            shared=shared,
        )
