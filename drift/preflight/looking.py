"""Looks at a configuration, at what its sources, its providers and its places need; nothing that fails hides
what else was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from drift import plugins
from drift.check import Check, Probe, probed
from drift.config.model import Config, load
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.live.estate import ANY, Estate
from drift.live.tasks import load_shared
from drift.model import Cell
from drift.preflight import places, programs, secrets, sources
from drift.scan import Run

#: How long all of it may take where nobody says otherwise.
SECONDS = "2m"
#: What of that what is declared may take.
_FOR_SOURCES = 0.5


@dataclass(slots=True)
class Looked:
    """What was found, in the order in which a run needs it."""

    configuration: str
    checks: list[Check] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 where no run can begin; 3 where a part would be blind or was not looked at; else 0."""
        if any(one.status == "stops" for one in self.checks):
            return 1
        return 3 if any(one.status in ("blind", "unknown") for one in self.checks) else 0


def look(path: Path, environment: str | None, only: Sequence[str], deadline: Deadline) -> Looked:
    """All that can be looked at in time. Raises nothing that a user can act on: it is a check that says
    so."""
    found = Looked(str(path))
    try:
        config = load(path, environment)
    except DriftError as error:
        found.checks.append(Check("configuration", str(path), "drift.yaml", "stops", str(error)))
        return found
    kept = secrets.look(config, deadline)
    try:
        run = Run(config, only, deadline=deadline)
    except DriftError as error:  # what hides secrets is to be had before anything is read
        found.checks += [*kept, Check("configuration", str(path), "redaction", "stops", str(error))]
        return found
    declared = sources.look(run, deadline.part(_FOR_SOURCES))
    found.checks += [_parsed(path, config), *kept, *declared.checks]
    found.checks += programs.look(config, declared.languages, deadline)
    found.checks += places.look(config, deadline)
    found.checks += _providers(run, declared, deadline)
    run.redactor.known.excuse({part for one in found.checks for cell in one.blinds for part in cell})
    found.checks = [_covered(run, one) for one in found.checks]
    return found


def _parsed(path: Path, config: Config) -> Check:
    if not config.settings:
        said = "`live:` names no provider: only snapshots (--live) can be compared"
        return Check("configuration", str(path), "drift.yaml", "note", said)
    return Check(
        "configuration", str(path), "drift.yaml", "well", f"reads {', '.join(sorted(config.settings))}"
    )


def _providers(run: Run, declared: sources.Declared, deadline: Deadline) -> Iterator[Check]:
    """What each provider says of itself. Where not one of several can be entered, no run can begin."""
    config = run.config
    estate = Estate(plugins.providers())
    if len(config.settings) > 1:
        load_shared(one for name in config.settings for one in estate.providers[name].imports)
    probes = []
    for name, settings in config.settings.items():
        plugin = estate.providers[name]
        wanted = run.wanted(name, [one.declaration for one in declared.read])
        ask = partial(plugin.preflight, settings, wanted, deadline)
        probes.append(Probe("credentials", ANY, name, ask, Cell(name, ANY, ANY, ANY)))
    checks = list(probed(probes, deadline))
    order = {name: number for number, name in enumerate(config.settings)}
    checks.sort(key=lambda one: order.get(one.provider or "", len(order)))
    silent = [name for name in config.settings if all(one.provider != name for one in checks)]
    for name in silent:
        said = f"{name} does not tell what a run needs: the run's report will"
        checks.append(Check("credentials", ANY, name, "unknown", said, name))
    yield from _refused(checks, list(config.settings))


def _refused(checks: Iterable[Check], names: Sequence[str]) -> Iterator[Check]:
    """The checks, of which those that blind a whole scope stop the run where nothing else is read either, as
    a run then ends: not one cell could be read."""
    checks = list(checks)
    refused = {name for name in names if _is_refused([one for one in checks if one.provider == name])}
    stops = bool(names) and refused == set(names)
    told = False
    for one in checks:
        if stops and one.status == "blind" and _whole(one):
            yield Check(one.area, one.where, one.what, "stops", one.message, one.provider, one.blinds)
            told = True
        else:
            yield one
    if stops and not told:
        yield Check("permission", ANY, "everything", "stops", "nothing of what is configured may be read")


def _is_refused(checks: Sequence[Check]) -> bool:
    """Whether all that a provider says is that a whole scope, or a permission, is lacking."""
    blind = [one for one in checks if one.status == "blind"]
    everywhere = any(_whole(one) and any(cell.scope == ANY for cell in one.blinds) for one in blind)
    asked = [one for one in checks if one.area == "permission" or one.status == "unknown"]
    return everywhere or (
        any(_whole(one) or one.area == "permission" for one in blind)
        and all(one.status == "blind" for one in asked)
    )


def _whole(one: Check) -> bool:
    """Whether a check tells of what nothing of a scope is read without."""
    return one.area in ("credentials", "permission") and any(
        (cell.region, cell.type) == (ANY, ANY) for cell in one.blinds
    )


def _covered(run: Run, one: Check) -> Check:
    """A check without what is known to be secret."""
    return Check(one.area, one.where, one.what, one.status, run.told(one.message), one.provider, one.blinds)
