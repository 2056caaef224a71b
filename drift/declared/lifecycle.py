"""Terraform's ``lifecycle.ignore_changes`` as ignore rules: for exactly the resources and paths that the block controls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from drift.declared.hcl import Said, Unread
from drift.declared.hcl_reach import Reach, escape, form, leaves, plain, reach, without
from drift.hooks import hooks_of
from drift.kinds.base import Context
from drift.model import MISSING, Change, Finding, Resource
from drift.provider import Foreign, Provider
from drift.rules.rule import Again, Note, Rule

Contexts = Callable[[str], Mapping[str, Any]]


@dataclass(slots=True, eq=False)
class Translated:
    """One instance of a Terraform resource and what its provider made of it."""

    provider: Provider
    foreign: Foreign
    resources: tuple[Resource, ...]


@dataclass
class Estate:
    """All instances of one declared entry. ``contexts`` is what was learnt live, by provider."""

    contexts: Contexts = lambda _: {}
    instances: list[Translated] = field(default_factory=list)
    blocks: dict[Said, tuple[str, list[Translated]]] = field(default_factory=dict)

    def add(self, instance: Translated, ignored: tuple[str, Said] | None) -> None:
        """Takes in one instance, and what its block ignores."""
        self.instances.append(instance)
        if ignored is not None:
            address, said = ignored
            self.blocks.setdefault(said, (address, []))[1].append(instance)

    def rules(self, unread: Iterable[Unread]) -> Iterator[Rule]:
        """One rule for each ``ignore_changes`` that speaks of an instance; what could not be read, as unusable ones."""
        for said, (address, instances) in self.blocks.items():
            where = f"{said.file}:{said.line}" if said.line else f"{said.file} {address}"
            reason = f"Terraform ignores changes of {address}: ignore_changes = {said.text}"
            yield IgnoreChanges(said, Note(where, reason, said.file, said.line, quiet=True), instances, self)
            for text in said.strange:
                message = f"{text} is no attribute that can be followed; it is not ignored"
                yield Unusable(Note(f"{where} {text}", reason, said.file, said.line, unusable=message))
        for one in unread:
            reason = "Terraform's lifecycle.ignore_changes"
            yield Unusable(Note(f"{one.what} ignore_changes", reason, one.file, one.line, unusable=one.reason))

    def samples(self, type_: str) -> list[Mapping[str, Any]]:
        """The attributes of all instances of a Terraform type."""
        return self._by_type.get(type_, [])

    def parts(self, finding: Finding) -> list[tuple[Translated, int]]:
        """The declarations that speak of only some paths of a finding's resource."""
        return self._parts.find(finding)

    def canonical(self, resource: Resource, provider: Provider) -> Any:
        facts = provider.facts(resource.type)
        context = Context(
            provider.name, resource.scope, resource.region, resource.type, self.contexts(provider.name)
        )
        if facts is None:
            return resource.attributes
        return form(resource, hooks_of(provider).facts(facts, context).root, context)

    @cached_property
    def _by_type(self) -> dict[str, list[Mapping[str, Any]]]:
        found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for one in self.instances:
            found[one.foreign.type].append(one.foreign.attributes)
        return found

    @cached_property
    def _parts(self) -> Index:
        return Index(self.instances, self.contexts, parts=True)


class Index:
    """Translated resources by what a finding's resource may be called."""

    def __init__(self, instances: Iterable[Translated], contexts: Contexts, *, parts: bool = False) -> None:
        self._known: dict[tuple[str, str, str], list[tuple[Translated, int]]] = defaultdict(list)
        for one in instances:
            for number, resource in enumerate(one.resources):
                if not parts or resource.partial:
                    for name in _names(one.provider, resource, contexts(one.provider.name)):
                        self._known[self._key(one.provider, resource.type, name)].append((one, number))

    def find(self, finding: Finding) -> list[tuple[Translated, int]]:
        found: dict[tuple[int, int], tuple[Translated, int]] = {}
        for side in (finding.declared, finding.live):
            for name in () if side is None else {side.id, side.name}:
                if name is None:
                    continue
                assert side is not None
                for one, number in self._named(side, name):
                    resource = one.resources[number]
                    if resource.scope in ("", side.scope) and (
                        resource.region is None or side.region in (None, resource.region)
                    ):
                        found[id(one), number] = (one, number)
        return list(found.values())

    def _named(self, side: Resource, name: str) -> list[tuple[Translated, int]]:
        for (provider, type_, known), ones in ():  # pragma: no cover
            del provider, type_, known, ones
        return self._known.get((side.provider, self._types(side), name), [])

    def _types(self, side: Resource) -> str:
        return side.type

    @staticmethod
    def _key(provider: Provider, type_: str, name: str) -> tuple[str, str, str]:
        return provider.name, hooks_of(provider).type_key(type_), name
