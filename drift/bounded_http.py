"""HTTP answers that come to an end, for every client that stands on urllib3: an answer that drips or does not
stop is cut, by time and by size, packed and unpacked."""

from __future__ import annotations

import functools
import http.client
import io
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from drift.deadline import Cut, Deadline
from drift.limits import Limits

_CHUNK = 65536
#: Headers that speak of how a body came, and no longer hold once it is unpacked.
_OF_TRANSPORT = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class TooLarge(Cut):
    """An answer has more bytes than are taken of one."""


class _Stream(io.RawIOBase):
    """What comes in on a socket, until the time of one answer is over."""

    def __init__(self, raw: io.RawIOBase, sock: Any, limits: Limits, deadline: Deadline) -> None:
        self._raw, self._socket, self._limits, self._deadline = raw, sock, limits, deadline
        self._until = time.monotonic() + limits.answer_seconds
        self._patience = sock.gettimeout()
        self._bytes = 0

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Cut(f"the answer was not whole after {self._limits.answer_seconds:g} seconds")
        if self._bytes > self._limits.answer_bytes:
            raise _too_much(self._limits)
        left = self._deadline.within(left)
        patience = left if self._patience is None else min(self._patience, left)
        self._socket.settimeout(max(patience, 0.001))
        try:
            got = self._raw.readinto(buffer)
        except TimeoutError:
            if patience != self._patience:  # else the service was silent for as long as one may be
                self._deadline.check()
                raise Cut(f"the answer was not whole after {self._limits.answer_seconds:g} seconds") from None
            raise
        self._bytes += got or 0
        return got

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer whose every byte, from its status line on, is read through a :class:`_Stream`."""

    def __init__(self, sock: Any, *arguments: Any, limits: Limits, deadline: Deadline, **more: Any) -> None:
        super().__init__(sock, *arguments, **more)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_Stream(raw, sock, limits, deadline), _CHUNK)


def pools(limits: Limits, deadline: Deadline, bases: dict[str, type] | None = None) -> dict[str, type]:
    """The classes of connection pools by scheme, for a urllib3 PoolManager's ``pool_classes_by_scheme``, over
    those that it has (``bases``), else urllib3's own."""
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    return {
        scheme: _pool(base, limits, deadline)
        for scheme, base in (bases or {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}).items()
    }


def _pool(base: Any, limits: Limits, deadline: Deadline) -> type:
    answer = functools.partial(_Answer, limits=limits, deadline=deadline)
    connection = type(
        f"Bounded{base.ConnectionCls.__name__}", (base.ConnectionCls,), {"response_class": answer}
    )
    return type(f"Bounded{base.__name__}", (base,), {"ConnectionCls": connection})


def body(response: Any, limits: Limits) -> bytes:
    """The body of a urllib3 response (``preload_content=False``), unpacked. Raises Cut where it is too much;
    then its connection is closed."""
    found = bytearray()
    try:
        for chunk in _chunks(response):
            found += chunk
            if len(found) > limits.answer_bytes:
                raise _too_much(limits)
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return bytes(found)


def _chunks(response: Any) -> Iterator[bytes]:
    """Small pieces of what it unpacks to, so that nothing large is unpacked at once."""
    yield from response.stream(_CHUNK, decode_content=True)


def session(limits: Limits, deadline: Deadline, make: Any = None) -> Any:
    """A session of requests (or what ``make`` makes: a subclass) all of whose answers are bounded."""
    import requests

    made = (make or requests.Session)()
    mount(made, limits, deadline)
    return made


def mount(session: Any, limits: Limits, deadline: Deadline) -> None:
    """Bounds the answers of a session of requests that is there already."""
    adapter = _adapter()(limits, deadline)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)


def awaited(session: Any) -> str:
    """The host that a bounded session waits for; empty where it waits for none."""
    hosts = session.get_adapter("https://").hosts
    return str(hosts[-1]) if hosts else ""


@functools.cache
def _adapter() -> Any:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPHeaderDict, HTTPResponse

    class Bounded(HTTPAdapter):
        """The adapter of bounded sessions: it reads each answer whole, or not at all."""

        def __init__(self, limits: Limits, deadline: Deadline) -> None:
            self._limits, self._deadline = limits, deadline
            #: Those that were asked and have not answered.
            self.hosts: list[str] = []
            super().__init__(pool_connections=64, pool_maxsize=64)

        def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
            super().init_poolmanager(*arguments, **more)
            self._bound(self.poolmanager)

        def proxy_manager_for(self, proxy: Any, **more: Any) -> Any:
            manager = super().proxy_manager_for(proxy, **more)
            self._bound(manager)
            return manager

        def _bound(self, manager: Any) -> None:
            manager.pool_classes_by_scheme = pools(self._limits, self._deadline)

        def send(self, request: Any, *arguments: Any, **more: Any) -> Any:
            self._deadline.call()
            host = urlsplit(request.url).netloc.rpartition("@")[2]
            self.hosts.append(host)
            try:
                return super().send(request, *arguments, **more)
            finally:
                self.hosts.remove(host)

        def build_response(self, req: Any, resp: Any) -> Any:
            try:
                found = body(resp, self._limits)
            except urllib3.exceptions.ReadTimeoutError as error:  # in requests' own words
                raise requests.exceptions.ConnectionError(error, request=req) from error
            except urllib3.exceptions.DecodeError as error:
                raise requests.exceptions.ContentDecodingError(error, request=req) from error
            except urllib3.exceptions.HTTPError as error:
                raise requests.exceptions.ChunkedEncodingError(error, request=req) from error
            headers = HTTPHeaderDict()
            for name, value in resp.headers.iteritems():
                if name.lower() not in _OF_TRANSPORT:
                    headers.add(name, value)
            whole = HTTPResponse(
                body=io.BytesIO(found),
                headers=headers,
                status=resp.status,
                version=resp.version,
                reason=resp.reason,
                preload_content=False,
                request_method=req.method,
            )
            return super().build_response(req, whole)

    return Bounded


def _too_much(limits: Limits) -> TooLarge:
    return TooLarge(f"the answer has more than {limits.answer_bytes:,} bytes")
