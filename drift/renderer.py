"""The contract of a report format: what a plugin implements to have reports written its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    from rich.console import Console


class Renderer(Protocol):
    """One report format, found through the entry point group ``drift.renderers`` under its ``name``."""

    name: str
    #: The file name's ending, without the dot; ``report.SUFFIX`` is what a run writes.
    suffix: str

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Writes the report, a ``drift-report/1`` document, to ``out``. The same input gives the same
        bytes."""
        ...


class FolderPage(Renderer, Protocol):
    """The format that also has a page of a folder of runs: the one named ``html``."""

    def index(self, runs: Iterable[tuple[str, Mapping[str, Any]]], left_out: int, out: BinaryIO) -> None:
        """Writes the page of ``runs``: (name of its folder, report) pairs, the newest first, taken one at
        a time. ``left_out`` older ones were not read."""
        ...


class Summary(Renderer, Protocol):
    """The format that is also printed to the terminal at the end of a run: the one named ``table``."""

    def print(self, report: Mapping[str, Any], console: Console) -> None:
        """Prints the report, the severest findings only if there are very many; then it says so."""
        ...

    def print_ignored(self, report: Mapping[str, Any], console: Console) -> None:
        """Prints what each rule hides, and why."""
        ...
