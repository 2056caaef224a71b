"""Secrets that Azure Key Vault keeps, and service principals whose secret is kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from drift.errors import CredentialsError
from drift.secret import Held, SecretError
from drift.secrets import keyring
from providers.azure.lent import LentCredential
from providers.azure.loopback.key_vault import LoopbackVault
from providers.azure.session import Session
from providers.azure.settings import Settings
from tests.secrets.stores import refusal, value

VALUE = "correct horse battery staple"


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackVault]:
    monkeypatch.setattr(keyring, "_BACK_OFF", 0.0)
    made = LoopbackVault({"mail": {"v1": "an older one", "v2": f'{{"password": "{VALUE}"}}'}})
    yield made
    made.close()


def test_by_name_and_version(vault: LoopbackVault) -> None:
    there = {"azkv": {"endpoint": vault.url}}
    assert value("azkv://acme/mail#password", **there) == VALUE
    assert value("azkv://acme/mail/v1", **there) == "an older one"


def test_what_is_throttled_or_fails_is_tried_again(vault: LoopbackVault) -> None:
    vault.throttled, vault.broken = 1, 1
    assert value("azkv://acme/mail/v1", azkv={"endpoint": vault.url}) == "an older one"
    vault.throttled = 9
    assert refusal("azkv://acme/mail", azkv={"endpoint": vault.url}) == "Key Vault refuses more calls for now"


def test_what_can_not_be_had(vault: LoopbackVault) -> None:
    there = {"azkv": {"endpoint": vault.url}}
    assert refusal("azkv://acme/none", **there).startswith("there is no secret of this name")
    vault.denied.add("mail")
    assert "the role Key Vault Secrets User on the vault is needed" in refusal("azkv://acme/mail", **there)
    assert refusal("azkv://acme", **there) == "write azkv://VAULT/NAME, or azkv://VAULT/NAME/VERSION"
    assert refusal("azkv://acme.evil.example/mail", **there).startswith("write azkv://VAULT/NAME")
    vault.close()
    assert refusal("azkv://acme/mail", **there).startswith("the vault can't be reached")


# Service principals


def test_a_service_principal_that_is_lent_is_asked_for_with_each_token() -> None:
    texts = [
        '{"client_id": "c1", "client_secret": "s1", "tenant": "t"}',
        '{"client_id": "c1", "client_secret": "s1", "tenant": "t"}',
        '{"appId": "c2", "password": "s2", "tenant": "t"}',
    ]
    made: list[tuple[str, str, str]] = []

    class Made:
        def get_token(self, *scopes: str, **_: Any) -> str:
            return f"for {scopes[0]}"

    def make(*said: str) -> Made:
        made.append(said)  # type: ignore[arg-type]
        return Made()

    credential = LentCredential(Held(lambda: (texts.pop(0), 3600.0)), "own", make)
    assert [credential.get_token("scope") for _ in range(3)] == ["for scope"] * 3
    assert made == [("own", "c1", "s1"), ("own", "c2", "s2")]


def test_a_service_principal_with_a_part_missing_is_told() -> None:
    secret = SecretStr('{"client_id": "c1", "client_secret": "s1"}')
    with pytest.raises(SecretError, match=r"the secret has no `tenant_id`; give `live\.azure\.tenant`"):
        LentCredential(secret, None, lambda *_: None).get_token("scope")
    with pytest.raises(CredentialsError, match="is no JSON object"):
        Session(Settings(credentials=SecretStr("s1"))).identify()


def test_the_sdk_is_asked_by_the_principal_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.core.rest import HttpRequest

    asked: list[HttpRequest] = []

    class Transport:
        """Azure's login service, without a network."""

        def send(self, request: Any, **_: Any) -> Any:
            from requests import Response

            asked.append(request)
            body = b'{"access_token": "t-1", "expires_in": 3600, "token_type": "Bearer"}'
            if "openid-configuration" in request.url or "discovery/instance" in request.url:
                base = "https://login.microsoftonline.com/t-own"
                body = (
                    f'{{"token_endpoint": "{base}/oauth2/v2.0/token", "authorization_endpoint": "{base}/a", '
                    f'"issuer": "{base}/v2.0", "tenant_discovery_endpoint": "{base}/v2.0/.well-known"}}'
                ).encode()
            inner = Response()
            inner.status_code, inner._content = 200, body
            inner.headers["Content-Type"] = "application/json"
            from azure.core.pipeline.transport import RequestsTransportResponse

            return RequestsTransportResponse(request, inner)

        def __enter__(self) -> Transport:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def open(self) -> None:
            pass

        def close(self) -> None:
            pass

        def sleep(self, _: float) -> None:
            pass

    monkeypatch.setattr(Session, "_transport", lambda *_: Transport())
    secret = SecretStr('{"client_id": "c-1", "client_secret": "s-1", "tenant": "t-own"}')
    session = Session(Settings(credentials=secret))
    session.identify()
    assert session.token() == "t-1"
    (sent,) = [one for one in asked if one.url.endswith("/token")]
    assert "client_id=c-1" in str(sent.content or sent.data) or sent.data["client_id"] == "c-1"  # type: ignore[attr-defined]
