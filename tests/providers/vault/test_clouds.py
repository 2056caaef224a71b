"""Ways in to Vault by the identities of clouds, and credentials of theirs that it lends to a run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import orjson
import pytest
from botocore.exceptions import ClientError
from google.auth import crypt, jwt

from drift.config.model import Config, parse
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.limits import Limits
from drift.loopback import NO_PROXY, Answer, Request, Server, json
from drift.scan import Run
from drift.secret import Held
from drift.secrets import keyring
from providers.aws import lent
from providers.aws.login import lent_session
from providers.vault.loopback import Loopback
from tests.forked_aws import moto

OWN, OTHER = "123456789012", "222222222222"


@pytest.fixture(scope="module")
def cloud() -> Iterator[str]:
    with moto() as url:
        yield url


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with no identity in it."""
    monkeypatch.setattr(keyring, "_BACK_OFF", 0.0)
    begin = ("AWS_", "AZURE_", "GOOGLE_", "VAULT_", "BAO_", "GCE_", "IDENTITY_", "CLOUDSDK_")
    for name in [one for one in os.environ if one.startswith(begin)]:
        monkeypatch.delenv(name)
    for name, value in {**NO_PROXY, "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}.items():
        monkeypatch.setenv(name, value)


def configured(vault: Loopback, login: Mapping[str, Any], **more: Any) -> Config:
    said = {"version": 1, "secrets": {"vault": {"address": vault.url, "login": login}}, **more}
    return parse(orjson.dumps(said).decode(), "drift.yaml", Path("/base"), None, {})


def enters(vault: Loopback, login: Mapping[str, Any]) -> str | None:
    """Why a login is refused; None where it is not."""
    config = configured(vault, login, redaction={"key": "vault://lent#value"})
    assert config.redaction.key is not None
    try:
        assert config.redaction.key.get_secret_value() == "a value that is lent"
    except DriftError as error:
        return str(error).removeprefix("drift.yaml:1: redaction.key (vault): ")
    finally:
        config.keyring.close()
    assert not vault.tokens and not vault.leases
    return None


def lends() -> tuple[Mapping[str, Any], Any]:
    return {"value": "a value that is lent"}, lambda: None


def test_by_an_identity_of_aws(cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Loopback(sts=cloud, engines={"lent": lends})
    login = {"aws": {"role": "drift", "region": "eu-west-1", "server_id": "vault.acme.io"}}
    assert "there is no AWS identity to log in with" in str(enters(vault, login))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert enters(vault, login) is None
    vault.close()


@pytest.fixture(scope="module")
def signer() -> Any:
    """A key that signs, and the claims of what it signed."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    verifier: Any = crypt.RSAVerifier

    def verify(token: str) -> Mapping[str, Any]:
        head, claims, signed, signature = jwt._unverified_decode(token)  # type: ignore[no-untyped-call]
        if not verifier.from_string(public).verify(signed, signature):
            raise ValueError(head)
        return dict(claims)

    return pem, verify


def test_by_a_managed_identity_of_azure(signer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pem, verify = signer
    sign: Any = crypt.RSASigner

    def identity(request: Request) -> Answer:
        """What App Service tells of its identity."""
        assert request.headers["X-IDENTITY-HEADER"] == "mine"
        ends = int(time.time()) + 3600
        claims = {"oid": "o-1", "aud": "https://management.azure.com/", "exp": ends}
        token = jwt.encode(sign.from_string(pem), claims).decode()  # type: ignore[no-untyped-call]
        return json(200, {"access_token": token, "expires_on": str(ends), "token_type": "Bearer"})

    platform = Server(identity)
    vault = Loopback(verify=verify, engines={"lent": lends})
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{platform.url}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "mine")
    machine = {"subscription": "s-1", "resource_group": "g", "vm": "drift"}
    assert enters(vault, {"azure": {"role": "drift", **machine}}) is None
    vault.close()
    platform.close()


def test_by_a_service_account_of_google(signer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem, verify = signer
    vault = Loopback(verify=verify, engines={"lent": lends})
    account = {
        "type": "service_account",
        "project_id": "acme",
        "private_key_id": "k-1",
        "private_key": pem,
        "client_email": "drift@acme.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    (tmp_path / "key.json").write_bytes(orjson.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    assert enters(vault, {"gcp": {"role": "drift"}}) is None
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    assert "there is no Google identity to log in with" in str(enters(vault, {"gcp": {"role": "drift"}}))
    vault.close()


# Credentials that are lent


class Engine:
    """What Vault's engine for AWS does for `aws/creds/drift`: a user of its own for each lease."""

    def __init__(self, cloud: str) -> None:
        login = {"aws_access_key_id": "vault", "aws_secret_access_key": "vault", "region_name": "us-east-1"}
        self.iam: Any = boto3.client("iam", endpoint_url=cloud, **login)
        self.keys: list[Mapping[str, Any]] = []

    def __call__(self) -> tuple[Mapping[str, Any], Any]:
        name = f"vault-drift-{len(self.keys)}"
        self.iam.create_user(UserName=name)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        self.keys.append(key)

        def gone() -> None:
            self.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
            self.iam.delete_user(UserName=name)

        said = {
            "access_key": key["AccessKeyId"],
            "secret_key": key["SecretAccessKey"],
            "security_token": None,
        }
        return said, gone

    @property
    def users(self) -> list[str]:
        return [one["UserName"] for one in self.iam.list_users()["Users"]]


def test_accounts_are_read_with_what_is_lent_and_one_that_lacks_it_hides_no_other(
    cloud: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(cloud)
    vault = Loopback(sts=cloud, engines={"aws/creds/drift": engine})
    monkeypatch.setenv("DRIFT_TEST_TOKEN", "s.given")
    vault.tokens.add("s.given")
    accounts = [
        {"id": OWN, "credentials": "vault://aws/creds/drift"},
        {"id": OTHER, "credentials": "vault://aws/creds/nothing-there"},
    ]
    live = {"aws": {"endpoint": cloud, "regions": ["us-east-1"], "include": ["AWS::IAM::User"]}}
    live["aws"]["accounts"] = accounts  # type: ignore[assignment]
    config = configured(vault, {"token": "env://DRIFT_TEST_TOKEN"}, live=live)
    assert not vault.asked
    run = Run(config, deadline=Deadline())
    estate, _ = run.snapshot()
    told = {(row.cell.scope, row.cell.type, row.status): row.message for row in estate.coverage.values()}
    assert (OWN, "AWS::IAM::User", "checked") in told
    (refused,) = [
        message for (scope, _, status), message in told.items() if scope == OTHER and status == "denied"
    ]
    assert "live.aws.accounts.1.credentials (vault): there is nothing at this path" in refused
    assert "nothing-there" not in refused
    (key,) = engine.keys
    assert key["SecretAccessKey"] not in run.told(f"it was {key['SecretAccessKey']}")
    assert engine.users == [key["UserName"]]
    config.keyring.close()
    assert [one for one in vault.asked if "revoke" in one] == ["PUT sys/leases/revoke"]
    vault.close()


def test_a_user_that_aws_does_not_know_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [403, 403, 200]
    unknown = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>"
    known = (
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>"
        "</GetCallerIdentityResponse>"
    )

    def sts(_: Request) -> Answer:
        status = answers.pop(0)
        return Answer(status, (known if status == 200 else unknown).encode(), {"Content-Type": "text/xml"})

    server = Server(sts)
    monkeypatch.setattr(lent, "_LOOK_SECONDS", 0.01)
    secret = Held(lambda: ('{"access_key": "AKIA", "secret_key": "s"}', 3600.0))
    lent_session(secret, Deadline(), Limits(), "us-east-1", server.url)
    assert not answers
    answers += [403] * 9
    monkeypatch.setattr(lent, "_UNKNOWN_SECONDS", 0.02)
    with pytest.raises(ClientError):
        lent_session(secret, Deadline(), Limits(), "us-east-1", server.url)
    server.close()


def test_the_members_of_credentials_are_told(cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from providers.aws.session import Clients
    from providers.aws.settings import Settings

    for text, why in (
        ("no document", "is no JSON object; name a whole secret"),
        ('{"access_key": "AKIA"}', "the secret has no `secret_key`"),
    ):
        monkeypatch.setenv("DRIFT_TEST_CREDENTIALS", text)
        live = {"aws": {"endpoint": cloud, "credentials": "env://DRIFT_TEST_CREDENTIALS"}}
        said = orjson.dumps({"version": 1, "live": live}).decode()
        settings = parse(said, "drift.yaml", Path("/base"), None, {}).settings["aws"]
        assert isinstance(settings, Settings)
        with pytest.raises(DriftError) as error:
            Clients(settings)
        assert why in str(error.value) and text not in str(error.value)
