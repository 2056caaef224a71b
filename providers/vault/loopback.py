"""A small Vault on loopback, for what OpenBao has no plugin of: the ways in by an identity of AWS, Azure or
Google Cloud, and engines that lend credentials of theirs.

It checks what the real plugins check: AWS' signature by sending the signed request on to STS, tokens by their
signature, audience and time. Source: https://developer.hashicorp.com/vault/api-docs/auth/aws, …/azure, …/gcp.
"""

from __future__ import annotations

import base64
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import urllib3

from drift.loopback import Answer, Request, Server, json

#: Makes credentials for a lease; gives them, and what takes them away again.
Lend = Callable[[], tuple[Mapping[str, Any], Callable[[], None]]]


class Loopback:
    """A running Vault. ``sts`` is where AWS' signatures are checked, ``verify`` gives the claims of a token
    that is signed as it should be, ``engines`` what each path lends, for ``ttl`` seconds.

    ``leases`` are those that are open, ``tokens`` those that are valid, ``asked`` the calls so far.
    """

    def __init__(
        self,
        sts: str = "",
        verify: Callable[[str], Mapping[str, Any]] | None = None,
        engines: Mapping[str, Lend] | None = None,
        ttl: int = 3600,
    ) -> None:
        self._sts, self._verify, self._engines, self._ttl = sts, verify, dict(engines or {}), ttl
        self._http = urllib3.PoolManager(retries=False)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.tokens: set[str] = set()
        self.leases: dict[str, Callable[[], None]] = {}
        self.asked: list[str] = []
        self.server = Server(self._answer)
        self.url, self.close = self.server.url, self.server.close

    def _answer(self, request: Request) -> Answer:
        path = request.path.removeprefix("/v1/")
        with self._lock:
            self.asked.append(f"{request.method} {path}")
        body = orjson.loads(request.body) if request.body else {}
        if path.startswith("auth/") and path.endswith("/login"):
            return self._login(path.split("/")[1], body)
        if request.headers.get("X-Vault-Token") not in self.tokens:
            return _refused(403, "permission denied")
        if path == "auth/token/revoke-self":
            return self._revoked(str(request.headers.get("X-Vault-Token")))
        if path == "auth/token/renew-self":
            return json(200, {"auth": {"lease_duration": self._ttl, "renewable": True}})
        if path == "auth/token/lookup-self":
            return json(200, {"data": {"ttl": self._ttl, "renewable": True}})
        if path == "sys/leases/revoke" and body.get("lease_id") in self.leases:
            self.leases.pop(body["lease_id"])()
            return Answer(204, b"")
        if path == "sys/leases/renew" and body.get("lease_id") in self.leases:
            said = {"lease_id": body["lease_id"], "lease_duration": self._ttl, "renewable": True}
            return json(200, said)
        if path in self._engines:
            return self._lent(path)
        return _refused(404)

    def _login(self, mount: str, body: Mapping[str, Any]) -> Answer:
        checks = {"aws": self._by_aws, "azure": self._by_azure, "gcp": self._by_gcp}
        if mount not in checks or not checks[mount](body):
            return _refused(400, "invalid login")
        token = f"s.{next(self._numbers)}.of-{mount}"
        self.tokens.add(token)
        auth = {"client_token": token, "lease_duration": self._ttl, "renewable": True}
        return json(200, {"auth": auth})

    def _by_aws(self, body: Mapping[str, Any]) -> bool:
        """Whether STS knows who signed the request."""
        headers = orjson.loads(base64.b64decode(body["iam_request_headers"]))
        url = base64.b64decode(body["iam_request_url"]).decode()
        form = base64.b64decode(body["iam_request_body"]).decode()
        if parse_qs(form).get("Action") != ["GetCallerIdentity"]:
            return False
        host = str(urlsplit(url).hostname)
        if not host.startswith("sts.") or "AWS4-HMAC-SHA256 " not in str(headers.get("Authorization")):
            return False
        plain = {key: value[0] if isinstance(value, list) else value for key, value in headers.items()}
        answer = self._http.request(body["iam_http_request_method"], self._sts, body=form, headers=plain)
        return answer.status == 200 and b"GetCallerIdentityResult" in answer.data

    def _by_azure(self, body: Mapping[str, Any]) -> bool:
        claims = self._claims(body)
        return "oid" in claims and claims.get("aud") == "https://management.azure.com/"

    def _by_gcp(self, body: Mapping[str, Any]) -> bool:
        audience = str(self._claims(body).get("aud"))
        return audience in (f"vault/{body['role']}", f"http://vault/{body['role']}")

    def _claims(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._verify is None:
            return {}
        try:
            claims = self._verify(body["jwt"])
        except ValueError:
            return {}
        return claims if claims.get("exp", 0) > time.time() else {}

    def _lent(self, path: str) -> Answer:
        data, gone = self._engines[path]()
        lease = f"{path}/{next(self._numbers)}"
        self.leases[lease] = gone
        said = {"lease_id": lease, "lease_duration": self._ttl, "renewable": True, "data": dict(data)}
        return json(200, said)

    def _revoked(self, token: str) -> Answer:
        """A token ends, and with it what it was lent."""
        self.tokens.discard(token)
        while self.leases:
            self.leases.popitem()[1]()
        return Answer(204, b"")


def _refused(status: int, *errors: str) -> Answer:
    return json(status, {"errors": list(errors)})
