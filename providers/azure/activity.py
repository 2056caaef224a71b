"""Who did it, by Azure's Activity Log: the operations on a resource that succeeded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from drift.deadline import Passed
from drift.errors import CredentialsError
from drift.limits import Limits
from drift.model import ActorKind, Finding
from drift.moment import rfc3339
from drift.safe_yaml import data
from drift.testimony import Event, Touch, in_turn
from drift.witness import Budget, Silent, Witnessed
from providers.azure.session import Session
from providers.azure.settings import Settings

_ATTEMPTS = 3
_PORTAL = "https://portal.azure.com/#@/resource"


class ActivityLog:
    """The Activity Log of each subscription that findings stand in."""

    def __init__(self, settings: Settings, budget: Budget, limits: Limits | None = None) -> None:
        attempts = min(settings.max_attempts, _ATTEMPTS)
        self._settings = settings.model_copy(update={"max_attempts": attempts})
        self._budget, self._limits = budget, limits
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
        yield from in_turn(findings, self._budget, _named, partial(self._events, session))

    def _events(self, session: Session, subscription: str, id_: str, finding: Finding) -> list[Event] | None:
        """All changes of a resource, each page of them; None where no call is left."""
        since = datetime.now(UTC) - timedelta(days=self._said["days"]) + timedelta(hours=1)
        quoted = id_.replace("'", "''")
        pages = session.pages(
            f"/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values",
            self._said["version"],
            _filter=f"eventTimestamp ge '{rfc3339(since)}' and resourceUri eq '{quoted}'",
        )
        found: list[Event] = []
        while self._budget.take():
            page = next(pages, None)
            if page is None:
                return found
            found += [
                event for one in page if (event := self._event(one, id_, finding.resource.type)) is not None
            ]
        return None

    def _event(self, said: Any, id_: str, type_: str) -> Event | None:
        """One change; None of what only read, did not succeed, is of another resource, or names nobody."""
        if not isinstance(said, Mapping) or _value(said.get("status")) != "Succeeded":
            return None
        operation = _value(said.get("operationName"))
        resource = str(said.get("resourceId") or "").lower()
        actor, time = str(said.get("caller") or ""), str(said.get("eventTimestamp") or "")
        if resource != id_ or not actor or not time:
            return None
        target, _, verb = operation.rpartition("/")
        if verb.lower() not in ("write", "delete") or target.lower() != type_.lower():
            return None
        properties = said.get("properties")
        properties = properties if isinstance(properties, Mapping) else {}
        created = "created" in (
            _value(said.get("subStatus")).lower(),
            str(properties.get("statusCode")).lower(),
        )
        kind, names = self._who(said, actor)
        body = _body(properties)
        identity = str(said.get("correlationId") or said.get("eventDataId") or time)
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
    for word in path.strip("/").split("/"):
        if isinstance(body, list):
            return "touches"
        if not isinstance(body, Mapping):
            return "unknown"
        known = {str(name).lower(): name for name in body}
        if word.lower() not in known:
            return "unknown"
        body = body[known[word.lower()]]
    return "touches"
