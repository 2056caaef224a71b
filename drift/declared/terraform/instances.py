"""Instances of Terraform resources with what their provider made of them, found by what a finding calls
them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drift.dialect import Foreign
from drift.finding import Finding
from drift.model import Resource
from drift.provider import Provider

#: What was learnt live, by provider.
Contexts = Callable[[str], Mapping[str, Any]]


@dataclass(slots=True, eq=False)
class Translated:
    """One instance of a Terraform resource and what its provider made of it."""

    provider: Provider
    foreign: Foreign
    resources: tuple[Resource, ...]


class Index:
    """Translated resources by what a finding's resource may be called."""

    def __init__(self, instances: Iterable[Translated], contexts: Contexts, *, parts: bool = False) -> None:
        self._providers: dict[str, Provider] = {}
        self._known: dict[tuple[str, str, str], list[tuple[Translated, int]]] = defaultdict(list)
        for one in instances:
            self._providers[one.provider.name] = one.provider
            for number, resource in enumerate(one.resources):
                if not parts or resource.partial:
                    for name in _names(one.provider, resource, contexts(one.provider.name)):
                        self._known[self._key(resource, name)].append((one, number))

    def find(self, finding: Finding) -> list[tuple[Translated, int]]:
        """The translated resources that mean the finding's."""
        found: dict[tuple[int, int], tuple[Translated, int]] = {}
        if finding.resource.provider not in self._providers:
            return []
        for side in (finding.declared, finding.live):
            if side is None:
                continue
            for name in {side.id, side.name} - {None}:
                for one, number in self._known.get(self._key(side, str(name)), ()):
                    if _there(one.resources[number], side):
                        found[id(one), number] = (one, number)
        return list(found.values())

    def _key(self, resource: Resource, name: str) -> tuple[str, str, str]:
        provider = self._providers.get(resource.provider)
        type_ = resource.type if provider is None else provider.hooks.type_key(resource.type)
        return resource.provider, type_, name


def _there(resource: Resource, side: Resource) -> bool:
    return resource.scope in ("", side.scope) and (
        resource.region is None or side.region in (None, resource.region)
    )


def _names(provider: Provider, resource: Resource, context: Mapping[str, Any]) -> set[str]:
    """What matching may call a declared resource: its id in each spelling; its name where no id is told."""
    if resource.id is None:
        return {resource.name} if resource.name else set()
    found = {resource.id}
    if provider.facts(resource.type) is None:
        return found
    canonical = provider.canonical_id(resource)
    if canonical is not None:
        found.add(canonical)
        known = provider.hooks.known_id(resource.but(id=canonical), context)
        found.update({known} if known else ())
    return found
