"""The contract of a report format: what a plugin implements to have reports written its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, Protocol


class Renderer(Protocol):
    """One report format, found through the entry point group ``drift.renderers`` under its ``name``."""

    name: str
    #: The file name's ending, without the dot; ``report.SUFFIX`` is what a run writes.
    suffix: str

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Writes the report, a ``drift-report/1`` document, to ``out``. The same input gives the same
        bytes."""
        ...
