"""A loopback forge and the plugin that speaks to it, as tests use them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from drift import plugins
from drift.deadline import Deadline
from drift.forge import Draft, Hosted, Login, Repository
from forges.loopback import FORGES, Loopback, Repo

#: Forges whose pull requests have labels, and which have issues.
LABELLED = ("azure-devops", "gitea", "github", "gitlab")
MACHINE = "<!-- drift: v1 f-1 -->"


class Patient(Deadline):
    """A clock that waits for nothing, and remembers for how long it should have."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.check()
        self.waited.append(seconds)


@dataclass(slots=True)
class Stand:
    """A forge with one repository after another."""

    name: str
    server: Any
    numbers: count[int] = field(default_factory=count)

    def repository(self) -> Repo:
        """A new repository."""
        name = f"infra{next(self.numbers)}"
        inner = {"azure-devops": f"acme/Shop {name}/{name}", "gitlab": f"acme/platform/{name}"}
        found: Repo = self.server.repository(inner.get(self.name, f"acme/{name}"))
        return found

    def connect(self, repo: Repo, deadline: Deadline | None = None, **settings: Any) -> Hosted:
        """The plugin's view of it."""
        forge = plugins.forge(self.name)
        said = forge.Settings.model_validate(self.server.settings(**settings))
        return forge.connect(self.at(repo), said, deadline or Patient())

    def at(self, repo: Repo) -> Repository:
        """Where it is."""
        path = repo.url.removeprefix(f"{self.server.url}/").removesuffix(".git").replace("%20", " ")
        return Repository(repo.url, self.server.url, path)

    @property
    def reviewer(self) -> str:
        """Somebody who may be asked."""
        return "ann@acme.example" if self.name == "azure-devops" else "ann"


def stand(name: str, folder: Path) -> Stand:
    """A running one."""
    server: Loopback = FORGES[name](folder)
    return Stand(name, server)


def draft(branch: str = "drift/a", **more: Any) -> Draft:
    """A draft of a pull request into main."""
    said: dict[str, Any] = {"title": "Bring bucket logs back", "body": f"What.\n\n{MACHINE}", **more}
    return Draft(branch, said.pop("base", "main"), **said)


def push(folder: Path, repo: Any, login: Login, branch: str, text: str) -> str:
    """Clones, commits and pushes a branch as the login; gives the commit. The password is in the environment
    alone."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": '!f() { echo "username=$WHO"; echo "password=$SECRET"; }; f',
        "WHO": login.username,
        "SECRET": login.password,
        "GIT_AUTHOR_NAME": "drift",
        "GIT_AUTHOR_EMAIL": "drift@acme.example",
        "GIT_COMMITTER_NAME": "drift",
        "GIT_COMMITTER_EMAIL": "drift@acme.example",
    }

    def git(*arguments: str, at: Path = folder) -> str:
        done: Sequence[str] = ["git", *arguments]
        return subprocess.run(
            done, cwd=at, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    clone = folder / "clone"
    git("clone", "-q", repo.url, str(clone))
    git("checkout", "-q", "-b", branch, at=clone)
    (clone / "main.tf").write_text(text)
    git("add", "-A", at=clone)
    git("commit", "-q", "-m", "Bring it back", at=clone)
    git("push", "-q", "origin", branch, at=clone)
    return git("rev-parse", "HEAD", at=clone)
