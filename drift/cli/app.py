"""The command line: its commands, put together; of a command that is named its own module alone."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer

from drift import __version__
from drift.cli.terminal import say

#: The commands, each of a module of its name in ``drift.cli.commands`` → whether it has others below it, in
#: the order in which the help tells them.
_COMMANDS = {
    "scan": False,
    "diff": False,
    "snapshot": False,
    "baseline": False,
    "report": False,
    "mail": False,
    "explain": False,
    "types": False,
    "permissions": False,
    "init": False,
    "preflight": False,
    "demo": False,
    "remediate": False,
    "history": True,
    "engine": True,
    "schema": False,
}


def application(arguments: list[str] | None = None) -> typer.Typer:
    """The command line as far as these arguments need it: where they begin with a command, that one. To
    import the others, and to look at all their options, takes as long as many a command."""
    app = typer.Typer(
        name="drift",
        help=(
            "Compares what Git declares with what is live, and says what differs. "
            "It only ever reads the clouds."
        ),
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    named = (arguments or [""])[0]
    for name in [named] if named in _COMMANDS else _COMMANDS:
        module: Any = import_module(f"drift.cli.commands.{name}")
        if _COMMANDS[name]:
            app.add_typer(module.app, name=name)
        else:
            app.command()(getattr(module, name))
    return app


def _version(wanted: bool) -> None:
    if wanted:
        say(f"drift {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    pass
