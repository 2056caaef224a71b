"""What AWS knows beyond a provider's contract: what is no change though nobody declares it, what its APIs
enumerate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from drift.facts import TypeFacts
from drift.hooks import Acceptance, Around, Hooks
from drift.kinds.base import Context
from drift.model import GLOBAL, Cell, Resource
from drift.settings import selected
from providers.aws.cloud_control_declared import unread
from providers.aws.declared_keys import unasked
from providers.aws.facts import catalogue
from providers.aws.filled import Unsaid
from providers.aws.partitions import partition_name
from providers.aws.settled import settled
from providers.aws.undeclared import acceptance
from providers.aws.whole_cells import here

#: The ARN of a policy that is AWS's own, and the name of an action.
_POLICY = r"arn:aws[\w-]*:iam::aws:policy/[\w/+=,.@-]+"
_ACTION = (
    r"\b[a-z][a-z0-9-]+:(?:Get|List|Put|Describe|Create|Delete|Update|Batch|Send|Receive|Publish|Subscribe|Tag|"
    r"Untag|Assume|Invoke|Pass|Start|Stop|Run|Query|Scan|Encrypt|Decrypt|GenerateDataKey|ReEncrypt|Set|Add|Remove|"
    r"Attach|Detach|Associate|Register|Modify|Change|Purge|Abort)[A-Za-z*?]*(?![\w:/.-])"
)


#: Tags that CloudFormation writes, and that whoever copies a resource may leave on it.
_OF_STACKS = "aws:cloudformation:"


class AwsHooks(Hooks):
    """The provider's hooks (see :class:`drift.hooks.Hooks`)."""

    def facts(self, facts: TypeFacts, context: Context) -> TypeFacts:
        """Of a type that is only listed, where resources of it were read whole: those of its schema."""
        if not facts.existence or not _only_listed(facts.type):
            return facts
        cell = Cell(context.provider, context.scope, context.region or GLOBAL, facts.type)
        return replace(facts, existence=False) if here(cell, context.data) else facts

    def undeclared(
        self, declared: Resource, live: Resource, facts: TypeFacts, context: Context
    ) -> Acceptance:
        if catalogue().is_by_schema(live.type) or not facts.existence and _only_listed(live.type):
            return Unsaid(declared, facts, context).reason
        return acceptance(declared, live)

    def known_id(self, declared: Resource, context: Mapping[str, Any]) -> str | None:
        """The ARN of a global resource that is declared by its name (a bucket): its account tells the
        partition."""
        entry = catalogue().entry(declared.type)
        if declared.id is None or declared.region or entry is None or entry.regional:
            return declared.id
        partition = partition_name(None, declared.scope, context)
        return entry.identity.canonical(declared.id, account=declared.scope, region=None, partition=partition)

    def unmanaged_group(self, resource: Resource) -> str:
        """What holds it, where a document that Git declares may make one without naming it (the methods of
        an API's ``Body``)."""
        part = _group(resource.type)
        if part is None:
            return ""
        parts = (resource.id or "").split("|")
        if len(parts) > 1:
            return parts[0 if part == "first" else -1]
        said = (resource.attributes.get(name) for name in ("RestApiId", "ApiId"))
        return next((one for one in said if isinstance(one, str)), "")

    def unread(self, declared: Resource, context: Mapping[str, Any]) -> str | None:
        """Of a type that AWS lists by parents, or not at all, and of what is read by its key: what it was not
        asked for."""
        return unread(declared, context) or unasked(declared, context)

    def settled(self, side: Resource, live: Resource) -> Resource:
        return settled(side, live)

    def content(self, resource: Resource, around: Around) -> Mapping[str, Any]:
        from providers.aws.content import content

        return content().of(resource, around)

    def inventoried(self, live: Resource, context: Mapping[str, Any]) -> bool:
        """Where an inventory was whole, of the types that the configuration lets through."""
        told = context.get("inventoried")
        if not isinstance(told, Mapping) or not selected([live.type], told["include"], told["exclude"]):
            return False
        return (live.region or GLOBAL) in told["places"].get(live.scope, ())

    def gives_access(self, live: Resource, facts: TypeFacts) -> bool:
        """As the facts say; of what an inventory alone names, as its type does."""
        from providers.aws import inventory_types

        return facts.access or (live.bare and inventory_types.gives_access(live.type))

    def labels(self, resource: Resource) -> Iterator[tuple[str, Any]]:
        """``Tags``: a list of ``Key`` and ``Value``, of some types a map. Without those that claim a stack:
        to which one a resource belongs its own list alone tells."""
        tags = resource.attributes.get("Tags")
        if isinstance(tags, Mapping):
            told = [(str(name), value) for name, value in tags.items()]
        elif isinstance(tags, list):
            told = [
                (str(tag["Key"]), tag.get("Value"))
                for tag in tags
                if isinstance(tag, Mapping) and "Key" in tag
            ]
        else:
            return
        yield from ((name, value) for name, value in told if not name.startswith(_OF_STACKS))

    def public_forms(self) -> tuple[str, ...]:
        return (_POLICY, _ACTION)

    def public_texts(self) -> Iterator[str]:
        from providers.aws import models  # botocore takes a third of the time in which a run of files starts

        for service in sorted({entry.service for entry in catalogue().compared.values()}):
            model = models.described(service)
            for name in model.shape_names:
                yield from getattr(model.shape_for(name), "enum", ())


@cache
def _group(type_: str) -> str | None:
    """Which part of the ids of a type names what holds them (``group`` of its facts)."""
    entry = catalogue().entry(type_)
    return None if entry is None else entry.said.get("group")


def _only_listed(type_: str) -> bool:
    """Whether the facts of a type list it and no more, and Cloud Control can read it."""
    entry = catalogue().entries.get(type_)
    return entry is not None and entry.whole is not None
