"""``drift mail``: sends the mail of an earlier run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drift.cli.options import ConfigOption, EnvOption
from drift.cli.terminal import say
from drift.errors import ConfigError, DriftError


def mail(
    run: Annotated[str, typer.Argument(help="A run's id, `latest`, its URL, or a report.json.")] = "latest",
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="Instead of whom the configuration names; repeatable.", metavar="ADDRESS"),
    ] = None,
    config: ConfigOption = Path("drift.yaml"),
    env: EnvOption = None,
) -> None:
    """Send the mail of an earlier run again."""
    from pydantic import TypeAdapter, ValidationError

    from drift.cli.comparing import Told, posted
    from drift.cli.configured import configured
    from drift.config.delivery import Address
    from drift.redaction import told
    from drift.report import runs, stored

    unneeded = ("live", "declared", "notify", "remediate", "history", "redaction")
    loaded = configured(config, env, None, unneeded)
    report = runs.find(stored.here(run))
    for one in to or ():
        try:
            TypeAdapter(Address).validate_python(one)
        except ValidationError as error:
            why = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise ConfigError(f"--to {one}: {why}") from error
    post = posted(loaded, Told(mail=True), lambda said: say(told(said), err=True))
    with runs.as_written(run):
        sent = post.again(report, tuple(to or ()))
    if not sent:
        raise DriftError("the mail was refused for everybody")
    say(f"sent to {', '.join(sent)}")
