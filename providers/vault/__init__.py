"""HashiCorp Vault and OpenBao: ``vault://mount/path#key``."""

from providers.vault.store import VaultSecrets

__all__ = ["VaultSecrets"]
