"""Reads one cell of a type without facts of its own through AWS Cloud Control: a list of identifiers, then
each resource whole, in the shape of its CloudFormation schema.

Source: https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations.html.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from drift.errors import CellError
from drift.model import Cell, Coverage, Resource, Status
from providers.aws.cloud_control_calls import Calls, Described, Gone, Unlisted
from providers.aws.cloud_control_declared import Declared, model_of, spelled
from providers.aws.facts import Entry
from providers.aws.learning import Lessons, digest
from providers.aws.resource_types import ResourceType
from providers.aws.session import Place

#: Resources that are asked for at once, before the next of them are.
WINDOW = 64
_WORST: tuple[Status, ...] = ("denied", "throttled", "failed", "unsupported")


@dataclass(slots=True)
class Asked:
    """What was asked of a cell beside, or instead of, one whole list: resources by their ``ids``, and lists
    by the ``models`` of parents. Where the list is not ``whole``, nothing is known of whatever else is
    declared, and ``why`` says so; ``unsure`` are ids that were asked for in vain, with the reasons."""

    whole: bool = True
    why: str = ""
    ids: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    unsure: dict[str, str] = field(default_factory=dict)

    def record(self, cell: Cell) -> dict[str, Any]:
        """As plain JSON, for the snapshot's context."""
        return {
            "scope": cell.scope,
            "region": cell.region,
            "type": cell.type,
            "whole": self.whole,
            "why": self.why,
            "unsure": dict(sorted(self.unsure.items())),
            "ids": sorted(self.ids),
            "models": sorted(self.models),
        }


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all tasks of one account and region work with. ``listed`` lists a type that needs no parents, once
    for all who ask, and raises as :meth:`providers.aws.cloud_control_calls.Calls.listed`; ``parents`` gives
    the identifiers of the parents of a type that are live, where these are read in this run, and raises
    CellError; ``note`` keeps what was asked of a cell."""

    calls: Calls
    pool: Executor
    declared: Declared
    listed: Callable[[str], Iterable[Described]]
    parents: Callable[[str], Iterable[str]] = lambda _: ()
    note: Callable[[dict[str, Any]], None] = lambda _: None
    learn: Callable[[Resource], None] = lambda _: None


@dataclass(slots=True)
class CloudControlTask:
    """Reads all resources of one type in one account and region. ``anyway``: also where none is declared."""

    entry: Entry
    kind: ResourceType
    place: Place
    region: str
    around: Surroundings
    anyway: bool = False
    cells: tuple[Cell, ...] = ()
    _refused: list[CellError] = field(default_factory=list)
    _asked: Asked = field(default_factory=Asked)
    _lessons: Lessons = field(init=False)
    _noted: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        region = self.region if self.entry.regional else "global"
        self.cells = (Cell("aws", self.place.account, region, self.entry.type),)
        self._lessons = Lessons(self.around.learn)

    def read(self) -> Iterator[Resource | Coverage]:
        account, type_ = self.place.account, self.entry.type
        if not self.anyway and self.around.declared.elsewhere_only(type_, account):
            yield Coverage(self.cells[0], "skipped", message="declared in other accounts only")
            return
        declared = self.around.declared.here(type_, account, self.region if self.entry.regional else None)
        count, waiting = 0, self._identifiers(declared)
        try:
            while window := list(islice(waiting, WINDOW)):
                for resource in self.around.pool.map(self._resource, window):
                    if resource is not None:
                        count += 1
                        self._lessons.see(resource)
                        yield resource
        finally:
            if not self._asked.whole or self._asked.unsure:
                self._note(self._asked.record(self.cells[0]))
        if self._refused:
            yield self._partial(count)
        elif not self._asked.whole and not self._asked.models:
            status: Status = "checked" if self._asked.ids else "unsupported"
            yield Coverage(self.cells[0], status, count, self._asked.why)

    # As drift.task.Resumable

    def asks(self) -> str | None:
        declared, type_, account = self.around.declared, self.entry.type, self.place.account
        if not self.anyway and declared.elsewhere_only(type_, account):
            return "elsewhere"
        here = declared.here(type_, account, self.region if self.entry.regional else None)
        models = (model_of(self.kind, one.attributes) for one in here)
        return digest(
            (*(f"id {one.id}" for one in here), *(f"model {spelled(m)}" for m in models if m is not None))
        )

    def learnt(self) -> dict[str, Any]:
        return {"lessons": self._lessons.told(), "asked": self._noted}

    def recall(self, learnt: Mapping[str, Any]) -> None:
        self._lessons.again(learnt["lessons"])
        if learnt["asked"] is not None:
            self._note(learnt["asked"])

    def _note(self, record: dict[str, Any]) -> None:
        self._noted = record
        self.around.note(record)

    # Which there are

    def _identifiers(self, declared: list[Resource]) -> Iterator[tuple[str, Described | None]]:
        """What is listed, with what the list says of it; and what is declared and was not listed. (A list may
        leave out what can be read: nothing is gone that was not asked for by its id.)"""
        seen: set[str] = set()
        for one in self._listed(declared):
            if one.identifier not in seen:
                seen.add(one.identifier)
                yield one.identifier, one
        for resource in declared:
            if resource.id is not None and resource.id not in seen:
                seen.add(resource.id)
                self._asked.ids.add(resource.id)
                yield resource.id, None

    def _listed(self, declared: list[Resource]) -> Iterator[Described]:
        type_, calls = self.entry.type, self.around.calls
        by_id = "only what is declared was asked for, by its id"
        if not self.kind.listable:
            self._asked.whole, self._asked.why = False, f"AWS lists no {type_}: {by_id}"
            return
        models: list[dict[str, Any]] = [{}]
        if self.kind.parents:
            models = self._models(declared)
            names = " and ".join(self.kind.parents)
            self._asked.whole = False
            self._asked.why = f"AWS lists {type_} by {names}, and nothing was listed by this one's"
        for model in models:
            try:
                yield from calls.listed(type_, model) if model else self.around.listed(type_)
            except Unlisted as reason:
                self._asked.whole = False
                if reason.offered:
                    self._refused.append(CellError("failed", str(reason)))
                    self._asked.why = self._asked.why or str(reason)
                else:
                    self._asked.why = f"AWS lists no {type_} here ({reason}): {by_id}"
                    return
            else:
                self._asked.models.add(spelled(model))

    def _models(self, declared: list[Resource]) -> list[dict[str, Any]]:
        """The parents whose resources are listed: those of what is declared, and those that are live."""
        found = [model for one in declared if (model := model_of(self.kind, one.attributes)) is not None]
        try:
            found += [{self.kind.parents[0]: one} for one in self.around.parents(self.entry.type)]
        except CellError as error:
            self._refused.append(error)
        return list({spelled(model): model for model in found}.values())

    # What each is

    def _resource(self, known: tuple[str, Described | None]) -> Resource | None:
        """One resource, whole; of one that is listed and can't be read what the list says of it; None where
        it is gone, or not known to be there."""
        identifier, listed = known
        try:
            properties = self.around.calls.got(self.entry.type, identifier).properties or {}
        except Gone:
            return None
        except CellError as error:
            self._refused.append(error)
            if listed is None:
                self._asked.unsure[identifier] = error.message
                return None
            return self._made(identifier, listed.properties or {}, error)
        return self._made(identifier, properties, None)

    def _made(self, identifier: str, properties: dict[str, Any], failure: CellError | None) -> Resource:
        region = self.region if self.entry.regional else None
        lost = [name for name in self.entry.writable if name not in properties] if failure else []
        return Resource(
            provider="aws",
            scope=self.place.account,
            region=region,
            type=self.entry.type,
            id=identifier,
            name=self.entry.called(properties),
            attributes=properties,
            unread={f"/{name}": failure.message for name in lost} if failure else {},
        )

    # The ledger

    def _partial(self, count: int) -> Coverage:
        status = next(one for one in _WORST if any(error.status == one for error in self._refused))
        told = Counter(error.message for error in self._refused)
        message = "; ".join(list(told)[:3]) + (f"; and {len(told) - 3} more" if len(told) > 3 else "")
        return Coverage(
            self.cells[0],
            "failed" if status == "unsupported" else status,
            count,
            f"listed, but not every resource could be read ({len(self._refused)}): {message}",
            listed=True,
        )
