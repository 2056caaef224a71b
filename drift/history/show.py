"""Answers about what is remembered, as plain JSON: the runs, one of them, a finding."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from drift.history.errors import HistoryError
from drift.history.tables import CHANGES, COVERAGE, EPISODES, EVENTS, FINDINGS, RUNS

_MOST = 12
_PLACE = ("provider", "scope", "region", "type")


def runs(connection: Connection, environment: str | None, last: int) -> list[dict[str, Any]]:
    """The newest runs, of one environment or of all, the newest first."""
    asked = select(RUNS).order_by(RUNS.c.started_at.desc(), RUNS.c.number.desc()).limit(last)
    if environment is not None:
        asked = asked.where(RUNS.c.environment == environment)
    return [_run(row) for row in connection.execute(asked)]


def run(connection: Connection, said: str, environment: str | None = None) -> dict[str, Any]:
    """A run, told by its id, the beginning of it, or ``latest``: what happened in it, and what was not read
    then. Raises HistoryError."""
    asked = select(RUNS).order_by(RUNS.c.number.desc())
    if environment is not None:
        asked = asked.where(RUNS.c.environment == environment)
    if said != "latest":
        asked = asked.where(RUNS.c.id.startswith(said, autoescape=True))
    found = connection.execute(asked.limit(2)).all()
    if not found or (said != "latest" and len(found) > 1 and said not in {row.id for row in found}):
        why = "means several runs" if found else "no such run is remembered"
        raise HistoryError(f"{said}: {why}; `drift history list` names them")
    row = next((one for one in found if one.id == said), found[0])
    happened = select(EVENTS.c.event, EVENTS.c.detail, FINDINGS).join(
        FINDINGS, FINDINGS.c.id == EVENTS.c.finding
    )
    events = connection.execute(happened.where(EVENTS.c.run == row.number).order_by(EVENTS.c.number))
    unread = select(COVERAGE).where(
        COVERAGE.c.environment == row.environment,
        COVERAGE.c.from_run <= row.number,
        COVERAGE.c.to_run >= row.number,
        COVERAGE.c.status.not_in(("checked", "skipped")),
    )
    return {
        **_run(row),
        "declared": orjson.loads(row.declared),
        "events": [{"event": one.event, "detail": one.detail, "id": one.id, **_told(one)} for one in events],
        "unread": [
            {name: getattr(one, name) for name in (*_PLACE, "status", "message")}
            for one in connection.execute(unread)
        ],
    }


def finding(connection: Connection, said: str, environment: str | None = None) -> dict[str, Any]:
    """A finding, told by its id, the beginning of it, or its resource's name, id or address: what it is now,
    its changes, each time that it was drift, and what happened to it. Raises HistoryError."""
    row = _meant(connection, said, environment)
    names = ("first_seen", "last_seen", "opened_at", "resolved_at", "resolution", "reopened", "reopened_at")
    episodes = select(EPISODES).where(EPISODES.c.finding == row.id).order_by(EPISODES.c.number)
    happened = (
        select(EVENTS.c.event, EVENTS.c.at, EVENTS.c.detail, RUNS.c.id)
        .outerjoin(RUNS, RUNS.c.number == EVENTS.c.run)
        .where(EVENTS.c.finding == row.id)
        .order_by(EVENTS.c.number)
    )
    changes = select(CHANGES).where(CHANGES.c.finding == row.id).order_by(CHANGES.c.path)
    return {
        "id": row.id,
        "environment": row.environment,
        **_told(row),
        **{name: getattr(row, name) for name in (*names, "changed_at", "unknown_since")},
        "finding": orjson.loads(row.document),
        "changes": [_change(one) for one in connection.execute(changes)],
        "episodes": [
            {
                "opened_at": one.opened_at,
                "closed_at": one.closed_at,
                "resolution": one.resolution,
                "severity": one.severity,
                "owner": one.owner,
            }
            for one in connection.execute(episodes)
        ],
        "events": [
            {"event": one.event, "at": one.at, "run": one.id, "detail": one.detail}
            for one in connection.execute(happened)
        ],
    }


def _meant(connection: Connection, said: str, environment: str | None) -> Row[Any]:
    like = said.lower()
    texts = (FINDINGS.c.resource_id, FINDINGS.c.name, FINDINGS.c.address)
    which: list[ColumnElement[bool]] = [func.lower(column) == like for column in texts]
    which.append(FINDINGS.c.id.startswith(like, autoescape=True))
    asked = select(FINDINGS).where(or_(*which)).order_by(FINDINGS.c.last_seen.desc(), FINDINGS.c.id)
    if environment is not None:
        asked = asked.where(FINDINGS.c.environment == environment)
    found = connection.execute(asked.limit(_MOST + 1)).all()
    if not found:
        raise HistoryError(f"{said}: no such finding is remembered; a finding's id stands in its report")
    if len(found) > 1:
        more = "; and more" if len(found) > _MOST else ""
        ones = "; ".join(f"{row.id} {row.kind} {row.name or row.resource_id}" for row in found[:_MOST])
        raise HistoryError(f"{said}: means several: {ones}{more}")
    return found[0]


def _run(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "environment", "started_at", "finished_at", "version", "exit_code", "partial", "whole")
    return {**{name: getattr(row, name) for name in names}, "counts": orjson.loads(row.counts)}


def _told(row: Row[Any]) -> dict[str, Any]:
    names = ("kind", *_PLACE, "resource_id", "name", "severity", "owner")
    return {name: getattr(row, name) for name in names}


def _change(row: Row[Any]) -> dict[str, Any]:
    sides = {
        side: orjson.loads(value)
        for side in ("declared", "live")
        if (value := getattr(row, side)) is not None
    }
    names = ("id", "path", "undeclared", "sensitive", "first_seen", "changed_at", "gone_at")
    return {**{name: getattr(row, name) for name in names}, **sides}
