"""Who is let in at a loopback GitHub, how it refuses and pages, and its repositories."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from drift.loopback import Request
from forges.loopback.rules import Operation
from forges.loopback.server import Ask, Loopback, Refusal, Told, on
from forges.loopback.state import Repo, Thing

REPO = "/repos/{owner}/{repo}"
DOCS = "https://docs.github.com/rest"
_MOST_BODY, _MOST_TITLE = 65_536, 256


class Gate(Loopback):
    """A GitHub. ``app_key`` is the public key, of cryptography, of an App ``app_id`` that is installed
    everywhere."""

    name = "github"
    described = "github"
    prefix = "/api/v3"

    app_id: str | None = None
    app_key: Any = None
    _issued: set[str] = set()

    def tokens(self) -> set[str]:
        return {self.token} | self._issued

    def authorise(self, request: Request) -> None:
        scheme, _, said = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer" and said.count(".") == 2 and self._is_app(said):
            return
        if scheme not in ("Bearer", "token") or said not in self.tokens():
            raise Refusal(401, {"message": "Bad credentials", "documentation_url": DOCS, "status": "401"})

    def _is_app(self, said: str) -> bool:
        """Whether a JSON Web Token is the App's own."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        if self.app_key is None:
            return False
        head, claims, signature = said.split(".")
        told, now = orjson.loads(_decoded(claims)), time.time()
        try:
            self.app_key.verify(
                _decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return False
        return bool(
            orjson.loads(_decoded(head)) == {"alg": "RS256", "typ": "JWT"}
            and told["iss"] == self.app_id
            and told["iat"] <= now < told["exp"] <= now + 600
        )

    def headers(self, request: Request, operation: Operation) -> list[str]:
        wrong = super().headers(request, operation)
        if request.headers.get("Accept") not in ("application/vnd.github+json", "application/json"):
            wrong.append("Accept is not application/vnd.github+json")
        if request.headers.get("X-GitHub-Api-Version") not in ("2022-11-28",):
            wrong.append("X-GitHub-Api-Version is no version that is supported")
        return wrong

    def throttled(self) -> Refusal:
        said = {
            "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you "
            "try again.",
            "documentation_url": f"{DOCS}/overview/rate-limits-for-the-rest-api",
        }
        after = self.faults.retry_after
        return Refusal(403, said, {} if after is None else {"Retry-After": after})

    def not_found(self) -> Refusal:
        return Refusal(404, {"message": "Not Found", "documentation_url": DOCS, "status": "404"})

    def forbidden(self) -> Refusal:
        said = {"message": "Resource not accessible by personal access token", "documentation_url": DOCS}
        return Refusal(403, said)

    def invalid(self, why: str) -> Refusal:
        return Refusal(422, {"message": f"Invalid request.\n\n{why}", "documentation_url": DOCS})

    def _failed(self, resource: str, *errors: Mapping[str, str] | str) -> Refusal:
        told = [
            {"resource": resource, "code": "custom", **e} if isinstance(e, Mapping) else e for e in errors
        ]
        return Refusal(
            422, {"message": "Validation Failed", "errors": told, "documentation_url": DOCS, "status": "422"}
        )

    # Repositories

    def _repo(self, ask: Ask, *, write: bool = False) -> Repo:
        repo = self.found(f"{ask.parameters['owner']}/{ask.parameters['repo']}")
        if write and repo.archived:
            raise Refusal(403, {"message": "Repository was archived so is read-only."})
        return repo

    @on(f"GET {REPO}")
    def _get(self, ask: Ask) -> Told:
        return 200, self._shown_repo(self._repo(ask))

    def _shown_repo(self, repo: Repo) -> dict[str, Any]:
        owner, _, name = repo.path.partition("/")
        return {
            "id": id(repo),
            "name": name,
            "full_name": repo.path,
            "owner": {"login": owner},
            "archived": repo.archived,
            "has_issues": repo.issues_on,
            "default_branch": "main",
            "html_url": f"{self.url}/{repo.path}",
        }

    @on(f"GET {REPO}/branches/{{branch}}")
    def _branch(self, ask: Ask) -> Told:
        commit = self._repo(ask).head(ask.parameters["branch"])
        if commit is None:
            raise Refusal(404, {"message": "Branch not found", "documentation_url": DOCS})
        return 200, {"name": ask.parameters["branch"], "commit": {"sha": commit}}

    @on(f"GET {REPO}/installation")
    def _installation(self, ask: Ask) -> Told:
        self._repo(ask)
        return 200, {"id": 71, "app_id": self.app_id}

    @on("POST /app/installations/{installation_id}/access_tokens")
    def _issue_token(self, ask: Ask) -> Told:
        if ask.parameters["installation_id"] != "71":
            raise self.not_found()
        token = f"ghs_loopback{len(self._issued)}"
        self._issued = self._issued | {token}
        until = datetime.fromtimestamp(time.time() + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return 201, {"token": token, "expires_at": until, "permissions": {"contents": "write"}}

    def _short(self, said: Mapping[str, Any]) -> None:
        for field, most in (("body", _MOST_BODY), ("title", _MOST_TITLE)):
            if len(said.get(field) or "") > most:
                why = f"{field} is too long (maximum is {most} characters)"
                raise self._failed("Issue", {"field": field, "message": why})

    def _change(self, thing: Thing, said: Mapping[str, Any]) -> None:
        thing.title = said.get("title") or thing.title
        thing.body = said.get("body", thing.body) or ""
        if "state" in said and thing.state != "merged":
            thing.state = said["state"]

    def _paged(self, ask: Ask, found: Sequence[Any]) -> Told:
        """A page, and the way to the next in ``Link``."""
        size, page = self.per_page(ask.query.get("per_page")), int(ask.query.get("page", "1"))
        headers = {}
        if page * size < len(found):
            query = urlencode({**dict(parse_qsl(ask.request.query)), "page": page + 1})
            headers = {"Link": f'<{self.url}{ask.request.path}?{query}>; rel="next"'}
        return 200, found[(page - 1) * size : page * size], headers


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
