"""When each cell of an environment was last read to its end, as its history tells."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from drift.history.tables import COVERAGE, RUNS
from drift.live.order import Ledger

#: What `--only` left out of a run was read before, and will be asked for again.
_LEFT_OUT = "skipped"


def ledger(connection: Connection, environment: str) -> Ledger:
    """Of the last run of the environment that nothing was chosen of (``--only``), and of what was read since;
    empty where none is remembered."""
    whole = select(RUNS.c.number, RUNS.c.started_at).where(RUNS.c.environment == environment, ~RUNS.c.partial)
    last = connection.execute(whole.order_by(RUNS.c.started_at.desc()).limit(1)).first()
    if last is None:
        return Ledger()
    here = COVERAGE.c.environment == environment, COVERAGE.c.current, COVERAGE.c.to_run >= last.number
    rows: list[dict[str, Any]] = []
    for row in connection.execute(select(COVERAGE).where(*here)):
        if row.status == _LEFT_OUT and (row.from_run <= last.number or row.read_at is None):
            continue
        place = {name: getattr(row, name) for name in ("provider", "scope", "region", "type")}
        status = "checked" if row.status == _LEFT_OUT else row.status
        rows.append({**place, "status": status, "read_at": row.read_at})
    return Ledger(str(last.started_at), rows)
