"""Remembers where each of very many things stood first, in memory that does not grow with their number."""

from __future__ import annotations

import hashlib
import sqlite3

from drift.store import room

_CACHE = 16 * 1024
_TABLE = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE seen (what BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
BEGIN;
"""


class Seen:
    """Lines of a file by what they are of. Beyond the first lot, digests stand for names, in a temporary
    database."""

    def __init__(self) -> None:
        self._first: dict[tuple[str | None, ...], int] = {}
        self._base: sqlite3.Connection | None = None

    def before(self, what: tuple[str | None, ...], line: int) -> int | None:
        """The line where it stood first; None where it did not, and then ``line`` is remembered."""
        if what in self._first:
            return self._first[what]
        if self._base is None and len(self._first) < max(room(), 1):
            self._first[what] = line
            return None
        if self._base is None:
            self._base = sqlite3.connect("", check_same_thread=False, isolation_level=None)
            self._base.execute(f"PRAGMA cache_size = -{_CACHE}")
            self._base.executescript(_TABLE)
        digest = hashlib.blake2b(repr(what).encode(), digest_size=16).digest()
        done = self._base.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, line))
        if done.rowcount == 1:
            return None
        found: int = self._base.execute("SELECT line FROM seen WHERE what = ?", (digest,)).fetchone()[0]
        return found
