"""Reads the resources of large states, and of many, some at a time, so that they are held as what their text
packs to.

Terraform and OpenTofu indent what they write by two spaces, and JSON has no line break within a text: so a
line tells where a resource begins and ends. A state that is written otherwise is parsed as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import zstandard

from drift.store import Room

#: Larger states are never parsed as a whole (bytes).
FROM = 16 * 2**20
#: Bytes of text that are parsed together, and how well they are packed: the faster, the less.
_BLOCK, _LEVEL = 256 * 1024, -3
_LIST = b'\n  "resources": ['
_BEGIN, _END, _CLOSE = b"\n    {", b"\n    }", b"\n  ]"


class Resources:
    """The resources of a state, parsed from its text, which is packed, as often as they are asked for. Raises
    ValueError for a text from ``start`` to ``end`` that is not as Terraform writes it."""

    def __init__(self, text: bytes, start: int, end: int) -> None:
        self._blocks: list[bytes] = []
        waiting, size = list[memoryview](), 0
        for one in _texts(text, start, end):
            waiting.append(one)
            size += len(one)
            if size >= _BLOCK:
                self._pack(waiting)
                waiting, size = [], 0
        if waiting:
            self._pack(waiting)

    def _pack(self, some: list[memoryview]) -> None:
        packed = zstandard.ZstdCompressor(_LEVEL).compress(b"[" + b",".join(some) + b"]")
        self._blocks.append(bytes(memoryview(packed)))  # which has the room of what it packs

    def __iter__(self) -> Iterator[Any]:
        for block in self._blocks:
            yield from orjson.loads(zstandard.ZstdDecompressor().decompress(block))

    def __bool__(self) -> bool:
        return bool(self._blocks)


def content(text: bytes, room: Room | None = None) -> Mapping[str, Any] | None:
    """The state in a text, its resources some at a time; None where it is small and there is ``room`` for it,
    or it is not written as Terraform writes it."""
    if len(text) < FROM and (room is None or room.take(text.count(_BEGIN))):
        return None
    begin = text.find(_LIST)
    end = text.find(_CLOSE, begin)
    if begin < 0 or end < 0:
        return None
    try:
        found = Resources(text, begin + len(_LIST), end)
        rest = orjson.loads(text[:begin] + _LIST + b"]" + text[end + len(_CLOSE) :])
    except ValueError:
        return None
    return {**rest, "resources": found} if isinstance(rest, dict) and "version" in rest else None


def _texts(text: bytes, place: int, end: int) -> Iterator[memoryview]:
    """Each resource as it is written. Raises ValueError where the text is not as Terraform writes it."""
    whole = memoryview(text)
    while place < end:
        if not text.startswith(_BEGIN, place):
            raise ValueError("no resource begins here")
        close = text.find(_END, place, end)
        if close < 0:
            raise ValueError("a resource does not end")
        close += len(_END)
        yield whole[place:close]
        place = close + text.startswith(b",", close)
