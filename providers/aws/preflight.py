"""Looks at each account before a run: who one is there and until when, and which actions are lacking, as
IAM's own simulator says, else by the calls that list."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

from drift.check import Check, Probe, expiry, probed, skew
from drift.deadline import Deadline
from drift.model import Cell
from drift.task import Wanted
from providers.aws import listing_calls, simulated
from providers.aws.accounts import Entered, entered
from providers.aws.facts import catalogue
from providers.aws.failures import CALL_ERRORS, explain
from providers.aws.inventory import INVENTORY, inventories
from providers.aws.live import STACK
from providers.aws.permissions import purposes, said_of
from providers.aws.session import ANY, Clients, Refused
from providers.aws.settings import Settings
from providers.aws.stack_sets import STACK_SET

NAME = "aws"
#: AWS refuses requests that were signed more than five minutes ago, or in the future. Source:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html (signature
#: expiration).
MOST_SKEW = 300.0
_NO_FIGURE = (
    "AWS publishes no figure for the rate of most calls; a run slows down for an account's service and "
    "region "
    "as soon as that refuses"
)
#: What costs more calls where it is lacking, and blinds nothing.
_SPARED = {"tag:GetResources": "tags are asked for resource by resource then"}


def look(settings: Settings, wanted: Wanted, deadline: Deadline) -> Iterator[Check]:
    """What is to be said of each account. Raises CredentialsError where there is nothing to identify with."""
    clients = Clients(settings, deadline)
    probes: list[Probe] = []
    asked = purposes(settings, wanted)
    for one in entered(clients):
        if isinstance(one, Refused):
            yield _refused(one, late=deadline.passed)
            continue
        account = one.place.account
        lacking = list(_left(one, asked))
        yield from lacking
        if any(cell.region == ANY for each in lacking for cell in each.blinds):
            continue  # nothing is asked of it
        ask = partial(_account, clients, one, asked, settings, wanted)
        probes.append(Probe("permission", account, "permissions", ask, Cell(NAME, account, ANY, ANY)))
    yield from probed(probes, deadline)
    if probes:
        yield Check("quota", ANY, "rates", "note", _NO_FIGURE, NAME)


def _left(one: Entered, asked: Mapping[str, set[str]]) -> Iterator[Check]:
    """The regions of an account that can't be read: nothing is lost by those that it has not opted into,
    unless nothing else is to be read."""
    account = one.place.account
    entries = catalogue().entries
    types = {name for several in asked.values() for name in several}
    nothing = not one.regions and all(name not in entries or entries[name].regional for name in types)
    for region, why in one.left:
        if not nothing and why.status == "skipped":
            yield Check("credentials", account, region, "note", why.message, NAME)
        else:
            cell = Cell(NAME, account, ANY if nothing else region, ANY)
            yield Check("credentials", account, region, "blind", why.message, NAME, (cell,))


def _refused(one: Refused, *, late: bool) -> Check:
    """An account that could not be entered, or was not in time."""
    if late:
        return Check("credentials", one.account, "identity", "unknown", one.error.message, NAME)
    cell = Cell(NAME, one.account, ANY, ANY)
    return Check("credentials", one.account, "identity", "blind", one.error.message, NAME, (cell,))


def _account(
    clients: Clients, one: Entered, asked: Mapping[str, set[str]], settings: Settings, wanted: Wanted
) -> Iterator[Check]:
    account, home = one.place.account, clients.home_of(one.place)
    try:
        answer = clients.client(one.place, "sts", home).get_caller_identity()
    except CALL_ERRORS as error:
        raise explain(error, "sts:GetCallerIdentity") from error
    headers = answer["ResponseMetadata"].get("HTTPHeaders", {})
    everything = Cell(NAME, account, ANY, ANY)
    clock = skew(account, headers.get("date"), NAME, MOST_SKEW, [everything])
    arn = str(answer["Arn"])
    yield _identity(clients, one, arn)
    yield clock
    try:
        try:
            denied = simulated.denied(clients, one, arn, sorted(asked))
        except simulated.Untold as error:
            yield from listing_calls.tried(clients, one, settings, wanted, str(error))
            return
        yield from _lacking(account, denied, asked, settings)
        if len(denied) < len(asked):
            told = (
                f"{len(asked) - len(denied)} of {len(asked)} actions are allowed, as IAM's simulator says; "
            )
            yield Check("permission", account, "simulated", "well", told + simulated.UNSEEN, NAME)
    finally:
        clients.leave(account)


def _identity(clients: Clients, one: Entered, arn: str) -> Check:
    ends = clients.expires(one.place)
    told = f"is {arn}"
    if ends is not None:
        told += f"; {expiry((ends - datetime.fromtimestamp(time.time(), UTC)).total_seconds())}"
        told += ", and is renewed" if one.place.role else ""
    return Check("credentials", one.place.account, "identity", "well", told, NAME)


def _lacking(
    account: str, denied: Mapping[str, str], asked: Mapping[str, set[str]], settings: Settings
) -> Iterator[Check]:
    """A check of each action that is lacking, with the types that it blinds."""
    optional = _spared_inventories(denied, settings)
    for action, why in denied.items():
        types = asked[action] or _beside(action)
        if action in _SPARED or action in optional:
            said = _SPARED.get(action, "the other inventory is asked then")
            yield Check("permission", account, action, "note", f"{why}; {said}", NAME)
        elif not types:
            said = "who did what is new is not told then"
            yield Check("permission", account, action, "note", f"{why}; {said}", NAME)
        else:
            cells = tuple(Cell(NAME, account, ANY, type_) for type_ in sorted(types))
            yield Check("permission", account, action, "blind", why, NAME, cells)


def _beside(action: str) -> set[str]:
    """The types of what is asked for besides types; none where that is who did it."""
    if action.startswith("cloudformation:"):
        return {STACK_SET} if "StackSet" in action or "StackInstances" in action else {STACK}
    named = {one for actions in said_of("inventory").values() for one in actions}
    if action in named:
        return {INVENTORY}
    return {ANY} if action == "ec2:DescribeRegions" else set()


def _spared_inventories(denied: Mapping[str, str], settings: Settings) -> set[str]:
    """The actions of inventories that are lacking where another one is there to be asked."""
    chosen = {name: set(said_of("inventory")[name]) for name in inventories(settings)}
    whole = [name for name, actions in chosen.items() if not actions & denied.keys()]
    return {one for name, actions in chosen.items() if whole and name not in whole for one in actions}
