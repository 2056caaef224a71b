"""What all loopback forges are: an HTTP server with state, that checks each request by the forge's own rules,
serves real Git repositories, and does wrong what it is told to."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs, unquote

import orjson

from drift.loopback import Answer, Request, Server, json
from forges.loopback.repositories import Repositories, asked_for, login
from forges.loopback.rules import Operation, Rules, errors
from forges.loopback.state import Called, Repo

TOKEN = "loopback-forge-token-0123456789"  # noqa: S105 - of a server on loopback
Told = tuple[int, Any] | tuple[int, Any, Mapping[str, str]]
Handler = Callable[[Any, "Ask"], Told]
H = TypeVar("H", bound=Handler)
_MARK = "_operation"


class Refusal(Exception):
    """An answer that is none."""

    def __init__(self, status: int, data: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {data}")
        self.status, self.data, self.headers = status, data, dict(headers or {})


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that the forge's rules allow. ``query`` holds the last of each parameter."""

    parameters: Mapping[str, str]
    query: Mapping[str, str]
    all: Mapping[str, Sequence[str]]
    body: Any
    request: Request


@dataclass(slots=True)
class Faults:
    """What is done wrong, each so many times from now on: answered that it is asked too often, answered 502,
    or done but answered 502 (``lost``, of what changes something). ``denied`` and ``blind`` say what the
    token lacks: the right to write, and to see. ``redirect`` is where every call is sent instead."""

    throttled: int = 0
    retry_after: str | None = "0"
    broken: int = 0
    lost: int = 0
    denied: bool = False
    blind: bool = False
    redirect: str | None = None


def on(operation: str) -> Callable[[H], H]:
    """Says of a method which call it answers."""

    def mark(method: H) -> H:
        setattr(method, _MARK, operation)
        return method

    return mark


class Loopback:
    """A running forge; a context manager. ``repository`` makes and gives repositories, ``calls`` are what was
    asked, ``violations`` what the forge's rules do not allow of it."""

    name: ClassVar[str]
    #: The forge's file of operations, and where its API begins.
    described: ClassVar[str]
    prefix: ClassVar[str]
    #: Whether it closes a pull request whose branch is deleted.
    closes_without_branch: ClassVar[bool] = True
    long: ClassVar[frozenset[str]] = frozenset({"branch"})

    def __init__(self, folder: Path | None = None, *, token: str = TOKEN) -> None:
        self._own = tempfile.TemporaryDirectory() if folder is None else None
        self.git = Repositories(Path(self._own.name) if self._own is not None else folder or Path())
        self.token, self.faults = token, Faults()
        self.repositories: dict[str, Repo] = {}
        self.people: set[str] = {"ann", "ben"}
        self.teams: set[str] = {"platform"}
        self.calls: list[Called] = []
        self.violations: list[str] = []
        #: The most of a page, whatever is asked for.
        self.page = 100
        self._lock = threading.RLock()
        self._rules = Rules(self.described, self.long)
        self._handlers = {
            getattr(method, _MARK): method
            for cls in reversed(type(self).__mro__)
            for method in vars(cls).values()
            if hasattr(method, _MARK)
        }
        self._http = Server(self.answer)
        self.url = self._http.url

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends it."""
        self._http.close()
        if self._own is not None:
            self._own.cleanup()

    @property
    def api(self) -> str:
        """Where its API begins."""
        return self.url + self.prefix

    def settings(self, **more: Any) -> dict[str, Any]:
        """A section of drift.yaml that logs in here."""
        return {"url": self.url, "token": self.token, **more}

    def repository(self, path: str, files: Mapping[str, str] | None = None) -> Repo:
        """A repository, made with these files on main where it is not there."""
        with self._lock:
            if path not in self.repositories:
                self.git.create(path)
                made = Repo(path, f"{self.url}/{self.clone_path(path)}", self.git)
                made.commit("main", files or {"README.md": "# Infrastructure\n"}, "first")
                self.repositories[path] = made
            return self.repositories[path]

    def clone_path(self, path: str) -> str:
        """What follows the forge's address in a repository's URL."""
        return f"{path}.git"

    def path_of(self, asked: str) -> str:
        """The path of a repository by what Git asks for."""
        return asked

    # Answers

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        if self.git.serves(request):
            return self._git(request)
        with self._lock:
            return self._api(request)

    def _git(self, request: Request) -> Answer:
        said = login(request)
        if said is None or said[1] not in self.tokens() or not said[0]:
            return Answer(401, b"", {"WWW-Authenticate": 'Basic realm="loopback"'})
        path = self.path_of(asked_for(request))
        if path not in self.repositories or self.faults.blind:
            return Answer(404, b"no such repository")
        pushes = request.path.endswith("receive-pack") or "git-receive-pack" in request.query
        if pushes and (self.faults.denied or self.repositories[path].archived):
            return Answer(403, b"this token may not push")
        return self.git.answer(request, path)

    def _api(self, request: Request) -> Answer:
        body = self._body(request)
        self.calls.append(
            Called(
                request.method, request.path, request.query, request.headers.get("Authorization", ""), body
            )
        )
        try:
            told = self._checked(request, body)
        except Refusal as refusal:
            told = refusal.status, refusal.data, refusal.headers
        headers = dict(told[2]) if len(told) == 3 else {}
        if told[1] is None:
            return Answer(told[0], b"", headers)
        if isinstance(told[1], bytes):
            return Answer(told[0], told[1], {"Content-Type": "text/html", **headers})
        return json(told[0], told[1], headers)

    def _body(self, request: Request) -> Any:
        if not request.body:
            return None
        try:
            return orjson.loads(request.body)
        except orjson.JSONDecodeError:
            self.violations.append(f"{request.method} {request.path}: the body is no JSON")
            return None

    def _checked(self, request: Request, body: Any) -> Told:
        faults = self.faults
        if faults.redirect is not None:
            return 302, None, {"Location": faults.redirect + request.path}
        self.authorise(request)
        if faults.throttled > 0:
            faults.throttled -= 1
            raise self.throttled()
        if faults.broken > 0:
            faults.broken -= 1
            raise Refusal(502, b"<html>Bad Gateway</html>")
        if not request.path.startswith(f"{self.prefix}/"):
            self.violations.append(f"{request.method} {request.path}: is not below {self.prefix}")
            raise Refusal(404, b"<html>Not Found</html>")
        operation = self._rules.find(request.method, request.path.removeprefix(self.prefix))
        if operation is None or operation.spelt not in self._handlers:
            self.violations.append(f"{request.method} {request.path}: there is no such call")
            raise self.not_found()
        query = parse_qs(request.query, keep_blank_values=True)
        self._conform(request, operation, query, body)
        changes = request.method != "GET" and not operation.spelt.endswith("/wiql")
        if faults.blind:
            raise self.not_found()
        if faults.denied and changes and not operation.spelt.endswith("/access_tokens"):
            raise self.forbidden()
        last = {name: values[-1] for name, values in query.items()}
        told: Told = self._handlers[operation.spelt](
            self, Ask(operation.parameters, last, query, body, request)
        )
        if changes and faults.lost > 0:
            faults.lost -= 1
            raise Refusal(502, b"<html>Bad Gateway</html>")
        return told

    def _conform(
        self, request: Request, operation: Operation, query: Mapping[str, Sequence[str]], body: Any
    ) -> None:
        wrong = [*errors(operation, query, body), *self.headers(request, operation)]
        if wrong:
            self.violations += [f"{operation.spelt}: {one}" for one in wrong]
            raise self.invalid("; ".join(wrong))

    def headers(self, request: Request, operation: Operation) -> list[str]:
        """What a request's headers lack, in sentences."""
        wrong = [] if request.headers.get("User-Agent") else ["User-Agent is missing"]
        kinds = operation.said.get("consumes", ["application/json"])
        kind = request.headers.get("Content-Type", "").partition(";")[0]
        if request.body and kind not in kinds:
            wrong.append(f"Content-Type is {kind!r} instead of {kinds[0]}")
        return wrong

    # What a forge says of itself

    def tokens(self) -> set[str]:
        """The tokens that are valid."""
        return {self.token}

    def authorise(self, request: Request) -> None:
        """Raises Refusal where a request has no valid token."""
        raise NotImplementedError

    def throttled(self) -> Refusal:
        """The answer to who asks too often."""
        after = self.faults.retry_after
        return Refusal(429, {"message": "Too Many Requests"}, {} if after is None else {"Retry-After": after})

    def not_found(self) -> Refusal:
        """The answer where there is nothing, or nothing to be seen."""
        return Refusal(404, {"message": "Not Found"})

    def forbidden(self) -> Refusal:
        """The answer to who may not."""
        return Refusal(403, {"message": "Forbidden"})

    def invalid(self, why: str) -> Refusal:
        """The answer to a request that the rules do not allow."""
        return Refusal(422, {"message": why})

    # What is alike

    def found(self, path: str) -> Repo:
        """A repository, as it stands. Raises Refusal."""
        for known, repo in self.repositories.items():
            if known.lower() == path.lower():
                repo.refresh(closes=self.closes_without_branch)
                return repo
        raise self.not_found()

    def per_page(self, asked: str | None) -> int:
        """How many a page has."""
        return min(int(asked) if asked and asked.isdecimal() and int(asked) else 30, self.page)


def branch_name(text: str) -> str:
    """A branch by its ref or name."""
    return unquote(text).removeprefix("refs/heads/")
