"""``drift scan``: reads both sides, compares, and writes a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drift.cli.options import (
    BlameOption,
    ConfigOption,
    DeadlineOption,
    EnvOption,
    FailOption,
    ForgetOption,
    FormatOption,
    HistoryOption,
    LiveOption,
    LogOption,
    OnlyOption,
    OutOption,
    PlainOption,
    QuietOption,
    ShowOption,
    VerboseOption,
    ZeroOption,
)
from drift.errors import ConfigError

ResumeOption = Annotated[
    str | None,
    typer.Option(
        "--resume",
        help="Go on with a run that was not whole, the last one where none is named: what it read is not "
        "read again.",
        metavar="[RUN]",
    ),
]

MailOption = Annotated[
    bool, typer.Option("--mail", help="Send a mail, as `mail:` of the configuration says.")
]

NotifyOption = Annotated[
    bool, typer.Option("--notify", help="Send notes, as `notify:` of the configuration says.")
]

MetricsOption = Annotated[
    Path | None,
    typer.Option("--metrics", help="Write metrics for Prometheus to a file.", metavar="FILE"),
]

RemediateOption = Annotated[
    bool, typer.Option("--remediate", help="Open pull requests, as `remediate:` of the configuration says.")
]

KeepOption = Annotated[
    Path | None,
    typer.Option(
        "--keep-live", help="Write what is live as a snapshot, too, as `drift snapshot` does.", metavar="FILE"
    ),
]


def scan(
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
    only: OnlyOption = None,
    live: LiveOption = None,
    output: OutOption = None,
    format: FormatOption = None,
    fail_on: FailOption = None,
    exit_zero: ZeroOption = False,
    show_ignored: ShowOption = False,
    deadline: DeadlineOption = None,
    resume: ResumeOption = None,
    no_blame: BlameOption = False,
    history: HistoryOption = None,
    no_history: ForgetOption = False,
    mail: MailOption = False,
    notify: NotifyOption = False,
    metrics: MetricsOption = None,
    remediate: RemediateOption = False,
    keep_live: KeepOption = None,
    log_format: LogOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    no_color: PlainOption = False,
) -> None:
    """Read both sides, compare, write a report. Default: to a folder of the run, runs/ID."""
    from drift.cli.comparing import Told, compare
    from drift.cli.configured import configured, remembered
    from drift.cli.places import placed
    from drift.cli.running import Shown

    unasked = () if mail or notify else ("mail", "notify")  # either sends what waits of both
    loaded = configured(config, env, fail_on.value if fail_on else None, unasked)
    if not loaded.settings and not live:
        raise ConfigError(
            f"{config}: nothing is read: `live:` is empty; name a provider, or give a snapshot with --live"
        )
    if keep_live and live:
        raise ConfigError("--keep-live: what is live is a snapshot already (--live); leave one of them out")
    if resume and live:
        raise ConfigError("--resume: nothing is read of the clouds that could be gone on with (--live)")
    if no_blame:
        loaded.blame.enabled = False
    shown, place = Shown(quiet, verbose), placed(output, format)
    where = remembered(loaded, history, no_history, place)
    told = Told(mail, notify, metrics, remediate)
    compare(
        loaded, only, live, place, exit_zero, shown, show_ignored, deadline, where, told, keep_live, resume
    )
