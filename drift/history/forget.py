"""Forgets, when people say so, findings in places that are read no more, which stay unknown for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from drift.history.tables import CHANGES, EPISODES, EVENTS, FINDINGS

#: So many ids are named in one statement.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Globs: one of ``what`` fits an id, name or type; ``scope`` and ``region``, where given, the place."""

    what: tuple[str, ...] = ()
    scope: str | None = None
    region: str | None = None
    environment: str | None = None

    def fits(self, row: Row[Any]) -> bool:
        """Whether a finding is meant."""
        names = [one for one in (row.id, row.resource_id, row.name, row.type) if one]
        return (
            (not self.what or any(fnmatchcase(name, glob) for name in names for glob in self.what))
            and (self.scope is None or fnmatchcase(row.scope, self.scope))
            and (self.region is None or fnmatchcase(row.region, self.region))
            and self.environment in (None, row.environment)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of which nobody knows, and how many others fit that were read in the last run."""

    findings: Sequence[Row[Any]]
    others: int


def unknown(connection: Connection, wanted: Wanted) -> Found:
    """What is meant of all that is open."""
    names = (
        "id",
        "environment",
        "scope",
        "region",
        "type",
        "resource_id",
        "name",
        "severity",
        "unknown_since",
    )
    asked = select(*(FINDINGS.c[name] for name in names)).where(FINDINGS.c.resolved_at.is_(None))
    rows = [row for row in connection.execute(asked.order_by(FINDINGS.c.id)) if wanted.fits(row)]
    found = [row for row in rows if row.unknown_since is not None]
    return Found(found, len(rows) - len(found))


def remove(connection: Connection, wanted: Wanted) -> Found:
    """Takes those of which nobody knows out of the history, with all that is remembered of them: where one
    of them is found again, it is new."""
    found = unknown(connection, wanted)
    ids = [row.id for row in found.findings]
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for table in (CHANGES, EVENTS, EPISODES):
            connection.execute(delete(table).where(table.c.finding.in_(some)))
        connection.execute(delete(FINDINGS).where(FINDINGS.c.id.in_(some)))
    return found
