"""A token bucket that learns how many calls a service takes: half as many once one is refused for the rate,
and slowly more again while none is."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from drift.deadline import Deadline


@dataclass(frozen=True, slots=True)
class Rates:
    """Calls a second: at the beginning, the fewest and the most that a bucket ever gives.

    ``burst`` is how many may begin at once where that is more than a second's, until one is refused.

    AWS publishes no quota of Cloud Control, so the first rate is one that is likely too high: the answers
    tell. Where the first is ``math.inf``, nobody waits until a call is refused; the rate is then half of what
    came in the second before.
    """

    first: float = 32.0
    fewest: float = 0.5
    most: float = 128.0
    burst: float = 0.0


class Bucket:
    """The calls of one service of one account and region; safe to share between threads.

    ``take`` waits for the next call and gives the age of the rate that allowed it, ``refused(age)`` and
    ``answered`` say what became of it. Of all calls that were under way when the rate was halved none halves
    it again. As many may begin at once as the rate allows in a second.
    """

    def __init__(
        self,
        deadline: Deadline,
        rates: Rates = Rates(),  # noqa: B008 - frozen
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._rates, self._now, self._sleep = rates, now, sleep or deadline.sleep
        self._lock = threading.Lock()
        self.rate = rates.first
        self._age = 0
        self._tokens, self._filled = self._room, now()
        self._second, self._taken, self._measured = now(), 0, 0.0

    def take(self) -> int:
        """Waits for the next call. Raises :class:`drift.deadline.Passed` where that would be too late."""
        with self._lock:
            if self.rate == math.inf:
                self._count()
                return self._age
            self._fill()
            self._tokens -= 1
            wait, age = -self._tokens / self.rate, self._age
        if wait > 0:
            self._sleep(wait)
        return age

    def refused(self, age: int) -> None:
        """A call was refused for the rate."""
        with self._lock:
            if age != self._age:
                return
            if self.rate == math.inf:
                self.rate = min(max(self._measured, float(self._taken)), self._rates.most)
                self._tokens, self._filled = 0.0, self._now()
            self._fill()
            self._age += 1
            self.rate = max(self._rates.fewest, self.rate / 2)
            self._tokens = min(self._tokens, 0.0)

    def answered(self) -> None:
        """A call was not refused for the rate: within a second of such calls it grows by a tenth."""
        if self.rate == math.inf:
            return
        with self._lock:
            self._fill()
            self.rate = min(self._rates.most, self.rate + 0.1)

    @property
    def _room(self) -> float:
        """As many calls as may begin at once."""
        return max(1.0, self.rate, 0.0 if self._age else self._rates.burst)

    def _count(self) -> None:
        """Counts the calls of this second and keeps those of the second before."""
        now = self._now()
        if now - self._second >= 1:
            self._measured = self._taken / (now - self._second)
            self._second, self._taken = now, 0
        self._taken += 1

    def _fill(self) -> None:
        now = self._now()
        self._tokens = min(self._room, self._tokens + (now - self._filled) * self.rate)
        self._filled = now
