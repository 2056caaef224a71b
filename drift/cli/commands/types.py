"""``drift types``: lists what is covered, and how deeply."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drift.cli.options import FileOption, TextFormat, TextOption, written


def types(
    provider: Annotated[str | None, typer.Argument(help="Only this provider.")] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only types that match; repeatable.", metavar="GLOB")
    ] = None,
    state: Annotated[
        list[Path] | None,
        typer.Option(
            "--state",
            help="Instead, how deeply each type of a Terraform state, or Pulumi export, is compared.",
            metavar="FILE",
        ),
    ] = None,
    format: TextOption = TextFormat.text,
    output: FileOption = None,
) -> None:
    """List what is covered, and how deeply."""
    from drift.cli import types_table

    globs = only or ["*"]
    if format is TextFormat.json:
        told = types_table.as_json(provider, globs, state or ())
    else:
        told = types_table.of_states(state, globs) if state else types_table.table(provider, globs)
    written(told, output)
