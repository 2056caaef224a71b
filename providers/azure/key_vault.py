"""``azkv://VAULT/NAME#key``: Azure Key Vault keeps a value of drift.yaml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel, Field

from drift.bounded_http import session
from drift.deadline import Cut, Deadline
from drift.limits import Limits
from drift.secret import BaseSecretStore, OpenStore, Secret, SecretError
from drift.settings import Section, Url
from providers.azure.settings import Settings as AzureSettings

#: Source: https://learn.microsoft.com/en-us/rest/api/keyvault/secrets/get-secret/get-secret.
_VERSION = "7.4"
#: The domain of vaults in each cloud: https://learn.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers.
_DOMAINS = {
    "public": "vault.azure.net",
    "government": "vault.usgovcloudapi.net",
    "china": "vault.azure.cn",
}
_NAME = re.compile(r"[A-Za-z0-9-]{1,127}")
_SECONDS = 10.0
#: A secret is 25 KB at most; so is what is taken of an answer, with room.
_LIMITS = Limits(answer_bytes=1024 * 1024, answer_seconds=30)


class Settings(Section):
    """`secrets.azkv` of drift.yaml. Credentials come from azure-identity's default chain."""

    cloud: Literal["public", "government", "china"] = Field("public", description="Which Azure it is.")
    tenant: str | None = Field(None, description="The tenant, where the credential sees several.")
    endpoint: Url | None = Field(None, description="Another address of the vault (a loopback server).")


class KeyVault(BaseSecretStore):
    """Secrets by the vault's name and their own; ``/VERSION`` after it names another than the current one."""

    name = "azkv"
    Settings: type[BaseModel] = Settings

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        assert isinstance(settings, Settings)
        return _Opened(settings)


class _Opened:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def read(self, path: str, deadline: Deadline) -> Secret:
        import orjson
        import requests

        place, *rest = unquote(path).strip("/").split("/")
        if not _NAME.fullmatch(place) or len(rest) not in (1, 2) or not all(map(_NAME.fullmatch, rest)):
            raise SecretError("write azkv://VAULT/NAME, or azkv://VAULT/NAME/VERSION")
        domain = _DOMAINS[self._settings.cloud]
        base = self._settings.endpoint or f"https://{place}.{domain}"
        headers = {"User-Agent": "drift"}
        if (token := self._token(domain, deadline)) is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            answer = session(_LIMITS, deadline).get(
                f"{base}/secrets/{'/'.join(map(quote, rest))}",
                params={"api-version": _VERSION},
                headers=headers,
                timeout=deadline.within(_SECONDS),
                allow_redirects=False,
            )
        except Cut as error:
            raise SecretError(f"{urlsplit(base).netloc}: {error.why}") from None
        except requests.RequestException as error:
            raise SecretError(_unreachable(error), temporary=True) from None
        if answer.status_code != 200:
            raise _said(answer)
        try:
            return Secret(str(orjson.loads(answer.content)["value"]))
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise SecretError("an answer that is none of Key Vault's") from None

    def _token(self, domain: str, deadline: Deadline) -> str | None:
        """A token for the vaults of the cloud; None for loopback. Raises CredentialsError."""
        from azure.core.exceptions import ClientAuthenticationError

        from providers.azure.session import Session

        settings = AzureSettings(
            cloud=self._settings.cloud, tenant=self._settings.tenant, endpoint=self._settings.endpoint
        )
        known = Session(settings, deadline)
        if known.anonymous:
            return None
        try:
            return known.token(f"https://{domain}/.default")
        except ClientAuthenticationError:
            raise SecretError("there are no Azure credentials that work") from None

    def close(self, deadline: Deadline) -> None:
        pass


def _unreachable(error: Any) -> str:
    import requests

    if isinstance(error, requests.exceptions.Timeout):
        return "Key Vault did not answer in time"
    return "the vault can't be reached: there may be none of this name, or its firewall keeps this place out"


def _said(answer: Any) -> SecretError:
    """An error status in words; the service's own hold names."""
    status, wait = answer.status_code, str(answer.headers.get("Retry-After", ""))
    if status == 401:
        return SecretError("the credential is not valid for this vault: its tenant may be another one")
    if status == 403:
        return SecretError(
            "no permission: the role Key Vault Secrets User on the vault is needed, and that its firewall "
            "lets this place in"
        )
    if status == 404:
        return SecretError("there is no secret of this name, or no such version, in the vault")
    if status == 429:
        seconds = float(wait) if wait.isdigit() else None
        return SecretError("Key Vault refuses more calls for now", temporary=True, wait=seconds)
    return SecretError(f"Key Vault answered with HTTP {status}", temporary=status >= 500)
