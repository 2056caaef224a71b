"""What every forge does alike: opens once, says once, asks each person once, over what each forge says of
itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from drift.forge import Draft, ForgeError, Issue, Login, PullRequest
from forges import texts
from forges.calls import each_once, understood
from forges.rest import TRIES, Api

T = TypeVar("T")

#: What a refusal says for good: to look whether it was done nevertheless is of no use.
_DENIED = frozenset({401, 403, 404, 410})


class BaseHosted(ABC):
    """One repository at one forge. What a subclass gives of it begins with ``_``."""

    #: Where its API has the repository.
    _at: str
    #: How people call the forge, and what it takes of a pull request: characters.
    _called: str
    _most_title = 255
    _most_body: int
    #: The forge's word.
    _pull_request = "pull request"
    _has_issues = True

    def __init__(self, api: Api, path: str, login: Callable[[], Login | None]) -> None:
        self._api, self._path, self._login = api, path, login

    @understood
    def login(self) -> Login | None:
        """How to push by https."""
        return self._login()

    # Pull requests

    @understood
    def pull_requests(self, branch: str) -> Sequence[PullRequest]:
        """All from a branch, the newest first."""
        return _newest_first(one for one in self._from(branch) if one.branch == branch)

    @understood
    def open_pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        """The open ones whose branches begin so."""
        return _newest_first(one for one in self._open_ones(prefix) if one.branch.startswith(prefix))

    @understood
    def open(self, draft: Draft) -> tuple[PullRequest, Sequence[str]]:
        """Opens one, or gives back the open one of the branch."""
        self._may_write()
        self._branch_is_there(draft.base)
        notes: list[str] = []
        found = self._surely(lambda: self._created(draft, notes), lambda: self._opened(draft.branch))
        return self._completed(found, draft, notes), each_once(notes)

    @understood
    def update(self, pull_request: PullRequest, draft: Draft) -> tuple[PullRequest, Sequence[str]]:
        """Makes title, body and labels what the draft says."""
        self._may_write()
        notes: list[str] = []
        title, body = self._title(draft.title), self._body(draft.body)
        now = self._read(pull_request.id)
        if now.title != title or not texts.same(now.body, body):
            now = self._edit(now, title, body)
        return self._completed(now, draft, notes), each_once(notes)

    @understood
    def comment(self, pull_request: PullRequest, text: str) -> None:
        """Comments, once."""
        self._may_write()
        self._say_once(
            text,
            lambda: self._comments(pull_request),
            lambda said: self._say(pull_request, said),
        )

    @understood
    def close(self, pull_request: PullRequest, text: str) -> None:
        """Comments and closes it."""
        self.comment(pull_request, text)
        if self._read(pull_request.id).state == "open":
            self._close(pull_request)

    # Issues

    @understood
    def issues(self, label: str) -> Sequence[Issue]:
        """The issues with a label; none where the forge has none."""
        return self._issues(label) if self._with_issues() else ()

    @understood
    def open_issue(
        self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str]
    ) -> tuple[Issue, Sequence[str]]:
        """Opens one; one of this title that is open and has the first label is not opened twice by this
        call."""
        self._may_write()
        if not self._with_issues():
            raise ForgeError(f"{self._called}: {self._path} has no issues", status=410)
        notes: list[str] = []
        told = self._title(title)

        def look() -> Issue | None:
            if not labels:
                return None
            return next(
                (one for one in self._issues(labels[0]) if (one.title, one.state) == (told, "open")), None
            )

        made = self._surely(
            lambda: self._create_issue(told, self._issue_body(body), labels, assignees, notes), look
        )
        return made, each_once(notes)

    @understood
    def update_issue(self, issue: Issue, title: str, body: str) -> Issue:
        """Makes title and body these."""
        self._may_write()
        told, text = self._title(title), self._issue_body(body)
        if issue.title == told and texts.same(issue.body, text):
            return issue
        return self._edit_issue(issue, told, text)

    @understood
    def close_issue(self, issue: Issue, text: str) -> None:
        """Comments and closes it."""
        self._may_write()
        self._say_once(
            text, lambda: self._issue_comments(issue), lambda said: self._say_of_issue(issue, said)
        )
        if issue.state == "open":
            self._close_issue(issue)

    # What a forge says of itself

    @abstractmethod
    def _from(self, branch: str) -> Iterable[PullRequest]:
        """Those of a branch, and others maybe, of no fork, the newest first."""

    @abstractmethod
    def _open_ones(self, prefix: str) -> Iterable[PullRequest]:
        """The open ones of branches that begin so, and others maybe, of no fork."""

    @cached_property
    def _about(self) -> Any:
        """What the forge says of the repository, asked once. Raises ForgeError where that is nothing."""
        found = self._api.get(self._at)
        if not isinstance(found, Mapping) or not found:
            raise ForgeError(f"{self._called}: what was answered about {self._path} is no repository")
        return found

    def _may_write(self) -> None:
        """Raises ForgeError where the repository can't be written to: it is archived, or not to be seen."""
        if self._about.get("archived"):
            raise self._archived()

    @abstractmethod
    def _has_branch(self, branch: str) -> bool: ...

    @abstractmethod
    def _read(self, id: str) -> PullRequest: ...

    @abstractmethod
    def _create(self, draft: Draft, notes: list[str]) -> PullRequest: ...

    @abstractmethod
    def _edit(self, now: PullRequest, title: str, body: str) -> PullRequest: ...

    @abstractmethod
    def _completed(self, now: PullRequest, draft: Draft, notes: list[str]) -> PullRequest:
        """Adds labels, and asks whom of the draft nobody was asked before."""

    @abstractmethod
    def _comments(self, pull_request: PullRequest) -> Iterable[str]: ...

    @abstractmethod
    def _say(self, pull_request: PullRequest, text: str) -> None: ...

    @abstractmethod
    def _close(self, pull_request: PullRequest) -> None: ...

    def _with_issues(self) -> bool:
        return self._has_issues

    def _issues(self, label: str) -> Sequence[Issue]:
        return ()

    def _create_issue(
        self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str], notes: list[str]
    ) -> Issue:
        raise self._no_issues()

    def _edit_issue(self, issue: Issue, title: str, body: str) -> Issue:
        raise self._no_issues()

    def _issue_comments(self, issue: Issue) -> Iterable[str]:
        raise self._no_issues()

    def _say_of_issue(self, issue: Issue, text: str) -> None:
        raise self._no_issues()

    def _close_issue(self, issue: Issue) -> None:
        raise self._no_issues()

    # What is alike

    def _no_issues(self) -> ForgeError:
        return ForgeError(f"{self._called}: {self._path} has no issues", status=410)

    def _title(self, text: str) -> str:
        return texts.title(text, self._most_title)

    def _body(self, text: str) -> str:
        return texts.body(text, self._most_body, self._called)

    def _issue_body(self, text: str) -> str:
        return self._body(text)

    def _created(self, draft: Draft, notes: list[str]) -> PullRequest:
        made = self._create(draft, notes)
        if draft.draft and not made.draft:
            notes.append(f"it is opened ready for review: {self._called} has no drafts here")
        return made

    def _opened(self, branch: str) -> PullRequest | None:
        return next((one for one in self.pull_requests(branch) if one.state == "open"), None)

    def _branch_is_there(self, branch: str) -> None:
        if not self._has_branch(branch):
            raise ForgeError(
                f"{self._called}: {self._path} has no branch {branch!r}: was it renamed, or not pushed?",
                status=404,
            )

    def _archived(self) -> ForgeError:
        return ForgeError(
            f"{self._called}: {self._path} is archived: nothing can be opened in it; take it out of the "
            "repositories that are remediated, or unarchive it",
            status=403,
        )

    def _surely(self, do: Callable[[], T], look: Callable[[], T | None]) -> T:
        """What ``do`` makes, once: whenever it was refused, or its answer did not come, ``look`` tells
        whether it is there."""
        number = 0
        while True:
            number += 1
            try:
                return do()
            except ForgeError as error:
                if error.status in _DENIED:
                    raise
                found = look()
                if found is not None:
                    return found
                if not error.temporary or number >= TRIES:
                    raise
            self._api.pause(number)

    def _say_once(self, text: str, said: Callable[[], Iterable[str]], say: Callable[[str], None]) -> None:
        told = self._body(text)

        def there() -> bool | None:
            return True if any(texts.same(one, told) for one in said()) else None

        def once() -> bool:
            say(told)
            return True

        if there() is None:
            self._surely(once, there)

    def _one_by_one(
        self, names: Iterable[str], ask: Callable[[Sequence[str]], None], what: str, notes: list[str]
    ) -> None:
        """Asks for all at once, and where that is refused for each alone; who is refused is told."""
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return
        try:
            ask(wanted)
            return
        except ForgeError as error:
            if error.status in (401, None) or error.temporary:
                raise
            if len(wanted) == 1:
                notes.append(self._left_out(what, wanted[0], error))
                return
        for name in wanted:
            try:
                ask([name])
            except ForgeError as error:
                if error.status in (401, None) or error.temporary:
                    raise
                notes.append(self._left_out(what, name, error))

    def _left_out(self, what: str, name: str, why: str | ForgeError | None = None) -> str:
        if isinstance(why, ForgeError):
            why = f"{self._called} says: {getattr(why, 'said', '') or why}"
        return f"the {what} {name!r} is left out: {why or f'{self._called} does not know it here'}"


def _newest_first(found: Iterable[PullRequest]) -> list[PullRequest]:
    """Every forge counts upwards."""
    return sorted(found, key=lambda one: int(one.id), reverse=True)
