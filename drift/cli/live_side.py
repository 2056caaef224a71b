"""The live side as `snapshot` and `baseline` write it, and what of it could not be read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NoReturn

import typer

from drift.cli.configured import configured
from drift.cli.running import Shown, watched
from drift.cli.terminal import say
from drift.config.model import Config
from drift.errors import ConfigError
from drift.live.anonymise import anonymiser
from drift.live.estate import Estate
from drift.model import Problem
from drift.report.exit_code import unread
from drift.scan import Run

DRIFT_YAML = Path("drift.yaml")


def of_live(path: Path, env: str | None, live: Sequence[Path] | None, unneeded: Collection[str]) -> Config:
    """The configuration of a command that writes the live side: what it declares says what is secret. Of
    snapshots there may be none, which is told. Raises ConfigError."""
    if not live or path != DRIFT_YAML or path.exists():
        return configured(path, env, None, unneeded)
    if env is not None:
        raise ConfigError(f"--env: there is no {path} here that has environments; name one with -c")
    say(
        f"note: there is no {path} here, so what only declared files call secret is not known; name one with "
        "-c",
        err=True,
    )
    return Config(version=1)


def live_side(run: Run, shown: Shown, anonymise: bool) -> tuple[Estate, list[Problem]]:
    """What is live, without its names if so asked, and what of it could not be read."""
    estate, problems = watched(run, shown, run.snapshot)
    estate.environments = estate.environments or {run.config.environment}
    return anonymiser(estate).estate(estate) if anonymise else estate, problems


def end_of_live(estate: Estate, problems: Sequence[Problem], unlearnt: Sequence[str] = ()) -> NoReturn:
    """Says on standard error what was not read, and why, and ``unlearnt``: why not all secrets are known that
    may stand in what was written; exits with 3 where something was not read, and not on purpose."""
    for problem in problems:
        say(f"not read: {problem.message}", err=True)
    for why in unlearnt:
        say(f"note: {why}; look through what was written before others see it", err=True)
    for row in estate.coverage.values():
        if row.status not in ("checked", "skipped"):
            told = row.record()
            place = " ".join(told[name] for name in ("provider", "scope", "region", "type"))
            say(f"{row.status}: {place}: {row.message}", err=True)
    incomplete = bool(problems) or unread(row.record() for row in estate.coverage.values())
    raise typer.Exit(3 if incomplete else 0)
