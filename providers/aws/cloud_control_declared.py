"""What Git declares of the types that Cloud Control reads, told before they are read: which resources are
asked for by their id, and by which parents a list is asked."""

from __future__ import annotations

import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.errors import CellError
from drift.model import Cell, Resource
from drift.safe_yaml import data
from drift.task import Wanted
from providers.aws import by_schema
from providers.aws.chosen import asked_for
from providers.aws.facts import catalogue
from providers.aws.resource_types import ResourceType, resource_type, resource_types
from providers.aws.settings import Settings

#: In the snapshot's context: what was asked of cells that could not simply be listed
#: (:class:`providers.aws.cloud_control.Asked`).
ASKED = "cloud_control"


def types(settings: Settings, wanted: Wanted) -> list[str]:
    """The types that are read through Cloud Control: without facts of their own, and declared, or giving
    access, or named by ``live.aws.types``."""
    known = catalogue()
    return [
        type_ for type_ in by_schema.types() if not known.knows(type_) and asked_for(type_, settings, wanted)
    ]


def actions(settings: Settings, wanted: Wanted) -> Iterator[str]:
    """The actions of IAM that reading these types takes, each maybe several times."""
    return (action for action, _ in purposes(settings, wanted))


def purposes(settings: Settings, wanted: Wanted) -> Iterator[tuple[str, str]]:
    """(action of IAM, type that it is needed for): those of Cloud Control itself, and what the handlers call
    as far as it only reads.

    Source of the first: https://docs.aws.amazon.com/service-authorization/latest/reference/ (AWS Cloud
    Control API, whose service prefix is cloudformation).
    """
    for type_ in types(settings, wanted):
        if settings.reads(type_) and wanted.selects(type_):
            yield from (
                (action, type_) for action in ("cloudformation:GetResource", "cloudformation:ListResources")
            )
            yield from ((action, type_) for action in _handlers(type_, ("read", "list")))
    for type_, entry in catalogue().entries.items():
        if type_ in wanted.types and entry.whole and settings.reads(type_) and wanted.selects(type_):
            yield "cloudformation:GetResource", type_
            yield from ((action, type_) for action in _handlers(type_, ("read",)))


def _handlers(type_: str, names: Iterable[str]) -> Iterator[str]:
    """What a type's handlers call, as far as it only reads."""
    kind = resource_type(type_)
    assert kind is not None
    return (action for name in names for action in kind.permissions.get(name, ()) if only_reads(action))


def only_reads(action: str) -> bool:
    """Whether an action only reads.

    >>> only_reads("kendra:DescribeIndex"), only_reads("iam:PassRole")
    (True, False)
    """
    return _reading().match(action) is not None


@cache
def _reading() -> re.Pattern[str]:
    verbs = data(Path(__file__).with_name("cloud_control.yaml"))["reading"]
    return re.compile(rf"[\w-]+:(?i:{'|'.join(verbs)})(?![a-z])")


def model_of(kind: ResourceType, properties: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a list of a type must be asked with to have a resource of these properties in it; None where one
    of its parents is not known."""
    found = {name: properties.get(kind.parent_of.get(name, name)) for name in kind.parents}
    return found if all(isinstance(one, str) and one for one in found.values()) else None


def spelled(model: Mapping[str, Any]) -> str:
    """A model as a text, to tell it from others."""
    return json.dumps(model, sort_keys=True)


@cache
def parent_type(type_: str) -> str | None:
    """The type whose identifiers are the parents of this one: the only one of its service that is identified
    by a property of that name. None where the list takes several, or that can't be told."""
    kind = resource_type(type_)
    if kind is None or len(kind.parents) != 1:
        return None
    service = type_.rpartition("::")[0]
    found = [
        one
        for one in resource_types(readable=True)
        if one.rpartition("::")[0] == service
        and (other := resource_type(one)) is not None
        and other.identifier == kind.parents
        and other.listable
        and not other.parents
    ]
    return found[0] if len(found) == 1 else None


class Declared:
    """The declared resources of the types that Cloud Control reads, told once, by the first who asks.

    ``tell`` gives them; what it raises is raised to everybody who asks.
    """

    def __init__(self, tell: Callable[[], Iterable[Resource]]) -> None:
        self._tell, self._lock = tell, threading.Lock()
        self._found: dict[str, list[Resource]] | None = None
        self._failed: CellError | None = None

    def of(self, type_: str) -> list[Resource]:
        """All of a type. Raises CellError where it can't be told what is declared."""
        with self._lock:
            if self._failed is not None:
                raise self._failed
            if self._found is None:
                try:
                    self._found = self._told()
                except CellError as error:
                    self._failed = error
                    raise
            return self._found.get(type_, [])

    def _told(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for one in self._tell():
            found[one.type].append(one)
        return found

    def here(self, type_: str, account: str, region: str | None) -> list[Resource]:
        """Those of a type in one account and region; of a type without regions, in the account."""
        return [one for one in self.of(type_) if one.scope == account and region in (None, one.region)]

    def elsewhere_only(self, type_: str, account: str) -> bool:
        """Whether it is known of all that are declared of a type that they lie in other accounts."""
        scopes = {one.scope for one in self.of(type_)}
        return bool(scopes) and "" not in scopes and account not in scopes


def unread(declared: Resource, context: Mapping[str, Any]) -> str | None:
    """Why a declared resource lies outside of what was asked of its cell; None where not, or the cell was
    listed whole. ``context`` is the snapshot's."""
    cell = declared.cell
    row = next((one for one in context.get(ASKED) or () if _cell(one) == cell), None)
    if row is None:
        return None
    if declared.id in row["unsure"]:
        return f"it is not listed, and asked for it AWS answered: {row['unsure'][declared.id]}"
    if row["whole"] or declared.id in row["ids"]:
        return None
    kind = resource_type(declared.type)
    model = None if kind is None or not kind.parents else model_of(kind, declared.attributes)
    return None if model is not None and spelled(model) in row["models"] else str(row["why"])


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell("aws", str(row.get("scope")), str(row.get("region")), str(row.get("type")))
