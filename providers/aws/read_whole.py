"""Reads whole, through Cloud Control, what Git declares property by property of a type that the facts only
list.

Its own list call tells which there are; those that a template (or ``awscc``, or ``aws-native``) declares are
then asked for by their id. Where that is refused or not offered, no more is known than that they are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from drift.compare.guessed import only_guessed
from drift.errors import CellError
from drift.model import Cell, Coverage, Resource, Status
from providers.aws.cloud_control import Surroundings
from providers.aws.cloud_control_calls import Gone
from providers.aws.facts import Entry
from providers.aws.learning import digest
from providers.aws.machine import WINDOW, CellTask
from providers.aws.partitions import partition_of

#: What is said of the properties of one that was not asked for.
NOT_ASKED = "only that it is there was read: it was not known to be declared property by property"
_WORST: tuple[Status, ...] = ("denied", "throttled", "failed")


@dataclass(slots=True)
class WholeTask:
    """Reads one type in one account and region: ``listed`` lists it, ``whole`` is what its schema says,
    ``note`` is told the cell if anything is compared by its properties."""

    listed: CellTask
    whole: Entry
    around: Surroundings
    note: Callable[[Cell], None]
    _refused: list[CellError] = field(default_factory=list)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The one that it answers for."""
        return self.listed.cells

    def read(self) -> Iterator[Resource | Coverage]:
        """As :meth:`drift.task.Task.read`."""
        declared, count = self._declared(), 0
        if declared:
            self.note(self.cells[0])
        found, rows = self.listed.read(), 0
        while window := list(islice(found, WINDOW)):
            for one in self.around.pool.map(lambda each: self._one(each, declared), window):
                count += isinstance(one, Resource)
                rows += isinstance(one, Coverage)
                yield one
        if self._refused and not rows:
            yield self._row(count)

    def asks(self) -> str | None:
        """As :meth:`drift.task.Resumable.asks`."""
        declared, own = self._declared(), self.listed.asks()
        if self._refused or own is None:
            self._refused.clear()
            return None
        return own + digest(declared)

    def learnt(self) -> dict[str, Any]:
        """As :meth:`drift.task.Resumable.learnt`."""
        return {"listed": self.listed.learnt(), "whole": bool(self._declared())}

    def recall(self, learnt: Mapping[str, Any]) -> None:
        """As :meth:`drift.task.Resumable.recall`."""
        if learnt["whole"]:
            self.note(self.cells[0])
        self.listed.recall(learnt["listed"])

    def _declared(self) -> frozenset[str]:
        """The ids of those that are declared by their properties, not by guesses."""
        place, region = self.listed.place, self.listed.region
        at = region if self.whole.regional else None
        try:
            found = self.around.declared.here(self.whole.type, place.account, at)
        except CellError as error:
            self._refused.append(error)
            return frozenset()
        partition = partition_of(region).name
        return frozenset(
            self.listed.entry.identity.canonical(
                one.id, account=place.account, region=at, partition=partition
            )
            for one in found
            if one.id is not None and not only_guessed(one)
        )

    def _one(self, found: Resource | Coverage, declared: frozenset[str]) -> Resource | Coverage:
        if isinstance(found, Coverage) or not declared:
            return found
        if found.id not in declared:
            return self._unread(found, NOT_ASKED)
        try:
            properties = self.around.calls.got(found.type, found.id).properties or {}
        except Gone:
            error = CellError(
                "failed", f"Cloud Control knows no {found.type} {found.id}, though it is listed"
            )
        except CellError as refused:
            error = refused
        else:
            return found.but(attributes=properties, name=self.whole.called(properties) or found.name)
        self._refused.append(error)
        return self._unread(found, error.message)

    def _unread(self, found: Resource, reason: str) -> Resource:
        return found.but(unread={f"/{name}": reason for name in self.whole.writable})

    def _row(self, count: int) -> Coverage:
        """What could not be read whole. That AWS does not offer it here is no failure: existence is known."""
        told = list(Counter(error.message for error in self._refused))[:3]
        status: Status = next(
            (one for one in _WORST if any(error.status == one for error in self._refused)), "checked"
        )
        said = f"only that they are there is compared of {len(self._refused)} of {count}: {'; '.join(told)}"
        return Coverage(self.cells[0], status, count, said, listed=True)
