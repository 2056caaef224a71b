"""Clocks that no busy machine puts wrong: one for waits, which stands still but for who sleeps by it, and one
that passes once something has happened."""

from __future__ import annotations

from collections.abc import Callable

from drift.deadline import Deadline


class Clock:
    """Stands in for the module ``time`` of a module that waits. ``slept`` are the seconds of each wait."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def waited(self) -> float:
        """The seconds of all waits together: a run's clock waits in many short ones."""
        return round(sum(self.slept), 6)


class Until(Deadline):
    """Passes once ``holds``; whoever waits by it looks up as often as by any other."""

    def __init__(self, holds: Callable[[], bool], said: str = "1m") -> None:
        super().__init__(300, said=said)
        self._holds, self._held = holds, False

    def left(self) -> float:
        self._held = self._held or self._holds()
        return 0.0 if self._held else super().left()
