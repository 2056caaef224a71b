"""An engine of processes on this machine, each a member; one that dies is replaced."""

from __future__ import annotations

import contextlib
import gc
import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from drift.engine.contract import Call, Ended

#: Seconds that a process is given to end.
_END = 5
#: Seconds after which a process ends whose run is over, whatever it still waits for.
_LAST = 10
_AT_ONCE = 4


@dataclass
class _Member:
    process: BaseProcess
    connection: Connection
    calls: dict[int, Call] = field(default_factory=dict)


class Processes:
    """``count`` of them. They are given the redaction key by a pipe of their own."""

    at_once = _AT_ONCE

    def __init__(self, count: int, key: bytes) -> None:
        self._key = key
        self._names = itertools.count(1)
        self._members: dict[str, _Member] = {}
        self._lost: deque[Ended] = deque()
        for _ in range(count):
            self._start()

    def members(self) -> Sequence[str]:
        return list(self._members)

    @property
    def ids(self) -> dict[str, int | None]:
        """The process id of each member."""
        return {name: one.process.pid for name, one in self._members.items()}

    def give(self, member: str, call: Call) -> None:
        known = self._members.get(member)
        if known is None:
            self._lost.append(Ended(call, member, "lost"))
            return
        known.calls[call.number] = call
        with contextlib.suppress(OSError):  # its end is seen where its answers are read
            known.connection.send(call)

    def ended(self, seconds: float) -> Ended | None:
        if self._lost:
            return self._lost.popleft()
        by_connection = {one.connection: name for name, one in self._members.items()}
        for ready in wait(list(by_connection), seconds):
            assert isinstance(ready, Connection)
            name = by_connection[ready]
            try:
                number, ending = ready.recv()
            except (EOFError, OSError):
                gone = self._members.pop(name)
                gone.process.join(_END)
                self._lost.extend(Ended(call, name, "lost") for call in gone.calls.values())
                self._start()
                return self._lost.popleft() if self._lost else None
            call = self._members[name].calls.pop(number)
            return Ended(call, name, ending)
        return None

    def close(self) -> None:
        for one in self._members.values():
            one.connection.close()
        for one in self._members.values():
            one.process.join(_END)
            if one.process.is_alive():
                one.process.kill()
                one.process.join(_END)
        self._members = {}

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, its = context.Pipe()
        process = context.Process(target=_serve, args=(its, self._key), daemon=True)
        process.start()
        its.close()
        self._members[f"process {next(self._names)}"] = _Member(process, ours)


def _serve(connection: Connection, key: bytes) -> None:
    """Does what it is sent until nobody sends any more."""
    from drift.engine.member import answer, leave

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells that it was stopped
    gc.disable()  # a member looks for garbage itself
    telling = threading.Lock()

    def work(call: Call) -> None:
        ending = answer(call, key)
        with telling, contextlib.suppress(OSError):
            connection.send((call.number, ending))

    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="member")
    with contextlib.suppress(EOFError, OSError):
        while True:
            pool.submit(work, connection.recv())
    late = threading.Timer(_LAST, os._exit, [1])  # what it is asked of may never answer
    late.daemon = True
    late.start()
    leave()
    pool.shutdown(wait=False, cancel_futures=True)
