"""Who did it, by CloudTrail's LookupEvents: what the events that name a resource say of what changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from drift.deadline import Passed
from drift.errors import CredentialsError
from drift.model import Finding
from drift.testimony import Event as Testimony
from drift.testimony import judged
from drift.witness import Budget, Silent, Witnessed
from providers.aws import cloudtrail_events as events
from providers.aws.cloudtrail_events import Event
from providers.aws.facts import catalogue
from providers.aws.failures import CALL_ERRORS, explain
from providers.aws.partitions import partition_of
from providers.aws.session import Clients, Place
from providers.aws.settings import Settings

CALL = "cloudtrail:LookupEvents"
#: LookupEvents takes two calls a second of an account and region, and has the last 90 days.
#: Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html.
SECONDS_BETWEEN = 0.5
#: Tries of one call, fewer than of those that read: a report can do without.
_ATTEMPTS = 3


class Trail:
    """CloudTrail in each account and region that findings stand in."""

    def __init__(self, settings: Settings, budget: Budget) -> None:
        attempts = min(settings.max_attempts, _ATTEMPTS)
        self._settings = settings.model_copy(update={"max_attempts": attempts})
        self._budget = budget
        self._places: dict[str, Place] = {}
        self._asked_at: dict[tuple[str, str], float] = {}
        self._refused: set[tuple[str, str]] = set()
        self._of: dict[tuple[str, str, str], list[Event]] = {}

    def tell(self, findings: Sequence[Finding]) -> Iterator[Witnessed | Silent]:
        """Who did what each finding tells of, in their order."""
        try:
            clients = Clients(self._settings, self._budget.clock)
        except CredentialsError as error:
            yield Silent(str(error))
            return
        except Passed:
            self._budget.spent = True
            return
        wanted = {one.resource.scope for one in findings}
        for place in clients.places():
            if isinstance(place, Place) and place.account in wanted:
                self._places[place.account] = place
                if wanted <= self._places.keys():
                    break
        for finding in findings:
            resource = finding.resource
            entry = catalogue().entry(resource.type)
            where = self._where(clients, finding)
            if resource.scope not in self._places or entry is None or where in self._refused:
                continue
            found: dict[str, Event] = {}
            names = _names(finding)
            try:
                for name in names:
                    found |= {one.id: one for one in self._events(clients, where, name)}
            except _Spent:
                return
            except CALL_ERRORS as error:
                if self._budget.clock.passed:
                    self._budget.spent = True
                    return
                self._refused.add(where)
                yield Silent(f"{where[0]} {where[1]}: who did it: {explain(error, CALL).message}")
                continue
            known = {*entry.properties, *entry.facts.root.children}
            speak = [_testimony(one, resource.type, known, names) for one in found.values()]
            yield Witnessed(finding, judged(finding, speak, self._budget))

    def _where(self, clients: Clients, finding: Finding) -> tuple[str, str]:
        """The account and region whose log has the events of a resource."""
        resource = finding.resource
        entry = catalogue().entry(resource.type)
        region = resource.region or clients.home
        if resource.region is None or (entry is not None and entry.service in events.said()["global"]):
            region = partition_of(region).home
        return resource.scope, region

    def _events(self, clients: Clients, where: tuple[str, str], name: str) -> list[Event]:
        """All changing events that name a resource, each page of them, asked once."""
        key = (*where, name)
        if key in self._of:
            return self._of[key]
        client = clients.client(self._places[where[0]], "cloudtrail", where[1])
        asked: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": name}],
            "MaxResults": 50,
        }
        found: list[Event] = []
        while True:
            if not self._budget.take():
                raise _Spent
            if client.meta.endpoint_url.endswith(partition_of(where[1]).suffix):
                self._pace(where)
            page = client.lookup_events(**asked)
            read = (events.event(str(one.get("CloudTrailEvent", ""))) for one in page.get("Events") or ())
            found += [one for one in read if one is not None]
            token = page.get("NextToken")
            if not token or token == asked.get("NextToken"):
                break
            asked["NextToken"] = token
        self._of[key] = found
        return found

    def _pace(self, where: tuple[str, str]) -> None:
        """Waits until the next call may be made; a stand-in of AWS has no such limit."""
        wait = self._asked_at.get(where, 0.0) + SECONDS_BETWEEN - time.monotonic()
        if wait > 0:
            self._budget.clock.sleep(wait)
        self._asked_at[where] = time.monotonic()


def _testimony(one: Event, type_: str, known: Iterable[str], names: Iterable[str]) -> Testimony:
    """An event as it speaks of a resource of a type."""
    return Testimony(
        "CloudTrail",
        one.id,
        one.name,
        one.time,
        one.actor,
        lambda path: events.touch(one, type_, path, known, names),
        one.makes(type_),
        one.ends(type_),
        one.names,
        one.kind,
        _link(one),
    )


class _Spent(Exception):
    """No call is left."""


def _names(finding: Finding) -> tuple[str, ...]:
    """The names by which events may speak of a resource: its id, and what is left of it without its place."""
    resource = finding.resource
    identifier = str(resource.id or "")
    if not identifier:
        return ()
    short = identifier
    if identifier.startswith("arn:"):
        short = identifier.split(":", 5)[-1]
        short = short.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return tuple(dict.fromkeys(one for one in (short, identifier) if one))


def _link(one: Event) -> str | None:
    """The event in the console of its partition."""
    if not one.region:
        return None
    host = partition_of(one.region).console
    if host is None:
        return None
    return f"https://{one.region}.{host}/cloudtrailv2/home?region={one.region}#/events/{one.id}"
