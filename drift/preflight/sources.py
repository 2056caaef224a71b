"""Whether every declared source is there, can be parsed, and can be translated as far as that goes without
the live side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from drift import declared, plugins
from drift.check import Check, CheckStatus
from drift.config.entry import DeclaredEntry
from drift.deadline import Deadline, Passed
from drift.declared import git
from drift.errors import ConfigError, DriftError, Unsigned
from drift.live.estate import ANY, Estate
from drift.model import Cell, Coverage, Problem
from drift.provider import Provider
from drift.scan import Run
from drift.source import Declaration

#: What of a source that tells is shown.
_TOLD = 5


class Source(NamedTuple):
    """A parsed source and the entry that names it."""

    entry: DeclaredEntry
    name: str
    declaration: Declaration


@dataclass(slots=True)
class Declared:
    """What could be parsed, and what is to be said of all entries."""

    read: list[Source] = field(default_factory=list)
    #: (entry's name, language) of each that is read, or that would be.
    languages: list[tuple[str, str]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)


def look(run: Run, deadline: Deadline) -> Declared:
    """Each entry by itself. One of a configuration that a run refuses stops it, others blind what they
    declare."""
    found = Declared()
    config = run.config
    providers = plugins.providers()
    for entry in config.declared:
        name = _name(entry)
        load = partial(
            declared.load,
            [entry],
            config.base,
            providers,
            config.settings,
            deadline,
            history=1,
            allowed=config.backends.allow,
        )
        try:
            sources = load()
        except (ConfigError, Unsigned) as error:
            found.checks.append(Check("configuration", name, "", "stops", _bare(error, name)))
            continue
        except Passed as error:
            found.checks.append(Check("configuration", name, "", "unknown", _bare(error, name)))
            continue
        except DriftError as error:
            found.checks.append(Check("configuration", name, "", "blind", _bare(error, name)))
            found.languages += ((name, one) for one in _languages(entry, run, providers, deadline))
            continue
        found.languages += ((name, one.source) for one in sources)
        found.read += [Source(entry, name, one) for one in sources]
        for one in sources:
            run.redactor.known.update(one.secrets())
        found.checks += _told(name, sources, providers, deadline)
    if config.declared and not found.read and not any(one.status == "stops" for one in found.checks):
        found.checks.append(
            Check(
                "configuration",
                config.lines.name,
                "declared",
                "stops",
                "nothing of what is declared can be read",
            )
        )
    return found


def _told(
    name: str, sources: list[Declaration], providers: Mapping[str, Provider], deadline: Deadline
) -> list[Check]:
    """What translating tells without the live side: whatever can't be read then, can't be read later."""
    problems: list[Problem] = []
    count = 0
    kinds = sorted({one.source for one in sources})
    view = Estate(providers)
    for provider in providers:
        view.cover(Coverage(Cell(provider, ANY, ANY, ANY), "skipped", message="not read yet"))

    def translate() -> None:
        nonlocal count
        for source in sources:
            for one in source.resources(view):
                deadline.check()
                if isinstance(one, Problem):
                    problems.append(one)
                else:
                    count += 1

    try:
        deadline.ask(translate)
    except (Passed, DriftError) as error:
        said = f"not translated to its end: {error}"
        return [Check("configuration", name, ", ".join(kinds), "unknown", said)]
    unread = [one for one in problems if one.unread]
    doubtful = [one for one in problems if not one.unread]  # the live side may tell more
    told: list[tuple[list[Problem], CheckStatus]] = [(unread, "blind"), (doubtful, "note")]
    checks = [
        Check("configuration", name, one.source, status, one.message.removeprefix(f"{name}: "))
        for several, status in told
        for one in _first(several)
    ]
    if not unread:
        said = f"declares {count:,} resource{'s' * (count != 1)}, as far as can be told without the live side"
        checks.append(Check("configuration", name, ", ".join(kinds), "well", said))
    return checks


def _first(problems: list[Problem]) -> list[Problem]:
    """The first few of what can't be read; the last of them says how many more there are."""
    shown = problems[:_TOLD]
    if len(problems) > _TOLD:
        left = f"{len(problems) - _TOLD:,} more can't be read"
        shown.append(Problem(shown[-1].source, left, unread=True))
    return shown


def _languages(
    entry: DeclaredEntry, run: Run, providers: Mapping[str, Provider], deadline: Deadline
) -> list[str]:
    """In which languages an entry is written that can't be read."""
    if entry.source is not None:
        return [entry.source]
    config = run.config
    try:
        location = declared.locate(entry, config.base, providers, config.settings, deadline)
        return [one.name for one in declared.recognise(location)]
    except DriftError:
        return []


def _bare(error: Exception, name: str) -> str:
    """What is wrong, without the name that stands before it already."""
    return str(error).removeprefix(f"{name}: ")


def _name(entry: DeclaredEntry) -> str:
    """How an entry is called to people: its path, of the repository that it names."""
    if entry.git is None:
        said = entry.path or ""
        return git.without_password(said) if "://" in said else said
    return f"{git.without_password(entry.git)} {entry.path or ''}".strip()
