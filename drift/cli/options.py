"""Options that several commands have alike, and where a command's answer is written."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from drift.cli.terminal import say


class FailOn(StrEnum):
    any = "any"
    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    info = "info"
    new = "new"
    new_critical = "new:critical"
    new_high = "new:high"
    new_medium = "new:medium"
    new_low = "new:low"
    new_info = "new:info"


class TextFormat(StrEnum):
    text = "text"
    json = "json"


ConfigOption = Annotated[Path, typer.Option("-c", "--config", help="The configuration.", metavar="FILE")]

LiveOption = Annotated[
    list[Path] | None,
    typer.Option("--live", help="Snapshot to take the live side from; repeatable.", metavar="FILE"),
]

OutOption = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        help="A folder; a file, by its ending, or - for standard output, of one format.",
        metavar="PLACE",
    ),
]

FormatOption = Annotated[
    str | None,
    typer.Option("-f", "--format", help="Formats of the report, separated by commas.", metavar="NAMES"),
]

TextOption = Annotated[TextFormat, typer.Option("-f", "--format", help="Text for people, or JSON.")]

OnlyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--only", help="Only types, ids, names or addresses that match; repeatable.", metavar="GLOB"
    ),
]

FailOption = Annotated[
    FailOn | None,
    typer.Option(
        "--fail-on", help="Least severity that makes the exit code 2; `new` counts only what is new."
    ),
]

ZeroOption = Annotated[
    bool,
    typer.Option("--exit-zero", help="Exit with 0 for drift; never for an error or what could not be read."),
]

EnvOption = Annotated[
    str | None, typer.Option("--env", help="An environment of the configuration.", metavar="NAME")
]

ShowOption = Annotated[bool, typer.Option("--show-ignored", help="Print what each ignore rule hides.")]

AnonymiseOption = Annotated[
    bool,
    typer.Option("--anonymise", help="Replace names, ids, accounts and addresses, for a bug report."),
]

DeadlineOption = Annotated[
    str | None,
    typer.Option(
        "--deadline",
        help="How long the run may take, e.g. 50m: what is not read by then is unread, the rest is reported.",
        metavar="TIME",
    ),
]

BlameOption = Annotated[
    bool, typer.Option("--no-blame", help="Don't ask Git who last touched the lines of a finding.")
]

HistoryOption = Annotated[
    str | None,
    typer.Option(
        "--history",
        help="Where findings are remembered: a file, or a postgresql:// address.",
        metavar="PLACE",
    ),
]

ForgetOption = Annotated[bool, typer.Option("--no-history", help="Remember nothing of this run.")]

QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="No progress.")]

VerboseOption = Annotated[
    bool, typer.Option("-v", "--verbose", help="Without a terminal, progress by cell instead of by scope.")
]

#: Keys of the configuration that a command makes no use of which tells nobody and remembers nothing.
UNTOLD = ("mail", "notify", "remediate", "history")


def _logging(asked: str | None) -> None:
    if asked:
        os.environ["DRIFT_LOG_FORMAT"] = asked


LogOption = Annotated[
    TextFormat | None,
    typer.Option("--log-format", callback=_logging, help="Progress and messages as text, or as JSON lines."),
]


def _colourless(wanted: bool) -> None:
    if wanted:
        os.environ["NO_COLOR"] = "1"  # https://no-color.org


PlainOption = Annotated[
    bool,
    typer.Option("--no-color", callback=_colourless, help="No colours; the variable NO_COLOR says the same."),
]

FileOption = Annotated[
    str | None,
    typer.Option("-o", "--output", help="A file, or - for standard output, the default.", metavar="FILE"),
]


def written(text: str, output: str | None) -> None:
    """Writes a command's answer to where ``-o`` says."""
    if output in (None, "-"):
        say(text, nl=False)
        return
    from drift.files import replacing

    with replacing(Path(output)) as out:
        out.write(text.encode("utf-8", "backslashreplace"))
    say(output)
