"""Reads the resources of a large state one at a time, so that a state of hundreds of megabytes is held as its
text alone.

Terraform and OpenTofu indent what they write by two spaces, and JSON has no line break within a text: so a
line tells where a resource begins and ends. A state that is written otherwise is parsed as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

#: Smaller states are parsed as a whole (bytes).
FROM = 16 * 2**20
_LIST = b'\n  "resources": ['
_BEGIN, _END, _CLOSE = b"\n    {", b"\n    }", b"\n  ]"


class Resources:
    """The resources of a state, parsed from its text as often as they are asked for."""

    def __init__(self, text: bytes, start: int, end: int) -> None:
        self._text, self._start, self._stop = text, start, end

    def __iter__(self) -> Iterator[Any]:
        return map(orjson.loads, self.texts())

    def texts(self) -> Iterator[memoryview]:
        """Each resource as it is written. Raises ValueError where the text is not as Terraform writes it."""
        whole, place = memoryview(self._text), self._start
        while place < self._stop:
            if not self._text.startswith(_BEGIN, place):
                raise ValueError("no resource begins here")
            close = self._text.find(_END, place, self._stop)
            if close < 0:
                raise ValueError("a resource does not end")
            close += len(_END)
            yield whole[place:close]
            place = close + self._text.startswith(b",", close)

    def __bool__(self) -> bool:
        return self._start < self._stop


def content(text: bytes) -> Mapping[str, Any] | None:
    """The state in a text, its resources one at a time; None where it is small, or not written as Terraform
    writes it."""
    if len(text) < FROM:
        return None
    begin = text.find(_LIST)
    end = text.find(_CLOSE, begin)
    if begin < 0 or end < 0:
        return None
    found = Resources(text, begin + len(_LIST), end)
    try:
        rest = orjson.loads(text[:begin] + _LIST + b"]" + text[end + len(_CLOSE) :])
        for _ in found.texts():
            pass
    except ValueError:
        return None
    return {**rest, "resources": found} if isinstance(rest, dict) and "version" in rest else None
