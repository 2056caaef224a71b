"""The ``remote`` backend and the ``cloud`` block: a state in HCP Terraform or Terraform Enterprise.

Source: https://developer.hashicorp.com/terraform/cloud-docs/api-docs/state-versions. The token of a host is
the one that Terraform itself would take: ``token`` of the block, ``TF_TOKEN_<host>``, then what ``terraform
login`` left.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from drift import reading
from drift.backend import DEFAULT, BaseBackend, Stored
from drift.declared.terraform.backends import http
from drift.errors import ConfigError, DeclaredError

_HOST = "app.terraform.io"
#: A host, perhaps with a port. Terraform's variables write its dots as `_`, so that none may have that.
_NAME = re.compile(r"[A-Za-z0-9.\-\u0080-\uffff]+(?::\d{1,5})?|\[[0-9A-Fa-f:]+\](?::\d{1,5})?")
#: The size of one answer, and how many workspaces are asked about.
_ANSWER, _WORKSPACES = 32 * 2**20, 5_000
_REFUSED = "give a token that may read the state (`terraform login`, or TF_TOKEN_<host>)"


class HcpBackend(BaseBackend):
    name = "remote"
    schemes = ("tfe", "hcp")

    def configuration(self, url: str) -> Mapping[str, Any]:
        parts = urlsplit(url)
        steps = parts.path.strip("/").split("/")
        if not parts.netloc or len(steps) != 2 or not all(steps):
            raise ConfigError(f"{url}: write tfe://{_HOST}/ORGANISATION/WORKSPACE")
        organization, workspace = steps
        named = {"prefix": workspace[:-1]} if workspace.endswith("*") else {"name": workspace}
        return {"hostname": parts.netloc, "organization": organization, "workspaces": named}

    def shown(self, stored: Stored, workspace: str) -> str:
        organization = stored.said("organization", os.environ.get("TF_CLOUD_ORGANIZATION"))
        return f"tfe://{_host(stored)}/{organization}/{_full(stored, workspace)}"

    def workspaces(self, stored: Stored) -> Sequence[str]:
        named = _named(stored)
        if named.get("name"):
            return (DEFAULT,)
        from pytfe.models.workspace import WorkspaceListOptions

        tags = named.get("tags") or ()
        prefix = str(named.get("prefix") or "")
        said: dict[str, Any] = {"search": prefix} if prefix else {}
        if isinstance(tags, list) and tags:
            said["tags"] = ",".join(map(str, tags))
        with _client(stored) as client:
            found = client.workspaces.list(_organization(stored), WorkspaceListOptions(**said))
            names = [str(one.name) for one in islice(found, _WORKSPACES)]
        return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]

    def read(self, stored: Stored, workspace: str) -> Iterator[bytes]:
        with _client(stored) as client:
            found = client.workspaces.read(_full(stored, workspace), organization=_organization(stored))
            url = client.state_versions.read_current(str(found.id)).hosted_state_download_url
        if not url:
            raise DeclaredError(f"it tells no place to download it from; {_REFUSED}")
        own = urlsplit(url)[:2] == urlsplit(_address(stored))[:2]
        headers = {"Authorization": f"Bearer {_token(stored)}"} if own else {}
        yield from http.body(url, headers, stored, refused=_REFUSED)


def _named(stored: Stored) -> Mapping[str, Any]:
    """The block ``workspaces``, in either form that a parser gives it."""
    found = stored.config.get("workspaces")
    if isinstance(found, list):
        found = found[0] if found else None
    if isinstance(found, Mapping):
        return found
    chosen = os.environ.get("TF_WORKSPACE")
    return {"name": chosen} if chosen else {}


def _full(stored: Stored, workspace: str) -> str:
    """A workspace's name as the server knows it."""
    named = _named(stored)
    if named.get("name") and workspace == DEFAULT:
        return str(named["name"])
    return str(named.get("prefix") or "") + workspace


def _organization(stored: Stored) -> str:
    found = stored.said("organization", os.environ.get("TF_CLOUD_ORGANIZATION"))
    if not found:
        raise DeclaredError("`organization` is not said; say it, or set TF_CLOUD_ORGANIZATION")
    return found


def _host(stored: Stored) -> str:
    return stored.said("hostname", os.environ.get("TF_CLOUD_HOSTNAME")) or _HOST


def _address(stored: Stored) -> str:
    """Without https only a loopback server is asked."""
    host = _host(stored)
    bare = urlsplit(f"//{host}").hostname
    return f"{'http' if bare in ('127.0.0.1', 'localhost', '::1') else 'https'}://{host}"


def _token(stored: Stored) -> str:
    said = stored.said("token")
    host = _host(stored)
    if not _NAME.fullmatch(host):
        raise DeclaredError(f"`hostname` is no host: {host!r}")
    for name in (host, host.encode("idna").decode()):
        said = said or os.environ.get("TF_TOKEN_" + name.replace("-", "__").replace(".", "_"))
    return said or _logged_in(host) or ""


def _logged_in(host: str) -> str | None:
    """The token that ``terraform login`` left for a host."""
    try:
        file = Path.home() / ".terraform.d" / "credentials.tfrc.json"
    except RuntimeError:  # nobody's home
        return None
    if not os.path.lexists(file):
        return None
    content = reading.content(file, str(file))
    try:
        found = json.loads(content)["credentials"][host]["token"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return str(found)


def _bounded(response: Any) -> None:
    """Has an answer end that is too much for a description of a workspace; told before its body is read."""
    import httpx

    class Bounded(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for piece in stream:
                size += len(piece)
                if size > _ANSWER:
                    raise DeclaredError(f"the answer has more than {_ANSWER:,} bytes")
                yield piece

        def close(self) -> None:
            stream.close()

    stream = response.stream
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise DeclaredError("the answer is compressed, which nobody asked for")
    response.stream = Bounded()


class _client:  # noqa: N801 - used as a function
    """The vendor's client as a context that gives its errors as ours."""

    def __init__(self, stored: Stored) -> None:
        try:
            import pytfe
        except ImportError as error:
            raise DeclaredError(
                f"the package {error.name} is missing: pip install 'driftline[hcp]'"
            ) from error
        token = _token(stored)
        if not token:
            raise DeclaredError(f"no token for {_host(stored)}; {_REFUSED}")
        self._client: Any = pytfe.TFEClient(
            pytfe.TFEConfig(
                address=_address(stored), token=token, timeout=stored.seconds, max_retries=2, http2=False
            )
        )
        transport = self._client._transport  # noqa: SLF001 - it takes no client of httpx
        transport.headers["Accept-Encoding"] = "identity"
        transport._sync.event_hooks["response"].append(_bounded)  # noqa: SLF001

    def __enter__(self) -> Any:
        return self._client

    def __exit__(self, kind: Any, error: BaseException | None, _trace: Any) -> None:
        from httpx import HTTPError
        from pytfe import errors

        if isinstance(error, errors.NotFound):
            raise DeclaredError("HTTP 404: there is no such workspace, or no state in it") from error
        if isinstance(error, errors.AuthError):
            raise DeclaredError(f"HTTP 401: {_REFUSED}") from error
        if isinstance(error, (errors.TFEError, HTTPError)):
            raise DeclaredError(" ".join(str(error).split()) or type(error).__name__) from error
