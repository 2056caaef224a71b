"""GitHub, on github.com, a data-residency subdomain of ghe.com or Enterprise Server: pull requests and issues
over its REST API, version 2022-11-28. Source of what is asked: GitHub's OpenAPI description."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, SecretStr, model_validator

from drift.deadline import Deadline
from drift.forge import Draft, ForgeError, Issue, Login, PullRequest, Repository
from drift.report.forge import forge_of
from forges import settings as common
from forges import vault
from forges.answers import following_link, members, path
from forges.github_app import App
from forges.github_forms import issue as issue_of
from forges.github_forms import labels as labels_of
from forges.github_forms import pull as pull_of
from forges.github_forms import root
from forges.hosted import BaseHosted
from forges.rest import Api

_SECTION = "remediate.forges.github"
_ADVICE = {
    401: "the token is not valid, or has ended",
    403: "the token needs read and write on Contents, Pull requests and Issues of this repository (a classic "
    "one: `repo`), and may have to be authorised for the organisation's single sign-on",
    404: "either it is not there or the token may not see it: it needs access to this repository",
}


class Settings(common.ForgeSettings):
    """`remediate.forges.github` of drift.yaml: a token, or a GitHub App's id and key."""

    app_id: str | None = Field(None, description="A GitHub App's id or client id, instead of a token.")
    private_key: SecretStr | None = Field(None, description="The App's key (PEM), as ${APP_KEY}.")
    private_key_file: Path | None = Field(None, description="A file that holds the App's key.")
    installation_id: int | None = Field(
        None, description="The App's installation; default: the one that the repository has."
    )

    @model_validator(mode="after")
    def _one_login(self) -> Settings:
        said = (self.private_key, self.private_key_file)
        keys = [one for one in said if one is not None]
        if self.app_id is None and (keys or self.installation_id is not None):
            raise ValueError("needs `app_id` where there is an App's key or installation")
        if self.app_id is not None and len(keys) + (self.vault is not None) != 1:
            raise ValueError("needs private_key, private_key_file or vault where there is an `app_id`")
        if self.app_id is not None and (self.token is not None or self.token_file is not None):
            raise ValueError("give a token or an App, not both")
        return self


class GitHubForge:
    """GitHub."""

    name = "github"
    Settings: type[BaseModel] = Settings

    def hosts(self, host: str) -> bool:
        """Whether a host is known to run GitHub."""
        return forge_of(host) == self.name

    def connect(self, repository: Repository, settings: BaseModel, deadline: Deadline) -> _Hosted:
        """The repository. Raises ForgeError where there is no token for its host."""
        assert isinstance(settings, Settings)
        site = common.site(repository, settings, "github.com", _SECTION)
        owner, _, name = common.below(repository, site).partition("/")
        if not owner or not name or "/" in name:
            raise ForgeError(f"GitHub: {repository.path!r} is no OWNER/NAME")
        secret: Callable[[], str]
        hidden: Callable[[], Iterable[str]]
        if settings.app_id is None:
            token = common.Secret(settings, _SECTION, deadline)
            secret, hidden = token, token.known
        else:
            app = App(
                app_id=settings.app_id,
                key=lambda: _key(settings, deadline),
                installation=settings.installation_id,
                repository=(owner, name),
            )
            app.connect(root(site), deadline, _HEADERS, common.ca(settings))
            if settings.vault is None:
                app.check()
            secret, hidden = app.token, app.secrets
        api = Api(
            root(site),
            "GitHub",
            deadline,
            headers=lambda: {**_HEADERS, "Authorization": f"Bearer {secret()}"},
            hidden=hidden,
            advice=_ADVICE,
            ca=common.ca(settings),
        )
        return _Hosted(api, owner, name, lambda: Login("x-access-token", secret()))


def _key(settings: Settings, deadline: Deadline) -> str:
    if settings.vault is not None:
        return vault.secret(settings.vault, deadline, common.secret_file)
    if settings.private_key_file is not None:
        return common.secret_file(settings.private_key_file)
    return settings.private_key.get_secret_value() if settings.private_key is not None else ""


_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


class _Hosted(BaseHosted):
    _called = "GitHub"
    _most_title = 256
    #: "body is too long (maximum is 65536 characters)", its answer to a longer one.
    _most_body = 65_536

    def __init__(self, api: Api, owner: str, name: str, login: Callable[[], Login | None]) -> None:
        super().__init__(api, f"{owner}/{name}", login)
        self._at = path("repos", owner, name)

    def _from(self, branch: str) -> Iterable[PullRequest]:
        owner = self._about["owner"]["login"]
        asked = {"state": "all", "head": f"{owner}:{branch}", "sort": "created", "direction": "desc"}
        return self._pulls(asked)

    def _open_ones(self, prefix: str) -> Iterable[PullRequest]:
        asked = {"state": "open", "sort": "created", "direction": "desc"}
        return self._pulls(asked)

    def _pulls(self, asked: Mapping[str, str]) -> Iterator[PullRequest]:
        """Those of no fork, which has an owner of the same name at most."""
        for one in self._listed(f"{self._at}/pulls", asked):
            head = one["head"].get("repo")
            if head is None or head.get("id") == one["base"]["repo"].get("id"):
                yield pull_of(one)

    def _listed(self, at: str, asked: Mapping[str, Any] | None = None) -> Iterator[Any]:
        for page in self._api.pages(at, {**(asked or {}), "per_page": 100}, following_link):
            yield from members(page, at)

    def _has_branch(self, branch: str) -> bool:
        return self._api.found(f"{self._at}/branches/{path(branch)}") is not None

    def _read(self, id: str) -> PullRequest:
        return pull_of(self._api.get(f"{self._at}/pulls/{path(id)}"))

    def _create(self, draft: Draft, notes: list[str]) -> PullRequest:
        said = {
            "title": self._title(draft.title),
            "body": self._body(draft.body),
            "head": draft.branch,
            "base": draft.base,
            "draft": draft.draft,
        }
        try:
            return pull_of(self._api.send("POST", f"{self._at}/pulls", said))
        except ForgeError as error:
            if not draft.draft or error.status != 422 or "raft pull requests" not in str(error):
                raise
            return pull_of(self._api.send("POST", f"{self._at}/pulls", said | {"draft": False}))

    def _edit(self, now: PullRequest, title: str, body: str) -> PullRequest:
        said = {"title": title, "body": body}
        return pull_of(self._api.send("PATCH", f"{self._at}/pulls/{path(now.id)}", said))

    def _completed(self, now: PullRequest, draft: Draft, notes: list[str]) -> PullRequest:
        asked = self._asked(now.id) if draft.reviewers or draft.assignees else frozenset()
        issue = f"{self._at}/issues/{path(now.id)}"
        self._label(issue, draft.labels)
        people = [one for one in draft.reviewers if "/" not in one and ("review", one.lower()) not in asked]
        teams = [one.partition("/")[2] for one in draft.reviewers if "/" in one]
        teams = [one for one in teams if ("review", one.lower()) not in asked]
        at = f"{self._at}/pulls/{path(now.id)}/requested_reviewers"
        for key, names in (("reviewers", people), ("team_reviewers", teams)):
            self._one_by_one(names, self._asking(at, key), "reviewer", notes)
        self._assign(issue, [o for o in draft.assignees if ("assign", o.lower()) not in asked], notes)
        return now

    def _asking(self, at: str, key: str) -> Callable[[Sequence[str]], None]:
        return lambda names: self._send(at, {key: list(names)})

    def _send(self, at: str, body: Any) -> None:
        self._api.send("POST", at, body)

    def _asked(self, id: str) -> frozenset[tuple[str, str]]:
        """Who was asked to review, or assigned, once, whoever did it; it is not done again."""
        found: set[tuple[str, str]] = set()
        for event in self._listed(f"{self._at}/issues/{path(id)}/events"):
            if event.get("event") == "review_requested":
                for one in (event.get("requested_reviewer"), event.get("requested_team")):
                    if one:
                        found.add(("review", str(one.get("login") or one.get("slug")).lower()))
            elif event.get("event") == "assigned" and event.get("assignee"):
                found.add(("assign", str(event["assignee"]["login"]).lower()))
        return frozenset(found)

    def _label(self, issue: str, labels: Iterable[str]) -> None:
        """Adds labels; one that is not there is made."""
        wanted = list(dict.fromkeys(labels))
        if not wanted:
            return
        has = {one["name"].lower() for one in self._listed(f"{issue}/labels")}
        lacking = [one for one in wanted if one.lower() not in has]
        if lacking:
            self._api.send("POST", f"{issue}/labels", {"labels": lacking})

    def _assign(self, issue: str, names: Sequence[str], notes: list[str]) -> None:
        """GitHub leaves out in silence who can't be assigned."""
        if not names:
            return
        answer = self._api.send("POST", f"{issue}/assignees", {"assignees": list(dict.fromkeys(names))})
        has = {one["login"].lower() for one in answer.get("assignees") or ()}
        notes += [self._left_out("assignee", one) for one in names if one.lower() not in has]

    def _comments(self, pull_request: PullRequest) -> Iterable[str]:
        return self._said(pull_request.id)

    def _said(self, id: str) -> Iterable[str]:
        for one in self._listed(f"{self._at}/issues/{path(id)}/comments"):
            yield one.get("body") or ""

    def _say(self, pull_request: PullRequest, text: str) -> None:
        self._send(f"{self._at}/issues/{path(pull_request.id)}/comments", {"body": text})

    def _close(self, pull_request: PullRequest) -> None:
        self._api.send("PATCH", f"{self._at}/pulls/{path(pull_request.id)}", {"state": "closed"})

    # Issues

    def _with_issues(self) -> bool:
        return bool(self._about.get("has_issues", True))

    def _issues(self, label: str) -> Sequence[Issue]:
        asked = {"labels": label, "state": "all", "sort": "created", "direction": "desc"}
        return [
            issue_of(one)
            for one in self._listed(f"{self._at}/issues", asked)
            if "pull_request" not in one and label.lower() in labels_of(one)
        ]

    def _create_issue(
        self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str], notes: list[str]
    ) -> Issue:
        known = []
        for one in dict.fromkeys(assignees):
            if self._api.found(f"{self._at}/assignees/{path(one)}") is None:
                notes.append(self._left_out("assignee", one))
            else:
                known.append(one)
        said = {"title": title, "body": body, "labels": list(labels), "assignees": known}
        return issue_of(self._api.send("POST", f"{self._at}/issues", said))

    def _edit_issue(self, issue: Issue, title: str, body: str) -> Issue:
        at = f"{self._at}/issues/{path(issue.id)}"
        return issue_of(self._api.send("PATCH", at, {"title": title, "body": body}))

    def _issue_comments(self, issue: Issue) -> Iterable[str]:
        return self._said(issue.id)

    def _say_of_issue(self, issue: Issue, text: str) -> None:
        self._send(f"{self._at}/issues/{path(issue.id)}/comments", {"body": text})

    def _close_issue(self, issue: Issue) -> None:
        said = {"state": "closed", "state_reason": "completed"}
        self._api.send("PATCH", f"{self._at}/issues/{path(issue.id)}", said)
