"""What goes wrong with a history: the run goes on without it."""

from __future__ import annotations

from drift.errors import DriftError


class HistoryError(DriftError):
    """A history can't be read or written; the message says which, why and what to do."""


class NoHistory(HistoryError):
    """There is no history yet."""


class Outdated(HistoryError):
    """A history is of an older version, and the next run that writes brings it to this one."""
