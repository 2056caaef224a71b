"""Looks at Google Cloud before a run: who one is and until when, which projects there are, and which
permissions one has at each, as Resource Manager says."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from functools import partial

from drift.check import Check, Probe, expiry, probed, skew
from drift.deadline import Deadline
from drift.live.estate import ANY
from drift.model import GLOBAL, Cell, Coverage
from drift.task import Wanted
from providers.gcp import projects
from providers.gcp.permissions import Level, Need, needs
from providers.gcp.session import CALLS_A_MINUTE, Session
from providers.gcp.settings import Settings

NAME = "gcp"
#: Google refuses assertions of a service account whose times are not near its own. Source:
#: https://developers.google.com/identity/protocols/oauth2/service-account (invalid_grant).
_MOST_SKEW = 300.0
_HOST = "cloudresourcemanager.googleapis.com"
#: Calls of a project or top at the least: its resources, and its policies.
_CALLS = 2
_UNSEEN = "it does not see whether the APIs are enabled, nor VPC Service Controls"


def look(settings: Settings, wanted: Wanted, deadline: Deadline) -> Iterator[Check]:
    """What is to be said of each project, folder and organization. Raises CredentialsError where there is
    nothing to identify with."""
    session = Session(settings, deadline)
    yield _identity(session)
    yield skew(ANY, session.clock(_HOST), NAME, _MOST_SKEW, [Cell(NAME, ANY, ANY, ANY)])
    found = projects.find(session)
    for row in found.rows:
        yield _row(row, late=deadline.passed)
    asked = list(needs(settings, wanted))
    places: list[tuple[str, str, Level]] = [
        *((one.id, f"projects/{one.id}", "project") for one in found.projects.values()),
        *((top, top, "top") for top in found.tops),
    ]
    probes = []
    for scope, place, level in places:
        own = [one for one in asked if one.level == level]
        ask = partial(_place, session, scope, place, own)
        probes.append(Probe("permission", scope, "permissions", ask, projects.everything(scope)))
    yield from probed(probes, deadline)
    if probes:
        yield _quota(len(probes))


def _identity(session: Session) -> Check:
    name, ends = session.identity()
    if not name:
        why = (
            "the endpoint asks for no login"
            if session.settings.endpoint
            else "a user whom the login does not name"
        )
        return Check("credentials", ANY, "identity", "well", why, NAME)
    until = "" if ends is None else f"; {expiry(ends - time.time())}, and is renewed"
    return Check("credentials", ANY, "identity", "well", f"is {name}{until}", NAME)


def _row(row: Coverage, *, late: bool) -> Check:
    """What the ledger will say of a scope that is not read."""
    if row.status == "skipped":
        return Check("credentials", row.cell.scope, "scope", "note", row.message, NAME)
    if late:
        return Check("credentials", row.cell.scope, "scope", "unknown", row.message, NAME)
    return Check("credentials", row.cell.scope, "scope", "blind", row.message, NAME, (row.cell,))


def _place(session: Session, scope: str, place: str, asked: Sequence[Need]) -> Iterator[Check]:
    """Each permission that is lacking there. Raises CellError."""
    allowed = session.allowed(place, sorted({one.permission for one in asked}))
    lacking = [one for one in asked if one.permission not in allowed]
    for one in lacking:
        if not one.types:
            yield Check("permission", scope, one.permission, "note", f"is not granted; {one.loses}", NAME)
            continue
        cells = tuple(
            projects.everything(scope) if type_ == ANY else Cell(NAME, scope, GLOBAL, type_)
            for type_ in one.types
        )
        said = "is not granted; drift permissions gcp prints a role"
        yield Check("permission", scope, one.permission, "blind", said, NAME, cells)
    if len(lacking) < len(asked):
        count = f"{len(asked) - len(lacking)} of {len(asked)} permissions"
        told = f"{count} are granted, as Resource Manager says; {_UNSEEN}"
        yield Check("permission", scope, "permissions", "well", told, NAME)


def _quota(places: int) -> Check:
    """Source: https://cloud.google.com/asset-inventory/docs/quota."""
    calls = _CALLS * places
    minutes = math.ceil(calls / CALLS_A_MINUTE)
    told = (
        f"takes {CALLS_A_MINUTE} ListAssets a minute of one project that pays for them, where "
        f"nobody raised it; a run makes at least {calls:,}"
    )
    if minutes > 1:
        told += f", which takes {minutes:,} minutes then"
    return Check("quota", ANY, "Cloud Asset", "note", told, NAME)
