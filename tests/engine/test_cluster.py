"""A crew of Dask workers: what passes the scheduler, a worker that is killed, who may connect at all."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drift.cli.app import application
from drift.config.engine import Engine as Said
from drift.deadline import Deadline
from drift.engine import lease
from drift.engine.cluster import Dask, checked
from drift.engine.contract import Call, Ended
from drift.engine.manifests import Wanted, manifests
from drift.errors import DriftError
from drift.loopback import Answer, Request
from tests import ports
from tests.engine.estate import KEY, Estate, clusters, same
from tests.engine.test_alike import config_map, declared

distributed = pytest.importorskip("distributed")

LIVE, SECRET, TOKEN, SAID = (
    "a-marker-that-is-live",
    "Pl4nted-S3cret-0f-Live",
    "bearer-of-the-user",
    "git-says-so",
)
COUNT = 4
#: A worker that knows soon that its run is over.
WORKER = """
import runpy, drift.depot, drift.engine.lease
drift.depot.Folder.pause, drift.engine.lease.LEASE_SECONDS = 0.1, 12.0
runpy.run_module("distributed.cli.dask_worker", run_name="__main__")
"""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.5)


class Proxy:
    """Carries bytes to a port of this machine, and remembers all of them."""

    def __init__(self, port: int, heard: bytearray) -> None:
        self._to, self._heard = port, heard
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                its = socket.create_connection(("127.0.0.1", self._to))
                for one, other in ((ours, its), (its, ours)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while text := one.recv(65536):
                self._heard += text
                other.sendall(text)
        for side in (one, other):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()


@dataclass
class Crew:
    """A scheduler in this process and two workers, each reached through a proxy."""

    address: str
    workers: list[subprocess.Popen[bytes]]
    heard: bytearray
    names: list[str]
    client: Any

    def kill(self, member: str) -> None:
        """Kills the worker of an address outright."""
        self.workers[self.names.index(member)].send_signal(signal.SIGKILL)


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    heard = bytearray()
    cluster = distributed.LocalCluster(
        n_workers=0, processes=False, dashboard_address=":0", protocol="tcp://", host="127.0.0.1"
    )
    front = Proxy(int(cluster.scheduler_address.rpartition(":")[2]), heard)
    address = f"tcp://127.0.0.1:{front.port}"
    workers, names, proxies = [], [], [front]
    for number in range(2):
        port = ports.free()
        proxies.append(Proxy(port, heard))
        contact = f"tcp://127.0.0.1:{proxies[-1].port}"
        names.append(contact)
        command = [sys.executable, "-c", WORKER, address, "--no-nanny"]
        command += ["--nthreads", "4", "--no-dashboard", "--name", f"w{number}"]
        command += ["--listen-address", f"tcp://127.0.0.1:{port}", "--contact-address", contact]
        folder = tmp_path_factory.mktemp("worker")
        env = {**os.environ, "DRIFT_REDACTION_KEY": KEY}
        workers.append(
            subprocess.Popen(
                command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=300)
        try:
            yield Crew(address, workers, heard, names, client)
        finally:
            for one in workers:
                one.kill()
                one.wait()
            for proxy in proxies:
                proxy.close()


@dataclass
class Fleet(Estate):
    servers: Any = ()


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    def objects(number: int) -> list[dict[str, Any]]:
        secret = {**config_map("login"), "kind": "Secret", "data": {"password": SECRET}}
        return [config_map("settings", what=LIVE), config_map(f"nobody-{number}", what=LIVE), secret]

    entries = []
    for number in range(COUNT):
        (tmp_path / f"{number}.yaml").write_text(declared(config_map("settings", what=SAID)))
        entries.append({"path": f"{number}.yaml", "scope": f"c{number}"})
    contexts = [f"c{number}" for number in range(COUNT)]
    live = {"kubeconfig": str(tmp_path / "kubeconfig"), "contexts": contexts}
    (tmp_path / "shared").mkdir()
    with clusters(tmp_path, COUNT, objects, token=TOKEN) as servers:
        yield Fleet(tmp_path, {"kubernetes": live}, entries, servers=servers)


def test_nothing_that_was_read_passes_the_scheduler(
    crew: Crew, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[object] = []  # what is done is known by its type alone
    monkeypatch.setattr(distributed.Future, "result", lambda one: fetched.append(one))
    alone = fleet.alone()
    assert LIVE in str(alone.report) and SAID in str(alone.report)
    crew.heard.clear()
    together = fleet.run({"dask": crew.address, "shared": "shared"}, keeps_live=True).scan()
    same(alone, together)
    together.live(fleet.folder / "live.jsonl")
    assert LIVE in (fleet.folder / "live.jsonl").read_text()
    heard = bytes(crew.heard)
    assert b"drift.engine" in heard and b"judge" in heard and b"give" in heard
    for text in (LIVE, SECRET, TOKEN, SAID, KEY, "nobody-", "kubeconfig"):
        assert text.encode() not in heard
    assert list((fleet.folder / "shared").iterdir()) == []
    assert fetched == []


def test_two_runs_at_once_never_mix(crew: Crew, fleet: Fleet, tmp_path: Path) -> None:
    """Over one scheduler, the same workers and one folder; each declares something else."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other/all.yaml").write_text(declared(config_map("settings", what=LIVE), config_map("gone")))
    entries = [{"path": "all.yaml", "scope": f"c{number}"} for number in range(COUNT)]
    other = Estate(
        tmp_path / "other", fleet.live, entries, {"redaction": {"key": KEY, "public": ["password"]}}
    )
    said = {"dask": crew.address, "shared": str(tmp_path / "shared")}
    estates = (fleet, other)
    alone = [one.alone() for one in estates]
    runs = [one.run(said) for one in estates]
    with ThreadPoolExecutor(len(runs)) as pool:
        together = list(pool.map(lambda run: run.scan(), runs))
    for one, its in zip(alone, together, strict=True):
        same(one, its)
    assert {one["kind"] for one in together[1].report["findings"]} >= {"missing"}
    assert list((tmp_path / "shared").iterdir()) == []


def test_a_worker_that_is_killed(crew: Crew, fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = fleet.alone()
    killed: list[str] = []

    class Killing(Dask):
        def give(self, member: str, call: Call) -> None:
            super().give(member, call)
            if call.work == "judge" and not killed:
                killed.append(member)
                crew.kill(member)

    monkeypatch.setattr("drift.engine.cluster.Dask", Killing)
    same(alone, fleet.run({"dask": crew.address, "shared": "shared"}).scan())
    assert killed


def test_a_machine_that_is_killed_leaves_nothing_running_and_nothing_behind(
    crew: Crew, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = fleet.alone()
    whole = [len(one.requests) for one in fleet.servers]
    asked, go_on = threading.Event(), threading.Event()
    for server in fleet.servers:
        server.requests.clear()
        server.http.answer = held(server.http.answer, asked, go_on)
    said = {"dask": crew.address, "shared": "shared"}
    fleet.run(said)
    process = subprocess.Popen(
        [sys.executable, "-m", "drift", "scan", "--no-history", "-q"],
        cwd=fleet.folder,
        stderr=subprocess.PIPE,
    )
    assert asked.wait(300)
    process.kill()
    process.communicate()
    (left,) = [one for one in (fleet.folder / "shared").iterdir() if one.suffix != ".kept"]
    until(crew, lambda: len(__import__("drift.engine.member", fromlist=["-"])._stations))
    go_on.set()
    until(crew, lambda dask_worker: dask_worker.state.executing_count)
    assert all(len(one.requests) < count for one, count in zip(fleet.servers, whole, strict=True))
    monkeypatch.setattr(lease, "LEFT_SECONDS", -60.0)
    notes: list[str] = []
    same(alone, fleet.run(said, tell=notes.append).scan())
    assert notes == [f"took away what an earlier run left: {left}"]
    assert all(one.suffix == ".kept" for one in (fleet.folder / "shared").iterdir())


def held(
    answer: Callable[[Request], Answer], asked: threading.Event, go_on: threading.Event
) -> Callable[[Request], Answer]:
    """Answers once it may."""

    def later(request: Request) -> Answer:
        asked.set()
        go_on.wait(300)
        return answer(request)

    return later


def until(crew: Crew, count: Callable[..., int]) -> None:
    """Waits until all workers count nothing."""
    clock = Deadline(300)
    while any(crew.client.run(count).values()):
        clock.sleep(0.1)


def test_what_lies_in_the_shared_folder_is_sealed(crew: Crew, fleet: Fleet, tmp_path: Path) -> None:
    seen: dict[str, bytes] = {}

    class Watching(Dask):
        def give(self, member: str, call: Call) -> None:
            for file in Path(call.folder).iterdir():
                assert file.stat().st_mode & 0o077 == 0
                seen[file.name] = file.read_bytes()
            super().give(member, call)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drift.engine.cluster.Dask", Watching)
        fleet.run({"dask": crew.address, "shared": "shared"}).scan()
    assert {"setting", "declared-0", "judge-0.given"} <= seen.keys()
    for text in (LIVE, SECRET, SAID, "settings", "kubernetes"):
        assert not any(text.encode() in content for content in seen.values())


def test_a_worker_with_another_key_is_refused(crew: Crew, fleet: Fleet) -> None:
    fleet.more = {"redaction": {"key": "another one"}}
    with pytest.raises(DriftError, match="has another redaction key"):
        fleet.run({"dask": crew.address, "shared": "shared"}).scan()


@pytest.mark.parametrize(
    "address", ["tcp://10.0.0.1:8786", "tcp://scheduler:8786", "http://127.0.0.1:1", "tls://x"]
)
def test_a_scheduler_that_others_could_use_is_refused(address: str) -> None:
    with pytest.raises(DriftError, match=r"engine\.dask: .*"):
        checked(address)


def test_a_scheduler_asks_for_a_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates(tmp_path)
    files = {"tls_ca_file": "ca.crt", "tls_scheduler_cert": "tls.crt", "tls_scheduler_key": "tls.key"}
    security = distributed.Security(
        require_encryption=True,
        **{name: str(tmp_path / file) for name, file in files.items()},
        tls_client_cert=str(tmp_path / "tls.crt"),
        tls_client_key=str(tmp_path / "tls.key"),
    )
    with distributed.LocalCluster(
        n_workers=0,
        processes=False,
        dashboard_address=":0",
        protocol="tls://",
        security=security,
        host="127.0.0.1",
    ) as cluster:
        address = cluster.scheduler_address
        ours = {"ca": tmp_path / "ca.crt", "shared": str(tmp_path)}
        client = Dask(Said(dask=address, certificate=tmp_path / "tls.crt", key=tmp_path / "tls.key", **ours))
        assert list(client.members()) == []
        (tmp_path / "others").mkdir()
        certificates(tmp_path / "others")
        stranger = {"certificate": tmp_path / "others/tls.crt", "key": tmp_path / "others/tls.key"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("drift.engine.cluster._CONNECT_SECONDS", 1)
            patch.setattr("drift.engine.certificates.wrong", lambda _: {})
            with pytest.raises(DriftError, match="the scheduler refuses what engine.certificate shows"):
                Dask(Said(dask=address, **stranger, **ours))
    monkeypatch.setattr("drift.engine.cluster._LOST_SECONDS", 0.0)  # the scheduler has ended
    monkeypatch.setattr("drift.engine.cluster._LOOK_UP_SECONDS", 0.0)
    assert list(client.members()) == []
    given = Call("run", "/", "key", "1", "read", 0, 1, None, 1.0)
    client.give("nobody", given)
    client.members()
    assert client.ended(5) == Ended(given, "nobody", "lost")
    client.close()


def certificates(folder: Path) -> None:
    """The Secret that `drift engine manifests` makes, as a pod sees it."""
    made = manifests(Wanted("drift", 2, "image", "claim", "/shared", "keys"))
    secret = next(one for one in made if one["kind"] == "Secret")
    for name, text in secret["stringData"].items():
        (folder / name).write_text(text)


def test_a_run_needs_a_key_that_all_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRIFT_REDACTION_KEY", raising=False)
    estate = Estate(tmp_path, {}, [], {"redaction": {}})
    with pytest.raises(DriftError, match=r"engine: needs redaction\.key"):
        estate.run({"local": 1}).scan()


def test_an_engine_is_one_of_two() -> None:
    for said in ({}, {"dask": "tls://a:1", "local": 1}, {"dask": "tls://a:1", "shared": "s"}):
        with pytest.raises(ValueError, match="needs"):
            Said.model_validate(said)


def test_a_run_that_is_not_there_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Estate(tmp_path, {"kubernetes": {"contexts": ["c0"]}}, []).run({"local": 1})
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(application(), ["scan", "--resume", "latest"])
    assert done.exit_code == 1 and "there is no unfinished run" in str(done.exception) + done.output


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    ca = tmp_path / "ca.crt"
    ca.write_text("")
    gone = tmp_path / "gone.crt"
    said = Said(dask="tls://127.0.0.1:1", ca=ca, certificate=gone, key=ca, shared=str(tmp_path))
    with pytest.raises(
        DriftError, match=r"^engine\.certificate names .*gone\.crt: there is no such file, or it"
    ):
        Dask(said)
