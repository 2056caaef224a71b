"""Keeps what does not fit in memory: live and declared resources on disk."""

from __future__ import annotations

from drift.store.declared import DeclaredStore, unpacked
from drift.store.live import CellStore, LiveStore, Room, made, room
from drift.store.memory import held, kept, returned, spared, swept
from drift.store.texts import text_at

__all__ = [
    "CellStore",
    "DeclaredStore",
    "LiveStore",
    "Room",
    "held",
    "kept",
    "made",
    "returned",
    "room",
    "spared",
    "swept",
    "text_at",
    "unpacked",
]
