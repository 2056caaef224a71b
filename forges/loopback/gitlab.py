"""A small GitLab on loopback: merge requests, issues, notes, users."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift.loopback import Request
from forges.loopback.server import Ask, Loopback, Refusal, Told, on
from forges.loopback.state import Issue, Pull, Repo, Thing

_PROJECT = "/projects/{id}"
_REQUEST = f"{_PROJECT}/merge_requests/{{merge_request_iid}}"
_ISSUE = f"{_PROJECT}/issues/{{issue_iid}}"
_MOST_BODY, _MOST_TITLE = 1_048_576, 255
_DRAFT = re.compile(r"(?:\[draft\]|\(draft\)|draft:)\s*", re.I)
_QUICK_ACTION = re.compile(r"^/[A-Za-z_]+(?:\s|$)", re.M)


class GitLab(Loopback):
    """A GitLab. Its free plan takes one reviewer and one assignee (``several`` is false). ``done`` are the
    quick actions that texts had."""

    name = "gitlab"
    described = "gitlab"
    prefix = "/api/v4"

    several = True

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self.done: list[str] = []
        super().__init__(*arguments, **more)

    def authorise(self, request: Request) -> None:
        said = request.headers.get("PRIVATE-TOKEN") or request.headers.get("Authorization", "").removeprefix(
            "Bearer "
        )
        if said not in self.tokens():
            raise Refusal(401, {"message": "401 Unauthorized"})

    def throttled(self) -> Refusal:
        after = self.faults.retry_after
        headers = {"RateLimit-Remaining": "0"} | ({} if after is None else {"Retry-After": after})
        return Refusal(429, b"Retry later\n", headers)

    def not_found(self) -> Refusal:
        return Refusal(404, {"message": "404 Project Not Found"})

    def forbidden(self) -> Refusal:
        said = {
            "error": "insufficient_scope",
            "error_description": "The request requires higher privileges than provided by the access token.",
            "scope": "api",
        }
        return Refusal(403, said)

    def invalid(self, why: str) -> Refusal:
        return Refusal(400, {"error": why})

    def user_id(self, name: str) -> int:
        """The id of somebody."""
        return 100 + sorted(self.people).index(name)

    def _user(self, id_: int) -> dict[str, Any]:
        name = sorted(self.people)[id_ - 100]
        return {"id": id_, "username": name, "name": name.title()}

    def _people(self, ids: Sequence[int]) -> list[str]:
        """Who is meant; who is not known is left out in silence."""
        known = [one for one in ids if 100 <= one < 100 + len(self.people)]
        return [sorted(self.people)[one - 100] for one in (known if self.several else known[:1])]

    def _project(self, ask: Ask, *, write: bool = False) -> Repo:
        repo = self.found(ask.parameters["id"])
        if write and repo.archived:
            raise Refusal(403, {"message": "403 Forbidden"})
        return repo

    @on(f"GET {_PROJECT}")
    def _get(self, ask: Ask) -> Told:
        repo = self._project(ask)
        return 200, {
            "id": id(repo),
            "path_with_namespace": repo.path,
            "archived": repo.archived,
            "issues_enabled": repo.issues_on,
            "issues_access_level": "enabled" if repo.issues_on else "disabled",
            "default_branch": "main",
        }

    @on(f"GET {_PROJECT}/repository/branches/{{branch}}")
    def _branch(self, ask: Ask) -> Told:
        commit = self._project(ask).head(ask.parameters["branch"])
        if commit is None:
            raise Refusal(404, {"message": "404 Branch Not Found"})
        return 200, {"name": ask.parameters["branch"], "commit": {"id": commit}}

    @on("GET /users")
    def _users(self, ask: Ask) -> Told:
        wanted = ask.query.get("username", "").lower()
        return 200, [self._user(self.user_id(one)) for one in sorted(self.people) if one.lower() == wanted]

    # Merge requests

    @on(f"GET {_PROJECT}/merge_requests")
    def _requests(self, ask: Ask) -> Told:
        repo, state = self._project(ask), ask.query.get("state", "all")
        found = [
            one
            for one in repo.pulls.values()
            if state in ("all", _state(one)) and ask.query.get("source_branch", one.branch) == one.branch
        ]
        newest = sorted(found, key=lambda one: one.number, reverse=ask.query.get("sort") != "asc")
        return self._paged(ask, [self._shown(repo, one) for one in newest])

    @on(f"POST {_PROJECT}/merge_requests")
    def _open(self, ask: Ask) -> Told:
        """What is refused, and by which status. Source: gitlabhq, lib/api/helpers/merge_requests_helpers.rb,
        handle_merge_request_errors!. Older ones do not look whether the source branch is there."""
        repo, said = self._project(ask, write=True), ask.body
        self._short(said)
        if said["source_branch"] == said["target_branch"]:
            raise Refusal(422, {"message": ["You can't use same project/branch for source and target"]})
        if repo.head(said["source_branch"]) is None:
            raise Refusal(400, {"message": {"source_branch": ["does not exist"]}})
        for one in repo.pulls.values():
            if (one.state, one.branch, one.base) == ("open", said["source_branch"], said["target_branch"]):
                why = f"Another open merge request already exists for this source branch: !{one.number}"
                raise Refusal(409, {"message": [why]})
        made = Pull(repo.next(), said["title"], "", branch=said["source_branch"], base=said["target_branch"])
        made.last = repo.head(made.branch) or ""
        repo.pulls[made.number] = made
        self._change(made, said)
        return 201, self._shown(repo, made)

    def _short(self, said: Mapping[str, Any]) -> None:
        for field, most in (("description", _MOST_BODY), ("title", _MOST_TITLE), ("body", _MOST_BODY)):
            if len(said.get(field) or "") > most:
                raise Refusal(400, {"message": {field: [f"is too long (maximum is {most} characters)"]}})

    def _change(self, thing: Thing, said: Mapping[str, Any]) -> None:
        thing.title = said.get("title", thing.title)
        if "description" in said:
            thing.body = self._acted(said["description"])
        for key in ("labels", "add_labels"):
            for one in said.get(key, "").split(","):
                if one:
                    thing.label(one)
        if "assignee_ids" in said:
            thing.assignees = self._people(said["assignee_ids"])
        if isinstance(thing, Pull):
            thing.draft = _DRAFT.match(thing.title) is not None
            if "reviewer_ids" in said:
                thing.reviewers = self._people(said["reviewer_ids"])
        if said.get("state_event") == "close" and thing.state == "open":
            thing.state = "closed"
            thing.say("closed").system = True

    def _acted(self, text: str) -> str:
        """Quick actions are done, and taken out."""
        self.done += [one.strip() for one in _QUICK_ACTION.findall(text)]
        return _QUICK_ACTION.sub("", text)

    def _request(self, ask: Ask, *, write: bool = False) -> tuple[Repo, Pull]:
        repo = self._project(ask, write=write)
        found = repo.pulls.get(int(ask.parameters["merge_request_iid"]))
        if found is None:
            raise Refusal(404, {"message": "404 Not found"})
        return repo, found

    @on(f"GET {_REQUEST}")
    def _read(self, ask: Ask) -> Told:
        return 200, self._shown(*self._request(ask))

    @on(f"PUT {_REQUEST}")
    def _edit(self, ask: Ask) -> Told:
        repo, pull = self._request(ask, write=True)
        self._short(ask.body)
        self._change(pull, ask.body)
        return 200, self._shown(repo, pull)

    @on(f"GET {_REQUEST}/notes")
    def _notes(self, ask: Ask) -> Told:
        return self._said(ask, self._request(ask)[1])

    @on(f"POST {_REQUEST}/notes")
    def _say(self, ask: Ask) -> Told:
        return self._note(ask, self._request(ask, write=True)[1])

    def _said(self, ask: Ask, thing: Thing) -> Told:
        told = [{"id": one.id, "body": one.text, "system": one.system} for one in reversed(thing.comments)]
        return self._paged(ask, told)

    def _note(self, ask: Ask, thing: Thing) -> Told:
        self._short(ask.body)
        made = thing.say(self._acted(ask.body["body"]))
        return 201, {"id": made.id, "body": made.text, "system": False}

    def _shown(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        return {
            **self._shown_thing(repo, pull, "merge_requests"),
            "source_branch": pull.branch,
            "target_branch": pull.base,
            "source_project_id": 1 if pull.fork else id(repo),
            "target_project_id": id(repo),
            "draft": pull.draft,
            "work_in_progress": pull.draft,
            "sha": pull.last or None,
            "reviewers": [self._user(self.user_id(one)) for one in pull.reviewers],
        }

    # Issues

    @on(f"GET {_PROJECT}/issues")
    def _issues(self, ask: Ask) -> Told:
        repo, state = self._project(ask), ask.query.get("state", "all")
        wanted = {one.lower() for one in ask.query.get("labels", "").split(",") if one}
        found = [
            one
            for one in repo.issues.values()
            if state in ("all", _state(one)) and wanted <= {label.lower() for label in one.labels}
        ]
        newest = sorted(found, key=lambda one: one.number, reverse=ask.query.get("sort") != "asc")
        return self._paged(ask, [self._shown_thing(repo, one, "issues") for one in newest])

    @on(f"POST {_PROJECT}/issues")
    def _create_issue(self, ask: Ask) -> Told:
        repo = self._project(ask, write=True)
        if not repo.issues_on:
            raise Refusal(403, {"message": "403 Forbidden"})
        self._short(ask.body)
        made = Issue(repo.next(), ask.body["title"], "")
        repo.issues[made.number] = made
        self._change(made, ask.body)
        return 201, self._shown_thing(repo, made, "issues")

    def _issue(self, ask: Ask, *, write: bool = False) -> tuple[Repo, Issue]:
        repo = self._project(ask, write=write)
        found = repo.issues.get(int(ask.parameters["issue_iid"]))
        if found is None:
            raise Refusal(404, {"message": "404 Not found"})
        return repo, found

    @on(f"PUT {_ISSUE}")
    def _edit_issue(self, ask: Ask) -> Told:
        repo, issue = self._issue(ask, write=True)
        self._short(ask.body)
        self._change(issue, ask.body)
        return 200, self._shown_thing(repo, issue, "issues")

    @on(f"GET {_ISSUE}/notes")
    def _issue_notes(self, ask: Ask) -> Told:
        return self._said(ask, self._issue(ask)[1])

    @on(f"POST {_ISSUE}/notes")
    def _say_of_issue(self, ask: Ask) -> Told:
        return self._note(ask, self._issue(ask, write=True)[1])

    def _shown_thing(self, repo: Repo, thing: Thing, kind: str) -> dict[str, Any]:
        return {
            "iid": thing.number,
            "web_url": f"{self.url}/{repo.path}/-/{kind}/{thing.number}",
            "title": thing.title,
            "description": thing.body or None,
            "state": _state(thing),
            "labels": thing.labels,
            "assignees": [self._user(self.user_id(one)) for one in thing.assignees],
        }

    def _paged(self, ask: Ask, found: Sequence[Any]) -> Told:
        """A page; the number of the next is in ``X-Next-Page``."""
        size, page = self.per_page(ask.query.get("per_page")), int(ask.query.get("page", "1"))
        after = str(page + 1) if page * size < len(found) else ""
        return 200, found[(page - 1) * size : page * size], {"X-Next-Page": after, "X-Page": str(page)}


def _state(thing: Thing) -> str:
    return "opened" if thing.state == "open" else thing.state
