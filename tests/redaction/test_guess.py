"""Guesses by name and look: each shape of secret in each place, and none of what only looks like one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from drift.redaction.chance import entropy, looks_random
from drift.redaction.guess import looks_secret, may_hold_random
from drift.redaction.quick import may_hold_secret
from drift.redaction.redact import Redactor
from tests.comparing import facts, resource
from tests.effort import growth_in_c
from tests.secrets_planted import SHAPES, Secret, secrets
from tests.secrets_shaped import NAMES, ORDINARY, TEXTS

#: place → the attributes that hold a secret there
PLACES: dict[str, Callable[[Secret], dict[str, Any]]] = {
    "tag": lambda s: {"Tags": [{"Key": s.name, "Value": s.text}]},
    "variable": lambda s: {"Env": [{"name": s.name, "value": s.text}]},
    "map of variables": lambda s: {"Variables": {s.name: s.text}},
    "argument": lambda s: {"args": ["serve", f"--token={s.text}" if s.shape == "password" else s.text]},
    "JSON in a text": lambda s: {"Text": json.dumps({"a": [{s.name: s.text}]})},
    "JSON in JSON in a text": lambda s: {"Text": json.dumps({"a": json.dumps({s.name: s.text})})},
    "parameter": lambda s: {"P": [{"ParameterKey": s.name, "ParameterValue": s.text}]},
    "value below its name": lambda s: {s.name: {"Value": s.text}},
}


def hidden(attributes: dict[str, Any]) -> str:
    return repr(Redactor("k").resource(resource(attributes), facts().root).attributes)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("encoded", [False, True])
def test_every_shape_in_every_place(place: str, encoded: bool) -> None:
    left = [
        (secret.shape, secret.text)
        for seed in range(20)
        for secret in secrets(seed, encoded)
        if any(needle in hidden(PLACES[place](secret)) for needle in secret.needles)
    ]
    assert left == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "text", ["Made by hand: {}", "x={}", '"{}"', "a: b\nline: {}\nc: d", "export A={}; run"]
)
def test_every_shape_inside_of_a_longer_text(shape: str, text: str) -> None:
    for seed in range(20):
        secret = next(one for one in secrets(seed) if one.shape == shape)
        said = f"{secret.name}={secret.text}" if shape == "password" else secret.text
        assert looks_secret("Description", text.format(said)), said


@pytest.mark.parametrize("encoded", [False, True])
def test_the_quick_look_passes_none_over(encoded: bool) -> None:
    for seed in range(20):
        for secret in secrets(seed, encoded):
            for place in PLACES.values():
                text = orjson.dumps(place(secret))
                assert may_hold_secret(text.lower()) or may_hold_random(text), secret


@pytest.mark.parametrize("what", TEXTS)
@pytest.mark.parametrize("around", ["{}", "# by hand\nline: 1\n{}\nend", "a {} b"])
def test_what_people_leave_in_texts(what: str, around: str) -> None:
    text, needle = TEXTS[what]
    for attributes in (
        {"Note": around.format(text)},
        {"Tags": [{"Key": "note", "Value": around.format(text)}]},
        {"Text": json.dumps({"a": [around.format(text)]})},
        {"UserData": base64.b64encode(around.format(text).encode()).decode()},
    ):
        assert needle not in hidden(attributes)
        assert "$secret" in hidden(attributes)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_secrets(name: str) -> None:
    assert "correcthorse" not in hidden({"Variables": {name: "correcthorse"}})
    assert "correcthorse" not in hidden({"Text": f"A=b\n{name}=correcthorse\n"})


@pytest.mark.parametrize(
    "letter", ["a", "A1b2", "0a", "mysql ", "x://:aaaa", "token", "name: password, ", "%3a%2f%2f", "eyJ"]
)
def test_a_long_text_costs_by_its_length(letter: str) -> None:
    """The patterns do not try anew from each character what they tried before: 64 times were that."""

    def work(size: int) -> Callable[[], bool]:
        text = letter * (size // len(letter))
        return lambda: looks_secret("Note", text)

    assert growth_in_c(work, 8_000) < 24


HARMLESS = [
    *ORDINARY,
    ("ImageUri", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:" + "9f86d081884c7d65" * 4),
    ("image", "registry.example.com/team/shop-API:v1.24.0-rc1@sha256:" + "0123456789abcdef" * 4),
    ("Digest", "sha256:" + "9f86d081884c7d65" * 4),
    ("CodeSha256", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="),
    ("integrity", "sha256-n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="),
    ("Commit", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("Value", "6f1ed002ab5595859014ebf0951522d9"),
    ("Value", "123E4567-E89B-12D3-A456-426614174000"),
    ("Value", "123e4567-e89b-12d3-a456-426614174000"),
    (
        "TargetGroupArn",
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/my-targets/73e2d6bc24d8a067",
    ),
    ("Role", "arn:aws:iam::123456789012:role/MyStack-MyFunctionServiceRole3C357FF2-1A2B3C4D5E6F7"),
    ("SecretArn", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf"),
    ("ImageId", "ami-0123456789abcdef0"),
    ("SubnetId", "subnet-0a1b2c3d4e5f67890"),
    ("RoleId", "AROAEXAMPLEID1234567890"),
    ("HostedZoneId", "Z0123456789ABCDEFGHIJ"),
    ("Name", "internal.example.com."),
    ("AvailabilityZone", "eu-west-1a"),
    ("aws:cloudformation:logical-id", "MyFunctionServiceRole3C357FF2"),
    ("Value", "MyFunctionServiceRole3C357FF2"),
    ("Value", "MyStack-MyFunctionServiceRole3C357FF2-1A2B3C4D5E6F7"),
    ("Value", "AmazonEKSClusterAutoscalerPolicyForProduction2024"),
    ("Description", "Rotates every 30 days; see https://wiki.example.com/x?page=AccessTokens#L10"),
    ("Description", "Allows HTTPS from 10.0.0.0/8 and 2001:db8::/32"),
    ("Endpoint", "https://sqs.us-east-1.amazonaws.com/123456789012/My-Queue-Name"),
    ("Url", "http://user-service.shop.svc.cluster.local:8080/v1/things@2"),
    ("git", "git@github.com:example/infrastructure.git"),
    ("git", "ssh://git@github.com/example/infrastructure.git"),
    (
        "SAMLMetadataDocument",
        (
            "-----BEGIN CERTIFICATE-----\nMIIDdTCCAl2gAwIBAgILBAAAAAABFUtaw5QwDQYJKoZIhvcNAQEF\n"
            "-----END CERTIFICATE-----"
        ),
    ),
    ("PublicKeyMaterial", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7vbqajDhA5Mw0nTzPq1Zs me@host"),
    (
        "caBundle",
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURkVENDQWwyZ0F3SUJBZ0lMQkFBQUFBQUJGVXRhdzVRd0RRWUpLb1pJ",
    ),
    ("PASSWORD_FILE", "/run/secrets/db"),
    ("DB_PASSWORD", "${DB_PASSWORD}"),
    ("Password", "{{resolve:secretsmanager:prod/db:SecretString:password}}"),
    ("TokenUrl", "https://id.example.com/oauth2/token"),
    ("Action", "secretsmanager:GetSecretValue"),
    ("Pattern", '{"detail-type": ["AWS API Call"], "source": ["aws.secretsmanager"]}'),
    (
        "Config",
        (
            '{"tokenValidity": "3600s", "password_policy": "strict", "resource": '
            '"arn:aws:secretsmanager:eu-west-1:1:secret:a"}'
        ),
    ),
    ("Schedule", "cron(0 12 * * ? *)"),
    ("Email", "mailto:platform@example.com"),
    ("Tier", "Standard"),
    ("clusterToken", "true"),
    ("AuthType", "AWS_IAM"),
    ("auth", "basic"),
]


@pytest.mark.parametrize(("name", "value"), HARMLESS)
def test_ordinary_values_stay(name: str, value: str) -> None:
    assert not looks_secret(name, value)
    assert repr(value) in hidden({name: value})


def test_a_number_under_a_telling_name() -> None:
    assert "87654321" not in hidden({"Password": 87654321})
    assert "3600" in hidden({"TokenValidity": 3600, "PasswordLength": 16})


def test_random_and_not() -> None:
    assert entropy("aaaa") == 0
    assert entropy("ab") == 1
    passwords = [one.text for seed in range(200) for one in secrets(seed) if one.shape == "password"]
    assert sum(map(looks_random, passwords)) > 195  # chance makes a word now and then
    assert not looks_random("0123456789abcdef0123456789ABCDEF")
    assert not looks_random("ThisIsOnlyALongName4Something2")
