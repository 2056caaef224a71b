"""An HTTP server on loopback, through which a provider's stand-in of its cloud answers tests and
`drift demo`."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import orjson

#: The environment in which clients reach loopback, whatever proxy is set.
NO_PROXY = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
#: The longest line of a body's framing.
_LINE = 4096


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: ``path`` and ``query`` as they were sent, ``headers`` by name in any case."""

    method: str
    path: str
    query: str
    headers: Message
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer in JSON."""
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, orjson.dumps(body), {**kind, **(headers or {})})


class Server:
    """Runs on a free port of 127.0.0.1; ``answer`` is called on a thread of each connection, and may be
    replaced.

    ``url`` is its address.
    """

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.answer = answer
        self._http = _Http(lambda request: self.answer(request))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)


class Counts:
    """How often things have happened, counted by all threads together."""

    def __init__(self) -> None:
        self._counts: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    def add(self, what: Hashable) -> int:
        """How often it has happened, with this time."""
        with self._lock:
            self._counts[what] = self._counts.get(what, 0) + 1
            return self._counts[what]

    def strikes(self, what: Hashable, times: int) -> bool:
        """Whether a fault that happens so many times happens once more, counting this time."""
        return self.add(what) <= times


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.answer = answer
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What went wrong is told, but not that a client hung up before it had its answer."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a stand-in keeps what it was asked."""

    def do_GET(self) -> None:  # noqa: N802 - the standard library's name
        parts = urlsplit(self.path)
        body = self._body()
        answer = self.server.answer(Request(self.command, parts.path, parts.query, self.headers, body))
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = bytearray()
        while size := int(self._line().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self._line()
        self._line()
        return bytes(body)

    def _line(self) -> bytes:
        if line := self.rfile.readline(_LINE):
            return line
        raise ConnectionAbortedError

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the standard library's names
