"""Where the module of a Terragrunt unit lies: a folder, a repository that is at hand at the ref that it
names, what the entry says is checked out, or what Terragrunt left in its cache."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from drift.errors import DeclaredError

_CACHE = ".terragrunt-cache"
_FORCED = re.compile(r"^(?P<getter>[a-z][a-z0-9]*)::")
_SHORT = re.compile(r"^(?:[\w.-]+@)?(?P<host>[\w.-]+\.[\w-]+):(?P<path>[^/].*)$")


class Module(NamedTuple):
    """The folder of a module, the top of what may be read around it, and how to name it to people."""

    folder: Path
    top: Path | None
    display: str | None = None


#: Gives the tree of a repository that is at hand at a ref (None: as it is checked out). Raises DeclaredError.
Tree = Callable[[Path, str | None], Path]


@dataclass
class Sources:
    """``top`` is the top of the repository that the units lie in, ``url`` where that came from; ``mapped``
    says of other addresses in which folder they are checked out (as Terragrunt's `--source-map`)."""

    top: Path
    url: str | None
    at: Tree
    mapped: Mapping[str, Path] = field(default_factory=dict)

    def folder(self, source: str, unit: Path) -> Module | str:
        """Where the module of a unit lies; why it is not read, and what to do."""
        address, inner, ref = split(source)
        if not _is_remote(address):
            place = (unit / address / inner).resolve()
            if not place.is_relative_to(self.top):
                return f"its source {source} leads out of the repository"
            shown = place.relative_to(self.top).as_posix() if source.startswith("/") else source
            return Module(place, None) if place.is_dir() else f"its source {shown} is no folder"
        known = canonical(address)
        for name, folder in self.mapped.items():
            if canonical(name) == known:
                place = (folder / inner).resolve()
                if not place.is_relative_to(folder) or not place.is_dir():
                    return f"its source {source} is no folder below what `sources` says of {name}"
                return Module(place, folder)
        if self.url is not None and canonical(self.url) == known:
            return self._own(source, inner, ref)
        cached = _cached(unit, source, address, inner)
        if cached is not None:
            return Module(cached, cached)
        shown = address if known.startswith("/") else known
        return (
            f"its source {_shown(source)} is not in this repository; check it out and say under `sources` "
            f"where (`{shown}: FOLDER`), or run `terragrunt init` in the unit"
        )

    def _own(self, source: str, inner: str, ref: str | None) -> Module | str:
        try:
            top = self.at(self.top, ref)
        except DeclaredError as error:
            return f"its source {_shown(source)} can't be read at {ref}: {error}"
        place = (top / inner).resolve()
        if not place.is_relative_to(top) or not place.is_dir():
            return f"its source {_shown(source)} is no folder" + (f" at {ref}" if ref else "")
        return Module(place, top, inner or None)


def split(source: str) -> tuple[str, str, str | None]:
    """(address, folder within it, ref) of a source: ``git::ssh://h/r.git//modules/a?ref=v1``."""
    address, _, query = source.partition("?")
    ref = next(iter(parse_qs(query).get("ref", [])), None)
    after = address.find("://")
    inner = address.find("//", after + 3 if after >= 0 else 0)
    if inner < 0:
        return address, "", ref
    return address[:inner], address[inner + 2 :].strip("/"), ref


def canonical(address: str) -> str:
    """One spelling of what names a repository: ``host/owner/name``."""
    address = _FORCED.sub("", address.partition("?")[0])
    short = _SHORT.match(address) if "://" not in address else None
    if short is not None:
        host, path = short["host"], short["path"]
    else:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host, path = parts.hostname or "", parts.path
    return f"{host.lower()}/{path.strip('/').removesuffix('.git')}"


def _is_remote(address: str) -> bool:
    """Whether a source is no path. ``host.tld/…`` and ``user@host:…`` are addresses, too."""
    if address.startswith((".", "/", "~")):
        return False
    first = address.partition("/")[0]
    return (
        "://" in address
        or _FORCED.match(address) is not None
        or _SHORT.match(address) is not None
        or first in ("github.com", "gitlab.com", "bitbucket.org")
    )


def _cached(unit: Path, source: str, address: str, inner: str) -> Path | None:
    """What Terragrunt left of a source beside the unit, where it is of this very version.

    Source: Terragrunt's internal/tf/source.go: the folder is the digest of the address without its query, the
    version beside it that of the query.
    """
    query = urlencode(
        sorted((name, one) for name, all_ in parse_qs(source.partition("?")[2]).items() for one in all_)
    )
    plain = {address, _FORCED.sub("", address)}
    for folder in sorted((unit / _CACHE).glob("*/*")):
        if folder.name not in {_digest(one) for one in _spelt(plain)}:
            continue
        try:
            version = (folder / ".terragrunt-source-version").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            version = ""
        place = folder / inner
        if version == _digest(query) and place.is_dir():
            return place
    return None


def _spelt(addresses: set[str]) -> set[str]:
    """An address as Terragrunt may write it, with the getter that it takes."""
    found = set(addresses)
    for one in addresses:
        short = _SHORT.match(one)
        if short is not None:
            found.add(f"git::ssh://{one.replace(':', '/', 1)}")
        found.update({f"git::{one}", f"git::https://{one}"})
    return found


def _digest(text: str) -> str:
    """Source: Terragrunt's util.EncodeBase64Sha1."""
    made = hashlib.sha1(text.encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _shown(source: str) -> str:
    """Without what logs in."""
    return re.sub(r"://[^/@]*@", "://", source)
