"""A key vault on loopback, as far as secrets are read.

Source: https://learn.microsoft.com/en-us/rest/api/keyvault/secrets/get-secret/get-secret.
"""

from __future__ import annotations

from collections.abc import Mapping

from drift.loopback import Answer, Counts, Request, Server, json


class LoopbackVault:
    """A running vault. ``secrets`` are its secrets by name, each with its versions by name, the current one
    last; ``denied`` are names that may not be read, ``disabled`` those that are off; ``throttled`` calls are
    refused first, ``broken`` ones fail."""

    def __init__(self, secrets: Mapping[str, Mapping[str, str]], throttled: int = 0, broken: int = 0) -> None:
        self.secrets = secrets
        self.denied: set[str] = set()
        self.disabled: set[str] = set()
        self.throttled, self.broken = throttled, broken
        self.calls = Counts()
        self._server = Server(self._answer)
        self.url, self.close = self._server.url, self._server.close

    def _answer(self, request: Request) -> Answer:
        number = self.calls.add("all")
        if number <= self.throttled:
            return _error(429, "Throttled", {"Retry-After": "0"})
        if number <= self.throttled + self.broken:
            return _error(503, "ServiceUnavailable")
        parts = request.path.strip("/").split("/")
        if request.method != "GET" or parts[0] != "secrets" or "api-version=" not in request.query:
            return _error(400, "BadParameter")
        versions = self.secrets.get(parts[1])
        version = parts[2] if len(parts) > 2 else next(reversed(list(versions or {})), "")
        if parts[1] in self.denied:
            return _error(403, "Forbidden")
        if versions is None or version not in versions:
            return _error(404, "SecretNotFound")
        if parts[1] in self.disabled:
            return _error(403, "SecretDisabled")
        said = {"value": versions[version], "id": f"{self.url}/secrets/{parts[1]}/{version}"}
        return json(200, {**said, "attributes": {"enabled": True}})


def _error(status: int, code: str, headers: Mapping[str, str] | None = None) -> Answer:
    return json(status, {"error": {"code": code, "message": f"{code}: of the vault"}}, headers)
