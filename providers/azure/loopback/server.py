"""The loopback Azure's HTTP server."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import orjson

from drift.loopback import Answer, Request, Server, json
from providers.azure.loopback.faults import Faults
from providers.azure.loopback.gate import Refusal
from providers.azure.loopback.service import Service
from providers.azure.loopback.store import Store

_GRAPH = "/providers/microsoft.resourcegraph/resources"


class Loopback:
    """A running Azure. ``calls`` are (method, path, query) of all that was asked."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store, self.faults = store, faults
        self.service = Service(store, faults)
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self.http = Server(self.answer)
        self.url, self.close = self.http.url, self.http.close

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        query = {name.replace("$skipToken", "$skiptoken"): value for name, value in parse_qsl(request.query)}
        self.calls.append((request.method, request.path, query))
        headers: Mapping[str, str] = {}
        try:
            if request.method == "GET":
                told = self.service.get(request.path, query, f"http://{request.headers['Host']}")
            elif request.method == "POST" and request.path.lower() == _GRAPH:
                told, headers = self.service.graph(orjson.loads(request.body), query)
            elif request.method == "POST" and request.path.endswith("/list"):
                told = self.service.list_action(request.path, query)
            else:
                raise Refusal(405, "MethodNotAllowed", "This Azure is only read.")
        except Refusal as refusal:
            error = {"code": refusal.code, "message": refusal.message}
            return json(refusal.status, {"error": error}, refusal.headers)
        return json(200, told, headers)
