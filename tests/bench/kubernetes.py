"""Reading a loopback cluster of 20,000 objects of 30 kinds, against a bare client that lists the same pages.

The server is a process of its own. The bare client has the same threads, page size and gzip; it parses each
page, as any client must to follow `continue`, and throws it away. Memory is the peak of `drift snapshot` as a
process, of ten times as many objects against as many.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import urllib3

from drift.config.model import parse
from drift.scan import Run
from tests.bench.timing import paired

OBJECTS = 20_000
KINDS = 30
PAGE = 500
THREADS = 8


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(folder, OBJECTS) as url:
            bare = Bare(url)
            found = len(snapshot(folder))
            result = paired(lambda: snapshot(folder), bare.run, runs=5)
            print(f"kubernetes: {found} objects, {bare.pages} pages, {bare.bytes / 1e6:.0f} MB")
            print(result.line("kubernetes", "live reading", "bare client", "at most 1.5"))
            small = _peak(folder)
        if os.environ.get("BENCH_MEMORY", "1") == "1":
            with served(folder, OBJECTS * 10):
                large = _peak(folder)
            print(
                f"kubernetes: peak memory of drift snapshot {small:.0f} MB for {OBJECTS} objects, "
                f"{large:.0f} MB for {OBJECTS * 10}: {large / small:.2f} (goal at most 2)"
            )


def snapshot(folder: Path) -> Any:
    """What `drift snapshot` reads."""
    text = f"version: 1\nlive:\n  kubernetes: {{kubeconfig: {folder}/kubeconfig}}\n"
    return Run(parse(text, "drift.yaml", folder, None, os.environ)).snapshot()[0]


class Bare:
    """The client that somebody would write to list everything."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages = self.bytes = 0
        self._lock = threading.Lock()

    def run(self) -> None:
        self.pages = self.bytes = 0
        pool = urllib3.PoolManager(maxsize=THREADS)
        listed = [f"{root}/{name}" for root in ("api", "apis") for name in self._plurals(pool, root)]
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(lambda path: self._list(pool, path), listed))

    def _plurals(self, pool: urllib3.PoolManager, root: str) -> Iterator[str]:
        accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        answer = pool.request("GET", f"{self.url}/{root}", headers={"Accept": accept})
        for group in json.loads(answer.data)["items"]:
            seen: set[str] = set()
            for version in group["versions"]:
                for one in version["resources"]:
                    if one["resource"] not in seen and one["responseKind"]["kind"] != "Event":
                        seen.add(one["resource"])
                        api = [group["metadata"].get("name"), version["version"], one["resource"]]
                        yield "/".join(part for part in api if part)

    def _list(self, pool: urllib3.PoolManager, path: str) -> None:
        token = ""
        while True:
            url = f"{self.url}/{path}?limit={PAGE}" + (f"&continue={quote(token)}" if token else "")
            answer = pool.request("GET", url, headers={"Accept-Encoding": "gzip"})
            token = json.loads(answer.data)["metadata"].get("continue")
            with self._lock:
                self.pages += 1
                self.bytes += len(answer.data)
            if not token:
                return


@contextlib.contextmanager
def served(folder: Path, objects: int) -> Iterator[str]:
    command = [sys.executable, "-m", "providers.kubernetes.loopback", str(folder / "kubeconfig")]
    command += ["--objects", str(objects), "--kinds", str(KINDS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def _peak(folder: Path) -> float:
    """MB that `drift snapshot` needs at most; the largest child of a process that has no other."""
    (folder / "drift.yaml").write_text(
        f"version: 1\nlive:\n  kubernetes: {{kubeconfig: {folder}/kubeconfig}}\n"
    )
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
        "stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    command = [sys.executable, "-m", "drift", "snapshot", "-q", "-c", str(folder / "drift.yaml")]
    done = subprocess.run(
        [sys.executable, "-c", code, *command, "-o", str(folder / "live.jsonl.gz")],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout.split()[-1])
