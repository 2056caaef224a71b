"""An AWS that misbehaves: a proxy before a loopback one that answers chosen operations as a bad day would."""

from __future__ import annotations

import contextlib
import http.server
import re
import socket
import struct
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from tests.conftest import serving

#: Longer than any client of the tests is patient.
HANG_SECONDS = 60
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


@contextlib.contextmanager
def faulty(upstream: str) -> Iterator[tuple[str, Weather]]:
    """The URL of a proxy before ``upstream``, and its weather."""
    weather = Weather()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            call = _call(self.command, self.path, self.headers, body)
            weather.calls.append(call)
            fault = weather.fault(call)
            if fault is None:
                found = weather.kept.get(call) if weather.kept is not None else None
                found = found or self._forward(body)
                if weather.kept is not None:
                    weather.kept[call] = found
                self._reply(*found)
            elif not isinstance(fault, str):
                self._reply(*fault)
            else:
                self._fail(fault, call)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _do  # noqa: N815

        def _forward(self, body: bytes) -> Answer:
            headers = {
                name: value for name, value in self.headers.items() if name.lower() != "content-length"
            }
            request = urllib.request.Request(  # noqa: S310 - loopback
                upstream + self.path, data=body or None, headers=headers, method=self.command
            )
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                    return answer.status, answer.read(), dict(answer.headers)
            except urllib.error.HTTPError as error:
                return error.code, error.read(), dict(error.headers)

        def _fail(self, fault: str, call: Call) -> None:
            if fault == "hang":
                time.sleep(HANG_SECONDS)
                self.close_connection = True
            elif fault == "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()
            else:
                self._reply(*_answer(fault, call))

        def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
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
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as url:
        yield url, weather


def _call(method: str, path: str, headers: object, body: bytes) -> Call:
    get = headers.get  # type: ignore[attr-defined]
    found = re.search(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/", get("Authorization", ""))
    key, service = (found[1], found[2]) if found else ("", "")
    target = get("X-Amz-Target", "")
    action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    json = bool(target) or service in REST_JSON
    return Call(service, target.rsplit(".", 1)[-1] or action or f"{method} {path}", path, body, key, json)


def _answer(fault: str, call: Call) -> tuple[int, bytes]:
    """Status and body of ``denied``, ``throttled``, ``broken``, ``expired``, ``garbage``, ``truncated``,
    ``empty``, ``foreign`` or ``html``."""
    json = call.json
    match fault:
        case "denied":
            code = {"ec2": "UnauthorizedOperation", "s3": "AccessDenied"}.get(call.service, "AccessDenied")
            return 403, _error(call.service, code + ("Exception" if json else ""), "not authorized", json)
        case "throttled":
            return 400, _error(
                call.service, "ThrottlingException" if json else "Throttling", "Rate exceeded", json
            )
        case "broken":
            return 500, _error(call.service, "InternalFailure", "try again", json)
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
