"""Says of a declared resource without a live one that it is missing, or why nobody can tell."""

from __future__ import annotations

from collections.abc import Iterable

from drift.finding import Unverifiable
from drift.live.estate import ANY, Estate
from drift.match.elsewhere import Elsewhere
from drift.match.locate import all_with_id, possible_cells
from drift.match.matches import Matches
from drift.model import Cell, Coverage, Resource


def tell_not_found(
    resource: Resource, estate: Estate, result: Matches, elsewhere: Elsewhere, selected: bool
) -> None:
    """Says of one that lies in no cell where its id or name is live: it is missing, its cell was not read, or
    it can't be told. Of one that is not ``selected`` nothing is said, but it counts as ``possible``."""
    cells = possible_cells(resource, estate)
    several = len(all_with_id(resource, estate)) > 1
    unread = None if several else _why_unread(resource, cells, estate)
    missing = False
    if not selected or (resource.partial and not resource.attributes):
        pass  # what says nothing of a resource does not ask for it (a deposed instance of Terraform's)
    elif several:
        reason = "its id stands in several places; set `scope` and `region` on the declared entry"
        result.unverifiable.append(cannot_tell(resource, reason))
    elif unread is not None:
        row, reason = unread
        elsewhere.count(row, resource.provider)
        result.unverifiable.append(cannot_tell(resource, reason))
    elif any(estate.status(cell) is None for cell in cells):
        tell_unread(resource, result, elsewhere)
    elif resource.id is not None or _is_new(resource) or _has_unique_name(resource, estate, cells):
        missing = True
        result.missing.append(resource)
    else:
        result.unverifiable.append(
            cannot_tell(resource, "its id is not known, so it can't be told from others of its type")
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


def _has_unique_name(resource: Resource, estate: Estate, cells: list[Cell]) -> bool:
    """Whether the name would identify it, so that its absence means that it does not exist."""
    facts = estate.providers[resource.provider].facts(resource.type)
    if resource.name is None or facts is None or not facts.natural_key:
        return False
    return not any(estate.named_numbers(cell, resource.name) for cell in cells)


def _is_new(resource: Resource) -> bool:
    """Whether it was never applied, so that no live resource has its id."""
    return resource.origin is not None and resource.origin.pending == "creation"


def tell_unread(resource: Resource, result: Matches, elsewhere: Elsewhere) -> None:
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
    result.unverifiable.append(cannot_tell(resource, reason))


def _listed(names: Iterable[str]) -> str:
    """Some names, for people."""
    first, *rest = sorted(names) or ["nothing"]
    return ", ".join([first, *rest[:3]]) + (f" and {len(rest) - 3} more" if len(rest) > 3 else "")


def tell_unsupported(resource: Resource, estate: Estate, result: Matches, why: str) -> None:
    """Counts one of a type that is not read in a row of the ledger, and says why of it."""
    known = estate.coverage.get(resource.cell)
    count = 1 + (known.declared if known is not None and known.status == "unsupported" else 0)
    told = 1 + (known.resources if known is not None and known.status == "unsupported" else 0)
    row = Coverage(resource.cell, "unsupported", told, f"declared, but {why}", declared=count)
    estate.coverage[resource.cell] = row
    result.unverifiable.append(cannot_tell(resource, why))


def cannot_tell(resource: Resource, reason: str) -> Unverifiable:
    """That of the whole resource no verdict is possible, by the name that is known of it."""
    name = resource.id or resource.name or (resource.origin.address if resource.origin else None) or "?"
    return Unverifiable(resource.provider, resource.scope, resource.type, name, "", reason, resource.origin)
