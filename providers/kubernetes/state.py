"""The backend ``kubernetes``: a Terraform state in a Secret.

Source: https://developer.hashicorp.com/terraform/language/backend/kubernetes. A workspace is the Secret
``tfstate-WORKSPACE-SUFFIX``, whose ``tfstate`` is compressed; a state that does not fit into one goes on in
``…-part-N`` Secrets.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from drift.backend import BaseBackend, Stored
from drift.errors import CellError, ConfigError, CredentialsError, DeclaredError
from drift.limits import Limits, Pages
from providers.kubernetes.settings import ClusterSettings, Settings

_LABELS = "tfstate=true,tfstateSecretSuffix={}"
_PART = re.compile(r"-part-(\d+)$")
_PIECE = 1 << 20


class KubernetesBackend(BaseBackend):
    name = "kubernetes"
    schemes = ("kubernetes",)

    def configuration(self, url: str) -> Mapping[str, Any]:
        parts = urlsplit(url)
        suffix = parts.path.strip("/")
        if not parts.netloc or not suffix or "/" in suffix:
            raise ConfigError(f"{url}: write kubernetes://NAMESPACE/SECRET-SUFFIX, with ?config_context=NAME")
        return {"namespace": parts.netloc, "secret_suffix": suffix, **dict(parse_qsl(parts.query))}

    def shown(self, stored: Stored, workspace: str) -> str:
        return f"kubernetes://{_namespace(stored)}/{_secret(stored, workspace)}"

    def workspaces(self, stored: Stored) -> Sequence[str]:
        found = [str(labels.get("tfstateWorkspace")) for _, labels, _ in _secrets(stored)]
        return list(dict.fromkeys(found))

    def read(self, stored: Stored, workspace: str) -> Iterator[bytes]:
        name = _secret(stored, workspace)
        parts: dict[int, str] = {}
        for own, labels, data in _secrets(stored):
            if str(labels.get("tfstateWorkspace")) == workspace:
                numbered = _PART.search(own)
                parts[int(numbered[1]) if numbered else 0] = str(data.get("tfstate") or "")
        if not parts:
            raise DeclaredError(f"there is no Secret {name}; correct `secret_suffix` or the workspace")
        if sorted(parts) != list(range(len(parts))) and sorted(parts) != list(range(1, len(parts) + 1)):
            raise DeclaredError(f"a part of the Secret {name} is missing: there are {sorted(parts)}")
        try:
            packed = b"".join(base64.b64decode(parts[number], validate=True) for number in sorted(parts))
            unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
            while True:
                piece = unpack.decompress(packed, _PIECE)
                packed = unpack.unconsumed_tail
                yield piece
                if unpack.eof:
                    return
                if not packed and not piece:
                    raise DeclaredError(f"the Secret {name} is cut off")
        except (binascii.Error, zlib.error) as error:
            raise DeclaredError(f"the Secret {name} holds no compressed state: {error}") from error


def _namespace(stored: Stored) -> str:
    return stored.said("namespace") or "default"


def _secret(stored: Stored, workspace: str) -> str:
    return f"tfstate-{workspace}-{stored.said('secret_suffix')}"


def _secrets(stored: Stored) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """(name, labels, data) of each Secret of the suffix. Raises DeclaredError."""
    suffix = stored.said("secret_suffix")
    if not suffix:
        raise DeclaredError("`secret_suffix` is not said")
    from providers.kubernetes.connection import connect

    base = stored.settings.get("kubernetes")
    settings = base if isinstance(base, Settings) else Settings()
    context = stored.said("config_context")
    changed: dict[str, Any] = {
        "read_timeout": min(settings.read_timeout, stored.seconds),
        "max_attempts": min(settings.max_attempts, 3),
    }
    if context:
        changed["contexts"] = [ClusterSettings(context=context)]
    if file := stored.said("config_path"):
        stored.lend("a kubeconfig", file)  # it may name programs that log in
        changed["kubeconfig"] = Path(file)
    path = f"/api/v1/namespaces/{quote(_namespace(stored), safe='')}/secrets"
    try:
        cluster = next(iter(connect(settings.model_copy(update=changed), stored.deadline)), None)
        if cluster is None:
            raise DeclaredError("no cluster is known; say `config_context`")
        if isinstance(cluster, CredentialsError):
            raise DeclaredError(str(cluster))
        more, pages = "", Pages(Limits(), f"GET {path}")
        while True:
            pages.turn(more)
            query = {"labelSelector": _LABELS.format(suffix), **({"continue": more} if more else {})}
            page = cluster.get(path, **query)
            for item in page.get("items") or ():
                told = item.get("metadata") or {}
                yield str(told.get("name")), told.get("labels") or {}, item.get("data") or {}
            more = str((page.get("metadata") or {}).get("continue") or "")
            if not more:
                return
    except CellError as error:
        raise DeclaredError(error.message) from error
    except CredentialsError as error:
        raise DeclaredError(str(error)) from error
