"""The contract of a report format: what a plugin implements to have reports written its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    from email.message import EmailMessage

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


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says besides its report. ``owners`` are those whose share the report is cut to, none: it is
    everybody's. ``report_url`` is where the whole report is found; where it is None, the report's own
    ``run.url``. ``page`` is the HTML report where it is written already, to be attached as
    it is. ``remarks`` are sentences that stand on top of all else; ``weekly`` mails come because
    nothing else came for a week."""

    owners: tuple[str, ...] = ()
    report_url: str | None = None
    remarks: tuple[str, ...] = ()
    weekly: bool = False
    page: bytes | None = None


class MailPage(Renderer, Protocol):
    """The format that is a mail: the one named ``mail``."""

    def compose(self, report: Mapping[str, Any], letter: Letter) -> EmailMessage:
        """The mail of a report, with its subject and everything in it, and without addresses, date and
        identity. The same input gives the same mail."""
        ...

    def note(self, report: Mapping[str, Any], letter: Letter) -> tuple[str, str]:
        """The report for a chat: its subject, and a few lines of Markdown of what is new alone."""
        ...

    def failure(self, error: str, run: Mapping[str, Any]) -> EmailMessage:
        """The mail of a run that ended without a report. ``error`` says why, in one line; ``run`` has what is
        known of it, as in a report (``environment``, ``started_at``, ``version``)."""
        ...


class Summary(Renderer, Protocol):
    """The format that is also printed to the terminal at the end of a run: the one named ``table``."""

    def print(self, report: Mapping[str, Any], console: Console) -> None:
        """Prints the report, the severest findings only if there are very many; then it says so."""
        ...

    def print_ignored(self, report: Mapping[str, Any], console: Console) -> None:
        """Prints what each rule hides, and why."""
        ...
