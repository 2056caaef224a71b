"""Whatever a service does to wear a client out, each provider's calls end: the ledger names the call and the
limit."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from drift.deadline import Deadline
from drift.limits import Limits
from drift.live import collect
from drift.live.estate import Estate
from drift.model import Cell
from drift.redaction import Redactor
from drift.task import Wanted
from providers.aws.live import AwsLive
from providers.aws.settings import Settings as AwsSettings
from providers.azure.live import AzureLive
from providers.azure.settings import Settings as AzureSettings
from providers.gcp.live import GcpLive
from providers.gcp.settings import Settings as GcpSettings
from providers.kubernetes.connection import Cluster, connect
from providers.kubernetes.live import KubernetesLive
from providers.kubernetes.settings import Settings as KubernetesSettings
from tests import hostile
from tests.hostile import Service

LIMITS = Limits(answer_bytes=1_000_000, answer_seconds=60, pages=20, retry_after=0.05)
#: How long an answer may take (seconds): where it comes, however slow the machine is, and where none does.
PATIENCE, SOON = 60.0, 0.6
TRIES = 2
CLOUDS = ("aws", "azure", "gcp", "kubernetes")
#: The call that each makes first, as the ledger names it.
FIRST = {
    "aws": "sts:GetCallerIdentity",
    "azure": "GET /subscriptions",
    "gcp": "SearchProjects",
    "kubernetes": "GET /api",
}
SLOW, LARGE = "not whole after 0.8 seconds", "more than 1,000,000 bytes"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIALOOPBACKLOOPBACK",
        "AWS_SECRET_ACCESS_KEY": "loopback",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)


class Given:
    """A provider that connects with limits for tests."""

    def __init__(self, connect: Callable[[Deadline], Any]) -> None:
        self._connect = connect

    def connect(self, settings: Any, deadline: Deadline) -> Any:
        return self._connect(deadline)

    def facts(self, type: str) -> None:
        return None

    def canonical_id(self, resource: Any) -> Any:
        return resource.id


def connection(
    cloud: str, url: str, folder: Path, deadline: Deadline, limits: Limits, patience: float = PATIENCE
) -> Any:
    """One provider's connection to a service, with small limits."""
    if cloud == "aws":
        return AwsLive(
            AwsSettings(
                regions=["us-east-1"],
                include=["AWS::SQS::Queue"],
                exclude=["AWS::CloudFormation::Stack"],
                endpoint=url,
                connect_timeout=patience,
                read_timeout=patience,
                max_attempts=TRIES,
            ),
            deadline,
            limits,
        )
    if cloud == "azure":
        return AzureLive(AzureSettings(endpoint=url, timeout=patience, max_attempts=TRIES), deadline, limits)
    if cloud == "gcp":
        said = GcpSettings(endpoint=url, projects=["*"], timeout=patience, max_attempts=TRIES)
        return GcpLive(said, deadline, limits)
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": url, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    (folder / "kubeconfig").write_text(json.dumps(config))
    return KubernetesLive(
        KubernetesSettings(
            kubeconfig=folder / "kubeconfig",
            connect_timeout=patience,
            read_timeout=patience,
            max_attempts=TRIES,
        ),
        deadline,
        limits,
    )


def read(
    cloud: str,
    url: str,
    folder: Path,
    seconds: float | None = None,
    limits: Limits = LIMITS,
    patience: float = PATIENCE,
) -> dict[Cell, Any]:
    """The ledger after one provider was read."""
    deadline = Deadline(seconds)
    estate = Estate({cloud: Given(lambda clock: connection(cloud, url, folder, clock, limits, patience))})  # type: ignore[dict-item]
    wanted = {cloud: Wanted(frozenset())}
    collect.from_clouds(estate, {cloud: None}, wanted, Redactor("k"), 4, deadline=deadline)
    return estate.coverage


def the_failure(rows: dict[Cell, Any]) -> str:
    """What the one row of a ledger says, that is of no cell that was read."""
    told = {(row.status, row.message) for row in rows.values() if row.status != "skipped"}
    assert len(told) == 1, told
    status, message = told.pop()
    assert status in ("failed", "throttled")
    return str(message)


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize(
    ("answer", "limit"),
    [
        (hostile.hang, "no answer in time"),
        (hostile.headers, SLOW),
        (hostile.drip, SLOW),
        (hostile.chunks, SLOW),
        (hostile.endless, LARGE),
        (hostile.bomb, LARGE),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_an_answer_that_does_not_end_is_cut(cloud: str, answer: Any, limit: str, tmp_path: Path) -> None:
    if (cloud, answer) == ("aws", hostile.bomb):
        limit = "could not be parsed"  # the SDK unpacks nothing
    limits = replace(LIMITS, answer_seconds=0.8) if limit == SLOW else LIMITS
    patience = SOON if answer is hostile.hang else PATIENCE
    with hostile.serving(answer) as service:
        message = the_failure(read(cloud, service.url, tmp_path, None, limits, patience))
    assert FIRST[cloud] in message and limit in message
    assert len(service.requests) <= TRIES


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("answer", [hostile.throttled, hostile.unavailable])
def test_nobody_waits_until_tomorrow(cloud: str, answer: Any, tmp_path: Path) -> None:
    with hostile.serving(answer) as service:
        message = the_failure(read(cloud, service.url, tmp_path))
    assert FIRST[cloud] in message
    assert len(service.requests) == TRIES


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_redirection_in_circles_ends(cloud: str, tmp_path: Path) -> None:
    with hostile.serving(hostile.redirect) as service:
        message = the_failure(read(cloud, service.url, tmp_path))
    assert FIRST[cloud] in message
    assert len(service.requests) <= 31 * TRIES  # what requests follows


@pytest.mark.parametrize("cloud", ["aws", "kubernetes"])
def test_a_handshake_that_does_not_end_is_cut(cloud: str, tmp_path: Path) -> None:
    with hostile.serving(hostile.hang) as service:
        message = the_failure(read(cloud, service.url.replace("http:", "https:"), tmp_path, patience=SOON))
    assert FIRST[cloud] in message


def test_grpc_that_says_nothing_is_cut(tmp_path: Path) -> None:
    with hostile.serving(hostile.hang) as service:
        message = the_failure(read("gcp", service.url.replace("http:", "grpc:"), tmp_path, patience=SOON))
    assert FIRST["gcp"] in message


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_port_that_takes_no_connection_is_cut(cloud: str, tmp_path: Path) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with contextlib_all(port):
            message = the_failure(read(cloud, f"http://127.0.0.1:{port}", tmp_path, patience=SOON))
    assert FIRST[cloud] in message


def contextlib_all(port: int) -> Any:
    """Connections that fill what a port holds for nobody."""
    import contextlib

    stack = contextlib.ExitStack()
    for _ in range(3):
        one = stack.enter_context(socket.socket())
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", port))
    return stack


# Pages

_IDENTITY = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:root</Arn><UserId>u</UserId>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


def page(cloud: str, service: Service, request: bytes, token: str) -> bytes:
    """An answer of a listing that has a next page."""
    if cloud == "aws":
        if b"/sts/" in request:
            return hostile.whole(_IDENTITY)
        return hostile.whole(json.dumps({"QueueUrls": [], "NextToken": token}).encode())
    if cloud == "azure":
        link = f"{service.url}/subscriptions?token={token}"
        return hostile.whole(json.dumps({"value": [], "nextLink": link}).encode())
    if cloud == "gcp":
        return hostile.whole(json.dumps({"projects": [], "nextPageToken": token}).encode())
    path = request.split(b" ")[1].partition(b"?")[0]
    known: dict[bytes, Any] = {
        b"/api": {"kind": "APIVersions", "versions": ["v1"]},
        b"/apis": {
            "kind": "APIGroupList",
            "groups": [{"name": "apps", "versions": [{"groupVersion": "apps/v1", "version": "v1"}]}],
        },
        b"/apis/apps/v1": {
            "kind": "APIResourceList",
            "groupVersion": "apps/v1",
            "resources": [
                {"name": "deployments", "kind": "Deployment", "namespaced": True, "verbs": ["list"]}
            ],
        },
        b"/apis/apps/v1/deployments": {"kind": "DeploymentList", "apiVersion": "apps/v1", "items": []},
        b"/api/v1": {
            "kind": "APIResourceList",
            "groupVersion": "v1",
            "resources": [{"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["list"]}],
        },
        b"/version": {"gitVersion": "v1.31.0"},
    }
    said = known.get(
        path, {"kind": "PodList", "apiVersion": "v1", "items": [], "metadata": {"continue": token}}
    )
    return hostile.whole(json.dumps(said).encode())


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize(
    ("tokens", "limit"),
    [
        (lambda: itertools.count(), "more than 20 pages"),
        (lambda: itertools.cycle("abc"), "one that was read already"),
        (lambda: itertools.repeat("a"), "one that was read already"),
    ],
    ids=["endless", "circle", "same"],
)
def test_a_listing_that_does_not_end_is_cut(cloud: str, tokens: Any, limit: str, tmp_path: Path) -> None:
    coming = tokens()

    def answer(service: Service, request: bytes) -> Iterator[bytes]:
        yield page(cloud, service, request, str(next(coming)))

    with hostile.serving(answer) as service:
        rows = read(cloud, service.url, tmp_path)
    told = [row for row in rows.values() if row.status == "failed"]
    assert len(told) == 1
    assert limit in told[0].message or "same next token was received twice" in told[0].message
    call = {"aws": "sqs:ListQueues", "kubernetes": "GET /api/v1/pods"}.get(cloud, FIRST[cloud])
    assert call in told[0].message


# The deadline


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("answer", [hostile.hang, hostile.drip, hostile.throttled])
def test_a_deadline_ends_it_whatever_a_call_may_take(cloud: str, answer: Any, tmp_path: Path) -> None:
    with hostile.serving(answer) as service:
        limits = replace(LIMITS, retry_after=3600)
        message = the_failure(read(cloud, service.url, tmp_path, 0.5, limits))
    assert "deadline: " in message


SECRET = "hunter2hunter2Zx9"


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "500 Internal Server Error"])
@pytest.mark.parametrize("form", ["object", "text"])
def test_an_error_that_repeats_a_secret_is_told_without_it(
    cloud: str, status: str, form: str, tmp_path: Path
) -> None:
    """The body of an error repeats a password, a token, the request's own login and an address with one."""

    def answer(service: Service, request: bytes) -> Iterator[bytes]:
        asked = [line for line in request.decode().split("\r\n") if line.lower().startswith("authorization:")]
        words = (
            f"can't log in with password={SECRET} at https://u:{SECRET}@db.example.com/?token={SECRET}; "
            f"Authorization: Bearer {SECRET}; the request had {' '.join(asked)}"
        )
        error = {"code": "Odd", "message": words, "status": "INVALID_ARGUMENT", "details": []}
        body = json.dumps({"kind": "Status", "error": error, "message": words, "reason": "Odd"}).encode()
        if b"AWS4" in request and form == "object":
            told = f"<Error><Code>Odd</Code><Message>{words.replace('&', '')}</Message></Error>"
            body = f"<ErrorResponse>{told}</ErrorResponse>".encode()
        yield hostile.whole(body if form == "object" else words.encode(), status=status)

    with hostile.serving(answer) as service:
        rows = read(cloud, service.url, tmp_path)
    assert rows
    told = " ".join(row.message for row in rows.values())
    assert SECRET not in told and "AKIALOOPBACKLOOPBACK" not in told


def test_a_page_that_is_too_large_is_asked_for_in_parts(tmp_path: Path) -> None:
    many = [{"metadata": {"name": f"n{number}"}, "data": {"a": "x" * 2_000}} for number in range(20)]

    def answer(service: Service, request: bytes) -> Iterator[bytes]:
        asked = parse_qs(urlsplit(request.split(b" ", 2)[1].decode()).query)
        start, limit = int(asked.get("continue", ["0"])[0]), int(asked["limit"][0])
        rest = {} if start + limit >= len(many) else {"continue": str(start + limit)}
        page = {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": rest}
        yield hostile.whole(json.dumps({**page, "items": many[start : start + limit]}).encode())

    limits = replace(LIMITS, answer_bytes=20_000)
    with hostile.serving(answer) as service:
        connection("kubernetes", service.url, tmp_path, Deadline(), limits)
        settings = KubernetesSettings(kubeconfig=tmp_path / "kubeconfig", page_size=20)
        (cluster,) = connect(settings, limits=limits)
        assert isinstance(cluster, Cluster)
        pages = [page for page in cluster.pages("/api/v1/configmaps", "v1") if page is not None]
    assert [one for page in pages for one in page.items] == many and len(pages) > 1
