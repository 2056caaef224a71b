"""Issues of a loopback GitHub, and what pull requests have as issues: comments, labels, people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from forges.loopback.github_gate import REPO, Gate
from forges.loopback.server import Ask, Refusal, Told, on
from forges.loopback.state import Issue, Pull, Repo, Thing


class Issues(Gate):
    """The part of a GitHub that knows issues."""

    def _thing(self, ask: Ask, *, write: bool = False) -> tuple[Repo, Thing]:
        repo, number = self._repo(ask, write=write), int(ask.parameters["issue_number"])
        found: Thing | None = repo.pulls.get(number) or repo.issues.get(number)
        if found is None:
            raise self.not_found()
        return repo, found

    @on(f"GET {REPO}/issues")
    def _issues(self, ask: Ask) -> Told:
        repo = self._repo(ask)
        wanted = {one.lower() for one in ask.query.get("labels", "").split(",") if one}
        state = ask.query.get("state", "open")
        things: Iterable[Thing] = [*repo.pulls.values(), *repo.issues.values()]
        found = [
            one
            for one in sorted(things, key=lambda one: one.number, reverse=ask.query.get("direction") != "asc")
            if wanted <= {label.lower() for label in one.labels}
            and (state == "all" or (one.state == "open") == (state == "open"))
        ]
        return self._paged(ask, [self._shown_thing(repo, one) for one in found])

    def _needs_issues(self, repo: Repo) -> None:
        if not repo.issues_on:
            raise Refusal(410, {"message": "Issues has been disabled in this repository."})

    @on(f"POST {REPO}/issues")
    def _create_issue(self, ask: Ask) -> Told:
        repo, said = self._repo(ask, write=True), ask.body
        self._needs_issues(repo)
        self._short(said)
        for one in said.get("assignees", []):
            if one not in self.people:
                raise self._failed("Issue", {"value": one, "field": "assignees", "code": "invalid"})
        made = Issue(repo.next(), said["title"], said.get("body") or "", labels=list(said.get("labels", [])))
        made.assignees = list(said.get("assignees", []))
        repo.issues[made.number] = made
        return 201, self._shown_thing(repo, made)

    @on(f"PATCH {REPO}/issues/{{issue_number}}")
    def _edit_issue(self, ask: Ask) -> Told:
        repo, thing = self._thing(ask, write=True)
        self._short(ask.body)
        self._change(thing, ask.body)
        return 200, self._shown_thing(repo, thing)

    @on(f"GET {REPO}/issues/{{issue_number}}/comments")
    def _comments(self, ask: Ask) -> Told:
        _, thing = self._thing(ask)
        return self._paged(ask, [_comment(one.id, one.text, one.by) for one in thing.comments])

    @on(f"POST {REPO}/issues/{{issue_number}}/comments")
    def _say(self, ask: Ask) -> Told:
        _, thing = self._thing(ask, write=True)
        self._short(ask.body)
        made = thing.say(ask.body["body"])
        return 201, _comment(made.id, made.text, made.by)

    @on(f"GET {REPO}/issues/{{issue_number}}/labels")
    def _labels(self, ask: Ask) -> Told:
        return self._paged(ask, [{"name": one} for one in self._thing(ask)[1].labels])

    @on(f"POST {REPO}/issues/{{issue_number}}/labels")
    def _add_labels(self, ask: Ask) -> Told:
        _, thing = self._thing(ask, write=True)
        for one in ask.body["labels"]:
            thing.label(one)
        return 200, [{"name": one} for one in thing.labels]

    @on(f"POST {REPO}/issues/{{issue_number}}/assignees")
    def _assign(self, ask: Ask) -> Told:
        repo, thing = self._thing(ask, write=True)
        for one in ask.body["assignees"]:
            if one in self.people:
                thing.assign(one)
        return 201, self._shown_thing(repo, thing)

    @on(f"GET {REPO}/issues/{{issue_number}}/events")
    def _events(self, ask: Ask) -> Told:
        keys = {
            "review_requested": ("review_requested", "requested_reviewer", "login"),
            "review_requested_team": ("review_requested", "requested_team", "slug"),
            "assigned": ("assigned", "assignee", "login"),
        }
        told = []
        for what, who in self._thing(ask)[1].events:
            event, key, called = keys[what]
            told.append({"event": event, key: {called: who}})
        return self._paged(ask, told)

    @on(f"GET {REPO}/assignees/{{assignee}}")
    def _assignable(self, ask: Ask) -> Told:
        if ask.parameters["assignee"] not in self.people:
            raise self.not_found()
        return 204, None

    def _shown_thing(self, repo: Repo, thing: Thing) -> dict[str, Any]:
        is_pull = isinstance(thing, Pull)
        shown: dict[str, Any] = {
            "number": thing.number,
            "html_url": f"{self.url}/{repo.path}/{'pull' if is_pull else 'issues'}/{thing.number}",
            "title": thing.title,
            "body": thing.body or None,
            "state": "open" if thing.state == "open" else "closed",
            "labels": [{"name": one} for one in thing.labels],
            "assignees": [{"login": one} for one in thing.assignees],
        }
        return shown | ({"pull_request": {"url": "…"}} if is_pull else {})


def _comment(id_: int, text: str, by: str) -> dict[str, Any]:
    return {"id": id_, "body": text, "user": {"login": by}}
