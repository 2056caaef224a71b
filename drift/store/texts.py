"""Keeps texts in one temporary file without a name, which ends with the process and is readable by nobody
else; another process that is given the open file reads them, too."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from typing import IO

#: Bits of a place that tell how long its text is.
_LENGTH_BITS = 28
#: A text of this many bytes or more has no place.
TOO_LONG = 1 << _LENGTH_BITS
#: Bytes that wait to be written together: a call of the system for each text would take as long as making it.
_WAITING = 1024 * 1024


class Texts:
    """An append-only file; a text's *place* finds it again."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._waiting = bytearray()
        self._written = 0
        self._lock = threading.Lock()

    def add(self, text: bytes) -> int:
        """Adds a text shorter than :data:`TOO_LONG`; gives its place."""
        with self._lock:
            place = (self._written + len(self._waiting)) << _LENGTH_BITS | len(text)
            self._waiting += text
            if len(self._waiting) >= _WAITING:
                self._write()
        return place

    def get(self, place: int) -> bytes:
        return text_at(self.number(upto=place), place)

    def several(self, places: Iterable[int]) -> Iterator[bytes]:
        """The texts of some places in turn; those that were added one after the other are read together."""
        file, start, end, sizes = self.number(), 0, 0, list[int]()
        for place in places:
            at, size = place >> _LENGTH_BITS, place & (TOO_LONG - 1)
            if sizes and (at != end or end - start >= _WAITING):
                yield from _parted(os.pread(file, end - start, start), sizes)
                sizes = []
            if not sizes:
                start = at
            sizes.append(size)
            end = at + size
        if sizes:
            yield from _parted(os.pread(file, end - start, start), sizes)

    def number(self, upto: int | None = None) -> int:
        """The open file's number, once all that was added is in it, or what is there up to a place."""
        with self._lock:
            if self._waiting and (upto is None or (upto >> _LENGTH_BITS) >= self._written):
                self._write()
            return self._opened().fileno()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="drift-", buffering=0)  # noqa: SIM115 - closed with this
        return self._file

    def _write(self) -> None:
        file, left = self._opened(), memoryview(self._waiting)
        while left:
            left = left[file.write(left) :]
        self._written += len(self._waiting)
        self._waiting = bytearray()


def _parted(text: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield text[at : at + size]
        at += size


def text_at(file: int, place: int) -> bytes:
    """The text of a place in an open file of :class:`Texts`, whichever process opened it."""
    return os.pread(file, place & (TOO_LONG - 1), place >> _LENGTH_BITS)
