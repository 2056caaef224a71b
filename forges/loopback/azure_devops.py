"""A small Azure DevOps on loopback: pull requests, teams, work items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forges.loopback.azure_boards import Boards, error, identity
from forges.loopback.server import Ask, Refusal, Told, branch_name, on
from forges.loopback.state import Pull, Repo

_GIT = "/{organization}/{project}/_apis/git/repositories/{repositoryId}"
_PULL = f"{_GIT}/pullrequests/{{pullRequestId}}"
_PULL_PARTS = f"{_GIT}/pullRequests/{{pullRequestId}}"
_MOST_BODY, _MOST_TITLE = 4_000, 400
_STATUSES = {"open": "active", "merged": "completed", "closed": "abandoned"}


class AzureDevOps(Boards):
    """An Azure DevOps: what :class:`Boards` knows, and pull requests."""

    def _repo(self, ask: Ask, *, write: bool = False) -> Repo:
        said = ask.parameters
        repo = self.found(f"{said['organization']}/{said['project']}/{said['repositoryId']}")
        if write and repo.archived:
            raise Refusal(403, error("TF401019: The repository is disabled."))
        return repo

    @on(f"GET {_GIT}")
    def _get(self, ask: Ask) -> Told:
        repo = self._repo(ask)
        page = f"{self.url}/{self.clone_path(repo.path)}"
        return 200, {"id": str(id(repo)), "isDisabled": repo.archived, "webUrl": page, "remoteUrl": page}

    @on(f"GET {_GIT}/refs")
    def _refs(self, ask: Ask) -> Told:
        repo, wanted = self._repo(ask), ask.query.get("filter", "")
        heads = repo.git.heads(repo.path)
        found = [
            {"name": f"refs/heads/{one}", "objectId": commit}
            for one, commit in heads.items()
            if f"heads/{one}".startswith(wanted)
        ]
        return 200, {"value": found, "count": len(found)}

    @on("GET /{organization}/_apis/projects/{projectId}/teams")
    def _teams(self, ask: Ask) -> Told:
        return self._paged(ask, [{"id": f"team-{one}", "name": one} for one in sorted(self.teams)])

    @on("GET /{organization}/_apis/projects/{projectId}/teams/{teamId}/members")
    def _members(self, ask: Ask) -> Told:
        return self._paged(ask, [{"identity": identity(one)} for one in sorted(self.people)])

    # Pull requests

    @on(f"GET {_GIT}/pullrequests")
    def _pulls(self, ask: Ask) -> Told:
        repo, status = self._repo(ask), ask.query.get("searchCriteria.status", "active")
        source = branch_name(ask.query.get("searchCriteria.sourceRefName", ""))
        found = [
            one
            for one in repo.pulls.values()
            if status in ("all", _STATUSES[one.state]) and source in ("", one.branch)
        ]
        return self._paged(ask, [self._shown(repo, one) for one in reversed(found)])

    @on(f"POST {_GIT}/pullrequests")
    def _open(self, ask: Ask) -> Told:
        repo, said = self._repo(ask, write=True), ask.body
        heads = repo.git.heads(repo.path)
        refs = said.get("sourceRefName", ""), said.get("targetRefName", "")
        for ref in refs:
            if not ref.startswith("refs/heads/") or branch_name(ref) not in heads:
                why = f"TF401398: The pull request cannot be activated because the branch {ref} is not there."
                raise self.invalid(why)
        branch, base = map(branch_name, refs)
        for one in repo.pulls.values():
            if (one.state, one.branch, one.base) == ("open", branch, base):
                why = "TF401179: An active pull request for the source and target branch already exists."
                raise Refusal(409, error(why))
        made = Pull(repo.next(), "", "", branch=branch, base=base, last=heads[branch])
        self._change(made, said)
        made.draft = bool(said.get("isDraft"))
        for each in said.get("labels", []):
            made.label(each["name"])
        for each in said.get("reviewers", []):
            self._ask_reviewer(made, each["id"])
        repo.pulls[made.number] = made
        return 201, self._shown(repo, made)

    def _ask_reviewer(self, pull: Pull, id_: str) -> None:
        for one in self.people:
            if identity(one)["id"] == id_:
                pull.ask(one)
                return
        if id_.removeprefix("team-") not in self.teams:
            raise self.invalid(f"TF401186: The identity {id_} could not be resolved.")
        pull.ask(id_.removeprefix("team-"), team=True)

    def _change(self, pull: Pull, said: Mapping[str, Any]) -> None:
        for field, most in (("description", _MOST_BODY), ("title", _MOST_TITLE)):
            if len(said.get(field) or "") > most:
                raise self.invalid(f"Invalid argument value. Parameter name: A maximum of {most} characters")
        pull.title, pull.body = said.get("title", pull.title), said.get("description", pull.body)
        if said.get("status") == "abandoned" and pull.state == "open":
            pull.state = "closed"

    def _pull(self, ask: Ask, *, write: bool = False) -> tuple[Repo, Pull]:
        repo = self._repo(ask, write=write)
        found = repo.pulls.get(int(ask.parameters["pullRequestId"]))
        if found is None:
            raise Refusal(404, error("TF401180: The requested pull request was not found."))
        return repo, found

    @on(f"GET {_PULL}")
    def _read(self, ask: Ask) -> Told:
        return 200, self._shown(*self._pull(ask))

    @on(f"PATCH {_PULL}")
    def _edit(self, ask: Ask) -> Told:
        repo, pull = self._pull(ask, write=True)
        self._change(pull, ask.body)
        return 200, self._shown(repo, pull)

    @on(f"GET {_PULL_PARTS}/labels")
    def _labels(self, ask: Ask) -> Told:
        return 200, {"value": [{"name": one, "active": True} for one in self._pull(ask)[1].labels]}

    @on(f"POST {_PULL_PARTS}/labels")
    def _add_label(self, ask: Ask) -> Told:
        self._pull(ask, write=True)[1].label(ask.body["name"])
        return 200, {"name": ask.body["name"], "active": True}

    @on(f"GET {_PULL_PARTS}/threads")
    def _threads(self, ask: Ask) -> Told:
        said = [
            {"id": one.id, "comments": [{"id": 1, "content": one.text, "commentType": "text"}]}
            for one in self._pull(ask)[1].comments
        ]
        return 200, {
            "value": [*said, {"id": 99, "comments": [{"content": "voted", "commentType": "system"}]}]
        }

    @on(f"POST {_PULL_PARTS}/threads")
    def _say(self, ask: Ask) -> Told:
        (said,) = ask.body["comments"]
        if not said.get("content"):
            raise self.invalid("Content is missing")
        made = self._pull(ask, write=True)[1].say(said["content"])
        return 200, {"id": made.id, "comments": [said]}

    @on(f"PATCH {_PULL_PARTS}/threads/{{threadId}}/comments/{{commentId}}")
    def _say_anew(self, ask: Ask) -> Told:
        (found,) = (
            one
            for one in self._pull(ask, write=True)[1].comments
            if one.id == int(ask.parameters["threadId"]) and ask.parameters["commentId"] == "1"
        )
        found.text = ask.body["content"]
        return 200, {"id": 1, "content": found.text}

    def _shown(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        return {
            "pullRequestId": pull.number,
            "title": pull.title,
            "description": pull.body or None,
            "status": _STATUSES[pull.state],
            "isDraft": pull.draft,
            "sourceRefName": f"refs/heads/{pull.branch}",
            "targetRefName": f"refs/heads/{pull.base}",
            "lastMergeSourceCommit": {"commitId": pull.last},
            "url": f"{self.url}/_apis/git/repositories/{id(repo)}/pullRequests/{pull.number}",
            **({"forkSource": {"repository": {"id": "1"}}} if pull.fork else {}),
        }
