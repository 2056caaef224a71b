"""Secrets that AWS Secrets Manager keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from drift.loopback import Answer, Server, json
from drift.secrets import keyring
from tests.forked_aws import moto
from tests.secrets.stores import refusal, value

VALUE = "correct horse battery staple"
LOGIN = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[tuple[str, str]]:
    """(address, ARN of a secret)."""
    with moto() as url:
        client: Any = boto3.client("secretsmanager", endpoint_url=url, region_name="eu-west-1", **LOGIN)
        client.create_secret(Name="drift/mail", SecretString=f'{{"password": "{VALUE}"}}')
        client.create_secret(Name="drift/binary", SecretBinary=b"\xff\x00")
        made = client.create_secret(Name="drift/key", SecretString="the first value")
        client.put_secret_value(SecretId="drift/key", SecretString=VALUE)
        client.create_secret(Name="drift/deleted", SecretString=VALUE)
        client.delete_secret(SecretId="drift/deleted")
        yield url, made["ARN"]


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "_BACK_OFF", 0.0)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, said in LOGIN.items():
        monkeypatch.setenv(name.upper(), said)


def test_by_name_and_arn_and_version(cloud: tuple[str, str]) -> None:
    url, arn = cloud
    there = {"awssm": {"endpoint": url, "region": "eu-west-1"}}
    assert value("awssm://drift/mail#password", **there) == VALUE
    assert value("awssm://drift/key", **there) == VALUE
    assert value("awssm://drift/key?stage=AWSPREVIOUS", **there) == "the first value"
    assert value(f"awssm://{arn}", awssm={"endpoint": url}) == VALUE  # an ARN says its region


def test_what_can_not_be_had(cloud: tuple[str, str]) -> None:
    there = {"awssm": {"endpoint": cloud[0], "region": "eu-west-1"}}
    assert refusal("awssm://drift/none", **there).startswith("there is no secret of this name")
    assert "may be marked for deletion" in refusal("awssm://drift/deleted", **there)
    assert refusal("awssm://drift/binary", **there) == "the secret is no text"
    assert "has no member of the name" in refusal("awssm://drift/mail#passwrod", **there)
    assert "no region: give `secrets.awssm.region`" in refusal(
        "awssm://drift/mail", awssm={"endpoint": cloud[0]}
    )


@pytest.mark.parametrize(
    ("code", "status", "why", "calls"),
    [
        ("AccessDeniedException", 400, "allow secretsmanager:GetSecretValue on this secret", 1),
        ("ThrottlingException", 400, "secretsmanager:GetSecretValue: ThrottlingException", 9),
        ("InternalServiceError", 500, "secretsmanager:GetSecretValue: InternalServiceError", 9),
    ],
)
def test_what_is_refused(
    code: str, status: int, why: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(request: Any) -> Answer:
        asked.append(request.path)
        kind = {"Content-Type": "application/x-amz-json-1.1"}
        return json(status, {"__type": code, "message": "not allowed on drift/mail"}, kind)

    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
    server = Server(answer)
    assert why in refusal("awssm://drift/mail", awssm={"endpoint": server.url, "region": "eu-west-1"})
    server.close()
    assert len(asked) == calls
