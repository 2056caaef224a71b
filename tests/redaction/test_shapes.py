"""Secrets of many kinds, under many names, as a member of a config map, a variable, an annotation and a
custom resource: hidden in each."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from drift import plugins
from drift.facts import NOTHING
from drift.model import Resource
from drift.redaction.redact import Redactor
from tests import shared

SHAPES = yaml.safe_load(Path(__file__).with_name("shapes.yaml").read_text("utf-8"))
_META = {"name": "x", "namespace": "n"}


def places(name: str, value: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """place → (type, object) with the member there."""
    pod = {"containers": [{"name": "main", "image": "nginx:1", "env": [{"name": name, "value": str(value)}]}]}
    noted = {**_META, "annotations": {name: str(value)}}
    return {
        "config map": ("v1/ConfigMap", {"metadata": _META, "data": {name: str(value)}}),
        "variable": ("apps/v1/Deployment", {"metadata": _META, "spec": {"template": {"spec": pod}}}),
        "annotation": ("v1/ConfigMap", {"metadata": noted}),
        "custom resource": ("example.com/v1/Thing", {"metadata": _META, "spec": {name: value}}),
    }


def left(shape: dict[str, Any]) -> list[str]:
    """The places where a secret can still be read, in whatever encoding."""
    kubernetes = plugins.providers()["kubernetes"]
    secret = str(shape["secret"])
    needles = {
        secret,
        quote(secret, safe=""),
        secret.encode().hex(),
        base64.b64encode(secret.encode()).decode(),
    }
    found = []
    for place, (type_, body) in places(shape["name"], shape["value"]).items():
        facts = kubernetes.facts(type_)
        resource = Resource("kubernetes", "c", type_, "n/x", body, name="x")
        clean = Redactor("k").resource(resource, NOTHING if facts is None else facts.root)
        told = json.dumps(clean.attributes, ensure_ascii=False)
        if any(needle in told for needle in needles):
            found.append(place)
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=[one["what"] for one in SHAPES])
def test_what_people_call_secrets_is_hidden(shape: dict[str, Any]) -> None:
    assert left(shape) == []


@shared.needs("secret-shapes.yaml")
def test_what_could_once_be_read_is_hidden() -> None:
    shapes = yaml.safe_load(shared.path("secret-shapes.yaml").read_text("utf-8"))
    assert {one["what"]: places for one in shapes if (places := left(one))} == {}


ORDINARY = [
    ("PARTITION_KEY", "customerId"),
    ("topologyKey", "topology.kubernetes.io/zone"),
    ("S3Key", "builds/app.zip"),
    ("KMS_KEY", "alias/shop"),
    ("SSH_PUBLIC_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@host"),
    ("monkey", "banana"),
    ("keyword", "sale"),
    ("mapping", "pinned"),
    ("PASSWORD_FILE", "/run/secrets/db"),
    ("PASSWORD_LENGTH", "16"),
    ("passwordPolicy", "strict"),
    ("TOKEN_TTL", "3600s"),
    ("TOKEN_URL", "https://id.example.com/token"),
    ("DB_PASSWORD", "${DB_PASSWORD}"),
    ("DB_PASSWORD", "$(DB_PASSWORD)"),
    ("DB_PASSWORD", "<redacted>"),
    ("DB_PASSWORD", "vault:secret/db#password"),
    ("checksum/config", "9f86d081884c7d65" * 4),
    ("commit", "da39a3ee5e6b4b0d3255"),
    ("statusCode", "404"),
    ("countryCode", "CH"),
    ("community", "enterprise"),
    ("session", "eu-sessions"),
    ("author", "Ada"),
    ("webhook", "enabled"),
    ("note", "The pin is on the map"),
    ("note", "Ask for a token at the desk"),
]


@pytest.mark.parametrize(("name", "value"), ORDINARY)
def test_what_only_sounds_like_one_stays(name: str, value: str) -> None:
    resource = Resource("x", "s", "t", "i", {name: value})
    assert Redactor("k").resource(resource, NOTHING) is resource
