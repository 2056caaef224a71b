"""What a run's coordinator and its members hand to each other, in a folder or an object store: sealed with a
key that is derived from the redaction key, so that nobody reads it or adds to it who does not have that."""

from __future__ import annotations

import itertools
import os
import pickle
import struct
from collections.abc import Iterable, Iterator
from typing import IO, Any

import zstandard

from drift.depot import Depot, DepotError
from drift.errors import DriftError

_LENGTH = struct.Struct(">I")
_NONCE = 12
#: Bytes of a piece before it is packed: so much is in memory at once.
_PIECE = 1 << 20
#: Of zstd: the faster, the less it packs.
_LEVEL = -3


class SharedError(DepotError):
    """What lies in the shared folder is not this run's."""


class Shelf:
    """Python objects by name in a place, in order; each file is one stream of sealed pieces.

    A piece is bound to its run, its file and its place in it, and the last one says that it is, so that none
    can be left out, repeated or taken from elsewhere. Without a key the pieces are only packed: for a folder
    of this process.
    """

    def __init__(self, place: Depot, run: str, key: bytes | None) -> None:
        self.place, self._run = place, run
        self._seal = None if key is None else _seal(key)

    def elsewhere(self, place: Depot) -> Shelf:
        """The same of what was carried to another place as it is."""
        other = Shelf(place, self._run, None)
        other._seal = self._seal  # noqa: SLF001 - of its own class
        return other

    def put(self, name: str, objects: Iterable[Any]) -> None:
        """Writes objects as a file."""
        with self.place.put(name) as file:
            number, waiting = 0, bytearray()
            for one in objects:
                text = pickle.dumps(one, pickle.HIGHEST_PROTOCOL)
                waiting += _LENGTH.pack(len(text)) + text
                if len(waiting) >= _PIECE:
                    self._write(file, name, number, bytes(waiting), last=False)
                    number, waiting = number + 1, bytearray()
            self._write(file, name, number, bytes(waiting), last=True)

    def get(self, name: str) -> Iterator[Any]:
        """The objects of a file. Raises DepotError where it can't be read (Gone: it is not there), and
        SharedError where it is not as it was written."""
        with self.place.get(name) as file:
            yield from self._in(file, name)

    def all(self, names: Iterable[str]) -> Iterator[Any]:
        """The objects of several files, one after the other. Raises as :meth:`get` does."""
        several, again = itertools.tee(names)
        for file, name in zip(self.place.gets(several), again, strict=True):
            with file:
                yield from self._in(file, name)

    def _in(self, file: IO[bytes], name: str) -> Iterator[Any]:
        number, last = 0, False
        while not last:
            text, last = self._read(file, name, number)
            yield from _objects(text)
            number += 1

    def _write(self, file: IO[bytes], name: str, number: int, text: bytes, *, last: bool) -> None:
        packed = bytes([last]) + zstandard.ZstdCompressor(_LEVEL).compress(text)
        if self._seal is not None:
            nonce = os.urandom(_NONCE)
            packed = nonce + self._seal.encrypt(nonce, packed, self._bound(name, number))
        file.write(_LENGTH.pack(len(packed)) + packed)

    def _read(self, file: IO[bytes], name: str, number: int) -> tuple[bytes, bool]:
        try:
            head = file.read(_LENGTH.size)
            packed = file.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
        except OSError as error:
            raise DepotError(f"{self.place.shown}: {name}: can't be read: {error.strerror}") from error
        if self._seal is not None:
            from cryptography.exceptions import InvalidTag

            try:
                nonce, sealed = packed[:_NONCE], packed[_NONCE:]
                packed = self._seal.decrypt(nonce, sealed, self._bound(name, number))
            except (InvalidTag, ValueError) as error:
                raise SharedError(f"{name}: not written by this run, or cut short") from error
        if not packed:
            raise SharedError(f"{name}: cut short")
        return zstandard.ZstdDecompressor().decompress(packed[1:], _MOST), bool(packed[0])

    def _bound(self, name: str, number: int) -> bytes:
        return f"{self._run}\0{name}\0{number}".encode()


#: A piece is no longer than this (bytes), as one object may be large.
_MOST = 1 << 31


def _objects(text: bytes) -> Iterator[Any]:
    at = 0
    while at < len(text):
        (length,) = _LENGTH.unpack_from(text, at)
        at += _LENGTH.size
        yield pickle.loads(memoryview(text)[at : at + length])  # noqa: S301 - sealed, or our own folder
        at += length


class Seal:
    """Seals what members keep for a later run (:class:`drift.live.pieces.Seal`)."""

    def __init__(self, key: bytes) -> None:
        self._seal = _seal(key, b"drift engine: kept")

    def lock(self, text: bytes, bound: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        sealed: bytes = self._seal.encrypt(nonce, text, bound)
        return nonce + sealed

    def open(self, text: bytes, bound: bytes) -> bytes | None:
        from cryptography.exceptions import InvalidTag

        try:
            opened: bytes = self._seal.decrypt(text[:_NONCE], text[_NONCE:], bound)
        except (InvalidTag, ValueError):
            return None
        return opened


def _seal(key: bytes, purpose: bytes = b"drift engine: shared folder") -> Any:
    """What seals with a key that is derived from the redaction key for one purpose."""
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF
    except ImportError as error:
        raise DriftError(f"engine: {error.name} is missing: pip install 'driftline[dask]'") from error
    return AESGCM(HKDF(SHA256(), 32, None, purpose).derive(key))
