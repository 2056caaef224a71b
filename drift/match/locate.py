"""Finds where the live resource of a declared one is: by its id wherever it may stand, or by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drift.facts import TypeFacts
from drift.live.estate import Estate
from drift.match.matches import hooks_of
from drift.model import GLOBAL, Cell, Resource
from drift.provider import Provider


def reached(declared: Iterable[Resource], estate: Estate) -> Iterator[list[Resource]]:
    """For each declared resource the live ones of an estate that it may be, by its id or its name."""
    for resource, plain in each_placed(declared, estate):
        provider = estate.providers.get(resource.provider)
        facts = None if provider is None else provider.facts(resource.type)
        if plain:
            found = [plain]
        elif facts is None:
            named = estate.named_only(resource)
            found = [] if named is None else [named]
        elif resource.id is not None:
            found = all_with_id(resource, estate)
        elif resource.name is not None and facts.natural_key:
            cells = _reachable(resource, estate)
            found = [number for cell in cells for number in estate.named_numbers(cell, resource.name)]
        else:
            found = []
        yield [estate.take(number) for number in found]


def each_placed(declared: Iterable[Resource], estate: Estate) -> Iterator[tuple[Resource, int]]:
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
        type_ = live_types[resource.provider].get((scope, hooks_of(provider).type_key(placed.type)))
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
        if found is None or facts is None or is_bare(found, placed.cell, estate):
            found = 0
        yield placed, found


def is_bare(number: int, cell: Cell, estate: Estate) -> bool:
    """Whether an inventory only names a live resource."""
    return cell in estate.bare and estate.take(number).bare


def _live_types(provider: Provider | None, name: str, estate: Estate) -> dict[tuple[str, str], str]:
    """(scope, type key) → the type as the live side names it."""
    key = hooks_of(provider).type_key
    return {(scope, key(type_)): type_ for scope, type_ in sorted(estate.types(name))}


def live_of(resource: Resource, estate: Estate) -> int | None:
    """The number of the live resource of a declared one."""
    if resource.id is not None:
        found = estate.number(resource.cell, resource.id)
        if found is not None or (resource.region is not None and resource.scope):
            return found
        candidates = all_with_id(resource, estate)
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


def all_with_id(resource: Resource, estate: Estate) -> list[int]:
    """The numbers of the live resources that have a declared one's id, wherever it may stand."""
    return [
        number
        for cell in _reachable(resource, estate)
        if resource.id is not None and (number := estate.number(cell, resource.id)) is not None
    ]


def possible_cells(resource: Resource, estate: Estate) -> list[Cell]:
    """The cells in which it would lie if it were live; its own where the ledger speaks of none."""
    facts = estate.providers[resource.provider].facts(resource.type)
    if resource.scope and (resource.region is not None or (facts is not None and not facts.regional)):
        return [resource.cell]
    cells = estate.cells(resource.provider, resource.type, resource.scope or None)
    return cells or [resource.cell]
