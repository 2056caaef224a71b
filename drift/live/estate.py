"""The live side of one run: resources by cell and id, the ledger of what was read, what was learnt for
comparison."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from drift.facts import TypeFacts
from drift.model import DEFAULT_ENVIRONMENT, GLOBAL, Cell, Coverage, Resource
from drift.provider import Provider
from drift.redaction import told
from drift.store import CellStore, LiveStore

ANY = "*"
#: In a provider's context: ``[{"scopes": […], "types": […]}]``, the types that were asked for by name where
#: whole scopes were read.
ASKED = "asked"
_WORST = {
    status: rank
    for rank, status in enumerate(("failed", "throttled", "denied", "unsupported", "skipped", "checked"))
}


class Estate:
    """Live resources and coverage. Resources are added with canonical ids. ``raw``: as their files have them,
    secrets and all. ``store`` may be one that several estates share."""

    def __init__(
        self, providers: Mapping[str, Provider], *, raw: bool = False, store: LiveStore | None = None
    ) -> None:
        self.providers, self.raw = providers, raw
        self.coverage: dict[Cell, Coverage] = {}
        #: The environments that snapshots were taken of; empty where the clouds were read.
        self.environments: set[str] = set()
        self.contexts: dict[str, dict[str, Any]] = defaultdict(dict)
        self._store = store or LiveStore()
        self._cells: dict[Cell, CellStore] = {}
        self._by_type: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        self._by_name: dict[Cell, dict[str, list[str]]] = {}
        self._asked: dict[str, set[tuple[str, str]]] = {}
        #: Cells of which an inventory names resources, and that nobody read.
        self.bare: set[Cell] = set()

    def environment(self, own: str) -> str:
        """The environment that findings are of: the configuration's ``own``, else the one that all snapshots
        were taken of."""
        told = self.environments if own == DEFAULT_ENVIRONMENT and len(self.environments) == 1 else (own,)
        return next(iter(told))

    def add(self, resource: Resource, cell: Cell | None = None) -> bool:
        """Adds a live resource to its cell; False when it is there already."""
        cell = cell or resource.cell
        members = self._cells.get(cell)
        if members is None:
            members = self._cells[cell] = CellStore(cell, resource.region, self._store)
            self._by_type[(cell.provider, cell.type)].append(cell)
            if resource.bare or self._has_natural_key(cell):
                self._by_name[cell] = defaultdict(list)
        assert resource.id is not None
        if not members.add(resource):
            return False
        if resource.bare:
            self.bare.add(cell)
        if resource.name is not None and cell in self._by_name and not members.written:
            self._by_name[cell][resource.name].append(resource.id)
        return True

    def remove(self, cell: Cell, id_: str) -> None:
        """Takes a live resource away that is no longer there, or is to be added anew."""
        members = self._cells[cell]
        number = members.number(id_)
        if number is not None:
            name = self.take(number).name
            members.remove(id_)
            known = self._by_name.get(cell, {}).get(name or "", [])
            if id_ in known:
                known.remove(id_)

    def cover(self, row: Coverage) -> None:
        """Adds to the ledger; of two rows on one cell the worse one stands, or what both say where none is
        worse, and its list is whole only if both are."""
        if row.message:
            row = replace(row, message=told(row.message))
        known = self.coverage.get(row.cell)
        if known is None:
            self.coverage[row.cell] = row
            return
        worse = row if _WORST[row.status] < _WORST[known.status] else known
        if row.status == known.status:
            worse = replace(
                known, message="; ".join(filter(None, dict.fromkeys((known.message, row.message))))
            )
        declared, whole = known.declared + row.declared, known.complete and row.complete
        times = sorted(filter(None, (known.read_at, row.read_at)))
        read_at = times[0] if times and whole else None
        by = known.by or row.by
        self.coverage[row.cell] = replace(worse, listed=whole, declared=declared, read_at=read_at, by=by)

    def asks(self, provider: str, types: Iterable[str]) -> None:
        """Keeps which types were asked for by name when whole scopes of a provider were read."""
        whole = {
            c.scope for c, row in self.coverage.items() if c[0] == provider and c[3] == ANY and row.complete
        }
        if whole:
            self.contexts[provider][ASKED] = [{"scopes": sorted(whole), "types": sorted(types)}]

    def asked(self, provider: str, scope: str, type_: str) -> bool:
        """Whether all resources of a type are there where its whole scope was read: it stands in what is
        listed of a scope, or was asked for. What does not tell what it asked for (a header by hand) is taken
        at its word."""
        known = self.providers.get(provider)
        told = self.contexts.get(provider, {}).get(ASKED)
        if known is None or not isinstance(told, list) or known.hooks.in_bulk(type_):
            return True
        if provider not in self._asked:
            self._asked[provider] = {
                (scope, known.hooks.type_key(one))
                for part in told
                if isinstance(part, Mapping)
                for scope in _texts(part.get("scopes"))
                for one in _texts(part.get("types"))
            }
        return (scope, known.hooks.type_key(type_)) in self._asked[provider]

    def facts(self, provider: str, type_: str) -> TypeFacts | None:
        """What is known of a type; None where its provider is not there, or knows nothing of it."""
        known = self.providers.get(provider)
        return None if known is None else known.facts(type_)

    def facts_of(self, live: Resource) -> TypeFacts | None:
        """What is known of the type of a live resource; where no more than its existence is known, that."""
        facts = self.facts(live.provider, live.type)
        if facts is None and live.bare and live.provider in self.providers:
            return TypeFacts(live.type, regional=live.region is not None, natural_key=False, existence=True)
        return facts

    def held(self) -> Iterable[Cell]:
        """The cells that hold resources."""
        return self._cells.keys()

    def count(self, cell: Cell) -> int:
        return len(self._cells.get(cell, ()))

    def status(self, cell: Cell) -> Coverage | None:
        """The row that holds for a cell: its own, else one over the whole region, scope or provider."""
        for wider in (
            cell,
            cell._replace(type=ANY),
            cell._replace(region=ANY),
            cell._replace(region=ANY, type=ANY),
            cell._replace(scope=ANY, region=ANY, type=ANY),
        ):
            row = self.coverage.get(wider)
            if row is not None:
                return row
        return None

    def gaps(self, provider: str, scope: str) -> list[Coverage]:
        """The rows that speak of a whole region, scope or provider which was not read."""
        return [
            row
            for cell, row in sorted(self.coverage.items())
            if cell.provider == provider
            and cell.scope in (scope, ANY)
            and ANY in (cell.region, cell.type)
            and not row.complete
        ]

    def cells(self, provider: str, type_: str, scope: str | None = None) -> list[Cell]:
        """The cells of a type that are in the ledger or hold resources."""
        found = {
            *self._by_type.get((provider, type_), ()),
            *(c for c in self.coverage if c[0] == provider and c[3] == type_),
        }
        return sorted(cell for cell in found if scope is None or cell.scope == scope)

    def types(self, provider: str) -> set[tuple[str, str]]:
        """(scope, type) of every cell that is in the ledger or holds resources."""
        cells = {*self._cells, *self.coverage}
        return {(cell.scope, cell.type) for cell in cells if cell.provider == provider and cell.type != ANY}

    def members(self, cell: Cell) -> Iterable[Resource]:
        return self._cells.get(cell, ())

    def get(self, cell: Cell, id_: str) -> Resource | None:
        members = self._cells.get(cell)
        return None if members is None else members.get(id_)

    def named(self, cell: Cell, name: str) -> Resource | None:
        """The one live resource that people call so; None where the type's names are not unique, or this one
        is not."""
        number = self.named_number(cell, name)
        return None if number is None else self.take(number)

    def number(self, cell: Cell, id_: str) -> int | None:
        """What finds the live resource with this id again (:meth:`take`), without reading it; None where
        there is none."""
        members = self._cells.get(cell)
        return None if members is None else members.number(id_)

    def named_number(self, cell: Cell, name: str) -> int | None:
        """The number of the resource that :meth:`named` gives."""
        found = self.named_numbers(cell, name)
        return found[0] if len(found) == 1 else None

    def named_numbers(self, cell: Cell, name: str) -> list[int]:
        """The numbers of the resources that people call so, in cells whose types have names of their own; of
        many only some."""
        if cell not in self._by_name:
            return []
        members = self._cells[cell]
        return [members.kept[id_] for id_ in self._by_name[cell].get(name, ())] + members.named(name)

    def named_only(self, declared: Resource) -> int | None:
        """The number of the live resource that an inventory names and that a declared one is, by its id, or
        by its name where the type is the same; None where there is none."""
        for cell in sorted(self.bare) if declared.id else ():
            if cell.provider != declared.provider or declared.scope not in ("", cell.scope):
                continue
            if declared.region not in (None, cell.region) and cell.region != GLOBAL:
                continue
            found = self.number(cell, str(declared.id))
            if found is None and cell.type == declared.type:
                found = self.named_number(cell, str(declared.id))
            if found is not None:
                return found
        return None

    def take(self, number: int) -> Resource:
        """The live resource of a number."""
        return self._store.take(number)

    def place(self, number: int) -> int | None:
        """Where the live resource of a number is on disk (:func:`drift.store.text_at`); None where it is in
        memory."""
        return self._store.place(number)

    def file(self) -> int:
        """The number of the open file that places are in."""
        return self._store.texts.number()

    def stored_cells(self) -> list[tuple[Cell, str | None]]:
        """The cells of which texts on disk speak (:func:`drift.store.made`), each with the region that its
        resources say."""
        return self._store.cells

    def numbers(self) -> Iterator[int]:
        """The numbers of all, by cell and id."""
        return (number for _, number in self.places())

    def places(self) -> Iterator[tuple[Cell, int]]:
        """The numbers of all with their cells, by cell and id."""
        for cell in sorted(self._cells):
            for number in self._cells[cell].numbers():
                yield cell, number

    def _has_natural_key(self, cell: Cell) -> bool:
        provider = self.providers.get(cell.provider)
        facts = None if provider is None else provider.facts(cell.type)
        return facts is not None and facts.natural_key

    def __iter__(self) -> Iterator[Resource]:
        for cell in sorted(self._cells):
            yield from self._cells[cell]

    def __len__(self) -> int:
        return sum(len(members) for members in self._cells.values())

    # What a declaration may ask (drift.source.LiveView), and a hook (drift.hooks.Around)

    def context(self, provider: str) -> Mapping[str, Any]:
        return self.contexts.get(provider, {})

    def scopes(self, provider: str) -> frozenset[str]:
        return frozenset(
            cell.scope
            for cell in (*self._cells, *self.coverage)
            if cell.provider == provider and cell.scope != ANY
        )

    def listed(self, provider: str, scope: str, type: str) -> bool:
        """Whether all resources of a type were listed, so that what is not there does not exist."""
        rows = [self.status(cell) for cell in self.cells(provider, type, scope)]
        return bool(rows) and all(row is not None and row.complete for row in rows)

    def every(self, provider: str, type: str) -> Iterator[Resource]:
        """All live resources of a type."""
        return (one for cell in self.cells(provider, type) for one in self.members(cell))

    def find(
        self, provider: str, scope: str | None, type: str, id: str, region: str | None = None
    ) -> Resource | None:
        """The one live resource with this id (any spelling, also its bare name); None where there is none or
        it is not unique."""
        found = self.found(provider, scope, type, id, region)
        return found[0] if len(found) == 1 else None

    def found(
        self, provider: str, scope: str | None, type: str, id: str, region: str | None = None
    ) -> list[Resource]:
        """All live resources with this id."""
        found: list[Resource] = []
        for cell in self._by_type.get((provider, type), ()):
            if (scope is not None and cell.scope != scope) or (
                region is not None and cell.region not in (region, GLOBAL)
            ):
                continue
            known = self.providers.get(provider)
            probe = Resource(
                provider, cell.scope, type, id, {}, None if cell.region == GLOBAL else cell.region
            )
            spelled = known.canonical_id(probe) if known is not None else id
            resource = None if spelled is None else self._cells[cell].get(spelled) or self.named(cell, id)
            if resource is not None:
                found.append(resource)
        return found


def _texts(value: Any) -> list[str]:
    """The texts of a list of a header, which may be written by hand."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
