"""The live side of one unit, and the clock of what is done with it."""

from __future__ import annotations

from collections.abc import Mapping

from drift.deadline import Deadline
from drift.live.estate import Estate
from drift.model import Cell, Coverage
from drift.task import Live


class Part(Estate):
    """The live side of one unit."""

    #: The connections by which it was read, as long as something may be read once more; the ledger before it
    #: was judged.
    lives: Mapping[str, Live] = {}
    ledger: Mapping[Cell, Coverage] = {}
    #: The scopes that all units read, by provider, once that is known.
    all_scopes: Mapping[str, frozenset[str]] = {}

    def scopes(self, provider: str) -> frozenset[str]:
        return self.all_scopes.get(provider) or super().scopes(provider)


class Clock(Deadline):
    """A call's clock."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__()
        self._end = self._until = self._began + (float("inf") if seconds is None else seconds)
        self._said = "time"
