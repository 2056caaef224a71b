"""Who a run is at an object store: what the cloud's own SDK says, as everywhere else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from drift.deadline import Deadline
from drift.loopback import Answer, Request, Server
from drift.loopback import json as as_json
from drift.objects import Store, StoreError
from providers.gcp.state import GcsBackend
from tests.conftest import client
from tests.forked_aws import moto


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with moto() as url:
        yield url


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that says of no cloud who one is."""
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_s3_is_reached_by_a_profile_in_its_region(
    aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(aws, "s3", "eu-west-1").create_bucket(
        Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    with pytest.raises(StoreError, match=r"^s3://kept/drift: aws: no credentials found; set AWS_PROFILE"):
        Store("s3://kept/drift").listed()
    (tmp_path / "config").write_text("[profile reports]\nregion = eu-west-1\n")
    (tmp_path / "credentials").write_text("[reports]\naws_access_key_id = a\naws_secret_access_key = b\n")
    monkeypatch.setenv("AWS_PROFILE", "reports")
    (tmp_path / "report.json").write_text("{}")
    store = Store("s3://kept/drift")
    store.put("ID/report.json", tmp_path / "report.json")
    assert store.listed() == (["ID"], [])
    assert store.listed("ID") == ([], ["report.json"])


def test_blob_storage_is_asked_with_the_token_of_azure_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        if "comp=list" not in request.query:
            return Answer(404, b"", {})
        body = b"<EnumerationResults><Blobs/></EnumerationResults>"
        return Answer(200, body, {"Content-Type": "application/xml"})

    class Credential:
        def get_token(self, *scopes: str) -> Any:
            return SimpleNamespace(token=f"for {scopes[0]}", expires_on=int(time.time()) + 3600)

    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Credential)
    server = Server(answer)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "acme")
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", server.url)
    assert Store("az://reports/drift").listed() == ([], [])
    server.close()
    assert asked[0].headers["Authorization"] == "Bearer for https://storage.azure.com/.default"


def test_cloud_storage_is_asked_with_the_token_of_the_default_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(
        lambda _: as_json(200, {"access_token": "t0ken", "expires_in": 3600, "token_type": "Bearer"})
    )
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "client_email": "drift@acme.iam.gserviceaccount.com",
        "private_key": pem.decode(),
        "token_uri": server.url,
        "project_id": "acme",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    identity = GcsBackend().identity(Deadline())
    assert identity is not None
    given = identity.credentials()
    server.close()
    assert given["token"] == "t0ken"
    assert 3000 < given["expires_at"].timestamp() - time.time() < 3700


def test_cloud_storage_without_credentials_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(StoreError, match=r"^gs://reports/drift: gcp: .*none\.json"):
        Store("gs://reports/drift").listed()


@pytest.mark.parametrize(
    ("scheme", "variable"), [("az", "AZURE_STORAGE_SAS_TOKEN"), ("gs", "GOOGLE_SERVICE_ACCOUNT_KEY")]
)
def test_what_the_environment_says_of_the_store_itself_goes_first(
    scheme: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from drift import plugins

    monkeypatch.setenv(variable, "x")
    (backend,) = (one for one in plugins.backends().values() if scheme in one.stores)
    assert backend.identity(Deadline()) is None
