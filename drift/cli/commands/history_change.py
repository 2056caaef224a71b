"""The commands of ``drift history`` that change what is remembered."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from drift.cli.remembering import CONFIG, ConfigOption, EnvOption, PlaceOption, asked, moment, table
from drift.cli.terminal import say


def accept(
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of findings (f-…) or of values that nobody declares (u-…)."),
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="All values that have changed.")] = False,
    config: ConfigOption = CONFIG,
    history: PlaceOption = None,
    env: EnvOption = None,
) -> None:
    """Accept what nobody declares as it is now: later runs compare with that."""
    import getpass
    from datetime import UTC, datetime

    from drift.errors import ConfigError
    from drift.history.accept import accept as accepted
    from drift.moment import rfc3339

    if bool(ids) == all:
        raise ConfigError("history accept: name what is accepted, or say --all")
    try:
        by = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in a container
        by = str(os.getuid())
    now = rfc3339(datetime.now(UTC))
    lines = asked(
        config,
        history,
        lambda connection: accepted(connection, ids or (), environment=env, by=by, now=now),
        write=True,
    )
    for line in lines:
        say(f"accepted: {line}")
    if not lines:
        say("nothing has changed that nobody declares")


def forget(
    what: Annotated[
        list[str] | None,
        typer.Argument(help="Globs over ids, names and types of resources and over ids of findings."),
    ] = None,
    scope: Annotated[
        str | None, typer.Option("--scope", help="Glob over scopes, as reports name them.")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="Glob over regions.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Forget them; else they are only listed.")] = False,
    config: ConfigOption = CONFIG,
    history: PlaceOption = None,
    env: EnvOption = None,
) -> None:
    """Forget findings that nobody can read any more: those that are unknown in a place that was given up."""
    from drift.errors import ConfigError
    from drift.history.forget import Wanted, remove, unknown

    if not (what or scope or region):
        raise ConfigError("history forget: say what: a glob over resources, --scope, --region")
    wanted = Wanted(tuple(what or ()), scope, region, env)
    found = asked(
        config, history, lambda connection: (remove if yes else unknown)(connection, wanted), write=yes
    )
    rows = [
        (moment(one.unknown_since), one.severity, one.scope, one.region, one.name or one.resource_id, one.id)
        for one in found.findings
    ]
    table(("Not read since", "Severity", "Scope", "Region", "Resource", "Finding"), rows, "no such finding")
    if found.others:
        others = f"{found.others:,} other{'s' * (found.others > 1)}"
        say(f"{others} that fit were read in the last run: they stay", err=True)
    if rows:
        done = f"forgot {len(rows):,}" if yes else f"{len(rows):,} would be forgotten: say --yes to do it"
        say(done)
