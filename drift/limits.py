"""How much is taken of a cloud before a call is cut: the size and time of an answer, pages, waits. One place
for all providers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from drift.deadline import Cut

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Generous ones, that no honest service comes near. ``answer_bytes`` counts what an answer unpacks to,
    and ``answer_seconds`` from the end of the request to the answer's last byte; ``retry_after`` is the
    longest wait, in seconds, that an answer may ask for; ``login_seconds`` how long it may take to find
    credentials, for which SDKs run programs and take no time-out."""

    answer_bytes: int = 256 * 1024 * 1024
    answer_seconds: float = 300.0
    pages: int = 50_000
    retry_after: float = 60.0
    login_seconds: float = 120.0

    def wait(self, asked: float) -> float:
        """The seconds to wait where an answer asks for so many."""
        return min(max(asked, 0.0), self.retry_after)


class Pages:
    """The pages of one listing: none comes twice, and there is an end. ``of`` names the call, where whoever
    catches the error does not."""

    def __init__(self, limits: Limits, of: str = "") -> None:
        self._most, self._of = limits.pages, of
        self._seen: set[int] = set()

    def turn(self, token: Hashable) -> None:
        """Told before each further page with what leads to it. Raises Cut."""
        number = hash(token)
        if number in self._seen:
            raise Cut("the answer's next page is one that was read already", self._of)
        if len(self._seen) >= self._most:
            raise Cut(f"the listing has more than {self._most:,} pages", self._of)
        self._seen.add(number)


class Common:
    """What the readings of one process have in common where several processes read for one run: a part of a
    rate that holds over all of them (:attr:`part`), and whatever keeps to it. Where a process reads alone
    the part is all, and nothing is shared."""

    def __init__(self) -> None:
        self.part = 1.0
        self._kept: dict[Hashable, Any] | None = None
        self._lock = threading.Lock()

    def share(self, part: float) -> None:
        """From now on the process may use this part of each rate."""
        with self._lock:
            self.part = part
            if self._kept is None:
                self._kept = {}

    def alone(self) -> None:
        """The process reads alone again."""
        with self._lock:
            self.part, self._kept = 1.0, None

    def one(self, key: Hashable, make: Callable[[], T]) -> T:
        """What keeps to a rate: the same for all readings that share it, else a new one."""
        with self._lock:
            if self._kept is None:
                return make()
            if key not in self._kept:
                self._kept[key] = make()
            found: T = self._kept[key]
            return found


#: What this process has in common with others of its run.
common = Common()
