"""Looks at Azure before a run: who one is and until when, which subscriptions are seen, and which actions are
granted over each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import partial

from drift.check import Check, Probe, claims, expiry, probed, skew
from drift.deadline import Deadline
from drift.live.estate import ANY
from drift.model import Cell, Coverage
from drift.task import Wanted
from providers.azure import subscriptions
from providers.azure.connection import Connection
from providers.azure.permissions_role import needs
from providers.azure.settings import Settings

NAME = "azure"
#: Tokens whose times are more than five minutes away are refused. Source:
#: https://learn.microsoft.com/entra/identity-platform/access-tokens (validate tokens, clock skew).
_MOST_SKEW = 300.0
#: Source: https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests.
_QUOTA = "takes 15 questions in 5 seconds of one identity; a run asks at least one of each of {}"


def look(settings: Settings, wanted: Wanted, deadline: Deadline) -> Iterator[Check]:
    """What is to be said of each subscription. Raises CredentialsError where there is nothing to identify
    with, and CellError where which subscriptions there are can't be told."""
    live = Connection(settings, deadline)
    yield _identity(live)
    found = subscriptions.find(live.session)
    yield skew(ANY, live.session.date, NAME, _MOST_SKEW, [Cell(NAME, ANY, ANY, ANY)])
    for row in found.rows:
        yield _row(row, late=deadline.passed)
    asked = needs(settings, wanted)
    probes = [
        Probe("permission", id_, "permissions", partial(_subscription, live, id_, name, asked), _whole(id_))
        for id_, name in found.subscriptions.items()
    ]
    yield from probed(probes, deadline)
    if probes:
        yield Check(
            "quota", ANY, "Resource Graph", "note", _QUOTA.format(f"{len(probes)} subscriptions"), NAME
        )


def _whole(subscription: str) -> Cell:
    return subscriptions.everything(subscription)


def _identity(live: Connection) -> Check:
    said = claims(live.session.token())
    if not said:
        why = (
            "the endpoint asks for no login"
            if live.session.anonymous
            else "the token does not say who one is"
        )
        return Check("credentials", ANY, "identity", "well" if live.session.anonymous else "note", why, NAME)
    names = (said.get("upn"), said.get("unique_name"), said.get("app_displayname"), said.get("appid"))
    who = next((str(one) for one in names if one), "of an unknown name")
    told = f"is {who} (object {said.get('oid', 'unknown')}, tenant {said.get('tid', 'unknown')})"
    if isinstance(said.get("exp"), int):
        told += f"; {expiry(float(said['exp']) - time.time())}, and is renewed"
    return Check("credentials", ANY, "identity", "well", told, NAME)


def _row(row: Coverage, *, late: bool) -> Check:
    """What the ledger will say of a scope that is not read."""
    if row.status == "skipped":
        return Check("credentials", row.cell.scope, "subscription", "note", row.message, NAME)
    if late:
        return Check("credentials", row.cell.scope, "subscription", "unknown", row.message, NAME)
    return Check("credentials", row.cell.scope, "subscription", "blind", row.message, NAME, (row.cell,))


def _subscription(live: Connection, id_: str, name: str, asked: Mapping[str, set[str]]) -> Iterator[Check]:
    """Each action that is not granted over a whole subscription, as Azure itself lists its grants. Raises
    CellError."""
    reads = live.permissions.of(id_)
    told = "" if name == id_ else f" ({name})"
    lacking = [action for action in asked if not reads.does(action)]
    for action in lacking:
        types = asked[action]
        if not types:
            said = "is not granted; who did what is new is not told then"
            yield Check("permission", id_, action, "note", said, NAME)
            continue
        cells = tuple(_whole(id_) if one == ANY else subscriptions.cell_of(id_, one) for one in sorted(types))
        said = f"is not granted over the whole subscription{told}; drift permissions azure prints a role"
        yield Check("permission", id_, action, "blind", said, NAME, cells)
    if len(lacking) < len(asked):
        count = f"{len(asked) - len(lacking)} of {len(asked)} actions"
        said = f"{count} are granted, as Azure lists its grants{told}"
        yield Check("permission", id_, "permissions", "well", said, NAME)
    if not reads.everything():
        said = "only what is granted is listed: other types of the subscription are told as skipped"
        yield Check("permission", id_, "*/read", "note", said, NAME)
