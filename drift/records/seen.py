"""Tells a resource that stood in a file already, with the line where it did, however many there are."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable

from drift.store import room

#: What a line is of.
What = tuple[str | None, ...]

_CACHE = 16 * 1024
_TABLE = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE seen (what BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
BEGIN;
"""


class Seen:
    """Lines of a file by what they are of. Beyond the first lot only hashes are kept; once one occurs twice,
    ``again`` is asked, which gives all of the file from its beginning, and digests go to a temporary
    database."""

    def __init__(self, again: Callable[[], Iterable[tuple[What, int]]]) -> None:
        self._again = again
        self._first: dict[What, int] = {}
        self._room = max(room(), 1)
        self._hashes: set[int] = set()
        self._base: sqlite3.Connection | None = None

    def before(self, what: What, line: int) -> int | None:
        """The line where it stood first; None where it did not, and then ``line`` is remembered."""
        known = self._first.get(what)
        if known is not None:
            return known
        if len(self._first) < self._room:
            self._first[what] = line
            return None
        if self._base is None:
            number = hash(what)
            if number not in self._hashes:
                self._hashes.add(number)
                return None
            self._base = self._all_before(line)
        return self._stored(self._base, what, line)

    def _all_before(self, line: int) -> sqlite3.Connection:
        """A database of what stood before a line."""
        self._hashes = set()
        base = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        base.execute(f"PRAGMA cache_size = -{_CACHE}")
        base.executescript(_TABLE)
        for what, at in self._again():
            if at >= line:
                break
            self._stored(base, what, at)
        return base

    @staticmethod
    def _stored(base: sqlite3.Connection, what: What, line: int) -> int | None:
        digest = hashlib.blake2b(repr(what).encode(), digest_size=16).digest()
        done = base.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, line))
        if done.rowcount == 1:
            return None
        found: int = base.execute("SELECT line FROM seen WHERE what = ?", (digest,)).fetchone()[0]
        return found
