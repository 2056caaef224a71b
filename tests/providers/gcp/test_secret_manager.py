"""Secrets that Google Cloud Secret Manager keeps, and service accounts whose key is kept elsewhere."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from google.auth.exceptions import RefreshError
from pydantic import SecretStr

from drift.loopback import Server, json
from drift.secret import Held, SecretError
from drift.secrets import keyring
from providers.gcp.lent import LentCredentials
from providers.gcp.loopback.secret_manager import LoopbackSecrets
from tests.secrets.stores import refusal, value

VALUE = "correct horse battery staple"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackSecrets]:
    monkeypatch.setattr(keyring, "_BACK_OFF", 0.0)
    monkeypatch.setattr("providers.gcp.failures._FIRST", 0.0)
    made = LoopbackSecrets(
        {
            ("acme", "mail"): [b"an older one", None, f'{{"password": "{VALUE}"}}'.encode()],
            ("acme", "binary"): [b"\xff\x00"],
        }
    )
    yield made
    made.close()


def test_by_name_and_version(service: LoopbackSecrets) -> None:
    there = {"gcpsm": {"endpoint": service.url}}
    assert value("gcpsm://acme/mail#password", **there) == VALUE
    assert value("gcpsm://acme/mail/1", **there) == "an older one"
    assert value("gcpsm://projects/acme/secrets/mail/versions/1", **there) == "an older one"


def test_what_is_throttled_or_fails_is_tried_again(service: LoopbackSecrets) -> None:
    service.throttled, service.broken = 1, 1
    assert value("gcpsm://acme/mail/1", gcpsm={"endpoint": service.url}) == "an older one"
    service.throttled = 99
    assert "its quota is used up" in refusal("gcpsm://acme/mail", gcpsm={"endpoint": service.url})


def test_what_can_not_be_had(service: LoopbackSecrets) -> None:
    there = {"gcpsm": {"endpoint": service.url}}
    assert refusal("gcpsm://acme/none", **there).startswith("there is no secret of this name")
    assert refusal("gcpsm://acme/mail/7", **there).startswith("there is no secret of this name")
    assert refusal("gcpsm://acme/mail/2", **there).startswith("this version is disabled or destroyed")
    assert refusal("gcpsm://acme/binary", **there).startswith("the secret is no text")
    assert refusal("gcpsm://acme", **there).startswith("write gcpsm://PROJECT/NAME")
    service.denied.add("mail")
    assert "roles/secretmanager.secretAccessor on the secret" in refusal("gcpsm://acme/mail", **there)
    service.close()
    assert "can't be reached" in refusal("gcpsm://acme/mail", **there)


# Service accounts


def key(token_uri: str) -> dict[str, str]:
    """The key of a service account."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"client_email": "drift@acme.iam.gserviceaccount.com", "token_uri": token_uri}
    return {"type": "service_account", "project_id": "acme", "private_key": pem, **account}


def test_a_key_that_is_kept_elsewhere_gets_tokens_and_is_asked_for_again() -> None:
    from google.auth.transport.requests import Request

    asked: list[bytes] = []

    def answer(request: Any) -> Any:
        asked.append(request.body)
        return json(200, {"access_token": f"t-{len(asked)}", "expires_in": 3600, "token_type": "Bearer"})

    server = Server(answer)
    said = orjson.dumps(key(f"{server.url}/token"))
    of_vault = orjson.dumps({"private_key_data": base64.b64encode(said).decode()}).decode()
    texts = [said.decode(), said.decode(), of_vault]
    credentials = LentCredentials(Held(lambda: (texts.pop(0), math.inf)), ["scope"])
    assert credentials.project == "acme"
    for number in (1, 2):
        credentials.refresh(Request())
        assert credentials.token == f"t-{number}" and credentials.expiry is not None
    server.close()


def test_a_token_that_is_lent_ends_when_it_is_no_longer_good() -> None:
    texts = [('{"token": "t-1"}', 600.0), ('{"token": "t-2"}', 600.0)]
    credentials = LentCredentials(Held(lambda: texts.pop(0)), ["scope"])
    assert not credentials.valid
    credentials.refresh(None)
    assert credentials.token == "t-1" and credentials.valid
    credentials.refresh(None)
    assert credentials.token == "t-2"


def test_what_is_no_key_is_told_without_its_text() -> None:
    with pytest.raises(SecretError, match="is no JSON object"):
        _ = LentCredentials(SecretStr("hunter two"), ["scope"]).project
    with pytest.raises(RefreshError, match="neither the key of a service account") as error:
        LentCredentials(SecretStr('{"type": "hunter two"}'), ["scope"]).refresh(None)
    assert "hunter" not in str(error.value)
