"""Who did it: asks the clouds' own logs about new findings, and keeps what they told about known ones."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import orjson
from pydantic import BaseModel

from drift.deadline import Deadline
from drift.finding import Finding
from drift.provider import Provider
from drift.witness import Budget, Silent, Witnessed

#: How often whoever waits for the logs looks up.
_LOOK_UP_SECONDS = 0.2

#: What is remembered of a finding: its digest, who did it (JSON), and how often the logs answered that.
Remembered = Mapping[str, tuple[str | None, str | None, int]]
#: How often a log that names nobody is asked about the same: it may have been written later than it was read.
_ANSWERS = 2


def keep(told: Sequence[dict[str, Any]], known: Remembered) -> tuple[list[int], list[int]]:
    """Gives known findings that are as they were what is remembered of who did it. Gives the places of those
    to ask about: what is new, or changed again; and what no log has answered finally."""
    asked, again = [], []
    for place, one in enumerate(told):
        if one["attribution"] is not None:
            continue
        before = known.get(one["id"])
        if before is None or before[0] != one["digest"]:
            asked.append(place)
            continue
        _, by, answers = before
        if by is not None:
            one["attribution"] = orjson.loads(by)
        elif answers < _ANSWERS:
            again.append(place)
    return asked, again


def mark(told: Sequence[dict[str, Any]], pipelines: Sequence[str]) -> None:
    """Calls those a pipeline that the live side named itself, and that one of the globs names."""
    for one in told:
        by = one["attribution"]
        if by and by["kind"] is None and any(fnmatchcase(by["actor"], glob) for glob in pipelines):
            by["kind"] = "pipeline"


@dataclass(slots=True)
class Answers:
    """What the logs told by finding, about which findings they ``answered`` at all, and why not about
    others, each reason once."""

    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    silent: list[str] = field(default_factory=list)


def ask(
    findings: Sequence[Finding],
    providers: Mapping[str, Provider],
    settings: Mapping[str, BaseModel],
    budget: Budget,
    run: Deadline,
) -> Answers:
    """What the logs tell. Every cloud is asked at once, and is left behind where it does not end within the
    budget."""
    found = Answers()
    silent: dict[str, None] = {}
    waiting: queue.SimpleQueue[tuple[str, Witnessed | Silent | None]] = queue.SimpleQueue()
    open_: set[str] = set()
    for name in dict.fromkeys(one.resource.provider for one in findings):
        if name in settings and name in providers:
            own = [one for one in findings if one.resource.provider == name]
            open_.add(name)
            work = _work(providers[name], own, settings[name], budget, waiting.put)
            threading.Thread(target=work, daemon=True, name=f"witness-{name}").start()

    def take(name: str, one: Witnessed | Silent | None) -> None:
        if one is None:
            open_.discard(name)
        elif isinstance(one, Silent):
            silent[f"{name}: {one.message}"] = None
        else:
            found.answered.add(one.finding.id)
            if one.attribution is not None:
                found.told[one.finding.id] = asdict(one.attribution)

    while open_ and not budget.clock.passed and not run.stopped:
        with contextlib.suppress(queue.Empty):
            take(*waiting.get(timeout=_LOOK_UP_SECONDS))
    # What was told in time counts, however late this thread was given a processor.
    for _ in range(waiting.qsize()):
        take(*waiting.get_nowait())
    silent.update(
        (f"{name}: who did it was not told in time (attribution.seconds)", None) for name in sorted(open_)
    )
    if budget.spent and not open_:
        why = "the time is over (attribution.seconds)"
        if budget.calls <= 0:
            why = "the calls are used up (attribution.calls)"
        silent[f"not all were asked who did it: {why}"] = None
    found.silent = list(silent)
    return found


def _work(
    provider: Provider,
    findings: Sequence[Finding],
    settings: BaseModel,
    budget: Budget,
    put: Callable[[tuple[str, Witnessed | Silent | None]], None],
) -> Callable[[], None]:
    def work() -> None:
        try:
            for one in provider.witness(findings, settings, budget):
                put((provider.name, one))
        except Exception as error:  # noqa: BLE001 - whatever a provider does wrong is said
            said = f"who did it can't be told: {type(error).__name__}: {error}"
            put((provider.name, Silent(said)))
        put((provider.name, None))

    return work
