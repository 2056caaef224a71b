"""The forge of `drift demo`: a GitHub on loopback."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drift.demo import LocalForge, Opened, need

if TYPE_CHECKING:
    from forges.loopback.server import Loopback


class GitHubDemo:
    """GitHub's part of the demo."""

    name = "github"
    title = "GitHub"

    def start(self) -> contextlib.AbstractContextManager[LocalForge]:
        """Starts the loopback GitHub. Raises DriftError where a package is missing."""
        need({"jsonschema": "jsonschema"})
        return _running()


@contextlib.contextmanager
def _running() -> Iterator[LocalForge]:
    from forges.loopback.github import GitHub

    with GitHub() as server:
        yield _Local(server)


class _Local:
    def __init__(self, server: Loopback) -> None:
        self._server = server
        self.settings: Mapping[str, Any] = server.settings()
        self.host = urlsplit(server.url).hostname or ""

    def adopt(self, path: str, repository: Path) -> str:
        """Makes a repository of what one on disk has."""
        made = self._server.repository(path)
        self._server.git.push(path, repository)
        return made.url

    def opened(self) -> Sequence[Opened]:
        """The pull requests that are open."""
        git = self._server.git
        return [
            Opened(
                one.title,
                f"{self._server.url}/{path}/pull/{one.number}",
                one.body,
                git.diff(path, one.base, one.branch),
            )
            for path, repo in self._server.repositories.items()
            for one in repo.pulls.values()
            if one.state == "open"
        ]
