"""Tells to which CloudFormation stack a live resource belongs: by the list that the stack itself has of its
resources, never by a tag of the resource, which outlives its stack and which others may copy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from drift.model import Resource
from providers.aws.facts import catalogue
from providers.aws.partitions import partition_of


class Member(NamedTuple):
    """A resource of a stack: the stack, where it is, and what its template calls the resource."""

    stack: str
    region: str
    logical: str

    def __str__(self) -> str:
        return f"{self.stack} in {self.region}, as {self.logical}"


class _Index:
    """The resources of all stacks by (account, type) and id in every spelling. ``stacks`` as
    :func:`providers.aws.stacks.read_stacks` gives them."""

    def __init__(self, stacks: Sequence[Mapping[str, Any]]) -> None:
        self.stacks = stacks
        self._members: dict[tuple[str, str], dict[str, list[Member]]] = defaultdict(dict)
        for stack in stacks:
            scope, region = str(stack.get("scope")), str(stack.get("region"))
            for logical, said in (stack.get("resources") or {}).items():
                type_, physical = said.get("type"), said.get("physical_id")
                if not type_ or not physical:
                    continue
                member = Member(str(stack.get("name")), region, str(logical))
                for id_ in {physical, _canonical(type_, physical, scope, region)}:
                    self._members[(scope, type_)].setdefault(id_, []).append(member)

    def of(self, live: Resource) -> Member | None:
        """The stack's member that a live resource is; of several in as many regions the one of its own."""
        known = self._members.get((live.scope, live.type), {})
        for id_ in (live.id, live.name):
            for member in known.get(id_ or "", ()):
                if live.region in (None, member.region):
                    return member
        return None


def _canonical(type_: str, physical: str, account: str, region: str) -> str:
    entry = catalogue().entry(type_)
    if entry is None:
        return physical
    place = region if entry.regional else None
    return entry.identity.canonical(
        physical, account=account, region=place, partition=partition_of(region).name
    )


_last: list[_Index] = []


def stack_of(live: Resource, context: Mapping[str, Any]) -> Member | None:
    """The member of a stack that a live resource is; None where no list of a stack that was read has it.
    ``context`` is the snapshot's, of AWS."""
    stacks = context.get("stacks")
    if not isinstance(stacks, list) or not stacks:
        return None
    index = next((one for one in _last if one.stacks is stacks), None)
    if index is None:
        index = _Index(stacks)
        _last[:] = [index]
    return index.of(live)
