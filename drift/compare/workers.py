"""Other processes of this program that compare pairs: they read them where they lie on disk, and tell what
they found."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import pickle
import signal
import sys
import threading
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import Any, TypeAlias

from drift import plugins, records
from drift.compare.compared import Compared
from drift.compare.pair import Comparer
from drift.config.rules import UndeclaredRule
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.live.estate import Estate
from drift.model import Cell, Resource
from drift.redaction import Redactor
from drift.store import made, swept, text_at, unpacked

#: Each process holds the type facts of all that it sees, about 100 MB.
MOST = 4
#: Bytes of snapshots from which on it is worth while to have other processes early.
LARGE = 2 * 1024 * 1024
#: Lots that one of them has at a time, so that it never waits.
_AHEAD = 2
#: Records of a snapshot whose types' facts are read before there are other processes.
_FIRST = 200
#: How often the clock is looked up to while nobody answers (seconds).
_LOOK_UP_SECONDS = 0.2
#: Seconds that a process is given to end.
_END = 5

#: Where pairs are on disk: of each the declared one's place, then the live one's
#: (:func:`drift.store.text_at`).
Lot: TypeAlias = "array[int]"


class Workers:
    """At most so many other processes; none before they are asked for.

    Where only files are compared they are copies of this process, made before anything is read
    (:meth:`copied`): that takes them no time, and hardly any memory. Else they are started anew.
    """

    def __init__(self, most: int = 1) -> None:
        self.most = min(MOST, most)
        self._started: list[tuple[BaseProcess, Connection]] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def copied(self, snapshots: Sequence[Path], estate: Estate) -> None:
        """Copies this process, if it has done nothing yet that a copy could disturb and there is so much to
        compare that copies are worth it. What comparison loads is loaded first, so that it is loaded once."""
        if self.most < 2 or sys.platform != "linux" or threading.active_count() > 1:
            return
        with contextlib.suppress(OSError, DriftError):  # whoever reads the file tells what is wrong with it
            if sum(file.stat().st_size for file in snapshots) < LARGE:
                return
            _load(snapshots, estate)
            gc.freeze()  # what is there stays, and its pages are shared as long as nobody looks at them
            self._start("fork")

    def begun(self, comparer: Comparer, files: tuple[int, int]) -> bool:
        """Whether other processes compare as this one does; the pairs lie in two open files."""
        try:
            if not self._started:
                self._start("spawn")
            setting = _setting(comparer)
            for process, connection in self._started:
                for file in files:
                    send_handle(connection, file, process.pid)
                connection.send_bytes(setting)
        except (OSError, ImportError, NotImplementedError):
            self.end()
        return bool(self._started)

    def compared(
        self, lots: Iterable[tuple[list[int], Lot]], clock: Deadline
    ) -> Iterator[tuple[list[int], Compared | None]]:
        """What comparing each lot told, in no order, with the numbers that came with it; None where a process
        failed at it. Ends, and ends the processes, when the clock says that there is no more time."""
        waiting: dict[Connection, deque[list[int]]] = {one: deque() for _, one in self._started}
        for numbers, lot in lots:
            while waiting and min(map(len, waiting.values())) >= _AHEAD:
                if clock.passed:
                    return self.kill()
                yield from _answers(waiting)
            free = min(waiting, key=lambda one: len(waiting[one]), default=None)
            if free is None:
                yield numbers, None
                continue
            waiting[free].append(numbers)
            with contextlib.suppress(OSError):  # its end is seen where its answers are read
                free.send_bytes(lot.tobytes())
        while any(waiting.values()):
            if clock.passed:
                return self.kill()
            yield from _answers(waiting)

    def kill(self) -> None:
        """Ends the processes in the midst of their work."""
        for process, _ in self._started:
            process.kill()
        self.end()

    def end(self) -> None:
        """Ends the processes."""
        started, self._started = self._started, []
        for _, connection in started:
            connection.close()
        for process, _ in started:
            process.join(_END)
            if process.is_alive():
                process.kill()
                process.join(_END)

    def _start(self, method: str) -> None:
        context: Any = multiprocessing.get_context(method)
        for _ in range(self.most):
            ours, its = context.Pipe()
            others = [connection for _, connection in self._started] + [ours] if method == "fork" else []
            process = context.Process(target=_serve, args=(its, others), daemon=True)
            process.start()
            its.close()
            self._started.append((process, ours))


def _answers(waiting: dict[Connection, deque[list[int]]]) -> Iterator[tuple[list[int], Compared | None]]:
    """The next answers, if they come soon; of processes that have ended, that all they had failed."""
    for one in wait([one for one, lots in waiting.items() if lots], _LOOK_UP_SECONDS):
        assert isinstance(one, Connection)
        try:
            told = one.recv()
        except (EOFError, OSError):
            yield from ((numbers, None) for numbers in waiting.pop(one))
        else:
            yield waiting[one].popleft(), told


def _load(snapshots: Sequence[Path], estate: Estate) -> None:
    """Loads what comparing needs: facts of the types that the snapshots begin with, and what finds
    differences."""
    import drift.compare.difference  # noqa: F401

    for file in snapshots:
        for one in islice(records.read(file), _FIRST):
            provider = estate.providers.get(one.provider) if isinstance(one, Resource) else None
            if provider is not None and isinstance(one, Resource):
                provider.facts(one.type)


def _setting(comparer: Comparer) -> bytes:
    estate = comparer.estate
    told = (comparer.rules, comparer.severity, comparer.environment)
    return pickle.dumps(
        (dict(estate.contexts), estate.raw, estate.stored_cells(), comparer.redactor, told),
        pickle.HIGHEST_PROTOCOL,
    )


# In the other processes


def _serve(connection: Connection, others: Sequence[Connection]) -> None:
    """Compares what it is sent until nobody sends any more. ``others`` are connections of the process that
    this one is a copy of."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells that it was stopped
    for other in others:
        other.close()
    gc.disable()
    with contextlib.suppress(EOFError, OSError):  # the first process has ended, or needs this one no more
        files = recv_handle(connection), recv_handle(connection)
        comparer, cells = _comparer(*connection.recv())
        while True:
            lot = array("q", connection.recv_bytes())
            connection.send(_compared(lot, files, comparer, cells))


def _comparer(
    contexts: Mapping[str, dict[str, Any]],
    raw: bool,
    cells: Sequence[tuple[Cell, str | None]],
    redactor: Redactor,
    told: tuple[Sequence[UndeclaredRule], Sequence[Mapping[str, Any]], str],
) -> tuple[Comparer, Sequence[tuple[Cell, str | None]]]:
    estate = Estate(plugins.providers(), raw=raw)
    estate.contexts.update(contexts)
    return Comparer(estate, redactor, *told), cells


def _compared(
    lot: Lot, files: tuple[int, int], comparer: Comparer, cells: Sequence[tuple[Cell, str | None]]
) -> Compared | None:
    """What comparing a lot told; None where that failed, so that the first process does it and tells why."""
    places = zip(lot[::2], lot[1::2], strict=True)
    try:
        told = comparer.compare(
            (unpacked(text_at(files[0], one)), made(text_at(files[1], other), cells)) for one, other in places
        )
    except Exception:  # noqa: BLE001 - it is raised again there, where it can be told
        return None
    told.known = comparer.redactor.known.taken()
    if told.changed:
        swept()  # what finds differences leaves cyclic garbage
    return told
