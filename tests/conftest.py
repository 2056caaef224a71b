"""What tests share: a loopback AWS, the command line as a user starts it, Git repositories and a server for
them."""

from __future__ import annotations

import base64
import contextlib
import gc
import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest
from hypothesis import HealthCheck, settings

from drift.report.document import json_schema
from providers.aws import loopback
from tests import command, forked_aws, postgres, shared, tidy

# Else each of the many processes that tests start would compile every module that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes is no verdict on a machine that does other things, too. Each run of the tests has
# other examples, `make chaos` many of them.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25
)
settings.register_profile("many", settings.get_profile("untimed"), max_examples=300)
# What a run of very many runs of the tests asks for (tests/mutants): few examples, the same ones each time.
settings.register_profile(
    "few",
    settings.get_profile("untimed"),
    max_examples=20,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("untimed")

CONSOLE_SCRIPT = Path(sys.executable).with_name("drift")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts long modules first, so that no worker is left alone with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    shared.skip_without(item)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end; the collector need not look through it again and
    again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    tidy.up()


def pytest_sessionfinish() -> None:
    command.end()
    forked_aws.end()


@cache
def report_validator() -> Any:
    """Validates reports by their schema. To make it takes ten times as long as to use it."""
    return jsonschema.Draft202012Validator(json_schema())


@lru_cache(maxsize=8)
def _validate(content: bytes) -> None:
    """Validates a report once, however often it is looked at."""
    report_validator().validate(json.loads(content))


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command line left."""

    code: int
    stdout: str
    stderr: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        """The report, valid by its schema."""
        content = (self.folder / "report.json").read_bytes()
        _validate(content)
        document: dict[str, Any] = json.loads(content)
        return document

    @property
    def complaint(self) -> str:
        """The one line of an error. Fails when there is more on stderr, or less."""
        assert self.code == 1, (self.code, self.stderr, self.stdout)
        lines = self.stderr.splitlines()
        assert len(lines) == 1, self.stderr
        assert lines[0].startswith("drift: "), self.stderr
        return lines[0].removeprefix("drift: ")

    def findings(self) -> dict[tuple[str, str], list[str]]:
        """(kind, name or id) → changed paths."""
        return {
            (one["kind"], one["name"] or one["resource_id"]): [change["path"] for change in one["changes"]]
            for one in self.report["findings"]
        }

    def status(self, type_: str, region: str = "us-east-1", scope: str = loopback.ACCOUNT) -> str:
        """The ledger's word on a cell."""
        rows = [
            row["status"]
            for row in self.report["coverage"]
            if (row["scope"], row["region"], row["type"]) == (scope, region, type_)
        ]
        assert len(rows) == 1, self.report["coverage"]
        return str(rows[0])


Drift = Callable[..., Ran]


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """The URL of a loopback AWS that the session shares; whoever uses it makes names of their own."""
    with forked_aws.moto() as url:
        yield url


@pytest.fixture(scope="session")
def _own_aws() -> Iterator[str]:
    with forked_aws.moto() as url:
        yield url


@pytest.fixture
def fresh_aws(_own_aws: str) -> str:
    """The URL of an empty loopback AWS, for tests that judge a whole account."""
    reset = urllib.request.Request(f"{_own_aws}/moto-api/reset", method="POST")  # noqa: S310 - loopback
    with urllib.request.urlopen(reset):  # noqa: S310
        return _own_aws


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Served]:
    """The URL of a PostgreSQL server that the session shares; whoever uses it makes a schema of their own."""
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.serving())
        except postgres.Absent as error:
            pytest.skip(str(error))
        yield url


def declare_queue(folder: Path, **attributes: Any) -> None:
    """Declares the queue ``orders`` of moto's account, in a baseline."""
    record = {
        "provider": "aws",
        "scope": "123456789012",
        "region": "us-east-1",
        "type": "AWS::SQS::Queue",
        "id": "arn:aws:sqs:us-east-1:123456789012:orders",
        "name": "orders",
        "attributes": {"QueueName": "orders", **attributes},
    }
    (folder / "declared.jsonl").write_text(f"{json.dumps(record)}\n")


@cache
def client(url: str, service: str, region: str = "us-east-1", **credentials: str) -> Any:
    """A boto3 client of a loopback AWS; the same one for the same words, for it takes long to make."""
    said = {
        "aws_access_key_id": "AKIALOOPBACKLOOPBACK",
        "aws_secret_access_key": "loopback",
        **credentials,
    }
    return boto3.client(service, region_name=region, endpoint_url=url, **said)


def start_drift(
    folder: Path,
    *arguments: str | Path,
    endpoint: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Ran:
    """Runs the command line in ``folder`` with a clean environment; ``endpoint`` points it to a loopback
    AWS."""
    home = folder / "home"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "COLUMNS": "120",
        "AWS_EC2_METADATA_DISABLED": "true",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **(loopback.environment(endpoint) if endpoint else {}),
        **(env or {}),
    }
    said = [str(argument) for argument in arguments]
    code, stdout, stderr = command.run(folder, said, environment)
    out = said[said.index("-o") + 1] if "-o" in said else "out"
    return Ran(code, stdout, stderr, folder / out)


@pytest.fixture
def drift(tmp_path: Path) -> Drift:
    """:func:`start_drift` in ``tmp_path``."""
    return partial(start_drift, tmp_path)


@dataclass(frozen=True, slots=True)
class Repository:
    """A Git repository with a working tree."""

    path: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments],
            cwd=self.path,
            env={"PATH": os.environ["PATH"], "HOME": str(self.path), "GIT_CONFIG_GLOBAL": os.devnull},
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            done.check_returncode()
        except subprocess.CalledProcessError as error:
            error.add_note(done.stderr)
            raise
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str], message: str = "change") -> str:
        """Writes the files, commits them, and gives the commit's hash."""
        for name, text in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository ``repos/infra``, on branch main."""
    path = tmp_path / "repos" / "infra"
    path.mkdir(parents=True)
    made = Repository(path)
    made.git("init", "-q", "-b", "main")
    return made


@pytest.fixture
def git_server(repository: Repository) -> Iterator[str]:
    """The URL of a server of ``git http-backend`` over the folder of :func:`repository`."""
    with serving(git_handler(repository.path.parent)) as url:
        yield url


def git_handler(root: Path, login: str = "") -> type[http.server.BaseHTTPRequestHandler]:
    """``git http-backend`` over a folder, for whoever shows ``login`` (``user:password``) where there is
    one."""
    authorization, path_ = f"Basic {base64.b64encode(login.encode()).decode()}", os.environ["PATH"]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            self._answer(b"")

        def do_POST(self) -> None:  # noqa: N802
            self._answer(self._body())

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()  # what is not read makes the end of the connection a reset of it
            return body

        def _answer(self, body: bytes) -> None:
            if login and self.headers.get("Authorization") != authorization:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            done = subprocess.run(
                ["git", "http-backend"],
                input=body,
                env={
                    "PATH": path_,
                    "GIT_PROJECT_ROOT": str(root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_CONFIG_COUNT": "1",
                    "GIT_CONFIG_KEY_0": "safe.directory",
                    "GIT_CONFIG_VALUE_0": "*",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(len(body)),
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "REMOTE_ADDR": "127.0.0.1",
                },
                capture_output=True,
                check=False,
            )
            if done.returncode or not done.stdout:  # which the test's own error does not tell
                print(f"git http-backend {self.path}: {done.returncode}: {done.stderr!r}", file=sys.stderr)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
            self.send_response(int(headers.pop("Status", "200 OK").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    #: A scan connects many times at once. What does not fit is tried again by the kernel a second later, and
    #: on a busy machine fails.
    request_queue_size = 128


class serving:  # noqa: N801 - a context manager
    """A threaded HTTP server on loopback for a handler class; gives its URL."""

    def __init__(self, handler: Callable[..., http.server.BaseHTTPRequestHandler]) -> None:
        self._server = _Server(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
