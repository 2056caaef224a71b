"""The one way of a line to the terminal: what in it would steer the terminal is written out."""

from __future__ import annotations

import sys
from typing import BinaryIO

from drift.cli import logs, streams
from drift.visible import visible


def say(text: str, *, err: bool = False, nl: bool = True, level: str = "info") -> None:
    """Prints a text, to standard error if so asked; there it may be a line of a log. Raises DriftError where
    nobody reads standard output any more."""
    if err and logs.as_json():
        logs.line(text, level)
        return
    import typer

    try:
        typer.echo(visible(text), err=err, nl=nl)
    except BrokenPipeError as error:
        raise streams.unread() from error


def rendered(document: bytes) -> None:
    """Prints what a format made of a report: as it is into a file or pipe, made visible on a terminal."""
    out: BinaryIO = sys.stdout.buffer
    if sys.stdout.isatty():
        document = visible(document.decode("utf-8", "replace")).encode()
    try:
        out.write(document)
        out.flush()
    except BrokenPipeError as error:
        raise streams.unread() from error
