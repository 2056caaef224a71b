"""What inventories call things: their types in CloudFormation's names, their ids in ours, and which of them
give access or are AWS' own (``inventory_types.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from drift.safe_yaml import data
from providers.aws.facts import catalogue
from providers.aws.resource_types import resource_types

#: The types of the ARN's services that say the kind of a thing in two words (``loadbalancer/app``).
_TWO_WORDS = "elasticloadbalancing"


@cache
def _said() -> Mapping[str, Any]:
    said: Mapping[str, Any] = data(Path(__file__).with_name("inventory_types.yaml"))
    return said


@dataclass(slots=True)
class Names:
    """CloudFormation's names for Resource Explorer's. ``told`` is what AWS itself says of them: its name to
    all of CloudFormation's that it may stand for (``ListSupportedResourceTypes``)."""

    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _found: dict[tuple[str, str], str] = field(default_factory=dict)

    def type(self, name: str, arn: str) -> str:
        """The CloudFormation type of what Explorer calls ``name`` (``ec2:instance``). What nobody knows keeps
        Explorer's name."""
        exact = _exact(name, arn)
        key = name, exact
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._type(name, exact)
        return found

    def _type(self, name: str, exact: str) -> str:
        types = _said()["types"]
        for one in (exact, name):
            if one in types:
                return str(types[one])
        told = self.told.get(name, ())
        if len(told) == 1:
            return told[0]
        service, _, kind = name.partition(":")
        of = str(_said()["services"].get(service, service))
        return _known().get(_plain(f"{of}{kind}"), name)


def _exact(name: str, arn: str) -> str:
    """The name with the second word of the ARN's resource, where that tells kinds apart."""
    service, _, kind = name.partition(":")
    if service != _TWO_WORDS or "/" in kind:
        return name
    words = arn.split(":", 5)[-1].split("/")
    return f"{name}/{words[1]}" if len(words) > 2 else name  # noqa: PLR2004 - kind, second word, name


@cache
def _known() -> Mapping[str, str]:
    """Every CloudFormation type that is known, by its letters alone."""
    of = catalogue()
    names = {*resource_types(), *of.entries, *of.attachments, *of.makes, *of.aliases}
    return {_plain(name.removeprefix("AWS::")): name for name in sorted(names)}


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def read_with(type_: str) -> frozenset[str]:
    """The types whose reading holds this one, too: itself, and those that it is a part of or merged into."""
    part = _said()["parts"].get(type_)
    into = (one.into for one in catalogue().attachments.get(type_, ()))
    return frozenset({type_, *into, *([part] if part else [])})


def own_id(type_: str, arn: str) -> str:
    """Our id of what an inventory knows by its ARN: the same, or the primary identifier where CloudFormation
    has no ARN of the type. What is no ARN stays as it is."""
    entry = catalogue().entry(type_)
    if entry is None or not arn.startswith("arn:") or entry.identity.template:
        return arn
    source = str(entry.identity.source)
    if source.lower().endswith("arn") or "(" in source:
        return arn
    parts = arn.split(":", 5)
    spelled = entry.identity.canonical(arn, account=parts[4], region=parts[3] or None, partition=parts[1])
    if spelled != arn:
        return spelled
    return re.split("[/:]", parts[5], maxsplit=1)[-1]


def gives_access(type_: str) -> bool:
    """Whether things of a type of which no facts are known give access."""
    return any(fnmatchcase(type_, glob) for glob in _said()["access"])


def made_by_aws(type_: str, arn: str) -> str | None:
    """Why AWS made what an inventory names; None where somebody did."""
    for glob, pattern, why in _system():
        if fnmatchcase(type_, glob) and pattern.fullmatch(arn):
            return why
    return None


@cache
def _system() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    return tuple((one["type"], re.compile(one["id"]), one["why"]) for one in _said()["system"])


def supported(pages: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """What the pages of ``ListSupportedResourceTypes`` tell, as :class:`Names` takes it."""
    return {
        str(one["ResourceType"]): tuple(one.get("CFNResourceTypes") or ())
        for page in pages
        for one in page.get("ResourceTypes", ())
    }
