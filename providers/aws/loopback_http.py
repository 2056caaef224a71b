"""Serves a WSGI application over HTTP as AWS does: a connection stays open for the next request."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from cheroot.wsgi import Server, WSGIGateway_10

#: Requests that are answered at once; each waits for the delay that a test asks for.
AT_ONCE = 64
#: Connections that wait to be taken, and those that are kept open.
WAITING, OPEN = 128, 2048
#: How long a connection may be idle.
IDLE_SECONDS = 300
#: Where moto looks for the names of headers as they were sent.
_NAMES = "moto.preserved_header_names"


_WSGI: Any = WSGIGateway_10  # whose own types are not those of what it does


class _Gateway(_WSGI):  # type: ignore[misc]
    """What moto reads of a request beyond WSGI: the path as it was sent, a slash that was escaped as one in
    the path, and the underscores of S3's own headers."""

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        sent = self.req.uri.decode("latin-1")
        environ["RAW_URI"] = sent
        path = sent.partition("?")[0] if sent.startswith("/") else urlsplit(sent).path
        environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
        named = (name.decode("latin-1").lower() for name in self.req.inheaders)
        environ[_NAMES] = {f"HTTP_{name.upper().replace('-', '_')}": name for name in named if "_" in name}
        return environ


def listening(application: Any) -> tuple[Server, int]:
    """A server of ``application`` that listens, and its port, which the system chooses; its ``serve()``
    answers."""
    server = Server(("127.0.0.1", 0), application, AT_ONCE, request_queue_size=WAITING, timeout=IDLE_SECONDS)
    server.gateway = _Gateway
    server.keep_alive_conn_limit = OPEN
    server.prepare()
    return server, server.bind_addr[1]
