"""Keeps what does not fit in memory: live and declared resources on disk."""

from __future__ import annotations

from drift.store.declared import DeclaredStore, unpacked
from drift.store.live import CellStore, LiveStore, Stored, made, room
from drift.store.memory import kept, returned, swept

__all__ = [
    "CellStore",
    "DeclaredStore",
    "LiveStore",
    "Stored",
    "kept",
    "made",
    "returned",
    "room",
    "swept",
    "unpacked",
]
