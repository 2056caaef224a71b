"""A login that is never answered is one clear row after the time of a call, whichever way it goes."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from drift.config.model import parse
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.preflight.looking import look
from drift.scan import Run

Set = Callable[[str, str], None]


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """HOST:PORT of a server that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        for one in taken:
            one.close()


def _secret(put: Set, _: Path, host: str) -> str:
    put("AZURE_TENANT_ID", "t")
    put("AZURE_CLIENT_ID", "c")
    put("AZURE_CLIENT_SECRET", "s")
    put("HTTPS_PROXY", f"http://{host}")
    return "azure"


def _workload(put: Set, folder: Path, host: str) -> str:
    (folder / "token").write_text("a.b.c")
    put("AZURE_TENANT_ID", "11111111-1111-1111-1111-111111111111")
    put("AZURE_CLIENT_ID", "c")
    put("AZURE_FEDERATED_TOKEN_FILE", str(folder / "token"))
    put("HTTPS_PROXY", f"http://{host}")
    return "azure"


def _app_service(put: Set, _: Path, host: str) -> str:
    put("IDENTITY_ENDPOINT", f"http://{host}/msi/token")
    put("IDENTITY_HEADER", "h")
    return "azure"


def _machine(put: Set, _: Path, host: str) -> str:
    put("AZURE_POD_IDENTITY_AUTHORITY_HOST", f"http://{host}")
    put("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    return "azure"


def _program(put: Set, folder: Path, _: str) -> str:
    program = folder / "az"
    program.write_text("#!/bin/sh\nexec sleep 9\n")
    program.chmod(0o755)
    put("PATH", f"{folder}:/usr/bin:/bin")
    put("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    return "azure"


def _lent_azure(put: Set, _: Path, host: str) -> str:
    put("LENT", json.dumps({"client_id": "c", "client_secret": "s", "tenant_id": "t"}))
    put("HTTPS_PROXY", f"http://{host}")
    return "azure: {credentials: 'env://LENT'}"


def _key(host: str) -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    pem = made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    mail = "drift@acme.iam.gserviceaccount.com"
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "acme",
            "private_key": pem,
            "client_email": mail,
            "token_uri": f"http://{host}/token",
        }
    )


def _account(put: Set, folder: Path, host: str) -> str:
    (folder / "key.json").write_text(_key(host))
    put("GOOGLE_APPLICATION_CREDENTIALS", str(folder / "key.json"))
    return "gcp"


def _user(put: Set, folder: Path, host: str) -> str:
    said = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    (folder / "user.json").write_text(json.dumps(said | {"token_uri": f"http://{host}/token"}))
    put("GOOGLE_APPLICATION_CREDENTIALS", str(folder / "user.json"))
    put("HTTPS_PROXY", f"http://{host}")  # an address of its own is not taken of a user
    return "gcp"


def _federated(put: Set, folder: Path, host: str) -> str:
    (folder / "token").write_text("a.b.c")
    said = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(folder / "token")},
    }
    (folder / "external.json").write_text(json.dumps(said))
    put("GOOGLE_APPLICATION_CREDENTIALS", str(folder / "external.json"))
    put("HTTPS_PROXY", f"http://{host}")
    return "gcp"


def _metadata(put: Set, _: Path, host: str) -> str:
    put("GCE_METADATA_HOST", host)
    put("GCE_METADATA_IP", host)
    return "gcp"


def _lent_gcp(put: Set, _: Path, host: str) -> str:
    put("LENT", _key(host))
    return "gcp: {credentials: 'env://LENT'}"


WAYS = (
    *(_secret, _workload, _app_service, _machine, _program, _lent_azure),
    *(_account, _user, _federated, _metadata, _lent_gcp),
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_who_does_not_answer_is_named_in_time(
    way: Callable[[Set, Path, str], str], silent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        if name.upper().startswith(
            ("AZURE_", "GOOGLE_", "GCE_", "IDENTITY_", "MSI_", "NO_PROXY", "CLOUDSDK_")
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    section = way(monkeypatch.setenv, tmp_path, silent)
    name, _, said = section.partition(": ")
    said = said.removeprefix("{").removesuffix("}")
    text = f"version: 1\nlive: {{{name}: {{timeout: 0.4{', ' if said else ''}{said}}}}}\n"
    (tmp_path / "drift.yaml").write_text(text)
    looked = look(tmp_path / "drift.yaml", None, (), Deadline(60))
    rows = [one for one in looked.checks if one.provider == name]
    with pytest.raises(DriftError) as scan:
        Run(parse(text, "drift.yaml", tmp_path, None, {})).scan()
    for told in ([one.message for one in rows if one.status == "stops"], [str(scan.value)]):
        assert len(told) == 1, looked.checks
        assert f"{name}: login: " in told[0] and f"within 0.4 seconds (live.{name}.timeout)" in told[0]
        assert (
            "a program that gives credentials" in told[0] if way is _program else "did not answer" in told[0]
        )
