"""Says once what closes a whole region: most of what was asked there was refused from above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from drift.live.estate import ANY, Estate
from drift.model import GLOBAL, Cell, Coverage

#: Fewer refusals stand one by one.
_FEWEST = 3
#: Statuses of what nobody asked for.
_UNASKED = frozenset({"skipped", "unsupported"})


def fold(estate: Estate, refused: Mapping[Cell, str]) -> None:
    """Puts one row over each region in place of those of cells that were ``refused`` from above (with what
    was said), where these are most of what was asked there. What was told of others stands for itself."""
    places: dict[tuple[str, str, str], list[Cell]] = defaultdict(list)
    for cell in refused:
        row = estate.coverage.get(cell)
        if cell.region != GLOBAL and row is not None and row.status == "denied" and not estate.count(cell):
            places[cell.provider, cell.scope, cell.region].append(cell)
    for (provider, scope, region), cells in places.items():
        whole = Cell(provider, scope, region, ANY)
        if len(cells) < _FEWEST or 2 * len(cells) <= _asked(estate, whole):
            continue
        for cell in cells:
            del estate.coverage[cell]
        said = (
            f"all {len(cells)} types that are not named here were refused; the first: {refused[min(cells)]}"
        )
        estate.cover(Coverage(whole, "denied", 0, said))


def _asked(estate: Estate, whole: Cell) -> int:
    """How many cells of a region were asked."""
    rows: Iterable[Coverage] = estate.coverage.values()
    return sum(row.cell[:3] == whole[:3] and row.status not in _UNASKED for row in rows)
