"""A small Bitbucket Cloud on loopback: pull requests and members of a workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from drift.loopback import Request
from forges.loopback.repositories import login
from forges.loopback.server import Ask, Loopback, Refusal, Told, on
from forges.loopback.state import Pull, Repo

_REPO = "/repositories/{workspace}/{repo_slug}"
_PULL = f"{_REPO}/pullrequests/{{pull_request_id}}"
_MOST_BODY, _MOST_TITLE = 32_768, 255
_QUERY = re.compile(r'source\.branch\.name (=|~) "((?:[^"\\]|\\.)*)"')
_STATES = {"open": "OPEN", "merged": "MERGED", "closed": "DECLINED"}


class Bitbucket(Loopback):
    """A Bitbucket Cloud. ``user`` is the mail address whose API token it is; None: it is an access token."""

    name = "bitbucket"
    described = "bitbucket"
    prefix = "/2.0"
    closes_without_branch = False
    long = frozenset({"name"})

    user: str | None = None

    def authorise(self, request: Request) -> None:
        said = request.headers.get("Authorization", "")
        basic = login(request)
        if (self.user is None and said == f"Bearer {self.token}") or (
            self.user is not None and basic == (self.user, self.token)
        ):
            return
        raise Refusal(401, _error("Token is invalid, expired, or not supported for this endpoint."))

    def throttled(self) -> Refusal:
        after = self.faults.retry_after
        return Refusal(
            429, b"Rate limit for this resource has been exceeded", {"Retry-After": after} if after else {}
        )

    def not_found(self) -> Refusal:
        return Refusal(404, _error("Repository not found"))

    def forbidden(self) -> Refusal:
        return Refusal(403, _error("Your credentials lack one or more required privilege scopes."))

    def invalid(self, why: str) -> Refusal:
        return Refusal(400, _error(why))

    def _repo(self, ask: Ask) -> Repo:
        return self.found(f"{ask.parameters['workspace']}/{ask.parameters['repo_slug']}")

    @on(f"GET {_REPO}")
    def _get(self, ask: Ask) -> Told:
        repo = self._repo(ask)
        return 200, {"type": "repository", "full_name": repo.path, "has_issues": False}

    @on(f"GET {_REPO}/refs/branches/{{name}}")
    def _branch(self, ask: Ask) -> Told:
        commit = self._repo(ask).head(ask.parameters["name"])
        if commit is None:
            raise Refusal(404, _error(f'Branch "{ask.parameters["name"]}" not found'))
        return 200, {"name": ask.parameters["name"], "target": {"hash": commit}}

    @on("GET /workspaces/{workspace}/members")
    def _members(self, ask: Ask) -> Told:
        return self._paged(
            ask, [{"type": "workspace_membership", "user": _user(one)} for one in sorted(self.people)]
        )

    @on(f"GET {_REPO}/pullrequests")
    def _pulls(self, ask: Ask) -> Told:
        repo = self._repo(ask)
        states = set(ask.all.get("state", ["OPEN"]))
        found = [one for one in repo.pulls.values() if _STATES[one.state] in states]
        if "q" in ask.query:
            asked = _QUERY.fullmatch(ask.query["q"])
            if asked is None:
                raise self.invalid(f"Invalid query: {ask.query['q']}")
            name = re.sub(r"\\(.)", r"\1", asked[2])
            found = [
                one
                for one in found
                if (one.branch == name if asked[1] == "=" else name.lower() in one.branch.lower())
            ]
        newest = sorted(found, key=lambda one: -one.number)
        return self._paged(ask, [self._shown(repo, one, whole=False) for one in newest])

    @on(f"POST {_REPO}/pullrequests")
    def _open(self, ask: Ask) -> Told:
        """Bitbucket updates the one that is open between these branches."""
        repo, said = self._repo(ask), ask.body
        heads = repo.git.heads(repo.path)
        branch = _named(said.get("source"))
        base = _named(said.get("destination")) or "main"
        for field, name in (("source", branch), ("destination", base)):
            if name not in heads:
                raise self.invalid(f"{field}: branch not found: {name}")
        if heads[branch] == heads[base]:
            raise self.invalid("There are no changes to be pulled")
        if not said.get("title"):
            raise self.invalid("title: This field is required.")
        for one in repo.pulls.values():
            if (one.state, one.branch, one.base) == ("open", branch, base):
                made = one
                break
        else:
            made = Pull(repo.next(), "", "", branch=branch, base=base, last=heads[branch])
        self._change(made, said)
        repo.pulls[made.number] = made
        return 201, self._shown(repo, made, whole=True)

    def _change(self, pull: Pull, said: Mapping[str, Any]) -> None:
        """What is not said of reviewers is taken away."""
        if len(said.get("description") or "") > _MOST_BODY:
            raise self.invalid(f"description: This field may not have more than {_MOST_BODY} characters.")
        if len(said.get("title") or "") > _MOST_TITLE:
            raise self.invalid(f"title: Ensure this value has at most {_MOST_TITLE} characters.")
        reviewers = []
        for one in said.get("reviewers", []):
            known = [name for name in self.people if one.get("uuid") == _user(name)["uuid"]]
            if not known:
                raise self.invalid("reviewers: Malformed reviewers list")
            reviewers += known
        if "drift" in reviewers:
            raise self.invalid("drift is the author and cannot be included as a reviewer.")
        pull.title, pull.body = said.get("title", pull.title), said.get("description", pull.body)
        pull.draft, pull.reviewers = said.get("draft", pull.draft), reviewers

    def _pull(self, ask: Ask) -> tuple[Repo, Pull]:
        repo = self._repo(ask)
        found = repo.pulls.get(int(ask.parameters["pull_request_id"]))
        if found is None:
            raise self.not_found()
        return repo, found

    @on(f"GET {_PULL}")
    def _read(self, ask: Ask) -> Told:
        return 200, self._shown(*self._pull(ask), whole=True)

    @on(f"PUT {_PULL}")
    def _edit(self, ask: Ask) -> Told:
        repo, pull = self._pull(ask)
        if pull.state != "open":
            raise self.invalid("This pull request is closed.")
        self._change(pull, ask.body)
        return 200, self._shown(repo, pull, whole=True)

    @on(f"GET {_PULL}/comments")
    def _comments(self, ask: Ask) -> Told:
        told = [_comment(one.id, one.text) for one in self._pull(ask)[1].comments]
        return self._paged(ask, told)

    @on(f"POST {_PULL}/comments")
    def _say(self, ask: Ask) -> Told:
        raw = (ask.body.get("content") or {}).get("raw")
        if not raw:
            raise self.invalid("content: This field is required.")
        made = self._pull(ask)[1].say(raw)
        return 201, _comment(made.id, made.text)

    @on(f"POST {_PULL}/decline")
    def _decline(self, ask: Ask) -> Told:
        repo, pull = self._pull(ask)
        if pull.state != "open":
            raise Refusal(555, _error("This pull request is already closed."))
        pull.state = "closed"
        return 200, self._shown(repo, pull, whole=True)

    def _shown(self, repo: Repo, pull: Pull, *, whole: bool) -> dict[str, Any]:
        source = "fork/infra" if pull.fork else repo.path
        shown: dict[str, Any] = {
            "type": "pullrequest",
            "id": pull.number,
            "title": pull.title,
            "summary": {"raw": pull.body, "markup": "markdown"},
            "state": _STATES[pull.state],
            "draft": pull.draft,
            "source": {
                "branch": {"name": pull.branch},
                "commit": {"hash": pull.last[:12]},
                "repository": {"full_name": source},
            },
            "destination": {"branch": {"name": pull.base}, "repository": {"full_name": repo.path}},
            "links": {"html": {"href": f"{self.url}/{repo.path}/pull-requests/{pull.number}"}},
        }
        if whole:
            shown |= {"description": pull.body, "reviewers": [_user(one) for one in pull.reviewers]}
        return shown

    def _paged(self, ask: Ask, found: Sequence[Any]) -> Told:
        """A page; the address of the next is in it."""
        size, page = self.per_page(ask.query.get("pagelen")), int(ask.query.get("page", "1"))
        shown: dict[str, Any] = {
            "pagelen": size,
            "page": page,
            "values": found[(page - 1) * size : page * size],
        }
        if page * size < len(found):
            query = [(key, value) for key, value in parse_qsl(ask.request.query) if key != "page"]
            shown["next"] = f"{self.url}{ask.request.path}?{urlencode([*query, ('page', page + 1)])}"
        return 200, shown


def _named(end: Any) -> str:
    return str(((end or {}).get("branch") or {}).get("name") or "")


def _user(name: str) -> dict[str, Any]:
    return {
        "type": "user",
        "nickname": name,
        "display_name": name.title(),
        "uuid": f"{{{name}-0001}}",
        "account_id": f"557058:{name}",
    }


def _comment(id_: int, text: str) -> dict[str, Any]:
    return {"id": id_, "type": "pullrequest_comment", "content": {"raw": text}, "deleted": False}


def _error(why: str) -> dict[str, Any]:
    return {"type": "error", "error": {"message": why}}
