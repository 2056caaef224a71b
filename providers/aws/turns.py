"""Has few accounts read at a time, and leaves each once it is read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drift.deadline import Deadline
from drift.model import Cell, Coverage, Resource
from drift.task import Resumable, Task

#: How often whoever waits for an account to be read looks at the clock (seconds).
_LOOK_UP_SECONDS = 0.2


class Turns:
    """At most so many accounts are read at once; safe to share between threads."""

    def __init__(self, most: int, deadline: Deadline) -> None:
        self._most, self._deadline = most, deadline
        self._reading = 0
        self._changed = threading.Condition()

    def read(self, tasks: Iterable[Task | Coverage], leave: Callable[[], None]) -> Iterator[Task | Coverage]:
        """The tasks of one account, once it is its turn: whoever takes them reads them meanwhile. ``leave``
        is called when the last of them has ended."""
        self._wait()
        turn = _Turn(self, leave)
        try:
            for one in tasks:
                yield one if isinstance(one, Coverage) else turn.task(one)
        finally:
            turn.ended()

    def _wait(self) -> None:
        """Once the time to read is over nobody waits: what is not read by then is refused by itself."""
        with self._changed:
            while self._reading >= self._most and not self._deadline.passed:
                self._changed.wait(_LOOK_UP_SECONDS)
            self._reading += 1

    def over(self) -> None:
        """An account has been read."""
        with self._changed:
            self._reading -= 1
            self._changed.notify_all()


class _Turn:
    """One account, as long as some of its tasks are left, or not yet told."""

    def __init__(self, turns: Turns, leave: Callable[[], None]) -> None:
        self._turns, self._leave = turns, leave
        self._left = 1
        self._lock = threading.Lock()

    def task(self, task: Task) -> Task:
        with self._lock:
            self._left += 1
        return _Counted(task, self)

    def ended(self) -> None:
        with self._lock:
            self._left -= 1
            last = not self._left
        if last:
            self._leave()
            self._turns.over()


@dataclass(slots=True)
class _Counted:
    """A task that tells when it has ended."""

    task: Task
    turn: _Turn

    @property
    def cells(self) -> tuple[Cell, ...]:
        return self.task.cells

    def read(self) -> Iterator[Resource | Coverage]:
        try:
            yield from self.task.read()
        finally:
            self.turn.ended()

    def asks(self) -> str | None:
        return self.task.asks() if isinstance(self.task, Resumable) else None

    def learnt(self) -> dict[str, Any]:
        return self.task.learnt() if isinstance(self.task, Resumable) else {}

    def recall(self, learnt: Mapping[str, Any]) -> None:
        if isinstance(self.task, Resumable):
            self.task.recall(learnt)
        self.turn.ended()
