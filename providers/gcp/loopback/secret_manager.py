"""Secret Manager on loopback, as far as versions are read.

Source: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from drift.loopback import Answer, Counts, Request, Server, json

_PATH = re.compile(
    r"/v1/projects/(?P<project>[^/]+)/secrets/(?P<name>[^/]+)/versions/(?P<version>[^/:]+):access"
)


class LoopbackSecrets:
    """A running service. ``secrets`` are the versions, from 1 on, of each (project, name); None for one that
    is destroyed. ``denied`` are names that may not be read; ``throttled`` calls are refused first,
    ``broken`` ones fail."""

    def __init__(
        self,
        secrets: Mapping[tuple[str, str], list[bytes | None]],
        throttled: int = 0,
        broken: int = 0,
    ) -> None:
        self.secrets, self.throttled, self.broken = secrets, throttled, broken
        self.denied: set[str] = set()
        self.calls = Counts()
        self._server = Server(self._answer)
        self.url, self.close = self._server.url, self._server.close

    def _answer(self, request: Request) -> Answer:
        number = self.calls.add("all")
        if number <= self.throttled:
            return _error(429, "RESOURCE_EXHAUSTED", "Quota exceeded")
        if number <= self.throttled + self.broken:
            return _error(503, "UNAVAILABLE", "The service is currently unavailable.")
        found = _PATH.fullmatch(request.path)
        if request.method != "GET" or found is None:
            return _error(404, "NOT_FOUND", "no such method")
        if found["name"] in self.denied:
            return _error(403, "PERMISSION_DENIED", f"Permission denied on {found['name']}")
        versions = self.secrets.get((found["project"], found["name"]), [])
        number = len(versions) if found["version"] == "latest" else int(found["version"])
        if not 1 <= number <= len(versions):
            return _error(404, "NOT_FOUND", f"Secret [{found['name']}] not found or has no versions.")
        value = versions[number - 1]
        if value is None:
            return _error(400, "FAILED_PRECONDITION", f"{found['name']} is in DESTROYED state.")
        name = request.path.removeprefix("/v1/").removesuffix(":access")
        return json(200, {"name": name, "payload": {"data": base64.b64encode(value).decode()}})


def _error(status: int, code: str, message: str) -> Answer:
    return json(status, {"error": {"code": status, "message": message, "status": code}})
