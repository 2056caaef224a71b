"""Counts the steps that a piece of work takes in Python, to show on any machine, however busy, how they grow
with the input."""

from __future__ import annotations

import sys
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
