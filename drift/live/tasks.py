"""Reads providers on threads that the run can leave behind: whatever they wait for, it ends with its
deadline."""

from __future__ import annotations

import contextlib
import importlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from drift.deadline import Deadline
from drift.errors import CellError, CredentialsError, DriftError
from drift.live.checkpoint import Again, Checkpoint, Whole
from drift.model import Cell, Coverage, Resource
from drift.task import Live, Task

BATCH = 500
#: After its deadline a run takes so many seconds long what was read until then and is still on its way.
LAST_WORDS_SECONDS = 1.0
#: How often somebody is told what is waited for (seconds).
WAITING_SECONDS = 10.0
_LOOK_UP_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Progress:
    """What a watcher is told: a task of some cells began or ended (``done``) with so many resources so
    far."""

    cells: tuple[Cell, ...]
    done: bool
    resources: int = 0
    status: str = "checked"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a watcher is told while nothing else happens: what is waited for, and for how many seconds."""

    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Stage:
    """What a watcher is told when the run begins with something else: what that is."""

    what: str


Told = Progress | Waiting | Stage
Watch = Callable[[Told], None]


class Keeper(Protocol):
    """Who keeps what is read; called by one thread alone, but for ``arrived``."""

    def arrived(self, resource: Resource) -> Resource:
        """A resource as it is kept; called by the thread that read it."""
        ...

    def add(self, resource: Resource) -> None: ...

    def cover(self, row: Coverage) -> None: ...

    def close(self, task: Task | Whole, ended: CellError | None) -> None:
        """A task has ended, well or by an error; where it is known when, its cells with the moment."""
        ...

    def fail(self, provider: str, message: str, status: str = "failed") -> None:
        """What is not known by cell could not be read of a provider."""
        ...


@dataclass(slots=True)
class _Batch:
    """What a worker hands over: of a task, so far (``ended`` is not said), or at its end."""

    task: Task
    found: list[Resource | Coverage]
    ended: CellError | bool | None
    whole: Whole | None = None


#: What threads tell the one that keeps: a provider's name with what it is; or a batch.
_Event = _Batch | tuple[str, Any]


def load_shared(names: Iterable[str]) -> None:
    """Imports what several providers' packages import, before threads do: of modules that import one another,
    two threads at once may be given halves."""
    for name in sorted(set(names)):
        with contextlib.suppress(ImportError):  # who does not need it does not have it
            importlib.import_module(name)


class Reading:
    """The reading of one run: enter providers, then :meth:`run`."""

    def __init__(
        self,
        keeper: Keeper,
        workers: int,
        deadline: Deadline,
        watch: Watch,
        checkpoint: Checkpoint | None = None,
        turn: Callable[[tuple[Cell, ...]], str] = lambda _: "",  # of a letter: begun as soon as it is told
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        self._checkpoint, self._turn, self._meanwhile = checkpoint, turn, meanwhile
        self._keeper, self._workers, self._deadline, self._watch = keeper, workers, deadline, watch
        self._events: queue.Queue[_Event] = queue.Queue(maxsize=8)
        #: By turn; those of one turn as they were told. The ends come before all.
        self._todo: queue.PriorityQueue[tuple[str, int, Task | None]] = queue.PriorityQueue()
        self._told = 0
        self._threads = 0
        self._over = False
        self._entering: set[str] = set()
        #: Of each provider, what was told of a scope and has been read before: it waits for what has not.
        self._waiting: dict[str, list[tuple[str, Task]]] = {}
        self._open: dict[int, Task] = {}
        self._names: list[str] = []
        self._refused: dict[str, str] = {}
        #: The connections that were made, by provider.
        self.lives: dict[str, Live] = {}

    def enter(self, name: str, connect: Callable[[], Live], wanted: Any) -> None:
        """Connects to a provider and asks it for its tasks, in a thread."""
        self._names.append(name)
        self._entering.add(name)
        self._thread(lambda: self._enter(name, connect, wanted), f"enter-{name}")

    def run(self) -> None:
        """Keeps what is read until all has ended, or the deadline has passed: then what is unread is covered
        as that. Raises CredentialsError where not one provider could be entered."""
        last = told = time.monotonic()
        passed: float | None = None
        try:
            while self._entering or self._open:
                now = time.monotonic()
                if passed is None and self._deadline.passed:
                    passed = now
                if passed is not None and now - passed > LAST_WORDS_SECONDS:
                    break
                try:
                    event = self._events.get(timeout=_LOOK_UP_SECONDS)
                except queue.Empty:
                    if now - last > WAITING_SECONDS and now - told > WAITING_SECONDS and self._entering:
                        told = now
                        self._watch(Waiting(", ".join(sorted(self._entering)), now - last))
                    continue
                last = time.monotonic()
                self._take(event)
        finally:
            self._over = True
            for _ in range(self._threads):
                self._told += 1
                self._todo.put(("", -self._told, None))
        # What was handed over in time counts, however late this thread was given a processor.
        for _ in range(self._events.qsize()):
            self._take(self._events.get_nowait())
        self._leave()
        if self._refused and not self.lives and not self._entering:
            raise CredentialsError("; ".join(self._refused[name] for name in self._names))

    def _take(self, event: _Event) -> None:
        if isinstance(event, _Batch):
            for one in event.found:
                if isinstance(one, Coverage):
                    self._keeper.cover(one)
                else:
                    self._keeper.add(one)
            if event.ended is not None:
                del self._open[id(event.task)]
                ended = event.ended if isinstance(event.ended, CellError) else None
                self._keeper.close(event.whole or event.task, ended)
            return
        name, what = event
        if what is None:
            self._entering.discard(name)
            self._release(name)
        elif isinstance(what, Coverage):
            self._keeper.cover(what)
        elif isinstance(what, CredentialsError):
            self._refused[name] = str(what)
            self._keeper.fail(name, str(what), "denied")
        elif isinstance(what, CellError):
            self._keeper.fail(name, what.message, what.status)
        elif isinstance(what, DriftError) and name not in self.lives:
            raise what
        elif isinstance(what, BaseException):
            self._keeper.fail(name, unexpected(what))
        elif name not in self.lives:
            self.lives[name] = what
        else:
            self._begin(name, what)

    def _begin(self, name: str, task: Task) -> None:
        self._open[id(task)] = task
        turn = self._turn(task.cells)
        waiting = self._waiting.setdefault(name, [])
        if waiting and _scopes(waiting[0][1]) != _scopes(task):
            self._release(name)
        if len(turn) > 1 and name in self._entering:  # else who is idle takes it before what comes first
            waiting.append((turn, task))
        else:
            self._queue(turn, task)

    def _release(self, name: str) -> None:
        """Nothing more of its scope is told, that could come before what waits."""
        waiting = self._waiting.get(name, [])
        for turn, task in waiting:
            self._queue(turn, task)
        waiting.clear()

    def _queue(self, turn: str, task: Task) -> None:
        self._told += 1
        self._todo.put((turn, self._told, task))
        if self._threads < self._workers:
            self._thread(self._work, f"cell-{self._threads}")
            self._threads += 1
        if self._told == 1:
            self._meanwhile()

    def _leave(self) -> None:
        """Covers what was not read in time."""
        reason = self._deadline.reason
        for name in sorted(self._entering):
            self._keeper.fail(name, f"{reason}; not all of what there is to read was told by then")
        for task in self._open.values():
            self._keeper.close(task, CellError("failed", f"{reason}; it was not read by then"))

    # What runs in threads

    @staticmethod
    def _thread(work: Callable[[], None], name: str) -> None:
        threading.Thread(target=work, daemon=True, name=name).start()

    def _hand(self, event: _Event) -> None:
        while not self._over:
            with contextlib.suppress(queue.Full):
                self._events.put(event, timeout=1)
                return

    def _enter(self, name: str, connect: Callable[[], Live], wanted: Any) -> None:
        try:
            self._deadline.check()
            live = connect()
            self._hand((name, live))
            for one in live.tasks(wanted):
                self._hand((name, one))
                if self._over:
                    return
        except BaseException as error:  # noqa: BLE001 - whatever a provider does wrong ends in the ledger
            self._hand((name, error))
        finally:
            self._hand((name, None))

    def _work(self) -> None:
        while (task := self._todo.get()[2]) is not None and not self._over:
            batch: list[Resource | Coverage] = []
            ended: CellError | bool = True
            again = kept = whole = None
            try:
                again = self._again(task)
                if again is None:
                    self._deadline.check()
                else:
                    whole = again.whole
                self._watch(Progress(task.cells, done=False))
                if again is None and self._checkpoint is not None:
                    kept = self._checkpoint.begin(task)
                for one in self._read(task) if again is None else again.read():
                    batch.append(one if kept is None else kept.take(one))
                    if len(batch) >= BATCH:
                        self._hand(_Batch(task, batch, None))
                        batch = []
                if kept is not None and not self._over:
                    whole = kept.end()
            except CellError as error:
                ended = error
            except BaseException as error:  # noqa: BLE001 - whatever a provider does wrong ends in the ledger
                ended = CellError("failed", unexpected(error))
            finally:
                self._hand(_Batch(task, batch, ended, whole))

    def _again(self, task: Task) -> Again | None:
        return None if self._checkpoint is None else self._checkpoint.again(task)

    def _read(self, task: Task) -> Iterator[Resource | Coverage]:
        for one in task.read():
            yield self._keeper.arrived(one) if isinstance(one, Resource) else one
            if self._over:
                return


def _scopes(task: Task) -> set[str]:
    return {cell.scope for cell in task.cells}


def unexpected(error: BaseException) -> str:
    """What a program's own mistake is told as, in one line."""
    return " ".join(f"unexpected {type(error).__name__}: {error}".split())
