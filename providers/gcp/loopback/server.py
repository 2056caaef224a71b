"""The two front ends of the loopback Google Cloud: REST and gRPC, with the vendors' own messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import grpc
import orjson
from google.cloud import asset_v1 as asset
from google.cloud import resourcemanager_v3 as manager
from google.iam.v1 import iam_policy_pb2  # type: ignore[import-untyped]
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2  # noqa: F401 - details are found by their type's name
from grpc_status import rpc_status

from drift.loopback import Answer, Request, Server, json
from providers.gcp.loopback.faults import Faults
from providers.gcp.loopback.service import Refusal, Service
from providers.gcp.loopback.store import Store

#: gRPC code → HTTP status (google/rpc/code.proto).
_HTTP = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
}


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its name in gRPC, its path in REST with the request's field that it holds, and its
    messages."""

    name: str
    path: str
    request: Any
    answer: Any
    answers: str

    def pb(self, message: Any) -> Any:
        made = message()
        return message.pb(made) if hasattr(message, "pb") else made


_ASSETS, _PROJECTS, _FOLDERS = (
    "google.cloud.asset.v1.AssetService",
    "google.cloud.resourcemanager.v3.Projects",
    "google.cloud.resourcemanager.v3.Folders",
)
_PLACE = r"[a-z]+/[^/:]+"
METHODS = (
    Method(
        f"{_ASSETS}/ListAssets",
        rf"/v1/(?P<parent>{_PLACE})/assets",
        asset.ListAssetsRequest,
        asset.ListAssetsResponse,
        "list_assets",
    ),
    Method(
        f"{_ASSETS}/SearchAllResources",
        rf"/v1/(?P<scope>{_PLACE}):searchAllResources",
        asset.SearchAllResourcesRequest,
        asset.SearchAllResourcesResponse,
        "search_all_resources",
    ),
    Method(
        f"{_PROJECTS}/SearchProjects",
        r"/v3/projects:search",
        manager.SearchProjectsRequest,
        manager.SearchProjectsResponse,
        "search_projects",
    ),
    Method(
        f"{_PROJECTS}/ListProjects",
        r"/v3/projects",
        manager.ListProjectsRequest,
        manager.ListProjectsResponse,
        "list_projects",
    ),
    Method(
        f"{_PROJECTS}/GetProject",
        r"/v3/(?P<name>projects/[^/:]+)",
        manager.GetProjectRequest,
        manager.Project,
        "get_project",
    ),
    Method(
        f"{_FOLDERS}/ListFolders",
        r"/v3/folders",
        manager.ListFoldersRequest,
        manager.ListFoldersResponse,
        "list_folders",
    ),
    *(
        Method(
            f"google.cloud.resourcemanager.v3.{kind.capitalize()}/TestIamPermissions",
            rf"/v3/(?P<resource>{kind}/[^/:]+):testIamPermissions",
            iam_policy_pb2.TestIamPermissionsRequest,
            iam_policy_pb2.TestIamPermissionsResponse,
            "test_iam_permissions",
        )
        for kind in ("projects", "folders", "organizations")
    ),
)


class Loopback:
    """A running Google Cloud. ``calls`` are the names of the methods that were asked, with what each was
    asked."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store, self.faults = store, faults
        self.service = Service(store, faults)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.http = Server(self._rest)
        self.url = self.http.url
        self._grpc = grpc.server(ThreadPoolExecutor(32, thread_name_prefix="loopback-gcp"))
        self._grpc.add_generic_rpc_handlers((_Rpc(self),))
        self.grpc_url = f"grpc://127.0.0.1:{self._grpc.add_insecure_port('127.0.0.1:0')}"
        self._grpc.start()

    def answer(self, method: Method, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request as JSON. Raises Refusal."""
        told = dict(request)
        self.calls.append((method.name.rpartition("/")[2], told))
        ask: Callable[[Mapping[str, Any]], dict[str, Any]] = getattr(self.service, method.answers)
        return ask(told)

    def close(self) -> None:
        """Ends it."""
        self._grpc.stop(0)
        self.http.close()

    def _rest(self, request: Request) -> Answer:
        try:
            if (request.method, request.path) == ("POST", "/v2/entries:list"):
                asked = orjson.loads(request.body)
                self.calls.append(("ListLogEntries", asked))
                return json(200, self.service.list_entries(asked))
            if request.method == "POST" and request.path.endswith(":testIamPermissions"):
                return json(200, self._read(request.path, {}, orjson.loads(request.body)))
            if request.method != "GET":
                self.calls.append((request.method, {"path": request.path}))
                raise Refusal("UNIMPLEMENTED", "This Google Cloud is only read.")
            return json(200, self._read(request.path, parse_qs(request.query)))
        except Refusal as refusal:
            code = _HTTP[refusal.status]
            details = list(refusal.details)
            error = {"code": code, "message": refusal.message, "status": refusal.status, "details": details}
            return json(code, {"error": error})

    def _read(
        self, path: str, query: Mapping[str, list[str]], body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        for method in METHODS:
            found = re.fullmatch(method.path, path)
            if found is None:
                continue
            message = method.pb(method.request)
            lists = {one.json_name for one in message.DESCRIPTOR.fields if one.is_repeated}
            said: dict[str, Any] = {
                name: values if name in lists else _scalar(values[0])
                for name, values in query.items()
                if not name.startswith("$")
            }
            try:
                json_format.ParseDict({**(body or {}), **found.groupdict(), **said}, message)
            except json_format.ParseError as error:
                raise Refusal("INVALID_ARGUMENT", str(error)) from error
            return self.answer(method, json_format.MessageToDict(message))
        self.calls.append(("GET", {"path": path}))
        whole = path.strip("/")  # Cloud Storage's names have no collection before a bucket's
        start = "storage/v1/b/" if whole.startswith("storage/") else whole[: whole.find("/") + 1]
        inner = whole.removeprefix(start)
        return self.service.collection(inner, {name: values[0] for name, values in query.items()})


class _Rpc(grpc.GenericRpcHandler):
    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback

    def service(self, details: Any) -> Any:
        method = next((one for one in METHODS if f"/{one.name}" == details.method), None)
        if method is None:
            return None
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self._answer(method, request, context),
            request_deserializer=method.pb(method.request).FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )

    def _answer(self, method: Method, request: Any, context: Any) -> Any:
        try:
            told = self.loopback.answer(method, json_format.MessageToDict(request))
        except Refusal as refusal:
            status = {
                "code": getattr(grpc.StatusCode, refusal.status).value[0],
                "message": refusal.message,
                "details": list(refusal.details),
            }
            context.abort_with_status(
                rpc_status.to_status(json_format.ParseDict(status, status_pb2.Status()))
            )
        return json_format.ParseDict(told, method.pb(method.answer))


def _scalar(text: str) -> Any:
    """A query's text as JSON has it: words for booleans, numbers for enums sent as numbers."""
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)
