"""Tells on any machine, however busy, how the effort of a piece of work grows with its input: by the steps
that it takes in Python, or, of what a library written in C does, by the processor time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any


class Watched(str):
    """A text each of whose comparisons is a step, also where a list or a dict makes it within C."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        return str.__hash__(self)


def steps(work: Callable[[], object]) -> int:
    """How many lines of Python run, those of generators and comprehensions at each turn."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """How many times as many steps the work takes on twice the input: 2 where each member costs the same, 4
    where each looks at each. ``work(size)`` prepares the work on an input of that size."""
    work(size)()  # what is kept from the first run on costs no later one
    return steps(work(2 * size)) / steps(work(size))


def growth_in_c(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """How many times as much processor time the work takes on eight times the input: about 8 where each
    member costs the same, 64 where each looks at each. The least of three tries, each on an input of another
    size, so that nothing is kept from the one before."""
    work(size // 2)()

    def least(size: int) -> float:
        return min(_seconds(work(size - lost)) for lost in range(0, 3 * size // 100, size // 100))

    return least(8 * size) / least(size)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
