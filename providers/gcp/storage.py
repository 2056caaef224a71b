"""Reads objects of Cloud Storage: a state file or a baseline that lies in a bucket."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from drift import bounded_http
from drift.deadline import Cut, Deadline
from drift.errors import DeclaredError
from drift.limits import Limits
from providers.gcp.settings import Settings

_SCOPES = ("https://www.googleapis.com/auth/devstorage.read_only",)
_CHUNK = 1 << 20


def read(url: str, settings: Settings, deadline: Deadline | None = None) -> bytes:
    """The bytes of ``gs://bucket/path``. Raises DeclaredError where they can't be had, with what to do."""
    parts = urlsplit(url)
    bucket, name = quote(parts.netloc, safe=""), quote(parts.path.lstrip("/"), safe="")
    try:
        return b"".join(pieces(f"b/{bucket}/o/{name}", settings, deadline=deadline))
    except DeclaredError as error:
        colon = "" if str(error).startswith("through") else ":"
        raise DeclaredError(f"{url}: can't be read{colon} {error}") from error


def below(url: str, settings: Settings, deadline: Deadline | None = None) -> list[str]:
    """The URLs of the objects below ``gs://bucket/prefix/``. Raises DeclaredError as :func:`read` does."""
    parts = urlsplit(url)
    place = f"b/{quote(parts.netloc, safe='')}/o"
    query = {"prefix": parts.path.lstrip("/"), "fields": "items(name),nextPageToken"}
    found: list[str] = []
    token: str | None = ""
    try:
        while token is not None:
            page = listed(place, {**query, **({"pageToken": token} if token else {})}, settings, {}, deadline)
            found += [f"gs://{parts.netloc}/{one['name']}" for one in page.get("items") or ()]
            before, token = token, page.get("nextPageToken") or None
            if token == before:
                raise DeclaredError("its list goes in circles")
    except (DeclaredError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeclaredError(f"{url}: can't be listed: {error}") from error
    return found


def pieces(
    place: str,
    settings: Settings,
    said: Mapping[str, Any] | None = None,
    key: str | None = None,
    deadline: Deadline | None = None,
) -> Iterator[bytes]:
    """The content of an object, piece by piece. ``place`` is below ``storage/v1``; ``said`` may name
    ``credentials``; ``key`` is the customer's own, in base64. Raises DeclaredError."""
    from requests import RequestException

    headers = {}
    if key:
        digest = base64.b64encode(hashlib.sha256(base64.b64decode(key)).digest()).decode()
        said_of_key = {"algorithm": "AES256", "key": key, "key-sha256": digest}
        headers = {f"x-goog-encryption-{name}": value for name, value in said_of_key.items()}
    answer = get(place, {"alt": "media"}, settings, said or {}, headers, deadline)
    expected = answer.headers.get("Content-Length")
    size = 0
    try:
        for piece in answer.iter_content(_CHUNK):
            size += len(piece)
            yield piece
    except RequestException as error:
        raise DeclaredError(f"the download broke off: {error}") from error
    if expected and not answer.headers.get("Content-Encoding") and size < int(expected):
        raise DeclaredError(f"the download broke off: {size} of {expected} bytes came")


def listed(
    place: str,
    query: Mapping[str, str],
    settings: Settings,
    said: Mapping[str, Any],
    deadline: Deadline | None = None,
) -> Mapping[str, Any]:
    """A page of a listing. Raises DeclaredError."""
    try:
        found = get(place, query, settings, said, deadline=deadline).json()
    except ValueError as error:
        raise DeclaredError(f"the answer is no JSON: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("items", []), list):
        raise DeclaredError("the answer is no listing")
    return found


def get(
    place: str,
    query: Mapping[str, str],
    settings: Settings,
    said: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    deadline: Deadline | None = None,
) -> Any:
    """The answer to a GET of the JSON API. Raises DeclaredError where it is none to use."""
    import google.auth
    from google.auth.credentials import AnonymousCredentials
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import AuthorizedSession
    from requests import RequestException
    from requests.exceptions import ChunkedEncodingError

    if settings.endpoint and settings.endpoint.startswith("grpc:"):
        raise DeclaredError(f"through live.gcp.endpoint: {settings.endpoint} speaks no REST")
    credentials: Any
    try:
        if settings.endpoint:
            credentials = AnonymousCredentials()
        elif own := said.get("credentials"):
            credentials = _named(str(own))
        elif token := said.get("access_token"):
            from google.oauth2 import credentials as own_token

            make: Any = own_token.Credentials
            credentials = make(token=str(token))
        else:
            credentials, _ = google.auth.default(scopes=_SCOPES)
        host = settings.endpoint or "https://storage.googleapis.com"
        session = AuthorizedSession(credentials)
        bounded_http.mount(session, Limits(), deadline or Deadline())
        answer = session.get(
            f"{host.rstrip('/')}/storage/v1/{place}",
            params=dict(query),
            headers=dict(headers or {}),
            timeout=settings.timeout,
            stream=True,
        )
    except ChunkedEncodingError as error:
        raise DeclaredError(f"the download broke off: {error}") from error
    except (GoogleAuthError, RequestException, OSError, ValueError, Cut) as error:
        raise DeclaredError(str(error)) from error
    if answer.status_code != 200:
        wanted = "storage.objects.get" if "alt" in query else "storage.objects.list"
        wanted = f"; it needs {wanted}" if answer.status_code in (401, 403) else ""
        raise DeclaredError(f"HTTP {answer.status_code} {answer.reason}{wanted}")
    return answer


def _named(said: str) -> Any:
    """Credentials as a backend block says them: a file's path, or its content."""
    from google.oauth2.service_account import Credentials

    make: Any = Credentials
    if said.lstrip().startswith("{"):
        return make.from_service_account_info(json.loads(said), scopes=_SCOPES)
    return make.from_service_account_file(said, scopes=_SCOPES)
