"""The backend ``gcs``: a Terraform state in Cloud Storage.

Source: https://developer.hashicorp.com/terraform/language/backend/gcs. A workspace lies at
``PREFIX/NAME.tfstate``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from drift.backend import BaseBackend, Identity, Stored
from drift.deadline import Deadline
from drift.errors import ConfigError, CredentialsError, DeclaredError
from drift.limits import Limits, Pages
from providers.gcp import storage
from providers.gcp.settings import Settings

_ENDING = ".tfstate"
#: Variables that say of an object store itself how to log in there.
_STORES_OWN = ("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH", "GOOGLE_SERVICE_ACCOUNT_KEY")
_SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"


class GcsBackend(BaseBackend):
    name = "gcs"
    schemes = ("gs", "gcs")
    stores = ("gs",)

    def configuration(self, url: str) -> Mapping[str, Any]:
        parts = urlsplit(url)
        if not parts.netloc:
            raise ConfigError(f"{url}: write gs://BUCKET/PREFIX")
        path = parts.path.strip("/")
        if path.endswith(_ENDING):
            path = path.rpartition("/")[0]
        return {"bucket": parts.netloc, "prefix": path}

    def shown(self, stored: Stored, workspace: str) -> str:
        return f"gs://{stored.said('bucket')}/{_name(stored, workspace)}"

    def workspaces(self, stored: Stored) -> Sequence[str]:
        prefix = _prefix(stored)
        found: list[str] = []
        token, pages = "", Pages(Limits(), "storage.objects.list")
        while True:
            pages.turn(token)
            query = {"prefix": prefix, "fields": "items(name),nextPageToken", "pageToken": token}
            page = storage.listed(
                self._place(stored, "o"), query, _settings(stored), stored.config, stored.deadline
            )
            found += [str(item["name"]) for item in page.get("items") or ()]
            token = str(page.get("nextPageToken") or "")
            if not token:
                break
        names = [name.removeprefix(prefix) for name in found if name.endswith(_ENDING)]
        return [name.removesuffix(_ENDING) for name in names if "/" not in name]

    def read(self, stored: Stored, workspace: str) -> Iterator[bytes]:
        place = self._place(stored, f"o/{quote(_name(stored, workspace), safe='')}")
        key = stored.said("encryption_key")
        yield from storage.pieces(place, _settings(stored), stored.config, key, stored.deadline)

    def identity(self, deadline: Deadline) -> Identity | None:
        if any(os.environ.get(name) for name in _STORES_OWN):
            return None
        import google.auth
        from google.auth.exceptions import DefaultCredentialsError

        try:
            credentials, _ = google.auth.default(scopes=[_SCOPE])
        except DefaultCredentialsError as error:
            raise CredentialsError(f"gcp: {' '.join(str(error).split())}") from error
        return Identity(partial(_token, credentials))

    @staticmethod
    def _place(stored: Stored, below: str) -> str:
        bucket = stored.said("bucket")
        if not bucket:
            raise DeclaredError("`bucket` is not said")
        if not str(stored.said("credentials") or "{").lstrip().startswith("{"):
            stored.lend("a file of credentials", stored.said("credentials"))
        return f"b/{quote(bucket, safe='')}/{below}"


def _token(credentials: Any) -> Mapping[str, Any]:
    from google.auth.transport.requests import Request

    credentials.refresh(Request())
    return {"token": credentials.token, "expires_at": credentials.expiry.replace(tzinfo=UTC)}


def _settings(stored: Stored) -> Settings:
    found = stored.settings.get("gcp")
    settings = found if isinstance(found, Settings) else Settings()
    return settings.model_copy(update={"timeout": min(settings.timeout, stored.seconds)})


def _prefix(stored: Stored) -> str:
    prefix = (stored.said("prefix") or "").strip("/")
    return f"{prefix}/" if prefix else ""


def _name(stored: Stored, workspace: str) -> str:
    return f"{_prefix(stored)}{workspace}{_ENDING}"
