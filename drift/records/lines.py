"""The JSON values of a file of records, one by one with their line: JSON Lines (plain, gz, zst) or YAML,
however long or deep they claim to be."""

from __future__ import annotations

import contextlib
import gzip
import io
from collections.abc import Iterator
from typing import IO, Any, BinaryIO

import orjson
import zstandard

from drift import reading
from drift.errors import SnapshotError
from drift.model import Problem
from drift.safe_yaml import YamlError, load

MAX_DEPTH = 100
MAX_RECORD_BYTES = 16 * 1024 * 1024
_CHUNK = 1024 * 1024
#: A line that is longer is not even looked for its end, and so many blanks are no mistake.
_LONGEST, _MOST_BLANK = 4 * MAX_RECORD_BYTES, 4 * 1024 * 1024
#: So much of a file of zstd is unpacked at once: it may become 32,000 times as much.
_PACKED = 2048
_MARK = 64


class Endless(Exception):
    """What is read goes on and on without a record."""


def values(raw: BinaryIO, file: str, name: str) -> Iterator[tuple[int, Any, bool]]:
    """(line, record or Problem, whether it is certainly plain JSON of few levels)."""
    plain = file.removesuffix(".gz").removesuffix(".zst")
    with contextlib.ExitStack() as stack:
        stream: Any = raw
        if file.endswith(".gz"):
            stream = stack.enter_context(gzip.GzipFile(fileobj=raw))
        elif file.endswith(".zst"):
            stream = io.BufferedReader(_Zst(raw))
        elif (what := reading.no_text(raw.read(_MARK))) is not None:
            raise SnapshotError(f"{name}: {what}")
        else:
            raw.seek(0)
        if plain.endswith((".yaml", ".yml")):
            for number, document in _yaml(stream, name):
                yield number, document, False
            return
        for number, line in _lines(stream):
            if line is None:
                yield number, _too_long(name, number), False
            elif not line.isspace():
                try:
                    record = orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    yield number, Problem(name, f"{name}:{number}: no JSON record: {error.msg}"), False
                else:
                    few = line.count(b"{") + line.count(b"[") <= MAX_DEPTH
                    yield number, record, few or not too_deep(record)


class _Zst(io.RawIOBase):
    """A decompressed .zst stream that, unlike zstandard's own, tells when the file breaks off."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            chunk = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._begun = zstandard.ZstdDecompressor().decompressobj(), False
            chunk = chunk or self._raw.read(_PACKED)
            if not chunk:
                if self._begun:
                    raise EOFError("the file ended before the end of its last frame")
                return 0
            self._begun = True
            self._left = memoryview(self._frame.decompress(chunk))
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """(number, line); None for a line that is longer than a record may be. Raises Endless for what would be
    read on and on."""
    number = blank = 0
    while line := stream.readline(MAX_RECORD_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) <= MAX_RECORD_BYTES or line.endswith(b"\n"):
            blank = blank + len(line) if line.isspace() else 0
            if blank > _MOST_BLANK:
                raise Endless(f"from line {number} on nothing but blanks")
            yield number, line
            continue
        size = len(line)
        while line and not line.endswith(b"\n"):
            line = stream.readline(_CHUNK)
            size += len(line)
            if size > _LONGEST:
                raise Endless(f"line {number} has no end, which is no record")
        yield number, None


def _too_long(name: str, line: int) -> Problem:
    limit = MAX_RECORD_BYTES // 1024 // 1024
    return Problem(name, f"{name}:{line}: the record is longer than {limit} MB; the record is left out")


def _yaml(stream: IO[bytes], name: str) -> Iterator[tuple[int, Any]]:
    for start, document in _documents(stream):
        if document is None:
            yield start, _too_long(name, start)
            continue
        try:
            record = load(document)
        except YamlError as error:
            line = start + (error.line or 1) - 1
            yield line, Problem(name, f"{name}:{line}: {error}; the record is left out")
        else:
            if record is not None:
                yield start, record


def _documents(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """(first line, text) of each YAML document; None for one that is longer than a record may be."""
    start, size, lines = 1, 0, list[bytes]()
    for number, line in _lines(stream):
        if line is not None and (line.rstrip() == b"---" or line.startswith(b"--- ")):
            if size:
                yield start, b"".join(lines) if size <= MAX_RECORD_BYTES else None
            start, size, lines = number, 0, []
        size += MAX_RECORD_BYTES + 1 if line is None else len(line)
        if size <= MAX_RECORD_BYTES and line is not None:
            lines.append(line)
        else:
            lines.clear()
    if size:
        yield start, b"".join(lines) if size <= MAX_RECORD_BYTES else None


def too_deep(value: Any, levels: int = MAX_DEPTH) -> bool:
    """Whether a value nests deeper than ``levels``, told without recursing."""
    level = [value] if isinstance(value, (dict, list)) else []
    while level and levels:
        levels -= 1
        members = (one.values() if isinstance(one, dict) else one for one in level)
        level = [child for some in members for child in some if isinstance(child, (dict, list))]
    return bool(level)
