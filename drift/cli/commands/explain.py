"""``drift explain``: says why a finding is one."""

from __future__ import annotations

from typing import Annotated

import typer

from drift.cli.options import FileOption, TextFormat, TextOption, written


def explain(
    finding: Annotated[
        str, typer.Argument(help="A finding's id (f-…), the beginning of one, or a resource's name or id.")
    ],
    run: Annotated[
        str, typer.Option("--run", help="A run's id, `latest`, its URL, or a report.json.", metavar="RUN")
    ] = "latest",
    all: Annotated[bool, typer.Option("--all", help="Also what was accepted as equal or ignored.")] = False,
    format: TextOption = TextFormat.text,
    output: FileOption = None,
) -> None:
    """Say why a finding is one: raw and canonical values, and the facts and rules that decided."""
    from drift.report import explain as explaining
    from drift.report import stored

    tell = explaining.as_json if format is TextFormat.json else explaining.explain
    written(tell(finding, stored.here(run), whole=all), output)
