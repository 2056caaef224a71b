"""The loopback Google Cloud's answers, as plain JSON: both front ends give the same ones."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from providers.gcp.loopback.faults import Faults
from providers.gcp.loopback.store import Asset, Store

TIME = "2026-01-01T00:00:00Z"
_FILTER = re.compile(
    r'log_id\("cloudaudit\.googleapis\.com/activity"\) AND timestamp>="(?P<since>[^"]+)" AND '
    r'protoPayload\.resourceName=\((?P<names>"[^"]+"(?: OR "[^"]+")*)\)'
)
_ASSET_API = "cloudasset.googleapis.com"


class Refusal(Exception):
    """An error answer. ``status`` is the name of a gRPC code; ``details`` are google.rpc messages as JSON."""

    def __init__(self, status: str, message: str, *details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status, self.message, self.details = status, message, details


class Service:
    """Answers requests that are given as JSON."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store, self.faults = store, faults
        #: The audit logs.
        self.entries: list[dict[str, Any]] = []

    def list_assets(self, request: Mapping[str, Any]) -> dict[str, Any]:
        place = self._enter(str(request.get("parent", "")))
        content = request.get("contentType", "CONTENT_TYPE_UNSPECIFIED")
        if content not in ("RESOURCE", "IAM_POLICY", "CONTENT_TYPE_UNSPECIFIED"):
            raise Refusal("INVALID_ARGUMENT", f"the loopback server tells no {content}")
        fits = self._types(request.get("assetTypes") or [])
        found = [one for one in self.store.below(place) if fits(one.type)]
        if content == "IAM_POLICY":
            found = [one for one in found if one.policy]
        page, token = self._page(found, request, 100, 1000, place)
        return {"readTime": TIME, "assets": [self._asset(one, content) for one in page], **token}

    def search_all_resources(self, request: Mapping[str, Any]) -> dict[str, Any]:
        place = self._enter(str(request.get("scope", "")))
        found = list(self.store.below(place))
        if request.get("query") == "NOT project:*":
            found = [one for one in found if not one.place.startswith("projects/")]
        elif request.get("query"):
            raise Refusal("INVALID_ARGUMENT", f"the loopback server knows no query {request['query']!r}")
        fits = self._types(request.get("assetTypes") or [])
        page, token = self._page([one for one in found if fits(one.type)], request, 100, 500, place)
        return {"results": [self._result(one) for one in page], **token}

    def get_project(self, request: Mapping[str, Any]) -> dict[str, Any]:
        said = str(request.get("name", ""))
        name = self.store.place(said)
        if name is None or self._is_hidden(name):
            raise _denied(said, "resourcemanager.projects.get")
        self._expire()
        return self.store.places[name]

    def list_projects(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._children("projects", request)

    def list_folders(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._children("folders", request)

    def search_projects(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._expire()
        found = [
            body
            for name, body in sorted(self.store.places.items())
            if name.startswith("projects/") and not self._is_hidden(name)
        ]
        page, token = self._page(found, request, 100, 1000, "")
        return {"projects": page, **token}

    def test_iam_permissions(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Which of some permissions one has at a place."""
        said = str(request.get("resource", ""))
        name = self.store.place(said)
        if name is None or self._is_hidden(name):
            raise _denied(said, "resourcemanager.projects.get")
        self._expire()
        lacking = self.faults.lacking.get(self._scope(name), frozenset())
        return {"permissions": [one for one in request.get("permissions", ()) if one not in lacking]}

    def collection(self, path: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """What a service's own API lists at a path."""
        found = self.store.collection(path)
        if found is None:
            raise Refusal("NOT_FOUND", f"the loopback server has no {path}")
        place, members = found
        self._enter(place)
        page, token = self._page([one.data for one in members], request, 100, 1000, "")
        name = path.rpartition("/")[2]
        kind = f"storage#{name}" if name == "managedFolders" else f"sql#{name}List"
        return {"kind": kind, "items": page, **token}

    def list_entries(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Cloud Logging's entries of some resources, the newest first."""
        self._expire()
        (said,) = request["resourceNames"]
        scope = str(said).removeprefix("projects/")
        if scope in self.faults.denied:
            raise _denied(str(said), "logging.logEntries.list", self.faults.denied[scope])
        if self.faults.throttles(scope):
            words = "Quota exceeded for quota metric 'Read requests' of service 'logging.googleapis.com'."
            raise Refusal("RESOURCE_EXHAUSTED", words)
        asked = _FILTER.fullmatch(str(request.get("filter", "")))
        if asked is None or request.get("orderBy") != "timestamp desc":
            raise Refusal("INVALID_ARGUMENT", "the loopback server knows no such filter or order")
        names = {one.strip('"') for one in asked["names"].split(" OR ")}
        found = [
            one
            for one in self.entries
            if one["protoPayload"]["resourceName"] in names and one["timestamp"] >= asked["since"]
        ]
        found.sort(key=lambda one: str(one["timestamp"]), reverse=True)
        page, token = self._page(found, request, 50, 1000, "")
        return {"entries": page, **token}

    def _children(self, what: str, request: Mapping[str, Any]) -> dict[str, Any]:
        parent = str(request.get("parent", ""))
        if parent not in self.store.places or self._is_hidden(parent):
            raise _denied(parent, f"resourcemanager.{what}.list")
        self._expire()
        found = [
            body
            for name, body in sorted(self.store.places.items())
            if name.startswith(f"{what}/") and body.get("parent") == parent
            if request.get("showDeleted") or body["state"] == "ACTIVE"
        ]
        page, token = self._page(found, request, 100, 1000, parent)
        return {what: page, **token}

    def _enter(self, said: str) -> str:
        """The place that Cloud Asset is asked about, unless something goes wrong there."""
        self._expire()
        place = self.store.place(said)
        if place is None:
            raise _denied(said, "cloudasset.assets.listResource")
        scope = self._scope(place)
        time.sleep(self.faults.slow.get(scope, 0))
        if (reason := self.faults.denied.get(scope)) is not None:
            raise _denied(said, "cloudasset.assets.listResource", reason)
        if scope in self.faults.broken:
            raise Refusal("INTERNAL", "Internal error encountered.")
        if self.faults.throttles(scope):
            retry = {
                "@type": "type.googleapis.com/google.rpc.RetryInfo",
                "retryDelay": f"{self.faults.retry_after}s",
            }
            info = _info("RATE_LIMIT_EXCEEDED", {"service": _ASSET_API, "quota_limit_value": "100"})
            words = (
                "Quota exceeded for quota metric 'ListAssets Requests' and limit 'ListAssets Requests per "
                "minute'"
            )
            raise Refusal("RESOURCE_EXHAUSTED", f"{words} of service '{_ASSET_API}'.", info, retry)
        return place

    def _expire(self) -> None:
        if self.faults.expired():
            words = "Request had invalid authentication credentials. Expected OAuth 2 access token."
            raise Refusal("UNAUTHENTICATED", words, _info("ACCESS_TOKEN_EXPIRED", {"service": _ASSET_API}))

    def _scope(self, place: str) -> str:
        return str(self.store.places[place].get("projectId") or place)

    def _is_hidden(self, place: str) -> bool:
        return self._scope(place) in self.faults.hidden

    def _types(self, wanted: list[str]) -> Callable[[str], bool]:
        for one in wanted:
            if not any(re.fullmatch(one, type_) for type_ in self.store.types):
                raise Refusal("INVALID_ARGUMENT", f"Request contains an invalid argument: asset type {one}")
        return lambda type_: not wanted or any(re.fullmatch(one, type_) for one in wanted)

    def _page(
        self, found: list[Any], request: Mapping[str, Any], usual: int, most: int, place: str
    ) -> tuple[list[Any], dict[str, str]]:
        """(a page, ``{"nextPageToken": …}`` where there is another one). A token is good for the same request
        only."""
        same = {key: value for key, value in sorted(request.items()) if key not in ("pageToken", "pageSize")}
        start = 0
        if token := request.get("pageToken"):
            try:
                told = orjson.loads(base64.urlsafe_b64decode(token))
            except ValueError as error:
                raise Refusal("INVALID_ARGUMENT", "The page token is invalid.") from error
            if told["of"] != same:
                raise Refusal("INVALID_ARGUMENT", "The page token is of another request.")
            start = told["start"]
        size = min(int(request.get("pageSize", 0)) or usual, most)
        if place and start // size >= self.faults.cut.get(self._scope(place), start + 1):
            raise Refusal("UNAVAILABLE", "The service is currently unavailable.")
        end = start + size
        if end >= len(found):
            return found[start:end], {}
        text = base64.urlsafe_b64encode(orjson.dumps({"start": end, "of": same})).decode()
        return found[start:end], {"nextPageToken": text}

    def _asset(self, asset: Asset, content: str) -> dict[str, Any]:
        told: dict[str, Any] = {
            "name": asset.name,
            "assetType": asset.type,
            "updateTime": TIME,
            "ancestors": self.store.ancestors(asset.place),
        }
        if content == "RESOURCE":
            resource: dict[str, Any] = {
                "version": "v1",
                "discoveryName": asset.type.partition("/")[2],
                "parent": f"//cloudresourcemanager.googleapis.com/{asset.place}",
            }
            if asset.data is not None:
                resource["data"] = asset.data
            told["resource"] = resource
        elif content == "IAM_POLICY":
            told["iamPolicy"] = asset.policy
        return told

    def _result(self, asset: Asset) -> dict[str, Any]:
        above = self.store.ancestors(asset.place)
        told: dict[str, Any] = {"name": asset.name, "assetType": asset.type}
        told["folders"] = [one for one in above if one.startswith("folders/")]
        for word, top in (("project", "projects/"), ("organization", "organizations/")):
            if found := [one for one in above if one.startswith(top)]:
                told[word] = found[0]
        return told


def _denied(said: str, permission: str, reason: str = "IAM_PERMISSION_DENIED") -> Refusal:
    told = {"service": _ASSET_API, "consumer": said}
    if reason == "SERVICE_DISABLED":
        words = (
            f"Cloud Asset API has not been used in project {said.removeprefix('projects/')} before or it is "
            "disabled."
        )
    else:
        words = f"Permission '{permission}' denied on resource '//cloudresourcemanager.googleapis.com/{said}'"
        words += " (or it may not exist)."
        told = {"permission": permission, "resource": said}
    return Refusal("PERMISSION_DENIED", words, _info(reason, told))


def _info(reason: str, told: Mapping[str, str]) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": dict(told),
    }
