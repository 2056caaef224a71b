"""Gitea and Forgejo: pull requests and issues over their REST API, version 1. Source of what is asked: the
OpenAPI description that each of them serves (`/swagger.v1.json`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from drift.deadline import Deadline
from drift.forge import Draft, ForgeError, Issue, Login, PullRequest, Repository
from drift.report.forge import forge_of
from forges import settings as common
from forges import texts
from forges.answers import following_link, members, path
from forges.hosted import BaseHosted
from forges.rest import Api

_SECTION = "remediate.forges.gitea"
_ADVICE = {
    401: "the token is not valid, or has ended",
    403: "the token needs `write:repository` and `write:issue`, and its user has to be a collaborator who "
    "may write",
    404: "either it is not there or the token may not see it: it needs `write:repository`, and its user "
    "access",
    423: "the repository is archived",
}
#: What begins a title of a draft, by default; Source: the setting `WORK_IN_PROGRESS_PREFIXES`.
_DRAFT = re.compile(r"(?:\[wip\]|wip:)\s*", re.I)
_PAGE = 50
_LABEL_COLOUR = "#6b7280"


class Settings(common.ForgeSettings):
    """`remediate.forges.gitea` of drift.yaml."""

    user: str = Field("drift", min_length=1, description="Who pushes; Gitea goes by the token alone.")


class GiteaForge:
    """Gitea and Forgejo."""

    name = "gitea"
    Settings: type[BaseModel] = Settings

    def hosts(self, host: str) -> bool:
        """Whether a host is known to run Gitea or Forgejo."""
        return forge_of(host) == self.name

    def connect(self, repository: Repository, settings: BaseModel, deadline: Deadline) -> _Hosted:
        """The repository. Raises ForgeError where there is no token for its host."""
        assert isinstance(settings, Settings)
        site = common.site(repository, settings, "codeberg.org", _SECTION).removesuffix("/api/v1")
        owner, _, name = common.below(repository, site).partition("/")
        if not owner or not name or "/" in name:
            raise ForgeError(f"Gitea: {repository.path!r} is no OWNER/NAME")
        token = common.Secret(settings, _SECTION, deadline)
        api = Api(
            f"{site}/api/v1",
            "Gitea",
            deadline,
            headers=lambda: {"Authorization": f"token {token()}"},
            hidden=token.known,
            advice=_ADVICE,
            ca=common.ca(settings),
        )
        return _Hosted(api, owner, name, lambda: Login(settings.user, token()))


class _Hosted(BaseHosted):
    _called = "Gitea"
    #: Gitea itself has none; its database's columns take this much everywhere (MySQL's LONGTEXT far more).
    _most_body = 1_000_000

    def __init__(self, api: Api, owner: str, name: str, login: Callable[[], Login | None]) -> None:
        super().__init__(api, f"{owner}/{name}", login)
        self._owner = owner
        self._at = path("repos", owner, name)

    def _from(self, branch: str) -> Iterable[PullRequest]:
        # Forgejo gives those of the branch alone, Gitea all.
        return self._pulls("all", branch)

    def _open_ones(self, prefix: str) -> Iterable[PullRequest]:
        return self._pulls("open")

    def _pulls(self, state: str, branch: str = "") -> list[PullRequest]:
        """Those of no fork."""
        asked = {"state": state, **({"head": branch} if branch else {})}
        found = [
            one
            for one in self._listed(f"{self._at}/pulls", asked)
            if one["head"].get("repo_id") == one["base"].get("repo_id")
        ]
        return [_pull(one) for one in found]

    def _listed(self, at: str, asked: Mapping[str, Any] | None = None) -> Iterator[Any]:
        for page in self._api.pages(at, {**(asked or {}), "limit": _PAGE}, following_link):
            yield from members(page, at)

    def _has_branch(self, branch: str) -> bool:
        return self._api.found(f"{self._at}/branches/{path(branch, safe='/')}") is not None

    def _read(self, id: str) -> PullRequest:
        return _pull(self._api.get(f"{self._at}/pulls/{path(id)}"))

    def _create(self, draft: Draft, notes: list[str]) -> PullRequest:
        said = {
            "title": self._drafted(draft.title, draft.draft),
            "body": self._body(draft.body),
            "head": draft.branch,
            "base": draft.base,
        }
        return _pull(self._api.send("POST", f"{self._at}/pulls", said))

    def _title(self, text: str) -> str:
        """A title that makes no draft of it by itself."""
        return super()._title(texts.without(text, _DRAFT))

    def _drafted(self, title: str, draft: bool) -> str:
        return texts.title(self._title(title), self._most_title, "WIP: " if draft else "")

    def _edit(self, now: PullRequest, title: str, body: str) -> PullRequest:
        said = {"title": self._drafted(title, now.draft), "body": body}
        return _pull(self._api.send("PATCH", f"{self._at}/pulls/{path(now.id)}", said))

    def _completed(self, now: PullRequest, draft: Draft, notes: list[str]) -> PullRequest:
        self._label(now.id, draft.labels, notes)
        asked = self._asked(now.id) if draft.reviewers or draft.assignees else frozenset()
        at = f"{self._at}/pulls/{path(now.id)}/requested_reviewers"

        def ask(key: str) -> Callable[[Sequence[str]], None]:
            return lambda names: self._send(at, {key: list(names)})

        people = [one for one in draft.reviewers if "/" not in one]
        teams = [one.partition("/")[2] for one in draft.reviewers if "/" in one]
        for key, names in (("reviewers", people), ("team_reviewers", teams)):
            fresh = [one for one in names if ("review_request", one.lower()) not in asked]
            self._one_by_one(fresh, ask(key), "reviewer", notes)
        self._assign(now.id, [o for o in draft.assignees if ("assignees", o.lower()) not in asked], notes)
        return now

    def _send(self, at: str, body: Any) -> None:
        self._api.send("POST", at, body)

    def _asked(self, id: str) -> frozenset[tuple[str, str]]:
        """Who was asked to review, or assigned, once, whoever did it; it is not done again."""
        found: set[tuple[str, str]] = set()
        for event in self._listed(f"{self._at}/issues/{path(id)}/timeline"):
            for one in (event.get("assignee"), event.get("assignee_team")):
                if one and event.get("type") in ("review_request", "assignees"):
                    found.add((event["type"], str(one.get("login") or one.get("name")).lower()))
        return frozenset(found)

    def _assign(self, id: str, names: Iterable[str], notes: list[str]) -> None:
        """Adds those who can be assigned to those who are."""
        wanted = self._assignable(names, notes)
        if not wanted:
            return
        now = self._api.get(f"{self._at}/issues/{path(id)}")
        has = [one["login"] for one in now["assignees"] or ()]  # null for none
        said = {"assignees": list(dict.fromkeys([*has, *wanted]))}
        self._api.send("PATCH", f"{self._at}/issues/{path(id)}", said)

    def _assignable(self, names: Iterable[str], notes: list[str]) -> list[str]:
        names = list(dict.fromkeys(names))
        if not names:
            return []
        known = {one["login"].lower() for one in self._api.get(f"{self._at}/assignees") or ()}
        notes += [self._left_out("assignee", one) for one in names if one.lower() not in known]
        return [one for one in names if one.lower() in known]

    def _label(self, id: str, names: Iterable[str], notes: list[str]) -> None:
        ids = self._label_ids(names, notes)
        if ids:
            self._send(f"{self._at}/issues/{path(id)}/labels", {"labels": ids})

    def _label_ids(self, names: Iterable[str], notes: list[str], needed: str | None = None) -> list[int]:
        """Labels are added by id; one that is not there is made. Raises ForgeError where the one that is
        ``needed`` can't be."""
        names = list(dict.fromkeys(names))
        if not names:
            return []
        known = {one["name"].lower(): one["id"] for one in self._listed(f"{self._at}/labels")}
        if any(one.lower() not in known for one in names) and self._api.found(path("orgs", self._owner)):
            theirs = self._listed(f"{path('orgs', self._owner)}/labels")
            known = {one["name"].lower(): one["id"] for one in theirs} | known
        found = []
        for name in names:
            id_ = known.get(name.lower())
            if id_ is None:
                try:
                    said = {"name": name, "color": _LABEL_COLOUR}
                    id_ = self._api.send("POST", f"{self._at}/labels", said)["id"]
                except ForgeError as error:
                    if error.status not in (403, 422) or name == needed:
                        raise
                    notes.append(self._left_out("label", name, error))
                    continue
            found.append(id_)
        return found

    def _comments(self, pull_request: PullRequest) -> Iterable[str]:
        return self._said(pull_request.id)

    def _said(self, id: str) -> Iterable[str]:
        # This listing has no pages.
        for one in members(self._api.get(f"{self._at}/issues/{path(id)}/comments"), "comments"):
            yield one.get("body") or ""

    def _say(self, pull_request: PullRequest, text: str) -> None:
        self._send(f"{self._at}/issues/{path(pull_request.id)}/comments", {"body": text})

    def _close(self, pull_request: PullRequest) -> None:
        self._api.send("PATCH", f"{self._at}/pulls/{path(pull_request.id)}", {"state": "closed"})

    # Issues

    def _with_issues(self) -> bool:
        return bool(self._about.get("has_issues", True))

    def _issues(self, label: str) -> Sequence[Issue]:
        asked = {"labels": label, "state": "all", "type": "issues"}
        found = [
            one
            for one in self._listed(f"{self._at}/issues", asked)
            if label.lower() in {each["name"].lower() for each in one.get("labels") or ()}
        ]
        return [_issue(one) for one in sorted(found, key=lambda one: -int(one["number"]))]

    def _create_issue(
        self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str], notes: list[str]
    ) -> Issue:
        own = labels[0] if labels else None  # by which runs find their own issues: else each opens another
        said = {
            "title": title,
            "body": body,
            "labels": self._label_ids(labels, notes, own),
            "assignees": self._assignable(assignees, notes),
        }
        return _issue(self._api.send("POST", f"{self._at}/issues", said))

    def _edit_issue(self, issue: Issue, title: str, body: str) -> Issue:
        at = f"{self._at}/issues/{path(issue.id)}"
        return _issue(self._api.send("PATCH", at, {"title": title, "body": body}))

    def _issue_comments(self, issue: Issue) -> Iterable[str]:
        return self._said(issue.id)

    def _say_of_issue(self, issue: Issue, text: str) -> None:
        self._send(f"{self._at}/issues/{path(issue.id)}/comments", {"body": text})

    def _close_issue(self, issue: Issue) -> None:
        self._api.send("PATCH", f"{self._at}/issues/{path(issue.id)}", {"state": "closed"})


def _pull(one: Mapping[str, Any]) -> PullRequest:
    title = str(one["title"])
    prefixed = _DRAFT.match(title)
    return PullRequest(
        id=str(one["number"]),
        url=one["html_url"],
        branch=one["head"]["ref"],
        base=one["base"]["ref"],
        title=title[prefixed.end() :] if prefixed else title,
        body=one.get("body") or "",
        state="merged" if one.get("merged") else ("open" if one["state"] == "open" else "closed"),
        draft=bool(one.get("draft") or prefixed),
        head=one["head"].get("sha"),
    )


def _issue(one: Mapping[str, Any]) -> Issue:
    return Issue(
        id=str(one["number"]),
        url=one["html_url"],
        title=one["title"],
        body=one.get("body") or "",
        state="open" if one["state"] == "open" else "closed",
    )
