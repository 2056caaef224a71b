"""The contract of a forge: what a plugin implements to have pull requests opened where a repository lives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from drift.deadline import Deadline
from drift.errors import DriftError

if TYPE_CHECKING:
    from pydantic import BaseModel

State = Literal["open", "merged", "closed"]


class ForgeError(DriftError):
    """A forge refused, or could not be asked; never with a token in its message. ``status`` is the HTTP
    status where there was one, 410 where the forge has no issues; ``temporary`` where the next run may
    succeed as it is."""

    def __init__(self, message: str, *, status: int | None = None, temporary: bool = False) -> None:
        super().__init__(message)
        self.status, self.temporary = status, temporary


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at its forge: ``url`` is what Git clones from, without a login; ``site`` scheme, host and
    port of the forge's pages and API; ``path`` what follows (``acme/infra``, without ``.git``)."""

    url: str
    site: str
    path: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a pull request is to be. ``branch`` is pushed already and is to be merged into ``base``. Reviewers
    and assignees are names of the forge's (a team as ``org/team``); whom the forge does not know is left
    out and told. ``body`` is Markdown and ends with a line that only machines read (``<!-- drift: …
    -->``)."""

    branch: str
    base: str
    title: str
    body: str
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as it stands at its forge. ``id`` is what the forge's API calls it; ``head`` the commit
    that its branch is at, as the forge tells it, None where it does not."""

    id: str
    url: str
    branch: str
    base: str
    title: str
    body: str
    state: State
    draft: bool = False
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue (a work item) as it stands at its forge."""

    id: str
    url: str
    title: str
    body: str
    state: Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class Login:
    """What Git is given for the repository's host, and no other."""

    username: str
    password: str = field(repr=False)


class Hosted(Protocol):
    """One repository at its forge. Every call ends in time; what is throttled is tried again as the forge
    says, as long as there is time. All raise ForgeError."""

    def login(self) -> Login | None:
        """How to push by https; None where Git's own credentials are used."""
        ...

    def pull_requests(self, branch: str) -> Sequence[PullRequest]:
        """All pull requests from a branch of this repository (of no fork), in any state, the newest first."""
        ...

    def open_pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        """The open ones whose branches begin with ``prefix``."""
        ...

    def open(self, draft: Draft) -> tuple[PullRequest, Sequence[str]]:
        """Opens one; gives it and what could not be done of the draft (a reviewer that is not known), in
        sentences. One that exists already for the branch, and is open, is given back."""
        ...

    def update(self, pull_request: PullRequest, draft: Draft) -> tuple[PullRequest, Sequence[str]]:
        """Makes title, body and labels what the draft says; labels, reviewers and assignees that people added
        stay, whom people took away is not asked again. Whether it is a draft is people's to say."""
        ...

    def comment(self, pull_request: PullRequest, text: str) -> None:
        """Comments, once: a text that is among its comments is not said again."""
        ...

    def close(self, pull_request: PullRequest, text: str) -> None:
        """Comments (once) and closes it, without merging; its branch is not touched."""
        ...

    def issues(self, label: str) -> Sequence[Issue]:
        """The issues with this label, in any state, the newest first; empty where the forge has none."""
        ...

    def open_issue(
        self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str]
    ) -> tuple[Issue, Sequence[str]]:
        """Opens one; gives it and what could not be done, in sentences. Raises ForgeError, with the status
        410 where the forge has none."""
        ...

    def update_issue(self, issue: Issue, title: str, body: str) -> Issue: ...

    def close_issue(self, issue: Issue, text: str) -> None:
        """Comments (once) and closes it."""
        ...


class Forge(Protocol):
    """One kind of forge, found through the entry point group ``drift.forges`` under its ``name``."""

    name: str
    #: The forge's section of ``remediate.forges`` in drift.yaml: where it is, and how to log in.
    Settings: type[BaseModel]

    def hosts(self, host: str) -> bool:
        """Whether a host is known to run this forge (``github.com``)."""
        ...

    def connect(self, repository: Repository, settings: BaseModel, deadline: Deadline) -> Hosted:
        """The repository, to be worked with; asks nothing yet. Raises ForgeError where there is no token."""
        ...
