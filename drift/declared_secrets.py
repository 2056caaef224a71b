"""What declared sources call secret, known before anything that is read live is written down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy

from drift.deadline import Deadline
from drift.live.estate import Estate
from drift.live.tasks import unexpected
from drift.model import Problem, Resource
from drift.provider import Provider
from drift.redaction import Redactor
from drift.said import Declared
from drift.source import Declaration

#: Of so many reasons it is told why a declared secret is not known.
_REASONS = 5


def learn(
    sources: Iterable[Declaration], providers: Mapping[str, Provider], redactor: Redactor
) -> dict[str, str]:
    """Has the redactor know what the sources call secret as far as they can tell it without the live side;
    gives the sources that could not be asked, each with why."""
    failed: dict[str, str] = {}
    for given in sources:
        view = Estate(providers)
        try:
            source = copy(given)  # some keep whom they asked: of the run's own, its live side
            told = source.beforehand(view, source.types())
            for _ in redactor.learning((one for one in told if isinstance(one, Resource)), view.facts):
                pass
            redactor.known.update(source.secrets())
        except Exception as error:  # noqa: BLE001 - whatever a source does wrong is said
            failed[given.location.display] = unexpected(error)
    return failed


def learn_whole(
    said: Declared,
    live: Estate,
    redactor: Redactor,
    clock: Deadline,
    lacking: Sequence[Problem],
    tell: Callable[[str], None],
) -> list[Problem]:
    """Has the redactor know what is declared to be secret, by fact, name and look, for a live side that
    leaves the run whole. Gives what of that could not be read, ``lacking`` first; ``tell`` is told why not
    all is known."""
    told = said.resources(live, lambda _: None, clock)
    for _ in redactor.learning(told, live.facts, looks=True):
        pass
    for source in said.sources:
        redactor.known.update(source.secrets())
    unread = [*lacking, *(one for one in said.problems if one.unread)]
    if unread:
        tell("what only they call secret is not known, and is hidden by its look alone")
    unlearnt = redactor.unlearnt
    if len(unlearnt) > _REASONS:
        tell(f"{unlearnt.total():,} declared secrets are hidden by their look alone, as they are not known")
    for why, count in unlearnt.most_common(_REASONS):
        times = f" ({count:,} times)" if count > 1 else ""
        tell(f"a declared secret is hidden by its look alone, as it is not known: {why}{times}")
    return unread


def learning(
    sources: Iterable[Declaration], providers: Mapping[str, Provider], redactor: Redactor
) -> Callable[[], str]:
    """Does :func:`learn` in a thread. Gives what waits for it, and then tells why not all is known; nothing
    where all is."""
    failed: dict[str, str] = {}
    ended = threading.Event()

    def work() -> None:
        failed["what is declared"] = "it ended in the middle"
        found = learn(sources, providers, redactor)
        failed.clear()
        failed.update(found)

    def run() -> None:
        try:
            work()
        finally:
            ended.set()

    def known() -> str:
        ended.wait()
        return next((f"{name}: {why}" for name, why in failed.items()), "")

    threading.Thread(target=run, daemon=True, name="secrets").start()
    return known
