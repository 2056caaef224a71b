"""What the configuration says of a run of a command: of a file, of options, and where the run is kept."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from drift import plugins
from drift.cli.places import Place
from drift.cli.terminal import say
from drift.config import model as config
from drift.config import options
from drift.config.entry import DeclaredEntry
from drift.config.model import Config
from drift.errors import ConfigError
from drift.history.place import DEFAULT
from drift.history.place import Place as Remembered
from drift.history.place import place as history_place
from drift.report import runs


def configured(
    path: Path, env: str | None, fail_on: config.FailOn | None, unneeded: Collection[str] = ()
) -> Config:
    """The configuration of a file; secrets in its keys that are ``unneeded`` are not looked up. Raises
    ConfigError."""
    loaded = config.load(path, env, unneeded=unneeded)
    loaded.keyring.note = lambda note: say(f"note: {note}", err=True)
    if fail_on:
        loaded.fail_on = fail_on
    return loaded


def entry(text: str) -> DeclaredEntry:
    """``PATH,scope=…,OPTION=…`` as a declared entry. Raises ConfigError for an option that no source
    knows."""
    path, *said = text.split(",")
    general = (*options.GENERAL, "source")
    known = options.known(plugins.sources().values()) if said else {}
    found: dict[str, Any] = {"path": path}
    for one in said:
        name, equals, value = one.partition("=")
        if not equals or (name not in general and options.spelled(name) not in known):
            names = (*general, *sorted(ones[0].name for ones in known.values()))
            there = ", ".join(f"{name}=" for name in names)
            raise ConfigError(f"--declared {text}: {one!r} is no option; there are {there}")
        takes = {form for option in known.get(options.spelled(name), ()) for form in option.takes}
        found[name] = value == "true" if "flag" in takes and value in ("true", "false") else value
    return DeclaredEntry.model_validate(found)


def base_of(config: Config) -> Path:
    """The folder of the folders of runs."""
    return Path(config.output.directory) if config.output.directory else runs.DEFAULT


def remembered(config: Config, said: str | None, never: bool, place: Place) -> Remembered | None:
    """Where a run is remembered: by ``--history``, else by the configuration, else beside the folder that a
    run is kept in; None where it is not. Raises ConfigError."""
    if never:
        if said is not None:
            raise ConfigError("--history and --no-history contradict each other; give one of them")
        return None
    if said is not None:
        return history_place(said)
    asked = config.remembers
    if asked is None:
        return None
    if asked.database is not None:
        return history_place(asked.database.get_secret_value(), config.base)
    kept = config.history is not None or not (place.file or place.folder or place.stdout)
    return history_place(str(base_of(config) / DEFAULT)) if kept else None
