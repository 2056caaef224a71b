"""Reads what nobody reads by its type: an inventory names it, and no more (``live.aws.inventory``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.errors import CellError
from drift.model import GLOBAL, Cell, Coverage, Resource, Status
from drift.task import Wanted
from providers.aws import config_inventory, resource_explorer
from providers.aws.config_inventory import Aggregators
from providers.aws.facts import catalogue
from providers.aws.inventory_plan import Listing, Plan, Told
from providers.aws.inventory_types import made_by_aws, own_id, read_with
from providers.aws.learning import digest
from providers.aws.resource_explorer import Organisation
from providers.aws.session import Clients, Place
from providers.aws.settings import Settings
from providers.aws.shared import Shared
from providers.aws.system import needs_reading

#: What stands as the type in the ledger where an inventory is meant.
INVENTORY = "inventory"
#: Why nothing of such a resource can be judged.
NAMED = "an inventory names it, and no more is read of it"
_ORDER = ("explorer", "config")
_HOW = (
    "; to have what nobody declares counted of every type, turn on Resource Explorer with an aggregator "
    "index (or AWS Config), or set live.aws.inventory to none"
)


def inventories(settings: Settings) -> tuple[str, ...]:
    """The inventories that are asked, the first that is there."""
    return _ORDER if settings.inventory == "auto" else tuple(x for x in _ORDER if x == settings.inventory)


@dataclass(frozen=True, slots=True)
class Around:
    """What all accounts of a run share: ``regions`` are all that are read anywhere."""

    clients: Clients
    wanted: Wanted
    regions: tuple[str, ...]
    passed_over: Callable[[str], frozenset[str]] = lambda _: frozenset()
    shared: Shared = field(default_factory=Shared)
    #: Account → the regions of which an inventory was whole.
    whole: dict[str, list[str]] = field(default_factory=dict)

    def central(self, service: str) -> Callable[[str], Any]:
        """The clients of the caller's own identity, by region."""
        return lambda region: self.clients.client(None, service, region)

    def organisation(self) -> Organisation | None:
        """The view of the whole organisation that the caller has, looked for by whoever needs it first."""
        limits = self.clients.limits
        found: Organisation | None = self.shared.once(
            ("organisation",),
            lambda: Organisation.read(self.central(resource_explorer.SERVICE), self.regions[0], limits),
        )
        return found

    def aggregators(self) -> Aggregators:
        """AWS Config's, asked for by whoever needs them first."""
        limits = self.clients.limits
        found: Aggregators = self.shared.once(
            ("aggregators",),
            lambda: Aggregators.read(self.central(config_inventory.SERVICE), self.regions, limits),
        )
        return found


@dataclass(slots=True)
class InventoryTask:
    """Reads the inventory of one account. ``read`` are the types that are read there otherwise: theirs are
    passed over, so that nothing counts twice."""

    around: Around
    place: Place
    regions: list[str]
    read_types: frozenset[str]
    cells: tuple[Cell, ...] = ()
    _kept: dict[str, bool] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)
    _made_by_aws: int = 0
    #: What has no region, which each region may tell.
    _global: set[str] = field(default_factory=set)
    _untold: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.cells = (self._cell(GLOBAL),)

    @property
    def _named(self) -> bool:
        """Whether the configuration asks for one inventory by its name."""
        return self.around.clients.settings.inventory != "auto"

    def read(self) -> Iterator[Resource | Coverage]:
        self.read_types -= self.around.passed_over(self.place.account)
        missing: list[CellError] = []
        for name in inventories(self.around.clients.settings):
            try:
                plan = self._plan(name)
            except CellError as error:
                missing.append(error)
                continue
            if plan.listings:
                yield from self._told(plan)
                return
            why = plan.why or "; ".join(dict.fromkeys(plan.gaps.values()))
            missing.append(CellError("failed", why))
        told = "; ".join(error.message for error in missing)
        if self._named:
            raise CellError(missing[0].status, told)
        yield Coverage(self.cells[0], "skipped", 0, f"{told}{_HOW}")

    # As drift.task.Resumable

    def asks(self) -> str | None:
        return digest((*self.regions, *(self.read_types - self.around.passed_over(self.place.account))))

    def learnt(self) -> dict[str, Any]:
        return {"whole": self.around.whole.get(self.place.account)}

    def recall(self, learnt: Mapping[str, Any]) -> None:
        if learnt["whole"] is not None:
            self.around.whole[self.place.account] = learnt["whole"]

    def _plan(self, name: str) -> Plan:
        """Raises CellError where nothing is known of an inventory."""
        clients, account = self.around.clients, self.place.account
        if name == "explorer":
            return self._by_explorer()
        return config_inventory.plan(
            self._client(config_inventory.SERVICE),
            self.around.central(config_inventory.SERVICE),
            account,
            self.regions,
            clients.limits,
            self.around.aggregators,
            self._keeps,
        )

    def _by_explorer(self) -> Plan:
        """By the account's own indexes; where it has none, or does not tell them, by the organisation's
        view."""
        around, own = self.around, self._client(resource_explorer.SERVICE)
        account, limits = self.place.account, around.clients.limits
        try:
            plan = resource_explorer.plan(own, account, self.regions, limits)
            refused = None
        except CellError as error:
            plan, refused = Plan("Resource Explorer"), error
        if plan.listings or not (self.place.role or self.place.profile):
            if refused is not None:
                raise refused
            return plan
        view = around.organisation()
        told = (
            None
            if view is None
            else view.plan(around.central(resource_explorer.SERVICE), account, self.regions, limits)
        )
        if told is not None and told.listings:
            return told
        if refused is not None:
            raise refused
        return plan

    def _client(self, service: str) -> Callable[[str], Any]:
        return lambda region: self.around.clients.client(self.place, service, region)

    def _told(self, plan: Plan) -> Iterator[Resource | Coverage]:
        """What the listings of a plan tell, and the rows of what they don't."""
        broken: list[CellError] = []
        seen = odd = 0
        for listing in plan.listings:
            try:
                for told in listing.read():
                    seen += 1
                    if told.id is None or told.type is None:
                        odd += 1
                        continue
                    resource = self._resource(told, told.type, told.id)
                    if resource is not None:
                        self._counts[resource.type] += 1
                        yield resource
            except CellError as error:
                broken.append(error)
        if not (broken or odd):
            self.around.whole[self.place.account] = self._whole(plan)
        yield from self._gaps(plan)
        yield self._row(plan.listings, seen, odd, broken)

    def _whole(self, plan: Plan) -> list[str]:
        """The regions of which nothing is left out; what has no region is told where none is."""
        lacking = {*plan.gaps, *(region for one in plan.listings if one.lacks for region in one.regions)}
        whole = [region for region in self.regions if region not in lacking]
        return [*whole, GLOBAL] if len(whole) == len(self.regions) else whole

    def _gaps(self, plan: Plan) -> Iterator[Coverage]:
        status: Status = "failed" if self._named else "skipped"
        for region, why in sorted(plan.gaps.items()):
            yield Coverage(self._cell(region), status, 0, why)
        for listing in plan.listings:
            for region in sorted(listing.regions.intersection(self.regions) if listing.lacks else ()):
                yield Coverage(self._cell(region), status, 0, f"not the whole inventory: {listing.lacks}")

    def _row(self, listings: Iterable[Listing], seen: int, odd: int, broken: list[CellError]) -> Coverage:
        """The row of the account: what was listed, and whether to its end."""
        count = sum(self._counts.values())
        names = ", ".join(listing.name for listing in listings)
        types, own = len(self._counts), self._made_by_aws
        what = f"{names}: {seen:,} listed, {count:,} of {types:,} types that are not read otherwise"
        what += f", without {own:,} that AWS makes by itself" if own else ""
        if self._untold:
            those = ", ".join(f"{number:,} {type_}" for type_, number in sorted(self._untold.items()))
            what += f"; of {those} only reading them tells what AWS made: live.aws.include has them read"
        if broken and not seen and not self._named and all(one.status == "denied" for one in broken):
            why = "; ".join(error.message for error in broken)
            return Coverage(self.cells[0], "skipped", 0, f"{why}{_HOW}")
        if broken:
            worst: tuple[Status, ...] = ("throttled", "failed", "denied")
            status = next(one for one in worst if any(error.status == one for error in broken))
            why = "; ".join(error.message for error in broken)
            return Coverage(self.cells[0], status, count, f"not listed to its end: {why} ({what})")
        if odd:
            what = f"{odd:,} entries say neither type nor ARN ({what})"
            return Coverage(self.cells[0], "failed", count, what)
        return Coverage(self.cells[0], "checked", count, what)

    def _resource(self, told: Told, type_: str, id_: str) -> Resource | None:
        """What an inventory names, as a resource of which no more is known; None where it is read otherwise,
        or lies where nobody looks."""
        if told.account != self.place.account or not self._keeps(type_):
            return None
        region = None if told.region in (GLOBAL, None) else told.region
        if region is not None and region not in self.regions:
            return None
        if region is None and id_ in self._global:
            return None
        if region is None:
            self._global.add(id_)
        if made_by_aws(type_, id_):
            self._made_by_aws += 1
            return None
        if needs_reading(type_):
            self._untold[type_] += 1
            return None
        entry = catalogue().entry(type_)
        if entry is not None and not entry.regional:
            region = None
        return Resource(
            provider="aws",
            scope=self.place.account,
            region=region,
            type=type_,
            id=own_id(type_, id_),
            name=told.name or own_id("", id_).replace("/", ":").rsplit(":", 1)[-1],
            attributes={},
            unread={"": NAMED},
            searched=True,
        )

    def _keeps(self, type_: str) -> bool:
        """Whether resources of a type are taken: it is selected, and not read otherwise."""
        if type_ not in self._kept:
            settings, wanted = self.around.clients.settings, self.around.wanted
            chosen = settings.reads(type_) and wanted.selects(type_)
            self._kept[type_] = chosen and not (read_with(type_) & self.read_types)
        return self._kept[type_]

    def _cell(self, region: str) -> Cell:
        return Cell("aws", self.place.account, region, INVENTORY)


def tasks(
    clients: Clients,
    wanted: Wanted,
    places: Iterable[tuple[Place, list[str]]],
    read: Mapping[str, Iterable[str]],
    whole: dict[str, list[str]],
    passed_over: Callable[[str], frozenset[str]],
) -> Iterator[tuple[Place, list[InventoryTask | Coverage]]]:
    """The tasks of a run, one for each account that was entered. ``read`` are the types that are read
    otherwise, by account; ``whole`` gets the regions of each of which an inventory was whole; ``passed_over``
    tells of an account which of these types are not read there after all, once that is known."""
    settings = clients.settings
    if not inventories(settings):
        return
    entered = [(place, some) for place, some in places if some]
    regions = tuple(dict.fromkeys(region for _, some in entered for region in some))
    around = Around(clients, wanted, regions, passed_over, whole=whole)
    for place, some in entered:
        task = InventoryTask(around, place, some, frozenset(read.get(place.account, ())))
        if not settings.reads(INVENTORY):
            why = "left out by live.aws.include / exclude"
        elif not wanted.selects(INVENTORY):
            why = "left out by --only"
        else:
            yield place, [task]
            continue
        yield place, [Coverage(task.cells[0], "skipped", message=why)]
