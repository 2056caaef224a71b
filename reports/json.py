"""The report as it is: the JSON document ``drift-report/1``, for machines and for rendering again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import orjson


class JsonReport:
    """Writes the report indented, members in the order given, with a newline at the end."""

    name = "json"
    suffix = "json"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out`` as UTF-8 JSON."""
        out.write(orjson.dumps(dict(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
