"""What declared templates ask of the live side besides resources, as words that a run hands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: The policy of a stack, which is read of those that are declared (:mod:`providers.aws.stack_policies`).
POLICY = "AWS::CloudFormation::StackPolicy"
#: Each word begins with what it asks for: the stack of a name or ARN, the stacks that have one of the logical
#: ids, a StackSet by its name, what lies at a URL of S3.
STACK, MEMBERS, STACK_SET, OBJECT = "stack ", "members ", "stack-set ", "object "


@dataclass(frozen=True)
class Asked:
    """The words, sorted by what they ask for."""

    stacks: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()

    @classmethod
    def of(cls, words: Iterable[str]) -> Asked:
        told = list(words)

        def those(kind: str) -> frozenset[str]:
            return frozenset(word.removeprefix(kind) for word in told if word.startswith(kind))

        members = {name for names in those(MEMBERS) for name in names.split(",")}
        return cls(those(STACK), frozenset(members), those(STACK_SET), those(OBJECT))

    def deployed(self, stacks: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Of the stacks of a region (:func:`providers.aws.stacks.read_stacks`) those that are asked for, and
        those that these nest."""
        left = list(stacks)
        found: list[Mapping[str, Any]] = []
        ids: set[Any] = set()
        while True:
            more = [one for one in left if one.get("parent") in ids or (not found and self._names(one))]
            if not more:
                return found
            found += more
            ids = {one["id"] for one in more}
            left = [one for one in left if one not in more]

    def _names(self, stack: Mapping[str, Any]) -> bool:
        named = {stack["name"], stack["id"]} & self.stacks
        made_by = any(stack["name"].startswith(f"StackSet-{name}-") for name in self.sets)
        return bool(named) or made_by or not self.members.isdisjoint(stack["resources"])
