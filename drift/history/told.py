"""What a report says of the history that it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from drift.history.database import about
from drift.history.tables import RUNS

#: So many runs before this one the trend of a report has.
_TREND = 59


def told(connection: Connection, report: Mapping[str, Any], *, partial: bool) -> dict[str, Any]:
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
        # A part of what there is can't stand beside the whole.
        "trend": [] if partial else _trend(connection, report["run"]["environment"]),
        "compared_with": None if last is None else {"id": last.id, "started_at": last.started_at},
    }


def _trend(connection: Connection, environment: str) -> list[dict[str, Any]]:
    """How many findings of each severity the runs before had that looked at everything, the oldest first."""
    rows = connection.execute(
        select(RUNS.c.id, RUNS.c.started_at, RUNS.c.counts)
        .where(RUNS.c.environment == environment, ~RUNS.c.partial)
        .order_by(RUNS.c.number.desc())
        .limit(_TREND)
    ).all()
    return [
        {"id": row.id, "started_at": row.started_at, "by_severity": orjson.loads(row.counts)["by_severity"]}
        for row in reversed(rows)
    ]
