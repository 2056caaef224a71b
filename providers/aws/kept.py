"""Keeps what was used last: clients and sessions are dear to make, and dearer to keep for fifty accounts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """At most so many values by key, each made by whoever asks first; safe to share between threads.

    What was not used for longest is given up where there are too many, and told to ``close``. Whoever works
    with it still may end that.
    """

    def __init__(self, most: int, close: Callable[[Value], None] = lambda _: None) -> None:
        self._most, self._close = most, close
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.RLock()  # what is made may take another of these: credentials a client
        #: The most that there ever were at once.
        self.peak = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key, else what ``make`` makes, one at a time; what it raises is the caller's."""
        found = self._known(key)
        if found is not None:
            return found
        with self._making:
            found = self._known(key)
            if found is not None:
                return found
            with self._lock:
                given_up = [self._values.popitem(last=False)[1] for _ in range(self._over())]
            for value in given_up:
                self._close(value)
            made = make()
            with self._lock:
                self._values[key] = made
                self.peak = max(self.peak, len(self._values))
            return made

    def drop(self, whether: Callable[[Key], bool]) -> None:
        """Gives up the values of some keys."""
        with self._lock:
            given_up = [self._values.pop(key) for key in [key for key in self._values if whether(key)]]
        for value in given_up:
            self._close(value)

    def _known(self, key: Key) -> Value | None:
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    def _over(self) -> int:
        return max(0, len(self._values) + 1 - self._most)
