"""Where a template is deployed: account, region and, where the live side recorded it, the stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.model import Unresolved
from providers.aws.partitions import partition_of


@dataclass(frozen=True, slots=True)
class Deployed:
    """One member of a stack, as CloudFormation lists it; ``detected`` what AWS's own drift detection said of
    it, and when."""

    type: str
    physical_id: str | None
    detected: str = ""


@dataclass(frozen=True)
class Stack:
    """One deployed stack, from the live side's context."""

    id: str
    name: str
    scope: str
    region: str
    parent: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    resolved: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, Deployed] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    exports: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    #: As it was given, and as it was deployed where a transform made another of it; None where not read.
    template: Mapping[str, Any] | None = None
    processed: Mapping[str, Any] | None = None
    template_unread: str = ""
    protected: bool = False
    notified: tuple[str, ...] = ()
    role: str | None = None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Stack:
        """From one member of the context's ``stacks`` (:func:`providers.aws.stacks.read_stacks`)."""
        return cls(
            id=str(record.get("id") or record.get("name")),
            name=str(record.get("name")),
            scope=str(record.get("scope", "")),
            region=str(record.get("region", "")),
            parent=record.get("parent"),
            parameters=record.get("parameters") or {},
            resolved=record.get("resolved_parameters") or {},
            resources={
                name: Deployed(
                    str(one.get("type", "")), one.get("physical_id") or None, str(one.get("detected") or "")
                )
                for name, one in (record.get("resources") or {}).items()
            },
            outputs=record.get("outputs") or {},
            exports=record.get("exports") or {},
            tags=record.get("tags") or {},
            template=_mapping(record.get("template")),
            processed=_mapping(record.get("processed")),
            template_unread=str(record.get("template_unread") or ""),
            protected=bool(record.get("protected")),
            notified=tuple(map(str, record.get("notified") or ())),
            role=record.get("role"),
        )


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


@dataclass(frozen=True)
class Place:
    """Where a template's resources stand. ``asked`` is the stack that the user named, found or not."""

    account: str | None = None
    region: str | None = None
    stack: Stack | None = None
    asked: str | None = None
    #: The tags of the stack as they are declared; None where nobody says any.
    tags: Mapping[str, str] | None = None

    @property
    def stack_tags(self) -> Mapping[str, str]:
        """The tags of the stack: as they are declared, else as it has them."""
        if self.tags is not None:
            return self.tags
        return self.stack.tags if self.stack else {}

    @property
    def partition(self) -> str | None:
        return partition_of(self.region).name if self.region else None

    @property
    def suffix(self) -> str | None:
        return partition_of(self.region).suffix if self.region else None

    @property
    def no_stack(self) -> str:
        """Why nothing of the stack is known."""
        if self.asked:
            return f"the stack {self.asked!r} was not read"
        return "no stack is known for this template; name it with 'stack'"

    def pseudo(self, name: str) -> Any:
        """The value of ``AWS::Region`` and the like; an Unresolved where it is not known."""
        known = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": self.suffix,
            "AWS::StackId": self.stack.id if self.stack else None,
            "AWS::StackName": self.stack.name if self.stack else _name(self.asked),
        }
        if known.get(name) is not None:
            return known[name]
        if name in ("AWS::AccountId",):
            return Unresolved(f"{name} is not known; say the account with 'scope'")
        if name in ("AWS::Region", "AWS::Partition", "AWS::URLSuffix"):
            return Unresolved(f"{name} is not known; say the region with 'region'")
        if name in known:
            return Unresolved(f"{name}: {self.no_stack}")
        return Unresolved(f"{name} is not known outside of CloudFormation")


def _name(asked: str | None) -> str | None:
    if asked and asked.startswith("arn:"):
        return asked.split("/")[1] if asked.count("/") >= 1 else None
    return asked


def named(stacks: Iterable[Stack], asked: str, scope: str | None, region: str | None) -> list[Stack]:
    """The stacks that the user's words may mean."""
    return [
        stack
        for stack in stacks
        if asked in (stack.name, stack.id) and scope in (None, stack.scope) and region in (None, stack.region)
    ]
