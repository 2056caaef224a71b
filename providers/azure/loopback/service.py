"""The loopback Azure's answers: listings and single resources of Resource Manager, and the questions of Resource Graph that
drift asks."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Mapping
from typing import Any

from providers.azure.ids import canonical, parse
from providers.azure.loopback.faults import Faults
from providers.azure.loopback.store import Store

_PAGE = 100
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")
_QUERY = re.compile(
    r"Resources(?: \| where type in~ \((?P<types>[^)]*)\))? \| project (?P<fields>[\w, ]+?) \| order by id asc"
)
_EXTENDING = ("microsoft.authorization", "microsoft.insights/diagnosticsettings")


class Refusal(Exception):
    """An error answer: status, ARM's code, message, and headers."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})


class Service:
    """Answers requests. ``page`` is how many members a page of a listing has."""

    def __init__(self, store: Store, faults: Faults, page: int = _PAGE) -> None:
        self.store, self.faults, self.page = store, faults, page
        self._asked_graph = 0

    def get(self, path: str, query: Mapping[str, str], base: str) -> Any:
        """The answer to a GET. Raises Refusal."""
        low = path.lower().rstrip("/")
        parts = low.strip("/").split("/")
        self._check(parts, query)
        if low == "/subscriptions":
            return self._listed([dict(one) for one in self.store.subscriptions.values()], path, query, base)
        if len(parts) == 2 and parts[0] == "subscriptions":
            return self._subscription(parts[1])
        if low.startswith("/providers/microsoft.management/managementgroups/") and parts[-1] == "descendants":
            return self._listed(self._descendants(parts[3]), path, query, base)
        if parts[0] == "subscriptions":
            self._subscription(parts[1])
        if len(parts) == 3 and parts[2] == "resourcegroups":
            return self._listed(self._of(f"/subscriptions/{parts[1]}", GROUP), path, query, base)
        if len(parts) == 3 and parts[2] == "resources":
            return self._listed(self._summaries(parts[1]), path, query, base)
        if len(parts) == 3 and parts[2] == "providers":
            return self._listed(self._providers(parts[1]), path, query, base)
        self._version(low, query)
        if low in self.store.resources:
            self._allowed(self.store.resources[low]["type"], parts)
            return self.store.resources[low]
        return self._below(path, low, parts, query, base)

    def _below(self, path: str, low: str, parts: list[str], query: Mapping[str, str], base: str) -> Any:
        """A listing: of a type in a scope, or of a parent's children."""
        scope, found, rest = low.rpartition("/providers/")
        kinds = rest.split("/")
        if found and len(kinds) == 2:
            type_ = rest
            if type_ in self.faults.unlisted:
                raise Refusal(
                    405, "MethodNotAllowed", "The requested resource does not support http method 'GET'."
                )
            self._allowed(type_, parts)
            if type_.startswith(_EXTENDING):
                if scope.count("/") > 4 or "/resourcegroups/" not in scope:
                    self._there(scope)
                members = self._extending(scope, type_)
            else:
                members = self._of(scope, type_)
            return self._listed(_filtered(members, query.get("$filter", "")), path, query, base)
        if found and len(kinds) % 2 == 0:
            parent = low.rpartition("/")[0]
            self._there(parent)
            above = parse(parent)
            assert above is not None
            type_ = f"{above.type}/{kinds[-1]}".lower()
            self._allowed(type_, parts)
            return self._listed(self._children(parent, type_), path, query, base)
        raise self._not_found(low)

    def list_action(self, path: str, query: Mapping[str, str]) -> Any:
        """The answer to a POST of an action ``list``. Raises Refusal."""
        low = canonical(path)
        parts = low.strip("/").split("/")
        self._check(parts, query)
        self._allowed("microsoft.web/sites/config/list", parts)
        target = low.removesuffix("/list")
        if low == target or not target.rpartition("/config/")[1]:
            raise self._not_found(low)
        self._there(target.rpartition("/config/")[0])
        name = target.rpartition("/")[2]
        return {
            "id": target,
            "name": name,
            "type": "Microsoft.Web/sites/config",
            "properties": dict(self.store.settings.get(target, {})),
        }

    def graph(self, body: Mapping[str, Any], query: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        """The answer to a question to Resource Graph, with its quota's headers. Raises Refusal."""
        asked = [str(one).lower() for one in body.get("subscriptions", ())]
        for one in asked:
            self._check(["subscriptions", one], query)
        found = _QUERY.fullmatch(" ".join(str(body.get("query", "")).split()))
        if found is None:
            raise Refusal(
                400, "BadRequest", "Please provide below info when asking for support. ParserFailure."
            )
        headers = self._quota()
        options = body.get("options") or {}
        start, top = _offset(options.get("$skipToken")), int(options.get("$top", 100))
        names = [name.strip() for name in found["fields"].split(",")]
        rows = self._table(asked, found["types"])
        page = [
            {name: one["type"].lower() if name == "type" else one.get(name) for name in names}
            for one in rows[start : start + top]
        ]
        told: dict[str, Any] = {
            "totalRecords": len(rows),
            "count": len(page),
            "data": page,
            "facets": [],
            "resultTruncated": "false",
        }
        if start + top < len(rows):
            told["$skipToken"] = _token(start + top)
        return told, headers

    # What is there

    def _table(self, subscriptions: list[str], types: str | None) -> list[dict[str, Any]]:
        """What Resource Graph's table Resources holds: what lies in groups and is no child, but for databases and the like."""
        wanted = {one.strip(" '\"").lower() for one in types.split(",")} if types else None
        with self.store.lock:
            found = [
                one
                for id_, one in self.store.resources.items()
                if id_.split("/")[2:3] and id_.split("/")[2] in subscriptions and self._top(id_, one)
            ]
        return sorted(
            (one for one in found if wanted is None or one["type"].lower() in wanted),
            key=lambda one: str(one["id"]).lower(),
        )

    @staticmethod
    def _top(id_: str, one: Mapping[str, Any]) -> bool:
        type_ = one["type"].lower()
        return type_ == "microsoft.sql/servers/databases" or (
            type_.count("/") == 1 and type_ != GROUP.lower() and not type_.startswith(_EXTENDING)
        )

    def _of(self, scope: str, type_: str) -> list[dict[str, Any]]:
        with self.store.lock:
            return [
                one
                for id_, one in self.store.resources.items()
                if one["type"].lower() == type_.lower() and id_.startswith(f"{scope}/")
            ]

    def _children(self, parent: str, type_: str) -> list[dict[str, Any]]:
        return [
            one for one in self._of(parent, type_) if canonical(one["id"]).count("/") == parent.count("/") + 2
        ]

    def _extending(self, scope: str, type_: str) -> list[dict[str, Any]]:
        """Of a subscription all that lie below it, of a resource its own."""
        found = self._of(scope, type_)
        return (
            found
            if scope.count("/") == 2 or scope.count("/") == 4 and "managementgroups" in scope
            else [one for one in found if canonical(one["id"]).rpartition("/providers/")[0] == scope]
        )

    def _summaries(self, subscription: str) -> list[dict[str, Any]]:
        keep = ("id", "name", "type", "location", "tags", "kind", "sku", "identity", "managedBy", "zones")
        return [
            {name: one[name] for name in keep if name in one} for one in self._table([subscription], None)
        ]

    def _providers(self, subscription: str) -> list[dict[str, Any]]:
        spaces: dict[str, dict[str, list[str]]] = {}
        with self.store.lock:
            types = [one["type"] for one in self.store.resources.values()] + list(self.store.versions)
        for type_ in types:
            space, _, kind = type_.partition("/")
            found = spaces.setdefault(space.lower(), {})
            parts = kind.split("/")
            for end in range(1, len(parts) + 1):
                name = "/".join(parts[:end])
                found[name] = list(self.store.served(f"{space}/{name}"))
        return [
            {
                "namespace": space,
                "registrationState": "Registered",
                "resourceTypes": [
                    {"resourceType": name, "apiVersions": told} for name, told in kinds.items()
                ],
            }
            for space, kinds in sorted(spaces.items())
        ]

    def _descendants(self, group: str) -> list[dict[str, Any]]:
        if group not in self.store.groups:
            raise Refusal(404, "NotFound", f"Management group '{group}' was not found.")
        found: list[dict[str, Any]] = []
        for one in self.store.groups[group]:
            name = str(one).lower()
            kind = "Microsoft.Management/managementGroups" + (
                "" if name in self.store.groups else "/subscriptions"
            )
            found.append({"id": f"/{one}", "name": one, "type": kind})
            if name in self.store.groups:
                found += self._descendants(name)
        return found

    def _subscription(self, id_: str) -> dict[str, Any]:
        if id_ not in self.store.subscriptions:
            raise Refusal(404, "SubscriptionNotFound", f"The subscription '{id_}' could not be found.")
        return self.store.subscriptions[id_]

    # What is refused

    def _check(self, parts: list[str], query: Mapping[str, str]) -> None:
        if "api-version" not in query:
            raise Refusal(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        faults = self.faults
        if faults.expired():
            raise Refusal(
                401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than now."
            )
        if parts[0] != "subscriptions" or len(parts) < 2:
            return
        id_ = parts[1]
        if id_ in faults.slow:
            time.sleep(faults.slow[id_])
        if id_ in faults.denied and len(parts) > 1:
            raise _forbidden("/" + "/".join(parts[:2]), "Microsoft.Resources/subscriptions/resources/read")
        if id_ in faults.broken:
            raise Refusal(500, "InternalServerError", "Encountered internal server error.")
        if faults.throttles(id_):
            raise Refusal(
                429,
                "TooManyRequests",
                "The request is being throttled as the limit has been reached for operation type - Read_ObservationWindow.",
                {"Retry-After": str(faults.retry_after)},
            )

    def _version(self, low: str, query: Mapping[str, str]) -> None:
        """Refuses an API version that the type is not served at."""
        said = query["api-version"]
        path = low if low.rpartition("/providers/")[2].count("/") % 2 == 0 else f"{low}/x"
        found = parse(path)
        type_ = found.type if found is not None else ""
        served = self.store.served(type_)
        if _VERSION.fullmatch(said) and said in served:
            return
        space, _, kind = type_.partition("/")
        raise Refusal(
            400,
            "NoRegisteredProviderFound" if _VERSION.fullmatch(said) else "InvalidApiVersionParameter",
            f"No registered resource provider found for API version '{said}' for type '{kind}' of '{space}'. "
            f"The supported api-versions are '{', '.join(served)}'.",
        )

    def _allowed(self, type_: str, parts: list[str]) -> None:
        if type_.lower() in self.faults.denied_types:
            raise _forbidden("/" + "/".join(parts), f"{type_}/read")

    def _there(self, parent: str) -> None:
        """Refuses what lies below nothing. Services that always exist below an account need no document."""
        if parent in self.store.resources or re.fullmatch(
            r"/subscriptions/[^/]+(/resourcegroups/[^/]+)?", parent
        ):
            return
        if "/managementgroups/" in parent and parent.rpartition("/")[2] in self.store.groups:
            return
        if parent.endswith("services/default"):
            self._there(parent.rsplit("/", 2)[0])
            return
        raise self._not_found(parent)

    def _not_found(self, low: str) -> Refusal:
        found = parse(low)
        if found is not None and found.resource_group:
            group = f"/subscriptions/{found.subscription}/resourcegroups/{found.resource_group}"
            if group not in self.store.resources and any(
                one["type"] == GROUP for one in self.store.resources.values()
            ):
                return Refusal(
                    404,
                    "ResourceGroupNotFound",
                    f"Resource group '{found.resource_group}' could not be found.",
                )
        what = low.rpartition("/providers/")[2]
        return Refusal(
            404,
            "ResourceNotFound",
            f"The Resource '{what}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        )

    def _quota(self) -> dict[str, str]:
        if self.faults.quota is None:
            return {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}
        self._asked_graph += 1
        left = self.faults.quota - self._asked_graph
        if left < 0:
            self._asked_graph = 0
            raise Refusal(
                429,
                "RateLimiting",
                "Please provide below info when asking for support. Client application has been throttled.",
                {"Retry-After": str(self.faults.retry_after)},
            )
        if left == 0:
            self._asked_graph = 0
        return {
            "x-ms-user-quota-remaining": str(left),
            "x-ms-user-quota-resets-after": f"00:00:{self.faults.retry_after:02}",
        }

    def _listed(self, members: list[Any], path: str, query: Mapping[str, str], base: str) -> dict[str, Any]:
        start = _offset(query.get("$skiptoken"))
        told: dict[str, Any] = {"value": members[start : start + self.page]}
        if start + self.page < len(members):
            rest = "&".join(f"{name}={value}" for name, value in query.items() if name != "$skiptoken")
            told["nextLink"] = f"{base}{path}?{rest}&$skiptoken={_token(start + self.page)}"
        return told


GROUP = "Microsoft.Resources/resourceGroups"


def _forbidden(scope: str, action: str) -> Refusal:
    return Refusal(
        403,
        "AuthorizationFailed",
        f"The client 'drift' with object id '00000000-0000-4000-8000-000000000000' does not have authorization to perform "
        f"action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh "
        "your credentials.",
    )


def _filtered(members: list[dict[str, Any]], condition: str) -> list[dict[str, Any]]:
    found = re.fullmatch(r"(\w+) eq '([^']*)'", condition)
    if found is None:
        return members
    name, value = found.groups()
    return [one for one in members if (one.get("properties") or {}).get(name) == value]


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(token: Any) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(str(token) + "=="))
    except ValueError as error:
        raise Refusal(400, "InvalidSkipToken", "The skip token is not valid.") from error
