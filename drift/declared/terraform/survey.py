"""What is asked of a state as a whole before its instances are read: where the resources of each provider
configuration lie, and whether something is to be deleted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drift.declared.terraform.content import provider_of
from drift.dialect import TerraformDialect
from drift.provider import Provider

#: Provider configuration → the account and region that most of its resources tell.
Places = Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True)
class Survey:
    """``deposed``: whether there are instances that the next apply deletes."""

    places: Places
    deposed: bool


class Owners:
    """Which provider translates a type of Terraform's."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = [one for one in providers.values() if one.terraform is not None]
        self._known: dict[str, Provider | None] = {}

    def of(self, type_: str) -> Provider | None:
        if type_ not in self._known:
            owning = (
                one for one in self._providers if one.terraform is not None and one.terraform.owns(type_)
            )
            self._known[type_] = next(owning, None)
        return self._known[type_]

    def dialect(self, type_: str) -> TerraformDialect | None:
        """How the provider of a type names it."""
        provider = self.of(type_)
        return None if provider is None else provider.terraform


def survey(content: Mapping[str, Any], owners: Owners) -> Survey:
    """Of a parsed state."""
    scopes: dict[str, Counter[str]] = defaultdict(Counter)
    regions: dict[str, Counter[str]] = defaultdict(Counter)
    found: set[str] = set()
    deposed = False
    for resource in content.get("resources") or ():
        if resource["mode"] != "managed":
            continue
        provider = owners.of(resource["type"])
        found.add(provider_of(resource, {}))
        for instance in resource.get("instances") or ():
            config = provider_of(resource, instance)
            found.add(config)
            if instance.get("deposed"):
                deposed = True
                continue
            attributes = instance.get("attributes")
            if provider is None or provider.terraform is None or not isinstance(attributes, Mapping):
                continue
            scope, region = provider.terraform.place(attributes)
            if scope:
                scopes[config][scope] += 1
            if region:
                regions[config][region] += 1
    return Survey({one: (_most(scopes[one]), _most(regions[one])) for one in found}, deposed)


def _most(counted: Counter[str]) -> str | None:
    return min(counted, key=lambda name: (-counted[name], name)) if counted else None
