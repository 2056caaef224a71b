"""Vault as a store of secrets, which imports its client when it is asked first."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from drift.secret import BaseSecretStore, OpenStore, SecretError
from providers.vault.settings import Settings


class VaultSecrets(BaseSecretStore):
    """``vault://mount/path#key``, of KV version 2 ``?version=3``; the path as ``vault kv get`` takes it."""

    name = "vault"
    Settings: type[BaseModel] = Settings

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        assert isinstance(settings, Settings)
        address = settings.address or settings.said("ADDR")
        if address is None:
            raise SecretError("no address: give `secrets.vault.address`, or set VAULT_ADDR")
        if settings.in_clear(address):
            raise SecretError(
                "what is read would cross the network in clear; give an https:// address, or set "
                "`plain_http` of `secrets.vault`"
            )
        try:
            from providers.vault.server import Vault
        except ImportError as error:
            raise SecretError(
                f"the package {error.name} is missing: pip install 'driftline[vault]'"
            ) from None
        return Vault(settings, address.rstrip("/"))
