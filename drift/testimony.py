"""Whom a log's events speak for: the one that touches what changed, else all that may have, else nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from drift.errors import CellError
from drift.finding import ActorKind, Attribution, Finding
from drift.witness import Budget, Silent, Witnessed

#: Whether an event touches a path: surely, surely not, or nobody knows.
Touch = Literal["touches", "elsewhere", "unknown"]
#: So many actors are named where one of them did it.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a ``log`` that changed the resource of a finding: ``names`` are what the actor is called
    otherwise; ``touch`` tells of a changed path; ``makes`` and ``ends`` are of the whole resource."""

    log: str
    id: str
    name: str
    time: str
    actor: str
    touch: Callable[[str], Touch]
    makes: bool = False
    ends: bool = False
    names: tuple[str, ...] = ()
    kind: ActorKind | None = None
    link: str | None = None


def in_turn(
    findings: Iterable[Finding],
    budget: Budget,
    named: Callable[[Finding], tuple[str, str]],
    events: Callable[[str, str, Finding], Sequence[Event] | None],
) -> Iterator[Witnessed | Silent]:
    """Who did what each finding tells of, in their order. ``named`` gives the place of a resource's log and
    its name there (empty: it has none), ``events`` what the log tells of it; None where no call is left. A
    place that refuses is told once, and asked no more."""
    refused: set[str] = set()
    for finding in findings:
        place, name = named(finding)
        if not name or place in refused:
            continue
        try:
            found = events(place, name, finding)
        except CellError as error:
            if budget.clock.passed:
                budget.spent = True
                return
            refused.add(place)
            yield Silent(f"{place}: who did it: {error.message}")
            continue
        if found is None:
            return
        yield Witnessed(finding, judged(finding, found, budget))


def judged(finding: Finding, events: Iterable[Event], budget: Budget) -> Attribution | None:
    """Who did what a finding tells of; None where no event speaks of it.

    Of a change the last event that touches it is believed. Where a later one may have touched it, all of
    these may have done it, unless one actor did all of them.
    """
    newest = _newest(events)
    if finding.kind == "missing":
        return next((_told(one, budget) for one in newest if one.ends), None)
    if finding.kind == "unmanaged":
        return next((_told(one, budget) for one in newest if one.makes), None)
    told = {one.path: found for one in finding.changes if (found := _of_change(one.path, newest, budget))}
    if not told:
        return None
    best = max(told.values(), key=lambda one: (one.certain, one.time or ""))
    others: dict[str, str] = {}
    for path, one in told.items():
        if one.certain and one.actor != best.actor:
            others.setdefault(one.actor, f"{one.actor} ({one.event}, {path})")
    if not best.certain or not others:
        return best
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return replace(
        best, evidence=f"{best.evidence}; before, {', '.join(list(others.values())[:_NAMED])}{more}"
    )


def settled(finding: Finding, events: Iterable[Event], budget: Budget) -> bool:
    """Whether no older event can change who did what a finding tells of; the events are the newest."""
    newest = _newest(events)
    if finding.kind == "missing":
        return any(one.ends for one in newest)
    if finding.kind == "unmanaged":
        return any(one.makes for one in newest)
    found = (_of_change(one.path, newest, budget) for one in finding.changes)
    return all(one is not None and one.certain for one in found)


def _newest(events: Iterable[Event]) -> list[Event]:
    return sorted({one.id: one for one in events}.values(), key=lambda one: one.time, reverse=True)


def _of_change(path: str, newest: Sequence[Event], budget: Budget) -> Attribution | None:
    perhaps: list[Event] = []
    wrote: Event | None = None
    for one in newest:
        verdict = one.touch(path)
        if verdict != "elsewhere":
            perhaps.append(one)
        if verdict == "touches":
            wrote = one
            break
    if not perhaps:
        return None
    actors = list(dict.fromkeys(one.actor for one in perhaps))
    if wrote is not None and len(actors) == 1:
        return _told(wrote, budget, path)
    more = f" and {len(actors) - _NAMED} more" if len(actors) > _NAMED else ""
    named = ", ".join(actors[:_NAMED])
    kinds = {_kind(one, budget) for one in perhaps}
    first = perhaps[0]
    count = f"{len(perhaps)} events name" if len(perhaps) > 1 else "one event names"
    return Attribution(
        f"one of {named}{more}" if len(actors) > 1 else named,
        first.time,
        first.name,
        f"{first.log}: {count} the resource and may have touched {path}",
        kinds.pop() if len(kinds) == 1 else None,
        first.link,
        certain=False,
    )


def _told(one: Event, budget: Budget, path: str = "") -> Attribution:
    what = f" and touches {path}" if path else ""
    evidence = f"{one.log}: {one.name} names the resource{what} (event {one.id})"
    return Attribution(one.actor, one.time, one.name, evidence, _kind(one, budget), one.link)


def _kind(one: Event, budget: Budget) -> ActorKind | None:
    if one.kind != "service" and budget.pipeline(*filter(None, (one.actor, *one.names))):
        return "pipeline"
    return one.kind
