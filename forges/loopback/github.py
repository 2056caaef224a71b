"""A small GitHub on loopback, as Enterprise Server is addressed: pull requests, issues, Apps."""

from __future__ import annotations

from typing import Any

from forges.loopback.github_gate import DOCS, REPO
from forges.loopback.github_issues import Issues
from forges.loopback.server import Ask, Refusal, Told, on
from forges.loopback.state import Pull, Repo


class GitHub(Issues):
    """A GitHub: what the others know, and pull requests."""

    @on(f"GET {REPO}/pulls")
    def _pulls(self, ask: Ask) -> Told:
        repo, state = self._repo(ask), ask.query.get("state", "open")
        owner, _, branch = ask.query.get("head", "").partition(":")
        found = [
            one for one in repo.pulls.values() if state == "all" or (one.state == "open") == (state == "open")
        ]
        if "head" in ask.query:  # a head without an owner is not looked at
            whose = repo.path.partition("/")[0]
            found = [
                one
                for one in found
                if not branch or (one.branch == branch and owner == ("fork" if one.fork else whose))
            ]
        newest = sorted(found, key=lambda one: one.number, reverse=ask.query.get("direction") != "asc")
        return self._paged(ask, [self._shown(repo, one) for one in newest])

    @on(f"POST {REPO}/pulls")
    def _open(self, ask: Ask) -> Told:
        repo, said = self._repo(ask, write=True), ask.body
        owner, branch = repo.path.partition("/")[0], said["head"].rpartition(":")[2]
        if not said.get("title"):
            raise self._failed("PullRequest", {"code": "missing_field", "field": "title"})
        heads = repo.git.heads(repo.path)
        for field, name in (("head", branch), ("base", said["base"])):
            if name not in heads:
                raise self._failed("PullRequest", {"field": field, "code": "invalid"})
        if heads[branch] == heads[said["base"]]:
            why = f"No commits between {said['base']} and {branch}"
            raise self._failed("PullRequest", {"message": why})
        self._short(said)
        if any(
            (one.state, one.branch, one.base) == ("open", branch, said["base"]) for one in repo.pulls.values()
        ):
            why = f"A pull request already exists for {owner}:{branch}."
            raise self._failed("PullRequest", {"message": why})
        if said.get("draft") and not repo.drafts_on:
            why = "Draft pull requests are not supported in this repository."
            raise Refusal(422, {"message": why, "documentation_url": DOCS})
        number = repo.next()
        made = Pull(number, said["title"], said.get("body") or "", branch=branch, base=said["base"])
        made.draft, made.last = bool(said.get("draft")), heads[branch]
        repo.pulls[number] = made
        return 201, self._shown(repo, made)

    def _pull(self, ask: Ask, *, write: bool = False) -> tuple[Repo, Pull]:
        repo = self._repo(ask, write=write)
        found = repo.pulls.get(int(ask.parameters["pull_number"]))
        if found is None:
            raise self.not_found()
        return repo, found

    @on(f"GET {REPO}/pulls/{{pull_number}}")
    def _read(self, ask: Ask) -> Told:
        return 200, self._shown(*self._pull(ask))

    @on(f"PATCH {REPO}/pulls/{{pull_number}}")
    def _edit(self, ask: Ask) -> Told:
        repo, pull = self._pull(ask, write=True)
        self._short(ask.body)
        self._change(pull, ask.body)
        return 200, self._shown(repo, pull)

    @on(f"POST {REPO}/pulls/{{pull_number}}/requested_reviewers")
    def _ask_reviewers(self, ask: Ask) -> Told:
        repo, pull = self._pull(ask, write=True)
        people, teams = ask.body.get("reviewers", []), ask.body.get("team_reviewers", [])
        if "drift" in people:
            raise Refusal(422, {"message": "Review cannot be requested from pull request author."})
        if not set(people) <= self.people or not set(teams) <= self.teams:
            raise Refusal(
                422,
                {
                    "message": "Reviews may only be requested from collaborators. One or more of the users "
                    f"or teams you specified is not a collaborator of the {repo.path} repository."
                },
            )
        for one in people:
            pull.ask(one)
        for one in teams:
            pull.ask(one, team=True)
        return 201, self._shown(repo, pull)

    def _shown(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        shown = self._shown_repo(repo)
        head = {**shown, "id": 1, "full_name": f"fork/{shown['name']}"} if pull.fork else shown
        return {
            "number": pull.number,
            "html_url": f"{self.url}/{repo.path}/pull/{pull.number}",
            "title": pull.title,
            "body": pull.body or None,
            "state": "open" if pull.state == "open" else "closed",
            "merged_at": "2026-11-30T10:00:00Z" if pull.state == "merged" else None,
            "draft": pull.draft,
            "head": {"ref": pull.branch, "sha": pull.last, "repo": head},
            "base": {"ref": pull.base, "repo": shown},
            "labels": [{"name": one} for one in pull.labels],
            "requested_reviewers": [{"login": one} for one in pull.reviewers],
            "requested_teams": [{"slug": one} for one in pull.teams],
            "assignees": [{"login": one} for one in pull.assignees],
        }
