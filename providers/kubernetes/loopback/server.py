"""The loopback API server's HTTP: discovery, lists in pages, OpenAPI v3, and what goes wrong."""

from __future__ import annotations

import base64
import gzip
import time
from collections.abc import Mapping
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
import yaml

from drift.loopback import Answer, Request, Server, json
from providers.kubernetes.loopback import documents
from providers.kubernetes.loopback.faults import Faults
from providers.kubernetes.loopback.kinds import Kind
from providers.kubernetes.loopback.store import Store

GZIP_FROM = 128 * 1024
VERSION = {"major": "1", "minor": "34", "gitVersion": "v1.34.1", "platform": "linux/amd64"}


class Loopback:
    """A running cluster. ``requests`` are the (method, path) pairs that were asked."""

    def __init__(self, store: Store, faults: Faults, name: str, kubeconfig: Path) -> None:
        self.store, self.faults, self.name, self.kubeconfig = store, faults, name, kubeconfig
        self.requests: list[tuple[str, str]] = []
        self.http = Server(self.answer)
        self.url, self.close = self.http.url, self.http.close
        kubeconfig.write_text(yaml.safe_dump(self.configuration()), encoding="utf-8")

    def configuration(self) -> dict[str, Any]:
        """A kubeconfig of one context."""
        user = {"token": self.faults.token} if self.faults.token else {}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": self.name,
            "clusters": [{"name": self.name, "cluster": {"server": self.url}}],
            "users": [{"name": self.name, "user": user}],
            "contexts": [{"name": self.name, "context": {"cluster": self.name, "user": self.name}}],
        }

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        asked = request.path + (f"?{request.query}" if request.query else "")
        self.requests.append((request.method, asked))
        time.sleep(self.faults.delay)
        try:
            if self.faults.token and request.headers.get("Authorization") != f"Bearer {self.faults.token}":
                raise _Refusal(401, "Unauthorized", "Unauthorized")
            if request.method == "POST" and (review := _reviewed(request, self)) is not None:
                return json(201, review)
            if request.method != "GET":
                raise _Refusal(405, "MethodNotAllowed", "this cluster is only read")
            body, kind = self._read(request.path.rstrip("/"), parse_qs(request.query), request.headers)
        except _Refusal as refusal:
            status = {
                "kind": "Status",
                "apiVersion": "v1",
                "status": "Failure",
                "message": refusal.message,
                "reason": refusal.reason,
                "code": refusal.code,
            }
            return json(refusal.code, status, refusal.headers)
        headers = {"Content-Type": kind}
        if len(body) >= GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 4), "gzip"
        return Answer(200, body, headers)

    def _read(self, path: str, query: Mapping[str, list[str]], headers: Message) -> tuple[bytes, str]:
        store, faults = self.store, self.faults
        if path == "/version":
            return orjson.dumps(VERSION), "application/json"
        if path.startswith("/openapi/v3"):
            if not faults.openapi:
                raise _Refusal(404, "NotFound", "the server could not find the requested resource")
            return orjson.dumps(documents.openapi(path, store.kinds)), "application/json"
        found = documents.discovery(path, store.kinds, faults, headers.get("Accept", ""))
        if found is not None:
            return orjson.dumps(found[0]), found[1]
        return self._list(path, query)

    def _list(self, path: str, query: Mapping[str, list[str]]) -> tuple[bytes, str]:
        store, faults = self.store, self.faults
        kind, namespace = _kind_of(path, store.kinds)
        if kind is None:
            raise _Refusal(404, "NotFound", "the server could not find the requested resource")
        time.sleep(faults.slow.get(kind.key, 0))
        if kind.key in faults.denied:
            why = (
                f'{kind.plural} is forbidden: User "drift" cannot list resource "{kind.plural}" in API group '
                f'"{kind.group}"'
            )
            raise _Refusal(403, "Forbidden", why)
        if faults.strikes("throttled", kind.key):
            raise _Refusal(
                429, "TooManyRequests", "too many requests", {"Retry-After": str(faults.retry_after)}
            )
        broken = faults.broken.get(kind.key)
        if broken == "error":
            raise _Refusal(500, "InternalError", "etcdserver: leader changed")
        if broken == "html":
            return b"<html>a proxy is in the way</html>", "text/html"
        if query.get("continue") and faults.strikes("expired", kind.key):
            raise _Refusal(410, "Expired", "The provided continue parameter is too old")
        objects = store.listed(kind.key, namespace)
        if name := (query.get("fieldSelector") or [""])[0].removeprefix("metadata.name="):
            objects = [one for one in objects if one["metadata"]["name"] == name]
        body = _page(kind, objects, query)
        return (body[: len(body) // 2] if broken == "cut" else body), "application/json"


def _reviewed(request: Request, loopback: Loopback) -> dict[str, Any] | None:
    """What a review of oneself says; None for what is none."""
    asked = orjson.loads(request.body)
    if request.path.endswith("/selfsubjectreviews"):
        return {**asked, "status": {"userInfo": {"username": loopback.faults.user}}}
    if not request.path.endswith("/selfsubjectaccessreviews"):
        return None
    said = asked["spec"]["resourceAttributes"]
    denied = loopback.faults.denied
    keys = {
        one.key
        for one in loopback.store.kinds
        if (one.group, one.plural) == (said["group"], said["resource"])
    }
    allowed = said["verb"] == "list" and not (denied if said["resource"] == "*" else denied & keys)
    return {**asked, "status": {"allowed": allowed}}


class _Refusal(Exception):
    def __init__(
        self, code: int, reason: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.headers = code, reason, message, dict(headers or {})


def _kind_of(path: str, kinds: list[Kind]) -> tuple[Kind | None, str | None]:
    parts = path.strip("/").split("/")
    group, parts = ("", parts[1:]) if parts[0] == "api" else (parts[1] if len(parts) > 1 else "", parts[2:])
    namespace = None
    if len(parts) == 4 and parts[1] == "namespaces":
        namespace, parts = parts[2], [parts[0], parts[3]]
    found = [one for one in kinds if [one.version, one.plural] == parts and one.group == group]
    return (found[0] if found else None), namespace


def _page(kind: Kind, objects: list[dict[str, Any]], query: Mapping[str, list[str]]) -> bytes:
    limit = int((query.get("limit") or ["0"])[0])
    token = (query.get("continue") or [""])[0]
    start = int(orjson.loads(base64.urlsafe_b64decode(token))["start"]) if token else 0
    page = objects[start : start + limit] if limit else objects[start:]
    metadata: dict[str, Any] = {"resourceVersion": "1"}
    if start + len(page) < len(objects):
        metadata["continue"] = base64.urlsafe_b64encode(
            orjson.dumps({"v": "meta.k8s.io/v1", "start": start + len(page)})
        ).decode()
        metadata["remainingItemCount"] = len(objects) - start - len(page)
    head = orjson.dumps({"kind": f"{kind.kind}List", "apiVersion": kind.api, "metadata": metadata})
    items = b",".join(orjson.dumps(_told(kind, body)) for body in page)
    return head[:-1] + b',"items":[' + items + b"]}"


def _told(kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
    """Members of a list of Kubernetes' own kinds come without apiVersion and kind."""
    if kind.schema is not None:
        return {**body, "apiVersion": kind.api}
    return {name: value for name, value in body.items() if name not in ("apiVersion", "kind")}
