"""Compares very many pairs on several processors: what is on disk goes as it is written there to processes of
our own."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

from drift import plugins
from drift.compare.pair import Compared, Comparer
from drift.config.model import UndeclaredRule
from drift.live.estate import Estate
from drift.match import Pair, Pairs
from drift.model import Cell, Resource
from drift.redaction import Redactor
from drift.store import Stored, made, swept, unpacked

#: Pairs on disk from which on other processes are worth their start, a second each.
FROM = 20_000
#: Pairs in one message, of about 2 MB.
LOT = 500
#: Each process holds the type facts of all that it sees, about 100 MB.
MOST = 4

#: A pair as it is on disk: the declared one's text, the live one's row.
Raw = tuple[bytes, Stored]


def compared(pairs: Sequence[Pair], comparer: Comparer, processes: int = 1) -> Iterator[Compared]:
    """What comparing all pairs told, lot by lot, in no order; by so many processes at most.

    Where another process fails, its pairs are compared here, so that whatever was wrong with them is told as
    ever.
    """
    processes = min(MOST, processes)
    if isinstance(pairs, Pairs) and processes > 1 and pairs.written() >= FROM:
        pool = _pool(comparer, processes)
        if pool is not None:
            yield from _spread(pairs, comparer, pool, 2 * processes)
            return
    for start in range(0, len(pairs), LOT):
        yield comparer.compare(_sides(pairs, range(start, min(start + LOT, len(pairs)))))


def processors(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """How many processors this process may use, by its container's limit too (``quota``, of cgroups v2)."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        time, period = quota.read_text(encoding="ascii").split()
    except (OSError, ValueError):  # no such file: no limit
        return count
    return count if time == "max" else max(1, min(count, round(int(time) / int(period))))


def _pool(comparer: Comparer, processes: int) -> ProcessPoolExecutor | None:
    """Processes that compare as this one does; None where the system lacks what they need (shared memory, in
    some sandboxes)."""
    estate = comparer.estate
    setting = (estate.contexts, estate.raw, estate.places(), comparer.redactor)
    told = (comparer.rules, comparer.severity, comparer.environment)
    spawn = multiprocessing.get_context("spawn")
    try:
        return ProcessPoolExecutor(processes, mp_context=spawn, initializer=_begin, initargs=(*setting, told))
    except (OSError, ImportError, NotImplementedError):
        return None


def _spread(pairs: Pairs, comparer: Comparer, pool: ProcessPoolExecutor, most: int) -> Iterator[Compared]:
    """``most`` lots are under way at once."""
    waiting: deque[tuple[list[int], Future[Compared]]] = deque()
    here: list[int] = []
    try:
        for numbers, lot in _lots(pairs, here):
            waiting.append((numbers, _submitted(pool, lot)))
            if len(waiting) > most:
                yield _result(*waiting.popleft(), pairs, comparer)
            swept()  # what was sent is cyclic garbage
            while len(here) >= LOT:
                own, here[:LOT] = here[:LOT], []
                yield comparer.compare(_sides(pairs, own))
        yield comparer.compare(_sides(pairs, here))
        while waiting:
            yield _result(*waiting.popleft(), pairs, comparer)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _lots(pairs: Pairs, here: list[int]) -> Iterator[tuple[list[int], list[Raw]]]:
    """Lots of pairs that are on disk, with their indices; those of the others are added to ``here``."""
    numbers: list[int] = []
    lot: list[Raw] = []
    for index in range(len(pairs)):
        raw = pairs.raw(index)
        if raw is None:
            here.append(index)
            continue
        numbers.append(index)
        lot.append(raw)
        if len(lot) == LOT:
            yield numbers, lot
            numbers, lot = [], []
    if lot:
        yield numbers, lot


def _submitted(pool: ProcessPoolExecutor, lot: list[Raw]) -> Future[Compared]:
    try:
        return pool.submit(_compare, lot)
    except RuntimeError as error:  # a process ended that should not have
        failed: Future[Compared] = Future()
        failed.set_exception(error)
        return failed


def _result(numbers: list[int], future: Future[Compared], pairs: Pairs, comparer: Comparer) -> Compared:
    try:
        return future.result()
    except Exception:  # noqa: BLE001 - it is raised again here, where it can be told
        return comparer.compare(_sides(pairs, numbers))


def _sides(pairs: Sequence[Pair], numbers: Iterable[int]) -> Iterator[tuple[Resource, Resource]]:
    for number in numbers:
        pair = pairs[number]
        yield pair.declared, pair.live


# In the other processes

_comparer: Comparer
_places: Sequence[tuple[Cell, str | None]]


def _begin(
    contexts: Mapping[str, dict[str, Any]],
    raw: bool,
    places: Sequence[tuple[Cell, str | None]],
    redactor: Redactor,
    told: tuple[Sequence[UndeclaredRule], Sequence[Mapping[str, Any]], str],
) -> None:
    global _comparer, _places
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells that it was stopped
    gc.disable()
    estate = Estate(plugins.providers(), raw=raw)
    estate.contexts.update(contexts)
    _comparer, _places = Comparer(estate, redactor, *told), places


def _compare(lot: list[Raw]) -> Compared:
    told = _comparer.compare((unpacked(text), made(row, *_places[row[0]])) for text, row in lot)
    swept()
    return told
