"""A file of pieces that are each whole or not there: whenever its writer is killed, all that was written
before can be read."""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import orjson

from drift.errors import DriftError

_MARK = b"drift-pieces-1\n"
#: Before each piece: the bytes of its head and of its body, and a digest over these numbers and both.
_SIZES = struct.Struct(">IQ")
_DIGEST = 16
#: No head comes near; a length beyond is none.
_LONGEST_HEAD = 64 * 1024 * 1024
_CHUNK = 1024 * 1024


class Seal(Protocol):
    """What makes a text unreadable, and unchangeable, for whoever has not its key."""

    def lock(self, text: bytes, bound: bytes) -> bytes:
        """The text sealed, bound to another that is not."""
        ...

    def open(self, text: bytes, bound: bytes) -> bytes | None:
        """The text again; None where it was not sealed so."""
        ...


class Taken(DriftError):
    """The file is another process's, which is alive and writes it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece: its head, and where the whole of it (``start``, ``size``) and its body are in the file."""

    head: Mapping[str, Any]
    start: int
    size: int
    body: int


class Pieces:
    """An open file of pieces, nobody else's while it is open; a context manager. Raises OSError, and Taken
    where another process has it. ``seal``: heads and bodies are sealed, each body bound to its head."""

    def __init__(self, path: Path, *, new: bool = False, seal: Seal | None = None) -> None:
        self.path, self._seal = path, seal
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if new else 0)
        self._file = os.open(path, flags, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise Taken(f"{path}: a run that is not over is writing it") from error
        except OSError:  # a file system without locks: two runs have two names
            pass
        self._end = 0
        #: Whether anything was written but what heads the file.
        self.filled = False
        if new:
            self._write(_MARK)

    def __enter__(self) -> Pieces:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    @property
    def size(self) -> int:
        """Bytes of all that is whole."""
        return self._end

    @classmethod
    def first(cls, path: Path) -> Piece | None:
        """The first piece of a file, whoever writes it meanwhile. Raises OSError."""
        found = cls.__new__(cls)
        found.path, found._file = path, os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        found._seal = None
        with found:
            return next(found.read(), None)

    def read(self) -> Iterator[Piece]:
        """All whole pieces. What follows the last of them is no piece, and is written over."""
        self._end = len(_MARK) if os.pread(self._file, len(_MARK), 0) == _MARK else 0
        while self._end and (piece := self._next()) is not None:
            self._end = piece.start + piece.size
            yield piece

    def _next(self) -> Piece | None:
        start, sizes = self._end, _SIZES.size
        told = os.pread(self._file, sizes + _DIGEST, start)
        if len(told) < sizes + _DIGEST:
            return None
        head, body = _SIZES.unpack_from(told)
        whole = sizes + _DIGEST + head + body
        if head > _LONGEST_HEAD or start + whole > os.fstat(self._file).st_size:
            return None
        digest = hashlib.blake2b(told[:sizes], digest_size=_DIGEST)
        text = os.pread(self._file, head, start + sizes + _DIGEST)
        digest.update(text)
        at, left = start + sizes + _DIGEST + head, body
        while left > 0:
            chunk = os.pread(self._file, min(left, _CHUNK), at)
            if not chunk:
                return None
            digest.update(chunk)
            at, left = at + len(chunk), left - len(chunk)
        if digest.digest() != told[sizes:]:
            return None
        opened = text if self._seal is None else self._seal.open(text, b"")
        if opened is None:
            return None
        try:
            said = orjson.loads(opened)
        except orjson.JSONDecodeError:
            return None
        return Piece(said, start, whole, body) if isinstance(said, dict) else None

    def body(self, piece: Piece) -> bytes:
        """The body of a piece. Raises DriftError where it is not as it was sealed."""
        body = os.pread(self._file, piece.body, piece.start + piece.size - piece.body)
        if self._seal is None:
            return body
        before = _SIZES.size + _DIGEST
        head = os.pread(self._file, piece.size - before - piece.body, piece.start + before)
        opened = self._seal.open(body, head)
        if opened is None:
            raise DriftError(f"{self.path}: not as it was written")
        return opened

    def add(self, head: Mapping[str, Any], body: bytes = b"") -> Piece:
        """Writes a piece, which is on disk once :meth:`sync` has returned. Raises OSError; then nothing of it
        is there."""
        text, filled = orjson.dumps(head), bool(body)
        if self._seal is not None:
            text = self._seal.lock(text, b"")
            body = self._seal.lock(body, text)
        sizes = _SIZES.pack(len(text), len(body))
        digest = hashlib.blake2b(sizes + text, digest_size=_DIGEST)
        digest.update(body)
        start = self._end
        self._write(b"".join((sizes, digest.digest(), text, body)))
        self.filled = self.filled or filled
        return Piece(head, start, self._end - start, len(body))

    def take(self, other: Pieces, piece: Piece) -> Piece:
        """Writes a piece of another file as it is. Raises OSError."""
        start = self._end
        self._write(os.pread(other._file, piece.size, piece.start))  # noqa: SLF001 - of its own class
        self.filled = True
        return Piece(piece.head, start, piece.size, piece.body)

    def sync(self) -> None:
        """Returns when all that was written is on disk. Raises OSError."""
        os.fdatasync(self._file)

    def _write(self, text: bytes) -> None:
        left, at = memoryview(text), self._end
        try:
            while left:
                done = os.pwrite(self._file, left, at)
                left, at = left[done:], at + done
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end = at
