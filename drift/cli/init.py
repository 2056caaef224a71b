"""Writes a first drift.yaml for a folder, and says what it did not understand."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from drift.cli.terminal import say
from drift.config.model import parse
from drift.deadline import Deadline
from drift.errors import ConfigError
from drift.files import replacing
from drift.starting import OWN, Looked, look, text
from drift.starting.looking import Entry

#: How long one looks at most.
_SECONDS = 600.0


def written(folder: Path, output: Path | None, *, force: bool) -> Looked:
    """Writes the proposal, ``drift.yaml`` in the folder by default. Raises ConfigError where a file is there
    already."""
    file = folder / OWN if output is None else output
    if os.path.lexists(file) and not force:
        raise ConfigError(f"{file}: is there already; --force writes over it, -o writes another file")
    found = look(folder, os.environ, Path.home(), Deadline(_SECONDS))
    found.entries = [_from(file.parent, folder, one) for one in found.entries]
    proposed = text(found)
    parse(
        proposed, str(file), file.parent.resolve(), None, os.environ
    )  # a proposal that drift itself refuses is a fault
    with replacing(file) as out:
        out.write(proposed.encode("utf-8", "replace"))
    sure = [one for one in found.entries if not one.doubt]
    say(
        f"{file}: {len(sure)} declared, {len(found.entries) - len(sure)} left as comments; look at it, "
        f"then: drift preflight"
    )
    if strange := found.not_understood():
        count = len(strange)
        say(
            f"note: {count} file{'s' * (count != 1)} that may declare something and nobody reads: see the "
            f"comments",
            err=True,
        )
    for note in found.notes:
        say(f"note: {note}", err=True)
    return found


def _from(home: Path, folder: Path, entry: Entry) -> Entry:
    """An entry of what lies in ``folder``, its path as a file in ``home`` has to say it."""
    path = os.path.relpath(folder.resolve() / entry.path, home.resolve())
    return replace(entry, path=Path(path).as_posix())
