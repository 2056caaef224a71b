"""Which other programs the configuration takes, whether they are there, and in which version."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence

from drift import plugins, processes
from drift.check import Check, Program
from drift.config.model import Config
from drift.deadline import Deadline

GIT = Program((("git", "--version"),), "to fetch what `git:` names, and to say who last touched a line")
VALIDATORS = Program(
    (("terraform", "version"), ("tofu", "version")),
    "to validate pull requests (remediate.validate)",
    always=False,
)
_SECONDS = 20
_VERSION = re.compile(r"v?\d+\.\d+[\w.+-]*")


def look(config: Config, languages: Sequence[tuple[str, str]], deadline: Deadline) -> list[Check]:
    """A check of each program that the entries' languages take, git, and what pull requests take."""
    found = []
    for program, entries in _needed(config, languages).items():
        found.append(_look(program, entries, deadline))
    return found


def _needed(config: Config, languages: Sequence[tuple[str, str]]) -> Mapping[Program, list[str]]:
    """Each program with the entries that take it."""
    found: dict[Program, list[str]] = {}
    fetched = [one.git for one in config.declared if one.git is not None]
    if fetched or config.declared:
        found[GIT._replace(always=bool(fetched))] = list(dict.fromkeys(fetched))
    known = plugins.sources()
    for name, language in languages:
        source = known.get(language)
        for program in () if source is None else source.programs:
            entries = found.setdefault(program, [])
            if name not in entries:
                entries.append(name)
    if config.remediate is not None and config.remediate.validate_:
        found[VALIDATORS] = []
    return found


def _look(program: Program, entries: Iterable[str], deadline: Deadline) -> Check:
    called, of = " or ".join(one[0] for one in program.commands), ", ".join(entries)
    there = next((one for one in program.commands if shutil.which(one[0]) is not None), None)
    if there is None:
        said = f"is not installed; it is needed {program.purpose}"
        if not program.always:
            return Check("program", called, "program", "note", f"{said}, where that is to be done")
        more = f": {of} can't be read" if of else ""
        return Check("program", called, "program", "blind", said + more)
    name = there[0]
    try:
        done = processes.run(there, environment=os.environ, seconds=_SECONDS, deadline=deadline)
    except (OSError, processes.Overdue, processes.Endless) as error:
        return Check("program", name, "program", "note", f"does not tell its version: {error}")
    if done.returncode != 0:
        said = f"{' '.join(there)} ended with code {done.returncode}"
        return Check("program", name, "program", "unknown", said)
    text = (done.stdout or done.stderr).decode("utf-8", "replace")
    version = _VERSION.search(text)
    said = version[0] if version is not None else " ".join(text.split())[:80]
    return Check("program", name, "program", "well", f"{said}, {program.purpose}")
