"""Writes what a run found into a history, in the transaction that it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

import orjson
from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, select, update

from drift.history.compare import Memory, Outcome, Told, ahead
from drift.history.deployments import follow
from drift.history.masked import masked
from drift.history.measures import git_counts
from drift.history.tables import CHANGES, COVERAGE, EPISODES, EVENTS, FINDINGS, RUNS

T = TypeVar("T")
#: Ids asked for in one statement.
_AT_ONCE = 500
_PLACE = ("provider", "scope", "region", "type")


def memory(connection: Connection, report: Mapping[str, Any]) -> Memory:
    """What is remembered of the report's environment."""
    environment = report["run"]["environment"]
    here = FINDINGS.c.environment == environment
    still = {
        row.id: row
        for row in connection.execute(select(FINDINGS).where(here, FINDINGS.c.resolved_at.is_(None)))
    }
    where = RUNS.c.environment == environment
    untold = frozenset(connection.scalars(select(RUNS.c.number).where(where, ~RUNS.c.written)))
    ids = [one["id"] for one in report["findings"] if one["id"] not in still]
    ended = {row.id: row for some in _lots(ids) for row in _rows(connection, FINDINGS.c.id.in_(some))}
    if untold:
        late = FINDINGS.c.resolved_run.in_(untold)
        ended.update({row.id: row for row in _rows(connection, here & late)})
    cells = select(COVERAGE).where(
        COVERAGE.c.environment == environment, COVERAGE.c.current, COVERAGE.c.read_at.is_not(None)
    )
    read_at = {tuple(getattr(row, name) for name in _PLACE): row.read_at for row in connection.execute(cells)}
    return Memory(still, ended, untold, read_at)


def attributed(connection: Connection, environment: str) -> dict[str, tuple[str | None, str | None, int]]:
    """The digest of each finding of an environment that is there, who did it, as JSON, and how often the
    clouds' logs have answered about it as it is."""
    here = (FINDINGS.c.environment == environment, FINDINGS.c.resolved_at.is_(None))
    columns = FINDINGS.c.id, FINDINGS.c.digest, FINDINGS.c.attribution, FINDINGS.c.answered
    rows = connection.execute(select(*columns).where(*here))
    return {id_: (digest, by, answered) for id_, digest, by, answered in rows}


def began(connection: Connection, environment: str) -> str | None:
    """When the last run of an environment began that read all of it; None where none is remembered."""
    whole = (RUNS.c.environment == environment, ~RUNS.c.partial)
    found = connection.scalar(select(func.max(RUNS.c.started_at)).where(*whole))
    return None if found is None else str(found)


def changes(connection: Connection, findings: Iterable[str]) -> dict[str, list[Any]]:
    """The remembered changes of some findings."""
    found: dict[str, list[Any]] = {}
    for some in _lots(findings):
        for row in connection.execute(select(CHANGES).where(CHANGES.c.finding.in_(some))):
            found.setdefault(row.finding, []).append(row)
    return found


def record(
    connection: Connection,
    outcome: Outcome,
    *,
    partial: bool,
    whole: bool,
    committed: Mapping[str, str] = MappingProxyType({}),
    answered: frozenset[str] = frozenset(),
) -> int:
    """Records the run; its number. It is not ``written`` before somebody says so (:func:`written`).
    ``committed`` is when each declared commit was made, ``answered`` are the findings about which the clouds'
    logs answered."""
    report, at = outcome.report, outcome.report["run"]["started_at"]
    number = _run(connection, outcome, partial=partial, whole=whole)
    _coverage(connection, report, number, at)
    follow(connection, report, committed, number)
    _findings(connection, outcome, number, at, answered)
    _changes(connection, outcome, at)
    _episodes(connection, outcome, number, at)
    events = [
        {"run": number, "finding": one.finding["id"], "event": event, "at": at, "detail": ""}
        for one in outcome.seen
        for event in one.events
    ]
    events += [
        {"run": number, "finding": one.id, "event": "resolved", "at": at, "detail": how}
        for one, how in outcome.resolved
    ]
    events += [
        {"run": number, "finding": one.id, "event": "unknown", "at": at, "detail": why}
        for one, why in outcome.unknown
        if one.unknown_since is None
    ]
    _insert(connection, EVENTS, events)
    return number


def written(connection: Connection, number: int) -> None:
    """That the run's report was written, so that what was new in it has been told; so has what was in earlier
    ones of its environment that were not."""
    run = connection.execute(select(RUNS.c.environment).where(RUNS.c.number == number)).one()
    told = (RUNS.c.environment == run.environment) & (RUNS.c.number <= number)
    connection.execute(update(RUNS).where(told, ~RUNS.c.written).values(written=True))


def _run(connection: Connection, outcome: Outcome, *, partial: bool, whole: bool) -> int:
    run = outcome.report["run"]
    summary = {k: v for k, v in outcome.report["summary"].items() if k != "by_owner"}
    counts = {**summary, **outcome.counts(), "git": git_counts(outcome.report)}
    row = {
        **{name: run[name] for name in ("id", "environment", "started_at", "finished_at", "version")},
        "exit_code": run["exit_code"],
        "partial": partial,
        "whole": whole,
        "written": False,
        "counts": orjson.dumps(counts).decode(),
        "declared": masked(run["declared"]),
    }
    (number,) = connection.execute(insert(RUNS).values(row).returning(RUNS.c.number)).one()
    return int(number)


def _coverage(connection: Connection, report: Mapping[str, Any], number: int, at: str) -> None:
    """One row for as long as a cell's status is the same."""
    environment = report["run"]["environment"]
    here = (COVERAGE.c.environment == environment) & COVERAGE.c.current
    known = {
        tuple(getattr(row, name) for name in _PLACE): row
        for row in connection.execute(select(COVERAGE).where(here))
    }
    limit = ahead(report)
    same: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for row in report["coverage"]:
        before = known.get(tuple(row[name] for name in _PLACE))
        known_at = before.read_at if before and before.read_at and before.read_at <= limit else None
        read_at = max(filter(None, (row.get("read_at"), known_at)), default=None)
        counts = {"resources": row["resources"], "declared": row.get("declared", 0), "read_at": read_at}
        if before is not None and (before.status, before.message) == (row["status"], row["message"]):
            same.append({"_number": before.number, **counts, "to_run": number, "to_at": at})
            continue
        if before is not None:
            ended.append({"_number": before.number})
        said = {name: row[name] for name in (*_PLACE, "status", "message")}
        span = {"from_run": number, "from_at": at, "to_run": number, "to_at": at, "current": True}
        new.append({"environment": environment, **said, **counts, **span})
    one = COVERAGE.c.number == bindparam("_number")
    if same:
        connection.execute(update(COVERAGE).where(one), same)
    if ended:
        connection.execute(update(COVERAGE).where(one).values(current=False), ended)
    _insert(connection, COVERAGE, new)


def _findings(
    connection: Connection, outcome: Outcome, number: int, at: str, answered: frozenset[str]
) -> None:
    environment = outcome.report["run"]["environment"]
    new: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []
    for told in outcome.seen:
        if told.stale:
            continue
        row = {**_row(told, environment, number, at), **_who(told, answered)}
        if told.known is None:
            new.append({**row, "first_run": number})
        else:
            seen.append({**row, "_id": row.pop("id")})
    _insert(connection, FINDINGS, new)
    one = FINDINGS.c.id == bindparam("_id")
    if seen:
        connection.execute(update(FINDINGS).where(one), seen)
    for ended, how in outcome.resolved:
        values = {"resolved_at": at, "resolved_run": number, "resolution": how, "unknown_since": None}
        connection.execute(update(FINDINGS).where(FINDINGS.c.id == ended.id).values(values))
    blind = [{"_id": unknown.id} for unknown, _ in outcome.unknown if unknown.unknown_since is None]
    if blind:
        connection.execute(update(FINDINGS).where(one).values(unknown_since=at), blind)


def _row(told: Told, environment: str, number: int, at: str) -> dict[str, Any]:
    finding, known = told.finding, told.known
    declared = finding["declared_at"] or {}
    began = known.opened_run if known is not None and told.opened_at == known.opened_at else number
    said = ("id", "kind", *_PLACE, "resource_id", "name", "severity", "owner", "digest")
    return {
        **{name: finding[name] for name in said},
        "environment": environment,
        "address": declared.get("address"),
        "document": masked({key: value for key, value in finding.items() if key != "read_at"}),
        "first_seen": told.first_seen,
        "last_seen": at,
        "last_run": number,
        "opened_at": told.opened_at,
        "opened_run": None if told.opened_at is None else began,
        "resolved_at": None,
        "resolved_run": None,
        "resolution": None,
        "reopened": told.reopened,
        "reopened_at": told.reopened_at,
        "earlier_at": told.earlier_at,
        "changed_at": told.changed_at,
        "unknown_since": None,
    }


def _who(told: Told, answered: frozenset[str]) -> dict[str, Any]:
    finding, known = told.finding, told.known
    same = known is not None and known.resolved_at is None and known.digest == finding["digest"]
    by = finding.get("attribution")
    before = known.answered if known is not None and same else 0
    return {
        "attribution": None if by is None else masked(by),
        "answered": before + (finding["id"] in answered),
    }


def _changes(connection: Connection, outcome: Outcome, at: str) -> None:
    """The changes of what is new, or has changed; those of all others are there already."""
    moved = [one for one in outcome.seen if not one.stale and (one.known is None or _moved(one))]
    known = changes(connection, [one.finding["id"] for one in moved if one.known is not None])
    new: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    for told in moved:
        before = {row.id: row for row in known.get(told.finding["id"], ())}
        for change in told.finding["changes"]:
            row = _change(change, told.finding["id"], at)
            earlier = before.pop(change["id"], None)
            if earlier is None:
                new.append(row)
                continue
            same = (earlier.declared, earlier.live) == (
                row["declared"],
                row["live"],
            ) and earlier.gone_at is None
            row["first_seen"] = at if earlier.gone_at else earlier.first_seen
            row["changed_at"] = earlier.changed_at if same else at
            other.append({**row, "_id": row.pop("id")})
        other += [
            {**_kept(row), "gone_at": at, "_id": row.id} for row in before.values() if row.gone_at is None
        ]
    _insert(connection, CHANGES, new)
    if other:
        connection.execute(update(CHANGES).where(CHANGES.c.id == bindparam("_id")), other)


def _moved(told: Told) -> bool:
    known = told.known
    assert known is not None
    return bool({"changed", "reopened", "new"} & set(told.events)) or known.digest != told.finding["digest"]


def _change(change: Mapping[str, Any], finding: str, at: str) -> dict[str, Any]:
    return {
        "id": change["id"],
        "finding": finding,
        "path": change["path"],
        "declared": masked(change["declared"]) if "declared" in change else None,
        "live": masked(change["live"]) if "live" in change else None,
        "undeclared": change["undeclared"],
        "sensitive": change["sensitive"],
        "first_seen": at,
        "changed_at": None,
        "gone_at": None,
    }


def _kept(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "id"}


def _episodes(connection: Connection, outcome: Outcome, number: int, at: str) -> None:
    """Each time that a finding was drift, and whose and how bad it is now."""
    environment = outcome.report["run"]["environment"]
    opened = [
        {
            "finding": one.finding["id"],
            "environment": environment,
            **{name: one.finding[name] for name in ("kind", *_PLACE, "owner", "severity")},
            "opened_at": at,
            "opened_run": number,
        }
        for one in outcome.seen
        if {"new", "reopened"} & set(one.events)
    ]
    _insert(connection, EPISODES, opened)
    there = (EPISODES.c.finding == bindparam("_finding")) & EPISODES.c.closed_at.is_(None)
    other = [
        {"_finding": one.finding["id"], **{name: one.finding[name] for name in ("owner", "severity")}}
        for one in outcome.seen
        if one.known is not None
        and not one.stale
        and (one.known.owner, one.known.severity) != (one.finding["owner"], one.finding["severity"])
    ]
    if other:
        connection.execute(update(EPISODES).where(there), other)
    ended = [
        {"_finding": one.id, "closed_at": at, "closed_run": number, "resolution": how}
        for one, how in outcome.resolved
    ]
    if ended:
        connection.execute(update(EPISODES).where(there), ended)


def _insert(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _rows(connection: Connection, where: ColumnElement[bool]) -> Iterable[Row[Any]]:
    return connection.execute(select(FINDINGS).where(where))


def _lots(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
