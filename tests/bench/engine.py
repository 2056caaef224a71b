"""One scan of many clusters, in one process against a scheduler and two workers of Dask.

A server of its own makes up clusters: ``BENCH_SCOPES`` of them with ``BENCH_RESOURCES`` ConfigMaps together,
all of which are declared, one in a hundred otherwise. Each of the processes counts its own processor time and
the peak of its memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import yaml

from drift.config.model import load
from drift.engine.manifests import SPARING
from drift.loopback import Answer, Request, Server
from drift.scan import Run

SCOPES = int(os.environ.get("BENCH_SCOPES", "20"))
RESOURCES = int(os.environ.get("BENCH_RESOURCES", "20000"))
KEY = "the key of a benchmark"
_MORE = "all that a ConfigMap says is said in lines like this one, of which it has some; " * 8
_TIMES = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def main() -> None:
    with tempfile.TemporaryDirectory() as name, _started("serve") as server:
        folder = Path(name)
        assert server.stdout is not None
        port = int(server.stdout.readline())
        _compile(folder / "first", port)
        _written(folder, port, SCOPES, RESOURCES // SCOPES)
        alone = _measured("alone", folder)
        with _crew(folder) as address:
            together = _measured("together", folder, address)
            peaks = _peaks()
        seconds = together["seconds"] + sum(one[1] for one in peaks.values())
        ratio = seconds / alone["seconds"]
        assert alone["report"] == together["report"], "the reports differ"
        found = f"{alone['live']:,} objects, {alone['findings']:,} findings"
        print(f"engine: {SCOPES} clusters, {found}, equal reports")
        print(
            f"engine: {seconds:.1f} s of processor time on two workers, {alone['seconds']:.1f} s in one "
            f"process: {ratio:.2f} times (goal at most 1.15)"
        )
        for what, (megabytes, used) in peaks.items():
            goal = 300 if what == "scheduler" else 1000
            print(f"engine: peak memory of {what}: {megabytes:.0f} MB (goal under {goal}), {used:.1f} s")
        print(
            f"engine: of the one that scans: {together['megabytes']:.0f} MB, {together['seconds']:.1f} s; "
            f"of one process alone: {alone['megabytes']:.0f} MB"
        )


# The clusters


def serve() -> None:
    """Prints a port, and serves until standard input closes."""
    each = RESOURCES // SCOPES
    kinds, apps = [_kind("", "configmaps", "ConfigMap")], [_kind("apps", "deployments", "Deployment")]
    pages: dict[str, bytes] = {}

    def answer(request: Request) -> Answer:
        path = "/" + request.path.lstrip("/").partition("/")[2]
        if path == "/version":
            return Answer(200, b'{"gitVersion":"v1.33.0"}', {"Content-Type": "application/json"})
        if path in ("/api", "/apis"):
            group, resources = ("", kinds) if path == "/api" else ("apps", apps)
            said = {"metadata": {"name": group}, "versions": [{"version": "v1", "resources": resources}]}
            text = orjson.dumps({"kind": "APIGroupDiscoveryList", "items": [said]})
            return Answer(200, text, {"Content-Type": _DISCOVERY})
        query = dict(part.split("=", 1) for part in request.query.split("&"))
        first, size = int(query.get("continue", "0")), int(query["limit"])
        at = f"{first}"
        if at not in pages:
            items = [_body(number) for number in range(first, min(first + size, each))]
            onward = str(first + size) if first + size < each else ""
            told = {
                "kind": "ConfigMapList",
                "apiVersion": "v1",
                "metadata": {"continue": onward},
                "items": items,
            }
            pages[at] = orjson.dumps(told)
        return Answer(200, pages[at], {"Content-Type": "application/json"})

    server = Server(answer)
    print(server.url.rpartition(":")[2], flush=True)
    sys.stdin.read()
    server.close()


def _kind(group: str, resource: str, kind: str) -> dict[str, Any]:
    said = {"resource": resource, "responseKind": {"group": group, "version": "v1", "kind": kind}}
    return {**said, "scope": "Namespaced", "verbs": ["list"]}


def _body(number: int, *, live: bool = True) -> dict[str, Any]:
    metadata = {"name": f"c{number:06}", "namespace": f"n{number % 20}", "labels": {"app": f"a{number % 7}"}}
    if live:
        metadata |= {
            "uid": f"{number:032x}",
            "resourceVersion": "1",
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
    colour = "red" if live and number % 100 == 0 else "blue"
    return {"metadata": metadata, "data": {"colour": colour, "text": _MORE, "number": str(number)}}


def _written(folder: Path, port: int, scopes: int, each: int) -> None:
    """What is declared of the clusters, and the configuration."""
    names = [f"c{number:03}" for number in range(scopes)]
    config: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": "c000"}
    config["users"] = [{"name": "u", "user": {}}]
    config["clusters"] = [
        {"name": one, "cluster": {"server": f"http://127.0.0.1:{port}/{one}"}} for one in names
    ]
    config["contexts"] = [{"name": one, "context": {"cluster": one, "user": "u"}} for one in names]
    (folder / "kubeconfig").write_text(json.dumps(config))
    place = {"provider": "kubernetes", "type": "v1/ConfigMap"}
    for one in names:
        with (folder / f"{one}.jsonl").open("wb") as file:
            for number in range(each):
                body = {"apiVersion": "v1", "kind": "ConfigMap", **_body(number, live=False)}
                id_ = f"{body['metadata']['namespace']}/{body['metadata']['name']}"
                said = {
                    **place,
                    "scope": one,
                    "id": id_,
                    "name": body["metadata"]["name"],
                    "attributes": body,
                }
                file.write(orjson.dumps(said) + b"\n")
    live = {"kubeconfig": str(folder / "kubeconfig"), "contexts": names, "kinds": ["ConfigMap"]}
    said = {
        "version": 1,
        "live": {"kubernetes": live},
        "redaction": {"key": KEY},
        "blame": {"enabled": False},
    }
    said["declared"] = [{"path": f"{one}.jsonl"} for one in names]
    (folder / "drift.yaml").write_text(yaml.safe_dump(said, sort_keys=False))
    (folder / "shared").mkdir()


# The runs


def _compile(folder: Path, port: int) -> None:
    """Has all that both sorts of run import compiled, as it is where the program is installed: into a folder
    of this benchmark."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    (folder / "estate").mkdir(parents=True)
    _written(folder / "estate", port, 1, 1)
    _measured("alone", folder / "estate")
    with _crew(folder / "estate") as address:
        _measured("together", folder / "estate", address)


def scan(folder: Path, address: str | None) -> None:
    """One scan; prints what it took as JSON."""
    if address is not None:
        text = (folder / "drift.yaml").read_text()
        engine = {"engine": {"dask": address, "shared": "shared"}}
        (folder / "together.yaml").write_text(text + yaml.safe_dump(engine))
    run = Run(load(folder / ("drift.yaml" if address is None else "together.yaml")))
    result = run.scan()
    report = {**result.report, "run": {}}
    text = _TIMES.sub("then", orjson.dumps(report, default=str).decode())
    for _ in result.evidence:
        pass
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
        "live": report["summary"]["live"],
        "findings": len(report["findings"]),
        "report": hashlib.sha256(text.encode()).hexdigest(),
    }
    print(json.dumps(told))


def _measured(*arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.engine", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@contextlib.contextmanager
def _started(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.bench.engine", *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        try:
            yield process
        finally:
            process.stdin.close()


_crew_of: dict[str, int] = {}


@contextlib.contextmanager
def _crew(folder: Path) -> Iterator[str]:
    """A scheduler and two workers, each a process; gives the scheduler's address."""
    scheduler, worker = "distributed.cli.dask_scheduler", "distributed.cli.dask_worker"
    env = {**os.environ, **SPARING, "DRIFT_REDACTION_KEY": KEY}
    told = folder / "scheduler.json"
    quiet: dict[str, Any] = {
        "env": env,
        "cwd": folder,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    command = [sys.executable, "-m", scheduler, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    started = [subprocess.Popen([*command, "--scheduler-file", str(told)], **quiet)]
    try:
        for _ in range(300):
            if told.exists() and told.stat().st_size:
                break
            time.sleep(0.1)
        address = str(json.loads(told.read_text())["address"])
        command = [sys.executable, "-m", worker, address, "--no-nanny", "--no-dashboard", "--nthreads", "4"]
        path = {**quiet, "env": {**env, "PYTHONPATH": str(Path.cwd())}}
        started += [subprocess.Popen(command, **path) for _ in range(2)]
        names = ("scheduler", "one worker", "the other worker")
        _crew_of.update(zip(names, (one.pid for one in started), strict=True))
        yield address
    finally:
        for one in reversed(started):
            one.kill()
            one.wait()


def _peaks() -> dict[str, tuple[float, float]]:
    """The peak memory (MB) and processor time (seconds) of each process of the crew."""
    found = {}
    ticks = os.sysconf("SC_CLK_TCK")
    for what, process in _crew_of.items():
        status = Path(f"/proc/{process}/status").read_text()
        peak = re.search(r"VmHWM:\s+(\d+)", status)
        said = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        assert peak is not None
        found[what] = int(peak[1]) / 1024, (int(said[11]) + int(said[12])) / ticks
    return found


if __name__ == "__main__":
    what, *rest = sys.argv[1:] or ["main"]
    if what == "serve":
        serve()
    elif what == "main":
        main()
    else:
        scan(Path(rest[0]), rest[1] if what == "together" else None)
