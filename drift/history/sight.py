"""Of what a run may speak: whether it read the place of an earlier finding, so that its absence means
something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from drift.finding import Undeclared
from drift.live.estate import Estate
from drift.model import GLOBAL, Cell, Origin, Resource


class Earlier(Protocol):
    """An earlier finding, as a history has it."""

    id: str
    kind: str
    provider: str
    scope: str
    region: str
    type: str
    resource_id: str
    name: str | None
    address: str | None


@dataclass
class Learnt:
    """What a run learnt of what nobody declares: ``moved`` values that are others than at first sight;
    ``keyed`` hashes of secrets by value's id; ``counted`` unmanaged resources, as numbers, by cell."""

    moved: Iterable[Undeclared] = ()
    keyed: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[Cell, Iterable[int]] = field(default_factory=dict)


@dataclass
class Sight:
    """What one run saw. ``selected`` is the filter of ``--only``; ``partial`` says that it has one;
    ``unread`` tells what of the declared files could not be read; ``committed`` is each declared commit with
    its time. ``learnt`` is what it learnt of what nobody declares; None where it could not ask what was known
    of that. ``answered`` are the findings about which the clouds' logs answered who did it."""

    estate: Estate
    selected: Callable[[Resource], bool] = lambda _: True
    partial: bool = False
    unread: str | None = None
    learnt: Learnt | None = None
    committed: Mapping[str, str] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()

    def lets_through(self, earlier: Earlier) -> bool:
        """Whether the run was asked about an earlier finding at all."""
        return self.selected(_resource(earlier))

    def blind(self, earlier: Earlier) -> str | None:
        """Why nobody knows whether an earlier finding that is not found again has ended; None where it has,
        as far as its place tells."""
        cell = Cell(earlier.provider, earlier.scope, earlier.region, earlier.type)
        row = self.estate.status(cell)
        provider = self.estate.providers.get(cell.provider)
        if row is None and provider is not None and earlier.kind == "unmanaged":
            context = self.estate.context(cell.provider)
            if provider.hooks.inventoried(_resource(earlier), context):
                return None
        if row is None or not self.estate.asked(cell.provider, cell.scope, cell.type):
            return "its place was not read"
        if row.status != "checked" and not (row.listed and earlier.kind != "changed"):
            return f"{row.status}: {row.message}" if row.message else row.status
        if provider is not None:
            outside = provider.hooks.unread(_resource(earlier), self.estate.context(cell.provider))
            if outside:
                return outside
        if earlier.kind != "unmanaged" and self.unread is not None:
            return f"it may be declared in what could not be read: {self.unread}"
        return None


class Unverified:
    """What of a report can't be judged, by resource: a finding whose resource is among it has not ended."""

    def __init__(self, lines: Iterable[Mapping[str, Any]]) -> None:
        self._known: dict[tuple[str, str, str, str], list[tuple[str, str]]] = defaultdict(list)
        for line in lines:
            key = (line["provider"], line["scope"], line["type"], line["resource_id"])
            self._known[key].append((line["path"], line["reason"]))

    def reason(self, earlier: Earlier, paths: Iterable[str]) -> str | None:
        """Why a resource, or one of some paths of it, can't be judged now; None where all of them can."""
        return self.of(
            earlier.provider, earlier.scope, earlier.type, earlier.resource_id, earlier.address, paths=paths
        )

    def of(
        self, provider: str, scope: str, type_: str, *names: str | None, paths: Iterable[str] = ()
    ) -> str | None:
        """The same of a resource by its names."""
        wanted = list(paths)
        for name in dict.fromkeys(filter(None, names)):
            for line, reason in self._known.get((provider, scope, type_, name), ()):
                if not line or any(_within(one, line) for one in wanted):
                    return reason
        return None


def _within(path: str, line: str) -> bool:
    return path == line or path.startswith(f"{line}/") or line.startswith(f"{path}/")


def _resource(earlier: Earlier) -> Resource:
    region = None if earlier.region == GLOBAL else earlier.region
    origin = Origin("history", address=earlier.address) if earlier.address else None
    return Resource(
        earlier.provider,
        earlier.scope,
        earlier.type,
        earlier.resource_id,
        {},
        region=region,
        name=earlier.name,
        origin=origin,
    )
