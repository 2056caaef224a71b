"""A service that misbehaves: a proxy before a loopback one that answers chosen calls as a bad day would. AWS
is told by operation, any other by method and path."""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import socket
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from tests.conftest import serving

#: Longer than any client of the tests is patient.
HANG_SECONDS = 60
#: What errors repeat, and nobody may.
PLANTED = "hunter2hunter2Zx9"
#: What each API but AWS' says when it refuses, in its own form; others take what they know of the last.
_FORMS: Mapping[str, Callable[[int, str, str], object]] = {
    "azure": lambda _, code, said: {"error": {"code": code, "message": said}},
    "gcp": lambda status, code, said: {"error": {"code": status, "status": code, "message": said}},
    "kubernetes": lambda status, code, said: {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": status,
        "reason": code,
        "message": said,
    },
    "plain": lambda _, code, said: {"errors": [said], "message": said, "error": code},
}
_CODES: Mapping[str, Mapping[str, str]] = {
    "azure": {
        "denied": "AuthorizationFailed",
        "throttled": "TooManyRequests",
        "broken": "InternalServerError",
        "expired": "ExpiredAuthenticationToken",
    },
    "gcp": {
        "denied": "PERMISSION_DENIED",
        "throttled": "RESOURCE_EXHAUSTED",
        "broken": "INTERNAL",
        "expired": "UNAUTHENTICATED",
    },
    "kubernetes": {
        "denied": "Forbidden",
        "throttled": "TooManyRequests",
        "broken": "InternalError",
        "expired": "Unauthorized",
    },
}
_STATUS = {"denied": 403, "throttled": 429, "broken": 500, "expired": 401}
#: A token of a page that is always the same (of the first one), under all names that there are.
_TOKEN = "eyJzdGFydCI6IDB9"
_TOKENS = ("NextToken", "nextToken", "NextMarker", "Marker", "nextPageToken", "next", "$skipToken")
#: Services that answer in JSON, and are not asked by ``X-Amz-Target``.
REST_JSON = frozenset({"lambda"})


@dataclass(frozen=True, slots=True)
class Call:
    """One request: ``operation`` is the service's own name of it where the protocol tells, else method and
    path."""

    service: str
    operation: str
    path: str
    body: bytes
    access_key: str
    json: bool
    method: str = ""


#: Status, body and headers.
Answer = tuple[int, bytes, dict[str, str]]


@dataclass(slots=True)
class Weather:
    """``fault(call)`` names what happens to a call: see :func:`_answer`, or is what is answered; None lets it
    through. ``calls`` are all so far."""

    fault: Callable[[Call], str | Answer | None] = lambda _: None
    calls: list[Call] = field(default_factory=list)
    #: Where a dict: what was answered, to answer it again to the same request (nothing changes any more).
    kept: dict[Call, Answer] | None = None
    #: Ends what hangs.
    over: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def faulty(upstream: str, form: str = "aws") -> Iterator[tuple[str, Weather]]:
    """The URL of a proxy before ``upstream``, and its weather; ``form`` is that of its errors (``azure``,
    ``gcp``, ``kubernetes``, ``plain``)."""
    weather = Weather()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            with contextlib.suppress(ConnectionError):  # whoever asked has given up
                self._answered()

        def _answered(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            call = call_of(self.command, self.path, self.headers, body)
            weather.calls.append(call)
            fault = weather.fault(call)
            if fault is None:
                found = weather.kept.get(call) if weather.kept is not None else None
                found = found or self._forward(body)
                if weather.kept is not None and found[0] < 500:  # else asked once more, as by any client
                    weather.kept[call] = found
                self._reply(*found)
            elif not isinstance(fault, str):
                self._reply(*fault)
            else:
                self._fail(fault, call)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = _do  # noqa: N815

        def _forward(self, body: bytes) -> Answer:
            headers = {
                name: value for name, value in self.headers.items() if name.lower() != "content-length"
            }
            request = urllib.request.Request(  # noqa: S310 - loopback
                upstream + self.path, data=body or None, headers=headers, method=self.command
            )
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                    return answer.status, self._ours(answer.read()), dict(answer.headers)
            except urllib.error.HTTPError as error:
                return error.code, error.read(), dict(error.headers)

        def _ours(self, body: bytes) -> bytes:
            """An answer whose links lead here again."""
            return body.replace(upstream.encode(), url.encode())

        def _fail(self, fault: str, call: Call) -> None:
            if fault == "hang":
                weather.over.wait(HANG_SECONDS)
                self.close_connection = True
            elif fault == "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()
            elif fault == "cut":
                status, body, headers = self._forward(call.body)
                self._reply(status, body or b"{}", headers, cut=True)
            elif fault == "endless":
                status, body, headers = self._forward(call.body)
                self._reply(status, _endless(body, url), headers)
            elif form == "aws":
                self._reply(*_answer(fault, call))
            else:
                self._reply(*_formed(form, fault, self.headers.get("Authorization", "")))

        def _reply(
            self, status: int, body: bytes, headers: dict[str, str] | None = None, *, cut: bool = False
        ) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                if name.lower() not in (
                    "content-length",
                    "connection",
                    "transfer-encoding",
                    "date",
                    "server",
                ):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[: len(body) // 2] if cut else body)
            if cut:
                self.wfile.flush()
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as url:
        try:
            yield url, weather
        finally:
            weather.over.set()


def call_of(method: str, path: str, headers: object, body: bytes) -> Call:
    get = headers.get  # type: ignore[attr-defined]
    found = re.search(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/", get("Authorization", ""))
    key, service = (found[1], found[2]) if found else ("", "")
    target = get("X-Amz-Target", "")
    action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    as_json = bool(target) or service in REST_JSON
    return Call(
        service, target.rsplit(".", 1)[-1] or action or f"{method} {path}", path, body, key, as_json, method
    )


def _answer(fault: str, call: Call) -> tuple[int, bytes]:
    """Of AWS: status and body of ``denied``, ``throttled``, ``broken``, ``expired``, ``garbage``,
    ``truncated``, ``empty``, ``foreign`` or ``html``."""
    json = call.json
    match fault:
        case "denied":
            code = {"ec2": "UnauthorizedOperation", "s3": "AccessDenied"}.get(call.service, "AccessDenied")
            said = f"not authorized: password={PLANTED}"
            return 403, _error(call.service, code + ("Exception" if json else ""), said, json)
        case "throttled":
            return 400, _error(
                call.service, "ThrottlingException" if json else "Throttling", "Rate exceeded", json
            )
        case "broken":
            said = f"try again: password={PLANTED}"
            return 500, _error(call.service, "InternalFailure", said, json)
        case "expired":
            return 403, _error(
                call.service, "ExpiredTokenException" if json else "ExpiredToken", "expired", json
            )
        case "garbage":
            return 200, b"\xff\xfe\x00 this is no answer \x80"
        case "truncated":
            return (
                200,
                b'{"QueueUrls": ["http://' if json else b'<?xml version="1.0"?><R><Buckets><Bucket><Na',
            )
        case "empty":
            return 200, b""
        case "foreign":
            return 200, b"{}" if json else b"<a/>"
        case "html":
            return 200, b"<!DOCTYPE html><html><body><p>Please sign in</p></body></html>"
    raise ValueError(fault)


def _formed(form: str, fault: str, login: str) -> tuple[int, bytes, dict[str, str]]:
    """The same of other APIs; errors repeat the request's own login."""
    kind = {"Content-Type": "application/json"}
    if fault in _STATUS:
        status = _STATUS[fault]
        code = _CODES.get(form, {}).get(fault, fault)
        said = f"no: password={PLANTED}; Authorization: {login}"
        return status, json.dumps(_FORMS[form](status, code, said)).encode(), {**kind, "Retry-After": "0"}
    body = {
        "garbage": b"\xff\xfe\x00 this is no answer \x80",
        "empty": b"",
        "foreign": b"{}",
        "html": b"<!DOCTYPE html><html><body><p>Please sign in</p></body></html>",
    }[fault]
    return 200, body, {"Content-Type": "text/html"} if fault == "html" else kind


def _endless(body: bytes, url: str) -> bytes:
    """An answer that has a next page, which is itself, in whatever way the API tells it."""
    try:
        told = json.loads(body)
    except ValueError:
        tokens = "".join(f"<{name}>{_TOKEN}</{name}>" for name in ("NextToken", "Marker", "NextMarker"))
        more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{_TOKEN}</NextContinuationToken>"
        text = body.decode("utf-8", "replace").replace("<IsTruncated>false</IsTruncated>", "")
        return re.sub(r"(</\w+Result>)", f"{tokens}{more}\\1", text, count=1).encode()
    if not isinstance(told, dict):
        return body
    told |= dict.fromkeys(_TOKENS, _TOKEN)
    told["nextLink"] = f"{url}/{_TOKEN}"
    if isinstance(told.get("metadata"), dict):
        told["metadata"]["continue"] = _TOKEN
    return json.dumps(told).encode()


def _error(service: str, code: str, message: str, json: bool) -> bytes:
    if json:
        return f'{{"__type": "com.amazonaws#{code}", "message": "{message}"}}'.encode()
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    if service == "ec2":
        return (
            f"<Response><Errors><Error>{error}</Error></Errors><RequestID>1</RequestID></Response>".encode()
        )
    if service == "s3":
        return f"<Error>{error}</Error>".encode()
    return f"<ErrorResponse><Error>{error}</Error><RequestId>1</RequestId></ErrorResponse>".encode()
