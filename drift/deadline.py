"""The clock of a run: until when it reads, what it waits for, and the word that it is to stop."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from drift.errors import CellError

T = TypeVar("T")

#: What is kept of a run's time for judging and reporting: this part of it, at most so many seconds.
RESERVED_PART, RESERVED_SECONDS = 0.1, 300.0
#: After it was told to stop a run has so many seconds to report; Kubernetes gives 30 before it kills.
GRACE_SECONDS = 20.0
#: Of what is kept for judging and reporting this part is left when judging ends, and this one when whatever
#: a report can do without does.
_FOR_REPORTING, _FOR_ITS_END = 0.5, 0.3
#: A stop comes from a signal's handler, which may wake nobody, so that whoever waits looks up this often.
_LOOK_UP_SECONDS = 0.2


class Cut(CellError):
    """A limit of this program, not the service, ended a call: time, size, pages, waits. Its status is
    ``failed``; ``call`` names what was cut, once somebody has told it (:meth:`of`)."""

    def __init__(self, why: str, call: str = "") -> None:
        super().__init__("failed", f"{call}: {why}" if call else why)
        self.why, self.call = why, call

    def of(self, call: str) -> Cut:
        """The same, as the ledger tells it of a call (``sqs:ListQueues``)."""
        return self if self.call else type(self)(self.why, call)


class Passed(Cut):
    """The run's time to read is over; the message begins with ``deadline``."""

    def __init__(self, why: str, call: str = "") -> None:
        super().__init__(f"{why}; at {call}" if call else why)
        self.why, self.call = why, call


class Deadline:
    """Until when one run reads. Without ``seconds`` it reads as long as it takes, or until it is told to
    :meth:`stop`.

    ``seconds`` are those of the whole run, from ``began`` (``time.monotonic()``) on; a part of them is
    reserved for judging and reporting. Safe to share between threads.
    """

    def __init__(
        self, seconds: float | None = None, *, began: float | None = None, said: str | None = None
    ) -> None:
        self._began = time.monotonic() if began is None else began
        self._end = math.inf if seconds is None else self._began + seconds
        reserved = 0.0 if seconds is None else min(seconds * RESERVED_PART, RESERVED_SECONDS)
        self._until, self._reserved = self._end - reserved, reserved
        self._said = said or ("" if seconds is None else f"{seconds:g} seconds")
        self._stopped: tuple[float, str] | None = None

    def stop(self, why: str) -> None:
        """Ends the reading now; ``why`` is for people (``SIGTERM``). May be called by a signal's handler."""
        if self._stopped is None:
            self._stopped = (time.monotonic(), why)

    def part(self, part: float) -> Deadline:
        """The clock of a piece of the work that may take so much of the time that is left, if any."""
        return _Part(self, part)

    def judging(self) -> Deadline:
        """The clock of judging: until half of what is kept for it and for reporting is left."""
        return _Stage(self, _FOR_REPORTING)

    def writing(self) -> Deadline:
        """The clock of what a report can do without, its evidence and other formats than JSON."""
        return _Stage(self, _FOR_ITS_END)

    @property
    def kept(self) -> float:
        """Seconds that are kept for judging and reporting, once the time to read is over."""
        return self._reserved if self._stopped is None else GRACE_SECONDS

    @property
    def limited(self) -> bool:
        """Whether it ends by itself."""
        return not math.isinf(self._end)

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped is not None

    def left(self) -> float:
        """Seconds that may still be spent on reading; infinite where there is no deadline, never negative."""
        if self._stopped is not None:
            return 0.0
        return max(0.0, self._until - time.monotonic())

    def rest(self) -> float:
        """Seconds until the run must have ended, with what is reserved for judging and reporting."""
        end = self._end
        if self._stopped is not None:
            end = min(end, self._stopped[0] + GRACE_SECONDS)
        return max(0.0, end - time.monotonic())

    @property
    def used_up(self) -> bool:
        """Whether a call was refused because there were too many already (:class:`Calls`)."""
        return False

    @property
    def passed(self) -> bool:
        """Whether the time to read is over."""
        return self.left() <= 0

    @property
    def reason(self) -> str:
        """Why it is over, for people: ``deadline: the run's 50m are over``."""
        if self._stopped is not None:
            return f"deadline: stopped by {self._stopped[1]}"
        return f"deadline: the {self._said} that the run may take are used up"

    def check(self) -> None:
        """Raises Passed where the time to read is over."""
        if self.passed:
            raise Passed(self.reason)

    def call(self) -> None:
        """Told before each request to a cloud. Raises Passed where the time to read is over, or the run may
        ask this cloud no more (:class:`Calls`)."""
        self.check()

    def within(self, seconds: float) -> float:
        """The time-out of a call that may take so long: no longer than the run reads. Raises Passed."""
        self.check()
        return min(seconds, self.left())

    def sleep(self, seconds: float) -> None:
        """Waits. Raises Passed at once where the wait would outlast the reading, else when the run stops."""
        self.check()
        if seconds >= self.left():
            raise Passed(f"{self.reason}: what it would have waited for comes in {seconds:.0f} seconds")
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_UP_SECONDS))
            self.check()

    def ask(
        self, ask: Callable[[], T], seconds: float = math.inf, waiting: Callable[[float], None] | None = None
    ) -> T:
        """What ``ask`` gives, or raises, in a thread of its own, for whatever takes no time-out.

        Raises Passed, or Cut where it does not end in time; then the thread is left behind. ``waiting`` is
        told now and then for how many seconds it has taken so far.
        """
        self.check()
        answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def work() -> None:
            try:
                answers.put((ask(), None))
            except BaseException as error:  # noqa: BLE001 - handed on to who asked
                answers.put((None, error))

        threading.Thread(target=work, daemon=True, name="asked").start()
        began = time.monotonic()
        while True:
            try:
                answer, error = answers.get(timeout=_LOOK_UP_SECONDS)
            except queue.Empty:
                took = time.monotonic() - began
                self.check()
                if took > seconds:
                    raise Cut(f"it did not end within {seconds:g} seconds") from None
                if waiting is not None:
                    waiting(took)
                continue
            if error is not None:
                raise error
            return answer  # type: ignore[return-value]


class _Part(Deadline):
    """A part of another one's time; it stops with it."""

    def __init__(self, whole: Deadline, part: float) -> None:
        left = whole.left()
        super().__init__(None if math.isinf(left) else left * part)
        self._until, self._whole = self._end, whole

    def left(self) -> float:
        return min(super().left(), self._whole.left())

    def rest(self) -> float:
        return min(super().rest(), self._whole.rest())

    @property
    def reason(self) -> str:
        return self._whole.reason if self._whole.passed else "deadline: its part of the time is used up"


class Calls(Deadline):
    """Another one's time, with a budget of requests; ``said`` is the key of drift.yaml that allows them.

    When it is used up, what was asked is still waited for. Safe to share between threads.
    """

    def __init__(self, whole: Deadline, most: int, said: str) -> None:
        super().__init__()
        self._whole, self._most, self._key = whole, most, said
        self._lock = threading.Lock()
        #: Requests so far, without those that were refused here.
        self.made = 0
        self._refused = False

    def call(self) -> None:
        self._whole.call()
        with self._lock:
            if self.made >= self._most:
                self._refused = True
                raise Passed(f"budget: the {self._most:,} calls that {self._key} allows are used up")
            self.made += 1

    @property
    def used_up(self) -> bool:
        return self._refused

    def left(self) -> float:
        return self._whole.left()

    def rest(self) -> float:
        return self._whole.rest()

    @property
    def kept(self) -> float:
        return self._whole.kept

    @property
    def stopped(self) -> bool:
        return self._whole.stopped

    @property
    def reason(self) -> str:
        return self._whole.reason


class _Stage(Deadline):
    """What comes after another one's reading; it is over when so much of what is kept for it is left."""

    def __init__(self, whole: Deadline, left: float) -> None:
        super().__init__(None)
        self._whole, self._part = whole, left

    @property
    def stopped(self) -> bool:
        return self._whole.stopped

    def left(self) -> float:
        return max(0.0, self._whole.rest() - self._whole.kept * self._part)

    def rest(self) -> float:
        return self._whole.rest()

    @property
    def reason(self) -> str:
        return self._whole.reason
