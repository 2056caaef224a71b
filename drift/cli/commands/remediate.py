"""``drift remediate``: pull requests that mend a run's findings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drift.cli.terminal import rendered
from drift.errors import ConfigError, DriftError


def remediate(
    run: Annotated[str, typer.Argument(help="A run's id, `latest`, its URL, or a report.json.")] = "latest",
    adopt: Annotated[
        list[str] | None,
        typer.Option("--adopt", help="Have Git say what is live; repeatable.", metavar="FINDING"),
    ] = None,
    revert: Annotated[
        list[str] | None,
        typer.Option("--revert", help="Say how a person restores it; repeatable.", metavar="FINDING"),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", help="Write a rule that hides it; repeatable.", metavar="FINDING"),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Of --accept: why this is no drift.", metavar="TEXT")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the patches; push, open and close nothing.")
    ] = False,
    live: Annotated[
        list[Path] | None,
        typer.Option(
            "--live",
            help="The live side of the run, as a snapshot. Default: what the run kept.",
            metavar="FILE",
        ),
    ] = None,
    config: Annotated[Path, typer.Option("-c", "--config", help="The configuration.", metavar="FILE")] = Path(
        "drift.yaml"
    ),
    env: Annotated[
        str | None, typer.Option("--env", help="An environment of the configuration.", metavar="NAME")
    ] = None,
    format: Annotated[str, typer.Option("-f", "--format", help="text or json.", metavar="NAME")] = "text",
    deadline: Annotated[
        str | None, typer.Option("--deadline", help="How long it may take, e.g. 10m.", metavar="TIME")
    ] = None,
    history: Annotated[
        str | None,
        typer.Option("--history", help="Where it is remembered, as of `scan`.", metavar="PLACE"),
    ] = None,
    no_history: Annotated[bool, typer.Option("--no-history", help="Remember nothing of it.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress.")] = False,
) -> None:
    """Turn findings of a run into pull requests: what a policy says, or what is chosen by id."""
    import orjson

    from drift.cli import ending, remediation
    from drift.cli.configured import base_of, configured, remembered
    from drift.cli.places import Place
    from drift.cli.progress import watching
    from drift.history.history import History
    from drift.objects import is_url
    from drift.remediate.plan import choices
    from drift.report import runs, stored

    if format not in ("text", "json"):
        raise ConfigError(f"-f {format}: there are text and json")
    loaded = configured(config, env, None, ("mail", "notify"))
    chosen = choices(adopt or (), revert or (), accept or (), reason)
    where = remembered(loaded, history, no_history, Place([]))
    clock = loaded.keyring.clock = ending.deadline(deadline, loaded.deadline)
    with watching(quiet, False) as watch:
        file = runs.place(stored.here(run), base_of(loaded))
        outcome = remediation.done(
            loaded,
            file,
            live or (),
            chosen,
            clock,
            watch,
            dry=dry_run,
            only_chosen=bool(chosen),
            history=None if where is None else History(where),
        )
        if is_url(run) and not dry_run:
            stored.sent_again(run, file.parent)
    if format == "json":
        rendered(orjson.dumps(outcome, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        rendered(remediation.shown(outcome).encode("utf-8", "backslashreplace"))
    if remediation.refused(outcome):
        raise DriftError("not all could be done; see above")
