"""Times two pieces of work in turn and compares them pair by pair."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paired:
    """Seconds of each run of ours and of the other, and the median of the ratios ours / other."""

    ours: list[float]
    other: list[float]

    @property
    def ratio(self) -> float:
        return statistics.median(a / b for a, b in zip(self.ours, self.other, strict=True))

    def line(self, title: str, ours: str, other: str, goal: str) -> str:
        spread = sorted(a / b for a, b in zip(self.ours, self.other, strict=True))
        return (
            f"{title}: {ours} / {other} = {self.ratio:.2f} (runs {spread[0]:.2f} to {spread[-1]:.2f}; "
            f"medians {statistics.median(self.ours):.2f} s and {statistics.median(self.other):.2f} s; "
            f"goal {goal})"
        )


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def processor_seconds(work: Callable[[], object]) -> float:
    """Of this process, which other work on the machine hardly changes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def busy() -> str:
    """What a bare loop takes now: figures of one machine are of little use without it."""
    return f"a loop of 10 million additions took {seconds(lambda: sum(range(10_000_000))):.2f} s"


def paired(ours: Callable[[], object], other: Callable[[], object], runs: int = 5) -> Paired:
    """Runs both once to warm up, then in turn."""
    ours()
    other()
    result = Paired([], [])
    for _ in range(runs):
        result.ours.append(seconds(ours))
        result.other.append(seconds(other))
    return result


def crowded() -> float:
    """How many seconds pass now while a process that never waits has its processor for one."""
    began, used = time.perf_counter(), time.process_time()
    sum(range(30_000_000))
    return (time.perf_counter() - began) / (time.process_time() - used)
