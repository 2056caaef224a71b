"""`drift snapshot` of a loopback cluster of 107 kinds against `kubectl get` of them all: in one call, and
kind after kind.

The server is a process of its own, which waits before each answer as the way to a cluster takes. Both sides
are processes of their own, too, started anew each time; kubectl's cache of what is served is warm.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

#: About 2,700 objects.
SCALE = int(os.environ.get("BENCH_SCALE", "200"))
DELAYS = (0.005, 0.02)
PAIRS = int(os.environ.get("BENCH_PAIRS", "3"))


class Took(NamedTuple):
    """Seconds that passed, and of processor time."""

    passed: float
    worked: float


def main() -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        print("kubectl: not measured: there is no kubectl", file=sys.stderr)
        return
    for delay in DELAYS:
        with tempfile.TemporaryDirectory() as name:
            _measure(Path(name), kubectl, delay)


def _measure(folder: Path, kubectl: str, delay: float) -> None:
    with _cluster(folder, delay):
        asked = [kubectl, "--kubeconfig", "kubeconfig", "--cache-dir", "cache"]
        names = _kinds(asked, folder)
        get = [*asked, "get", "-A", "-o", "json", "--ignore-not-found"]
        ours, together, apart = [], [], []
        for number in range(PAIRS + 1):  # the first warms up
            taken = [_took([_SNAPSHOT], folder), _took([[*get, ",".join(names)]], folder)]
            if number:
                ours.append(taken[0])
                together.append(taken[1])
        apart.append(_took([[*get, one] for one in names], folder))
    print(
        f"kubectl: {len(names)} kinds, {delay * 1000:.0f} ms a request: drift snapshot {_told(ours)}; "
        f"kubectl get of all in one call {_told(together)}: {_ratio(ours, together):.2f} (goal at most 1.5); "
        f"kind after kind {_told(apart)}: {_ratio(ours[:1], apart):.2f}"
    )


def _ratio(ours: list[Took], other: list[Took]) -> float:
    return statistics.median(a.passed / b.passed for a, b in zip(ours, other, strict=True))


def _told(taken: list[Took]) -> str:
    passed, worked = (statistics.median(column) for column in zip(*taken, strict=True))
    return f"{passed:.2f} s, {worked:.2f} s of processor time"


_SNAPSHOT = [sys.executable, "-m", "drift", "snapshot", "-q", "-c", "drift.yaml", "-o", "live.jsonl"]


def _took(commands: list[list[str]], folder: Path) -> Took:
    """How long commands take, one after another."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.perf_counter() - started, worked)


def _kinds(asked: list[str], folder: Path) -> list[str]:
    """The names of all kinds that drift reads, as kubectl takes them."""
    command = [*asked, "api-resources", "--verbs", "list", "-o", "name"]
    listed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()
    return [one for one in listed if one.partition(".")[0] != "events"]


@contextlib.contextmanager
def _cluster(folder: Path, delay: float) -> Iterator[None]:
    (folder / "drift.yaml").write_text("version: 1\nlive:\n  kubernetes: {kubeconfig: kubeconfig}\n")
    command = [sys.executable, "-m", "providers.kubernetes.loopback", str(folder / "kubeconfig")]
    command += ["--crowd", str(SCALE), "--delay", str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            server.stdout.readline()
            yield
        finally:
            server.stdin.close()
