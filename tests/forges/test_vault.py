"""Tokens that Vault keeps, read over HTTP from a small Vault on loopback, when they are wanted first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from drift.cli import remediation
from drift.config.model import parse
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.forge import ForgeError
from drift.loopback import Answer, Request, Server
from drift.loopback import json as told
from forges.loopback.server import TOKEN
from forges.vault import Vault
from tests.forges.stands import Stand, draft

KEEPS = "hvs.loopback-vault-token"
JWT = "eyJ.service.account"


class Kept:
    """A Vault with KV engines of both versions, and Kubernetes' logins."""

    def __init__(self) -> None:
        self.data: dict[str, dict[str, Any]] = {"drift": {"token": TOKEN}}
        self.asked: list[str] = []
        self.namespace: str | None = None
        self.http = Server(self.answer)

    def answer(self, request: Request) -> Answer:
        self.asked.append(f"{request.method} {request.path}")
        if request.headers.get("X-Vault-Namespace") != self.namespace:
            return told(404, {"errors": ["no handler for route"]})
        if request.path == "/v1/auth/clusters/prod/login":
            said = json.loads(request.body)
            if said != {"role": "drift", "jwt": JWT}:
                return told(400, {"errors": ["invalid role name"]})
            return told(200, {"auth": {"client_token": KEEPS, "lease_duration": 3600}})
        if request.headers.get("X-Vault-Token") != KEEPS:
            return told(403, {"errors": ["permission denied"]})
        mount, _, name = request.path.removeprefix("/v1/").rpartition("/")
        if name not in self.data:
            return told(404, {"errors": []})
        data = self.data[name]
        two = {"data": data, "metadata": {"version": 3}}
        return told(200, {"data": {"secret/data": two, "kv": data}[mount]})


@pytest.fixture(scope="module")
def _vault() -> Iterator[Kept]:
    kept = Kept()
    yield kept
    kept.http.close()


@pytest.fixture
def vault(_vault: Kept) -> Kept:
    _vault.data, _vault.asked, _vault.namespace = {"drift": {"token": TOKEN}}, [], None
    return _vault


def said(vault: Kept, **more: Any) -> dict[str, Any]:
    return {"address": vault.http.url, "path": "secret/data/drift", "token": KEEPS, **more}


@pytest.mark.parametrize("path", ["secret/data/drift", "/kv/drift/"])
def test_a_token_is_asked_for_once_and_only_when_it_is_wanted(forge: Stand, vault: Kept, path: str) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo, token=None, vault=said(vault, path=path))
    assert vault.asked == []
    hosted.open(draft())
    login = hosted.login()
    assert login is not None
    assert login.password == TOKEN
    assert len(vault.asked) == 1


@pytest.mark.parametrize("_stand", ["gitlab"], indirect=True)
def test_a_service_account_and_a_file_log_in(forge: Stand, vault: Kept, tmp_path: Path) -> None:
    repo = forge.repository()
    vault.namespace = "platform"
    account = tmp_path / "token"
    account.write_text(f"{JWT}\n")
    by_role = {"token": None, "role": "drift", "mount": "clusters/prod", "service_account": str(account)}
    hosted = forge.connect(repo, token=None, vault=said(vault, **by_role, namespace="platform"))
    assert hosted.pull_requests("drift/a") == []
    assert vault.asked == ["POST /v1/auth/clusters/prod/login", "GET /v1/secret/data/drift"]
    vault.namespace = None
    file = tmp_path / "vault-token"
    file.write_text(f"{KEEPS}\n")
    hosted = forge.connect(repo, token=None, vault=said(vault, token=None, token_file=str(file)))
    assert hosted.pull_requests("drift/a") == []


@pytest.mark.parametrize("_stand", ["github"], indirect=True)
def test_what_vault_does_not_give_is_told_without_a_secret(forge: Stand, vault: Kept, tmp_path: Path) -> None:
    repo = forge.repository()
    account = tmp_path / "token"
    account.write_text("eyJ.another")
    role = {"token": None, "role": "drift", "mount": "clusters/prod", "service_account": str(account)}
    for more, why in (
        ({"token": "hvs.wrong"}, "403 permission denied; Vault's token is not valid"),
        ({"path": "secret/data/other"}, "404; there is nothing"),
        ({"field": "none"}, "no text in the field 'none'"),
        ({"path": "../sys"}, "is no name"),
        (role, "does not let this machine's service account in"),
        ({"token": None, "token_file": str(tmp_path / "none")}, "No such file"),
    ):
        hosted = forge.connect(repo, token=None, vault=said(vault, **more))
        with pytest.raises(ForgeError) as error:
            hosted.pull_requests("drift/a")
        assert why in str(error.value)
        assert not [one for one in (TOKEN, KEEPS, "hvs.wrong", "eyJ.another") if one in str(error.value)]
    vault.data["drift"] = {"token": "two\nlines"}
    with pytest.raises(ForgeError, match="one line of plain text"):
        forge.connect(repo, token=None, vault=said(vault)).pull_requests("drift/a")


@pytest.mark.parametrize("_stand", ["github"], indirect=True)
def test_an_apps_key_that_vault_keeps(forge: Stand, vault: Kept) -> None:
    repo = forge.repository()
    key = rsa.generate_private_key(65537, 2048)
    forge.server.app_id, forge.server.app_key = "7", key.public_key()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    vault.data["app"] = {"pem": pem.decode()}
    kept = said(vault, path="kv/app", field="pem")
    hosted = forge.connect(repo, token=None, app_id="7", vault=kept)
    assert vault.asked == []
    assert hosted.pull_requests("drift/a") == []
    assert len(vault.asked) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"token": None},
        {"role": "drift"},
        {"address": "vault.acme.io"},
        {"address": "http://vault.acme.io"},
        {"pth": "x"},
    ],
)
def test_settings_of_vault_that_are_refused(vault: Kept, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Vault.model_validate(said(vault, **more))


def test_it_is_said_that_references_stand_in_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section = {"vault": {"address": "https://vault.acme.io", "path": "secret/data/drift", "role": "drift"}}
    forges = {"github": section, "gitlab": {"token": "t"}}
    config = parse(
        json.dumps({"version": 1, "remediate": {"forges": forges}}), "drift.yaml", tmp_path, None, {}
    )
    with pytest.raises(DriftError, match="report"):
        remediation.done(
            config, tmp_path / "report.json", [], {}, Deadline(9), print, dry=True, only_chosen=False
        )
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        "note: drift.yaml: remediate.forges.github.vault: Deprecated: give `token: vault://"
    )
