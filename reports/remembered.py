"""What is said of a change, which many findings may have in common: told once, and remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import orjson

Said = TypeVar("Said")


class Remembered(Generic[Said]):
    """``of`` for equal changes asked once, whatever their ids; at most ``most`` answers are held."""

    def __init__(self, of: Callable[[Mapping[str, Any]], Said], most: int) -> None:
        self._of, self._most = of, most
        self._known: dict[bytes, Said] = {}

    def __call__(self, change: Mapping[str, Any]) -> Said:
        try:
            key = orjson.dumps({name: change[name] for name in change if name != "id"}, default=str)
        except TypeError:  # what is no text in Unicode
            return self._of(change)
        said = self._known.get(key)
        if said is None:
            if len(self._known) >= self._most:
                self._known.clear()
            said = self._known[key] = self._of(change)
        return said
