"""What a history tells of an environment's health: age, time to restore, drift a week, change failure,
deployments, lead time, share under Git."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Row, or_, select

from drift.finding import NO_OWNER
from drift.history.tables import DEPLOYMENTS, EPISODES, RUNS
from drift.moment import rfc3339

DAYS = 90
_WEEK = 7 * 86_400.0


class _Episode(NamedTuple):
    """One time that a finding was drift; moments are seconds, ``closed`` is infinite for what is open."""

    owner: str
    provider: str
    declared: bool
    opened_run: int
    opened: float
    closed: float
    restored: bool


def measures(connection: Connection, environment: str, now: str, *, days: int = DAYS) -> dict[str, Any]:
    """The measures of the ``days`` before ``now``; lengths of time are in seconds, null where nothing tells
    them."""
    since = rfc3339(datetime.fromisoformat(now) - timedelta(days=days))
    runs = _runs(connection, environment, since)
    episodes = _episodes(connection, environment, since)
    first = min((row.started_at for row in runs), default=now)
    begin, until, began = _moment(since), _moment(now), _moment(max(first, since))
    weeks = max(1.0, (until - began) / _WEEK)
    return {
        "environment": environment,
        "since": since,
        "until": now,
        "runs": len(runs),
        "whole": sum(row.whole for row in runs),
        **_drift(episodes, begin, until, weeks),
        **_deployments(connection, environment, since, weeks, episodes),
        "under_git": _under_git(runs[-1] if runs else None),
        "weeks": _weeks(episodes, began, until),
        "by": {
            "owner": _by(episodes, attrgetter("owner"), begin, until, weeks),
            "provider": _by(episodes, attrgetter("provider"), begin, until, weeks),
        },
    }


def environments(connection: Connection) -> list[str]:
    """Every environment that has a run."""
    return sorted(connection.scalars(select(RUNS.c.environment).distinct()))


def git_counts(report: Mapping[str, Any]) -> dict[str, list[int]]:
    """Of a report: by provider, how many live resources Git declares, and how many are live."""
    declared: Counter[str] = Counter()
    live: Counter[str] = Counter()
    for row in report["compared"]:
        declared[row["provider"]] += row["resources"]
    for one in report["findings"]:
        if one["kind"] == "missing" and one["status"] != "unknown":
            declared[one["provider"]] -= 1
    for row in report["coverage"]:
        if row["status"] == "checked" or row.get("listed"):
            live[row["provider"]] += row["resources"]
    return {name: [max(0, min(declared[name], live[name])), live[name]] for name in sorted(live)}


def _runs(connection: Connection, environment: str, since: str) -> list[Row[Any]]:
    columns = (RUNS.c.started_at, RUNS.c.whole, RUNS.c.counts)
    which = (RUNS.c.environment == environment, RUNS.c.started_at >= since, ~RUNS.c.partial)
    return list(connection.execute(select(*columns).where(*which).order_by(RUNS.c.started_at)))


def _episodes(connection: Connection, environment: str, since: str) -> list[_Episode]:
    """What was drift at any time since then."""
    which = or_(EPISODES.c.closed_at.is_(None), EPISODES.c.closed_at >= since)
    names = ("owner", "provider", "kind", "opened_run", "opened_at", "closed_at", "resolution")
    asked = select(*(EPISODES.c[name] for name in names)).where(EPISODES.c.environment == environment, which)
    return [
        _Episode(
            owner or NO_OWNER,
            provider,
            kind != "unmanaged",
            run,
            _moment(opened),
            math.inf if closed is None else _moment(closed),
            how == "restored",
        )
        for owner, provider, kind, run, opened, closed, how in connection.execute(asked).all()
    ]


def _drift(episodes: Sequence[_Episode], since: float, until: float, weeks: float) -> dict[str, Any]:
    still = [until - one.opened for one in episodes if one.closed == math.inf]
    introduced = sum(one.opened >= since for one in episodes)
    restored = [one.closed - one.opened for one in episodes if one.restored]
    return {
        "open": len(still),
        "age": {**_spread(still), "oldest": max(0, round(max(still))) if still else None},
        "introduced": introduced,
        "introduced_per_week": round(introduced / weeks, 2),
        "restored": len(restored),
        "time_to_restore": _spread(restored),
    }


def _deployments(
    connection: Connection, environment: str, since: str, weeks: float, episodes: Sequence[_Episode]
) -> dict[str, Any]:
    """Of commits that went live; the first that is known of a place was live before anybody looked."""
    rows = list(
        connection.execute(
            select(DEPLOYMENTS)
            .where(DEPLOYMENTS.c.environment == environment)
            .order_by(DEPLOYMENTS.c.first_run)
        )
    )
    began: dict[str, int] = {}
    for row in rows:
        began.setdefault(row.location, row.first_run)
    later = [
        row for row in rows if row.first_run != began[row.location] and row.live_at and row.live_at >= since
    ]
    by_commit = {row.commit_id: row for row in later}
    opened = sorted({one.opened_run for one in episodes if one.declared})
    failed = sum(_any_within(opened, row.first_run, row.live_run) for row in by_commit.values())
    lead = [
        _moment(row.live_at) - _moment(row.committed_at) for row in by_commit.values() if row.committed_at
    ]
    count = len(by_commit)
    return {
        "deployments": count,
        "deployments_per_week": round(count / weeks, 2),
        "lead_time": _spread(lead),
        "change_failure": {"failed": failed, "share": round(failed / count, 3) if count else None},
    }


def _any_within(sorted_numbers: Sequence[int], low: int, high: int) -> bool:
    at = bisect_left(sorted_numbers, low)
    return at < len(sorted_numbers) and sorted_numbers[at] <= high


def _under_git(run: Row[Any] | None) -> dict[str, Any]:
    counts = {} if run is None else orjson.loads(run.counts).get("git", {})
    known = {name: _share(managed, live) for name, (managed, live) in counts.items()}
    total = _share(sum(one[0] for one in counts.values()), sum(one[1] for one in counts.values()))
    return {**total, "by_provider": known}


def _share(managed: int, live: int) -> dict[str, Any]:
    return {"managed": managed, "live": live, "share": round(managed / live, 3) if live else None}


def _weeks(episodes: Sequence[_Episode], since: float, until: float) -> list[dict[str, Any]]:
    """By week, the newest last and ending now: what was introduced, what was restored, what was there at its
    end."""
    count = max(1, math.ceil((until - since) / _WEEK))
    introduced, restored, closed = Counter[int](), Counter[int](), Counter[int]()
    for one in episodes:
        introduced[count - 1 - int((until - one.opened) / _WEEK)] += 1
        if one.closed != math.inf:
            ended = count - 1 - int((until - one.closed) / _WEEK)
            closed[ended] += 1
            restored[ended] += one.restored
    there = sum(number for week, number in introduced.items() if week < 0)
    there -= sum(number for week, number in closed.items() if week < 0)
    told = []
    for week in range(count):
        there += introduced[week] - closed[week]
        end = datetime.fromtimestamp(until - _WEEK * (count - 1 - week), UTC)
        counts = {"introduced": introduced[week], "restored": restored[week], "open": there}
        told.append({"until": rfc3339(end), **counts})
    return told


def _by(
    episodes: Iterable[_Episode],
    name: Callable[[_Episode], str],
    since: float,
    until: float,
    weeks: float,
) -> list[dict[str, Any]]:
    groups: dict[str, list[_Episode]] = defaultdict(list)
    for one in episodes:
        groups[name(one)].append(one)
    told = [{"name": group, **_drift(ones, since, until, weeks)} for group, ones in groups.items()]
    return sorted(told, key=lambda one: (-one["open"], -one["introduced"], one["name"]))


def _spread(lengths: Sequence[float]) -> dict[str, Any]:
    """Median and ninetieth percentile, in whole seconds."""
    if not lengths:
        return {"median": None, "p90": None}
    ordered = sorted(max(0.0, one) for one in lengths)
    ninetieth = ordered[min(len(ordered) - 1, math.ceil(0.9 * len(ordered)) - 1)]
    return {"median": round(statistics.median(ordered)), "p90": round(ninetieth)}


@lru_cache(16_384)
def _moment(text: str) -> float:
    """A moment as seconds: very many are the same few."""
    return datetime.fromisoformat(text).timestamp()
