"""A clock for waits: it stands still but for who sleeps by it."""

from __future__ import annotations


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
