"""``drift init``: writes a first drift.yaml for a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to look at.")] = Path(),
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Default: drift.yaml in the folder.", metavar="FILE"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Look at a folder and write a commented drift.yaml for it."""
    from drift.cli import init as starting

    starting.written(folder, output, force=force)
