"""A loopback AWS in a process that is forked from one in which moto has come up already: what moto imports
and compiles for the first call of each service takes seconds, and many modules of tests need an AWS of their
own."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from providers.aws import loopback, loopback_server
from providers.aws.facts import catalogue


@contextlib.contextmanager
def moto() -> Iterator[str]:
    """A fresh, empty AWS as :func:`providers.aws.loopback.moto` gives one, started in no time."""
    ready = _ready()
    assert ready.stdin is not None and ready.stdout is not None
    ready.stdin.write("one\n")
    ready.stdin.flush()
    said = ready.stdout.readline().split()
    assert len(said) == 2, f"the loopback AWS did not start: {said}"
    process, port = map(int, said)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)


@cache
def _ready() -> subprocess.Popen[str]:
    """The process that is forked from. It ends with this one, since its input does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forked_aws"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=loopback.server_environment(),
    )
    atexit.register(_end, process)
    return process


def end() -> None:
    """Ends the process that is forked from, and waits for it, so that its time counts as this one's."""
    if _ready.cache_info().currsize:
        _end(_ready())


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(120)


def _serve() -> None:
    """Answers each line of its input by the process and the port of a server; ends them all with its
    input."""
    from moto.moto_api._internal import mock_random

    from providers.aws.loopback_http import listening

    told = os.dup(1)
    os.dup2(2, 1)  # what moto prints is no answer
    application = _come_up()
    served: list[int] = []
    for _ in sys.stdin:
        process = os.fork()
        if process == 0:
            os.close(0)
            mock_random.seed()  # else each of them would give the same ids
            server, port = listening(application)
            os.environ["MOTO_PORT"] = str(port)
            os.write(told, f"{os.getpid()} {port}\n".encode())
            os.close(told)
            server.serve()
            os._exit(0)
        served.append(process)
    for process in served:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)


def _come_up() -> Any:
    """moto's application with all that the services that drift reads import, compile and read for their first
    call; its clouds are empty."""
    from moto.backends import get_backend
    from moto.core.routing import get_service_router
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    loopback_server.complete()
    application = DomainDispatcherApplication(create_backend_app)
    application.debug = True  # type: ignore[attr-defined] - as moto.server does
    for service in {entry.service for entry in catalogue().compared.values()} | {"cloudformation", "sts"}:
        router = get_service_router(service)
        model = router._service_model
        if model.protocol.startswith("rest-"):
            router._get_router(model.protocol)
        backend = application.get_backend_for_host(f"{model.endpoint_prefix}.us-east-1.amazonaws.com")
        if backend and backend not in application.app_instances:
            application.app_instances[backend] = create_backend_app(backend)
    _ = get_backend("iam")[loopback.ACCOUNT]["aws"]  # reads the policies that AWS manages
    return application


if __name__ == "__main__":
    _serve()
    os._exit(0)  # to free all of moto one by one takes seconds
