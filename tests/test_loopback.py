"""The server of the stand-ins: every method reaches what answers, and faults are counted over all threads."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from drift.loopback import Answer, Counts, Request, Server, json


def told(request: Request) -> Answer:
    if request.path == "/refused":
        return json(429, {"wait": True}, {"Retry-After": "7"})
    said = {"method": request.method, "path": request.path, "query": request.query}
    return json(200, {**said, "body": request.body.decode(), "token": request.headers["X-Token"]})


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_every_method_reaches_what_answers(method: str) -> None:
    server = Server(told)
    try:
        body = None if method == "GET" else b"{}"
        asked = urllib.request.Request(f"{server.url}/a/b?c=d%2Fe", body, {"x-token": "t"}, method=method)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            assert orjson.loads(answer.read()) == {
                "method": method,
                "path": "/a/b",
                "query": "c=d%2Fe",
                "body": (body or b"").decode(),
                "token": "t",
            }
    finally:
        server.close()


def test_a_refusal_has_its_status_and_headers() -> None:
    server = Server(told)
    try:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{server.url}/refused", timeout=60)
        assert (refused.value.code, refused.value.headers["Retry-After"]) == (429, "7")
        assert orjson.loads(refused.value.read()) == {"wait": True}
    finally:
        server.close()


def test_a_client_that_hangs_up_early_is_no_fault(capfd: pytest.CaptureFixture[str]) -> None:
    asked, gone, done = threading.Event(), threading.Event(), threading.Event()

    def slow(request: Request) -> Answer:
        asked.set()
        assert gone.wait(60)
        done.set()
        return Answer(200, b"x" * 10_000_000)

    server = Server(slow)
    try:
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
        with socket.create_connection(address) as client:
            client.sendall(chunked)
        with socket.create_connection(address) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert asked.wait(60)
        gone.set()
        assert done.wait(60)
        assert urllib.request.urlopen(server.url, timeout=60).status == 200  # goes on
    finally:
        server.close()
    assert capfd.readouterr().err == ""


def test_faults_are_counted_over_all_threads() -> None:
    counts = Counts()
    with ThreadPoolExecutor(8) as pool:
        struck = list(pool.map(lambda _: counts.strikes("throttled", 5), range(200)))
    assert struck.count(True) == 5
    assert not counts.strikes("other", 0)
