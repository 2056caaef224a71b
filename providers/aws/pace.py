"""How fast each service is asked: who shares a limit, what AWS says of it, and what its answers tell."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from botocore.retries.standard import RetryEventAdapter, ThrottlingErrorDetector

from drift.deadline import Deadline
from drift.safe_yaml import data
from providers.aws import models
from providers.aws.throttle import Bucket, Rates


class Places:
    """So many at once; a place that is given back is that of who waits for longest, or of several chains of
    calls some would be left to the end, one after the other."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def acquire(self) -> None:
        """Waits for a place."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def release(self) -> None:
        """Gives a place back."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class Lane:
    """What one service of one account takes, in a region or in all of them; a context manager around a call
    that holds one of the places for calls at once. All its clients are to be watched."""

    def __init__(self, at_once: int, bucket: Bucket) -> None:
        self._places, self._bucket = Places(at_once), bucket
        self._refusal = ThrottlingErrorDetector(RetryEventAdapter())
        self._mine = threading.local()

    def __enter__(self) -> None:
        self._places.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places.release()

    @property
    def rate(self) -> float:
        """Calls a second that may begin; infinite as long as none was refused."""
        return self._bucket.rate

    def watch(self, events: Any) -> None:
        """Has each request of a client wait for its turn, and learns from its answers; ``events`` are the
        client's ``meta.events``."""
        events.register_first("before-send", self._sending)
        events.register("needs-retry", self._answered)

    def _sending(self, **_: Any) -> None:
        self._mine.age = self._bucket.take()

    def _answered(self, **said: Any) -> None:
        """A handler of botocore's ``needs-retry`` event, in the thread that sent the request."""
        if self._refusal.is_throttling_error(**said):
            self._bucket.refused(getattr(self._mine, "age", 0))
        elif said.get("response") is not None:
            self._bucket.answered()


class Pace:
    """The lanes of one run; safe to share between threads."""

    def __init__(self, at_once: int, deadline: Deadline) -> None:
        self._at_once, self._deadline = at_once, deadline
        self._lanes: dict[tuple[str, str, str], Lane] = {}
        self._lock = threading.Lock()

    def lane(self, account: str, service: str, region: str) -> Lane:
        """That of a service in an account: one for all regions where the service has one endpoint, or its
        limit is that of the account; and one with another service whose limit it shares."""
        said = _said(service)
        worldwide = said.get("regions") == "shared" or models.worldwide(service)
        service = said.get("of", service)
        key = (account, service, "" if worldwide else region)
        with self._lock:
            found = self._lanes.get(key)
            if found is None:
                found = self._lanes[key] = Lane(self._at_once, Bucket(self._deadline, _rates(service)))
            return found

    def leave(self, account: str) -> None:
        """Forgets those of an account."""
        with self._lock:
            for key in [key for key in self._lanes if key[0] == account]:
                del self._lanes[key]


@cache
def _said(service: str) -> Mapping[str, Any]:
    """What AWS says of the limit of a service, as ``pace.yaml`` has it."""
    found: Mapping[str, Any] = data(Path(__file__).with_name("pace.yaml")).get(service, {})
    return found


def _rates(service: str) -> Rates:
    said = _said(service)
    if not said:
        return Rates(first=math.inf, fewest=2, most=math.inf)
    return Rates(first=said["rate"], most=said["rate"], burst=said.get("burst", 0.0))
