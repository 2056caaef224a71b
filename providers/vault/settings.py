"""The section ``secrets.vault`` of drift.yaml."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from drift.settings import Seconds, Section, Url

#: Where Kubernetes puts the token of a pod's service account.
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class AppRole(Section):
    """By a role's two ids."""

    role_id: SecretStr = Field(description="The role's id.")
    secret_id: SecretStr | None = Field(
        None, description="As env://VAULT_SECRET_ID; left out where the role asks for none."
    )
    mount: str = Field("approle", min_length=1, description="Where this way in is mounted.")


class Kubernetes(Section):
    """By the service account of the pod that drift runs in."""

    role: str = Field(min_length=1, description="The role in Vault.")
    service_account: Path = Field(SERVICE_ACCOUNT, description="The file of the service account's token.")
    mount: str = Field("kubernetes", min_length=1, description="Where this way in is mounted.")


class Jwt(Section):
    """By a token that a pipeline or an identity provider signed (GitLab's `id_tokens`)."""

    role: str | None = Field(None, description="The role in Vault. Default: the way in's own.")
    token: SecretStr = Field(description="As env://VAULT_ID_TOKEN or file:///run/secrets/token.")
    mount: str = Field("jwt", min_length=1, description="Where this way in is mounted.")


class Aws(Section):
    """By the AWS identity that the SDK finds (IRSA, an instance's role, a profile)."""

    role: str | None = Field(None, description="The role in Vault. Default: the AWS role's name.")
    region: str = Field("us-east-1", description="The region whose STS Vault asks.")
    server_id: str | None = Field(None, description="What Vault wants in X-Vault-AWS-IAM-Server-ID.")
    mount: str = Field("aws", min_length=1, description="Where this way in is mounted.")


class Azure(Section):
    """By the managed identity that Azure's SDK finds."""

    role: str = Field(min_length=1, description="The role in Vault.")
    resource: str = Field("https://management.azure.com/", description="What the token is for.")
    subscription: str | None = Field(None, description="The machine's subscription.")
    resource_group: str | None = Field(None, description="The machine's resource group.")
    vm: str | None = Field(None, description="The virtual machine's name.")
    vmss: str | None = Field(None, description="The scale set's name.")
    mount: str = Field("azure", min_length=1, description="Where this way in is mounted.")


class Gcp(Section):
    """By the service account that Google's SDK finds: of its key, else of the machine."""

    role: str = Field(min_length=1, description="The role in Vault.")
    mount: str = Field("gcp", min_length=1, description="Where this way in is mounted.")


class Login(Section):
    """One way in."""

    token: SecretStr | None = Field(None, description="A token, as env://VAULT_TOKEN; it is not revoked.")
    approle: AppRole | None = None
    kubernetes: Kubernetes | None = None
    jwt: Jwt | None = None
    aws: Aws | None = None
    azure: Azure | None = None
    gcp: Gcp | None = None

    @model_validator(mode="after")
    def _one(self) -> Login:
        if sum(getattr(self, name) is not None for name in type(self).model_fields) != 1:
            raise ValueError(f"give one of {', '.join(type(self).model_fields)}")
        return self


class Settings(Section):
    """Vault, or OpenBao. What is left out is taken from the variables that their own programs read."""

    address: Url | None = Field(
        None, description="As https://vault.acme.io:8200. Default: VAULT_ADDR, or BAO_ADDR."
    )
    namespace: str | None = Field(None, description="Default: VAULT_NAMESPACE, or BAO_NAMESPACE.")
    login: Login | None = Field(
        None, description="How to log in. Default: VAULT_TOKEN, BAO_TOKEN, else the file ~/.vault-token."
    )
    ca: Path | None = Field(
        None, description="Whom to trust (PEM). Default: VAULT_CACERT, BAO_CACERT, else as the system does."
    )
    timeout: Seconds = Field(10, description="Seconds of one call.")
    plain_http: bool = Field(
        False, description="Asks over http:// beyond loopback too; in a network of your own only."
    )

    def said(self, name: str) -> str | None:
        """A value of the environment by which Vault's own program finds its server; OpenBao's after it."""
        return os.environ.get(f"VAULT_{name}") or os.environ.get(f"BAO_{name}") or None

    def in_clear(self, address: str) -> bool:
        """Whether secrets would come in clear over a network."""
        parts = urlsplit(address)
        return parts.scheme != "https" and parts.hostname not in _LOOPBACK and not self.plain_http
