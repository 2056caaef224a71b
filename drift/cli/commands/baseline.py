"""``drift baseline``: writes the live side as a declared baseline."""

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
)
from drift.cli.terminal import say


def baseline(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the baseline.", metavar="DIR")],
    live: LiveOption = None,
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
    only: OnlyOption = None,
    anonymise: AnonymiseOption = False,
    deadline: DeadlineOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write live state as a declared baseline, to be reviewed and committed."""
    from drift.cli.live_side import end_of_live, live_side, of_live
    from drift.cli.running import Shown, in_time
    from drift.files import writable
    from drift.live.write_baseline import write
    from drift.scan import Run

    writable(output)
    run = Run(of_live(config, env, live, UNTOLD), only or (), live or ())
    with in_time(run, deadline):
        estate, problems = live_side(run, Shown(quiet, verbose), anonymise)
        files = write(output, estate, run.selected.resource, run.redactor)
        say(
            f"{output}: {len(files)} files; review them, commit them, and declare them with "
            f"`- path: {output}`"
        )
        end_of_live(estate, problems, run.unlearnt)
