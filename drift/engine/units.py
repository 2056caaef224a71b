"""The units of a run, as its providers tell them."""

from __future__ import annotations

from typing import Any

from drift.config.model import Config
from drift.deadline import Deadline
from drift.engine.whole import Whole
from drift.errors import CellError, CredentialsError, DriftError
from drift.live.estate import ANY
from drift.model import Cell, Coverage
from drift.task import Unit


def found(config: Config, estate: Whole, clock: Deadline) -> list[tuple[str, Unit]]:
    """The units of every provider, each with its name; what is known to be unreadable ends in the ledger of
    ``estate``. Raises CredentialsError where nothing can be entered, DriftError where the calls that are
    allowed are too few."""
    units: list[tuple[str, Unit]] = []
    refused: dict[str, str] = {}
    for name, settings in config.settings.items():
        try:
            told = _told(name, settings, estate, clock)
        except CredentialsError as error:
            refused[name] = str(error)
            estate.cover(Coverage(Cell(name, ANY, ANY, ANY), "denied", 0, str(error)))
        except CellError as error:
            row = Coverage(Cell(name, ANY, ANY, ANY), error.status, 0, error.message)  # type: ignore[arg-type]
            estate.cover(row)
        else:
            mine = [one for one in told if isinstance(one, Unit)]
            units += ((name, _within(one, name, len(mine))) for one in mine)
            for one in told:
                if isinstance(one, Coverage):
                    estate.cover(one)
    if refused and not units and not estate.coverage.keys() - {Cell(name, ANY, ANY, ANY) for name in refused}:
        raise CredentialsError("; ".join(refused.values()))
    return units


def _told(name: str, settings: Any, estate: Whole, clock: Deadline) -> list[Unit | Coverage]:
    provider = estate.providers[name]
    return clock.ask(lambda: list(provider.units(settings, clock)))


def _within(unit: Unit, name: str, count: int) -> Unit:
    """A unit with its part of the calls that its provider may make (``calls``). Raises DriftError where there
    is not one for each."""
    calls = getattr(unit.settings, "calls", None)
    if calls is None:
        return unit
    if calls < count:
        raise DriftError(f"engine: live.{name}.calls: {calls} are too few for {count} units to be read")
    return Unit(unit.settings.model_copy(update={"calls": calls // count}), unit.scopes)
