"""Follows declared commits until they are live: the first run that reads one, and the first in which nothing
stands differently in a line that it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from drift.history.tables import DEPLOYMENTS


def follow(
    connection: Connection, report: Mapping[str, Any], committed: Mapping[str, str], number: int
) -> None:
    """Records the commits that a run read, and which of them are live; ``committed`` is when each was
    made."""
    environment, at = report["run"]["environment"], report["run"]["started_at"]
    here = DEPLOYMENTS.c.environment == environment
    known = {
        (row.location, row.commit_id): row for row in connection.execute(select(DEPLOYMENTS).where(here))
    }
    waiting = set(_waiting(report))
    new: dict[tuple[str, str], dict[str, Any]] = {}
    for one in report["run"]["declared"]:
        commit, place = one["commit"], one["location"].partition("#")[0]
        if commit is None:
            continue
        live = commit not in waiting and not report["problems"]
        row = known.get((place, commit))
        if row is None:
            new[place, commit] = {
                "environment": environment,
                "source": one["source"],
                "location": place,
                "commit_id": commit,
                "committed_at": committed.get(commit),
                "first_at": at,
                "first_run": number,
                "live_at": at if live else None,
                "live_run": number if live else None,
            }
        elif live and row.live_at is None:
            which = DEPLOYMENTS.c.number == row.number
            connection.execute(update(DEPLOYMENTS).where(which).values(live_at=at, live_run=number))
    if new:
        connection.execute(insert(DEPLOYMENTS), list(new.values()))


def _waiting(report: Mapping[str, Any]) -> Iterator[str]:
    """The commits of which something is not live: they wrote a line that a finding speaks of, or, where Git
    was not asked, hold what is only to be applied."""
    for finding in report["findings"]:
        declared = finding["declared_at"]
        if declared is None or finding["status"] == "unknown":
            continue
        places = [
            declared,
            *(change["written_at"] for change in finding["changes"] if "written_at" in change),
        ]
        touched = [place["last_change"] for place in places if place.get("last_change")]
        yield from (one["commit"] for one in touched if one["commit"])
        if not touched and finding["status"] == "pending" and declared["commit"]:
            yield declared["commit"]
