"""How Terraform's provider ``awscc`` names things: the types and properties of CloudFormation's schemas in
snake case, documents without a schema as JSON texts.

Source: github.com/hashicorp/terraform-provider-awscc, ``internal/naming`` and
``internal/provider/all_schemas.hcl``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from drift.dialect import Foreign
from drift.kinds.documents import parse_json
from drift.model import Resource
from drift.terraform_schemas import Attribute
from providers.aws import expressions
from providers.aws.facts import Entry, catalogue
from providers.aws.resource_types import resource_type, resource_types

PREFIX = "awscc_"
#: Words that the provider takes for one.
_ONE_WORD = {name: name.capitalize() for name in ("CloudFormation", "CloudFront", "CloudWatch", "FSx")}
#: Types that the provider spells otherwise.
_SPELLED = {"AWS::CloudWatch::OTelEnrichment": "awscc_cloudwatch_otel_enrichment"}
#: How deep arguments are told by their mode.
_DEPTH = 3


@dataclass(slots=True)
class Node:
    """One place of a type's schema: its path, its letter and marks, and the members by Terraform's names."""

    path: str = ""
    marks: str = "o"
    members: dict[str, tuple[str, Node]] = field(default_factory=dict)
    any: Node | None = None


def snake(name: str) -> str:
    """A name of CloudFormation's as the provider spells it.

    >>> snake("CloudWatchLogsLogGroupArn")
    'cloudwatch_logs_log_group_arn'
    >>> snake("S3Bucket"), snake("VPCEndpointIDs")
    ('s3_bucket', 'vpc_endpoint_i_ds')
    """
    for word, one in _ONE_WORD.items():
        name = name.replace(word, one)
    found = ""
    for before, here, after in zip(f" {name}", name, f"{name[1:]} ", strict=False):
        if here.isupper() and after.islower() and before.isupper():
            found += "_"
        found += here.lower() if here.isalnum() else "_"
        if (here.islower() and (after.isupper() or after.isdigit())) or (here.isdigit() and after.isalpha()):
            found += "_"
    return found


def terraform_type(type_: str) -> str:
    """The Terraform type of a CloudFormation type."""
    _, service, last = type_.split("::", 2)
    return _SPELLED.get(type_) or f"{PREFIX}{service.lower()}_{snake(last)}"


def cloudformation_type(name: str) -> str | None:
    """The CloudFormation type that a Terraform type is; None where no such type can be read."""
    return _types().get(name)


def declared(name: str) -> frozenset[str] | None:
    """The types that a Terraform type declares, itself or parts of them; None where it is not known."""
    type_ = cloudformation_type(name)
    if type_ is None:
        return None
    known = catalogue()
    if type_ in known.attachments:
        return frozenset(one.into for one in known.attachments[type_])
    return frozenset({type_}) if known.entry(type_) is not None else None


def attributes(name: str) -> Mapping[str, Attribute] | None:
    """The attributes of a Terraform type: what nobody must set the cloud may have chosen."""
    type_ = cloudformation_type(name)
    if type_ is None:
        return None
    return {"id": Attribute("computed"), **dict(_modes(_tree(type_), "", 0))}


def properties(foreign: Foreign, type_: str) -> dict[str, Any]:
    """The properties of CloudFormation's type that the attributes of an instance say."""
    said = {name: value for name, value in foreign.attributes.items() if name != "id"}
    found = _said(said, _tree(type_))
    assert isinstance(found, dict)
    return found


def whole(foreign: Foreign, type_: str, entry: Entry) -> Resource:
    """The resource that an instance declares."""
    said = properties(foreign, type_)
    return Resource(
        provider="aws",
        scope=foreign.scope or "",
        region=foreign.region if entry.regional else None,
        type=type_,
        id=_id(foreign, said, entry),
        name=entry.called(said),
        attributes=said,
    )


def _id(foreign: Foreign, said: Mapping[str, Any], entry: Entry) -> str | None:
    """The id: the primary identifier, which is the attribute ``id``; of types that are known by their ARN
    that."""
    known = foreign.attributes.get("id")
    id_ = known if isinstance(known, str) and known else None
    source = entry.identity.source
    if source.endswith("Arn"):
        arn = next((said[one] for one in (source, "Arn") if isinstance(said.get(one), str)), None)
        if arn is not None or id_ is None or entry.identity.template or id_.startswith("arn:"):
            return arn or id_
        return None
    if id_ is not None and ("|" in id_) == ("'|'" in source):
        return id_
    found = expressions.compile(source)(dict(said))
    return found if isinstance(found, str) else id_


@cache
def _types() -> Mapping[str, str]:
    known = {*resource_types(readable=True), *catalogue().attachments, *catalogue().entries}
    return {terraform_type(type_): type_ for type_ in sorted(known)}


@cache
def _tree(type_: str) -> Node:
    """A type's schema by Terraform's names; at the top ``Id`` and ``Provider`` give way to Terraform's
    own."""
    known = resource_type(type_)
    root = Node()
    for path, marks in (catalogue().schema(type_) if known is None else known.paths).items():
        node = root
        for part in path.split("/"):
            below = f"{node.path}/{part}".removeprefix("/")
            if part == "*":
                node.any = node.any or Node(below)
                node = node.any
            else:
                node = node.members.setdefault(_spelled(type_, part, node), (part, Node(below)))[1]
        node.marks = marks
    for path, again in known.recurs.items() if known is not None else ():
        for below in again:
            _let_recur(root, path, f"{path}/{below}")
    return root


def _spelled(type_: str, name: str, node: Node) -> str:
    spelled = snake(name)
    if not node.path and spelled == "id":
        return f"{snake(type_.rpartition('::')[2])}_id"
    return "provider_name" if not node.path and spelled == "provider" else spelled


def _let_recur(root: Node, path: str, below: str) -> None:
    """Lets the schema at ``path`` begin again at ``below``."""
    target = _at(root, path)
    above, _, last = below.rpartition("/")
    holder = _at(root, above)
    if target is None or holder is None:
        return
    if last == "*":
        holder.any = target
    else:
        holder.members[snake(last)] = (last, target)


def _at(node: Node, path: str) -> Node | None:
    for part in path.split("/"):
        found = node.any if part == "*" else node.members.get(snake(part), (part, None))[1]
        if found is None:
            return None
        node = found
    return node


def _said(value: Any, node: Node) -> Any:
    """A value in CloudFormation's names; what is null is not said."""
    if isinstance(value, Mapping):
        if not node.members:
            below = node.any or Node()
            return {key: _said(one, below) for key, one in value.items() if one is not None}
        found = {}
        for key, one in value.items():
            if one is not None:
                name, below = node.members.get(key, (key, Node()))
                found[name] = _said(one, below)
        return found
    if isinstance(value, list):
        return [_said(one, node.any or Node()) for one in value if one is not None]
    if isinstance(value, str) and node.marks[:1] in ("o", "x") and value[:1] in ("{", "["):
        try:
            return parse_json(value)
        except ValueError:
            return value
    return value


def _modes(node: Node, above: str, depth: int) -> Iterator[tuple[str, Attribute]]:
    for name, (_, below) in node.members.items():
        flags = below.marks[1:]
        mode = "computed" if "r" in flags else "required" if "!" in flags else "chosen"
        yield above + name, Attribute(mode)  # type: ignore[arg-type]
        inner = below.any if below.any is not None and below.any.members else below
        if inner.members and depth < _DEPTH:
            yield from _modes(inner, f"{above}{name}.", depth + 1)
