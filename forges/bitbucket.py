"""Bitbucket Cloud: pull requests over its REST API, version 2.0. Source of what is asked: its OpenAPI
description. It has no labels, no assignees, and no issues that a label finds."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field

from drift.deadline import Deadline
from drift.forge import Draft, ForgeError, Login, PullRequest, Repository
from drift.report.forge import forge_of
from forges import settings as common
from forges.answers import Answer, path
from forges.hosted import BaseHosted
from forges.rest import Api

_SECTION = "remediate.forges.bitbucket"
_PUBLIC = "bitbucket.org"
_ADVICE = {
    401: "the token is not valid, or has ended; an API token of a person needs `user`, their mail address",
    403: "the token needs the scopes write:repository:bitbucket and write:pullrequest:bitbucket (an access "
    "token: Repositories write, Pull requests write)",
    404: "either it is not there or the token may not see it: it needs access to this repository",
}
_PAGE = 50
_STATES = ("OPEN", "MERGED", "DECLINED", "SUPERSEDED")


class Settings(common.ForgeSettings):
    """`remediate.forges.bitbucket` of drift.yaml."""

    user: str | None = Field(
        None,
        description="The mail address of the Atlassian account whose API token it is; none for an access "
        "token of a repository, project or workspace.",
    )


class BitbucketForge:
    """Bitbucket Cloud."""

    name = "bitbucket"
    Settings: type[BaseModel] = Settings

    def hosts(self, host: str) -> bool:
        """Whether a host is known to run Bitbucket Cloud."""
        return forge_of(host) == self.name

    def connect(self, repository: Repository, settings: BaseModel, deadline: Deadline) -> _Hosted:
        """The repository. Raises ForgeError where there is no token for its host."""
        assert isinstance(settings, Settings)
        site = common.site(repository, settings, _PUBLIC, _SECTION)
        workspace, _, slug = common.below(repository, site).partition("/")
        if not workspace or not slug or "/" in slug:
            raise ForgeError(f"Bitbucket: {repository.path!r} is no WORKSPACE/REPOSITORY")
        token = common.Secret(settings, _SECTION, deadline)

        def basic() -> str:
            return base64.b64encode(f"{settings.user}:{token()}".encode()).decode()

        api = Api(
            "https://api.bitbucket.org/2.0" if site == f"https://{_PUBLIC}" else f"{site}/2.0",
            "Bitbucket",
            deadline,
            headers=lambda: {"Authorization": f"Basic {basic()}" if settings.user else f"Bearer {token()}"},
            hidden=lambda: (*token.known(), *(basic() for _ in token.known())),
            advice=_ADVICE,
            ca=common.ca(settings),
        )
        who = "x-bitbucket-api-token-auth" if settings.user else "x-token-auth"
        return _Hosted(api, workspace, slug, lambda: Login(who, token()))


class _Hosted(BaseHosted):
    _called = "Bitbucket"
    #: What its page takes; a longer description is refused.
    _most_body = 32_768
    _has_issues = False

    def __init__(self, api: Api, workspace: str, slug: str, login: Callable[[], Login | None]) -> None:
        super().__init__(api, f"{workspace}/{slug}", login)
        self._workspace = workspace
        self._at = path("repositories", workspace, slug)
        self._requests = f"{self._at}/pullrequests"

    def _from(self, branch: str) -> Iterable[PullRequest]:
        asked = {"q": f"source.branch.name = {_quoted(branch)}", "state": _STATES}
        return self._pulls(asked)

    def _open_ones(self, prefix: str) -> Iterable[PullRequest]:
        asked = {"q": f"source.branch.name ~ {_quoted(prefix)}", "state": ("OPEN",)}
        return self._pulls(asked)

    def _pulls(self, asked: Mapping[str, Any]) -> Iterator[PullRequest]:
        """Those of no fork."""
        for one in self._listed(self._requests, {**asked, "sort": "-created_on"}):
            source = one["source"].get("repository") or {}
            if source.get("full_name") == (one["destination"].get("repository") or {}).get("full_name"):
                yield _pull(one)

    def _listed(self, at: str, asked: Mapping[str, Any] | None = None) -> Iterator[Any]:
        for page in self._api.pages(at, {**(asked or {}), "pagelen": _PAGE}, _following):
            yield from page["values"]

    def _may_write(self) -> None:
        """Bitbucket Cloud archives nothing; that the repository can be seen is asked once."""
        self._about["full_name"]  # noqa: B018 - that it is told is what is asked

    def _has_branch(self, branch: str) -> bool:
        return self._api.found(f"{self._at}/refs/branches/{path(branch, safe='/')}") is not None

    def _read(self, id: str) -> PullRequest:
        return _pull(self._whole(id))

    def _whole(self, id: str) -> Any:
        return self._api.get(f"{self._requests}/{path(id)}")

    def _create(self, draft: Draft, notes: list[str]) -> PullRequest:
        """Bitbucket updates the open one of these branches where there is one."""
        said = {
            "title": self._title(draft.title),
            "description": self._body(draft.body),
            "source": {"branch": {"name": draft.branch}},
            "destination": {"branch": {"name": draft.base}},
            "draft": draft.draft,
        }
        made = self._api.send("POST", self._requests, said)
        self._ask(str(made["id"]), draft, notes)
        return _pull(made)

    def _edit(self, now: PullRequest, title: str, body: str) -> PullRequest:
        return _pull(self._put(now.id, {"title": title, "description": body}))

    def _put(self, id: str, said: Mapping[str, Any], more: Iterable[str] = ()) -> Any:
        """Changes one; reviewers that a request does not name would be taken away."""
        now = self._whole(id)
        has = [one["uuid"] for one in now.get("reviewers") or ()]
        reviewers = [{"uuid": uuid} for uuid in dict.fromkeys([*has, *more])]
        whole = {"title": now["title"], "description": _text(now), "reviewers": reviewers, **said}
        return self._api.send("PUT", f"{self._requests}/{path(id)}", whole)

    def _ask(self, id: str, draft: Draft, notes: list[str]) -> None:
        """Asks reviewers, once, when it is opened."""
        known: dict[str, str] = {}
        if draft.reviewers:
            members = list(self._listed(f"{path('workspaces', self._workspace)}/members"))
            for name in dict.fromkeys(draft.reviewers):
                uuids = {one["user"]["uuid"] for one in members if name in _names(one.get("user") or {})}
                if len(uuids) == 1:
                    known[name] = uuids.pop()
                else:
                    why = "several members are called so: give an account id" if uuids else None
                    notes.append(self._left_out("reviewer", name, why))
        self._one_by_one(
            known, lambda names: self._put(id, {}, [known[one] for one in names]), "reviewer", notes
        )

    def _completed(self, now: PullRequest, draft: Draft, notes: list[str]) -> PullRequest:
        for what, names in (("label", draft.labels), ("assignee", draft.assignees)):
            if names:
                notes.append(f"no {what} is set: Bitbucket's pull requests have none ({', '.join(names)})")
        return now

    def _comments(self, pull_request: PullRequest) -> Iterable[str]:
        for one in self._listed(f"{self._requests}/{path(pull_request.id)}/comments"):
            if not one.get("deleted"):
                yield (one.get("content") or {}).get("raw") or ""

    def _say(self, pull_request: PullRequest, text: str) -> None:
        self._api.send(
            "POST", f"{self._requests}/{path(pull_request.id)}/comments", {"content": {"raw": text}}
        )

    def _close(self, pull_request: PullRequest) -> None:
        self._api.send("POST", f"{self._requests}/{path(pull_request.id)}/decline", None)


def _following(answer: Answer) -> str | None:
    after = answer.data.get("next")
    return after if isinstance(after, str) else None


def _names(user: Mapping[str, Any]) -> set[Any]:
    """What a member may be called in a list of reviewers."""
    return {user.get(key) for key in ("nickname", "account_id", "uuid", "display_name")}


def _quoted(text: str) -> str:
    """A text of a query; Source: "Filter and sort API objects"."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(one: Mapping[str, Any]) -> str:
    return one.get("description") or (one.get("summary") or {}).get("raw") or ""


def _pull(one: Mapping[str, Any]) -> PullRequest:
    return PullRequest(
        id=str(one["id"]),
        url=one["links"]["html"]["href"],
        branch=one["source"]["branch"]["name"],
        base=one["destination"]["branch"]["name"],
        title=one["title"],
        body=_text(one),
        state={"OPEN": "open", "MERGED": "merged"}.get(one["state"], "closed"),  # type: ignore[arg-type]
        draft=bool(one.get("draft")),
        head=None,  # twelve digits of it at most
    )
