"""Brings a proved patch to its forge: one branch and one pull request a group, found again by the next run.

What a run finds there decides, never what an earlier one remembers: so a run that was killed in the middle is
gone on with, and two at once do not double anything.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from drift import reading
from drift.config.remediate import Remediate
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.forge import Draft, Hosted, PullRequest
from drift.remediate.branch import Moved, Remote, Tip, committed
from drift.remediate.known import Sight, same
from drift.remediate.words import closing, mark_of, marked
from drift.remediate.workspace import Workspace

_OVER = "what this mends is no longer different, or is in another pull request now"
UNSEEN = (
    "it holds findings that this run did not look at, or of another configuration: it is left as it is; run "
    "over everything, or set remediate.branch or `environment`"
)
_OTHERWISE = "a person has chosen something else of what this mends"
#: What became of a branch and its pull request.
State = Literal[
    "opened",
    "updated",
    "unchanged",
    "pushed",
    "closed",
    "left",
    "waiting",
    "refused",
    "would open",
    "would update",
]


@dataclass(frozen=True, slots=True)
class Patch:
    """A proved patch of one group: ``digests`` of the findings that it mends, by id; ``body`` takes the mark
    and gives the text."""

    group: str
    branch: str
    title: str
    body: Callable[[Mapping[str, Any]], str]
    files: Mapping[Path, bytes | None]
    digests: Mapping[str, str]
    #: The last day of those of them that a rule accepts.
    accepts: Mapping[str, str] = field(default_factory=dict)
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


@dataclass(slots=True)
class Published:
    """What became of a patch, in words that the report has, and where it is."""

    branch: str
    state: State
    why: str = ""
    url: str | None = None
    notes: list[str] = field(default_factory=list)
    #: The title of one that is closed, or left.
    title: str = ""

    def record(self) -> dict[str, Any]:
        said = (("branch", self.branch), ("title", self.title), ("why", self.why), ("url", self.url))
        told: dict[str, Any] = {"state": self.state, **{key: value for key, value in said if value}}
        if self.notes:
            told["notes"] = self.notes
        return told


@dataclass
class Publisher:
    """Pull requests of one repository. ``hosted`` None: branches are pushed, and ``page`` says where a pull
    request can be opened by hand. ``sight`` is of what this run may speak.
    ``dry``: everything is asked, nothing is done."""

    space: Workspace
    said: Remediate
    run: str
    sight: Sight
    hosted: Hosted | None
    deadline: Deadline
    page: Callable[[str, str], str | None] = lambda _branch, _base: None
    dry: bool = False
    _open: list[PullRequest] | None = None
    _known_ones: dict[str, PullRequest | None] = field(default_factory=dict)
    #: How many branches are new in this run.
    _new: int = 0
    _branches: set[str] | None = None

    def __post_init__(self) -> None:
        login = None if self.hosted is None else self.hosted.login()
        self.remote = Remote(self.space, login, self.deadline)

    def publish(self, patch: Patch) -> Published:
        """Opens, updates or leaves the pull request of a group. Raises DriftError where it can't be told what
        is there, or it can't be pushed."""
        tip = self.remote.tip(patch.branch, patch.group, self.said.commit.author)
        known = self.known(patch.branch)
        if tip is not None and not tip.ours:
            why = "somebody else's commits are on the branch, so it is left alone"
            return Published(patch.branch, "left", why, known.url if known else None)
        refused = _refused(known, patch)
        if refused is not None and known is not None:
            return Published(patch.branch, "left", refused, known.url)
        if known is not None and known.state != "open":
            known = None
        waiting = None if known else self.waiting(patch.branch)
        if waiting is not None:
            return waiting
        if known is None and (tip is None or self.hosted is not None):
            self._new += 1
        if self.dry:
            return Published(
                patch.branch, "would update" if known else "would open", url=known.url if known else None
            )
        commit = self._pushed(patch, tip)
        return self._told(patch, tip, commit, known)

    def _pushed(self, patch: Patch, tip: Tip | None) -> str:
        """The commit that the branch is at now."""
        message = self.said.commit.message.format(
            title=patch.title, environment=self.sight.environment, run=self.run, count=len(patch.digests)
        )
        own = self._mark(patch) if self.hosted is None else None  # else it is in the pull request's text
        commit, tree = committed(self.space, patch.files, message, patch.group, self.said.commit, own)
        there = tip is not None and (tip.parent, tip.tree) == (self.space.commit, tree)
        if tip is not None and there and (own is None or same(tip.mark, own)):
            return tip.commit
        try:
            self.remote.push(patch.branch, commit, tip.commit if tip else None)
        except Moved:
            # Another run of ours may have been as quick: then what it pushed says the same.
            now = self.remote.tip(patch.branch, patch.group, self.said.commit.author)
            if now is None or not now.ours or now.tree != tree:
                raise
            return now.commit
        return commit

    def _told(self, patch: Patch, tip: Tip | None, commit: str, known: PullRequest | None) -> Published:
        if self.hosted is None:
            state: State = "unchanged" if tip is not None and tip.commit == commit else "pushed"
            return Published(patch.branch, state, url=self.page(patch.branch, self.space.branch))
        draft = self._draft(patch, commit)
        if known is None:
            opened, notes = self.hosted.open(draft)
            return Published(patch.branch, "opened", url=opened.url, notes=list(notes))
        there = tip is not None and tip.commit == commit and known.title == draft.title
        if there and same(mark_of(known.body), mark_of(draft.body)):
            return Published(patch.branch, "unchanged", url=known.url)
        rebased = tip is not None and tip.parent not in ("", self.space.commit)
        updated, notes = self.hosted.update(known, draft)
        why = f"rebased on {self.space.branch}" if rebased else ""
        return Published(patch.branch, "updated", why, updated.url, list(notes))

    def _mark(self, patch: Patch, **more: Any) -> dict[str, Any]:
        accepts = {"accepts": dict(patch.accepts)} if patch.accepts else {}
        return self.sight.mark(patch.group, patch.digests, **more, **accepts)

    def _draft(self, patch: Patch, commit: str) -> Draft:
        mark = self._mark(patch, head=commit)
        return Draft(
            patch.branch,
            self.space.branch,
            patch.title,
            reading.shown(patch.body(mark)),
            self.said.draft,
            tuple(self.said.labels),
            patch.reviewers,
            patch.assignees,
        )

    def known(self, branch: str) -> PullRequest | None:
        """The open pull request of a branch, else the newest that was. Raises DriftError."""
        if self.hosted is None:
            return next((one for one in self._ours() if one.branch == branch), None)
        if branch not in self._known_ones:
            found = self.hosted.pull_requests(branch)
            one = next((one for one in found if one.state == "open"), next(iter(found), None))
            self._known_ones[branch] = one
        return self._known_ones[branch]

    def waiting(self, branch: str) -> Published | None:
        """That a branch which has no pull request yet gets none, as there are as many as may be; None where
        it may. Raises DriftError."""
        if self.hosted is None:
            there = set(self.remote.branches(self.said.branch)) if self._branches is None else self._branches
            self._branches = there
            what = "branches of ours are there already; delete those that are merged"
        else:
            there = {one.branch for one in self._ours()}
            what = "pull requests of ours are open already"
        if branch in there or len(there) + self._new < self.said.max_open:
            return None
        return Published(branch, "waiting", f"{self.said.max_open} {what} (remediate.max_open)")

    def _ours(self) -> list[PullRequest]:
        if self._open is None and self.hosted is not None:
            self._open = list(self.hosted.open_pull_requests(self.said.branch))
        elif self._open is None:
            tips = self.remote.tips(self.said.branch, self.said.commit.author)
            self._open = [self._as_pull_request(*one) for one in tips.items() if one[1].ours]
        return self._open

    def _as_pull_request(self, branch: str, tip: Tip) -> PullRequest:
        """What a branch of ours tells of itself, where no forge is there to be asked."""
        url = self.page(branch, self.space.branch) or ""
        body = marked(tip.mark) if tip.mark is not None else ""
        return PullRequest(branch, url, branch, self.space.branch, tip.title, body, "open", head=tip.commit)

    def open(self) -> list[tuple[PullRequest, dict[str, Any]]]:
        """Those of ours that are open, each with its mark. Raises DriftError."""
        found = ((one, mark_of(one.body)) for one in self._ours())
        return [(one, mark) for one, mark in found if mark is not None]

    def withdraw(self, one: PullRequest, mark: Mapping[str, Any]) -> Published:
        """Closes one of all whose findings a person has chosen something else; it is not opened again until
        they are others."""
        return self._closed(one, mark, _OTHERWISE, one.body)

    def marks(self) -> list[dict[str, Any]]:
        """What our pull requests that are open say of themselves. Raises DriftError."""
        return [mark for _, mark in self.open()]

    def close_others(self, kept: Sequence[str], elsewhere: Container[str]) -> list[Published]:
        """Closes the pull requests of ours, and takes their branches away, of which surely no finding is left
        that is not ``elsewhere``: none is among ``kept`` branches."""
        found: list[Published] = []
        for one, mark in self.open():
            if one.branch not in kept and self.sight.over(mark, elsewhere):
                found.append(self._closed(one, mark, _OVER, _remarked(one.body, {**mark, "closed": "gone"})))
        return found

    def _closed(self, one: PullRequest, mark: Mapping[str, Any], why: str, body: str) -> Published:
        """Closes one, whose text is to be ``body``, and takes its branch away."""
        try:
            tip = self.remote.tip(one.branch, str(mark.get("group")), self.said.commit.author)
            if tip is not None and not tip.ours:
                why += ", but somebody else's commits are on the branch: it is left"
                return Published(one.branch, "left", why, one.url, title=one.title)
            if not self.dry:
                if self.hosted is not None:
                    one, _ = self.hosted.update(one, Draft(one.branch, one.base, one.title, body, one.draft))
                    self.hosted.close(one, closing(f"{why.capitalize()}, so it is closed."))
                if tip is not None:
                    self.remote.delete(one.branch, tip.commit)
        except DriftError as error:
            return Published(one.branch, "refused", str(error), one.url, title=one.title)
        return Published(one.branch, "closed", why, one.url, title=one.title)


def _refused(known: PullRequest | None, patch: Patch) -> str | None:
    """Why a pull request that a person closed without merging is not opened again; None where it is."""
    if known is None or known.state != "closed":
        return None
    mark = mark_of(known.body)
    if mark is None or mark.get("closed") == "gone" or not isinstance(mark.get("findings"), Mapping):
        return None if mark is not None else "it was closed, and nobody knows for which findings"
    had = mark["findings"]
    if all(had.get(id_) == digest for id_, digest in patch.digests.items()):
        return "a person closed it without merging; it is opened again when the findings are others"
    return None


def _remarked(body: str, mark: Mapping[str, Any]) -> str:
    old = mark_of(body)
    return body if old is None else body[: body.rindex("<!-- drift: ")] + marked(mark)
