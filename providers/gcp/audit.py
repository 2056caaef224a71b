"""Who did it, by Google's audit logs of admin activity: the methods that were called on a resource."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from drift import pointer
from drift.deadline import Passed
from drift.errors import CredentialsError
from drift.finding import ActorKind, Finding
from drift.limits import Limits
from drift.moment import rfc3339
from drift.safe_yaml import data
from drift.testimony import Event, Touch, in_turn
from drift.witness import Budget, Silent, Witnessed
from providers.gcp.session import Session
from providers.gcp.settings import Settings

HOST, PATH = "logging.googleapis.com", "v2/entries:list"
BINDING = "iam.googleapis.com/Binding"
_ATTEMPTS, _PAGE = 3, 500
#: Characters of a filter beside its names, and between two of them.
_AROUND, _BETWEEN = 200, 4
_CONSOLE = "https://console.cloud.google.com/logs/query"


class AuditLog:
    """The audit logs of each project, folder and organization that findings stand in."""

    def __init__(self, settings: Settings, budget: Budget, limits: Limits | None = None) -> None:
        attempts = min(settings.max_attempts, _ATTEMPTS)
        self._settings = settings.model_copy(update={"max_attempts": attempts})
        self._budget, self._limits = budget, limits
        self._said = data(Path(__file__).with_name("audit.yaml"))

    def tell(self, findings: Sequence[Finding]) -> Iterator[Witnessed | Silent]:
        """Who did what each finding tells of, in their order."""
        clock = self._budget.clock
        try:
            session = Session(self._settings, clock, self._limits)
        except CredentialsError as error:
            yield Silent(str(error))
            return
        except Passed:
            self._budget.spent = True
            return
        asked: dict[str, dict[str, tuple[str, ...]]] = {}
        for one in findings:
            scope, name = _named(one)
            if name:
                asked.setdefault(scope, {}).setdefault(name, self._names(one, name))
        lots = [(scope, lot) for scope, own in asked.items() for lot in self._lots(own)]
        of = {(scope, name): lot for scope, lot in lots for name in lot}
        told: dict[tuple[str, str], list[Any]] = {}
        yield from in_turn(findings, self._budget, _named, partial(self._events, session, of, told))

    def _events(
        self,
        session: Session,
        of: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]],
        told: dict[tuple[str, str], list[Any]],
        scope: str,
        name: str,
        finding: Finding,
    ) -> list[Event] | None:
        """What was done to a finding's resource; None where no call is left. One lot of names is asked at
        once."""
        if (scope, name) not in told:
            lot = of[scope, name]
            found = self._entries(session, scope, {one for names in lot.values() for one in names})
            if found is None:
                return None
            told |= {
                (scope, one): [entry for entry in found if _resource(entry) in names]
                for one, names in lot.items()
            }
        entries = told[scope, name]
        failed = _failed(entries)
        return [
            event
            for one in entries
            if _operation(one).get("id") not in failed
            and (event := self._event(one, finding, scope)) is not None
        ]

    def _names(self, finding: Finding, name: str) -> tuple[str, ...]:
        """What a resource is called in the logs."""
        host, _, own = name[2:].partition("/")
        said = self._said["names"].get(host, {})
        others = (
            re.sub(pattern, other.replace("{scope}", finding.resource.scope), own)
            for pattern, other in said.items()
        )
        return tuple(dict.fromkeys((own, *others)))

    def _lots(self, names: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, tuple[str, ...]]]:
        """As many names as one filter may be long."""
        lot: dict[str, tuple[str, ...]] = {}
        length = _AROUND
        for name, called in names.items():
            own = sum(len(_quoted(one)) + _BETWEEN for one in called)
            if lot and length + own > self._said["filter"]:
                yield lot
                lot, length = {}, _AROUND
            lot[name] = called
            length += own
        if lot:
            yield lot

    def _entries(self, session: Session, scope: str, names: Iterable[str]) -> list[Any] | None:
        """All entries about some resources, each page of them; None where no call is left."""
        since = rfc3339(datetime.now(UTC) - timedelta(days=self._said["days"]))
        wanted = " OR ".join(_quoted(one) for one in sorted(names))
        request: dict[str, Any] = {
            "resourceNames": [scope],
            "filter": f'log_id("cloudaudit.googleapis.com/activity") AND timestamp>="{since}" AND '
            f"protoPayload.resourceName=({wanted})",
            "orderBy": "timestamp desc",
            "pageSize": _PAGE,
        }
        pages = session.read_pages(HOST, PATH, request)
        found: list[Any] = []
        for page in self._budget.pages(pages):
            if page is None:
                return None
            found += page.get("entries") or ()
            if not page.get("nextPageToken"):
                break
        return found

    def _event(self, entry: Any, finding: Finding, scope: str) -> Event | None:
        """One change; None of what failed, names nobody, or only ends an operation that another one began."""
        payload = entry.get("protoPayload") if isinstance(entry, Mapping) else None
        if not isinstance(payload, Mapping) or (payload.get("status") or {}).get("code"):
            return None
        operation = _operation(entry)
        own = str(finding.resource.id or "")[2:].partition("/")[0]
        if payload.get("serviceName") not in (None, "", own):
            return None  # another service's thing of the same name
        who = payload.get("authenticationInfo") or {}
        actor = str(who.get("principalEmail") or who.get("principalSubject") or "")
        id_, time = str(entry.get("insertId") or ""), str(entry.get("timestamp") or "")
        if not actor or not time or (operation.get("last") and not operation.get("first")):
            return None
        method = str(payload.get("methodName") or "")
        request = payload.get("request")
        verb = method.rpartition(".")[2].lower()
        makes, ends = (verb.startswith(tuple(self._said[word])) for word in ("makes", "ends"))
        if finding.resource.type == BINDING:
            makes, ends = (_delta(payload, str(finding.resource.id), word) for word in ("ADD", "REMOVE"))
        query = quote(f'insertId="{id_}"', safe="")
        kind, _, own = scope.partition("/")
        return Event(
            "audit log",
            id_ or time,
            method,
            time,
            actor,
            lambda path: "touches" if makes else _touch(verb, request, path),
            makes=makes,
            ends=ends,
            names=(actor,),
            kind=self._kind(actor),
            link=f"{_CONSOLE};query={query};cursorTimestamp={time}?{kind.removesuffix('s')}={own}",
        )

    def _kind(self, actor: str) -> ActorKind | None:
        if any(fnmatchcase(actor, glob) for glob in self._said["services"]):
            return "service"
        return "person" if "@" in actor and not actor.endswith("gserviceaccount.com") else None


def _named(finding: Finding) -> tuple[str, str]:
    """Where a resource's log is, and its full name; empty where it has none."""
    resource = finding.resource
    scope = resource.scope if "/" in resource.scope else f"projects/{resource.scope}"
    whole = str(resource.id or "").partition("|")[0]
    return scope, whole if whole.startswith("//") else ""


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _resource(entry: Any) -> str:
    payload = entry.get("protoPayload") if isinstance(entry, Mapping) else None
    return str(payload.get("resourceName") or "") if isinstance(payload, Mapping) else ""


def _operation(entry: Any) -> Mapping[str, Any]:
    said = entry.get("operation") if isinstance(entry, Mapping) else None
    return said if isinstance(said, Mapping) else {}


def _failed(entries: Iterable[Any]) -> set[str]:
    """The operations that failed in the end. A long-running one has two entries: the first with the request
    and no error yet, the last with how it ended
    (https://cloud.google.com/logging/docs/audit/understanding-audit-logs#audit_logs_for_long-running_operations)."""
    return {
        str(operation["id"])
        for one in entries
        if (operation := _operation(one)).get("id")
        and operation.get("last")
        and ((one.get("protoPayload") or {}).get("status") or {}).get("code")
    }


def _delta(payload: Mapping[str, Any], id_: str, action: str) -> bool:
    """Whether a change of a policy adds, or removes, one binding (``NAME|ROLE|MEMBER|CONDITION``)."""
    parts = id_.split("|")
    policy = (payload.get("serviceData") or {}).get("policyDelta") or {}
    return len(parts) > 2 and any(
        (one.get("action"), one.get("role"), one.get("member")) == (action, parts[1], parts[2])
        for one in policy.get("bindingDeltas") or ()
    )


def _touch(verb: str, request: Any, path: str) -> Touch:
    """Whether a request touches a path: its mask says it whole; what a patch, or ``setLabels``, names it
    writes. A whole body writes what it leaves out, too, so nobody knows."""
    wanted = [_plain(word) for word in pointer.split(path)]
    if not isinstance(request, Mapping):
        return "touches" if verb == f"set{wanted[0]}" else "unknown"
    mask = request.get("updateMask") or request.get("fieldMask")
    if isinstance(mask, Mapping):
        mask = ",".join(map(str, mask.get("paths") or ()))
    if isinstance(mask, str) and mask:
        for one in mask.split(","):
            said = [_plain(word) for word in one.strip().split(".")]
            # A mask may begin with the resource's own name ("topic.labels").
            if any(part == wanted[: len(part)] for part in (said, said[1:]) if part):
                return "touches"
        return "elsewhere"
    if verb == f"set{wanted[0]}":
        return "touches"
    if verb.startswith("patch") and any(_plain(str(name)) == wanted[0] for name in request):
        return "touches"
    return "unknown"


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())
