"""Pairs declared resources with live ones, by key first, then by natural key; says why where no verdict is
possible."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import overload

from drift.facts import TypeFacts
from drift.finding import Unverifiable
from drift.hooks import UNTOLD, Hooks
from drift.live.estate import ANY, Estate
from drift.match.merge import Merged
from drift.model import GLOBAL, Cell, Coverage, Origin, Problem, Resource
from drift.provider import Provider


@dataclass(frozen=True, slots=True)
class Pair:
    """A declared resource and its live one."""

    declared: Resource
    live: Resource


class Pairs(Sequence[Pair]):
    """Pairs as two numbers each; a pair is read when it is asked for."""

    def __init__(self, declared: Merged, live: Estate) -> None:
        self._declared, self._live = declared, live
        self._numbers = (array("q"), array("q"))

    def add(self, declared: int, live: int) -> None:
        self._numbers[0].append(declared)
        self._numbers[1].append(live)

    def __len__(self) -> int:
        return len(self._numbers[0])

    @overload
    def __getitem__(self, index: int) -> Pair: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Pair]: ...

    def __getitem__(self, index: int | slice) -> Pair | Sequence[Pair]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        declared, live = (numbers[index] for numbers in self._numbers)
        return Pair(self._declared.take(declared), self._live.take(live))

    def cells(self, indexes: Iterable[int]) -> Counter[Cell]:
        """How many of some pairs lie in each cell, without reading them."""
        wanted = {self._numbers[1][index] for index in indexes}
        cells = (cell for cell, number in self._live.places() if number in wanted) if wanted else ()
        return Counter(cells)

    def written(self) -> int:
        """Of how many pairs the live side is on disk."""
        return sum(number >= 0 for number in self._numbers[1])

    def places(self, index: int) -> tuple[int, int] | None:
        """Where both sides of a pair are on disk (:func:`drift.store.text_at`); None where one of them is in
        memory."""
        declared = self._declared.place(self._numbers[0][index])
        live = self._live.place(self._numbers[1][index])
        return None if declared is None or live is None else (declared, live)

    def files(self) -> tuple[int, int]:
        """The numbers of the two open files that these places are in."""
        return self._declared.file(), self._live.file()


class Unmatched(Iterable[Resource]):
    """The live resources that are nobody's, each read when it is asked for."""

    def __init__(self, estate: Estate, taken: Taken) -> None:
        self._estate, self._taken = estate, taken

    def __iter__(self) -> Iterator[Resource]:
        return (self._estate.take(number) for number in self._estate.numbers() if number not in self._taken)

    def cells(self, after: int) -> Counter[Cell]:
        """How many lie in each cell, without reading them, from one on."""
        left = (cell for cell, number in self._estate.places() if number not in self._taken)
        return Counter(islice(left, after, None))


class Taken:
    """Numbers of live resources, a bit each."""

    def __init__(self) -> None:
        self._bits = (bytearray(), bytearray())

    def add(self, number: int) -> None:
        bits, at = self._bits[number < 0], abs(number)
        if at >> 3 >= len(bits):
            bits.extend(bytes((at >> 3) + 1024 - len(bits)))
        bits[at >> 3] |= 1 << (at & 7)

    def __contains__(self, number: int) -> bool:
        bits, at = self._bits[number < 0], abs(number)
        return at >> 3 < len(bits) and bool(bits[at >> 3] & 1 << (at & 7))


@dataclass(slots=True)
class Matches:
    """Where every resource went. ``leaving`` is what a record still holds and nobody declares any more;
    ``possible`` maps a live resource's (cell, id) to the declarations that may mean it."""

    pairs: Sequence[Pair] = field(default_factory=list)
    missing: list[Resource] = field(default_factory=list)
    leaving: list[Pair] = field(default_factory=list)
    unmatched: Iterable[Resource] = field(default_factory=list)
    possible: dict[Cell, list[Resource]] = field(default_factory=dict)
    unverifiable: list[Unverifiable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    declared_types: set[tuple[str, str, str, str]] = field(default_factory=set)

    def declares(self, provider: Provider | None, resource: Resource) -> tuple[str, str, str, str]:
        """What ``declared_types`` holds of a resource: its type, where it is declared."""
        group = _hooks(provider).unmanaged_group(resource)
        return (resource.provider, resource.scope, resource.type, group)


def _hooks(provider: Provider | None) -> Hooks:
    return UNTOLD if provider is None else provider.hooks


def match(
    declared: Iterable[Resource],
    estate: Estate,
    selected: Callable[[Resource], bool] = lambda _: True,
    judged: Iterable[tuple[str, int]] = (),
    text: Callable[[Resource], bytes | None] = lambda _: None,
) -> Matches:
    """Matches everything. The ledger counts each declared resource that lies in no cell that was read, or
    whose type is not supported.

    Of what is not ``selected`` nothing is said where it has no live resource. ``judged`` are lines (file and
    line) that also declare what is matched with another part of the estate. ``text`` gives the text of a
    declared resource in another store, asked of each right after it was given.
    """
    result = Matches()
    merged = Merged(estate.providers, result.problems)
    elsewhere = Elsewhere(estate, judged)
    #: For each declared resource the number of the live one with its id, where that is plain; and in which of
    #: the ``places`` it is declared.
    known, placed = array("q"), array("q")
    places: dict[tuple[str, str, str, str], int] = {}
    leaving: list[tuple[Resource, int]] = []
    for resource, plain in _placed(declared, estate):
        if resource.origin is not None and resource.origin.pending in ("removal", "pruning"):
            leaving.append((resource, plain))
            continue
        merged.add(resource, text(resource))
        known.append(plain)
        place = result.declares(estate.providers.get(resource.provider), resource)
        placed.append(places.setdefault(place, len(places)))
        elsewhere.look(resource)
    work = _Matching(merged, estate, result, elsewhere, selected)
    types = list(places)
    for number in merged.apart():
        if known[number] and not elsewhere.waits and work.paired(number, known[number]):
            result.declared_types.add(types[placed[number]])
        else:
            work.one(number, merged.head(number), known[number])
    for number, resource in merged.together():
        work.one(number, resource)
    for resource, plain in leaving:
        provider = estate.providers.get(resource.provider)
        supported = provider is not None and provider.facts(resource.type) is not None
        found = plain or (_find(resource, estate) if supported else None)
        if found and found not in work.taken and selected(resource):
            work.taken.add(found)
            result.leaving.append(Pair(resource, estate.take(found)))
    result.unmatched = Unmatched(estate, work.taken)
    result.unverifiable = elsewhere.without(result.unverifiable)
    for row in elsewhere.rows.values():
        estate.cover(row)
    result.problems.sort(key=lambda one: (one.source, one.message))
    return result


def reached(declared: Iterable[Resource], estate: Estate) -> Iterator[list[Resource]]:
    """For each declared resource the live ones of an estate that it may be, by its id or its name."""
    for resource, plain in _placed(declared, estate):
        provider = estate.providers.get(resource.provider)
        facts = None if provider is None else provider.facts(resource.type)
        if plain:
            found = [plain]
        elif facts is None:
            named = estate.named_only(resource)
            found = [] if named is None else [named]
        elif resource.id is not None:
            found = _with_id(resource, estate)
        elif resource.name is not None and facts.natural_key:
            cells = _reachable(resource, estate)
            found = [number for cell in cells for number in estate.named_numbers(cell, resource.name)]
        else:
            found = []
        yield [estate.take(number) for number in found]


class _Matching:
    """Matches one declared resource after another; each live one is taken once."""

    def __init__(
        self,
        merged: Merged,
        estate: Estate,
        result: Matches,
        elsewhere: Elsewhere,
        selected: Callable[[Resource], bool],
    ) -> None:
        self.merged, self.estate, self.result = merged, estate, result
        self.elsewhere, self.selected = elsewhere, selected
        self.taken = Taken()
        result.pairs = self.pairs = Pairs(merged, estate)

    def paired(self, number: int, found: int) -> bool:
        """Takes a live one; False where it is taken already."""
        if found in self.taken:
            return False
        self.taken.add(found)
        self.pairs.add(number, found)
        return True

    def one(self, number: int, resource: Resource, known: int = 0) -> None:
        """Says of a declared resource where it goes. ``known`` is the number of its live one, where that is
        known."""
        estate, result, elsewhere = self.estate, self.result, self.elsewhere
        provider = estate.providers.get(resource.provider)
        result.declared_types.add(result.declares(provider, resource))
        elsewhere.judged(resource)
        if provider is None or provider.facts(resource.type) is None:
            if (named := estate.named_only(resource)) is not None:
                self.taken.add(named)  # it is nobody's no more, though it can't be judged
            if not self.selected(resource):
                return
            if provider is None or elsewhere.reads(resource.provider):
                why = "no such provider" if provider is None else "the type is not supported"
                _unsupported(resource, estate, result, why)
            else:
                _unread(resource, result, elsewhere)
            return
        found = known or _find(resource, estate)
        if found is not None and not known and _is_bare(found, resource.cell, estate):
            self.taken.add(found)
            reason = "only that it is there was read: take the snapshot with what declares it"
            elsewhere.count(Coverage(resource.cell, "skipped", 0, reason), resource.provider)
            result.unverifiable.append(_cannot(resource, reason))
        elif found is None:
            _not_found(self.merged.take(number), estate, result, elsewhere, self.selected(resource))
        elif not self.paired(number, found):
            live = estate.take(found)
            result.unverifiable.append(_cannot(resource, f"{live.id} is declared more than once"))
        elif resource.id is None:  # else it is the same type, with the same id, in the same scope
            result.declared_types.add(result.declares(provider, estate.take(found)))


class Elsewhere:
    """What was read when matching began; and what is declared for a provider that is not read, in lines that
    also declare something for one that is (a Config Connector object is an object of a cluster and a Google
    resource): judged there."""

    def __init__(self, estate: Estate, judged: Iterable[tuple[str, int]] = ()) -> None:
        self._estate = estate
        self.scopes = {name: estate.scopes(name) for name in estate.providers}
        #: Rows for the ledger, when all is matched.
        self.rows: dict[Cell, Coverage] = {}
        self._regions: dict[tuple[str, str], frozenset[str]] = {}
        self._waiting: set[tuple[str, int]] = set()
        self._judged = set(judged)

    @property
    def waits(self) -> bool:
        """Whether something was seen that may be judged elsewhere."""
        return bool(self._waiting)

    def reads(self, provider: str) -> bool:
        """Whether anything of a provider was read."""
        return provider in self._estate.contexts or bool(self.scopes.get(provider))

    def regions(self, provider: str, scope: str) -> frozenset[str]:
        """The regions of a scope that the ledger speaks of."""
        place = provider, scope
        if place not in self._regions:
            cells = (cell for cell in self._estate.coverage if (cell.provider, cell.scope) == place)
            self._regions[place] = frozenset(cell.region for cell in cells) - {GLOBAL, ANY}
        return self._regions[place]

    def count(self, row: Coverage, provider: str) -> None:
        """Counts a declared resource that can't be judged in the row that it lies in; of a provider that is
        not read, only tells the row."""
        known = self.rows.get(row.cell, replace(row, declared=0))
        self.rows[row.cell] = replace(known, declared=known.declared + self.reads(provider))

    def look(self, resource: Resource) -> None:
        """Sees each declared resource once, before any is matched."""
        place = line_of(resource.origin)
        if place is not None and not self.reads(resource.provider):
            self._waiting.add(place)

    def judged(self, resource: Resource) -> None:
        """Sees each one again, when it is matched."""
        place = line_of(resource.origin) if self._waiting else None
        if place in self._waiting and place is not None and self.reads(resource.provider):
            self._judged.add(place)

    def without(self, told: list[Unverifiable]) -> list[Unverifiable]:
        """What can't be verified, without what is judged elsewhere."""
        if not self._judged:
            return told
        return [one for one in told if self.reads(one.provider) or line_of(one.origin) not in self._judged]


def line_of(origin: Origin | None) -> tuple[str, int] | None:
    """The file and the line that an origin names."""
    return (
        None if origin is None or origin.file is None or origin.line is None else (origin.file, origin.line)
    )


def _placed(declared: Iterable[Resource], estate: Estate) -> Iterator[tuple[Resource, int]]:
    """Declared resources with canonical ids and the live spelling of their type, and the only scope there is
    where theirs is not told; and the number of the live one in the same cell with this id, 0 where there is
    none."""
    live_types: dict[str, dict[tuple[str, str], str]] = {}
    #: (provider, type) → its provider, and what is known of it.
    told: dict[tuple[str, str], tuple[Provider | None, TypeFacts | None]] = {}
    for resource in declared:
        scope = resource.scope
        if not scope:
            scopes = estate.scopes(resource.provider)
            scope = next(iter(scopes)) if len(scopes) == 1 else ""
        kind = resource.provider, resource.type
        if kind not in told:
            one = estate.providers.get(resource.provider)
            told[kind] = one, None if one is None else one.facts(resource.type)
        provider, facts = told[kind]
        placed = resource if scope == resource.scope else resource.but(scope=scope)
        found = None
        id_ = None if provider is None else provider.canonical_id(placed)
        if facts is not None and not facts.regional and placed.region is not None:
            placed = placed.but(region=None)
        if resource.provider not in live_types:
            live_types[resource.provider] = _live_types(provider, resource.provider, estate)
        type_ = live_types[resource.provider].get((scope, _hooks(provider).type_key(placed.type)))
        if type_ is not None and type_ != placed.type:
            placed = placed.but(type=type_)
        if provider is not None and placed.id is not None:
            if id_ != placed.id:
                placed = placed.but(id=id_)
            id_ = provider.hooks.known_id(placed, estate.context(placed.provider))
            if id_ != placed.id:
                placed = placed.but(id=id_)
            cell = placed.cell
            found = estate.number(cell, str(placed.id))
            live = estate.named(cell, str(placed.id)) if found is None else None
            if live is not None:  # the declared id is only a name (a role's ARN holds its path, too)
                placed = placed.but(id=live.id)
        if found is None or facts is None or _is_bare(found, placed.cell, estate):
            found = 0
        yield placed, found


def _is_bare(number: int, cell: Cell, estate: Estate) -> bool:
    """Whether an inventory only names a live resource."""
    return cell in estate.bare and estate.take(number).bare


def _live_types(provider: Provider | None, name: str, estate: Estate) -> dict[tuple[str, str], str]:
    """(scope, type key) → the type as the live side names it."""
    key = _hooks(provider).type_key
    return {(scope, key(type_)): type_ for scope, type_ in sorted(estate.types(name))}


def _find(resource: Resource, estate: Estate) -> int | None:
    """The number of the live resource of a declared one."""
    if resource.id is not None:
        found = estate.number(resource.cell, resource.id)
        if found is not None or (resource.region is not None and resource.scope):
            return found
        candidates = _with_id(resource, estate)
        return candidates[0] if len(candidates) == 1 else None
    facts = estate.providers[resource.provider].facts(resource.type)
    if resource.name is None or facts is None or not facts.natural_key:
        return None
    return _only_named(resource.name, _reachable(resource, estate), estate)


def _reachable(resource: Resource, estate: Estate) -> list[Cell]:
    """The cells in which a declared resource may be, as far as it tells its region."""
    return [
        cell
        for cell in estate.cells(resource.provider, resource.type, resource.scope or None)
        if resource.region in (None, cell.region) or cell.region == GLOBAL
    ]


def _only_named(name: str, cells: Iterable[Cell], estate: Estate) -> int | None:
    """The number of the only live resource of these cells that people call so; None where there is none or
    several."""
    found = [number for cell in cells for number in estate.named_numbers(cell, name)]
    return found[0] if len(found) == 1 else None


def _with_id(resource: Resource, estate: Estate) -> list[int]:
    """The numbers of the live resources that have a declared one's id, wherever it may stand."""
    return [
        number
        for cell in _reachable(resource, estate)
        if resource.id is not None and (number := estate.number(cell, resource.id)) is not None
    ]


def _not_found(
    resource: Resource, estate: Estate, result: Matches, elsewhere: Elsewhere, selected: bool
) -> None:
    cells = _possible_cells(resource, estate)
    several = len(_with_id(resource, estate)) > 1
    unread = None if several else _why_unread(resource, cells, estate)
    missing = False
    if not selected or (resource.partial and not resource.attributes):
        pass  # what says nothing of a resource does not ask for it (a deposed instance of Terraform's)
    elif several:
        reason = "its id stands in several places; set `scope` and `region` on the declared entry"
        result.unverifiable.append(_cannot(resource, reason))
    elif unread is not None:
        row, reason = unread
        elsewhere.count(row, resource.provider)
        result.unverifiable.append(_cannot(resource, reason))
    elif any(estate.status(cell) is None for cell in cells):
        _unread(resource, result, elsewhere)
    elif resource.id is not None or _is_new(resource) or _has_unique_name(resource, estate, cells):
        missing = True
        result.missing.append(resource)
    else:
        result.unverifiable.append(
            _cannot(resource, "its id is not known, so it can't be told from others of its type")
        )
    if several or (resource.id is None and not missing):
        for cell in cells:
            result.possible.setdefault(cell, []).append(resource)


def _why_unread(resource: Resource, cells: list[Cell], estate: Estate) -> tuple[Coverage, str] | None:
    """The row of the ledger that a declared resource without a live one lies in, and why it was not read;
    None where that is not known to be so."""
    if not resource.scope:
        reason = "its account or project is not known; set `scope` on the declared entry"
        cell = Cell(resource.provider, ANY, ANY, resource.type)
        return Coverage(cell, "skipped", 0, reason), reason
    provider = estate.providers[resource.provider]
    facts = provider.facts(resource.type)
    rows = [estate.status(cell) for cell in cells]
    if resource.region is None and (facts is None or facts.regional):
        rows.extend(estate.gaps(resource.provider, resource.scope))
    unread = next((row for row in rows if row is not None and not row.complete), None)
    if unread is not None:
        return unread, f"its cell was not read: {unread.status}: {unread.message}"
    wide = any(row is not None and row.cell.type == ANY for row in rows)
    if wide and not estate.asked(resource.provider, resource.scope, resource.type):
        reason = (
            f"nobody asked for {resource.type} when {resource.scope} was read: take the snapshot with what"
        )
        reason += " declares it"
        return Coverage(resource.cell, "skipped", 0, reason), reason
    if resource.region is None and facts is not None and facts.regional and None not in rows:
        reason = "its region is not known; set `region` on the declared entry"
        cell = Cell(resource.provider, resource.scope, ANY, resource.type)
        return Coverage(cell, "skipped", 0, reason), reason
    left_out = provider.hooks.unread(resource, estate.context(resource.provider))
    row = next((row for row in rows if row is not None), None)
    return None if left_out is None or row is None else (row, left_out)


def _possible_cells(resource: Resource, estate: Estate) -> list[Cell]:
    facts = estate.providers[resource.provider].facts(resource.type)
    if resource.scope and (resource.region is not None or (facts is not None and not facts.regional)):
        return [resource.cell]
    cells = estate.cells(resource.provider, resource.type, resource.scope or None)
    return cells or [resource.cell]


def _has_unique_name(resource: Resource, estate: Estate, cells: list[Cell]) -> bool:
    """Whether the name would identify it, so that its absence means that it does not exist."""
    facts = estate.providers[resource.provider].facts(resource.type)
    if resource.name is None or facts is None or not facts.natural_key:
        return False
    return not any(estate.named_numbers(cell, resource.name) for cell in cells)


def _is_new(resource: Resource) -> bool:
    """Whether it was never applied, so that no live resource has its id."""
    return resource.origin is not None and resource.origin.pending == "creation"


def _unread(resource: Resource, result: Matches, elsewhere: Elsewhere) -> None:
    """Of a provider that is read, what lies in no cell of the ledger makes the run incomplete; a provider
    that is not read is left out on purpose."""
    provider, scope = resource.provider, resource.scope
    if not elsewhere.reads(provider):
        reason = f"the provider {provider} is not read; add live.{provider}"
    elif scope not in elsewhere.scopes[provider]:
        reason = f"declared for {scope}; read was {_listed(elsewhere.scopes[provider])}"
    else:
        regions = elsewhere.regions(provider, scope)
        elsewhere_read = resource.region is not None and regions and resource.region not in regions
        what = resource.region if elsewhere_read else resource.type
        where = _listed(regions) if elsewhere_read else "none of it"
        reason = f"declared for {what} in {scope}; read was {where}"
    if elsewhere.reads(provider):
        reason += f"; add it under live.{provider}"
    elsewhere.count(Coverage(resource.cell, "skipped", 0, reason), provider)
    result.unverifiable.append(_cannot(resource, reason))


def _listed(names: Iterable[str]) -> str:
    """Some names, for people."""
    first, *rest = sorted(names) or ["nothing"]
    return ", ".join([first, *rest[:3]]) + (f" and {len(rest) - 3} more" if len(rest) > 3 else "")


def _unsupported(resource: Resource, estate: Estate, result: Matches, why: str) -> None:
    known = estate.coverage.get(resource.cell)
    count = 1 + (known.declared if known is not None and known.status == "unsupported" else 0)
    told = 1 + (known.resources if known is not None and known.status == "unsupported" else 0)
    row = Coverage(resource.cell, "unsupported", told, f"declared, but {why}", declared=count)
    estate.coverage[resource.cell] = row
    result.unverifiable.append(_cannot(resource, why))


def _cannot(resource: Resource, reason: str) -> Unverifiable:
    name = resource.id or resource.name or (resource.origin.address if resource.origin else None) or "?"
    return Unverifiable(resource.provider, resource.scope, resource.type, name, "", reason, resource.origin)
