"""Answers that several ask for, each asked once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Shared:
    """Answers that several types of one account take from the same call (all of IAM comes in one listing)."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Any, ...], Future[Any]] = {}
        self._lock = threading.Lock()

    def once(self, key: tuple[Any, ...], ask: Callable[[], Any]) -> Any:
        """The answer of ``ask``, made by the first caller; its error is every caller's."""
        with self._lock:
            future = self._answers.get(key)
            mine = future is None
            if future is None:
                future = self._answers[key] = Future()
        if mine:
            try:
                future.set_result(ask())
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()
