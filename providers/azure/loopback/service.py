"""The loopback Azure's answers: listings and single resources of Resource Manager, and the questions of
Resource Graph that drift asks."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from providers.azure import models
from providers.azure.ids import canonical, parse
from providers.azure.loopback import happened
from providers.azure.loopback.faults import Faults
from providers.azure.loopback.gate import GROUP, Gate, Refusal, forbidden
from providers.azure.loopback.store import Store

_PAGE = 100
_QUERY = re.compile(
    r"Resources(?: \| where type in~ \((?P<types>[^)]*)\))? "
    r"\| project (?P<fields>[\w, ]+?) \| order by id asc"
)
_EXTENDING = (
    "microsoft.authorization",
    "microsoft.insights/diagnosticsettings",
    "microsoft.insights/datacollectionruleassociations",
    "microsoft.kubernetesconfiguration/",
)


class Service(Gate):
    """Answers requests. ``page`` is how many members a page of a listing has."""

    def __init__(self, store: Store, faults: Faults, page: int = _PAGE) -> None:
        super().__init__(store, faults)
        self.page = page

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
        if low == f"/subscriptions/{parts[1]}/providers/microsoft.authorization/permissions":
            return self._listed(self.faults.permissions(parts[1]), path, query, base)
        if low.endswith("/providers/microsoft.insights/eventtypes/management/values"):
            return self._listed(happened.acts(self.store, query.get("$filter", "")), path, query, base)
        if len(parts) == 3 and parts[2] == "providers":
            return self._listed(self._providers(parts[1]), path, query, base)
        self._version(low, query)
        if low in self.store.resources:
            self._allowed(self.store.resources[low]["type"], parts)
            if not self._visible(low):
                raise forbidden(low, f"{self.store.resources[low]['type']}/read")
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
        question = " ".join(str(body.get("query", "")).split())
        changed = happened.changes(self.store, question, asked)
        if changed is not None:
            return self._page(changed, body), self._quota()
        found = _QUERY.fullmatch(question)
        if found is None:
            raise Refusal(
                400, "BadRequest", "Please provide below info when asking for support. ParserFailure."
            )
        headers = self._quota()
        names = [name.strip() for name in found["fields"].split(",")]
        rows = [
            {name: one["type"].lower() if name == "type" else one.get(name) for name in names}
            for one in self._table(asked, found["types"])
        ]
        return self._page(rows, body), headers

    @staticmethod
    def _page(rows: list[dict[str, Any]], body: Mapping[str, Any]) -> dict[str, Any]:
        options = body.get("options") or {}
        start, top = _offset(options.get("$skipToken")), int(options.get("$top", 100))
        page = rows[start : start + top]
        told: dict[str, Any] = {
            "totalRecords": len(rows),
            "count": len(page),
            "data": page,
            "facets": [],
            "resultTruncated": "false",
        }
        if start + top < len(rows):
            told["$skipToken"] = _token(start + top)
        return told

    # What is there

    def _table(self, subscriptions: list[str], types: str | None) -> list[dict[str, Any]]:
        """What Resource Graph's table Resources holds: what lies in groups and is no child, but for databases
        and the like."""
        wanted = {one.strip(" '\"").lower() for one in types.split(",")} if types else None
        with self.store.lock:
            found = [
                one
                for id_, one in self.store.resources.items()
                if id_.split("/")[2:3]
                and id_.split("/")[2] in subscriptions
                and self._top(id_, one)
                and self._visible(id_)
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
                if one["type"].lower() == type_.lower() and id_.startswith(f"{scope}/") and self._visible(id_)
            ]

    def _children(self, parent: str, type_: str) -> list[dict[str, Any]]:
        return [
            one for one in self._of(parent, type_) if canonical(one["id"]).count("/") == parent.count("/") + 2
        ]

    def _extending(self, scope: str, type_: str) -> list[dict[str, Any]]:
        """Of a subscription all grants and locks below it; of a resource, and of other types, its own."""
        if not self._visible(f"{scope}/"):
            raise forbidden(scope, f"{type_}/read")
        found = self._of(scope, type_)
        wide = scope.count("/") == 2 or (scope.count("/") == 4 and "managementgroups" in scope)
        if wide and type_.startswith("microsoft.authorization/"):
            return found
        return [one for one in found if canonical(one["id"]).rpartition("/providers/")[0] == scope]

    def _summaries(self, subscription: str) -> list[dict[str, Any]]:
        keep = ("id", "name", "type", "location", "tags", "kind", "sku", "identity", "managedBy", "zones")
        return [
            {name: one[name] for name in keep if name in one} for one in self._table([subscription], None)
        ]

    def _providers(self, subscription: str) -> list[dict[str, Any]]:
        spaces: dict[str, dict[str, list[str]]] = {}
        with self.store.lock:
            types = [one["type"] for one in self.store.resources.values()] + list(self.store.versions)
        types += [str(one["as"]) for one in models.types().values()]
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

    def _listed(self, members: list[Any], path: str, query: Mapping[str, str], base: str) -> dict[str, Any]:
        start = _offset(query.get("$skiptoken"))
        told: dict[str, Any] = {"value": members[start : start + self.page]}
        if start + self.page < len(members):
            rest = "&".join(f"{name}={value}" for name, value in query.items() if name != "$skiptoken")
            told["nextLink"] = f"{base}{path}?{rest}&$skiptoken={_token(start + self.page)}"
        return told


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
