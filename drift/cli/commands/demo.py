"""``drift demo``: a whole run against loopback clouds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the demo's files.", metavar="DIR")
    ] = Path("demo"),
) -> None:
    """A whole run against loopback clouds; no account needed."""
    from drift.cli.demo import run

    raise typer.Exit(run(output))
