"""GitLab, on gitlab.com or self-managed: merge requests and issues over its REST API, version 4. Source of
what is asked: GitLab's documents of merge_requests, issues, notes, users and projects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from drift.deadline import Deadline
from drift.forge import Draft, Issue, Login, PullRequest, Repository
from drift.report.forge import forge_of
from forges import settings as common
from forges import texts
from forges.answers import Answer, following_link, members, path
from forges.hosted import BaseHosted
from forges.rest import Api

_SECTION = "remediate.forges.gitlab"
_ADVICE = {
    401: "the token is not valid, or has ended",
    403: "the token needs the scope `api` and the role Developer or more in this project",
    404: "either it is not there or the token may not see it: it needs the scope `api` and a role in this "
    "project",
}
#: What begins a title of a draft; Source: "Draft merge requests".
_DRAFT = re.compile(r"(?:\[draft\]|\(draft\)|draft:)\s*", re.I)
#: A line that GitLab would do instead of show, with the token's rights; Source: "GitLab quick actions".
_QUICK_ACTION = re.compile(r"^(?=/[A-Za-z_]+(?:\s|$))", re.M)


class Settings(common.ForgeSettings):
    """`remediate.forges.gitlab` of drift.yaml."""


class GitLabForge:
    """GitLab."""

    name = "gitlab"
    Settings: type[BaseModel] = Settings

    def hosts(self, host: str) -> bool:
        """Whether a host is known to run GitLab."""
        return forge_of(host) == self.name

    def connect(self, repository: Repository, settings: BaseModel, deadline: Deadline) -> _Hosted:
        """The project. Raises ForgeError where there is no token for its host."""
        assert isinstance(settings, Settings)
        site = common.site(repository, settings, "gitlab.com", _SECTION).removesuffix("/api/v4")
        token = common.Secret(settings, _SECTION, deadline)
        api = Api(
            f"{site}/api/v4",
            "GitLab",
            deadline,
            headers=lambda: {"Authorization": f"Bearer {token()}"},
            hidden=token.known,
            advice=_ADVICE,
            ca=common.ca(settings),
        )
        return _Hosted(api, common.below(repository, site), lambda: Login("oauth2", token()))


class _Hosted(BaseHosted):
    _called = "GitLab"
    #: Source: "GitLab application limits", description of issues and merge requests.
    _most_body = 1_048_576

    def __init__(self, api: Api, name: str, login: Callable[[], Login | None]) -> None:
        super().__init__(api, name, login)
        self._at = path("projects", name)
        self._requests = f"{self._at}/merge_requests"

    def _from(self, branch: str) -> Iterable[PullRequest]:
        asked = {"source_branch": branch, "state": "all"}
        return self._pulls(asked)

    def _open_ones(self, prefix: str) -> Iterable[PullRequest]:
        return self._pulls({"state": "opened"})

    def _pulls(self, asked: Mapping[str, str]) -> Iterator[PullRequest]:
        """Those of no fork."""
        for one in self._listed(self._requests, {**asked, "order_by": "created_at", "sort": "desc"}):
            if one.get("source_project_id") == one.get("target_project_id"):
                yield _pull(one)

    def _listed(self, at: str, asked: Mapping[str, Any] | None = None) -> Iterator[Any]:
        for page in self._api.pages(at, {**(asked or {}), "per_page": 100}, _following):
            yield from members(page, at)

    def _has_branch(self, branch: str) -> bool:
        return self._api.found(f"{self._at}/repository/branches/{path(branch)}") is not None

    def _read(self, id: str) -> PullRequest:
        return _pull(self._api.get(f"{self._requests}/{path(id)}"))

    def _create(self, draft: Draft, notes: list[str]) -> PullRequest:
        # Older ones make one of a branch that is not there, too, and keep it broken.
        self._branch_is_there(draft.branch)
        reviewers = self._people(draft.reviewers, "reviewer", notes)
        assignees = self._people(draft.assignees, "assignee", notes)
        said = {
            "source_branch": draft.branch,
            "target_branch": draft.base,
            "title": texts.title(
                self._title(draft.title), self._most_title, "Draft: " if draft.draft else ""
            ),
            "description": self._body(draft.body),
            "labels": ",".join(map(_label, draft.labels)),
            "reviewer_ids": list(reviewers.values()),
            "assignee_ids": list(assignees.values()),
        }
        made = self._api.send("POST", self._requests, said)
        for what, wanted in (("reviewer", reviewers), ("assignee", assignees)):
            has = {one["id"] for one in made.get(f"{what}s") or ()}
            notes += [
                f"the {what} {name!r} is left out: GitLab takes one {what} in this plan, or it is no member"
                for name, id_ in wanted.items()
                if id_ not in has
            ]
        return _pull(made)

    def _people(self, names: Iterable[str], what: str, notes: list[str]) -> dict[str, int]:
        """Names → ids of users; who is not known is told."""
        found: dict[str, int] = {}
        for name in dict.fromkeys(names):
            if "/" in name:
                notes.append(self._left_out(what, name, "GitLab asks people only, and no groups"))
                continue
            users = self._api.get("users", {"username": name})
            known = [one["id"] for one in users or () if one["username"].lower() == name.lower()]
            if known:
                found[name] = known[0]
            else:
                notes.append(self._left_out(what, name))
        return found

    def _edit(self, now: PullRequest, title: str, body: str) -> PullRequest:
        said = {"title": self._drafted(title, now.draft), "description": body}
        return _pull(self._api.send("PUT", f"{self._requests}/{path(now.id)}", said))

    def _completed(self, now: PullRequest, draft: Draft, notes: list[str]) -> PullRequest:
        if not draft.labels:
            return now
        has = {one.lower() for one in self._api.get(f"{self._requests}/{path(now.id)}").get("labels") or ()}
        lacking = [one for one in map(_label, draft.labels) if one.lower() not in has]
        if lacking:
            self._api.send("PUT", f"{self._requests}/{path(now.id)}", {"add_labels": ",".join(lacking)})
        return now

    def _title(self, text: str) -> str:
        """A title that makes no draft of it by itself."""
        return super()._title(texts.without(text, _DRAFT))

    def _drafted(self, title: str, draft: bool) -> str:
        return texts.title(self._title(title), self._most_title, "Draft: " if draft else "")

    def _body(self, text: str) -> str:
        return super()._body(_QUICK_ACTION.sub("\u200b", text))

    def _comments(self, pull_request: PullRequest) -> Iterable[str]:
        return self._notes(f"{self._requests}/{path(pull_request.id)}")

    def _notes(self, at: str) -> Iterable[str]:
        for one in self._listed(f"{at}/notes"):
            if not one.get("system"):
                yield one.get("body") or ""

    def _say(self, pull_request: PullRequest, text: str) -> None:
        self._api.send("POST", f"{self._requests}/{path(pull_request.id)}/notes", {"body": text})

    def _close(self, pull_request: PullRequest) -> None:
        self._api.send("PUT", f"{self._requests}/{path(pull_request.id)}", {"state_event": "close"})

    # Issues

    def _with_issues(self) -> bool:
        level = self._about.get("issues_access_level")
        return level != "disabled" and self._about.get("issues_enabled") is not False

    def _issues(self, label: str) -> Sequence[Issue]:
        asked = {"labels": _label(label), "state": "all", "order_by": "created_at", "sort": "desc"}
        return [_issue(one) for one in self._listed(f"{self._at}/issues", asked)]

    def _create_issue(
        self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str], notes: list[str]
    ) -> Issue:
        known = self._people(assignees, "assignee", notes)
        said = {
            "title": title,
            "description": body,
            "labels": ",".join(map(_label, labels)),
            "assignee_ids": list(known.values()),
        }
        return _issue(self._api.send("POST", f"{self._at}/issues", said))

    def _edit_issue(self, issue: Issue, title: str, body: str) -> Issue:
        said = {"title": title, "description": body}
        return _issue(self._api.send("PUT", f"{self._at}/issues/{path(issue.id)}", said))

    def _issue_comments(self, issue: Issue) -> Iterable[str]:
        return self._notes(f"{self._at}/issues/{path(issue.id)}")

    def _say_of_issue(self, issue: Issue, text: str) -> None:
        self._api.send("POST", f"{self._at}/issues/{path(issue.id)}/notes", {"body": text})

    def _close_issue(self, issue: Issue) -> None:
        self._api.send("PUT", f"{self._at}/issues/{path(issue.id)}", {"state_event": "close"})


def _following(answer: Answer) -> str | Mapping[str, Any] | None:
    """Link, or X-Next-Page; Source: "REST API", pagination."""
    after = answer.headers.get("x-next-page", "").strip()
    return following_link(answer) or ({"page": after} if after else None)


def _label(name: str) -> str:
    """A label that is one: a comma would make two of it."""
    return name.replace(",", " ")


def _pull(one: Mapping[str, Any]) -> PullRequest:
    title = str(one["title"])
    draft = bool(one.get("draft") or one.get("work_in_progress"))
    state = one["state"]
    return PullRequest(
        id=str(one["iid"]),
        url=one["web_url"],
        branch=one["source_branch"],
        base=one["target_branch"],
        title=_DRAFT.sub("", title, count=1) if draft and _DRAFT.match(title) else title,
        body=one.get("description") or "",
        state=state if state in ("merged", "closed") else "open",
        draft=draft,
        head=one.get("sha"),
    )


def _issue(one: Mapping[str, Any]) -> Issue:
    return Issue(
        id=str(one["iid"]),
        url=one["web_url"],
        title=one["title"],
        body=one.get("description") or "",
        state="closed" if one["state"] == "closed" else "open",
    )
