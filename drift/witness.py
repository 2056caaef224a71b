"""Who did it, asked of a cloud's own log: what a provider is asked, in which bounds, and what it tells."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeVar

from drift.deadline import Deadline
from drift.finding import Attribution, Finding

T = TypeVar("T")


@dataclass(slots=True)
class Budget:
    """How many calls may still be made, by when, and which actors are the pipeline (globs). ``since`` is when
    the run before began, in RFC 3339, where one is remembered, and ``fresh`` are the ids of the findings that
    it did not have. Safe to share between threads."""

    calls: int
    clock: Deadline = field(default_factory=Deadline)
    pipelines: Sequence[str] = ()
    since: str | None = None
    fresh: frozenset[str] = frozenset()
    #: Whether something was left out because no call was left.
    spent: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self) -> bool:
        """Whether one more call may be made; it counts as made then."""
        with self._lock:
            if self.calls <= 0 or self.clock.passed:
                self.spent = True
                return False
            self.calls -= 1
            return True

    def pages(self, pages: Iterator[T]) -> Iterator[T | None]:
        """Pages of which each takes a call; None, and no more, where no call is left for the next."""
        while self.take():
            page = next(pages, None)
            if page is None:  # which took none
                with self._lock:
                    self.calls += 1
                return
            yield page
        yield None

    def pipeline(self, *names: str) -> bool:
        """Whether one of the names of an actor is a pipeline's."""
        return any(fnmatchcase(name, glob) for name in names for glob in self.pipelines)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Who did what one finding tells of: what a log answered about it; None where that names nobody. About
    what is not told no log has answered, so the next run asks again."""

    finding: Finding
    attribution: Attribution | None


@dataclass(frozen=True, slots=True)
class Silent:
    """Why a log told nothing of some findings, in one sentence for people. The same is said once."""

    message: str
