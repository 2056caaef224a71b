"""Remembers what nobody declares at first sight: live values, and unmanaged resources of types that nobody
declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from drift.history.masked import masked
from drift.history.sight import Learnt, Sight, Unverified
from drift.history.tables import RESOURCES, SIGHTED, VALUES
from drift.model import MISSING, Cell

_PLACE = ("provider", "scope", "region", "type")
_AT_ONCE = 500


def learn(
    connection: Connection, report: Mapping[str, Any], sight: Sight, stale: Callable[[Any], bool]
) -> dict[str, int]:
    """Records what the run saw; how many values and resources it saw for the first time. What is ``stale``
    (another run has looked at it later) tells nothing of what is known already."""
    if sight.learnt is None:
        return {"values": 0, "resources": 0}
    values = _values(connection, report, sight, sight.learnt, stale)
    resources = 0 if sight.partial else _resources(connection, report, sight, sight.learnt)
    return {"values": values, "resources": resources}


def _values(
    connection: Connection,
    report: Mapping[str, Any],
    sight: Sight,
    learnt: Learnt,
    stale: Callable[[Any], bool],
) -> int:
    environment, at = report["run"]["environment"], report["run"]["started_at"]
    here = VALUES.c.environment == environment
    known = {row.id: row for row in connection.execute(select(VALUES).where(here))}
    new: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    seen: set[str] = set()
    for one in report["undeclared"]:
        seen.add(one["id"])
        row = known.get(one["id"])
        keyed = learnt.keyed.get(one["id"])
        value = masked(one["live"]) if "live" in one else None
        if row is None:
            said = {name: one[name] for name in ("id", *_PLACE, "resource_id", "name", "path")}
            moments = {"since": at, "last_seen": at}
            new.append({**said, "environment": environment, "value": value, "keyed": keyed, **moments})
        elif stale(row):
            continue
        elif row.now is not None or row.now_keyed is not None or _masked_anew(row, value, keyed):
            kept = {"value": value, "keyed": keyed, "now": None, "now_keyed": None, "now_since": None}
            other.append({"_id": row.id, **kept, "last_seen": at})
        elif row.last_seen[:10] != at[:10]:
            again.append({"_id": row.id, "last_seen": at})
    for moved in learnt.moved:
        seen.add(moved.id)
        row = known.get(moved.id)
        if row is None or stale(row):
            continue
        now = None if moved.live is MISSING else masked(moved.live)
        if (row.now, row.now_keyed) != (now, moved.keyed or None):
            kept = {"value": row.value, "keyed": row.keyed, "now": now, "now_keyed": moved.keyed or None}
            other.append({"_id": row.id, **kept, "now_since": at, "last_seen": at})
    if new:
        connection.execute(insert(VALUES), new)
    one = VALUES.c.id == bindparam("_id")
    for rows in filter(None, (other, again)):
        connection.execute(update(VALUES).where(one), rows)
    _forget(
        connection, report, sight, (row for id_, row in known.items() if id_ not in seen and not stale(row))
    )
    return len(new)


def _masked_anew(row: Any, value: str | None, keyed: str | None) -> bool:
    """Whether a value that is not told as another one stands otherwise in this report: hidden now and not
    before or the other way round, or hashed with another key."""
    return (row.value, row.keyed) != (value, keyed)


def _forget(connection: Connection, report: Mapping[str, Any], sight: Sight, rows: Iterable[Any]) -> None:
    """Forgets values that are there no more, or declared now: so that what comes later is a first sight."""
    if sight.partial or sight.unread is not None or report["problems"]:
        return
    checked = {
        tuple(row[name] for name in _PLACE) for row in report["coverage"] if row["status"] == "checked"
    }
    unverified = Unverified(report["unverifiable"])
    gone: list[str] = []
    for row in rows:
        cell = tuple(getattr(row, name) for name in _PLACE)
        if cell in checked and unverified.of(row.provider, row.scope, row.type, row.resource_id) is None:
            gone.append(row.id)
    rest = iter(gone)
    while some := list(islice(rest, _AT_ONCE)):
        connection.execute(delete(VALUES).where(VALUES.c.id.in_(some)))


def _resources(connection: Connection, report: Mapping[str, Any], sight: Sight, learnt: Learnt) -> int:
    environment, at = report["run"]["environment"], report["run"]["started_at"]
    version = report["run"]["version"]
    here = SIGHTED.c.environment == environment
    sighted = {
        Cell(row.provider, row.scope, row.region, row.type): row.version
        for row in connection.execute(select(SIGHTED).where(here))
    }
    whole = {
        Cell(*(row[name] for name in _PLACE))
        for row in report["coverage"]
        if row["status"] == "checked" or row.get("listed")
    }
    counted = {cell: list(numbers) for cell, numbers in learnt.counted.items()}
    present = {cell for cell in counted if (row := sight.estate.status(cell)) is not None and row.complete}
    every = set(chain.from_iterable(counted.values()))
    known = set(connection.scalars(select(RESOURCES.c.id).where(RESOURCES.c.environment == environment)))
    new = every - known
    if new:
        rows = [{"id": number, "environment": environment, "last_seen": at} for number in sorted(new)]
        connection.execute(insert(RESOURCES), rows)
    stale = connection.scalar(
        select(func.min(RESOURCES.c.last_seen)).where(RESOURCES.c.environment == environment)
    )
    if stale is not None and stale[:10] != at[:10] and every:
        renewed = [{"_id": number, "last_seen": at} for number in every & known]
        if renewed:
            connection.execute(update(RESOURCES).where(RESOURCES.c.id == bindparam("_id")), renewed)
    cells = [
        {"environment": environment, **cell._asdict(), "since": at, "version": version}
        for cell in sorted((whole | present) - set(sighted))
    ]
    if cells:
        connection.execute(insert(SIGHTED), cells)
    if any(version != sighted[cell] for cell in whole & set(sighted)):
        connection.execute(update(SIGHTED).where(here).values(version=version))
    return len(new)
