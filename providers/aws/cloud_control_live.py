"""The cells that are read through Cloud Control in one run, and what their tasks share."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from drift.errors import CellError, DriftError
from drift.model import Cell, Coverage, Resource
from drift.task import Task, Wanted
from providers.aws.chosen import always, reads
from providers.aws.cloud_control import CloudControlTask, Surroundings
from providers.aws.cloud_control_calls import Calls, Described, Gone, Unlisted
from providers.aws.cloud_control_declared import (
    Declared,
    parent_type,
    types,
)
from providers.aws.facts import catalogue
from providers.aws.machine import CellTask
from providers.aws.partitions import partition_of
from providers.aws.read_whole import WholeTask
from providers.aws.resource_types import resource_type
from providers.aws.session import Clients, Place
from providers.aws.shared import Shared

SERVICE = "cloudcontrol"

Entered = Sequence[tuple[Place, Sequence[str]]]


class CloudControl:
    """Cloud Control in one run. ``so_far`` gives the context as it is known so far, ``stacks`` reads those of
    a place, once, and raises CellError: by them it is known which resources templates mean."""

    def __init__(
        self,
        clients: Clients,
        *,
        so_far: Callable[[], Mapping[str, Any]],
        stacks: Callable[[Place, str], None],
        learn: Callable[[Resource], None],
    ) -> None:
        self._clients, self._so_far, self._stacks, self._learn = clients, so_far, stacks, learn
        #: Apart from that for details of other types: here calls wait for their rate.
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="aws-cloud-control")
        self._shared = Shared()
        self._lock = threading.Lock()
        self._asked: list[dict[str, Any]] = []
        self._chosen: tuple[list[str], Declared] = [], Declared(list)
        self._listing: dict[str, list[CellTask]] = defaultdict(list)
        self._whole: set[Cell] = set()

    def lists(self, task: CellTask) -> None:
        """Takes over a task of a type that is only listed: what is declared of it is to be read whole."""
        self._listing[task.place.account].append(task)

    def passed_over(self, account: str) -> frozenset[str]:
        """The types that are not read in an account, because what Git declares of them lies in others."""
        chosen, declared = self._chosen
        settings = self._clients.settings
        try:
            return frozenset(
                type_
                for type_ in chosen
                if not always(settings, type_) and declared.elsewhere_only(type_, account)
            )
        except CellError:
            return frozenset()

    def tasks(self, entered: Entered, wanted: Wanted) -> Iterator[tuple[Place, Iterator[Task | Coverage]]]:
        """The tasks of each place, all of which are known by then."""
        chosen = types(self._clients.settings, wanted)
        listed = {task.entry.type for tasks in self._listing.values() for task in tasks}
        declared = Declared(lambda: self._ahead(entered, wanted, frozenset(chosen) | listed))
        self._chosen = chosen, declared
        for place, regions in entered:
            if (chosen or listed) and regions:
                yield place, self._of(place, regions, chosen, declared, wanted)

    def _of(
        self, place: Place, regions: Sequence[str], chosen: list[str], declared: Declared, wanted: Wanted
    ) -> Iterator[Task | Coverage]:
        settings, known = self._clients.settings, catalogue()
        home = partition_of(regions[0]).home
        around = {region: self._around(place, region, declared, wanted) for region in {*regions, home}}
        for type_ in chosen:
            entry, kind = known.entry(type_), resource_type(type_)
            assert entry is not None and kind is not None
            for region in regions if entry.regional else [home]:
                anyway = always(settings, type_)
                task = CloudControlTask(entry, kind, place, region, around[region], anyway=anyway)
                if not settings.reads(type_):
                    why = "left out by live.aws.include / exclude"
                    yield Coverage(task.cells[0], "skipped", message=why)
                elif not wanted.selects(type_):
                    yield Coverage(task.cells[0], "skipped", message="left out by --only")
                else:
                    yield task
        for listing in self._listing.pop(place.account, ()):
            whole, at = listing.entry.whole, around[listing.region]
            assert whole is not None
            yield WholeTask(listing, whole, at, self._read_whole)

    def one(self, place: Place, region: str, resource: Resource) -> Resource | None:
        """One resource as it is now; None where it is not there. Raises CellError."""
        entry = catalogue().entry(resource.type)
        if entry is None or resource.id is None:
            raise CellError("unsupported", f"Cloud Control is not asked for {resource.type} by a name")
        try:
            properties = self._calls(place, region).got(resource.type, resource.id).properties or {}
        except Gone:
            return None
        at = region if entry.regional else None
        return Resource(
            "aws",
            place.account,
            resource.type,
            resource.id,
            properties,
            at,
            entry.called(properties) or resource.name,
        )

    def has_whole(self, resource: Resource) -> bool:
        """Whether resources of its cell were read whole, though their type is only listed."""
        with self._lock:
            return resource.cell in self._whole

    def _read_whole(self, cell: Cell) -> None:
        with self._lock:
            self._whole.add(cell)

    def whole(self) -> list[list[str]]:
        """Account, region and type of the cells of which some was read whole, though it is only listed."""
        with self._lock:
            return sorted([cell.scope, cell.region, cell.type] for cell in self._whole)

    def close(self) -> list[dict[str, Any]]:
        """Ends its threads; gives what was asked of cells that could not simply be listed."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            return sorted(self._asked, key=lambda one: (one["scope"], one["region"], one["type"]))

    def _around(self, place: Place, region: str, declared: Declared, wanted: Wanted) -> Surroundings:
        calls = self._calls(place, region)

        def listed(type_: str) -> Iterable[Described]:
            key = (place.account, region, type_)
            found: list[Described] = self._shared.once(key, lambda: list(calls.listed(type_, None)))
            return found

        return Surroundings(
            calls=calls,
            pool=self._pool,
            declared=declared,
            listed=listed,
            parents=lambda type_: self._parents(type_, listed, wanted),
            note=self._note,
            learn=self._learn,
        )

    def _calls(self, place: Place, region: str) -> Calls:
        clients = self._clients
        return Calls(
            client=lambda: clients.client(place, SERVICE, region),
            lane=lambda: clients.lane(place, SERVICE, region),
            deadline=clients.deadline,
            limits=clients.limits,
            permissions=_permissions,
        )

    def _note(self, record: dict[str, Any]) -> None:
        with self._lock:
            self._asked.append(record)

    def _ahead(self, entered: Entered, wanted: Wanted, chosen: frozenset[str]) -> Iterable[Resource]:
        """What is declared of the types that are read. Raises CellError."""
        if chosen.isdisjoint(wanted.types):
            return []
        for place, regions in entered:
            for region in regions:
                with contextlib.suppress(CellError):  # the task that reads them says so
                    self._stacks(place, region)
        accounts = sorted(place.account for place, _ in entered)
        try:
            found = list(wanted.declared(chosen & wanted.types, self._so_far(), accounts))
        except DriftError as error:
            raise CellError("failed", f"what is declared of it can't be told: {error}") from error
        alone = accounts[0] if len(accounts) == 1 else ""
        return [one if one.scope else one.but(scope=alone) for one in found]

    def _parents(self, type_: str, listed: Callable[[str], Iterable[Described]], wanted: Wanted) -> list[str]:
        """The identifiers of the live parents of a type, where these are read in this run. Raises
        CellError."""
        parent = parent_type(type_)
        if parent is None or not reads(parent, self._clients.settings, wanted):
            return []
        try:
            return [one.identifier for one in listed(parent)]
        except Unlisted as reason:
            if reason.offered:
                raise CellError("failed", str(reason)) from reason
        except CellError as error:
            if error.status != "unsupported":
                raise
        return []  # what there is of it where AWS does not offer its parents is only known if declared


def _permissions(type_: str, handler: str) -> tuple[str, ...]:
    kind = resource_type(type_)
    return () if kind is None else kind.permissions.get(handler, ())
