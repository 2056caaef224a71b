"""Bitbucket Data Center (and Server): pull requests over its REST API, version 1.0. Source of what is asked:
its REST reference. It has no labels on pull requests, no assignees and no issues."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field

from drift.deadline import Deadline
from drift.forge import Draft, ForgeError, Login, PullRequest, Repository
from drift.report.forge import forge_of
from forges import settings as common
from forges.answers import Answer, path
from forges.hosted import BaseHosted
from forges.rest import TRIES, Api

_SECTION = "remediate.forges.bitbucket-server"
_ADVICE = {
    401: "the token is not valid, has ended, or may not do this: an HTTP access token needs Repository write",
    403: "the HTTP access token needs the permission Repository write",
    404: "either it is not there or the token may not see it: it needs Repository write",
}
_PAGE = 100
_HEAD = "refs/heads/"


class Settings(common.ForgeSettings):
    """`remediate.forges.bitbucket-server` of drift.yaml."""

    user: str = Field(
        "x-token-auth",
        min_length=1,
        description="Who pushes, where the HTTP access token is a person's; the default is for one of a "
        "project or repository.",
    )


class BitbucketServerForge:
    """Bitbucket Data Center."""

    name = "bitbucket-server"
    Settings: type[BaseModel] = Settings

    def hosts(self, host: str) -> bool:
        """Whether a host is known to run Bitbucket Data Center."""
        return forge_of(host) == self.name

    def connect(self, repository: Repository, settings: BaseModel, deadline: Deadline) -> _Hosted:
        """The repository. Raises ForgeError where there is no token for its host."""
        assert isinstance(settings, Settings)
        site = common.site(repository, settings, None, _SECTION)
        *_, project, slug = ["", *common.below(repository, site).removeprefix("scm/").split("/")]
        if not project or not slug:
            raise ForgeError(f"Bitbucket: {repository.path!r} is no PROJECT/REPOSITORY")
        token = common.Secret(settings, _SECTION, deadline)
        api = Api(
            f"{site}/rest/api/1.0",
            "Bitbucket",
            deadline,
            headers=lambda: {"Authorization": f"Bearer {token()}", "X-Atlassian-Token": "no-check"},
            hidden=token.known,
            advice=_ADVICE,
            ca=common.ca(settings),
        )
        return _Hosted(api, project, slug, lambda: Login(settings.user, token()))


class _Hosted(BaseHosted):
    _called = "Bitbucket"
    #: "The description must be shorter than 32768 characters", its answer to a longer one.
    _most_body = 32_767
    _has_issues = False

    def __init__(self, api: Api, project: str, slug: str, login: Callable[[], Login | None]) -> None:
        super().__init__(api, f"{project}/{slug}", login)
        self._project, self._slug = project, slug
        self._at = path("projects", project, "repos", slug)
        self._requests = f"{self._at}/pull-requests"

    def _from(self, branch: str) -> Iterable[PullRequest]:
        asked = {"at": f"{_HEAD}{branch}", "direction": "OUTGOING", "state": "ALL"}
        return self._pulls(asked)

    def _open_ones(self, prefix: str) -> Iterable[PullRequest]:
        return self._pulls({"state": "OPEN"})

    def _pulls(self, asked: Mapping[str, Any]) -> Iterator[PullRequest]:
        """Those of no fork."""
        for one in self._listed(self._requests, {**asked, "order": "NEWEST"}):
            if one["fromRef"]["repository"].get("id") == one["toRef"]["repository"].get("id"):
                yield _pull(one)

    def _listed(self, at: str, asked: Mapping[str, Any]) -> Iterator[Any]:
        for page in self._api.pages(at, {**asked, "limit": _PAGE}, _following):
            yield from page["values"]

    def _has_branch(self, branch: str) -> bool:
        asked = {"filterText": branch}
        return any(one["displayId"] == branch for one in self._listed(f"{self._at}/branches", asked))

    def _read(self, id: str) -> PullRequest:
        return _pull(self._api.get(f"{self._requests}/{path(id)}"))

    def _create(self, draft: Draft, notes: list[str]) -> PullRequest:
        there = {"slug": self._slug, "project": {"key": self._project}}
        said = {
            "title": self._title(draft.title),
            "description": self._body(draft.body),
            "fromRef": {"id": f"{_HEAD}{draft.branch}", "repository": there},
            "toRef": {"id": f"{_HEAD}{draft.base}", "repository": there},
            "draft": draft.draft,
        }
        made = _pull(self._api.send("POST", self._requests, said))
        teams = [one for one in draft.reviewers if "/" in one]
        notes += [
            self._left_out("reviewer", one, "Bitbucket asks people only, and no groups") for one in teams
        ]
        people = [one for one in draft.reviewers if "/" not in one]
        self._one_by_one(people, lambda names: self._put(made.id, {}, names), "reviewer", notes)
        return made

    def _edit(self, now: PullRequest, title: str, body: str) -> PullRequest:
        return _pull(self._put(now.id, {"title": title, "description": body}))

    def _put(self, id: str, said: Mapping[str, Any], more: Iterable[str] = ()) -> Any:
        """Changes one as it stands; what a request does not name would be taken away, and another's change in
        between is answered 409."""
        at = f"{self._requests}/{path(id)}"
        more = list(more)

        def put(now: Mapping[str, Any]) -> Any:
            has = [one["user"]["name"] for one in now.get("reviewers") or ()]
            whole = {
                "version": now["version"],
                "title": now["title"],
                "description": now.get("description") or "",
                "reviewers": [{"user": {"name": name}} for name in dict.fromkeys([*has, *more])],
                **said,
            }
            return self._api.send("PUT", at, whole)

        return self._as_it_stands(at, put)

    def _as_it_stands(self, at: str, change: Callable[[Mapping[str, Any]], Any]) -> Any:
        """What a change of one answers, which is made of what it is now; made again where another's came in
        between."""
        for number in range(1, TRIES + 1):
            now = self._api.get(at)
            try:
                return change(now)
            except ForgeError as error:
                if error.status != 409 or number == TRIES or self._api.get(at)["version"] == now["version"]:
                    raise
        raise AssertionError

    def _completed(self, now: PullRequest, draft: Draft, notes: list[str]) -> PullRequest:
        for what, names in (("label", draft.labels), ("assignee", draft.assignees)):
            if names:
                notes.append(f"no {what} is set: Bitbucket's pull requests have none ({', '.join(names)})")
        return now

    def _comments(self, pull_request: PullRequest) -> Iterable[str]:
        for one in self._listed(f"{self._requests}/{path(pull_request.id)}/activities", {}):
            if one.get("action") == "COMMENTED" and one.get("commentAction", "ADDED") == "ADDED":
                yield (one.get("comment") or {}).get("text") or ""

    def _say(self, pull_request: PullRequest, text: str) -> None:
        self._api.send("POST", f"{self._requests}/{path(pull_request.id)}/comments", {"text": text})

    def _close(self, pull_request: PullRequest) -> None:
        at = f"{self._requests}/{path(pull_request.id)}"

        def decline(now: Mapping[str, Any]) -> None:
            if now["state"] == "OPEN":
                self._api.send("POST", f"{at}/decline", {}, {"version": now["version"]})

        self._as_it_stands(at, decline)


def _following(answer: Answer) -> Mapping[str, Any] | None:
    data = answer.data
    return None if data.get("isLastPage", True) else {"start": data["nextPageStart"]}


def _pull(one: Mapping[str, Any]) -> PullRequest:
    return PullRequest(
        id=str(one["id"]),
        url=one["links"]["self"][0]["href"],
        branch=one["fromRef"]["id"].removeprefix(_HEAD),
        base=one["toRef"]["id"].removeprefix(_HEAD),
        title=one["title"],
        body=one.get("description") or "",
        state={"OPEN": "open", "MERGED": "merged"}.get(one["state"], "closed"),  # type: ignore[arg-type]
        draft=bool(one.get("draft")),
        head=one["fromRef"].get("latestCommit"),
    )
