"""What a loopback forge holds: repositories, their pull requests and issues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from forges.loopback.repositories import Repositories


@dataclass(slots=True)
class Comment:
    """What somebody said."""

    id: int
    text: str
    by: str = "drift"
    system: bool = False


@dataclass(slots=True)
class Thing:
    """What a pull request and an issue have alike. ``events`` are (what, who) of what happened to people."""

    number: int
    title: str
    body: str
    state: Literal["open", "closed", "merged"] = "open"
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    version: int = 0

    def say(self, text: str, by: str = "drift") -> Comment:
        """Adds a comment."""
        self.comments.append(Comment(len(self.comments) + 1, text, by))
        return self.comments[-1]

    def assign(self, who: str) -> None:
        """Assigns somebody, once."""
        if who not in self.assignees:
            self.assignees.append(who)
            self.events.append(("assigned", who))

    def label(self, name: str) -> None:
        """Adds a label, once."""
        if name.lower() not in {one.lower() for one in self.labels}:
            self.labels.append(name)


@dataclass(slots=True)
class Issue(Thing):
    """An issue; ``custom`` holds what one forge alone has."""

    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Pull(Thing):
    """A pull request. ``last`` is the commit that its branch was at last."""

    branch: str = ""
    base: str = ""
    draft: bool = False
    fork: bool = False
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    last: str = ""

    def ask(self, who: str, *, team: bool = False) -> None:
        """Asks somebody to review, once."""
        asked = self.teams if team else self.reviewers
        if who not in asked:
            asked.append(who)
            self.events.append(("review_requested_team" if team else "review_requested", who))


@dataclass(slots=True)
class Repo:
    """A repository of a loopback forge, and what a person does to it. ``url`` is what Git clones from."""

    path: str
    url: str
    git: Repositories
    archived: bool = False
    issues_on: bool = True
    drafts_on: bool = True
    pulls: dict[int, Pull] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    #: Labels that are there before they are used, where a forge has such: name → id.
    labels: dict[str, int] = field(default_factory=dict)
    _number: int = 0

    def next(self) -> int:
        """A number for a pull request or an issue."""
        self._number += 1
        return self._number

    def commit(self, branch: str, files: Mapping[str, str], message: str = "change") -> str:
        """Commits onto a branch, as a person."""
        return self.git.commit(self.path, branch, files, message)

    def head(self, branch: str) -> str | None:
        """The commit that a branch is at."""
        return self.git.head(self.path, branch)

    def show(self, revision: str, file: str) -> str:
        """What a file holds at a revision."""
        return self.git.show(self.path, revision, file)

    def merge(self, number: int) -> None:
        """Merges a pull request, as a person."""
        pull = self.pulls[number]
        self.git.move(self.path, pull.base, self.head(pull.branch))
        pull.state = "merged"

    def refresh(self, *, closes: bool) -> None:
        """Follows the branches of open pull requests; some forges close one whose branch is gone."""
        if not any(one.state == "open" for one in self.pulls.values()):
            return
        heads = self.git.heads(self.path)
        for one in self.pulls.values():
            if one.state == "open":
                one.last = heads.get(one.branch, one.last)
                if closes and one.branch not in heads:
                    one.state = "closed"


@dataclass(slots=True)
class Called:
    """What was asked; ``authorization`` as it was sent."""

    method: str
    path: str
    query: str
    authorization: str
    body: Any = field(default=None)
