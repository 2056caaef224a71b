"""A run within its clock, while its progress is shown."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, TypeVar

from drift.cli import ending
from drift.cli.progress import watching
from drift.cli.tracing import Spans
from drift.live.tasks import Told as Progressed
from drift.live.tasks import Watch
from drift.scan import Run
from drift.store import returned

T = TypeVar("T")


class Shown(NamedTuple):
    """How much of its progress a command shows."""

    quiet: bool = False
    verbose: bool = False


@contextlib.contextmanager
def in_time(run: Run, deadline: str | None) -> Iterator[None]:
    """Gives the run its clock, and lets a signal stop its reading of the clouds. Of files there is nothing to
    report that would not be there again: a signal ends it at once."""
    run.deadline = run.config.keyring.clock = ending.deadline(deadline, run.config.deadline)
    with contextlib.nullcontext() if run.live else ending.stopping(run.deadline):
        yield


def watched(run: Run, shown: Shown, work: Callable[[], T], spans: Spans | None = None) -> T:
    """What ``work`` gives, while progress is shown, and traced."""
    returned()
    with watching(shown.quiet, shown.verbose) as watch:
        run.watch = watch if spans is None else partial(_both, watch, spans.watch)
        return work()


def _both(one: Watch, other: Watch, told: Progressed) -> None:
    one(told)
    other(told)
