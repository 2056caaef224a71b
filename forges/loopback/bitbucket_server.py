"""A small Bitbucket Data Center on loopback: pull requests with versions.

How it refuses: answers that its clients recorded, by ``exceptionName`` (sourcegraph's issue 6895 for a branch
that is not there, Renovate's tests for reviewers, Atlassian's article on merging with an old version).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift.loopback import Request
from forges.loopback.rules import Operation
from forges.loopback.server import Ask, Loopback, Refusal, Told, branch_name, on
from forges.loopback.state import Pull, Repo

_REPO = "/projects/{projectKey}/repos/{repositorySlug}"
_PULL = f"{_REPO}/pull-requests/{{pullRequestId}}"
_PULLS = "com.atlassian.bitbucket.pull"
_MOST_BODY, _MOST_TITLE = 32_767, 255
_STATES = {"open": "OPEN", "merged": "MERGED", "closed": "DECLINED"}


class BitbucketServer(Loopback):
    """A Bitbucket Data Center. Repositories are called PROJECT/NAME."""

    name = "bitbucket-server"
    described = "bitbucket_server"
    prefix = "/rest/api/1.0"
    closes_without_branch = False

    def clone_path(self, path: str) -> str:
        return f"scm/{path}.git"

    def path_of(self, asked: str) -> str:
        return asked.removeprefix("scm/")

    def authorise(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refusal(401, _error("Authentication failed. Please check your credentials and try again."))

    def headers(self, request: Request, operation: Operation) -> list[str]:
        wrong = super().headers(request, operation)
        if (
            request.method != "GET"
            and not request.body
            and request.headers.get("X-Atlassian-Token") != "no-check"
        ):
            wrong.append("XSRF check failed")
        return wrong

    def throttled(self) -> Refusal:
        after = self.faults.retry_after
        headers = {"x-ratelimit-remaining": "0"} | ({} if after is None else {"Retry-After": after})
        return Refusal(429, _error("You are being rate limited"), headers)

    def not_found(self) -> Refusal:
        return Refusal(404, _error("Repository does not exist."))

    def forbidden(self) -> Refusal:
        return Refusal(403, _error("You are not permitted to access this resource"))

    def invalid(self, why: str) -> Refusal:
        return Refusal(400, _error(why))

    def _repo(self, ask: Ask, *, write: bool = False) -> Repo:
        repo = self.found(f"{ask.parameters['projectKey']}/{ask.parameters['repositorySlug']}")
        if write and repo.archived:
            raise Refusal(403, _error("The repository is archived, and is read-only."))
        return repo

    @on(f"GET {_REPO}")
    def _get(self, ask: Ask) -> Told:
        repo = self._repo(ask)
        return 200, {"id": id(repo), "slug": repo.path.partition("/")[2], "archived": repo.archived}

    @on(f"GET {_REPO}/branches")
    def _branches(self, ask: Ask) -> Told:
        repo, wanted = self._repo(ask), ask.query.get("filterText", "").lower()
        found = [
            {"id": f"refs/heads/{one}", "displayId": one, "latestCommit": commit}
            for one, commit in repo.git.heads(repo.path).items()
            if wanted in one.lower()
        ]
        return self._paged(ask, found)

    @on(f"GET {_REPO}/pull-requests")
    def _pulls(self, ask: Ask) -> Told:
        repo, state = self._repo(ask), ask.query.get("state", "OPEN")
        key = "branch" if ask.query.get("direction", "INCOMING") == "OUTGOING" else "base"
        found = [
            one
            for one in repo.pulls.values()
            if state in ("ALL", _STATES[one.state])
            and ("at" not in ask.query or getattr(one, key) == branch_name(ask.query["at"]))
        ]
        newest = sorted(found, key=lambda one: one.number, reverse=ask.query.get("order") != "OLDEST")
        return self._paged(ask, [self._shown(repo, one) for one in newest])

    @on(f"POST {_REPO}/pull-requests")
    def _open(self, ask: Ask) -> Told:
        repo, said = self._repo(ask, write=True), ask.body
        heads = repo.git.heads(repo.path)
        branch, base = branch_name(said["fromRef"]["id"]), branch_name(said["toRef"]["id"])
        for name in (branch, base):
            if name not in heads:
                project, _, slug = repo.path.partition("/")
                why = f'Repository "{slug}" of project with key "{project}" has no branch "refs/heads/{name}"'
                raise Refusal(404, _error(why, "com.atlassian.bitbucket.commit.NoSuchCommitException"))
        if heads[branch] == heads[base]:
            why = "The target branch has all changes of the source branch already"
            raise Refusal(409, _error(why, f"{_PULLS}.EmptyPullRequestException"))
        for one in repo.pulls.values():
            if (one.state, one.branch, one.base) == ("open", branch, base):
                why = "Only one pull request may be open for a given source and target branch"
                whole = _error(why, f"{_PULLS}.DuplicatePullRequestException")
                whole["errors"][0]["existingPullRequest"] = self._shown(repo, one)
                raise Refusal(409, whole)
        made = Pull(repo.next(), "", "", branch=branch, base=base, last=heads[branch])
        self._change(made, {"reviewers": [], **said})
        repo.pulls[made.number] = made
        return 201, self._shown(repo, made)

    def _change(self, pull: Pull, said: Mapping[str, Any]) -> None:
        """What is not said of reviewers and of the description is taken away."""
        if len(said.get("description") or "") > _MOST_BODY:
            raise self.invalid("The description must be shorter than 32768 characters.")
        if len(said.get("title") or "") > _MOST_TITLE:
            raise self.invalid("The title must be shorter than 256 characters.")
        names = [one["user"]["name"] for one in said.get("reviewers", [])]
        wrong = [name for name in names if name not in self.people]
        if wrong:
            told = [
                {"context": one, "message": f"{one} is not a user.", "exceptionName": None} for one in wrong
            ]
            whole = _error("Errors encountered while adding some reviewers to this pull request.")
            whole["errors"][0] |= {
                "context": "reviewers",
                "exceptionName": f"{_PULLS}.InvalidPullRequestReviewersException",
                "reviewerErrors": told,
                "validReviewers": [name for name in names if name in self.people],
            }
            raise Refusal(409, whole)
        pull.title, pull.body = said.get("title", pull.title), said.get("description") or ""
        pull.reviewers, pull.draft = names, said.get("draft", pull.draft)
        pull.version += 1

    def _pull(self, ask: Ask, *, write: bool = False) -> tuple[Repo, Pull]:
        repo = self._repo(ask, write=write)
        found = repo.pulls.get(int(ask.parameters["pullRequestId"]))
        if found is None:
            raise self.not_found()
        return repo, found

    def _current(self, pull: Pull, version: int) -> None:
        if version != pull.version:
            why = "You are attempting to modify a pull request based on out-of-date information."
            whole = _error(why, f"{_PULLS}.PullRequestOutOfDateException")
            whole["errors"][0] |= {"currentVersion": pull.version, "expectedVersion": version}
            raise Refusal(409, whole)

    @on(f"GET {_PULL}")
    def _read(self, ask: Ask) -> Told:
        return 200, self._shown(*self._pull(ask))

    @on(f"PUT {_PULL}")
    def _edit(self, ask: Ask) -> Told:
        repo, pull = self._pull(ask, write=True)
        self._current(pull, ask.body["version"])
        self._change(pull, ask.body)
        return 200, self._shown(repo, pull)

    @on(f"GET {_PULL}/activities")
    def _activities(self, ask: Ask) -> Told:
        told: list[Any] = [
            {"action": "COMMENTED", "commentAction": "ADDED", "comment": {"id": one.id, "text": one.text}}
            for one in reversed(self._pull(ask)[1].comments)
        ]
        return self._paged(ask, [*told, {"action": "OPENED"}])

    @on(f"POST {_PULL}/comments")
    def _say(self, ask: Ask) -> Told:
        made = self._pull(ask, write=True)[1].say(ask.body["text"])
        return 201, {"id": made.id, "text": made.text}

    @on(f"POST {_PULL}/decline")
    def _decline(self, ask: Ask) -> Told:
        repo, pull = self._pull(ask, write=True)
        self._current(pull, int(ask.query["version"]))
        if pull.state != "open":
            why = "This pull request has already been declined."
            raise Refusal(409, _error(why, f"{_PULLS}.IllegalPullRequestStateException"))
        pull.state = "closed"
        pull.version += 1
        return 200, self._shown(repo, pull)

    def _shown(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        project, _, slug = repo.path.partition("/")
        at = f"{self.url}/projects/{project}/repos/{slug}/pull-requests/{pull.number}"
        return {
            "id": pull.number,
            "version": pull.version,
            "title": pull.title,
            "description": pull.body,
            "state": _STATES[pull.state],
            "draft": pull.draft,
            "fromRef": {
                "id": f"refs/heads/{pull.branch}",
                "latestCommit": pull.last,
                "repository": {"id": 1 if pull.fork else id(repo)},
            },
            "toRef": {"id": f"refs/heads/{pull.base}", "repository": {"id": id(repo)}},
            "reviewers": [{"user": {"name": one}} for one in pull.reviewers],
            "links": {"self": [{"href": at}]},
        }

    def _paged(self, ask: Ask, found: Sequence[Any]) -> Told:
        """A page; where the next begins is in it."""
        size, start = self.per_page(ask.query.get("limit")), int(ask.query.get("start", "0"))
        last = start + size >= len(found)
        values = found[start : start + size]
        shown = {"size": len(values), "limit": size, "isLastPage": last, "values": values, "start": start}
        return 200, shown | {"nextPageStart": None if last else start + size}


def _error(why: str, exception: str | None = None) -> dict[str, Any]:
    return {"errors": [{"context": None, "message": why, "exceptionName": exception}]}
