"""Compares all pairs of a run: where very many are on disk, other processes compare them, while this one
compares those in memory."""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from drift.compare.compared import Compared
from drift.compare.pair import Comparer
from drift.compare.workers import Lot, Workers
from drift.deadline import Deadline, Passed
from drift.match import Pair, Pairs
from drift.model import Resource

#: Pairs on disk from which on other processes are worth their start.
FROM = 20_000
#: Pairs in one message.
LOT = 500
#: How long the pair that is compared when the time is over may still take.
_LAST_SECONDS = 1.0


def compared(
    pairs: Sequence[Pair], comparer: Comparer, workers: Workers, clock: Deadline, done: bytearray
) -> Iterator[Compared]:
    """What comparing all pairs told, lot by lot, in no order, until the clock says that there is no more
    time. ``done`` has a byte for each pair, which is set before what its comparison told is given.

    Where another process fails, its pairs are compared here, so that whatever was wrong with them is told as
    ever.
    """
    many = pairs if isinstance(pairs, Pairs) and workers.most > 1 and pairs.written() >= FROM else None
    if many is not None and workers.begun(comparer, many.files()):
        yield from _spread(many, comparer, workers, clock, done)
        return
    for start in range(0, len(pairs), LOT):
        if clock.passed:
            return
        lot = range(start, min(start + LOT, len(pairs)))
        yield _here(pairs, lot, comparer, clock, done)


def processors(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """How many processors this process may use, by its container's limit too (``quota``, of cgroups v2)."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        time, period = quota.read_text(encoding="ascii").split()
    except (OSError, ValueError):  # no such file: no limit
        return count
    return count if time == "max" else max(1, min(count, round(int(time) / int(period))))


def _spread(
    pairs: Pairs, comparer: Comparer, workers: Workers, clock: Deadline, done: bytearray
) -> Iterator[Compared]:
    here: list[int] = []
    for numbers, told in workers.compared(_lots(pairs, here), clock):
        if told is not None:
            for number in numbers:
                done[number] = True
        yield _here(pairs, numbers, comparer, clock, done) if told is None else told
        while len(here) >= LOT:
            own, here[:LOT] = here[:LOT], []
            yield _here(pairs, own, comparer, clock, done)
    yield _here(pairs, here, comparer, clock, done)


def _here(
    pairs: Sequence[Pair], numbers: Sequence[int], comparer: Comparer, clock: Deadline, done: bytearray
) -> Compared:
    """What comparing a lot in this process told: as far as it came by the time that the clock says. Where one
    pair takes longer than that and ``_LAST_SECONDS`` more, nothing of its lot."""
    if comparer.estate.raw and math.isinf(clock.left()):  # of files, a signal ends the run at once
        return comparer.compare(_sides(pairs, numbers, clock, done))
    late: list[float] = []

    def waiting(took: float) -> None:
        if clock.passed:
            late.append(took)
            if took - late[0] > _LAST_SECONDS:
                raise Passed(clock.reason)

    try:  # on a thread that can be left behind
        return Deadline().ask(lambda: comparer.compare(_sides(pairs, numbers, clock, done)), waiting=waiting)
    except Passed:
        for number in numbers:
            done[number] = False
        return Compared()


def _lots(pairs: Pairs, here: list[int]) -> Iterator[tuple[list[int], Lot]]:
    """Lots of pairs that are on disk, with their indices; those of the others are added to ``here``."""
    numbers: list[int] = []
    lot: Lot = array("q")
    for index in range(len(pairs)):
        places = pairs.places(index)
        if places is None:
            here.append(index)
            continue
        numbers.append(index)
        lot.extend(places)
        if len(numbers) == LOT:
            yield numbers, lot
            numbers, lot = [], array("q")
    if numbers:
        yield numbers, lot


def _sides(
    pairs: Sequence[Pair], numbers: Iterable[int], clock: Deadline, done: bytearray
) -> Iterator[tuple[Resource, Resource]]:
    for number in numbers:
        if clock.passed:
            return
        pair = pairs[number]
        done[number] = True
        yield pair.declared, pair.live
