"""The loopback Azure's HTTP server."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from providers.azure.loopback.faults import Faults
from providers.azure.loopback.gate import Refusal
from providers.azure.loopback.service import Service
from providers.azure.loopback.store import Store

_GRAPH = "/providers/microsoft.resourcegraph/resources"


class Loopback:
    """A running Azure. ``calls`` are (method, path, query) of all that was asked."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store, self.faults = store, faults
        self.service = Service(store, faults)
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests read ``calls``."""

    def do_GET(self) -> None:  # noqa: N802 - the standard library's name
        self._answer(None)

    def do_POST(self) -> None:  # noqa: N802
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def do_PUT(self) -> None:  # noqa: N802
        self._changing()

    do_PATCH = do_DELETE = do_PUT  # noqa: N815

    def _changing(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.loopback.calls.append((self.command, self.path, {}))
        self._send(405, {"error": {"code": "MethodNotAllowed", "message": "This Azure is only read."}}, {})

    def _answer(self, body: bytes | None) -> None:
        loopback = self.server.loopback
        parts = urlsplit(self.path)
        query = {name.replace("$skipToken", "$skiptoken"): value for name, value in parse_qsl(parts.query)}
        loopback.calls.append((self.command, parts.path, query))
        headers: Mapping[str, str] = {}
        try:
            if body is None:
                told = loopback.service.get(parts.path, query, f"http://{self.headers['Host']}")
            elif parts.path.lower() == _GRAPH:
                told, headers = loopback.service.graph(orjson.loads(body), query)
            elif parts.path.endswith("/list"):
                told = loopback.service.list_action(parts.path, query)
            else:
                raise Refusal(405, "MethodNotAllowed", "This Azure is only read.")
        except Refusal as refusal:
            error = {"code": refusal.code, "message": refusal.message}
            self._send(refusal.status, {"error": error}, refusal.headers)
            return
        self._send(200, told, headers)

    def _send(self, status: int, body: Any, headers: Mapping[str, str]) -> None:
        text = orjson.dumps(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)
