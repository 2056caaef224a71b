"""Reading 10,000 resources of a loopback Azure, against a bare loop over the SDK that makes the same calls.

The server is a process of its own. The bare loop has the same clients, page size and threads; it goes through
every resource that the SDK hands out, and throws it away.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from drift.config.model import parse
from drift.scan import Run
from providers.azure import children, graph, permissions
from providers.azure.session import Session
from providers.azure.settings import Settings
from tests.bench.timing import paired

RESOURCES = 10_000
SUBSCRIPTIONS = 4


def main() -> None:
    with served(RESOURCES, SUBSCRIPTIONS) as address:
        bare = Bare(address)
        found = len(snapshot(address))
        assert found >= RESOURCES
        result = paired(lambda: snapshot(address), bare.run, runs=5)
        print(
            f"azure: {RESOURCES} resources in {SUBSCRIPTIONS} subscriptions, {found} read, {bare.calls} calls"
        )
        print(result.line("azure", "live reading", "bare SDK loop", "at most 1.5"))


def snapshot(address: str) -> Any:
    """What `drift snapshot` reads."""
    text = f"version: 1\nlive:\n  azure: {{endpoint: '{address}'}}\n"
    return Run(parse(text, "drift.yaml", Path(), None, os.environ)).snapshot()[0]


class Bare:
    """The loop that somebody would write to list everything, with the vendor's clients."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.calls = 0

    def run(self) -> None:
        session = Session(
            Settings(endpoint=self.address)
        )  # the vendor's clients for a server without credentials
        asked = self._get(session, "/subscriptions", "2022-12-01")
        self.calls = 1
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda one: self._read(session, one["subscriptionId"]), asked))

    def _read(self, session: Session, subscription: str) -> None:
        from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

        token = None
        while True:
            options = QueryRequestOptions(top=1000, skip_token=token, result_format="objectArray")
            request = QueryRequest(subscriptions=[subscription], query=graph.QUERY, options=options)
            page = session.graph.resources(request)
            self.calls += 1
            for _ in page.data:
                pass
            token = page.skip_token
            if not token:
                break
        for _ in session.resources(subscription).resources.list():
            pass
        for _ in session.resources(subscription).resource_groups.list():
            pass
        where = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/permissions"
        self._get(session, where, permissions.VERSION)
        self.calls += 5
        for path, version, condition in children.SUBSCRIPTION_WIDE.values():
            query = {"_filter": condition} if condition else {}
            self._get(session, f"/subscriptions/{subscription}{path}", version, **query)
            self.calls += 1

    @staticmethod
    def _get(session: Session, path: str, version: str, **query: str) -> list[Any]:
        return [one for page in session.pages(path, version, **query) for one in page]


@contextlib.contextmanager
def served(resources: int, subscriptions: int) -> Iterator[str]:
    """The address of a server."""
    command = [sys.executable, "-m", "providers.azure.loopback"]
    command += ["--resources", str(resources), "--subscriptions", str(subscriptions)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


if __name__ == "__main__":
    main()
