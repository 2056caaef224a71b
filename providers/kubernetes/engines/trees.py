"""Where files lie that an engine applies: the entry's own repository, the same at another commit or ref, and
others where the entry's ``fetch`` allows it."""

from __future__ import annotations

import os
import posixpath
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from drift import reading, temporary
from drift.deadline import Deadline
from drift.declared import git
from drift.errors import DeclaredError
from drift.listing import leads_out
from drift.source import Location, Signers

_SCP = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(?!//)(.+)")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class NotFollowed(DeclaredError):
    """A source that is not read, on purpose; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Files at a commit. ``root`` is their top folder; ``display`` and ``beside`` tell how people call a
    file: as it lies relative to the folder ``beside``, which they call ``display``. ``commit`` is None for a
    working tree with changes. ``own`` says that it is the entry's."""

    root: Path
    display: str
    beside: Path
    commit: str | None = None
    committed_at: str | None = None
    url: str | None = None
    own: bool = False

    def shown(self, file: Path) -> str:
        """How people call a file of the tree."""
        inside = Path(os.path.relpath(file, self.beside)).as_posix()
        if "://" in self.display:
            return reading.shown(self.display if inside == "." else f"{self.display}/{inside}")
        return reading.shown(posixpath.normpath(posixpath.join(self.display, inside)))

    def place(self, said: str, base: Path | None = None) -> Path:
        """The file or folder that an engine's object names, from the root (or ``base``, a folder of the
        tree). Raises DeclaredError where it leads out of the tree or is not there."""
        if "\0" in said:
            raise DeclaredError(f"the path {said!r} holds a NUL character")
        start = base if base is not None and not said.startswith("/") else self.root
        found = Path(os.path.normpath(start / said.lstrip("/")))
        try:
            inside = found.is_relative_to(self.root) and found.resolve().is_relative_to(self.root.resolve())
            there = found.exists()
        except (OSError, RuntimeError) as error:
            raise DeclaredError(f"the path {said[:100]} can't be read: {error}") from error
        if not inside:
            raise DeclaredError(f"the path {said} leads out of the repository")
        if not there:
            raise DeclaredError(f"there is no {said} in {self.display if not self.own else 'the repository'}")
        if leads_out(found):
            raise DeclaredError(f"the path {said} is a link that leads out of the repository")
        return found


class Trees:
    """All trees of one entry, each fetched once. ``allowed`` are globs of URLs that may be fetched,
    ``signers`` who must have signed each commit."""

    def __init__(
        self,
        location: Location,
        allowed: Sequence[str],
        deadline: Deadline,
        signers: Signers | None = None,
    ) -> None:
        self.signers = signers
        self._clone = location.clone
        folder = location.path if location.path.is_dir() else location.path.parent
        self.location, self.allowed, self.deadline = location, allowed, deadline
        root = location.root if location.root is not None else folder.resolve()
        display = location.display if location.path.is_dir() else posixpath.dirname(location.display)
        self.own = Tree(
            root, display or ".", folder.resolve(), location.commit, location.committed_at, location.url, True
        )
        self._home: set[str] = {repository(location.url)} if location.url else set()
        self._known: dict[tuple[str, str | None], Tree | NotFollowed] = {}
        self._lock = threading.Lock()

    def home(self, url: str) -> None:
        """Notes that a URL is the entry's own repository, whatever its remote is called here."""
        self._home.add(repository(url))

    def is_home(self, url: str) -> bool | None:
        """Whether a URL is that of the entry's own repository; None where nothing tells (it has no
        remote)."""
        return repository(url) in self._home if self._home else None

    def allows(self, source: str) -> bool:
        """Whether the entry lets a source be fetched: its URL, as written or without scheme and ``.git``."""
        names = {source, repository(source)}
        return any(fnmatchcase(name, glob) for name in names for glob in self.allowed)

    def refuse(self, source: str) -> NotFollowed:
        """Why a source is not read."""
        shown = git.without_password(source)
        return NotFollowed(f"{shown} is not fetched: add it to the entry's `fetch` to have it read")

    def at(self, commit: str) -> Tree:
        """The entry's own repository at one of its commits. Raises NotFollowed where it is not at hand."""
        if commit == self.own.commit:
            return self.own
        return self._once("", commit, lambda: self._earlier(commit))

    def of(self, url: str, ref: str | None) -> Tree:
        """Another repository, or another ref (branch, tag, full commit) of the own one. Raises
        NotFollowed where ``fetch`` does not allow it, or it can't be had."""
        if self.is_home(url) and ref in (None, "", "HEAD", self.location.ref, self.own.commit):
            return self.own
        return self._once(repository(url), ref, lambda: self._fetched(url, ref))

    def _once(self, url: str, ref: str | None, make: object) -> Tree:
        with self._lock:
            known = self._known.get((url, ref))
            if known is None:
                try:
                    assert callable(make)
                    known = make()
                except NotFollowed as error:
                    known = error
                except DeclaredError as error:
                    known = NotFollowed(str(error))
                self._known[url, ref] = known
        if isinstance(known, NotFollowed):
            raise known
        return known

    def _earlier(self, commit: str) -> Tree:
        found = self._at(commit)
        inside = self.own.beside.relative_to(self.own.root.resolve())
        return Tree(
            found.root, self.own.display, found.root / inside, commit, found.committed_at, self.own.url, True
        )

    def _at(self, ref: str) -> git.Checkout:
        """The own repository at a ref that is at hand. Raises DeclaredError."""
        root = self.own.root if self._clone is None else self._clone
        return git.at(root, ref, temporary.folder() / "tree", self.signers)

    def _fetched(self, url: str, ref: str | None) -> Tree:
        home = self.is_home(url)
        if home and ref:
            try:
                found = self._at(ref)
            except DeclaredError:
                if not self.allows(url) and not self.location.foreign:
                    raise self.refuse(f"{url}@{ref}") from None
            else:
                root = found.root.resolve()
                return Tree(root, f"{ref}:", root, found.commit, found.committed_at, self.own.url)
        elif not self.allows(url):
            raise self.refuse(url)
        got = git.fetch(url, ref or None, deadline=self.deadline, signers=self.signers)
        root = got.root.resolve()
        name = f"{git.without_password(url)}@{ref or got.commit}"
        return Tree(root, name, root, got.commit, got.committed_at, got.url)


def repository(url: str) -> str:
    """What is the same for all spellings of a repository's address: host and path, without user, scheme,
    port of the scheme, ``.git`` and letter case.

    >>> repository("git@GitHub.com:acme/Shop.git") == repository("https://github.com/acme/shop")
    True
    """
    url = git.without_password(url.strip())
    short = _SCP.fullmatch(url)
    if short and "://" not in url:
        host, path = short[1], short[2]
    else:
        try:
            parts = urlsplit(url)
            host, path = parts.hostname or "", parts.path
            if parts.port not in (None, 22, 80, 443):
                host = f"{host}:{parts.port}"
        except ValueError:
            host, path = "", url
    path = path.strip("/").removesuffix(".git").rstrip("/")
    return f"{host}/{path}".lower() if host else path
