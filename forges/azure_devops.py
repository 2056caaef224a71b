"""Azure DevOps, Services and Server: pull requests over its REST API, version 7.1, and work items as issues.
Source of what is asked: its OpenAPI descriptions of git and wit."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from drift.deadline import Deadline
from drift.forge import Draft, ForgeError, Issue, Login, PullRequest, Repository
from drift.report.forge import forge_of
from forges import azure_boards, azure_mark
from forges import settings as common
from forges.answers import Answer, path
from forges.hosted import BaseHosted
from forges.rest import Api

_SECTION = "remediate.forges.azure-devops"
_PUBLIC = "dev.azure.com"
_NEEDS = "the token needs Code (read and write), Work items (read and write) and Project and team (read)"
_ADVICE = {
    203: "the token is not valid, or has ended",
    401: "the token is not valid, or has ended",
    403: f"{_NEEDS}, and its owner Contribute to pull requests in this repository",
    404: f"either it is not there or the token may not see it: {_NEEDS}",
}
_HEAD = "refs/heads/"
_PAGE = 100
_VERSION = "7.1"


class Settings(common.ForgeSettings):
    """`remediate.forges.azure-devops` of drift.yaml."""

    api_version: str = Field(
        _VERSION,
        pattern=r"^\d\.\d$",
        description="Of the REST API; Server 2022 has 7.1 or 7.0, 2020 has 6.0.",
    )
    work_item_type: str = Field(
        "Issue", min_length=1, description="What is opened as an issue; Scrum has no `Issue`: give `Bug`."
    )


class AzureDevOpsForge:
    """Azure DevOps."""

    name = "azure-devops"
    Settings: type[BaseModel] = Settings

    def hosts(self, host: str) -> bool:
        """Whether a host is known to run Azure DevOps."""
        return forge_of(host) == self.name

    def connect(self, repository: Repository, settings: BaseModel, deadline: Deadline) -> _Hosted:
        """The repository. Raises ForgeError where there is no token for its host."""
        assert isinstance(settings, Settings)
        site = common.site(repository, settings, _PUBLIC, _SECTION)
        organisation, project, name = _parts(repository)
        token = common.Secret(settings, _SECTION, deadline)
        scheme, _, rest = site.partition("://")
        root = f"{scheme}://{urlsplit(site).netloc}/{organisation}" if rest else site
        api = Api(
            root,
            "Azure DevOps",
            deadline,
            headers=lambda: {
                "Authorization": _login(token()),
                # Else whoever is not logged in is sent to a page where people do.
                "X-TFS-FedAuthRedirect": "Suppress",
            },
            hidden=lambda: (*token.known(), *(_basic(one) for one in token.known())),
            advice=_ADVICE,
            always={"api-version": settings.api_version},
            ca=common.ca(settings),
        )
        return _Hosted(api, project, name, lambda: Login("drift", token()), settings.work_item_type)


def _login(token: str) -> str:
    """A token of Microsoft Entra ID, or of a pipeline's job, is a JSON Web Token; one of a person is not."""
    web_token = token.startswith("eyJ") and token.count(".") == 2
    return f"Bearer {token}" if web_token else f"Basic {_basic(token)}"


def _basic(token: str) -> str:
    return base64.b64encode(f":{token}".encode()).decode()


def _parts(repository: Repository) -> tuple[str, str, str]:
    """Organisation (on a server of one's own the path to the collection), project and repository of
    ``ORGANISATION/PROJECT/_git/REPOSITORY``, encoded the first, decoded the others."""
    parts = repository.path.strip("/").split("/")
    if len(parts) == 4 and parts[0] == "v3":
        return path(parts[1]), parts[2], parts[3]
    if len(parts) >= 3 and parts[-2] == "_git":
        before = parts[:-2]
        host = urlsplit(repository.url).hostname or ""
        if host.endswith(".visualstudio.com"):
            before = [
                host.removesuffix(".visualstudio.com"),
                *(p for p in before if p != "DefaultCollection"),
            ]
        if len(before) == 1:  # a project that is called as the repository is
            before.append(parts[-1])
        return path(*before[:-1]), before[-1], parts[-1]
    raise ForgeError(f"Azure DevOps: {repository.path!r} is no ORGANISATION/PROJECT/_git/REPOSITORY")


class _Hosted(BaseHosted):
    _called = "Azure DevOps"
    _most_title = 400
    #: Source: its answer TF401027 and the page's own limit, of the description of a pull request.
    _most_body = 4_000

    def __init__(
        self, api: Api, project: str, name: str, login: Callable[[], Login | None], type_: str
    ) -> None:
        super().__init__(api, f"{project}/{name}", login)
        self._project = project
        self._at = path(project, "_apis", "git", "repositories", name)
        self._requests = f"{self._at}/pullrequests"
        self._boards = azure_boards.Boards(api, project, name, type_)
        self._marks = azure_mark.Marks(api, self._requests)

    def _from(self, branch: str) -> Iterable[PullRequest]:
        asked = {"searchCriteria.sourceRefName": f"{_HEAD}{branch}", "searchCriteria.status": "all"}
        return self._pulls(asked)

    def _open_ones(self, prefix: str) -> Iterable[PullRequest]:
        return self._pulls({"searchCriteria.status": "active"})

    def _pulls(self, asked: Mapping[str, Any]) -> Iterator[PullRequest]:
        """Those of no fork, the newest first."""
        for one in self._listed(self._requests, asked):
            if one.get("forkSource") is None:
                yield self._pull(one)

    def _listed(self, at: str, asked: Mapping[str, Any]) -> Iterator[Any]:
        """By ``$skip``, until a page is empty: how many it has at most is the service's to say."""
        skipped = 0

        def following(answer: Answer) -> Mapping[str, Any] | None:
            nonlocal skipped
            came = len(answer.data["value"])
            skipped += came
            return {"$skip": skipped} if came else None

        for page in self._api.pages(at, {**asked, "$top": _PAGE, "$skip": 0}, following):
            yield from page["value"]

    def _may_write(self) -> None:
        if self._about.get("isDisabled"):
            raise self._archived()

    def _has_branch(self, branch: str) -> bool:
        found = self._api.get(f"{self._at}/refs", {"filter": f"heads/{branch}"})
        return any(one["name"] == f"{_HEAD}{branch}" for one in found["value"])

    def _read(self, id: str) -> PullRequest:
        return self._pull(self._api.get(f"{self._requests}/{path(id)}"))

    def _create(self, draft: Draft, notes: list[str]) -> PullRequest:
        description, kept = azure_mark.stored(self._body(draft.body))
        said = {
            "sourceRefName": f"{_HEAD}{draft.branch}",
            "targetRefName": f"{_HEAD}{draft.base}",
            "title": self._title(draft.title),
            "description": description,
            "isDraft": draft.draft,
            "labels": [{"name": one} for one in draft.labels],
            "reviewers": [{"id": one} for one in self._people(draft.reviewers, notes)],
        }
        made = self._api.send("POST", self._requests, said)
        self._marks.keep(str(made["pullRequestId"]), kept)
        return self._pull(made)

    def _people(self, names: Iterable[str], notes: list[str]) -> list[str]:
        """Ids of members of the project's teams by mail address or name, and of teams (``PROJECT/TEAM``)."""
        names = list(dict.fromkeys(names))
        known: dict[str, str] = {}
        if not names:
            return []
        teams = path("_apis", "projects", self._project, "teams")
        for team in self._listed(teams, {}):
            known[f"{self._project}/{team['name']}".lower()] = team["id"]
            for member in self._listed(f"{teams}/{path(team['id'])}/members", {}):
                who = member.get("identity") or {}
                known |= {str(who[k]).lower(): who["id"] for k in ("uniqueName", "displayName") if who.get(k)}
        notes += [self._left_out("reviewer", one) for one in names if one.lower() not in known]
        return list(dict.fromkeys(known[one.lower()] for one in names if one.lower() in known))

    def _edit(self, now: PullRequest, title: str, body: str) -> PullRequest:
        description, kept = azure_mark.stored(body)
        self._marks.keep(now.id, kept)
        said = {"title": title, "description": description}
        return self._pull(self._api.send("PATCH", f"{self._requests}/{path(now.id)}", said))

    def _body(self, text: str) -> str:
        return azure_mark.body(text, self._most_body, self._called)

    def _completed(self, now: PullRequest, draft: Draft, notes: list[str]) -> PullRequest:
        if draft.assignees:
            told = ", ".join(draft.assignees)
            notes.append(f"no assignee is set: Azure DevOps's pull requests have none ({told})")
        if draft.labels:
            at = f"{self._requests}/{path(now.id)}/labels"
            has = {one["name"].lower() for one in self._api.get(at)["value"]}
            for name in dict.fromkeys(draft.labels):
                if name.lower() not in has:
                    self._api.send("POST", at, {"name": name})
        return now

    def _comments(self, pull_request: PullRequest) -> Iterable[str]:
        for thread in self._api.get(f"{self._requests}/{path(pull_request.id)}/threads")["value"]:
            for one in thread.get("comments") or ():
                if one.get("commentType") != "system" and not one.get("isDeleted"):
                    yield one.get("content") or ""

    def _say(self, pull_request: PullRequest, text: str) -> None:
        comment = {"parentCommentId": 0, "content": text, "commentType": "text"}
        said = {"comments": [comment], "status": "closed"}  # an open thread may keep it from being merged
        self._api.send("POST", f"{self._requests}/{path(pull_request.id)}/threads", said)

    def _close(self, pull_request: PullRequest) -> None:
        self._api.send("PATCH", f"{self._requests}/{path(pull_request.id)}", {"status": "abandoned"})

    def _pull(self, one: Mapping[str, Any]) -> PullRequest:
        id_ = str(one["pullRequestId"])
        page = self._about.get("webUrl") or self._about["remoteUrl"]
        return PullRequest(
            id=id_,
            url=f"{page}/pullrequest/{id_}",
            branch=one["sourceRefName"].removeprefix(_HEAD),
            base=one["targetRefName"].removeprefix(_HEAD),
            title=one["title"],
            body=self._marks.whole(id_, one.get("description") or ""),
            state={"active": "open", "completed": "merged"}.get(one["status"], "closed"),  # type: ignore[arg-type]
            draft=bool(one.get("isDraft")),
            head=(one.get("lastMergeSourceCommit") or {}).get("commitId"),
        )

    # Issues

    def _issues(self, label: str) -> Sequence[Issue]:
        return self._boards.tagged(label)

    def _issue_body(self, text: str) -> str:
        return azure_boards.body(text)

    def _create_issue(
        self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str], notes: list[str]
    ) -> Issue:
        return self._boards.create(title, body, labels, assignees, notes)

    def _edit_issue(self, issue: Issue, title: str, body: str) -> Issue:
        return self._boards.edit(issue, title, body)

    def _issue_comments(self, issue: Issue) -> Iterable[str]:
        return self._boards.comments(issue)

    def _say_of_issue(self, issue: Issue, text: str) -> None:
        self._boards.say(issue, text)

    def _close_issue(self, issue: Issue) -> None:
        self._boards.close(issue)
