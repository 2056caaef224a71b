"""``drift permissions``: prints what to allow a credential."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drift.cli.options import ConfigOption, EnvOption, FileOption, OnlyOption, written


def permissions(
    provider: Annotated[str, typer.Argument(help="Whose policy: the name of a provider.")],
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
    only: OnlyOption = None,
    form: Annotated[
        str,
        typer.Option("-f", "--format", help="policy, or another that the provider has.", metavar="NAME"),
    ] = "policy",
    output: FileOption = None,
) -> None:
    """Print the least privilege for what is configured, as a policy to paste, or to be made by a tool."""
    from drift.cli.permissions import granted

    written(granted(provider, config, env, only or (), form), output)
