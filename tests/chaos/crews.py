"""A scan by the workers of a Dask cluster, one of which, the scheduler, the machine that scans, or what they
share comes to grief at a random moment; and the next run, which has to make all good."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests import command, ports
from tests.buckets import FULL, Bucket
from tests.chaos import disks, faults
from tests.chaos.night import (
    PATIENCE,
    Ground,
    Mark,
    Moment,
    Night,
    Strike,
    disturbed,
    marks,
    nothing,
    under_way,
)
from tests.engine.estate import clusters
from tests.engine.test_alike import config_map, declared

#: So many clusters of Kubernetes are read by so many workers.
CLUSTERS, WORKERS = 6, 2
#: The object that is found from the second night on.
NEW = "late"
KEY, PASSWORD, TOKEN = "the-redaction-key-0f-it", "l1ve-Pa55phrase-of-the-shop", "bearer-of-the-user"
_DAY = 86_400
#: How long workers that come late, and a scheduler that says nothing, are waited for here (seconds).
_NOBODY_SECONDS, _LOST_SECONDS = 2.0, 2.0


def _hasty() -> None:
    """The process of a scan does not wait as long for a cluster that is gone as it would elsewhere."""
    from drift.engine import cluster, crew

    crew.NOBODY_SECONDS, cluster._LOST_SECONDS = _NOBODY_SECONDS, _LOST_SECONDS


def _serve(
    what: str,
    arguments: list[str],
    folder: Path,
    env: Mapping[str, str],
    told: Path,
    first: Callable[[], None] | None,
) -> None:
    """The whole life of a scheduler or a worker; ``first`` is done before it begins."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for descriptor in (1, 2):
        os.dup2(os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    if first is not None:
        first()
    asyncio.set_event_loop(asyncio.new_event_loop())
    from distributed.cli import dask_scheduler, dask_worker

    program = dask_scheduler if what == "scheduler" else dask_worker
    program.main(arguments, standalone_mode=False)


@dataclass
class Crew:
    """A scheduler and its workers, each a process of its own."""

    folder: Path
    env: Mapping[str, str]
    #: What each process does before it begins.
    first: Callable[[], None] | None = None
    port: int = 0
    scheduler: Any = None
    workers: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = ports.free()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def whole(self) -> Crew:
        """What is lacking is begun; gives itself once all is there."""
        if self.scheduler is None or not self.scheduler.is_alive():
            self.end_workers()
            self.__post_init__()
            said = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
            self.scheduler = self._begin("scheduler", said)
        self.workers = [one for one in self.workers if one.is_alive()]
        while len(self.workers) < WORKERS:
            said = [self.address, "--no-nanny", "--nthreads", "2", "--no-dashboard"]
            self.workers.append(self._begin("worker", said))
        import distributed

        with distributed.Client(self.address, timeout=PATIENCE, set_as_default=False) as client:
            until = time.monotonic() + PATIENCE
            while len(client.nthreads()) != WORKERS:
                assert time.monotonic() < until, "the workers did not come"
                time.sleep(0.05)
        return self

    def _begin(self, what: str, arguments: list[str]) -> Any:
        told = self.folder / f"{what}.log"
        process = command.forked(_serve, what, arguments, self.folder, self.env, told, self.first)
        process.start()
        return process

    def end_workers(self) -> None:
        """Workers are begun anew when they are next needed."""
        for one in self.workers:
            one.kill()
            one.join()
        self.workers = []

    def close(self) -> None:
        self.end_workers()
        if self.scheduler is not None:
            self.scheduler.kill()
            self.scheduler.join()


@dataclass
class Estate(Ground):
    """Clusters of Kubernetes, and who reads them."""

    crew: Crew | None = None
    #: An object store that all reach.
    bucket: Bucket | None = None

    def again(self) -> CrewNight:
        return CrewNight(self, self.copied())

    @property
    def workers(self) -> Crew:
        assert self.crew is not None
        return self.crew


class CrewNight(Night[Estate]):
    """A night of the estate, with a place that its workers share."""

    secrets, new = (KEY, PASSWORD, TOKEN), NEW
    pieces = frozenset(f"c{number}" for number in range(CLUSTERS))
    #: Whether what they share is in an object store, else it is on a small disk.
    stored = False

    @staticmethod
    def piece_of_row(row: dict[str, Any]) -> str:
        return str(row["scope"])

    @staticmethod
    def piece_of_mark(mark: Mark) -> str:
        return mark[2].rpartition("-")[2]

    @property
    def shared(self) -> Path:
        folder = self.ground.before.with_name("small") / self.folder.name
        folder.mkdir(exist_ok=True)
        return folder

    def configure(self) -> None:
        place = f"s3://rep/{self.folder.name}" if self.stored else str(self.shared)
        text = (self.ground.before / "template.yaml").read_text()
        (self.folder / "drift.yaml").write_text(text % (self.ground.workers.whole().address, place))

    def begin(self, fault: Any = None, name: str = "one", arguments: Any = None) -> Any:
        return super().begin(fault or _hasty, name, arguments)

    @contextlib.contextmanager
    def calm(self) -> Iterator[Callable[[str], None]]:
        for left in self.shared.rglob("*"):  # as if it was the next day
            os.utime(left, (time.time() - _DAY,) * 2)
        if self.ground.bucket is not None:
            for name in self.ground.bucket.written:
                self.ground.bucket.written[name] -= _DAY
        with super().calm() as look:
            yield look

    def passing(self) -> list[Path]:
        there = self.ground.bucket.objects if self.ground.bucket is not None else {}
        kept = [Path(name) for name in there if name.startswith(f"{self.folder.name}/")]
        return [*super().passing(), *self.shared.iterdir(), *kept]

    def folders(self) -> list[Path]:
        return [self.folder, self.ground.workers.folder, self.shared]


@contextlib.contextmanager
def estate(base: Path) -> Iterator[Estate]:
    """The first night has been, and somebody has made an object in each cluster since."""
    command.preload("distributed.cli.dask_worker", "drift.engine.member", "drift.engine.distributed")
    before, there, bucket = base / "crew", base / "workers", Bucket()
    for folder in (before, there, base / "small"):
        folder.mkdir()

    def objects(number: int) -> list[dict[str, Any]]:
        secret = {**config_map(f"login-c{number}"), "kind": "Secret", "data": {"password": PASSWORD}}
        return [config_map(f"settings-c{number}", what="live"), config_map(f"own-c{number}", a="1"), secret]

    entries = []
    for number in range(CLUSTERS):
        bodies = config_map(f"settings-c{number}", what="git"), config_map(f"gone-c{number}")
        (before / f"{number}.yaml").write_text(declared(*bodies))
        entries.append({"path": f"{number}.yaml", "scope": f"c{number}"})
    contexts = [f"c{number}" for number in range(CLUSTERS)]
    with contextlib.ExitStack() as stack:
        stack.callback(bucket.server.close)
        stack.enter_context(disks.maybe(there))
        stack.enter_context(disks.maybe(base / "small"))
        servers = stack.enter_context(clusters(before, CLUSTERS, objects, token=TOKEN))
        env = {"PATH": os.environ["PATH"], "DRIFT_REDACTION_KEY": KEY, "NO_PROXY": "127.0.0.1"}
        env |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1"}
        env |= {"AWS_ENDPOINT_URL": bucket.server.url}
        live = {"kubeconfig": str(before / "kubeconfig"), "contexts": contexts, "max_attempts": 1}
        said = {
            "version": 1,
            "declared": entries,
            "live": {"kubernetes": live},
            "redaction": {"key": "${DRIFT_REDACTION_KEY}"},
            "blame": {"enabled": False},
            "engine": {"dask": "%s", "shared": "%s"},
        }
        (before / "template.yaml").write_text(yaml.safe_dump(said))
        crew = Crew(there, {**env, "HOME": str(there), "TMPDIR": str(there)})
        stack.callback(crew.close)
        made = Estate(before, env, crew=crew, bucket=bucket)
        first = CrewNight(made, before)
        first.configure()
        code, _, told = command.run(before, first.arguments, first.env)
        assert code == 2, told
        for number, server in enumerate(servers):
            server.store.create(config_map(f"{NEW}-c{number}", a="1"), manager="kubectl")
        night = made.again()
        began = time.monotonic()
        process = night.begin()
        process.join(PATIENCE)
        made.seconds = time.monotonic() - began
        assert process.exitcode == 2, (night.folder / "told/one/stderr").read_text()
        made.truth = marks(json.loads(night.reports()[-1].read_bytes()))
        assert len(made.truth) == 4 * CLUSTERS, made.truth
        yield made


# Kinds


def _struck(
    estate: Estate,
    chance: random.Random,
    count: int,
    strike: Strike,
    *,
    mended: Callable[[Night[Any]], None] = nothing,
    whole: bool = False,
) -> Iterator[Moment]:
    def work(at: float) -> Night[Any]:
        estate.workers.whole()
        return disturbed(estate, chance, strike=strike, at=at, mended=mended, whole=whole)

    return under_way(estate, chance, count, work)


def worker_killed(estate: Estate, chance: random.Random, count: int) -> Iterator[Moment]:
    """One of the workers: nothing is lost."""

    def strike(*_: Any) -> None:
        estate.workers.workers[chance.randrange(WORKERS)].kill()

    return _struck(estate, chance, count, strike, whole=True)


def scheduler_killed(estate: Estate, chance: random.Random, count: int) -> Iterator[Moment]:
    """The scheduler: what was compared is reported, the rest is unread."""
    return _struck(estate, chance, count, lambda *_: estate.workers.scheduler.kill())


def scanner_killed(estate: Estate, chance: random.Random, count: int) -> Iterator[Moment]:
    """The machine that scans, beside workers that go on for a while."""

    def strike(_: Any, process: Any) -> None:
        if process.exitcode is None:
            os.kill(process.pid, signal.SIGKILL)

    return _struck(estate, chance, count, strike)


def _full(estate: Estate, chance: random.Random, count: int, folder: Path) -> Iterator[Moment]:
    if not disks.CAN:
        return iter(())
    return _struck(
        estate,
        chance,
        count,
        lambda *_: disks.fill(folder, chance.randrange(_PAGES)),
        mended=lambda _: disks.empty(folder),
    )


def worker_full(estate: Estate, chance: random.Random, count: int) -> Iterator[Moment]:
    """The disk of the workers fills up."""
    return _full(estate, chance, count, estate.workers.folder)


def shared_full(estate: Estate, chance: random.Random, count: int) -> Iterator[Moment]:
    """The disk that all share fills up."""
    return _full(estate, chance, count, estate.before.with_name("small"))


def store_full(estate: Estate, chance: random.Random, count: int) -> Iterator[Moment]:
    """The object store that all share takes no more, by its quota or for want of room."""
    bucket = estate.bucket
    assert bucket is not None

    def strike(*_: Any) -> None:
        bucket.full = chance.choice(FULL)

    def mended(_: Night[Any]) -> None:
        bucket.full = None

    for moment, work in _struck(estate, chance, count, strike, mended=mended):

        def stored(work: Callable[[], Night[Any]] = work) -> Night[Any]:
            CrewNight.stored = True
            try:
                return work()
            finally:
                CrewNight.stored = False

        yield moment, stored


def worker_without_memory(estate: Estate, chance: random.Random, count: int) -> Iterator[Moment]:
    """Workers that are given a few megabytes more, and no others."""

    def strike(*_: Any) -> None:
        for one in estate.workers.workers:
            faults.squeeze(one.pid, chance.randrange(_MEGABYTES) << 20)

    return _struck(estate, chance, count, strike, mended=lambda _: estate.workers.end_workers())


#: Pages that are left on a disk, and megabytes that a worker may take once it is there, at most.
_PAGES, _MEGABYTES = 24, 64

#: Kind by what it is called.
KINDS: Mapping[str, Callable[[Estate, random.Random, int], Iterator[Moment]]] = {
    "a worker is killed": worker_killed,
    "the scheduler is killed": scheduler_killed,
    "kill -9 of the machine that scans": scanner_killed,
    "a worker's disk fills up (tmpfs)": worker_full,
    "engine.shared fills up (tmpfs)": shared_full,
    "engine.shared takes no more (S3)": store_full,
    "workers run out of memory": worker_without_memory,
}
