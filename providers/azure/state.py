"""The backend ``azurerm``: a Terraform state in a container of an Azure storage account.

Source: https://developer.hashicorp.com/terraform/language/backend/azurerm. A workspace other than the default
one has ``env:NAME`` after the key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from drift import bounded_http
from drift.backend import BaseBackend, Identity, Stored
from drift.deadline import Cut, Deadline
from drift.errors import ConfigError, DeclaredError
from drift.limits import Limits
from providers.azure.settings import Settings

_MARK = "env:"
#: Source: https://learn.microsoft.com/en-us/azure/storage/common/storage-account-overview. Whatever else
#: stands there would make another host of the address.
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_SUFFIXES = {
    "public": "core.windows.net",
    "usgovernment": "core.usgovcloudapi.net",
    "government": "core.usgovcloudapi.net",
    "china": "core.chinacloudapi.cn",
}


#: Variables that say of an object store itself how to log in there.
_STORES_OWN = tuple(
    f"AZURE_STORAGE_{one}"
    for one in ("ACCOUNT_KEY", "ACCESS_KEY", "SAS_KEY", "SAS_TOKEN", "TOKEN", "USE_EMULATOR")
)
_SCOPE = "https://storage.azure.com/.default"


class AzureBackend(BaseBackend):
    name = "azurerm"
    schemes = ("azurerm",)
    stores = ("az", "abfs", "abfss")

    def configuration(self, url: str) -> Mapping[str, Any]:
        parts = urlsplit(url)
        container, _, key = parts.path.strip("/").partition("/")
        if not parts.netloc or not key:
            raise ConfigError(f"{url}: write azurerm://STORAGE-ACCOUNT/CONTAINER/KEY")
        said = dict(parse_qsl(parts.query))
        return {"storage_account_name": parts.netloc, "container_name": container, "key": key, **said}

    def shown(self, stored: Stored, workspace: str) -> str:
        account, container = stored.said("storage_account_name"), stored.said("container_name")
        return f"azurerm://{account}/{container}/{_key(stored, workspace)}"

    def identity(self, deadline: Deadline) -> Identity | None:
        if any(os.environ.get(name) for name in _STORES_OWN):
            return None
        from azure.identity import DefaultAzureCredential

        return Identity(partial(_token, DefaultAzureCredential()))

    def workspaces(self, stored: Stored) -> Sequence[str]:
        key = _key(stored, Stored.default)
        with _container(stored) as container:
            names = [str(name) for name in container.list_blob_names(name_starts_with=key)]
        others = [one.removeprefix(f"{key}{_MARK}") for one in names if one.startswith(f"{key}{_MARK}")]
        return [Stored.default, *others] if key in names else others

    def read(self, stored: Stored, workspace: str) -> Iterator[bytes]:
        with _container(stored) as container:
            blob = container.download_blob(_key(stored, workspace), max_concurrency=1)
            yield from blob.chunks()


def _key(stored: Stored, workspace: str) -> str:
    key = str(stored.said("key"))
    return key if workspace == Stored.default else f"{key}{_MARK}{workspace}"


class _container:  # noqa: N801 - used as a function
    """The client of a container as a context that gives its errors as ours."""

    def __init__(self, stored: Stored) -> None:
        try:
            from azure.core.pipeline.transport import RequestsTransport
            from azure.storage.blob import ContainerClient
        except ImportError as error:
            raise DeclaredError(
                f"the package {error.name} is missing: pip install 'driftline[azure]'"
            ) from error
        account, container = stored.said("storage_account_name"), stored.said("container_name")
        if not account or not container:
            raise DeclaredError("`storage_account_name` and `container_name` are needed")
        if not _ACCOUNT.fullmatch(account):
            raise DeclaredError(
                f"{account!r} is no name of a storage account; correct `storage_account_name`"
            )
        url = stored.said("endpoint") or f"https://{account}.blob.{_suffix(stored)}"
        self._client: Any = ContainerClient(
            url,
            container,
            credential=_credential(stored, url),
            # the client leaves its own time-outs unread where it is given a transport
            transport=RequestsTransport(
                session=bounded_http.session(Limits(), stored.deadline),
                connection_timeout=min(stored.seconds, 10.0),
                read_timeout=stored.seconds,
            ),
            permit_redirects=False,
            retry_total=2,
            retry_connect=1,
            retry_read=1,
            initial_backoff=0.2,
            increment_base=0.2,
        )

    def __enter__(self) -> Any:
        return self._client

    def __exit__(self, kind: Any, error: BaseException | None, _trace: Any) -> None:
        from azure.core.exceptions import AzureError, HttpResponseError

        self._client.close()
        if isinstance(error, HttpResponseError) and error.status_code:
            code = getattr(error, "error_code", None) or error.reason or ""
            code = getattr(code, "value", code)
            needs = "; it needs Storage Blob Data Reader" if error.status_code in (401, 403) else ""
            raise DeclaredError(f"HTTP {error.status_code} {code}{needs}") from error
        if isinstance(error, Cut):
            raise DeclaredError(str(error)) from error
        if isinstance(error, AzureError):
            raise DeclaredError(" ".join(str(error.message or error).split())) from error


def _token(credential: Any) -> Mapping[str, Any]:
    token = credential.get_token(_SCOPE)
    return {"token": token.token, "expires_at": datetime.fromtimestamp(token.expires_on, UTC)}


def _suffix(stored: Stored) -> str:
    found = stored.settings.get("azure")
    cloud = found.cloud if isinstance(found, Settings) else "public"
    named = stored.said("environment") or cloud
    if named not in _SUFFIXES:
        raise DeclaredError(f"`environment` {named!r} is not known; known are {', '.join(_SUFFIXES)}")
    return _SUFFIXES[named]


def _credential(stored: Stored, url: str) -> Any:
    """The account's key or a SAS token where one is said, as Terraform takes them, else who runs us."""
    key = stored.said("access_key", os.environ.get("ARM_ACCESS_KEY"))
    token = stored.said("sas_token", os.environ.get("ARM_SAS_TOKEN"))
    host = urlsplit(url).hostname
    if key and not stored.said("access_key"):
        stored.lend("the key of ARM_ACCESS_KEY", host)
    elif token and not key and not stored.said("sas_token"):
        stored.lend("the token of ARM_SAS_TOKEN", host)
    elif not key and not token and stored.said("endpoint"):
        stored.lend("the identity of this run", host)
    if key:
        return {"account_name": str(stored.said("storage_account_name")), "account_key": key}
    if token:
        from azure.core.credentials import AzureSasCredential

        return AzureSasCredential(token)
    if urlsplit(url).scheme == "http":
        return None  # a token never goes without https
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential()
