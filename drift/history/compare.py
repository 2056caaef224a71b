"""Compares a run's report with what is remembered: what is new, known, comes and goes, has ended, or was not
read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, Protocol

import orjson

from drift.history.masked import masked
from drift.history.sight import Earlier, Sight, Unverified
from drift.moment import rfc3339

#: What came back twice within so many days comes and goes.
FLAPPING_DAYS = 30

#: By how much the clocks of two machines may differ.
_SKEW = timedelta(minutes=10)

Event = Literal["new", "reopened", "changed", "resolved", "unknown", "read again"]


class Known(Earlier, Protocol):
    """A finding that is remembered (a row of ``drift_findings``)."""

    severity: str
    owner: str | None
    digest: str | None
    document: str
    first_seen: str
    last_seen: str
    opened_at: str | None
    opened_run: int | None
    resolved_at: str | None
    resolved_run: int | None
    resolution: str | None
    reopened: int
    reopened_at: str | None
    earlier_at: str | None
    changed_at: str | None
    unknown_since: str | None
    answered: int


class Value(Protocol):
    """A change that is remembered (a row of ``drift_changes``)."""

    id: str
    finding: str
    path: str
    declared: str | None
    live: str | None
    gone_at: str | None


@dataclass(slots=True)
class Told:
    """What a history tells of one finding: what the report says of it, and what becomes of it."""

    finding: dict[str, Any]
    known: Known | None
    status: str
    first_seen: str
    opened_at: str | None
    reopened: int
    reopened_at: str | None
    earlier_at: str | None
    changed_at: str | None
    events: list[Event] = field(default_factory=list)
    #: What was recorded of a later look at its place than this run's is left as it is.
    stale: bool = False


@dataclass(slots=True)
class Outcome:
    """The report with what is remembered in it, and what is to be recorded. ``stale`` tells whether another
    run has recorded a later look at the cell of something, ``late`` how many such cells there are."""

    report: dict[str, Any]
    seen: list[Told]
    resolved: list[tuple[Known, str]]
    unknown: list[tuple[Known, str]]
    stale: Callable[[Any], bool]
    late: int

    def counts(self) -> dict[str, int]:
        """How many findings there are of each status, and how many have ended."""
        found = dict.fromkeys(("new", "recurring", "flapping", "pending", "unknown"), 0)
        for one in self.report["findings"]:
            found[one["status"]] += 1
        changed = sum("changed" in one.events for one in self.seen)
        back = sum("reopened" in one.events and one.status == "flapping" for one in self.seen)
        ended = len(self.report["resolved"])
        return {**found, "resolved": ended, "changed_again": changed, "came_back": back}


@dataclass(slots=True)
class Memory:
    """What a history holds of an environment. ``untold`` are runs whose report was never written, so that
    nobody read what was new in them; ``read_at`` is when each cell was last read."""

    open: Mapping[str, Known]
    ended: Mapping[str, Known]
    untold: frozenset[int] = frozenset()
    read_at: Mapping[tuple[str, str, str, str], str] = field(default_factory=dict)


#: Gives the remembered changes of some findings.
Changes = Callable[[Iterable[str]], Mapping[str, list[Value]]]


def compare(report: Mapping[str, Any], memory: Memory, changes: Changes, sight: Sight) -> Outcome:
    """The report compared with the memory; ``report`` itself stays as it is."""
    at = report["run"]["started_at"]
    ids = {one["id"] for one in report["findings"]}
    late = _late(report, memory)
    stale = partial(_among, late)
    seen = [_told(one, memory, at, stale) for one in report["findings"]]
    again = [one.finding["id"] for one in seen if "changed" in one.events]
    before = changes(again) if again else {}
    resolved, unknown = _ended(report, memory, changes, sight, ids, stale)
    findings = [_finding(one, before.get(one.finding["id"], ()), at) for one in seen]
    findings += [_unknown(one, why) for one, why in unknown]
    ended = [_resolved(one, how, at) for one, how in resolved if one.opened_at is not None]
    ended += [
        _resolved(one, one.resolution or "", one.resolved_at or at)
        for one in memory.ended.values()
        if one.resolved_run in memory.untold and one.id not in ids and one.opened_at is not None
    ]
    ended.sort(key=lambda one: (one["provider"], one["scope"], one["type"], one["resource_id"], one["id"]))
    return Outcome(
        {**report, "findings": findings, "resolved": ended}, seen, resolved, unknown, stale, len(late)
    )


def _told(one: Mapping[str, Any], memory: Memory, at: str, stale: Callable[[Any], bool]) -> Told:
    finding = dict(one)
    known = memory.open.get(finding["id"]) or memory.ended.get(finding["id"])
    pending = finding["status"] == "pending"
    if known is None:
        late = stale(finding)
        events: list[Event] = [] if pending or late else ["new"]
        status, since = ("pending", None) if pending else ("new", at)
        return Told(finding, None, status, at, since, 0, None, None, None, events, late)
    told = Told(
        finding,
        known,
        "pending" if pending else "recurring",
        known.first_seen,
        known.opened_at,
        known.reopened,
        known.reopened_at,
        known.earlier_at,
        known.changed_at,
        stale=stale(finding) or stale(known),
    )
    if told.stale:
        return told
    if known.unknown_since is not None:
        told.events.append("read again")
    if known.resolved_at is not None:
        _reopened(told, at, pending)
    elif known.opened_at is None and not pending:  # what was only to be applied has become drift
        told.status, told.first_seen, told.opened_at = "new", at, at
        told.events.append("new")
    elif known.digest and finding["digest"] and known.digest != finding["digest"]:
        told.changed_at = at
        told.events.append("changed")
    if not pending:
        told.status = _status(told, memory, at)
    return told


def _reopened(told: Told, at: str, pending: bool) -> None:
    """What has ended is there again."""
    told.opened_at, told.changed_at = (None if pending else at), None
    if not pending:
        told.reopened, told.earlier_at, told.reopened_at = told.reopened + 1, told.reopened_at, at
        told.events.append("reopened")


def _status(told: Told, memory: Memory, at: str) -> str:
    if told.reopened >= 2 and told.earlier_at and _days(told.earlier_at, at) <= FLAPPING_DAYS:
        return "flapping"
    untold = told.known is not None and told.known.opened_run in memory.untold
    return "new" if untold or {"new", "reopened"} & set(told.events) else "recurring"


def _ended(
    report: Mapping[str, Any],
    memory: Memory,
    changes: Changes,
    sight: Sight,
    ids: set[str],
    stale: Callable[[Any], bool],
) -> tuple[list[tuple[Known, str]], list[tuple[Known, str]]]:
    """What is open and was not found again: (finding, how it ended) of each that has ended, (finding, why) of
    each of which nobody knows."""
    gone = [one for id_, one in memory.open.items() if id_ not in ids and sight.lets_through(one)]
    unverified = Unverified(report["unverifiable"])
    hidden = {one["id"] for one in report["suppressed"] if not one.get("partial")}
    others = {_key(one) for one in report["findings"]}
    paths = changes([one.id for one in gone if one.kind == "changed"]) if gone else {}
    resolved: list[tuple[Known, str]] = []
    unknown: list[tuple[Known, str]] = []
    again = _seen_before(report, memory)
    for one in gone:
        if stale(one):
            continue
        if one.id in hidden:
            resolved.append((one, "accepted"))
            continue
        own = (each.path for each in paths.get(one.id, ()) if each.gone_at is None)
        why = sight.blind(one) or _again_read(one, again) or unverified.reason(one, own)
        if why is not None:
            unknown.append((one, why))
        else:
            resolved.append((one, "replaced" if _key(_row(one)) in others else "restored"))
    return resolved, unknown


def _seen_before(report: Mapping[str, Any], memory: Memory) -> dict[tuple[str, ...], str]:
    """The cells of which the run has no more than an earlier run's reading that is remembered already: why
    nothing ends by it."""
    rows = [row for row in report["coverage"] if row.get("read_by") and row.get("read_at")]
    return {
        cell: f"its place was read at {row['read_at']} by run {row['read_by']}, and not since"
        for row in rows
        if row["read_at"]
        <= memory.read_at.get(cell := (row["provider"], row["scope"], row["region"], row["type"]), "")
    }


def _again_read(one: Known, again: Mapping[tuple[str, ...], str]) -> str | None:
    """Why nothing new is known of the place of a finding."""
    own = (one.provider, one.scope, one.region, one.type)
    return again.get(own) or again.get((one.provider, one.scope, "*", "*"))


def ahead(report: Mapping[str, Any]) -> str:
    """What is dated later was dated by a clock that was wrong: no run has read anything yet then."""
    run = report["run"]
    end = max(datetime.fromisoformat(run["started_at"]), datetime.fromisoformat(run["finished_at"]))
    return rfc3339(end + _SKEW)


def _late(report: Mapping[str, Any], memory: Memory) -> frozenset[tuple[str, ...]]:
    """The cells at which another run has recorded a later look."""
    limit = ahead(report)
    return frozenset(
        cell
        for row in report["coverage"]
        if (cell := (row["provider"], row["scope"], row["region"], row["type"])) in memory.read_at
        and row.get("read_at")
        and row["read_at"] < memory.read_at[cell] <= limit
    )


def _among(cells: frozenset[tuple[str, ...]], one: Any) -> bool:
    """Whether something lies in one of the cells."""
    told = one if isinstance(one, Mapping) else _row(one)
    return (told["provider"], told["scope"], told["region"], told["type"]) in cells


def _row(one: Earlier) -> dict[str, Any]:
    names = ("provider", "scope", "region", "type", "resource_id")
    return {name: getattr(one, name) for name in names}


def _key(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (one["provider"], one["scope"], one["region"], one["type"], one["resource_id"])


def _finding(told: Told, before: Iterable[Value], at: str) -> dict[str, Any]:
    """A finding as the report has it, with what is remembered."""
    known = told.known
    history = {
        "since": told.opened_at,
        "last_seen": at,
        "reopened": told.reopened,
        "reopened_at": told.reopened_at,
        "changed_again": "changed" in told.events,
        "changed_at": told.changed_at,
        "unknown": None,
    }
    finding = {**told.finding, "status": told.status, "first_seen": told.first_seen, "history": history}
    if known is not None and "changed" in told.events:
        earlier = {one.id: one for one in before if one.gone_at is None}
        finding["changes"] = [_again(one, earlier.get(one["id"])) for one in finding["changes"]]
    return finding


def _again(change: Mapping[str, Any], earlier: Value | None) -> dict[str, Any]:
    """A change of a finding that has changed further, with what it was; null where it is new itself."""
    if earlier is None:
        return {**change, "was": None}
    was = {
        side: orjson.loads(value)
        for side in ("declared", "live")
        if (value := getattr(earlier, side)) is not None
        and (side not in change or masked(change[side]) != value)
    }
    same = all(getattr(earlier, side) is not None for side in ("declared", "live") if side in change)
    return dict(change) if same and not was else {**change, "was": was}


def _unknown(one: Known, why: str) -> dict[str, Any]:
    """What is remembered of a finding whose place could not be read."""
    finding: dict[str, Any] = orjson.loads(one.document)
    history = {
        "since": one.opened_at,
        "last_seen": one.last_seen,
        "reopened": one.reopened,
        "reopened_at": one.reopened_at,
        "changed_again": False,
        "changed_at": one.changed_at,
        "unknown": why,
    }
    return {
        **finding,
        "status": "unknown",
        "first_seen": one.first_seen,
        "read_at": None,
        "history": history,
    }


def _resolved(one: Known, how: str, at: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        **_row(one),
        "name": one.name,
        "severity": one.severity,
        "owner": one.owner,
        "first_seen": one.first_seen,
        "since": one.opened_at,
        "last_seen": one.last_seen,
        "resolved_at": at,
        "resolution": how,
    }


def _days(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)) / timedelta(days=1)
