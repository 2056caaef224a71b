"""Credentials that drift.yaml refers to: kept, or lent, by a store of secrets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pydantic import SecretStr

from drift.secret import SecretError, lent, members

#: What the parts are called: by Vault's engine, by Azure's own programs, by the variables of its SDK.
#: Source: https://developer.hashicorp.com/vault/api-docs/secret/azure#generate-credentials.
_NAMES = {
    "client": ("client_id", "clientId", "appId", "AZURE_CLIENT_ID"),
    "secret": ("client_secret", "clientSecret", "password", "AZURE_CLIENT_SECRET"),
    "tenant": ("tenant_id", "tenant", "tenantId", "AZURE_TENANT_ID"),
}


class LentCredential:
    """A service principal whose id and secret a secret holds. What is lent is asked for anew with each token
    that is needed. ``make`` makes the SDK's credential of tenant, client and secret."""

    def __init__(self, secret: SecretStr, tenant: str | None, make: Callable[[str, str, str], Any]) -> None:
        self._secret, self._tenant, self._make = secret, tenant, make
        self._of: tuple[dict[str, str], Any] | None = None
        self._lock = threading.Lock()

    def get_token(self, *scopes: str, **said: Any) -> Any:
        """An access token. Raises SecretError, and what the SDK raises."""
        return self._current().get_token(*scopes, **said)

    def _current(self) -> Any:
        found = members(lent(self._secret)[0], _NAMES)
        if self._tenant:
            found["tenant"] = self._tenant
        lacks = [_NAMES[name][0] for name in _NAMES if name not in found]
        if lacks:
            advice = "; give `live.azure.tenant`" if lacks == ["tenant_id"] else ""
            raise SecretError(f"the secret has no {' and no '.join(f'`{one}`' for one in lacks)}{advice}")
        with self._lock:
            if self._of is None or self._of[0] != found:
                self._of = found, self._make(found["tenant"], found["client"], found["secret"])
            return self._of[1]
