"""Forgets what is older than people want to remember: of one environment, by age and by number of runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, select

from drift.history.tables import (
    CHANGES,
    COVERAGE,
    DEPLOYMENTS,
    EPISODES,
    EVENTS,
    FINDINGS,
    RESOURCES,
    RUNS,
    VALUES,
)
from drift.moment import rfc3339


def forget(
    connection: Connection, environment: str, now: str, *, seconds: int | None = None, runs: int | None = None
) -> None:
    """Forgets runs, and what ended, longer ago than ``seconds`` before ``now``, and all runs but the newest
    ``runs``. What is open stays, but for what was not seen again for so long."""
    if seconds is not None:
        _older(connection, environment, rfc3339(datetime.fromisoformat(now) - timedelta(seconds=seconds)))
    if runs is not None:
        kept = select(RUNS.c.number).where(RUNS.c.environment == environment)
        oldest = connection.scalars(kept.order_by(RUNS.c.number.desc()).offset(runs - 1).limit(1)).first()
        if oldest is not None:
            _runs(connection, (RUNS.c.environment == environment) & (RUNS.c.number < oldest))


def _older(connection: Connection, environment: str, than: str) -> None:
    _runs(connection, (RUNS.c.environment == environment) & (RUNS.c.started_at < than))
    gone = select(FINDINGS.c.id).where(FINDINGS.c.environment == environment, FINDINGS.c.last_seen < than)
    for table in (CHANGES, EVENTS, EPISODES):
        connection.execute(delete(table).where(table.c.finding.in_(gone)))
    connection.execute(delete(FINDINGS).where(FINDINGS.c.id.in_(gone.scalar_subquery())))
    for table, moment in ((EPISODES, EPISODES.c.closed_at), (COVERAGE, COVERAGE.c.to_at)):
        _where(connection, table, environment, moment < than)
    for table in (VALUES, RESOURCES):
        _where(connection, table, environment, table.c.last_seen < than)
    _where(connection, DEPLOYMENTS, environment, DEPLOYMENTS.c.live_at < than)


def _runs(connection: Connection, which: object) -> None:
    numbers = select(RUNS.c.number).where(which)  # type: ignore[arg-type]
    connection.execute(delete(EVENTS).where(EVENTS.c.run.in_(numbers)))
    connection.execute(delete(RUNS).where(which))  # type: ignore[arg-type]


def _where(connection: Connection, table: Table, environment: str, which: object) -> None:
    connection.execute(delete(table).where(table.c.environment == environment, which))  # type: ignore[arg-type]
