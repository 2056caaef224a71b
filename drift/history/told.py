"""What a report says of the history that it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from drift.history.database import about
from drift.history.tables import RUNS


def told(connection: Connection, report: Mapping[str, Any]) -> dict[str, Any]:
    """Which database it is, since when it remembers the report's environment, and which run came before."""
    here = RUNS.c.environment == report["run"]["environment"]
    count, since = connection.execute(select(func.count(), func.min(RUNS.c.started_at)).where(here)).one()
    last = connection.execute(
        select(RUNS.c.id, RUNS.c.started_at).where(here).order_by(RUNS.c.number.desc()).limit(1)
    ).first()
    return {
        "database": about(connection)["id"],
        "since": since,
        "runs": count,
        "compared_with": None if last is None else {"id": last.id, "started_at": last.started_at},
    }
