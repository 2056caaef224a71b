"""Starts a moto server on loopback: the AWS that the tests, the demo and the benchmark talk to over real
HTTP."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from drift.errors import DriftError
from drift.loopback import Answer, Request

#: moto's own account; another one is entered by assuming a role in it.
ACCOUNT = "123456789012"
#: Environment variable of the server: so many seconds each answer takes longer, as if it came from afar.
DELAY = "DRIFT_LOOPBACK_DELAY"
#: How long an answer of another loopback server may take.
PASSING_SECONDS = 30


def environment(endpoint: str, region: str = "us-east-1") -> dict[str, str]:
    """The variables that point the SDK, the AWS CLI and Terraform to a loopback AWS with throw-away
    credentials."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIALOOPBACKLOOPBACK",
        "AWS_SECRET_ACCESS_KEY": "loopback",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@contextlib.contextmanager
def moto(log: Path | None = None, extra: Mapping[str, str] | None = None) -> Iterator[str]:
    """A fresh, empty AWS; gives its URL and ends it. Raises DriftError when moto is not installed or does not
    start."""
    with contextlib.ExitStack() as stack:
        output: IO[bytes] | int = stack.enter_context(log.open("wb")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            [sys.executable, "-m", "providers.aws.loopback_server"],
            stdout=subprocess.PIPE,
            stderr=output,
            env={**server_environment(), **(extra or {})},
        )
        stack.callback(_end, process)
        yield f"http://127.0.0.1:{_told_port(process)}"


def server_environment() -> dict[str, str]:
    """The environment of the server: without the user's AWS settings and proxies, which are not meant for it;
    with what AWS itself gives everybody."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and not name.lower().endswith("_proxy")
    }
    return {**own, "MOTO_EC2_LOAD_DEFAULT_AMIS": "true", "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}


def passed_on(beyond: str, request: Request) -> Answer:
    """The answer of another loopback server at ``beyond`` to the same request."""
    headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
    query = f"?{request.query}" if request.query else ""
    url = f"{beyond}{request.path}{query}"
    asked = urllib.request.Request(url, request.body or None, headers, method=request.method)  # noqa: S310
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(asked, timeout=PASSING_SECONDS) as answer:
            return Answer(answer.status, answer.read(), _kept(answer.headers.items()))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read(), _kept(error.headers.items()))


def _kept(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers of an answer that are not of the connection."""
    own = {"content-length", "connection", "transfer-encoding", "date", "server"}
    return {name: value for name, value in headers if name.lower() not in own}


def _told_port(process: subprocess.Popen[bytes]) -> int:
    """The port at which the server listens, which it tells once it does: the system chooses it, so that
    nobody else can have it."""
    assert process.stdout is not None
    with process.stdout as said:
        told = said.readline()
    if not told:
        raise DriftError("the loopback AWS did not start; install the extra: pip install 'driftline[demo]'")
    return int(told)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
