"""The ``http`` backend: a state behind a URL (GitLab, Artifactory, a server of one's own).

Source: https://developer.hashicorp.com/terraform/language/backend/http. A server answers 404 or 204 where
there is no state yet. Proxies come from the environment, as Terraform takes them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from drift import bounded_http
from drift.backend import BaseBackend, Stored
from drift.deadline import Deadline
from drift.errors import ConfigError, DeclaredError
from drift.limits import Limits

_CHUNK = 1 << 18
_REDIRECTS = 5
#: Of a state, which goes to a file.
_LIMITS = Limits(answer_bytes=4 * 2**30, answer_seconds=600.0)


class HttpBackend(BaseBackend):
    name = "http"
    schemes = ("http", "https")

    def configuration(self, url: str) -> Mapping[str, Any]:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        if not host:
            raise ConfigError(f"{url}: names no host")
        said: dict[str, Any] = {"address": urlunsplit(parts._replace(netloc=host))}
        if parts.username:
            said["username"], said["password"] = unquote(parts.username), unquote(parts.password or "")
        return said

    def shown(self, stored: Stored, workspace: str) -> str:
        return without_secrets(_address(stored) or "http backend without an address")

    def read(self, stored: Stored, workspace: str) -> Iterator[bytes]:
        address = _address(stored)
        if not address or not address.startswith(("http://", "https://")):
            raise DeclaredError("`address` names no URL; say it, or set TF_HTTP_ADDRESS")
        user = stored.said("username", os.environ.get("TF_HTTP_USERNAME"))
        password = stored.said("password", os.environ.get("TF_HTTP_PASSWORD"))
        own = (stored.said("username"), stored.said("password"))
        if stored.said("address") and (user, password) != own:
            stored.lend("the login of TF_HTTP_USERNAME and TF_HTTP_PASSWORD", urlsplit(address).hostname)
        headers = urllib3.make_headers(basic_auth=f"{user}:{password or ''}") if user else {}
        extra = stored.config.get("headers")
        if isinstance(extra, Mapping):
            headers.update({str(key): str(value) for key, value in extra.items()})
        verify = stored.config.get("skip_cert_verification") not in (True, "true")
        yield from body(
            address,
            headers,
            stored,
            verify=verify,
            ca=stored.said("client_ca_certificate_pem"),
            refused="give username and password (TF_HTTP_USERNAME, TF_HTTP_PASSWORD)",
        )


def _address(stored: Stored) -> str | None:
    return stored.said("address", os.environ.get("TF_HTTP_ADDRESS"))


def without_secrets(url: str) -> str:
    """A URL without user, password and query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def body(
    url: str,
    headers: Mapping[str, str],
    stored: Stored,
    *,
    verify: bool = True,
    ca: str | None = None,
    refused: str = "",
) -> Iterator[bytes]:
    """What a GET answers, piece by piece. Headers go to the host of ``url`` alone: a redirect to another one
    is followed without them. Raises DeclaredError."""
    seconds = stored.seconds
    timeout = urllib3.Timeout(connect=min(seconds, 10.0), read=seconds)
    try:
        response = _answered(url, dict(headers), timeout, stored.deadline, verify=verify, ca=ca)
        with response:
            if response.status in (401, 403):
                advice = f"; {refused}" if refused else ""
                raise DeclaredError(f"HTTP {response.status} {response.reason}{advice}")
            if response.status in (204, 404):
                raise DeclaredError(f"HTTP {response.status}: there is no state; correct the address")
            if response.status != 200:
                raise DeclaredError(f"HTTP {response.status} {response.reason}")
            yield from response.stream(_CHUNK, decode_content=True)
    except urllib3.exceptions.HTTPError as error:
        raise DeclaredError(_why(error, seconds)) from error


def _answered(
    url: str,
    headers: dict[str, str],
    timeout: urllib3.Timeout,
    deadline: Deadline,
    *,
    verify: bool,
    ca: str | None,
) -> urllib3.BaseHTTPResponse:
    home = urlsplit(url)[:2]
    for _ in range(_REDIRECTS):
        manager = _manager(url, deadline, verify=verify, ca=ca)
        own = headers if urlsplit(url)[:2] == home else {}
        retries = urllib3.Retry(
            connect=1, read=1, status=2, status_forcelist=(429, 502, 503, 504), redirect=False,
            backoff_factor=0.2, raise_on_status=False, respect_retry_after_header=False,
        )  # fmt: skip
        response = manager.request(
            "GET", url, headers=own, timeout=timeout, retries=retries, preload_content=False, redirect=False
        )
        onward = response.get_redirect_location()
        if not onward:
            return response
        response.close()
        url = urljoin(url, onward)
        if not url.startswith(("http://", "https://")):
            raise DeclaredError(f"it redirects to {without_secrets(url)}, which is no http")
    raise DeclaredError(f"it redirects more than {_REDIRECTS} times")


def _manager(url: str, deadline: Deadline, *, verify: bool, ca: str | None) -> urllib3.PoolManager:
    said: dict[str, Any] = {} if verify else {"cert_reqs": "CERT_NONE", "assert_hostname": False}
    if ca:
        said["ca_cert_data"] = ca
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
    manager = urllib3.ProxyManager(proxy, **said) if proxy else urllib3.PoolManager(**said)
    manager.pool_classes_by_scheme = bounded_http.pools(_LIMITS, deadline)
    return manager


def _why(error: urllib3.exceptions.HTTPError, seconds: float) -> str:
    cause: BaseException = getattr(error, "reason", None) or error
    if isinstance(cause, urllib3.exceptions.TimeoutError):
        return f"no answer within {seconds:.0f} s"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return f"the download broke off: {error}"
    return str(cause)
