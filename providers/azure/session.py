"""The clients of Azure's APIs, and how a call is made: once more where that may help, and never a change.

The vendor's clients register resource providers by themselves when an answer asks for it; that is a change of
the subscription, so the policy that does it is left out of the pipeline here.
"""

from __future__ import annotations

import functools
import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from drift.bounded_http import awaited, session
from drift.deadline import Cut, Deadline
from drift.errors import CellError, CredentialsError
from drift.limits import Limits, Pages
from drift.login import logged_in
from providers.azure.failures import answer, explain
from providers.azure.settings import Settings

#: Versions of the APIs that belong to no resource type that anybody declares.
SUBSCRIPTIONS = "2022-12-01"
GROUPS = "2020-05-01"
RESOURCES = "2021-04-01"
_CLOUDS = {
    "public": "AZURE_PUBLIC_CLOUD",
    "government": "AZURE_US_GOVERNMENT",
    "china": "AZURE_CHINA_CLOUD",
}
#: How azure-identity says what each way of logging in said.
_WAY = re.compile(r"^\t(\w+?)Credential: (.*)$", re.MULTILINE)
_AUTHORITIES = {
    "public": "AZURE_PUBLIC_CLOUD",
    "government": "AZURE_GOVERNMENT",
    "china": "AZURE_CHINA",
}


class Session:
    """One run's clients. Raises CredentialsError where there is nothing to identify with."""

    def __init__(
        self, settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
    ) -> None:
        self.settings = settings
        self.deadline, self.limits = deadline or Deadline(), limits or Limits()
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._import()
        from azure.core import AzureClouds
        from azure.mgmt.core.tools import get_arm_endpoints

        self.cloud = AzureClouds[_CLOUDS[settings.cloud]]
        known = get_arm_endpoints(self.cloud)
        self.base = (settings.endpoint or str(known["resource_manager"])).rstrip("/")
        self._scopes = list(known["credential_scopes"])
        self.anonymous = self.base.startswith("http://")
        if self.anonymous and urlsplit(self.base).hostname not in ("127.0.0.1", "localhost", "::1"):
            raise CredentialsError(
                f"azure: endpoint: {self.base}: only a loopback address may be asked without https"
            )
        self._login = session(self.limits, self.deadline)
        self._credential = _Nobody() if self.anonymous else self._identify()
        #: The header ``Date`` of the newest answer.
        self.date: str | None = None

    @staticmethod
    def _import() -> None:
        try:
            import azure.identity
            import azure.mgmt.resource.resources
            import azure.mgmt.resourcegraph  # noqa: F401 - said now where it is missing
        except ImportError as error:
            raise CredentialsError(
                f"azure: the package {error.name} is missing: pip install 'driftline[azure]'"
            ) from error

    def _identify(self) -> Any:
        from azure.identity import AzureAuthorityHosts, DefaultAzureCredential

        if self.settings.credentials is not None:
            return self._lent(self.settings.credentials)
        authority = getattr(AzureAuthorityHosts, _AUTHORITIES[self.settings.cloud])
        said: dict[str, Any] = {"authority": authority}
        if self.settings.tenant:
            said["additionally_allowed_tenants"] = [self.settings.tenant]
            said["workload_identity_tenant_id"] = self.settings.tenant
        logging.getLogger("azure.identity").setLevel(logging.ERROR)  # what it warns of is in what it raises
        credential = DefaultAzureCredential(transport=self._transport(self._login), **said)
        return _InTenant(credential, self.settings.tenant) if self.settings.tenant else credential

    def _lent(self, secret: Any) -> Any:
        """Who a secret of the configuration says."""
        from azure.identity import AzureAuthorityHosts, ClientSecretCredential

        from providers.azure.lent import LentCredential

        authority = getattr(AzureAuthorityHosts, _AUTHORITIES[self.settings.cloud])

        def make(tenant: str, client: str, secret: str) -> Any:
            return ClientSecretCredential(
                tenant, client, secret, authority=authority, transport=self._transport(self._login)
            )

        return LentCredential(secret, self.settings.tenant, make)

    def identify(self) -> None:
        """Asks for a token. Raises CredentialsError where there is nothing to identify with."""
        from azure.core.exceptions import ClientAuthenticationError

        if self.anonymous:
            return
        try:
            self._log_in(*self._scopes)
        except ClientAuthenticationError as error:
            text = _tried(str(error.message or error))
            raise CredentialsError(f"azure: no way of logging in works: {text[:1000]}") from error

    def token(self, *scopes: str) -> str:
        """The token that logs in, once :meth:`identify` has had one; or one for another of Azure's services.
        Raises what the SDK raises."""
        if self.anonymous:
            return ""
        return str(self._log_in(*(scopes or self._scopes)).token)

    def _log_in(self, *scopes: str) -> Any:
        """An access token. Raises CredentialsError where none comes in time, and what the SDK raises."""
        seconds = min(self.settings.timeout, self.limits.login_seconds)
        ask = functools.partial(self._credential.get_token, *scopes)
        return logged_in("azure", ask, self.deadline, seconds, lambda: awaited(self._login))

    def _policies(self) -> list[Any]:
        """A pipeline that only asks, and asks again where an answer says when (``Retry-After``) or breaks
        off."""
        from azure.core.pipeline import policies
        from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

        retry = _retry()(
            self.deadline,
            self.limits,
            retry_total=self.settings.max_attempts - 1,
            retry_connect=self.settings.max_attempts - 1,
            retry_read=self.settings.max_attempts - 1,
            retry_status=self.settings.max_attempts - 1,
            retry_backoff_max=60,
        )
        found: list[Any] = [
            policies.RequestIdPolicy(),
            policies.UserAgentPolicy("drift"),
            policies.ProxyPolicy(),
            policies.ContentDecodePolicy(),
            retry,
            policies.CustomHookPolicy(),
        ]
        if not self.anonymous:
            found.append(ARMChallengeAuthenticationPolicy(self._credential, *self._scopes))
        return found

    def _transport(self, own: Any = None) -> Any:
        """What sends the calls: requests, with answers that are bounded; by a session of its ``own``."""
        from azure.core.pipeline.transport import RequestsTransport

        return RequestsTransport(
            session=own or session(self.limits, self.deadline),
            session_owner=False,
            connection_timeout=self.settings.timeout,
            read_timeout=self.settings.timeout,
        )

    def _client(self, name: str, make: Any) -> Any:
        with self._lock:
            if name not in self._clients:
                self._clients[name] = make()
            return self._clients[name]

    def resources(self, subscription: str) -> Any:
        """azure-mgmt-resource for one subscription."""
        from azure.mgmt.resource.resources import ResourceManagementClient

        return self._client(
            subscription,
            lambda: ResourceManagementClient(
                self._credential,
                subscription,
                self.base,
                cloud_setting=self.cloud,
                policies=self._policies(),
                transport=self._transport(),
            ),
        )

    @property
    def graph(self) -> Any:
        """azure-mgmt-resourcegraph."""
        from azure.mgmt.resourcegraph import ResourceGraphClient

        return self._client(
            "graph",
            lambda: ResourceGraphClient(
                self._credential,
                self.base,
                cloud_setting=self.cloud,
                policies=self._policies(),
                transport=self._transport(),
            ),
        )

    def get(self, path: str, version: str, **query: str) -> Any:
        """The answer to one GET, as JSON. ``path`` begins with a slash, or is a next link. Raises
        CellError."""
        return self._send("GET", self._url(path, version, query))

    def pages(self, path: str, version: str, **query: str) -> Iterator[list[Any]]:
        """The members of a listing, page by page. Raises CellError."""
        url: str | None = self._url(path, version, query)
        turns = Pages(self.limits, f"GET {path.partition('?')[0]}")
        while url is not None:
            turns.turn(url)
            said = self._send("GET", url)
            members = said.get("value") if isinstance(said, Mapping) else None
            if not isinstance(members, list):
                raise CellError("failed", f"GET {_short(url)}: the answer is no list")
            yield members
            url = self._next(said.get("nextLink"))

    def secrets(self, path: str, version: str) -> Any:
        """What a resource's action ``list`` tells: secret settings that no GET gives. It reads, although it
        is a POST."""
        if not path.endswith("/list"):
            raise ValueError(path)
        return self._send("POST", self._url(path, version, {}))

    def _next(self, link: Any) -> str | None:
        if not link:
            return None
        if urlsplit(str(link)).netloc.lower() != urlsplit(self.base).netloc.lower():
            raise CellError(
                "failed", f"the next page of a listing is on another host: {urlsplit(str(link)).netloc}"
            )
        return str(link)

    def _url(self, path: str, version: str, query: Mapping[str, str]) -> str:
        said = {"api-version": version, **{name.replace("_", "$", 1): value for name, value in query.items()}}
        return f"{self.base}{path}?{urlencode(said)}"

    def _send(self, method: str, url: str) -> Any:
        from azure.core.exceptions import AzureError, HttpResponseError
        from azure.core.rest import HttpRequest
        from azure.mgmt.core.exceptions import ARMErrorFormat

        call = f"{method} {_short(url)}"
        client = self.resources("00000000-0000-0000-0000-000000000000")
        try:
            response = client.send_request(HttpRequest(method, url))
        except (AzureError, Cut) as error:
            raise explain(error, call) from error
        self.date = response.headers.get("Date")
        if response.status_code >= 400:
            raise answer(HttpResponseError(response=response, error_format=ARMErrorFormat), call)
        if response.status_code == 204:
            return {}
        try:
            return orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            raise CellError("failed", f"{call}: the answer is no JSON") from error


@functools.cache
def _retry() -> Any:
    from azure.core.pipeline.policies import RetryPolicy

    class Patient(RetryPolicy[Any, Any]):
        """Tries again within the run's time, and waits no longer than is sensible, whatever an answer asks
        for."""

        def __init__(self, deadline: Deadline, limits: Limits, **said: Any) -> None:
            super().__init__(**said)
            self._deadline, self._limits = deadline, limits

        def sleep(self, settings: Any, transport: Any, response: Any = None) -> None:
            asked = None if response is None else self.get_retry_after(response)
            self._deadline.sleep(self._limits.wait(asked or self.get_backoff_time(settings)))

    return Patient


def _tried(message: str) -> str:
    """What each way of logging in said, on one line, without the words in which the SDK wraps it."""
    ways = [
        f"{name}: {said.removeprefix(f'{name}Credential ').removeprefix('authentication ')}"
        for name, said in _WAY.findall(message)
    ]
    return " ".join("; ".join(ways).split() if ways else message.split())


class _InTenant:
    """A credential that asks for tokens of one tenant."""

    def __init__(self, credential: Any, tenant: str) -> None:
        self._credential, self._tenant = credential, tenant

    def get_token(self, *scopes: str, **said: Any) -> Any:
        return self._credential.get_token(*scopes, **{**said, "tenant_id": self._tenant})


class _Nobody:
    """The credential for a loopback server, which asks for none."""

    def get_token(self, *scopes: str, **_: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken("loopback", int(time.time()) + 3600)


def _short(url: str) -> str:
    """A URL's path, for people."""
    return urlsplit(url).path
