"""``drift diff``: compares files with files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from drift.cli.options import (
    UNTOLD,
    BlameOption,
    DeadlineOption,
    FailOption,
    ForgetOption,
    FormatOption,
    HistoryOption,
    LogOption,
    OnlyOption,
    OutOption,
    PlainOption,
    QuietOption,
    ShowOption,
    VerboseOption,
    ZeroOption,
)


def diff(
    live: Annotated[
        list[Path], typer.Option("--live", help="Snapshot of the live side; repeatable.", metavar="FILE")
    ],
    declared: Annotated[
        list[str],
        typer.Option(
            "--declared", help="What is declared; repeatable.", metavar="PATH[,scope=…,region=…,OPTION=…]"
        ),
    ],
    config: Annotated[
        Path | None, typer.Option("-c", "--config", help="Rules to judge by.", metavar="FILE")
    ] = None,
    only: OnlyOption = None,
    output: OutOption = None,
    format: FormatOption = None,
    fail_on: FailOption = None,
    exit_zero: ZeroOption = False,
    show_ignored: ShowOption = False,
    deadline: DeadlineOption = None,
    no_blame: BlameOption = False,
    history: HistoryOption = None,
    no_history: ForgetOption = False,
    log_format: LogOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    no_color: PlainOption = False,
) -> None:
    """Compare files with files: no cloud, no credentials."""
    from drift.cli.comparing import compare
    from drift.cli.configured import configured, entry, remembered
    from drift.cli.places import placed
    from drift.cli.running import Shown
    from drift.config.model import Config

    base = (
        configured(config, None, fail_on.value if fail_on else None, (*UNTOLD, "declared"))
        if config
        else Config(version=1)
    )
    update: dict[str, Any] = {"declared": [entry(text) for text in declared]}
    if fail_on and not config:
        update["fail_on"] = fail_on.value
    loaded = base.model_copy(update=update)
    loaded._base = Path.cwd()
    if no_blame:
        loaded.blame.enabled = False
    shown, place = Shown(quiet, verbose), placed(output, format)
    loaded.history = False  # what is compared with what is each time another question
    where = remembered(loaded, history, no_history, place)
    compare(loaded, only, live, place, exit_zero, shown, show_ignored, deadline, where)
