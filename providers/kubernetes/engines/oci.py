"""Pulls an artifact's files out of an OCI registry, without a login, and keeps them: what a digest names is
there without a network, and what a tag named where nothing may be fetched.

Source: github.com/opencontainers/distribution-spec, "Pull"; distribution.github.io, "Token Authentication".
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import tarfile
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from platformdirs import user_cache_path

from drift import bounded_http, temporary
from drift.deadline import Deadline
from drift.errors import CellError, DeclaredError
from drift.limits import Limits
from providers.kubernetes.engines.trees import Trees

_ACCEPT = (
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.oci.image.index.v1+json"
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PLACE = re.compile(r"oci://([\w.-]+(?::\d+)?)/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)")
_REFERENCE = re.compile(r"[\w][\w.-]{0,127}|sha256:[0-9a-f]{64}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_LIMITS = Limits()
#: More than artifacts of manifests unpack to (bytes, files).
_MOST_BYTES, _MOST_FILES = 512 * 1024 * 1024, 50_000
_SECONDS = 30.0
_lock = threading.Lock()


def pulled(
    trees: Trees,
    url: str,
    reference: str,
    deadline: Deadline,
    *,
    media_type: str = "",
    insecure: bool = False,
) -> Path:
    """The folder with an artifact's files. ``url`` is ``oci://HOST/NAME``, ``reference`` a tag or digest,
    ``media_type`` that of the layer to take instead of the first.

    Raises NotFollowed where the entry's ``fetch`` does not allow it and it is not kept, DeclaredError where
    it can't be had.
    """
    place = _PLACE.fullmatch(url)
    if place is None or not _REFERENCE.fullmatch(reference):
        raise DeclaredError(f"{url}:{reference} is no address of an OCI artifact")
    key = hashlib.sha256(f"{url}\0{reference}\0{media_type}".encode()).hexdigest()[:24]
    home = user_cache_path("drift") / "artifacts" / key
    with _lock:
        there = (home / "files").is_dir()
        if there and (_DIGEST.fullmatch(reference) or not trees.allows(url)):
            return home / "files"
        if not trees.allows(url):
            raise trees.refuse(url)
        registry = _Registry(place[1], place[2], deadline, insecure=insecure)
        try:
            content = registry.layer(reference, media_type)
            return _kept(home, content, f"{url}:{reference}")
        except (DeclaredError, CellError, urllib3.exceptions.HTTPError) as error:
            older = "; what was kept of it may be older than what it names now" if there else ""
            raise DeclaredError(f"{url}:{reference}: can't be fetched: {error}{older}") from error


def _kept(home: Path, content: bytes, shown: str) -> Path:
    beside = temporary.folder() / "files"
    beside.mkdir()
    _unpacked(content, beside, shown)
    home.mkdir(parents=True, exist_ok=True)
    target = home / "files"
    new, old = home / "new", home / "old"
    for one in (new, old):
        _removed(one)
    _moved(beside, new)
    if target.exists():
        target.rename(old)
    new.rename(target)
    _removed(old)
    return target


def _unpacked(content: bytes, folder: Path, shown: str) -> None:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:*") as archive:
            size = count = 0
            for member in archive:
                count, size = count + 1, size + member.size
                if count > _MOST_FILES or size > _MOST_BYTES:
                    raise DeclaredError(f"{shown}: is larger than any artifact of manifests")
                archive.extract(member, folder, filter="data")
    except (OSError, EOFError, tarfile.TarError) as error:
        raise DeclaredError(f"{shown}: can't be unpacked: {error}") from error


def _moved(source: Path, target: Path) -> None:
    shutil.move(source, target)


def _removed(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


class _Registry:
    """One repository of a registry. Reached by https, but where the source says ``insecure``."""

    def __init__(self, host: str, name: str, deadline: Deadline, *, insecure: bool) -> None:
        self.base = f"{'http' if insecure else 'https'}://{host}/v2/{name}"
        self.name, self.insecure = name, insecure
        self.deadline = deadline
        self.token = ""
        self.http = _manager(self.base, deadline)

    def layer(self, reference: str, media_type: str) -> bytes:
        """The content of the first layer, or of the first of a media type. Raises DeclaredError."""
        raw = self._get(f"/manifests/{reference}", _ACCEPT)
        if _DIGEST.fullmatch(reference):
            _check(raw, reference)
        manifest = _json(raw)
        if "manifests" in manifest and "layers" not in manifest:
            (first, *_) = manifest["manifests"] or [{}]
            raw = self._get(f"/manifests/{_digest(first)}", _ACCEPT)
            _check(raw, _digest(first))
            manifest = _json(raw)
        layers = [one for one in manifest.get("layers") or () if isinstance(one, dict)]
        wanted = [one for one in layers if not media_type or one.get("mediaType") == media_type]
        if not wanted:
            raise DeclaredError(f"it has no layer{f' of {media_type}' if media_type else ''}")
        digest = _digest(wanted[0])
        content = self._get(f"/blobs/{digest}", "*/*")
        _check(content, digest)
        return content

    def _get(self, path: str, accept: str) -> bytes:
        status, headers, content = self._asked(f"{self.base}{path}", accept)
        if status == 401 and not self.token:
            self.token = self._login(headers.get("WWW-Authenticate", ""))
            status, headers, content = self._asked(f"{self.base}{path}", accept)
        if status != 200:
            login = ", which wants a login" if status == 401 else ""
            raise DeclaredError(f"the registry answers {status}{login}")
        return content

    def _asked(self, url: str, accept: str) -> tuple[int, Any, bytes]:
        headers = {"Accept": accept}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self.deadline.check()
        response = self.http.request("GET", url, headers=headers, preload_content=False)
        return response.status, response.headers, bounded_http.body(response, _LIMITS)

    def _login(self, challenge: str) -> str:
        """A token that anybody gets. Asked only of the registry's own scheme."""
        said = dict(_CHALLENGE.findall(challenge))
        realm = urlsplit(said.get("realm", ""))
        schemes = ("https", "http") if self.insecure else ("https",)
        if not challenge.lower().startswith("bearer ") or realm.scheme not in schemes:
            return ""
        query = {"scope": f"repository:{self.name}:pull"}
        query |= {"service": said["service"]} if "service" in said else {}
        status, _, content = self._asked(f"{said['realm']}?{urlencode(query)}", "application/json")
        found = _json(content) if status == 200 else {}
        token = found.get("token") or found.get("access_token")
        return token if isinstance(token, str) else ""


def _manager(url: str, deadline: Deadline) -> urllib3.PoolManager:
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
    said: dict[str, Any] = {"retries": urllib3.Retry(3, redirect=5), "timeout": urllib3.Timeout(_SECONDS)}
    made = urllib3.ProxyManager(proxy, **said) if proxy else urllib3.PoolManager(**said)
    made.pool_classes_by_scheme = bounded_http.pools(_LIMITS, deadline)
    return made


def _digest(descriptor: Any) -> str:
    found = descriptor.get("digest") if isinstance(descriptor, dict) else None
    if not isinstance(found, str) or not _DIGEST.fullmatch(found):
        raise DeclaredError("its manifest names no sha256 digest")
    return found


def _check(content: bytes, digest: str) -> None:
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
        raise DeclaredError(f"what the registry gives is not {digest}")


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise DeclaredError("the registry answers with what is no JSON") from error
    return found if isinstance(found, dict) else {}
