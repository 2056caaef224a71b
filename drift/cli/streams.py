"""Standard input, output and error of a run, whoever listens: a run that nobody hears goes on, reports and
tells all the same."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any

from drift.errors import DriftError

if TYPE_CHECKING:
    from rich.console import Console


class _Spoken(io.FileIO):
    """Standard error; what nobody takes (a pipe that is gone, a terminal that was closed, a full disk) is
    lost, and ends nothing."""

    def write(self, text: Any, /) -> int:
        try:
            return super().write(text) or len(text)
        except OSError:
            return len(text)


def unread() -> DriftError:
    """That nobody reads standard output any more; else the run would end without a word."""
    return DriftError("standard output: can't be written: nobody reads it any more")


def console(*, stderr: bool) -> Console:
    """What prints tables, and says so."""
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            raise unread()

    return Output(stderr=stderr)


def begin() -> None:
    """Has all three be there. What a shell closed (``>&-``) would else be the next file that is opened, and
    what is said would be written into that."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: PTH123, SIM115 - open to the end
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    spoken = io.BufferedWriter(_Spoken(2, "w", closefd=False))
    sys.stderr = io.TextIOWrapper(spoken, encoding, "backslashreplace", line_buffering=True)
