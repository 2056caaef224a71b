"""Terraform states are read from each kind of backend over HTTP on loopback, and what refuses, hangs, breaks
off or is too large is one problem beside its siblings."""

from __future__ import annotations

import base64
import gzip
import http.server
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
import requests

from drift import backends, plugins
from drift.config.entry import DeclaredEntry
from drift.declared import load
from drift.errors import ConfigError, DeclaredError
from drift.live.estate import Estate
from drift.loopback import Answer, Request, Server
from drift.loopback import json as answer_json
from drift.model import Problem
from providers.aws import loopback
from providers.aws.settings import Settings as AwsSettings
from providers.gcp.settings import Settings as GcpSettings
from tests.conftest import Drift, client, serving

STATE = b'{"version": 4, "terraform_version": "1.9.0", "lineage": "l", "serial": 1, "resources": []}'
Serve = Callable[[Callable[[Request], Answer]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(answer: Callable[[Request], Answer]) -> str:
        servers.append(Server(answer))
        return servers[-1].url

    yield start
    for server in servers:
        server.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "SILENCE", 2.0)
    for name in [one for one in os.environ if one.startswith(("TF_", "CONSUL_", "PG", "ARM_"))]:
        monkeypatch.delenv(name)
    for name, value in loopback.environment("").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def contents(type_: str, config: Mapping[str, Any], **more: Any) -> dict[str, bytes]:
    """Workspace → what was read of it; fails where one could not be."""
    told = backends.open(type_, config, **more)
    assert not [one for one in told if isinstance(one, Problem)], told
    return {one.workspace: one.path.read_bytes() for one in told if isinstance(one, backends.State)}


def problem(type_: str, config: Mapping[str, Any], **more: Any) -> str:
    (told,) = backends.open(type_, config, **more)
    assert isinstance(told, Problem), told
    return told.message


# http


def test_http_with_a_login(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    login = "Basic " + base64.b64encode(b"ci:hunter2").decode()

    def answer(request: Request) -> Answer:
        return Answer(200, STATE) if request.headers["Authorization"] == login else Answer(401, b"")

    url = serve(answer)
    assert "HTTP 401" in problem("http", {"address": f"{url}/states/shop"})
    monkeypatch.setenv("TF_HTTP_USERNAME", "ci")
    monkeypatch.setenv("TF_HTTP_PASSWORD", "hunter2")
    assert contents("http", {"address": f"{url}/states/shop"}) == {"default": STATE}


def test_http_that_refuses_says_what_to_give_and_no_password(serve: Serve) -> None:
    url = serve(lambda _: Answer(403, b"no"))
    said = problem("http", {"address": f"{url}/shop?token=hunter2", "username": "ci", "password": "hunter2"})
    assert said.startswith(f"{url}/shop: can't be read: HTTP 403")
    assert "TF_HTTP_PASSWORD" in said and "hunter2" not in said


@pytest.mark.parametrize("status", [204, 404])
def test_http_without_a_state(serve: Serve, status: int) -> None:
    url = serve(lambda _: Answer(status, b""))
    assert "there is no state" in problem("http", {"address": f"{url}/shop"})


def test_a_redirect_to_another_host_is_not_given_the_login(serve: Serve) -> None:
    seen: list[str | None] = []

    def elsewhere(request: Request) -> Answer:
        seen.append(request.headers["Authorization"])
        return Answer(200, STATE)

    onward = serve(elsewhere)
    url = serve(lambda _: Answer(302, b"", {"Location": f"{onward}/signed"}))
    config = {"address": f"{url}/shop", "username": "ci", "password": "x"}
    assert contents("http", config) == {"default": STATE}
    assert seen == [None]


def test_a_server_that_never_answers_is_given_up(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "no answer within 2 s" in problem("http", {"address": f"http://127.0.0.1:{port}/shop"})


class CutOff(http.server.BaseHTTPRequestHandler):
    """Says more than it sends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(STATE) + 1000))
        self.end_headers()
        self.wfile.write(STATE)

    def log_message(self, *_: object) -> None:
        """Silent."""


def test_a_download_that_is_cut_off_is_no_state() -> None:
    with serving(CutOff) as url:
        assert "the download broke off" in problem("http", {"address": f"{url}/shop"})


def test_what_is_too_large_is_no_state(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "MOST_BYTES", 1000)
    url = serve(lambda _: Answer(200, b"x" * 1001))
    assert "larger than 1,000 bytes" in problem("http", {"address": f"{url}/shop"})


# s3


def test_s3_and_its_workspaces(aws: str) -> None:
    settings = {"aws": AwsSettings(endpoint=aws)}
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="tfstates")
    s3.put_object(Bucket="tfstates", Key="shop.tfstate", Body=STATE)
    s3.put_object(Bucket="tfstates", Key="env:/blue/shop.tfstate", Body=STATE + b" ")
    config = {"bucket": "tfstates", "key": "shop.tfstate", "region": "us-east-1"}
    assert contents("s3", config, settings=settings) == {"default": STATE}
    assert contents("s3", config, settings=settings, workspace="blue") == {"blue": STATE + b" "}
    assert set(contents("s3", config, settings=settings, workspace="*")) == {"default", "blue"}
    assert "NoSuchKey" in problem("s3", config | {"key": "other"}, settings=settings)
    assert "NoSuchBucket" in problem("s3", config | {"bucket": "gone"}, settings=settings)
    keyed = config | {"access_key": "test", "secret_key": "test", "endpoints": [{"s3": aws}]}
    assert contents("s3", keyed) == {"default": STATE}


def test_s3_that_refuses(serve: Serve) -> None:
    url = serve(lambda _: Answer(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"))
    said = problem("s3", {"bucket": "b", "key": "k"}, settings={"aws": AwsSettings(endpoint=url)})
    assert said.startswith("s3://b/k: can't be read:") and "AccessDenied" in said and "s3:GetObject" in said


# gcs


def test_gcs_and_its_workspaces(serve: Serve) -> None:
    names = ["shop/default.tfstate", "shop/blue.tfstate", "shop/blue.tflock", "shop/old/x.tfstate"]

    def answer(request: Request) -> Answer:
        if request.path == "/storage/v1/b/states/o":
            first = "pageToken=n" not in request.query
            items = [{"name": one} for one in (names[:1] if first else names[1:])]
            return answer_json(200, {"items": items, **({"nextPageToken": "n"} if first else {})})
        name = unquote(request.path.rpartition("/")[2])
        return Answer(200, STATE) if name in names else Answer(403 if "closed" in request.path else 404, b"")

    settings = {"gcp": GcpSettings(endpoint=serve(answer))}
    config = {"bucket": "states", "prefix": "shop"}
    assert contents("gcs", config, settings=settings) == {"default": STATE}
    assert set(contents("gcs", config, settings=settings, workspace="*")) == {"default", "blue"}
    assert "gs://states/shop/red.tfstate: can't be read: HTTP 404" in problem(
        "gcs", config, settings=settings, workspace="red"
    )
    assert "storage.objects.get" in problem(
        "gcs", config | {"bucket": "closed"}, settings=settings, workspace="x"
    )


# azurerm


def blobs(request: Request) -> Answer:
    query = parse_qs(request.query)
    if "sig" not in query:
        return Answer(403, b"", {"x-ms-error-code": "AuthorizationFailure"})
    if query.get("comp") == ["list"]:
        blobs = ("shop.tfstate", "shop.tfstateenv:blue")
        names = "".join(f"<Blob><Name>{name}</Name><Properties/></Blob>" for name in blobs)
        top = "EnumerationResults"
        listed = f'<?xml version="1.0"?><{top} ContainerName="c"><Blobs>{names}</Blobs></{top}>'
        return Answer(200, listed.encode(), {"Content-Type": "application/xml"})
    if not unquote(request.path).startswith("/c/shop.tfstate"):
        return Answer(404, b"", {"x-ms-error-code": "BlobNotFound"})
    size = f"bytes 0-{len(STATE) - 1}/{len(STATE)}"
    return Answer(206, STATE, {"Content-Range": size, "x-ms-blob-type": "BlockBlob", "ETag": '"1"'})


def test_azurerm_and_its_workspaces(serve: Serve) -> None:
    config = {
        "storage_account_name": "acme",
        "container_name": "c",
        "key": "shop.tfstate",
        "endpoint": serve(blobs),
        "sas_token": "sig=x",
    }
    assert contents("azurerm", config) == {"default": STATE}
    assert set(contents("azurerm", config, workspace="*")) == {"default", "blue"}
    assert "azurerm://acme/c/other: can't be read: HTTP 404 BlobNotFound" in problem(
        "azurerm", config | {"key": "other"}
    )
    said = problem("azurerm", config | {"sas_token": "se=1"})
    assert "HTTP 403 AuthorizationFailure; it needs Storage Blob Data Reader" in said


def test_a_storage_account_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its client is as patient as it is told, and not as it is by itself: five minutes."""
    patience: list[Any] = []

    class Session(requests.Session):
        def request(self, *_: Any, **said: Any) -> Any:
            patience.append(said["timeout"])
            raise requests.exceptions.ReadTimeout

    monkeypatch.setattr("drift.bounded_http.session", lambda *_: Session())
    place = {"storage_account_name": "acme", "container_name": "c", "endpoint": "http://127.0.0.1:1"}
    problem("azurerm", {**place, "key": "shop.tfstate", "sas_token": "sig=x"})
    assert {tuple(one) for one in patience} == {(backends.SILENCE, backends.SILENCE)}


# HCP Terraform and Terraform Enterprise


def terraform_enterprise(answered: list[str]) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        answered.append(f"{request.path} {request.headers['Authorization']}")
        if request.path.startswith("/signed/"):
            return Answer(200, STATE)
        if request.headers["Authorization"] != "Bearer t0ken":
            return answer_json(401, {"errors": [{"status": "401", "title": "unauthorized"}]})
        kind = {"Content-Type": "application/vnd.api+json"}
        host = request.headers["Host"]
        shop = {"id": "ws-0123456789abcdef", "type": "workspaces", "attributes": {"name": "shop-blue"}}
        red = {"id": "ws-0123456789abcde0", "type": "workspaces", "attributes": {"name": "other"}}
        match request.path:
            case "/api/v2/organizations/acme/workspaces/shop-blue":
                return answer_json(200, {"data": shop}, kind)
            case "/api/v2/organizations/acme/workspaces":
                page = {
                    "pagination": {"current-page": 1, "total-pages": 1, "next-page": None, "total-count": 2}
                }
                return answer_json(200, {"data": [shop, red], "meta": page}, kind)
            case "/api/v2/workspaces/ws-0123456789abcdef/current-state-version":
                url = f"http://{host}/signed/state"
                version = {"hosted-state-download-url": url, "serial": 1}
                data = {"id": "sv-0123456789abcdef", "type": "state-versions", "attributes": version}
                return answer_json(200, {"data": data}, kind)
        return answer_json(404, {"errors": [{"status": "404", "title": "not found"}]}, kind)

    return answer


def test_terraform_enterprise(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    answered: list[str] = []
    host = serve(terraform_enterprise(answered)).removeprefix("http://")
    config = {"hostname": host, "organization": "acme", "workspaces": [{"name": "shop-blue"}]}
    assert "no token for" in problem("remote", config)
    assert contents("remote", config | {"token": "t0ken"}) == {"default": STATE}
    monkeypatch.setenv("TF_TOKEN_" + host.replace(".", "_"), "t0ken")
    assert contents("remote", config) == {"default": STATE}
    prefixed = config | {"workspaces": {"prefix": "shop-"}}
    assert contents("cloud", prefixed, workspace="*") == {"blue": STATE}
    assert "HTTP 404" in problem("remote", config | {"workspaces": {"name": "gone"}})
    said = problem("remote", config | {"token": "wr0ng"})
    assert "HTTP 401" in said and "wr0ng" not in said


@pytest.mark.parametrize("answered", [b"\xff\xfe no answer", b"<html>Please sign in</html>", b"{}"])
def test_workspaces_that_are_no_list_are_a_problem(serve: Serve, answered: bytes) -> None:
    """What a library makes a mistake of is one, too."""
    url = serve(lambda _: Answer(200, answered, {"Content-Type": "application/json"}))
    host, place = url.removeprefix("http://"), {"storage_account_name": "acme", "container_name": "c"}
    remote = {"hostname": host, "organization": "acme", "workspaces": {"prefix": "shop-"}, "token": "t0ken"}
    azure = {**place, "key": "shop.tfstate", "endpoint": url, "sas_token": "sig=x"}
    assert "its workspaces can't be listed" in problem("azurerm", azure, workspace="*")
    if answered != b"{}":  # its client takes that for none
        assert "its workspaces can't be listed" in problem("cloud", remote, workspace="*")


# consul


def consul(request: Request) -> Answer:
    if request.headers["X-Consul-Token"] not in (None, "t0ken"):
        return Answer(403, b"Permission denied")
    kept = {
        "tf/shop": STATE,
        "tf/shop-env:blue": gzip.compress(STATE),
        "tf/shop-env:large": b'{"current-hash": "abc", "chunks": ["tf/shop/.tfstate/abc/0", '
        b'"tf/shop/.tfstate/abc/1"]}',
        "tf/shop/.tfstate/abc/0": STATE[:20],
        "tf/shop/.tfstate/abc/1": STATE[20:],
    }
    key = unquote(request.path).removeprefix("/v1/kv/")
    if "keys" in request.query:
        return answer_json(200, [one for one in kept if one.startswith(key)], {"X-Consul-Index": "1"})
    if key not in kept:
        return Answer(404, b"", {"X-Consul-Index": "1"})
    found = [{"Key": key, "Value": base64.b64encode(kept[key]).decode(), "Flags": 0}]
    return answer_json(200, found, {"X-Consul-Index": "1"})


def test_consul_with_chunks_and_compression(serve: Serve) -> None:
    config = {"address": serve(consul), "path": "tf/shop"}
    told = contents("consul", config, workspace="*")
    assert told == {"default": STATE, "blue": STATE, "large": STATE}
    assert "there is no key tf/other" in problem("consul", config | {"path": "tf/other"})
    assert "CONSUL_HTTP_TOKEN" in problem("consul", config | {"access_token": "x"})


# kubernetes


def test_a_secret_of_a_cluster(serve: Serve, tmp_path: Path) -> None:
    packed = gzip.compress(STATE)

    def secret(name: str, workspace: str, data: bytes) -> dict[str, Any]:
        labels = {"tfstate": "true", "tfstateSecretSuffix": "shop", "tfstateWorkspace": workspace}
        held = {"tfstate": base64.b64encode(data).decode()}
        return {"metadata": {"name": name, "labels": labels}, "data": held}

    secrets = [
        secret("tfstate-default-shop", "default", packed),
        secret("tfstate-blue-shop", "blue", packed[:30]),
        secret("tfstate-blue-shop-part-1", "blue", packed[30:]),
        secret("tfstate-cut-shop", "cut", packed[:30]),
    ]

    def answer(request: Request) -> Answer:
        if request.path == "/api/v1/namespaces/infra/secrets":
            return answer_json(200, {"kind": "SecretList", "items": secrets, "metadata": {}})
        return answer_json(403, {"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"})

    cluster = {"name": "c", "cluster": {"server": serve(answer)}}
    context = {"name": "c", "context": {"cluster": "c", "user": "u"}}
    users = [{"name": "u", "user": {"token": "x"}}]
    file = tmp_path / "kubeconfig"
    file.write_text(
        json.dumps({"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": [context],
                    "users": users, "current-context": "c"})
    )  # fmt: skip
    config = {"namespace": "infra", "secret_suffix": "shop", "config_path": str(file), "config_context": "c"}
    assert contents("kubernetes", config) == {"default": STATE}
    assert contents("kubernetes", config, workspace="blue") == {"blue": STATE}
    assert "is cut off" in problem("kubernetes", config, workspace="cut")
    assert "there is no Secret tfstate-red-shop" in problem("kubernetes", config, workspace="red")
    assert "403" in problem("kubernetes", config | {"namespace": "other"})


# PostgreSQL


@pytest.fixture(scope="module")
def postgres(postgres_server: str) -> str:
    """The URL of a database in which two states are."""
    import psycopg

    with psycopg.connect(postgres_server, connect_timeout=60) as connection:
        connection.execute("CREATE SCHEMA terraform_remote_state")
        connection.execute("CREATE TABLE terraform_remote_state.states (id int, name text, data text)")
        for number, name in enumerate(("default", "blue")):
            connection.execute(
                "INSERT INTO terraform_remote_state.states VALUES (%s, %s, %s)",
                (number, name, STATE.decode()),
            )
    return postgres_server


def test_postgres(postgres: str) -> None:
    config = {"conn_str": postgres}
    assert contents("pg", config) == {"default": STATE}
    assert contents("pg", config, workspace="*") == {"default": STATE, "blue": STATE}
    assert "there is no workspace red" in problem("pg", config, workspace="red")
    assert "does not exist" in problem("pg", config | {"schema_name": "other"})
    place = postgres.replace("tf@", "").removesuffix("/postgres")
    said = problem("pg", {"conn_str": f"{place.replace('//', '//nobody:hunter2@')}/postgres"})
    assert said.startswith(place) and "nobody" in said and "hunter2" not in said


def test_a_state_in_a_database_may_have_many_pieces(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from drift.declared.terraform.backends import postgresql

    monkeypatch.setattr(postgresql, "_PIECE", 7)
    assert contents("pg", {"conn_str": postgres}) == {"default": STATE}


def test_a_database_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "timeout" in problem("pg", {"conn_str": f"postgres://tf@127.0.0.1:{port}/x"})


# As declared entries


def test_ten_states_are_read_at_a_time_and_one_that_fails_is_one_problem(
    serve: Serve, tmp_path: Path
) -> None:
    together = threading.Barrier(10, timeout=60)

    def answer(request: Request) -> Answer:
        if request.path == "/closed":
            return Answer(403, b"")
        together.wait()
        return Answer(200, STATE)

    url = serve(answer)
    entries = [DeclaredEntry(path=f"{url}/{number}") for number in range(10)]
    loaded = load(entries, tmp_path, plugins.providers(), {})
    assert [one.source for one in loaded] == ["terraform-state"] * 10
    closed = DeclaredEntry(path=f"{url}/closed")
    (tmp_path / "local.tfstate").write_bytes(STATE)
    loaded = load([closed, DeclaredEntry(path="local.tfstate")], tmp_path, plugins.providers(), {})
    told = [one for declared in loaded for one in declared.resources(Estate(plugins.providers()))]
    assert [one.message for one in told if isinstance(one, Problem)] == [
        f"{url}/closed: can't be read: HTTP 403 Forbidden; give username and password (TF_HTTP_USERNAME, "
        "TF_HTTP_PASSWORD)"
    ]
    with pytest.raises(DeclaredError, match="HTTP 403"):
        load([closed], tmp_path, plugins.providers(), {})


def test_a_backend_that_refuses_makes_the_run_incomplete(
    serve: Serve, aws: str, tmp_path: Path, drift: Drift
) -> None:
    url = serve(lambda _: Answer(401, b""))
    (tmp_path / "local.tfstate").write_bytes(STATE)
    (tmp_path / "drift.yaml").write_text(
        f"version: 1\ndeclared: [{{path: local.tfstate}}, {{path: '{url}/shop'}}]\n"
        "live: {aws: {include: ['AWS::SQS::Queue']}}\nunmanaged: [{action: ignore}]\n"
    )
    ran = drift("scan", "-o", "out", endpoint=aws)
    assert ran.code == 3, ran.stderr
    assert [one["message"].partition(";")[0] for one in ran.report["problems"]] == [
        f"{url}/shop: can't be read: HTTP 401 Unauthorized"
    ]


def test_all_workspaces_of_an_entry(aws: str, tmp_path: Path) -> None:
    settings = {"aws": AwsSettings(endpoint=aws)}
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="many")
    s3.put_object(Bucket="many", Key="a.tfstate", Body=STATE)
    s3.put_object(Bucket="many", Key="env:/blue/a.tfstate", Body=STATE)
    entry = DeclaredEntry(path="s3://many/a.tfstate", options={"workspace": "*"})
    (loaded,) = load([entry], tmp_path, plugins.providers(), settings)
    assert sorted(one.name for one in loaded.location.path.iterdir()) == ["blue.tfstate", "default.tfstate"]
    assert loaded.location.display == "s3://many/a.tfstate"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("azurerm://acme/c", "write azurerm://STORAGE-ACCOUNT/CONTAINER/KEY"),
        ("tfe://app.terraform.io/acme", "write tfe://app.terraform.io/ORGANISATION/WORKSPACE"),
        ("kubernetes://infra", "write kubernetes://NAMESPACE/SECRET-SUFFIX"),
        ("consul://127.0.0.1:8500", "names no key"),
        ("postgres://u:secret@h", "names no database"),
        ("ftp://h/x", "the scheme ftp:// is not known; known are s3://, gs://"),
    ],
)
def test_a_url_that_says_too_little(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        load([DeclaredEntry(path=url)], tmp_path, plugins.providers(), {})
    assert "secret@" not in str(error.value)


def test_a_backend_that_nobody_reads() -> None:
    with pytest.raises(ConfigError, match="backend 'oss': no plugin reads it; installed are azurerm, consul"):
        backends.open("oss", {})
