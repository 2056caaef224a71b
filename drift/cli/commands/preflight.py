"""``drift preflight``: looks at what a run needs, before there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drift.cli.options import ConfigOption, EnvOption, FileOption, OnlyOption, TextFormat, TextOption, written


def preflight(
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
    only: OnlyOption = None,
    format: TextOption = TextFormat.text,
    output: FileOption = None,
    deadline: Annotated[
        str | None, typer.Option("--deadline", help="How long it may take. Default: 2m.", metavar="TIME")
    ] = None,
) -> None:
    """Look at all that a run needs, before there is one: what is lacking, and what that blinds."""
    from drift.cli import preflight as looking

    found = looking.looked(config, env, only or (), deadline)
    written(looking.as_json(found) if format is TextFormat.json else looking.as_text(found), output)
    raise typer.Exit(found.exit_code)
