"""A service that wears a client out: it hangs, drips, never stops, or sends a little that unpacks to much. It
speaks raw bytes over loopback, so that nothing of it has to be right."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

#: What unpacks to 64 MiB out of 64 KiB.
BOMB = gzip.compress(bytes(64 * 1024 * 1024), 9)
#: Between two bytes of what drips (seconds).
DRIP_SECONDS = 0.05
_HEAD_END = b"\r\n\r\n"


@dataclass(slots=True)
class Service:
    """``requests`` are the heads (and what came with them) of all that was asked so far."""

    port: int
    over: threading.Event = field(default_factory=threading.Event)
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


#: The bytes to answer a request with, piece by piece; the connection closes when they end.
Answer = Callable[[Service, bytes], Iterator[bytes]]


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[Service]:
    """A service that answers so; it lets go of everybody when the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        service = Service(listening.getsockname()[1])
        accepting = threading.Thread(target=_accept, args=(listening, service, answer), daemon=True)
        accepting.start()
        try:
            yield service
        finally:
            service.over.set()
            # Else it could accept what comes to the next service, which is given the same number of a file.
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join(60)


def _accept(listening: socket.socket, service: Service, answer: Answer) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=_answer, args=(connection, service, answer), daemon=True).start()


def _answer(connection: socket.socket, service: Service, answer: Answer) -> None:
    with connection, contextlib.suppress(OSError):
        request = b""
        while _HEAD_END not in request and (more := connection.recv(65536)):
            request += more
        service.requests.append(request)
        for piece in answer(service, request):
            connection.sendall(piece)
            if service.over.is_set():
                return


def head(*headers: str, status: str = "200 OK") -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def whole(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer as it should be."""
    return head(f"Content-Length: {len(body)}", "Connection: close", *headers, status=status) + body


def hang(service: Service, _: bytes) -> Iterator[bytes]:
    """Takes the request and says nothing."""
    service.over.wait()
    yield b""


def headers(service: Service, _: bytes) -> Iterator[bytes]:
    """Headers that never end, a byte at a time."""
    yield b"HTTP/1.1 200 OK\r\nX-Slow: "
    while not service.over.wait(DRIP_SECONDS):
        yield b"a"


def drip(service: Service, _: bytes) -> Iterator[bytes]:
    """A body that comes, a byte at a time."""
    yield head("Content-Length: 1000000") + b'{"value": "'
    while not service.over.wait(DRIP_SECONDS):
        yield b"a"


def chunks(service: Service, _: bytes) -> Iterator[bytes]:
    """The same in chunks."""
    yield head("Transfer-Encoding: chunked")
    while not service.over.wait(DRIP_SECONDS):
        yield b"1\r\na\r\n"


def endless(service: Service, _: bytes) -> Iterator[bytes]:
    """A body that does not end, as fast as it is read."""
    yield head("Connection: close") + b'{"value": "'
    while not service.over.is_set():
        yield b"a" * 65536


def bomb(service: Service, _: bytes) -> Iterator[bytes]:
    """A little that unpacks to very much."""
    yield whole(BOMB, "Content-Encoding: gzip")


def throttled(service: Service, request: bytes) -> Iterator[bytes]:
    """Asks to come back tomorrow."""
    yield _tomorrow(request, "429 Slow", "Throttling")


def unavailable(service: Service, request: bytes) -> Iterator[bytes]:
    """Asks to come back tomorrow, in another way."""
    yield _tomorrow(request, "503 Unavailable", "ServiceUnavailable")


def _tomorrow(request: bytes, status: str, code: str) -> bytes:
    body = f'{{"error": {{"code": "{code}", "message": "slow down"}}}}'
    if b"Authorization: AWS4" in request:
        error = f"<Error><Code>{code}</Code><Message>slow down</Message></Error>"
        body = f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"
    return whole(body.encode(), "Retry-After: 86400", status=status)


def redirect(service: Service, request: bytes) -> Iterator[bytes]:
    """Sends on to itself."""
    path = request.split(b" ", 2)[1].decode()
    location = path if path.startswith("http") else f"{service.url}{path}"
    yield whole(b"", f"Location: {location}", status="302 Found")
