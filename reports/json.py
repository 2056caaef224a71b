"""The report as it is: the JSON document ``drift-report/1``, for machines and for rendering again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import orjson

#: So many members of a list are written at once, so that the document is never in memory as a whole.
_TOGETHER = 1_000
_OPENED, _CLOSED = b"[\n", b"\n  ]\n}"


class JsonReport:
    """Writes the report indented, members in the order given, with a newline at the end."""

    name = "json"
    suffix = "json"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out`` as UTF-8 JSON."""
        for number, (name, value) in enumerate(report.items()):
            out.write(b",\n" if number else b"{\n")
            for part in _member(name, value):
                out.write(part)
        out.write(b"\n}\n" if report else b"{}\n")


def _member(name: str, value: Any) -> Iterator[bytes]:
    """A member as it stands in an indented object, without its end."""
    if not isinstance(value, list) or len(value) <= _TOGETHER:
        yield orjson.dumps({name: value}, option=orjson.OPT_INDENT_2)[2:-2]
        return
    for start in range(0, len(value), _TOGETHER):
        written = orjson.dumps({name: value[start : start + _TOGETHER]}, option=orjson.OPT_INDENT_2)
        begins = written.index(_OPENED) + len(_OPENED)
        yield written[2:begins] if start == 0 else b",\n"
        yield written[begins : -len(_CLOSED)]
    yield _CLOSED[:-2]
