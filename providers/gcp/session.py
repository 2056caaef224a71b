"""The clients of Google's APIs, their quota, and how a call is made: once more where that may help, and never
a change."""

from __future__ import annotations

import functools
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from drift import bounded_http
from drift.deadline import Cut, Deadline
from drift.errors import CellError, CredentialsError
from drift.limits import Limits, Pages, common
from drift.login import logged_in
from providers.gcp.failures import again, call_errors, explain, is_throttling
from providers.gcp.settings import Settings

#: ListAssets (https://cloud.google.com/asset-inventory/docs/quota): calls a minute of one project that pays
#: for them.
CALLS_A_MINUTE = 100
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class Quota:
    """Goes at full speed until several projects were refused for it, for quotas can be raised; from then on
    makes at most so many calls in each minute, whichever thread makes them. One refused project alone waits
    by itself. Where other processes read for the same run, it takes its part of these calls
    (:data:`drift.limits.common`), from the first refusal on."""

    def __init__(
        self, calls: int = CALLS_A_MINUTE, seconds: float = 60.0, deadline: Deadline | None = None
    ) -> None:
        self._deadline = deadline or Deadline()
        self.calls, self.seconds = calls, seconds
        self._made: deque[float] = deque(maxlen=calls)
        self._refused: set[str] = set()
        self._lock = threading.Lock()

    def refused(self, parent: str) -> None:
        """A call about a project, folder or organization was one too many."""
        with self._lock:
            self._refused.add(parent)

    def wait(self, deadline: Deadline | None = None) -> None:
        """Returns when one more call may be made, by the clock of whoever asks."""
        while (delay := self._delay()) > 0:
            (deadline or self._deadline).sleep(delay)

    def _delay(self) -> float:
        with self._lock:
            now, calls = time.monotonic(), max(1, int(self.calls * common.part))
            if len(self._refused) > (common.part == 1) and len(self._made) >= calls:
                left = self.seconds - (now - self._made[-calls])
                if left > 0:
                    return left
            self._made.append(now)
            return 0.0


class Session:
    """One run's clients. Raises CredentialsError where there is nothing to identify with."""

    def __init__(
        self, settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
    ) -> None:
        self.settings = settings
        self.deadline, self.limits = deadline or Deadline(), limits or Limits()
        payer = settings.endpoint, settings.quota_project
        self.quota = common.one(("gcp", *payer), lambda: Quota(deadline=self.deadline))
        #: The project that the credential itself belongs to.
        self.own_project: str | None = None
        self._address = _Address(settings.endpoint, self.limits, self.deadline)
        self._login = bounded_http.session(self.limits, self.deadline)
        self._credentials = self._identify()
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def _identify(self) -> Any:
        try:
            import google.auth
            import google.cloud.asset_v1
            import google.cloud.resourcemanager_v3  # noqa: F401 - said now where it is missing
        except ImportError as error:
            raise CredentialsError(
                f"gcp: the package {error.name} is missing: pip install 'driftline[gcp]'"
            ) from error
        from google.auth.credentials import AnonymousCredentials
        from google.auth.exceptions import GoogleAuthError

        if self._address.anonymous:
            return AnonymousCredentials()
        if self.settings.credentials is not None:
            from providers.gcp.lent import LentCredentials

            given = LentCredentials(self.settings.credentials, [_SCOPE], self.settings.quota_project)
            self.own_project = given.project
            return given
        try:
            credentials, self.own_project = self._log_in(
                lambda: google.auth.default(
                    scopes=[_SCOPE], quota_project_id=self.settings.quota_project, request=self._request()
                )
            )
        except GoogleAuthError as error:
            raise CredentialsError(f"gcp: {' '.join(str(error).split())}") from error
        return credentials

    def _request(self) -> Any:
        """What credentials are renewed by."""
        from google.auth.transport.requests import Request

        return Request(session=self._login)

    def _log_in(self, ask: Callable[[], Any]) -> Any:
        """What ``ask`` gives, which may ask for credentials. Raises CredentialsError where nothing comes in
        time, and what the SDK raises."""
        seconds = min(self.settings.timeout, self.limits.login_seconds)
        return logged_in("gcp", ask, self.deadline, seconds, lambda: bounded_http.awaited(self._login))

    def log_in(self) -> None:
        """Has a token, once for the run. Raises CredentialsError."""
        from google.auth.exceptions import GoogleAuthError

        if self._address.anonymous or self._credentials.valid:
            return
        try:
            self._log_in(lambda: self._credentials.refresh(self._request()))
        except GoogleAuthError as error:
            raise CredentialsError(f"gcp: {' '.join(str(error).split())}") from error

    @property
    def assets(self) -> Any:
        """Cloud Asset."""
        from google.cloud.asset_v1 import AssetServiceClient

        return self._client("assets", AssetServiceClient)

    @property
    def projects(self) -> Any:
        """Resource Manager's projects."""
        from google.cloud.resourcemanager_v3 import ProjectsClient

        return self._client("projects", ProjectsClient)

    @property
    def folders(self) -> Any:
        """Resource Manager's folders."""
        from google.cloud.resourcemanager_v3 import FoldersClient

        return self._client("folders", FoldersClient)

    @property
    def organizations(self) -> Any:
        """Resource Manager's organizations."""
        from google.cloud.resourcemanager_v3 import OrganizationsClient

        return self._client("organizations", OrganizationsClient)

    def allowed(self, place: str, permissions: Sequence[str]) -> set[str]:
        """Which permissions one has at a project, folder or organization. It reads, although it is a POST.
        Raises CellError.

        Source: https://cloud.google.com/resource-manager/reference/rest/v3/projects/testIamPermissions.
        """
        clients = {"projects": self.projects, "folders": self.folders, "organizations": self.organizations}
        client = clients[place.partition("/")[0]]
        request = {"resource": place, "permissions": list(permissions)}
        answer = self.call(f"TestIamPermissions of {place}", client.test_iam_permissions, request)
        return set(answer.permissions)

    def clock(self, host: str) -> str | None:
        """The header ``Date`` of an answer of a host that asks for no login; None where it can't be had."""
        import requests

        address = self._address.of(host)
        if address is None:
            return None
        try:
            with bounded_http.session(self.limits, self.deadline) as session:
                answer = session.get(address, timeout=self.deadline.within(self.settings.timeout))
        except (requests.RequestException, Cut):
            return None
        said: str | None = answer.headers.get("Date")
        return said

    def identity(self) -> tuple[str, float | None]:
        """(who one is, when the token ends) as far as the credential tells; the token is had first. Raises
        CredentialsError."""
        credentials = self._credentials
        if self._address.anonymous:
            return "", None
        self.log_in()
        names = ("service_account_email", "signer_email", "account")
        name = next((str(one) for one in (getattr(credentials, each, None) for each in names) if one), "")
        ends = getattr(credentials, "expiry", None)
        return name, None if ends is None else ends.replace(tzinfo=UTC).timestamp()

    def _client(self, name: str, client: Any) -> Any:
        with self._lock:
            if name not in self._clients:
                self._clients[name] = self._address.client(client, self._credentials)
            return self._clients[name]

    def call(
        self,
        what: str,
        method: Callable[..., Any],
        request: Any,
        *,
        counted: str = "",
        by_rest: bool = False,
    ) -> Any:
        """The answer of one call, for at most ``max_attempts`` tries. Raises CellError.

        ``what`` names it for people. ``counted``: Cloud Asset's quota counts it; what it is about.
        ``by_rest``: it goes by a bounded session, which counts it as a call itself.
        """
        grpc = not by_rest and self._address.scheme != "http"
        errors = call_errors()
        for tries in range(1, self.settings.max_attempts + 1):
            if counted:
                self.quota.wait(self.deadline)
            try:
                timeout = self.deadline.within(self.settings.timeout)
                if grpc:
                    self.deadline.call()
                return method(request=request, retry=None, timeout=timeout)
            except Cut as error:
                raise error.of(what) from error
            except errors as error:
                if counted and is_throttling(error):
                    self.quota.refused(counted)
                delay = again(error, tries)
                if delay is None or tries == self.settings.max_attempts:
                    raise explain(error, what) from error
                wait = self.limits.wait(delay) * random.uniform(0.9, 1.1)  # noqa: S311 - spreads the calls
                try:
                    self.deadline.sleep(wait)
                except Cut as cut:
                    raise cut.of(what) from error
        raise AssertionError(what)

    def pages(
        self, what: str, method: Callable[..., Any], request: Any, *, counted: str = ""
    ) -> Iterator[Any]:
        """The answers of a listing, page by page; each page is a call with tries of its own. Raises
        CellError."""
        turns = Pages(self.limits, what)
        while True:
            pager = self.call(what, method, request, counted=counted)
            page = next(iter(pager.pages))
            yield page
            if not page.next_page_token:
                return
            turns.turn(page.next_page_token)
            request.page_token = page.next_page_token

    def get_pages(self, host: str, path: str) -> Iterator[dict[str, Any]]:
        """The answers of a listing that has no client here, page by page, as JSON. Raises CellError."""
        return self._listed("GET", host, path, {})

    def read_pages(self, host: str, path: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The same of one that is asked by a body. It reads, although it is a POST."""
        if not path.endswith(":list"):
            raise ValueError(path)
        return self._listed("POST", host, path, body)

    def _listed(self, verb: str, host: str, path: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        address = self._address.of(host)
        if address is None:
            raise CellError("unsupported", f"{host} is not read through live.gcp.endpoint; it speaks no REST")
        from google.api_core.exceptions import from_http_response
        from google.auth.transport.requests import AuthorizedSession

        session = AuthorizedSession(self._credentials, auth_request=self._request())
        bounded_http.mount(session, self.limits, self.deadline)
        what = f"{verb} {path}"
        turns = Pages(self.limits, what)

        def ask(request: dict[str, Any], retry: None, timeout: float) -> dict[str, Any]:
            where = f"{address}/{path}"
            if verb == "GET":
                answer = session.get(where, params=request, timeout=timeout)
            else:
                answer = session.post(where, json=request, timeout=timeout)
            if answer.status_code != 200:
                raise from_http_response(answer)
            try:
                found = answer.json()
            except ValueError as error:
                raise CellError("failed", f"{what}: the answer is no JSON") from error
            if not isinstance(found, dict):
                raise CellError("failed", f"{what}: the answer is no JSON object")
            return found

        token: str | None = ""
        while token is not None:
            page = self.call(what, ask, {**body, **({"pageToken": token} if token else {})}, by_rest=True)
            yield page
            token = page.get("nextPageToken") or None
            if token is not None:
                turns.turn(token)


class _Address:
    """Where the APIs are: Google's own, ``https://…`` (a private link), or without credentials ``http://…``
    for REST and ``grpc://…`` for gRPC (a loopback server)."""

    def __init__(self, endpoint: str | None, limits: Limits, deadline: Deadline) -> None:
        self._limits, self._deadline = limits, deadline
        self.scheme, self.host = "", ""
        if endpoint is not None:
            parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
            self.scheme, self.host = parts.scheme, parts.netloc
            if self.scheme not in ("http", "https", "grpc") or not self.host:
                raise CredentialsError(
                    "gcp: endpoint: expected https://HOST, http://HOST:PORT or grpc://HOST:PORT, got "
                    f"{endpoint!r}"
                )

    @property
    def anonymous(self) -> bool:
        return self.scheme in ("http", "grpc")

    def of(self, host: str) -> str | None:
        """Where the REST API of a host is; None where it can't be reached."""
        if self.scheme == "grpc":
            return None
        return f"http://{self.host}" if self.scheme == "http" else f"https://{host}"

    def client(self, client: Any, credentials: Any) -> Any:
        if self.scheme == "http":
            transport = client.get_transport_class("rest")
            rest = transport(host=self.host, credentials=credentials, url_scheme="http")
            bounded_http.mount(rest._session, self._limits, self._deadline)
            rest._session.hooks["response"].append(_refuse_foreign)
            return client(transport=rest)
        if self.scheme == "grpc":
            import grpc

            options = [*self._options(), ("grpc.enable_http_proxy", 0)]
            plain = grpc.insecure_channel(self.host, options=options)
            return client(transport=client.get_transport_class("grpc")(channel=plain))
        elsewhere = {"api_endpoint": self.host} if self.host else None
        transport = client.get_transport_class("grpc")

        def channel(host: str, **said: Any) -> Any:
            return transport.create_channel(host, **{**said, "options": self._options()})

        return client(
            credentials=credentials,
            client_options=elsewhere,
            transport=functools.partial(transport, channel=channel),
        )

    def _options(self) -> list[tuple[str, int]]:
        """The SDK's own take an answer of any size."""
        return [
            ("grpc.max_send_message_length", -1),
            ("grpc.max_receive_message_length", self._limits.answer_bytes),
        ]


#: How a path ends → what its answer holds (google/cloud/asset/v1, google/cloud/resourcemanager/v3).
_MEMBERS = {
    "/assets": {"assets", "readTime"},
    ":searchAllResources": {"results"},
    ":testIamPermissions": {"permissions"},
    "/projects": {"projects"},
    "/projects:search": {"projects"},
    "/folders": {"folders"},
}


def _refuse_foreign(answer: Any, **_: Any) -> None:
    """A hook of requests. Raises CellError: the SDK's REST transport passes over members that it does not
    know, and makes a list of nothing of a body without any other. An empty object may be one: Google leaves
    out what is empty (https://protobuf.dev/programming-guides/json/)."""
    if answer.status_code != 200:
        return
    try:
        said = answer.json()
    except ValueError:
        return  # the SDK refuses it
    path = urlsplit(answer.url).path
    known = next((held for end, held in _MEMBERS.items() if path.endswith(end)), {"name"})
    if not isinstance(said, dict) or (said and not said.keys() & {*known, "nextPageToken"}):
        raise CellError("failed", f"GET {path}: the answer is another program's")
