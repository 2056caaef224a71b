"""The ``consul`` backend: a state in the key-value store of Consul.

Source: https://developer.hashicorp.com/terraform/language/backend/consul. A workspace other than the default
one has ``-env:NAME`` after the path; a large state is cut into chunks, which a JSON document at the path
names; either may be compressed.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from drift import bounded_http
from drift.backend import DEFAULT, BaseBackend, Stored
from drift.errors import ConfigError, DeclaredError
from drift.limits import Limits

_MARK = "-env:"
_GZIP = b"\x1f\x8b"
#: What a value may unpack to, and how many chunks may be one state.
_UNPACKED, _CHUNKS = 2**30, 4_096


class ConsulBackend(BaseBackend):
    name = "consul"
    schemes = ("consul",)

    def configuration(self, url: str) -> Mapping[str, Any]:
        parts = urlsplit(url)
        if not parts.path.strip("/"):
            raise ConfigError(f"{url}: names no key; write consul://HOST:PORT/PATH")
        said = dict(parse_qsl(parts.query))
        return {"address": parts.netloc.rpartition("@")[2], "path": parts.path.lstrip("/"), **said}

    def shown(self, stored: Stored, workspace: str) -> str:
        return f"consul://{_host(stored)[1]}/{_key(stored, workspace)}"

    def workspaces(self, stored: Stored) -> Sequence[str]:
        path = _path(stored)
        keys = _asked(stored, lambda client: client.kv.get(path, keys=True))[1] or ()
        others = [key.removeprefix(f"{path}{_MARK}") for key in keys if key.startswith(f"{path}{_MARK}")]
        return [DEFAULT, *(one for one in others if "/" not in one)] if path in keys else others

    def read(self, stored: Stored, workspace: str) -> Iterator[bytes]:
        value = self._value(stored, _key(stored, workspace))
        head = _plain(value)
        names = _chunks(head)
        if names is None:
            yield head
            return
        packed = b"".join(self._value(stored, name) for name in names)
        yield _plain(packed)

    @staticmethod
    def _value(stored: Stored, key: str) -> bytes:
        _, found = _asked(stored, lambda client: client.kv.get(key))
        if not found or found.get("Value") is None:
            raise DeclaredError(f"there is no key {key}; correct `path` or the workspace")
        value: bytes = found["Value"]
        return value


def _path(stored: Stored) -> str:
    path = stored.said("path")
    if not path:
        raise DeclaredError("`path` is not said")
    return path.lstrip("/")


def _key(stored: Stored, workspace: str) -> str:
    path = str(stored.config.get("path") or "").lstrip("/")
    return path if workspace == DEFAULT else f"{path}{_MARK}{workspace}"


def _plain(value: bytes) -> bytes:
    """A value without its compression."""
    if not value.startswith(_GZIP):
        return value
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = unpack.decompress(value, _UNPACKED)
    except zlib.error as error:
        raise DeclaredError(f"it can't be decompressed: {error}") from error
    if not unpack.eof:
        why = "has more than 1 GiB" if len(found) == _UNPACKED else "is cut off"
        raise DeclaredError(f"what it holds compressed {why}")
    return found


def _chunks(text: bytes) -> list[str] | None:
    """The keys of the chunks that a document names; None where it is the state itself."""
    if b'"current-hash"' not in text[:256]:
        return None
    try:
        names = orjson.loads(text).get("chunks")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    if isinstance(names, list) and len(names) > _CHUNKS:
        raise DeclaredError(f"it names {len(names):,} chunks, which no state has")
    return [str(name) for name in names] if isinstance(names, list) else None


def _host(stored: Stored) -> tuple[str, str]:
    """(scheme, host and port)."""
    said = stored.said("address", os.environ.get("CONSUL_HTTP_ADDR")) or "127.0.0.1:8500"
    scheme, _, rest = said.rpartition("://")
    secure = os.environ.get("CONSUL_HTTP_SSL", "").lower() in ("1", "true")
    return stored.said("scheme") or scheme or ("https" if secure else "http"), rest.rpartition("@")[2]


def _asked(stored: Stored, ask: Any) -> tuple[Any, Any]:
    try:
        import consul
        import requests
    except ImportError as error:
        raise DeclaredError(
            f"the package {error.name} is missing: pip install 'driftline[consul]'"
        ) from error
    scheme, host = _host(stored)
    parts = urlsplit(f"//{host}")
    token = stored.said("access_token") or os.environ.get("CONSUL_HTTP_TOKEN")
    if stored.said("address") and token != stored.said("access_token"):
        stored.lend("the token of CONSUL_HTTP_TOKEN", parts.hostname)
    client = consul.Consul(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or (443 if scheme == "https" else 8500),
        scheme=scheme,
        token=token,
        dc=stored.said("datacenter"),
        verify=stored.said("ca_file") or True,
        connections_timeout=stored.seconds,
    )
    client.token = token  # which the library takes from the environment first
    session = client.http.session
    bounded_http.mount(session, Limits(), stored.deadline)
    session.max_redirects = 0  # a token goes along, and Consul needs none
    try:
        found: tuple[Any, Any] = ask(client)
    except (consul.ACLDisabled, consul.ACLPermissionDenied) as error:
        raise DeclaredError(
            "Consul refuses it (HTTP 403); give a token that may read the key (CONSUL_HTTP_TOKEN)"
        ) from error
    except consul.Timeout as error:
        raise DeclaredError(f"no answer within {stored.seconds:.0f} s") from error
    except requests.Timeout as error:
        raise DeclaredError(f"no answer within {stored.seconds:.0f} s") from error
    except (consul.ConsulException, requests.RequestException) as error:
        raise DeclaredError(" ".join(str(error).split()) or type(error).__name__) from error
    return found
