"""Secrets in Google's bodies are hidden at the edge: those that facts name, and those that look like it in
free texts."""

from __future__ import annotations

from typing import Any

import pytest

from drift.model import Resource
from drift.redaction.redact import Redactor
from providers.gcp.provider import provider

REDACTOR = Redactor("a key for tests")
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("type_", "body", "said"),
    [
        (
            "run.googleapis.com/Service",
            {"template": {"containers": [{"env": [{"name": "DB_PASSWORD", "value": "hunter2hunter2"}]}]}},
            "hunter2",
        ),
        (
            "cloudfunctions.googleapis.com/CloudFunction",
            {"environmentVariables": {"API_TOKEN": "hunter2hunter2"}},
            "hunter2",
        ),
        ("compute.googleapis.com/Instance", {"metadata": {"items": [{"key": "k", "value": KEY}]}}, "MIIE"),
        ("compute.googleapis.com/VpnTunnel", {"sharedSecret": "hunter2"}, "hunter2"),
        ("compute.googleapis.com/SslCertificate", {"privateKey": "hunter2"}, "hunter2"),
        ("compute.googleapis.com/Disk", {"diskEncryptionKey": {"rawKey": "hunter2"}}, "hunter2"),
        ("compute.googleapis.com/BackendService", {"iap": {"oauth2ClientSecret": "hunter2"}}, "hunter2"),
        ("sqladmin.googleapis.com/Instance", {"rootPassword": "hunter2"}, "hunter2"),
        ("sqladmin.googleapis.com/User", {"password": "hunter2"}, "hunter2"),
        ("secretmanager.googleapis.com/SecretVersion", {"payload": {"data": "aHVudGVyMg=="}}, "aHVudGVyMg"),
        ("monitoring.googleapis.com/NotificationChannel", {"labels": {"auth_token": "hunter2"}}, "hunter2"),
        (
            "monitoring.googleapis.com/UptimeCheckConfig",
            {"httpCheck": {"authInfo": {"password": "hunter2"}}},
            "hunter2",
        ),
        ("iam.googleapis.com/ServiceAccountKey", {"privateKeyData": "hunter2"}, "hunter2"),
        ("alloydb.googleapis.com/Cluster", {"initialUser": {"user": "u", "password": "hunter2"}}, "hunter2"),
        (
            "container.googleapis.com/Cluster",
            {"masterAuth": {"password": "hunter2", "clientKey": "hunter2"}},
            "hunter2",
        ),
        ("container.googleapis.com/Cluster", {"cluster": {"masterAuth": {"password": "hunter2"}}}, "hunter2"),
        ("new.googleapis.com/Thing", {"settings": {"dbPassword": "hunter2hunter2"}}, "hunter2"),
    ],
)
def test_a_secret_is_hidden(type_: str, body: dict[str, Any], said: str) -> None:
    facts = provider.facts(type_)
    assert facts is not None
    found = REDACTOR.resource(Resource("gcp", "p", type_, "//x", body), facts.root)
    assert said not in repr(found.attributes)


def test_plain_settings_stay_readable() -> None:
    body = {
        "encryption": {"defaultKmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"},
        "labels": {"team": "shop"},
        "etag": "CAE=",
        "id": "b",
    }
    facts = provider.facts("storage.googleapis.com/Bucket")
    assert facts is not None
    found = REDACTOR.resource(Resource("gcp", "p", facts.type, "//x", body), facts.root)
    assert found.attributes == body
