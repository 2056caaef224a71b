"""What was done about findings: pull requests and issues that were opened for them, as events of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from drift.history.tables import EVENTS, FINDINGS, RUNS

#: The event: its ``detail`` is what was done and the address.
EVENT = "remediated"
#: The links of a finding that it may have, and what comes before each in the detail.
_LINKS = ("pull_request", "issue")


def record(connection: Connection, outcome: Mapping[str, Any]) -> None:
    """Records what became of each finding in an outcome (``drift-remediation/1``), where that is another than
    is known."""
    number = connection.execute(select(RUNS.c.number).where(RUNS.c.id == outcome["run"])).scalar()
    if number is None:
        return
    known = _latest(connection, outcome["environment"])
    events = []
    for one in outcome["findings"]:
        told = _detail(one)
        if told and known.get(one["finding"]) != told:
            events.append(
                {
                    "run": number,
                    "finding": one["finding"],
                    "event": EVENT,
                    "at": outcome["at"],
                    "detail": told,
                }
            )
    if events:
        connection.execute(insert(EVENTS), events)


def links(connection: Connection, environment: str) -> dict[str, dict[str, str]]:
    """The pull request and the issue of each finding that is there and has one."""
    found = {}
    for id_, detail in _latest(connection, environment).items():
        words = detail.split(" ")
        told = {name: words[words.index(name) + 1] for name in _LINKS if name in words[:-1]}
        if told:
            found[id_] = told
    return found


def _detail(one: Mapping[str, Any]) -> str:
    """``adopt opened pull_request https://…``; empty where there is nothing to follow."""
    told = [f"{name} {one[name]}" for name in _LINKS if one.get(name)]
    if not told and not one.get("branch"):
        return ""
    branch = "" if told else f"branch {one['branch']}"
    return " ".join(filter(None, (str(one.get("action", "")), *told, branch)))


def _latest(connection: Connection, environment: str) -> dict[str, str]:
    rows = connection.execute(
        select(EVENTS.c.finding, EVENTS.c.detail)
        .join(FINDINGS, FINDINGS.c.id == EVENTS.c.finding)
        .where(
            FINDINGS.c.environment == environment,
            FINDINGS.c.resolved_at.is_(None),
            EVENTS.c.event == EVENT,
        )
        .order_by(EVENTS.c.number)
    )
    return {row.finding: row.detail for row in rows}
