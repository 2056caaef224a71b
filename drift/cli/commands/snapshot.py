"""``drift snapshot``: writes the live side to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drift.cli.options import (
    UNTOLD,
    AnonymiseOption,
    ConfigOption,
    DeadlineOption,
    EnvOption,
    LiveOption,
    OnlyOption,
    QuietOption,
    VerboseOption,
    ZeroOption,
)
from drift.cli.terminal import say
from drift.errors import ConfigError


def snapshot(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A .jsonl, .jsonl.gz or .jsonl.zst file.", metavar="FILE")
    ],
    config: ConfigOption = Path("drift.yaml"),
    live: LiveOption = None,
    env: EnvOption = None,
    only: OnlyOption = None,
    anonymise: AnonymiseOption = False,
    exit_zero: ZeroOption = False,
    deadline: DeadlineOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write the live side to a file, to be compared or kept. There is no drift to forgive yet."""
    from drift.cli.live_side import end_of_live, live_side, of_live
    from drift.cli.running import Shown, in_time
    from drift.files import writable
    from drift.live.write_snapshot import write
    from drift.scan import Run

    if not output.name.endswith((".jsonl", ".jsonl.gz", ".jsonl.zst")):
        raise ConfigError(f"{output}: a snapshot's name ends with .jsonl, .jsonl.gz or .jsonl.zst")
    writable(output.parent)
    run = Run(of_live(config, env, live, UNTOLD), only or (), live or ())
    with in_time(run, deadline):
        estate, problems = live_side(run, Shown(quiet, verbose), anonymise)
        count = write(output, estate, run.redactor)
        say(f"{output}: {count} resources")
        end_of_live(estate, problems, run.unlearnt)
