"""A small Gitea (or Forgejo) on loopback: pull requests, issues, labels by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from drift.loopback import Request
from forges.loopback.server import Ask, Loopback, Refusal, Told, on
from forges.loopback.state import Issue, Pull, Repo, Thing

_REPO = "/repos/{owner}/{repo}"
_PULL = f"{_REPO}/pulls/{{index}}"
_ISSUE = f"{_REPO}/issues/{{index}}"
_DRAFTS = ("wip:", "[wip]")
_MOST_TITLE = 255


class Gitea(Loopback):
    """A Gitea. Organisations are the owners in ``organisations``; their labels are theirs."""

    name = "gitea"
    described = "gitea"
    prefix = "/api/v1"

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self.organisations: dict[str, dict[str, int]] = {}
        super().__init__(*arguments, **more)

    def authorise(self, request: Request) -> None:
        scheme, _, said = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in ("token", "bearer") or said not in self.tokens():
            raise Refusal(
                401, {"message": "invalid username, password or token", "url": f"{self.url}/api/swagger"}
            )

    def not_found(self) -> Refusal:
        return Refusal(404, {"message": "The target couldn't be found.", "url": f"{self.url}/api/swagger"})

    def forbidden(self) -> Refusal:
        why = "token does not have at least one of required scope(s): [write:repository]"
        return Refusal(403, {"message": why, "url": f"{self.url}/api/swagger"})

    def _repo(self, ask: Ask, *, write: bool = False) -> Repo:
        repo = self.found(f"{ask.parameters['owner']}/{ask.parameters['repo']}")
        if write and repo.archived:
            raise Refusal(423, {"message": f"{repo.path} is archived", "url": ""})
        return repo

    @on(f"GET {_REPO}")
    def _get(self, ask: Ask) -> Told:
        repo = self._repo(ask)
        owner, _, name = repo.path.partition("/")
        return 200, {
            "id": id(repo),
            "name": name,
            "full_name": repo.path,
            "owner": {"login": owner},
            "archived": repo.archived,
            "has_issues": repo.issues_on,
        }

    @on(f"GET {_REPO}/branches/{{branch}}")
    def _branch(self, ask: Ask) -> Told:
        commit = self._repo(ask).head(ask.parameters["branch"])
        if commit is None:
            raise self.not_found()
        return 200, {"name": ask.parameters["branch"], "commit": {"id": commit}}

    # Pull requests

    @on(f"GET {_REPO}/pulls")
    def _pulls(self, ask: Ask) -> Told:
        repo, state = self._repo(ask), ask.query.get("state", "open")
        found = [
            one
            for one in repo.pulls.values()
            if (state == "all" or (one.state == "open") == (state == "open"))
            and ask.query.get("head", one.branch) == one.branch
        ]
        return self._paged(ask, [self._shown(repo, one) for one in reversed(found)])

    @on(f"POST {_REPO}/pulls")
    def _open(self, ask: Ask) -> Told:
        repo, said = self._repo(ask, write=True), ask.body
        heads, branch, base = repo.git.heads(repo.path), said.get("head", ""), said.get("base", "")
        if branch == base:
            raise self.invalid("Invalid PullRequest: There are no changes between the head and the base")
        if branch not in heads or base not in heads:
            raise self.not_found()
        for one in repo.pulls.values():
            if (one.state, one.branch, one.base) == ("open", branch, base):
                why = f"pull request already exists for these targets [id: {one.number}]"
                raise Refusal(409, {"message": why, "url": ""})
        made = Pull(repo.next(), "", "", branch=branch, base=base, last=heads[branch])
        self._change(made, {**said, "title": said.get("title", "")})
        repo.pulls[made.number] = made
        return 201, self._shown(repo, made)

    def _change(self, thing: Thing, said: Mapping[str, Any]) -> None:
        if len(said.get("title") or "") > _MOST_TITLE:
            raise self.invalid("[Title]: MaxSize")
        thing.title = said.get("title") or thing.title
        thing.body = said.get("body", thing.body) or ""
        if said.get("state") in ("open", "closed") and thing.state != "merged":
            thing.state = said["state"]
        if "assignees" in said:
            for one in said["assignees"]:
                if one not in self.people:
                    raise self.invalid(f"Assignee does not exist: [name: {one}]")
            thing.assignees = [one for one in thing.assignees if one in said["assignees"]]
            for one in said["assignees"]:
                thing.assign(one)
        if isinstance(thing, Pull):
            thing.draft = thing.title.lower().startswith(_DRAFTS)

    def _pull(self, ask: Ask, *, write: bool = False) -> tuple[Repo, Pull]:
        repo = self._repo(ask, write=write)
        found = repo.pulls.get(int(ask.parameters["index"]))
        if found is None:
            raise self.not_found()
        return repo, found

    @on(f"GET {_PULL}")
    def _read(self, ask: Ask) -> Told:
        return 200, self._shown(*self._pull(ask))

    @on(f"PATCH {_PULL}")
    def _edit(self, ask: Ask) -> Told:
        repo, pull = self._pull(ask, write=True)
        self._change(pull, ask.body)
        return 201, self._shown(repo, pull)

    @on(f"POST {_PULL}/requested_reviewers")
    def _ask_reviewers(self, ask: Ask) -> Told:
        _, pull = self._pull(ask, write=True)
        people, teams = ask.body.get("reviewers", []), ask.body.get("team_reviewers", [])
        for one in people:
            if one not in self.people:
                raise Refusal(404, {"message": f"user does not exist [uid: 0, name: {one}]", "url": ""})
        for one in teams:
            if one not in self.teams:
                raise Refusal(404, {"message": f"team does not exist [name: {one}]", "url": ""})
        for one in people:
            pull.ask(one)
        for one in teams:
            pull.ask(one, team=True)
        return 201, []

    def _shown(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        return {
            **self._shown_thing(repo, pull, "pulls"),
            "merged": pull.state == "merged",
            "draft": pull.draft,
            "head": {"ref": pull.branch, "sha": pull.last, "repo_id": 1 if pull.fork else id(repo)},
            "base": {"ref": pull.base, "repo_id": id(repo)},
        }

    # Issues, and what pull requests have as issues

    def _thing(self, ask: Ask, *, write: bool = False) -> tuple[Repo, Thing]:
        repo, number = self._repo(ask, write=write), int(ask.parameters["index"])
        found: Thing | None = repo.pulls.get(number) or repo.issues.get(number)
        if found is None:
            raise self.not_found()
        return repo, found

    @on(f"GET {_REPO}/issues")
    def _issues(self, ask: Ask) -> Told:
        repo, state = self._repo(ask), ask.query.get("state", "open")
        wanted = {one.lower() for one in ask.query.get("labels", "").split(",") if one}
        things: Iterable[Thing] = (
            repo.issues.values() if ask.query.get("type") == "issues" else repo.pulls.values()
        )
        found = [
            one
            for one in things
            if wanted <= {label.lower() for label in one.labels}
            and (state == "all" or (one.state == "open") == (state == "open"))
        ]
        return self._paged(ask, [self._shown_thing(repo, one, "issues") for one in reversed(found)])

    @on(f"POST {_REPO}/issues")
    def _create_issue(self, ask: Ask) -> Told:
        repo = self._repo(ask, write=True)
        if not repo.issues_on:
            raise self.not_found()
        made = Issue(repo.next(), "", "")
        self._change(made, ask.body)
        made.labels = [self._label_name(repo, one) for one in ask.body.get("labels", [])]
        repo.issues[made.number] = made
        return 201, self._shown_thing(repo, made, "issues")

    @on(f"GET {_ISSUE}")
    def _issue(self, ask: Ask) -> Told:
        repo, thing = self._thing(ask)
        return 200, self._shown_thing(repo, thing, "issues")

    @on(f"PATCH {_ISSUE}")
    def _edit_issue(self, ask: Ask) -> Told:
        repo, thing = self._thing(ask, write=True)
        self._change(thing, ask.body)
        return 201, self._shown_thing(repo, thing, "issues")

    @on(f"GET {_ISSUE}/comments")
    def _comments(self, ask: Ask) -> Told:
        return 200, [{"id": one.id, "body": one.text} for one in self._thing(ask)[1].comments]

    @on(f"POST {_ISSUE}/comments")
    def _say(self, ask: Ask) -> Told:
        made = self._thing(ask, write=True)[1].say(ask.body["body"])
        return 201, {"id": made.id, "body": made.text}

    @on(f"GET {_ISSUE}/timeline")
    def _timeline(self, ask: Ask) -> Told:
        told: list[dict[str, Any]] = []
        for what, who in self._thing(ask)[1].events:
            if what == "review_requested_team":
                told.append({"type": "review_request", "assignee": None, "assignee_team": {"name": who}})
            else:
                kind = "review_request" if what == "review_requested" else "assignees"
                told.append({"type": kind, "assignee": {"login": who}, "assignee_team": None})
        return self._paged(ask, told)

    @on(f"GET {_REPO}/assignees")
    def _assignable(self, ask: Ask) -> Told:
        self._repo(ask)
        return 200, [{"login": one} for one in sorted(self.people)]

    # Labels

    @on(f"GET {_REPO}/labels")
    def _labels(self, ask: Ask) -> Told:
        return self._paged(ask, [{"id": id_, "name": one} for one, id_ in self._repo(ask).labels.items()])

    @on(f"POST {_REPO}/labels")
    def _create_label(self, ask: Ask) -> Told:
        repo = self._repo(ask, write=True)
        repo.labels[ask.body["name"]] = 1000 + len(repo.labels)
        return 201, {"id": repo.labels[ask.body["name"]], "name": ask.body["name"]}

    @on("GET /orgs/{org}")
    def _organisation(self, ask: Ask) -> Told:
        if ask.parameters["org"] not in self.organisations:
            raise self.not_found()
        return 200, {"name": ask.parameters["org"]}

    @on("GET /orgs/{org}/labels")
    def _organisation_labels(self, ask: Ask) -> Told:
        known = self.organisations[ask.parameters["org"]]
        return self._paged(ask, [{"id": id_, "name": one} for one, id_ in known.items()])

    @on(f"POST {_ISSUE}/labels")
    def _add_labels(self, ask: Ask) -> Told:
        repo, thing = self._thing(ask, write=True)
        for one in ask.body["labels"]:
            thing.label(self._label_name(repo, one))
        return 200, [{"name": one} for one in thing.labels]

    def _label_name(self, repo: Repo, id_: int) -> str:
        known = {**self.organisations.get(repo.path.partition("/")[0], {}), **repo.labels}
        found = [name for name, number in known.items() if number == id_]
        if not found:
            raise self.invalid(f"label {id_} does not exist")
        return found[0]

    def _shown_thing(self, repo: Repo, thing: Thing, kind: str) -> dict[str, Any]:
        return {
            "number": thing.number,
            "html_url": f"{self.url}/{repo.path}/{kind}/{thing.number}",
            "title": thing.title,
            "body": thing.body,
            "state": "open" if thing.state == "open" else "closed",
            "labels": [{"name": one} for one in thing.labels],
            "assignees": [{"login": one} for one in thing.assignees] or None,
        }

    def _paged(self, ask: Ask, found: Sequence[Any]) -> Told:
        """A page, and the way to the next in ``Link``."""
        size, page = self.per_page(ask.query.get("limit")), int(ask.query.get("page", "1"))
        headers = {}
        if page * size < len(found):
            query = urlencode({**dict(parse_qsl(ask.request.query)), "page": page + 1})
            headers = {"Link": f'<{self.url}{ask.request.path}?{query}>; rel="next",<{self.url}>; rel="last"'}
        return 200, found[(page - 1) * size : page * size], headers
