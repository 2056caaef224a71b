"""Tries each call that lists a type, once, where nobody tells which actions are granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from drift.check import Check
from drift.errors import CellError
from drift.model import GLOBAL, Cell
from drift.task import Wanted
from providers.aws import bounded, expressions
from providers.aws.accounts import Entered
from providers.aws.chosen import reads
from providers.aws.facts import Entry, catalogue
from providers.aws.failures import CALL_ERRORS, code, explain
from providers.aws.models import operation
from providers.aws.partitions import offered, partition_of
from providers.aws.session import Clients
from providers.aws.settings import Settings

NAME = "aws"


class _Tried(NamedTuple):
    """What became of the call of some types."""

    call: str
    types: tuple[Entry, ...]
    error: CellError | None


def tried(clients: Clients, one: Entered, settings: Settings, wanted: Wanted, why: str) -> Iterator[Check]:
    """A check of each call that is refused, in one region; ``why`` it has to be tried. What is asked of each
    resource shows only in a run."""
    account, region = one.place.account, one.regions[0]
    calls: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in catalogue().entries.values():
        step = _first(entry.said["list"])
        if step is not None and reads(entry.type, settings, wanted) and offered(entry.service, region):
            calls.setdefault((entry.service, step["call"], repr(step.get("with"))), []).append(entry)

    def ask(entries: list[Entry]) -> _Tried:
        return _Tried(*_asked(clients, one, region, entries))

    allowed = 0
    for each in bounded.together(ask, calls.values()):
        cells = tuple(
            Cell(NAME, account, region if entry.regional else GLOBAL, entry.type) for entry in each.types
        )
        if each.error is None:
            allowed += 1
            continue
        message = each.error.message.removeprefix(f"{each.call}: ")  # which is said beside it
        if each.error.status == "denied":
            yield Check("permission", account, each.call, "blind", message, NAME, cells)
        else:
            yield Check("permission", account, each.call, "unknown", message, NAME)
    said = (
        f"{allowed} of {len(calls)} calls that list were answered in {region}; what is asked of each "
        f"resource, "
        f"and of other regions, was not tried ({why}; iam:SimulatePrincipalPolicy tells all of it)"
    )
    yield Check("permission", account, "listing", "note", said, NAME)


def _first(said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The call that is made first: that of the outermost parents. None where Git has to name them."""
    each = said.get("for_each")
    if each is None:
        return said
    if "values" in each:
        return {**said, "parent": each["values"][0]}
    return None if "declared" in each else _first(each)


def _asked(
    clients: Clients, one: Entered, region: str, entries: list[Entry]
) -> tuple[str, tuple[Entry, ...], CellError | None]:
    entry = entries[0]
    step = _first(entry.said["list"])
    assert step is not None
    where = {"account": one.place.account, "region": region, "partition": partition_of(region).name}
    home = region if entry.regional else clients.home_of(one.place)
    call = operation(entry.service, step["call"])
    parent = {"parent": step["parent"]} if "parent" in step else {}
    try:
        parameters = expressions.fill(step.get("with", {}), {**where, **parent})
        client = clients.client(one.place, entry.service, home)
        with clients.lane(one.place, entry.service, home):
            getattr(client, step["call"])(**parameters)
    except CALL_ERRORS as error:
        if code(error) in step.get("absent", ()):
            return call, tuple(entries), None
        return call, tuple(entries), explain(error, call)
    return call, tuple(entries), None
