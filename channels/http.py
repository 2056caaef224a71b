"""One request over HTTP for channels: bounded, through the proxy of the environment, never redirected."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import urllib3

from drift import bounded_http
from drift.channel import ChannelError
from drift.deadline import Cut, Deadline
from drift.limits import Limits

#: How long one request may take.
SECONDS = 60.0


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    deadline: Deadline,
    *,
    ca: str | None = None,
    shown: str | None = None,
) -> None:
    """Sends a body. Raises ChannelError for any answer but 2xx; ``shown`` is how messages call the address,
    which may be a secret."""
    where = shown or _shown(url)
    limits = Limits()
    try:
        timeout = urllib3.Timeout(connect=deadline.within(10), read=deadline.within(SECONDS))
        with _manager(url, ca) as manager:
            manager.pool_classes_by_scheme = bounded_http.pools(limits, deadline)
            answer = manager.request(
                "POST",
                url,
                body=body,
                headers=dict(headers),
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            said = bounded_http.body(answer, limits)[:200].decode("utf-8", "replace")
    except Cut as error:
        raise ChannelError(f"{where}: {error.message}", temporary=True) from None
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        told = f"{type(error).__name__}" if shown else f"{error}"
        raise ChannelError(f"{where}: can't be reached: {told}", temporary=True) from None
    if not 200 <= answer.status < 300:
        told = f"{answer.status} {' '.join(said.split())}".strip()
        raise ChannelError(f"{where}: {told}", temporary=answer.status == 429 or answer.status >= 500)


def _manager(url: str, ca: str | None) -> Any:
    more: dict[str, Any] = {} if ca is None else {"ca_certs": ca}
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, **more)
    return urllib3.PoolManager(**more)


def _shown(url: str) -> str:
    """An address without what logs in at it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
