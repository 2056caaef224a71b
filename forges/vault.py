"""A secret that HashiCorp Vault (or OpenBao) keeps, in its KV engine of either version. Source: Vault's "KV
secrets engine (API)" and "Kubernetes auth method (API)"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, model_validator

from drift.deadline import Deadline
from drift.forge import ForgeError
from drift.settings import Section, Url
from forges.answers import in_clear, path
from forges.rest import Api

_ADVICE = {
    400: "Vault does not let this machine's service account in: does `role` name it?",
    403: "Vault's token is not valid, has ended, or may not read this path",
    404: "there is nothing; in KV version 2 `data` follows the mount, as in secret/data/drift",
    503: "Vault is sealed",
}
#: Where Kubernetes puts the token of a pod's service account.
_SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


class Vault(Section):
    """`vault` of a forge's section: where its secret is kept."""

    address: Url = Field(description="Vault's address, as ${VAULT_ADDR}.")
    path: str = Field(min_length=1, description="What is read, as in the API: secret/data/drift.")
    field: str = Field("token", min_length=1, description="The field that holds the secret.")
    token: SecretStr | None = Field(None, description="As ${VAULT_TOKEN}.")
    token_file: Path | None = Field(None, description="A file that holds Vault's token (~/.vault-token).")
    role: str | None = Field(None, description="Instead: the role of Kubernetes' service accounts.")
    mount: str = Field("kubernetes", min_length=1, description="Where Kubernetes' logins are mounted.")
    service_account: Path = Field(_SERVICE_ACCOUNT, description="The service account's token.")
    namespace: str | None = Field(None, description="Vault's namespace.")
    ca: Path | None = Field(None, description="Whom to trust (PEM) instead of those that the system does.")

    plain_http: bool = Field(False, description="Reads it over http:// too; in a network of your own only.")

    @model_validator(mode="after")
    def _one_way_in(self) -> Vault:
        if in_clear(self.address) and not self.plain_http:
            raise ValueError(
                "the secret would come in clear: give an https:// address, or `plain_http: true`"
            )
        if sum(one is not None for one in (self.token, self.token_file, self.role)) != 1:
            raise ValueError("give one of token, token_file and role")
        return self


def secret(vault: Vault, deadline: Deadline, read: Callable[[Path], str]) -> str:
    """The secret; ``read`` gives what a file holds. Raises ForgeError."""
    hidden: list[str] = []
    common = {
        "X-Vault-Request": "true",
        **({"X-Vault-Namespace": vault.namespace} if vault.namespace else {}),
    }

    def headers() -> Mapping[str, str]:
        return {**common, **({"X-Vault-Token": hidden[-1]} if hidden else {})}

    api = Api(
        f"{vault.address}/v1",
        "Vault",
        deadline,
        headers=headers,
        hidden=lambda: hidden,
        advice=_ADVICE,
        ca=None if vault.ca is None else str(vault.ca.expanduser()),
    )
    if vault.role is not None:
        said = {"role": vault.role, "jwt": read(vault.service_account)}
        made = api.send("POST", f"auth/{path(vault.mount, safe='/')}/login", said)
        hidden += [said["jwt"], _member(made, "auth", "client_token")]
    elif vault.token_file is not None:
        hidden.append(read(vault.token_file))
    elif vault.token is not None:
        hidden.append(vault.token.get_secret_value())
    if not hidden[-1].isprintable() or not hidden[-1].isascii() or not hidden[-1]:
        raise ForgeError("Vault: its token is one line of plain text")
    found = api.get(path(vault.path.strip("/"), safe="/"))
    data = found.get("data") if isinstance(found, Mapping) else None
    if isinstance(data, Mapping) and isinstance(data.get("data"), Mapping) and "metadata" in data:
        data = data["data"]  # version 2
    value = data.get(vault.field) if isinstance(data, Mapping) else None
    if not isinstance(value, str) or not value:
        raise ForgeError(f"Vault: {vault.path} has no text in the field {vault.field!r}")
    return value


def _member(said: Any, *names: str) -> str:
    for name in names:
        said = said.get(name) if isinstance(said, Mapping) else None
    if not isinstance(said, str):
        raise ForgeError("Vault: its answer to a login has no token")
    return said
