"""The command line: its commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from drift import __version__
from drift.cli.commands import (
    baseline,
    demo,
    diff,
    engine,
    explain,
    history,
    init,
    mail,
    permissions,
    preflight,
    remediate,
    report,
    scan,
    schema,
    snapshot,
    types,
)
from drift.cli.terminal import say

app = typer.Typer(
    name="drift",
    help=(
        "Compares what Git declares with what is live, and says what differs. It only ever reads the clouds."
    ),
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"drift {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    pass


app.command()(scan.scan)
app.command()(diff.diff)
app.command()(snapshot.snapshot)
app.command()(baseline.baseline)
app.command()(report.report)
app.command()(mail.mail)
app.command()(explain.explain)
app.command()(types.types)
app.command()(permissions.permissions)
app.command()(init.init)
app.command()(preflight.preflight)
app.command()(demo.demo)
app.command()(remediate.remediate)
app.add_typer(history.app, name="history")
app.add_typer(engine.app, name="engine")
app.command()(schema.schema)
