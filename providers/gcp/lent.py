"""Credentials that drift.yaml refers to: kept, or lent, by a store of secrets."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from google.auth.credentials import Credentials, CredentialsWithQuotaProject
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account
from pydantic import SecretStr

from drift.secret import SecretError, lent


class LentCredentials(CredentialsWithQuotaProject):
    """The credentials that a secret holds: the key of a service account (its JSON file, or what Vault's
    engine gives: https://developer.hashicorp.com/vault/api-docs/secret/gcp), or an access token. What is lent
    is asked for anew before it ends."""

    def __init__(self, secret: SecretStr, scopes: list[str], quota_project_id: str | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._secret, self._scopes, self._quota_project_id = secret, scopes, quota_project_id
        self._of: tuple[str, Credentials] | None = None

    @property
    def project(self) -> str | None:
        """The project that the service account belongs to, where the secret says it. Raises SecretError."""
        found = _document(self._secret)[0]
        said = found.get("project_id")
        return said if isinstance(said, str) else None

    def with_quota_project(self, quota_project_id: str) -> LentCredentials:
        return type(self)(self._secret, self._scopes, quota_project_id)

    def refresh(self, request: Any) -> None:
        """Gets an access token. Raises RefreshError."""
        try:
            found, good_for = _document(self._secret)
        except SecretError as error:
            raise RefreshError(str(error)) from error
        if isinstance(token := found.get("token"), str):
            ends = datetime.now(UTC) + timedelta(seconds=min(good_for, 3600.0))
            self.token, self.expiry = token, ends.replace(tzinfo=None)
            return
        inner = self._account(found)
        inner.refresh(request)
        self.token, self.expiry = inner.token, inner.expiry

    def _account(self, found: dict[str, Any]) -> Credentials:
        key = orjson.dumps(found).decode()
        if self._of is None or self._of[0] != key:
            try:
                make: Any = service_account.Credentials.from_service_account_info
                made: Credentials = make(found, scopes=self._scopes)
            except ValueError:
                raise RefreshError(
                    "the secret is neither the key of a service account (JSON) nor has it a `token`"
                ) from None
            self._of = key, made
        return self._of[1]


def _document(secret: SecretStr) -> tuple[dict[str, Any], float]:
    """What a secret holds, and for how many seconds that is good. Raises SecretError."""
    text, good_for = lent(secret)
    try:
        found = orjson.loads(text)
        if isinstance(found, dict) and isinstance(data := found.get("private_key_data"), str):
            found = orjson.loads(base64.b64decode(data, validate=True))
    except (orjson.JSONDecodeError, binascii.Error):
        found = None
    if not isinstance(found, dict):
        raise SecretError("is no JSON object; name a whole secret, without #")
    return found, good_for
