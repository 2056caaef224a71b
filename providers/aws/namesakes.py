"""Types of Terraform's that no map knows, by the CloudFormation type of the same name: ``aws_ivs_channel`` is
``AWS::IVS::Channel``.

Of the types that a map knows, all that have a namesake are that one. Arguments that have the name
of a property are guesses (:mod:`providers.aws.by_name`): one that is live as it is declared is in sync, all
others are unverifiable. The tags are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from drift.dialect import Foreign
from drift.model import Resource
from drift.terraform_schemas import Attribute
from providers.aws import awscc, by_name
from providers.aws.facts import Entry, catalogue
from providers.aws.resource_types import ResourceType, resource_type, resource_types

PREFIX = "aws_"
#: Of these Terraform's id is another one, and no argument tells CloudFormation's. Source: "Return values" of
#: each type, https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/.
_OTHERWISE = frozenset(
    "aws_appsync_api_cache aws_codepipeline_webhook aws_cognito_log_delivery_configuration "
    "aws_ses_receipt_filter".split()
)
#: What a part of an id may hold; one that holds more may be several.
_PART = re.compile(r"[\w.@+=-]+|arn:.+", re.S)


def type_of(name: str) -> str | None:
    """The CloudFormation type that has the name of a Terraform type that no map knows; None where there is
    none, or one that has facts of its own."""
    if not name.startswith(PREFIX) or name in catalogue().terraform:
        return None
    type_ = _types().get(_letters(name.removeprefix(PREFIX)))
    return type_ if type_ is not None and catalogue().is_by_schema(type_) else None


@cache
def _types() -> Mapping[str, str]:
    spelled = ((awscc.terraform_type(one), one) for one in resource_types(readable=True))
    return {_letters(name.removeprefix(awscc.PREFIX)): type_ for name, type_ in spelled}


def translate(foreign: Foreign, schema: Mapping[str, Attribute]) -> list[Resource] | None:
    """What an instance declares, as far as it says it by a property's name; None where its type or its id is
    not known."""
    type_ = type_of(foreign.type)
    entry = catalogue().entry(type_) if type_ is not None else None
    known = resource_type(type_) if type_ is not None else None
    if type_ is None or entry is None or known is None:
        return None
    id_ = identifier(foreign, known)
    if id_ is None:
        return None
    said = by_name.guesses(_plain(known), foreign.attributes, schema, id_)
    said.update(_tags(foreign, known))
    return [_resource(foreign, entry, id_, said)]


def _resource(foreign: Foreign, entry: Entry, id_: str, said: dict[str, Any]) -> Resource:
    region = foreign.region if entry.regional else None
    return Resource("aws", foreign.scope or "", entry.type, id_, said, region=region, partial=True)


def identifier(foreign: Foreign, known: ResourceType) -> str | None:
    """The primary identifier by the attributes that have its parts' names; None where one has none, or says
    several things."""
    if foreign.type in _OTHERWISE:
        return None
    said = {_letters(name): value for name, value in foreign.attributes.items()}
    parts = [next(_said(part, known, said), None) for part in known.identifier]
    texts = [part for part in parts if isinstance(part, str) and _PART.fullmatch(part)]
    return "|".join(texts) if len(texts) == len(known.identifier) else None


def _said(part: str, known: ResourceType, said: Mapping[str, Any]) -> Iterator[Any]:
    """What the attributes may say of one part of an identifier, the surest first."""
    own, name = _letters(known.type.rpartition("::")[2]), _letters(part)
    for word in ("arn", "id", "name"):
        if name in (word, own + word):
            yield from (said[one] for one in (own + word, word) if said.get(one))
    if name not in ("id", "arn", "name") and said.get(name):
        yield said[name]


def _tags(foreign: Foreign, known: ResourceType) -> Iterator[tuple[str, Any]]:
    """All tags, those of the provider's configuration too, where the type has such."""
    tags = foreign.attributes.get("tags_all") or foreign.attributes.get("tags")
    if known.tags is not None and known.kinds.get(known.tags) == "tags" and isinstance(tags, Mapping):
        yield known.tags, [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _plain(known: ResourceType) -> Iterator[str]:
    """The properties at the top that are a plain value or a list of such."""
    for path, marks in known.paths.items():
        letter = known.paths.get(f"{path}/*", "o")[0] if marks[0] == "a" else marks[0]
        if "/" not in path and not {*"rw"} & {*marks[1:]} and letter in "sinb":
            yield path


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
