"""Reads one object of Cloud Storage: a state file or a baseline that lies in a bucket."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from drift.errors import DeclaredError
from providers.gcp.settings import Settings

_SCOPES = ("https://www.googleapis.com/auth/devstorage.read_only",)


def read(url: str, settings: Settings) -> bytes:
    """The bytes of ``gs://bucket/path``. Raises DeclaredError where they can't be had, with what to do."""
    import google.auth
    from google.auth.credentials import AnonymousCredentials
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import AuthorizedSession
    from requests import RequestException

    parts = urlsplit(url)
    if settings.endpoint and settings.endpoint.startswith("grpc:"):
        raise DeclaredError(
            f"{url}: can't be read through live.gcp.endpoint: {settings.endpoint} speaks no REST"
        )
    credentials: Any
    try:
        if settings.endpoint:
            credentials = AnonymousCredentials()
        else:
            credentials, _ = google.auth.default(scopes=_SCOPES)
        host = settings.endpoint or "https://storage.googleapis.com"
        bucket, name = quote(parts.netloc, safe=""), quote(parts.path.lstrip("/"), safe="")
        where = f"{host.rstrip('/')}/storage/v1/b/{bucket}/o/{name}"
        answer = AuthorizedSession(credentials).get(where, params={"alt": "media"}, timeout=settings.timeout)
    except (GoogleAuthError, RequestException) as error:
        raise DeclaredError(f"{url}: can't be read: {error}") from error
    if answer.status_code != 200:
        wanted = "; it needs storage.objects.get" if answer.status_code in (401, 403) else ""
        raise DeclaredError(f"{url}: can't be read: HTTP {answer.status_code} {answer.reason}{wanted}")
    return bytes(answer.content)
