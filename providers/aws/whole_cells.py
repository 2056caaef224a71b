"""Which cells' resources were read whole, as a snapshot tells it; what reads them is not needed to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Cell

#: In the snapshot's context: the cells (account, region, type) of which resources were read whole.
READ_WHOLE = "read_whole"


def here(cell: Cell, context: Mapping[str, Any]) -> bool:
    """Whether resources of a cell were read whole. ``context`` is the snapshot's."""
    return [cell.scope, cell.region, cell.type] in (context.get(READ_WHOLE) or ())
