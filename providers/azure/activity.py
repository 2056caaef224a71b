"""Who did it in Azure: by Resource Graph's changes, and by the operations of the Activity Log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from drift import pointer
from drift.deadline import Passed
from drift.errors import CellError, CredentialsError
from drift.finding import ActorKind, Finding
from drift.limits import Limits
from drift.moment import rfc3339
from drift.safe_yaml import data
from drift.testimony import Event, Touch, in_turn, settled
from drift.witness import Budget, Silent, Witnessed
from providers.azure.changes import Changes, event
from providers.azure.session import Session
from providers.azure.settings import Settings

_ATTEMPTS = 3
#: How an operation ends.
_ENDED = frozenset({"Succeeded", "Failed", "Canceled", "Cancelled"})
_PORTAL = "https://portal.azure.com/#@/resource"


class ActivityLog:
    """The Activity Log of each subscription that findings stand in."""

    def __init__(self, settings: Settings, budget: Budget, limits: Limits | None = None) -> None:
        attempts = min(settings.max_attempts, _ATTEMPTS)
        self._settings = settings.model_copy(update={"max_attempts": attempts})
        self._budget, self._limits = budget, limits
        #: Why Resource Graph tells no changes, by subscription; the Activity Log is asked all the same.
        self._unchanged: dict[str, str] = {}
        self._said = data(Path(__file__).with_name("activity.yaml"))

    def tell(self, findings: Sequence[Finding]) -> Iterator[Witnessed | Silent]:
        """Who did what each finding tells of, in their order."""
        clock = self._budget.clock
        try:
            session = Session(self._settings, clock, self._limits)
            session.identify()
        except CredentialsError as error:
            yield Silent(str(error))
            return
        except Passed:
            self._budget.spent = True
            return
        ids: dict[str, dict[str, None]] = {}
        for subscription, id_ in map(_named, findings):
            if id_:
                ids.setdefault(subscription, {})[id_] = None
        changes = Changes(session, self._budget, {one: list(own) for one, own in ids.items()})
        asked: dict[str, list[Any]] = {}
        yield from in_turn(findings, self._budget, _named, partial(self._events, session, changes, asked))
        yield from (
            Silent(f"{one}: Resource Graph's changes: {why}") for one, why in sorted(self._unchanged.items())
        )

    def _events(
        self,
        session: Session,
        changes: Changes,
        asked: dict[str, list[Any]],
        subscription: str,
        id_: str,
        finding: Finding,
    ) -> list[Event] | None:
        """What was done to a resource, as Resource Graph tells it, and where that does not settle it the
        Activity Log, too; None where no call is left."""
        rows: list[Mapping[str, Any]] | None = []
        try:
            if subscription not in self._unchanged:
                rows = changes.of(subscription, id_)
        except CellError as error:
            if self._budget.clock.passed:
                raise
            self._unchanged[subscription] = error.message
        if rows is None:
            return None
        services = self._said["services"]
        told = (event(row, finding, f"{_PORTAL}{id_}/eventlogs", services) for row in rows)
        found = [one for one in told if one is not None]
        if settled(finding, found, self._budget):
            return found
        if id_ not in asked:
            log = self._log(session, subscription, id_)
            if log is None:
                return None
            asked[id_] = log
        known = {one.id for one in found}
        return found + [
            one for one in self._acts(asked[id_], id_, finding.resource.type) if one.id not in known
        ]

    def _log(self, session: Session, subscription: str, id_: str) -> list[Any] | None:
        """All entries about a resource, each page of them; None where no call is left."""
        since = datetime.now(UTC) - timedelta(days=self._said["days"]) + timedelta(hours=1)
        quoted = id_.replace("'", "''")
        pages = session.pages(
            f"/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values",
            self._said["version"],
            _filter=f"eventTimestamp ge '{rfc3339(since)}' and resourceUri eq '{quoted}'",
        )
        found: list[Any] = []
        for page in self._budget.pages(pages):
            if page is None:
                return None
            found += page
        return found

    def _acts(self, entries: Sequence[Any], id_: str, type_: str) -> Iterator[Event]:
        """Each act that the entries tell of, and that did not fail in the end. An operation has an entry when
        it starts, which may hold the request, when it is accepted and when it ends, all of one
        ``correlationId``."""
        acts: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for said in entries:
            if isinstance(said, Mapping) and str(said.get("resourceId") or "").lower() == id_:
                identity = said.get("correlationId") or said.get("eventDataId") or said.get("eventTimestamp")
                acts.setdefault((str(identity), _value(said.get("operationName")).lower()), []).append(said)
        for (identity, _), said in acts.items():
            ends = [one for one in said if _value(one.get("status")) in _ENDED]
            last = max(ends, key=_time, default=None)
            if last is not None and _value(last.get("status")) == "Succeeded":
                found = self._act(identity, last, said, id_, type_)
                if found is not None:
                    yield found

    def _act(
        self, identity: str, last: Mapping[str, Any], all_: Sequence[Mapping[str, Any]], id_: str, type_: str
    ) -> Event | None:
        """One act; None of what only read, is of another type, or names nobody."""
        operation = _value(last.get("operationName"))
        actor, time = str(last.get("caller") or ""), _time(last)
        target, _, verb = operation.rpartition("/")
        if (
            not actor
            or not time
            or verb.lower() not in ("write", "delete")
            or target.lower() != type_.lower()
        ):
            return None
        properties = [one["properties"] for one in all_ if isinstance(one.get("properties"), Mapping)]
        codes = {_value(one.get("subStatus")).lower() for one in all_}
        codes |= {str(one.get("statusCode")).lower() for one in properties}
        created = "created" in codes
        kind, names = self._who(last, actor)
        body = next((found for one in properties if (found := _body(one)) is not None), None)
        return Event(
            "Activity Log",
            identity,
            operation,
            time,
            actor,
            lambda path: "touches" if created else _touch(body, path),
            makes=verb.lower() == "write" and created,
            ends=verb.lower() == "delete",
            names=names,
            kind=kind,
            link=f"{_PORTAL}{id_}/eventlogs",
        )

    def _who(self, said: Mapping[str, Any], actor: str) -> tuple[ActorKind | None, tuple[str, ...]]:
        """What a caller is, and what else it is called: its application and object ids."""
        claims = said.get("claims")
        claims = claims if isinstance(claims, Mapping) else {}
        objectid = "http://schemas.microsoft.com/identity/claims/objectidentifier"
        names = tuple(str(claims[key]) for key in ("appid", objectid, "name") if claims.get(key))
        if actor.startswith(tuple(self._said["services"])):
            return "service", names
        authorization = said.get("authorization")
        evidence = authorization.get("evidence") if isinstance(authorization, Mapping) else None
        principal = evidence.get("principalType") if isinstance(evidence, Mapping) else None
        person = principal == "User" or claims.get("idtyp") == "user"
        return ("person" if person else None), names


def _named(finding: Finding) -> tuple[str, str]:
    """The subscription of a resource, and its id; empty where it is in none."""
    id_ = str(finding.resource.id or "").lower()
    return (id_.split("/")[2], id_) if id_.startswith("/subscriptions/") else ("", "")


def _time(said: Mapping[str, Any]) -> str:
    return str(said.get("eventTimestamp") or "")


def _value(said: Any) -> str:
    return str(said.get("value") or "") if isinstance(said, Mapping) else ""


def _body(properties: Mapping[str, Any]) -> Any:
    """What was asked to be written, where the log has it."""
    said = properties.get("requestbody") or properties.get("requestBody")
    if not isinstance(said, str):
        return None
    try:
        return orjson.loads(said)
    except orjson.JSONDecodeError:
        return None


def _touch(body: Any, path: str) -> Touch:
    """Whether a body names a path. One that does not may be a whole body, whose silence writes a default, so
    nobody knows."""
    for word in pointer.split(path):
        if isinstance(body, list):
            return "touches"
        if not isinstance(body, Mapping):
            return "unknown"
        known = {str(name).lower(): name for name in body}
        if word.lower() not in known:
            return "unknown"
        body = body[known[word.lower()]]
    return "touches"
