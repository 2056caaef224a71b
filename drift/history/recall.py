"""What is remembered of what nobody declares, as a run asks it while it judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from drift.finding import Undeclared
from drift.history.masked import masked
from drift.history.tables import RESOURCES, SIGHTED, VALUES
from drift.live.estate import ANY
from drift.memory import Was
from drift.model import Cell


@dataclass
class Recall:
    """One environment's memory. ``values`` has (value, keyed hash, since) by id; ``sighted`` since when each
    cell is known and by which version of drift; ``partial`` runs ask only for values."""

    values: Mapping[str, tuple[str | None, str | None, str]] = field(default_factory=dict)
    resources: frozenset[int] = frozenset()
    sighted: Mapping[Cell, tuple[str, str]] = field(default_factory=dict)
    version: str = ""
    #: How many secrets can't be compared because another key hashed them.
    uncomparable: int = 0

    def was(self, one: Undeclared) -> Was | None:
        known = self.values.get(one.id)
        if known is None:
            return None
        value, keyed, since = known
        if one.sensitive or value is None:
            if not one.keyed or not keyed or one.keyed.partition(":")[0] != keyed.partition(":")[0]:
                self.uncomparable += 1
                return None
            return None if one.keyed == keyed else Was(None, since)
        now = masked(one.live)
        if now == value or "$secret" in value or "$secret" in now:
            return None
        return Was(value, since)

    def known_since(self, cell: Cell, number: int) -> str | None:
        if number in self.resources:
            return None
        exact = self.sighted.get(cell)
        if exact is not None:
            return exact[0]
        for wider in (
            cell._replace(type=ANY),
            cell._replace(region=ANY),
            cell._replace(region=ANY, type=ANY),
        ):
            since, version = self.sighted.get(wider, ("", ""))
            # Another version may read types of which this one did not know.
            if since and version == self.version:
                return since
        return None


def recall(connection: Connection, environment: str, version: str, *, partial: bool) -> Recall:
    """The memory of an environment."""
    columns = (VALUES.c.id, VALUES.c.value, VALUES.c.keyed, VALUES.c.since)
    rows = connection.execute(select(*columns).where(VALUES.c.environment == environment))
    found = Recall({row.id: (row.value, row.keyed, row.since) for row in rows}, version=version)
    if not partial:
        ids = select(RESOURCES.c.id).where(RESOURCES.c.environment == environment)
        found.resources = frozenset(connection.scalars(ids))
        cells = connection.execute(select(SIGHTED).where(SIGHTED.c.environment == environment))
        found.sighted = {
            Cell(row.provider, row.scope, row.region, row.type): (row.since, row.version) for row in cells
        }
    return found
