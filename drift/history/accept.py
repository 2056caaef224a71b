"""Accepts what nobody declares as it is now: it is what later runs compare with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, or_, select, update

from drift.history.errors import HistoryError
from drift.history.tables import EVENTS, FINDINGS, RESOURCES, VALUES
from drift.memory import appeared, numbered
from drift.model import Cell

_PLACE = ("provider", "scope", "region", "type")


def accept(
    connection: Connection, ids: Sequence[str], *, environment: str | None, by: str, now: str
) -> list[str]:
    """Accepts values (``u-…``), findings (``f-…``), or, without ``ids``, every value of an environment that
    has changed; what was accepted, a line each. Raises HistoryError for what can't be."""
    if not ids:
        moved = or_(VALUES.c.now.is_not(None), VALUES.c.now_keyed.is_not(None))
        asked = select(VALUES).where(moved)
        if environment is not None:
            asked = asked.where(VALUES.c.environment == environment)
        return [_value(connection, row, by, now) for row in connection.execute(asked).all()]
    return [line for id_ in ids for line in _one(connection, id_, by, now)]


def _one(connection: Connection, id_: str, by: str, now: str) -> list[str]:
    if id_.startswith("u-"):
        row = connection.execute(select(VALUES).where(VALUES.c.id == id_)).first()
        if row is None:
            raise HistoryError(
                f"{id_}: no such value is remembered; its id stands in the report (undeclared)"
            )
        return [_value(connection, row, by, now)]
    finding = connection.execute(select(FINDINGS).where(FINDINGS.c.id == id_)).first()
    if finding is None:
        raise HistoryError(f"{id_}: no such finding is remembered; a finding's id stands in its report")
    lines = list(_finding(connection, finding, by, now))
    if not lines:
        raise HistoryError(
            f"{id_}: nothing of it can be accepted here: it differs from what Git declares, is of a type of "
            "which Git declares some, or gives access; change Git, or write an ignore rule"
        )
    event = {"run": 0, "finding": id_, "event": "accepted", "at": now, "detail": f"by {by}"}
    connection.execute(insert(EVENTS), [event])
    return lines


def _finding(connection: Connection, finding: Row[Any], by: str, now: str) -> Iterable[str]:
    place = {name: getattr(finding, name) for name in ("environment", *_PLACE, "resource_id")}
    if finding.kind == "changed":
        which = [getattr(VALUES.c, name) == value for name, value in place.items()]
        moved = or_(VALUES.c.now.is_not(None), VALUES.c.now_keyed.is_not(None))
        for row in connection.execute(select(VALUES).where(*which, moved)).all():
            yield _value(connection, row, by, now)
    elif finding.kind == "unmanaged" and appeared(str(orjson.loads(finding.document).get("note") or "")):
        cell = Cell(finding.provider, finding.scope, finding.region, finding.type)
        number = numbered(finding.environment, cell, finding.resource_id)
        known = connection.execute(select(RESOURCES.c.id).where(RESOURCES.c.id == number)).first()
        if known is None:
            new = {"id": number, "environment": finding.environment, "last_seen": now}
            connection.execute(insert(RESOURCES), [new])
        yield f"{finding.type} {finding.name or finding.resource_id}: known from now on"


def _value(connection: Connection, row: Row[Any], by: str, now: str) -> str:
    accepted: dict[str, Any] = {"accepted_at": now, "accepted_by": by}
    if row.now is not None or row.now_keyed is not None:
        accepted |= {"value": row.now, "keyed": row.now_keyed, "since": row.now_since or now}
        accepted |= {"now": None, "now_keyed": None, "now_since": None}
    connection.execute(update(VALUES).where(VALUES.c.id == row.id).values(accepted))
    said = "a secret" if (row.now or row.value) is None else row.now or row.value
    return f"{row.type} {row.name or row.resource_id} {row.path}: {said}"
