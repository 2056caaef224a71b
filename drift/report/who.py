"""Who did it: asks the clouds' own logs about new findings, and keeps what they told about known ones."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel

from drift.deadline import Deadline
from drift.model import Finding
from drift.provider import Provider
from drift.witness import Budget, Silent, Witnessed

#: How often whoever waits for the logs looks up.
_LOOK_UP_SECONDS = 0.2

#: What the report said of a finding in the run before: its digest, and who did it.
Remembered = Mapping[str, tuple[str | None, Any]]


def keep(told: Sequence[dict[str, Any]], known: Remembered) -> list[int]:
    """Gives known findings that are as they were what is remembered of who did it. Gives the places of those
    to ask about: what is new, and what changed again."""
    asked = []
    for place, one in enumerate(told):
        if one["attribution"] is not None:
            continue
        before = known.get(one["id"])
        if before is None or before[0] != one["digest"]:
            asked.append(place)
        else:
            one["attribution"] = before[1]
    return asked


def ask(
    findings: Sequence[Finding],
    providers: Mapping[str, Provider],
    settings: Mapping[str, BaseModel],
    budget: Budget,
    run: Deadline,
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What the logs tell by finding, and what they don't, each once. Every cloud is asked at once, and is
    left behind where it does not end within the budget."""
    told: dict[str, dict[str, Any]] = {}
    silent: dict[str, None] = {}
    waiting: queue.SimpleQueue[tuple[str, Witnessed | Silent | None]] = queue.SimpleQueue()
    open_: set[str] = set()
    for name in dict.fromkeys(one.resource.provider for one in findings):
        if name in settings and name in providers:
            own = [one for one in findings if one.resource.provider == name]
            open_.add(name)
            work = _work(providers[name], own, settings[name], budget, waiting.put)
            threading.Thread(target=work, daemon=True, name=f"witness-{name}").start()
    while open_ and not budget.clock.passed and not run.stopped:
        try:
            name, one = waiting.get(timeout=_LOOK_UP_SECONDS)
        except queue.Empty:
            continue
        if one is None:
            open_.discard(name)
        elif isinstance(one, Silent):
            silent[f"{name}: {one.message}"] = None
        else:
            told[one.finding.id] = asdict(one.attribution)
    silent.update(
        (f"{name}: who did it was not told in time (attribution.seconds)", None) for name in sorted(open_)
    )
    if budget.spent and not open_:
        silent["not all were asked who did it: the calls are used up (attribution.calls)"] = None
    return told, list(silent)


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
