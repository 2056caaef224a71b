"""Reading 10,000 assets of a loopback Google Cloud, against a bare loop over the SDK that makes the same
calls.

The server is a process of its own, reached over gRPC as Google is. The bare loop has the same clients, page
size and threads; it goes through every asset that the SDK hands out, and throws it away.
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
from tests.bench.timing import paired

ASSETS = 10_000
PROJECTS = 1
PAGE = 1000


def main() -> None:
    with served(ASSETS, PROJECTS) as address:
        bare = Bare(address)
        found = len(snapshot(address))
        assert found >= ASSETS
        result = paired(lambda: snapshot(address), bare.run, runs=5)
        print(f"gcp: {ASSETS} assets in {PROJECTS} project, {found} resources, {bare.calls} calls")
        print(result.line("gcp", "live reading", "bare SDK loop", "at most 1.5"))


def snapshot(address: str) -> Any:
    """What `drift snapshot` reads."""
    text = f"version: 1\nlive:\n  gcp: {{endpoint: '{address}'}}\n"
    return Run(parse(text, "drift.yaml", Path(), None, os.environ)).snapshot()[0]


class Bare:
    """The loop that somebody would write to list everything."""

    def __init__(self, address: str) -> None:
        self.host = address.removeprefix("grpc://")
        self.calls = 0

    def run(self) -> None:
        import grpc
        from google.cloud.asset_v1 import AssetServiceClient
        from google.cloud.resourcemanager_v3 import ProjectsClient

        self.calls = 1
        options = [("grpc.max_receive_message_length", -1)]
        with grpc.insecure_channel(self.host, options=options) as channel:
            projects = ProjectsClient(transport=ProjectsClient.get_transport_class("grpc")(channel=channel))
            assets = AssetServiceClient(
                transport=AssetServiceClient.get_transport_class("grpc")(channel=channel)
            )
            wanted = [
                (one.project_id, content)
                for one in projects.search_projects()
                for content in ("RESOURCE", "IAM_POLICY")
            ]
            with ThreadPoolExecutor(8) as threads:
                list(threads.map(lambda pair: self._list(assets, *pair), wanted))

    def _list(self, assets: Any, project: str, content: str) -> None:
        request = {"parent": f"projects/{project}", "content_type": content, "page_size": PAGE}
        for page in assets.list_assets(request=request).pages:
            self.calls += 1
            for _ in page.assets:
                pass


@contextlib.contextmanager
def served(assets: int, projects: int) -> Iterator[str]:
    """The address of a server's gRPC."""
    command = [
        sys.executable,
        "-m",
        "providers.gcp.loopback",
        "--assets",
        str(assets),
        "--projects",
        str(projects),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            server.stdout.readline()
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


if __name__ == "__main__":
    main()
