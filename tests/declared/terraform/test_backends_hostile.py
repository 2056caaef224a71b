"""Backends that wear a client out are one problem each; and a `backend` block of another repository is not
given the logins of the user's environment."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from drift import backends
from drift.config.entry import DeclaredEntry
from drift.declared import load, locate
from drift.declared.terraform.backends import http
from drift.errors import DeclaredError
from drift.limits import Limits
from drift.model import Problem
from providers.aws import loopback
from providers.gcp.settings import Settings as GcpSettings
from tests import hostile

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: own
clusters: [{{name: own, cluster: {{server: "{url}"}}}}]
contexts: [{{name: own, context: {{cluster: own, user: own}}}}]
users: [{{name: own, user: {{token: t}}}}]
"""
KINDS = ("http", "consul", "remote", "s3", "gcs", "azurerm", "kubernetes")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "SILENCE", 1.0)
    monkeypatch.setattr(backends, "LONGEST", 1.5)
    for name in [one for one in os.environ if one.startswith(("TF_", "CONSUL_", "PG", "ARM_", "AWS_"))]:
        monkeypatch.delenv(name)
    for name, value in loopback.environment("").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def place(kind: str, url: str, folder: Path) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """The block of a backend that leads to a service, and the sections of ``live``."""
    host = url.removeprefix("http://")
    (folder / "kubeconfig").write_text(KUBECONFIG.format(url=url))
    blocks: dict[str, dict[str, Any]] = {
        "http": {"address": f"{url}/shop"},
        "consul": {"address": host, "scheme": "http", "path": "tf/shop", "access_token": "t"},
        "remote": {"hostname": host, "organization": "acme", "token": "t", "workspaces": {"name": "shop"}},
        "s3": {"bucket": "b", "key": "shop", "region": "eu-west-1", "endpoint": url},
        "gcs": {"bucket": "b", "prefix": "shop"},
        "azurerm": {
            "storage_account_name": "acme",
            "container_name": "c",
            "key": "shop",
            "endpoint": url,
            "sas_token": "sig=x",
        },
        "kubernetes": {"secret_suffix": "shop", "config_path": str(folder / "kubeconfig")},
    }
    return blocks[kind], {"gcp": GcpSettings(endpoint=url)} if kind == "gcs" else {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [hostile.drip, hostile.redirect])
def test_a_backend_that_does_not_come_to_an_end_is_one_problem(
    kind: str, answer: hostile.Answer, tmp_path: Path
) -> None:
    with hostile.serving(answer) as service:
        config, settings = place(kind, service.url, tmp_path)
        (told,) = backends.open(kind, config, settings=settings)
    assert isinstance(told, Problem) and "can't be read: " in told.message, told


@pytest.mark.parametrize(
    ("kind", "answer"),
    # An object of S3 is given as it is stored.
    [
        (kind, answer)
        for kind in KINDS
        for answer in (hostile.endless, hostile.bomb)
        if (kind, answer) != ("s3", hostile.bomb)
    ],
)
def test_a_backend_that_sends_too_much_is_one_problem(
    kind: str, answer: hostile.Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "LONGEST", 60.0)
    monkeypatch.setattr(backends, "MOST_BYTES", 8 * 2**20)
    monkeypatch.setattr(Limits.__init__, "__defaults__", (8 * 2**20, 60.0, 50_000, 60.0, 120.0))
    monkeypatch.setattr(http, "_LIMITS", Limits())
    with hostile.serving(answer) as service:
        config, settings = place(kind, service.url, tmp_path)
        (told,) = backends.open(kind, config, settings=settings)
    assert isinstance(told, Problem) and "can't be read: " in told.message, told


@pytest.mark.parametrize("kind", ["s3", "gcs", "kubernetes"])
def test_a_listing_in_circles_ends(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "LONGEST", 60.0)
    pages = {
        "s3": b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a"
        b"</NextContinuationToken></ListBucketResult>",
        "gcs": b'{"items": [], "nextPageToken": "a"}',
        "kubernetes": b'{"items": [], "metadata": {"continue": "a"}}',
    }

    def answer(service: hostile.Service, _: bytes) -> Iterator[bytes]:
        yield hostile.whole(pages[kind])

    with hostile.serving(answer) as service:
        config, settings = place(kind, service.url, tmp_path)
        (told,) = backends.open(kind, config, settings=settings, workspace="*")
        assert isinstance(told, Problem) and re.search("read already|received twice", told.message), told
        assert len(service.requests) < 5


# Whose logins go where


class Asked:
    """What a service was sent, whatever it is."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []

    def answer(self, service: hostile.Service, request: bytes) -> Iterator[bytes]:
        self.requests.append(request)
        yield hostile.whole(b"", status="404 Not Found")


LENT = {
    "http": ({"TF_HTTP_USERNAME": "ci", "TF_HTTP_PASSWORD": "hunter2hunter2"}, "TF_HTTP_USERNAME"),
    "consul": ({"CONSUL_HTTP_TOKEN": "hunter2hunter2"}, "CONSUL_HTTP_TOKEN"),
    "azurerm": ({"ARM_SAS_TOKEN": "sig=hunter2hunter2"}, "ARM_SAS_TOKEN"),
    "s3": ({}, "the identity of this run"),
}
OWN = {"consul": "access_token", "azurerm": "sas_token"}


@pytest.mark.parametrize("kind", LENT)
def test_a_block_of_another_repository_is_not_given_a_login(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "LONGEST", 60.0)
    variables, login = LENT[kind]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    asked = Asked()
    with hostile.serving(asked.answer) as service:
        config, settings = place(kind, service.url, tmp_path)
        block = {name: value for name, value in config.items() if name != OWN.get(kind)}
        (told,) = backends.open(kind, block, settings=settings, allowed=["state.example.com"])
        assert isinstance(told, Problem) and not asked.requests
        assert login in told.message and "backends: {allow: [127.0.0.1]}" in told.message
        for own in (["127.*"], None):  # allowed; the user's own block
            asked.requests.clear()
            backends.open(kind, block, settings=settings, allowed=own)
            assert asked.requests and (kind != "s3" or b"AWS4" in asked.requests[0])


def test_a_token_of_the_block_goes_before_that_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSUL_HTTP_TOKEN", "hunter2hunter2")
    asked = Asked()
    with hostile.serving(asked.answer) as service:
        config, _ = place("consul", service.url, tmp_path)
        backends.open("consul", config, allowed=[])
    assert asked.requests and b"hunter2" not in b"".join(asked.requests)


@pytest.mark.parametrize(
    ("kind", "block", "named"),
    [
        ("s3", {"bucket": "b", "key": "k", "region": "r", "role_arn": "arn:aws:iam::1:role/x"}, "role/x"),
        ("s3", {"bucket": "b", "key": "k", "region": "r", "profile": "admin"}, "admin"),
        ("s3", {"bucket": "b", "key": "k", "assume_role": [{"role_arn": "arn:aws:iam::1:role/y"}]}, "role/y"),
        ("gcs", {"bucket": "b", "credentials": "/home/me/key.json"}, "/home/me/key.json"),
        ("kubernetes", {"secret_suffix": "s", "config_path": "kubeconfig"}, "kubeconfig"),
        ("pg", {"conn_str": "postgres://evil.example/tf"}, "evil.example"),
        ("pg", {"conn_str": "host=/var/run/postgresql dbname=tf"}, "/var/run/postgresql"),
        ("pg", {"conn_str": "dbname=tf"}, "localhost"),
    ],
)
def test_what_else_a_block_of_another_repository_may_not_name(
    kind: str, block: Mapping[str, Any], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "LONGEST", 60.0)  # a client's first import may take long
    (told,) = backends.open(kind, block, allowed=[])
    assert isinstance(told, Problem) and f"and names {named}" in told.message.replace("arn:aws:iam::1:", "")


@pytest.mark.parametrize(
    ("kind", "block"),
    [
        ("azurerm", {"storage_account_name": "evil.example/a", "container_name": "c", "key": "k"}),
        ("remote", {"hostname": "app_terraform.io", "organization": "o", "workspaces": {"name": "w"}}),
        (
            "remote",
            {"hostname": "app.terraform.io@evil.example", "organization": "o", "workspaces": {"name": "w"}},
        ),
    ],
)
def test_a_name_that_makes_another_host_is_refused(
    kind: str, block: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_TOKEN_app_terraform_io", "hunter2hunter2")
    (told,) = backends.open(kind, block)
    assert isinstance(told, Problem)
    assert "is no name of a storage account" in told.message or "is no host" in told.message


def repository(folder: Path) -> Path:
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def test_whose_files_are_whose(tmp_path: Path) -> None:
    own, other = repository(tmp_path / "own"), repository(tmp_path / "other")
    inner = repository(own / "vendored")
    for folder in (own / "infra", other / "infra", inner / "infra"):
        folder.mkdir()
        (folder / "main.tf").write_text('terraform {\n  backend "http" {}\n}\n')

    def foreign(path: str, base: Path) -> bool:
        return locate(DeclaredEntry(path=path), base, {}, {}).foreign

    assert not foreign("infra", own) and not foreign("../infra", own / "infra")
    assert foreign("../other/infra", own) and foreign("vendored/infra", own)
    loose = tmp_path / "loose"
    (loose / "infra").mkdir(parents=True)
    assert not foreign("infra", loose) and foreign("../other/infra", loose)


def test_a_fetched_repository_gets_no_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "LONGEST", 60.0)
    monkeypatch.setenv("TF_HTTP_PASSWORD", "hunter2hunter2")
    monkeypatch.setenv("TF_HTTP_USERNAME", "ci")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    asked = Asked()
    with hostile.serving(asked.answer) as service:
        there = repository(tmp_path / "there")
        block = f'terraform {{\n  backend "http" {{\n    address = "{service.url}/s"\n  }}\n}}\n'
        (there / "main.tf").write_text(block)
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        for words in (["add", "."], ["commit", "-q", "-m", "a"]):
            subprocess.run(["git", "-C", str(there), *identity, *words], check=True)
        entry = DeclaredEntry(git=str(there), path=".")
        with pytest.raises(DeclaredError, match="TF_HTTP_USERNAME"):
            list(_problems(load([entry], tmp_path, {}, {})))
        assert not asked.requests
        list(load([entry], tmp_path, {}, {}, allowed=["127.0.0.1"]))
    assert len(asked.requests) == 1 and b"authorization: Basic" in asked.requests[0]


def _problems(declarations: Any) -> Iterator[None]:
    for one in declarations:
        for told in one.resources(None):
            if isinstance(told, Problem):
                raise DeclaredError(told.message)
        yield
