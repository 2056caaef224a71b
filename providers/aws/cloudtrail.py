"""Who did it, by CloudTrail's LookupEvents: what the events that name a resource say of what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from drift.deadline import Passed
from drift.errors import CredentialsError
from drift.finding import Finding
from drift.testimony import Event as Testimony
from drift.testimony import judged, settled
from drift.witness import Budget, Silent, Witnessed
from providers.aws.accounts import places
from providers.aws.cloudtrail_events import RECORD, Event, Meant
from providers.aws.cloudtrail_log import MOST_PAGES, PAGE, Log, Spent
from providers.aws.cloudtrail_model import model, said
from providers.aws.facts import catalogue
from providers.aws.failures import CALL_ERRORS, explain
from providers.aws.partitions import partition_of
from providers.aws.session import Clients, Place
from providers.aws.settings import Settings

CALL = "cloudtrail:LookupEvents"
#: Tries of one call, fewer than of those that read: a report can do without.
_ATTEMPTS = 3
#: From so many names of a place on all changes of the hours since the run before are read first, which one
#: call tells of many resources.
_MANY = 20

Where = tuple[str, str]


class Trail:
    """CloudTrail in each account and region that findings stand in."""

    def __init__(self, settings: Settings, budget: Budget) -> None:
        attempts = min(settings.max_attempts, _ATTEMPTS)
        self._settings = settings.model_copy(update={"max_attempts": attempts})
        self._budget = budget
        self._places: dict[str, Place] = {}
        self._logs: dict[Where, Log] = {}
        self._refused: set[Where] = set()
        self._wanted: dict[Where, set[str]] = {}

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
        accounts = {one.resource.scope for one in findings}
        for place in places(clients, accounts):
            if isinstance(place, Place):
                self._places[place.account] = place
            elif not self._budget.clock.passed:
                yield Silent(f"{place.account}: who did it: {place.error.message}")
        asked = [(one, self._where(clients, one), _looked_up(one)) for one in findings]
        for one, where, names in asked:
            if one.id in self._budget.fresh:
                self._wanted.setdefault(where, set()).update(names)
        for finding, where, names in asked:
            if where[0] not in self._places or not names or where in self._refused:
                continue
            try:
                yield from self._told(clients, finding, where, names)
            except Spent:
                return
            except CALL_ERRORS as error:
                if self._budget.clock.passed:
                    self._budget.spent = True
                    return
                self._refused.add(where)
                yield Silent(f"{where[0]} {where[1]}: who did it: {explain(error, CALL).message}")

    def _told(
        self, clients: Clients, finding: Finding, where: Where, names: tuple[str, ...]
    ) -> Iterator[Witnessed | Silent]:
        known = model(finding.resource.type)
        assert known is not None
        meant = Meant(known, _called(finding), str(finding.resource.id))

        def speaking(events: Iterable[Event]) -> list[Testimony]:
            return [told for one in events if (told := _testimony(one, meant)) is not None]

        log = self._log(clients, where)
        found = log.of(names, lambda events: settled(finding, speaking(events), self._budget))
        told = judged(finding, speaking(found), self._budget)
        yield Witnessed(finding, told)
        if log.cut(names) and (told is None or not told.certain):
            most = MOST_PAGES * PAGE
            yield Silent(
                f"{where[0]} {where[1]}: who did it: of {names[0]} only the last {most:,} events were read"
            )

    def _log(self, clients: Clients, where: Where) -> Log:
        """The log of a place; where much is asked of it, its last hours are read first."""
        if where not in self._logs:
            client = clients.client(self._places[where[0]], "cloudtrail", where[1])
            real = client.meta.endpoint_url.endswith(partition_of(where[1]).suffix)
            log = self._logs[where] = Log(client, self._budget, paced=real)
            many = len(self._wanted.get(where, ()))
            if self._budget.since is not None and many > _MANY:
                log.sweep(self._budget.since, min(many, self._budget.calls) // 2)
        return self._logs[where]

    def _where(self, clients: Clients, finding: Finding) -> Where:
        """The account and region whose log has the events of a resource."""
        resource = finding.resource
        entry = catalogue().entry(resource.type)
        region = resource.region or clients.home_of(self._places.get(resource.scope))
        if resource.region is None or (entry is not None and entry.service in said()["global"]):
            region = partition_of(region).home
        return resource.scope, region


def _testimony(one: Event, meant: Meant) -> Testimony | None:
    """An event as it speaks of a resource; None where it does not."""
    known = meant.speaks(one)
    if known is None:
        return None
    return Testimony(
        "CloudTrail",
        one.id,
        one.name,
        one.time,
        one.actor,
        lambda path: meant.touch(one, known, path),
        meant.makes(one, known),
        meant.ends(one, known),
        one.names,
        one.kind,
        _link(one),
    )


def _looked_up(finding: Finding) -> tuple[str, ...]:
    """The names that the log may have a resource under: its id, and what is left of it without its place;
    none of a type that is not read."""
    resource = finding.resource
    identifier = str(resource.id or "")
    if not identifier or model(resource.type) is None:
        return ()
    parts = identifier.split("|")
    under = said()["under"].get(resource.type)
    if under is not None:
        part = parts[under] if under < len(parts) else ""
        # A zone's id is in capitals; a record's is compared in small letters.
        names = [part.upper() if resource.type == RECORD else part]
    elif identifier.startswith("arn:"):
        short = identifier.split(":", 5)[-1]
        names = [short.rsplit("/", 1)[-1].rsplit(":", 1)[-1], identifier]
    else:
        names = [parts[-1], parts[0]]
    return tuple(dict.fromkeys(one for one in names if one))


def _called(finding: Finding) -> tuple[str, ...]:
    """What parameters may call a resource."""
    resource = finding.resource
    identifier = str(resource.id or "")
    return tuple({*_looked_up(finding), identifier, *identifier.split("|"), resource.name or identifier})


def _link(one: Event) -> str | None:
    """The event in the console of its partition."""
    if not one.region:
        return None
    host = partition_of(one.region).console
    if host is None:
        return None
    return f"https://{one.region}.{host}/cloudtrailv2/home?region={one.region}#/events/{one.id}"
