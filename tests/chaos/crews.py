"""A scan by the workers of a Dask cluster, of which one, or the scheduler, or the machine that scans is
killed outright at a random moment; and the next run, which has to make all good."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests import command, ports
from tests.chaos.nights import PATIENCE, Mark, marks, unpacked
from tests.conftest import report_validator
from tests.engine.estate import clusters
from tests.engine.test_alike import config_map, declared

#: So many clusters of Kubernetes are read by so many workers.
CLUSTERS, WORKERS = 6, 2
#: The object that is found from the second night on.
NEW = "late"
KEY, PASSWORD, TOKEN = "the-redaction-key-0f-it", "l1ve-Pa55phrase-of-the-shop", "bearer-of-the-user"
_SECRETS = (KEY, PASSWORD, TOKEN)
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
            for one in self.workers:
                one.kill()
                one.join()
            self.workers = []
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

    def close(self) -> None:
        for one in (*self.workers, self.scheduler):
            if one is not None:
                one.kill()
                one.join()


@dataclass
class Estate:
    """The folder after the first night, a copy of which each second one begins with."""

    before: Path
    crew: Crew
    env: dict[str, str]
    truth: frozenset[Mark] = frozenset()
    seconds: float = 0.0
    copies: int = 0

    def again(self) -> Night:
        self.copies += 1
        folder = self.before.with_name(f"crew-{self.copies}")
        shutil.copytree(self.before, folder, symlinks=True)
        return Night(self, folder)


@dataclass
class Night:
    """A folder in which a run by a crew is disturbed, and then one is not."""

    estate: Estate
    folder: Path
    wrong: list[str] = field(default_factory=list)
    twice: bool = False
    #: Whether what was to die did so before the run was over.
    struck: bool = False

    @property
    def env(self) -> dict[str, str]:
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return {**self.estate.env, "HOME": str(self.folder), "TMPDIR": str(temporary)}

    def begin(self) -> Any:
        """The process of a scan."""
        (self.folder / "drift.yaml").write_text(
            (self.estate.before / "drift.yaml").read_text() % self.estate.crew.address
        )
        told = self.folder / "told"
        told.mkdir(exist_ok=True)
        (told / "stderr").write_text("")
        return command.started(self.folder, ["scan", "-q"], self.env, told, _hasty)

    def reports(self) -> list[Path]:
        return sorted(self.folder.glob("runs/*/report.json"))

    def end(self, process: Any, *, whole: bool = False) -> None:
        """Waits for the end of a run, and looks at what it left; ``whole``: it lacks nothing."""
        known = {path.parent.name for path in self.estate.before.glob("runs/*/report.json")}
        process.join(PATIENCE)
        code = process.exitcode
        if code is None:
            self.wrong.append(f"did not end within {PATIENCE} seconds")
            process.kill()
            process.join()
        said = (self.folder / "told/stderr").read_text()
        if "Traceback" in said:
            self.wrong.append(said[-2000:])
        new = [path for path in self.reports() if path.parent.name not in known]
        if code is not None and code >= 0 and code != 1 and len(new) != 1:
            self.wrong.append(f"ended with {code} and wrote {new}: {said}")
        for path in new:
            lacks = self.held(path, code)
            if whole and lacks:
                self.wrong.append(f"{path} lacks {sorted(lacks)}")

    def held(self, path: Path, code: int | None) -> frozenset[Mark]:
        """A report finds nothing that is not so, and names what it does not tell. What it lacks."""
        report: dict[str, Any] = json.loads(path.read_bytes())
        report_validator().validate(report)
        truth, found = self.estate.truth, marks(report)
        read: dict[str, bool] = {}
        for row in report["coverage"]:
            read[row["scope"]] = read.get(row["scope"], True) and row["status"] == "checked"
        if falsely := found - truth:
            self.wrong.append(f"{path}: found, and not so: {sorted(falsely)}")
        unread = {f"c{number}" for number in range(CLUSTERS) if not read.get(f"c{number}")}
        if silent := {one for one in truth - found if one[2].rpartition("-")[2] not in unread}:
            self.wrong.append(f"{path}: not found, and not unread: {sorted(silent)}")
        if unread and (report["run"]["exit_code"] == 0 or code == 0):
            self.wrong.append(f"{path}: ended green, and has not read {sorted(unread)}")
        return truth - found

    def make_good(self, *arguments: str) -> None:
        """The third night, undisturbed: reports all, and shows nothing lost or doubled."""
        before = set(self.reports())
        for left in self.folder.glob("shared/**/*"):  # as if it was the next day
            os.utime(left, (time.time() - _DAY,) * 2)
        (self.folder / "drift.yaml").write_text(
            (self.estate.before / "drift.yaml").read_text() % self.estate.crew.whole().address
        )
        code, _, said = command.run(self.folder, ["scan", "-q", *arguments], self.env)
        new = [path for path in self.reports() if path not in before]
        if code != 2 or len(new) != 1:
            self.wrong.append(f"the next run ended with {code}, and wrote {new}: {said}")
            return
        if lacks := self.held(new[0], code):
            self.wrong.append(f"the next run lacks {sorted(lacks)}")
        report = json.loads(new[0].read_bytes())
        old = [one for one in report["findings"] if not one["name"].startswith(NEW)]
        if any(one["status"] != "recurring" for one in old):
            self.wrong.append(f"what is known is called {[(one['name'], one['status']) for one in old]}")
        self.remembered(report)
        left = [*self.folder.glob("shared/*"), *self.folder.glob("runs/*/.[ck]*"), *self.folder.glob("tmp/*")]
        if left:
            self.wrong.append(f"left: {left}")
        self.wrong += [f"{path}: has a secret" for path in self.leaks()]

    def remembered(self, report: Mapping[str, Any]) -> None:
        """The history is sound, has each run that reported once, and each finding once."""
        with contextlib.closing(sqlite3.connect(self.folder / "runs/history.db")) as database:
            (sound,) = database.execute("PRAGMA integrity_check").fetchone()
            runs = [one for (one,) in database.execute("SELECT id FROM drift_runs")]
            findings = [one for (one,) in database.execute("SELECT id FROM drift_findings")]
        there = {path.parent.name for path in self.reports()}
        if sound != "ok" or len(set(runs)) != len(runs) or there - set(runs):
            self.wrong.append(f"the history is {sound}; its runs: {runs}; reports: {there}")
        if sorted(findings) != sorted(one["id"] for one in report["findings"]):
            self.wrong.append(f"{len(findings)} findings in the history, {len(report['findings'])} reported")

    def leaks(self) -> list[Path]:
        """The files in which a secret stands, packed or not; the kubeconfig is the user's own."""
        found = []
        for path in [*self.folder.rglob("*"), *self.estate.crew.folder.rglob("*")]:
            if path.is_file() and not path.name.startswith("kubeconfig"):
                text = path.read_bytes()
                whole = text + b"".join(unpacked(text))
                if any(one.encode() in whole for one in _SECRETS):
                    found.append(path)
        return found


@contextlib.contextmanager
def estate(base: Path) -> Iterator[Estate]:
    """The first night has been, and somebody has made an object in each cluster since."""
    command.preload("distributed.cli.dask_worker", "drift.engine.member", "drift.engine.distributed")
    before, there = base / "crew-before", base / "workers"
    for folder in (before, there, before / "shared"):
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
    with clusters(before, CLUSTERS, objects, token=TOKEN) as servers:
        env = {"PATH": os.environ["PATH"], "DRIFT_REDACTION_KEY": KEY, "NO_PROXY": "127.0.0.1"}
        live = {"kubeconfig": str(before / "kubeconfig"), "contexts": contexts, "max_attempts": 1}
        said = {
            "version": 1,
            "declared": entries,
            "live": {"kubernetes": live},
            "redaction": {"key": "${DRIFT_REDACTION_KEY}"},
            "blame": {"enabled": False},
            "engine": {"dask": "%s", "shared": "shared"},
        }
        (before / "drift.yaml").write_text(yaml.safe_dump(said))
        crew = Crew(there, {**env, "HOME": str(there), "TMPDIR": str(there)})
        try:
            made = Estate(before, crew.whole(), env)
            first = Night(made, before)
            text = (before / "drift.yaml").read_text()
            (before / "drift.yaml").write_text(text % crew.address)
            code, _, told = command.run(before, ["scan", "-q"], first.env)
            (before / "drift.yaml").write_text(text)
            assert code == 2, told
            for number, server in enumerate(servers):
                server.store.create(config_map(f"{NEW}-c{number}", a="1"), manager="kubectl")
            night = made.again()
            began = time.monotonic()
            process = night.begin()
            process.join(PATIENCE)
            made.seconds = time.monotonic() - began
            assert process.exitcode == 2, (night.folder / "told/stderr").read_text()
            made.truth = marks(json.loads(night.reports()[-1].read_bytes()))
            assert len(made.truth) == 4 * CLUSTERS, made.truth
            yield made
        finally:
            crew.close()


def _moments(
    estate: Estate, chance: random.Random, count: int, strike: Callable[[Crew, Any], None], *, whole: bool
) -> Iterator[tuple[str, Callable[[], Night]]]:
    struck = 0
    while struck < count:  # one that came too late counts for nothing
        at = chance.random() * estate.seconds

        def work(at: float = at) -> Night:
            night = estate.again()
            estate.crew.whole()
            process = night.begin()
            over = threading.Timer(at, strike, (estate.crew, process))
            over.start()
            night.end(process, whole=whole)
            nonlocal struck
            night.struck = not over.is_alive()
            struck += night.struck
            if not night.struck:
                estate.seconds *= 0.9
            over.cancel()
            over.join()
            cut = any(night.folder.glob("runs/*/.checkpoint"))
            night.make_good(*(["--resume"] if cut and chance.random() < 0.5 else []))
            shutil.rmtree(night.folder, ignore_errors=True)
            return night

        yield f"after {at:.3f} s", work


def worker_killed(
    estate: Estate, chance: random.Random, count: int
) -> Iterator[tuple[str, Callable[[], Night]]]:
    """One of the workers: nothing is lost."""
    return _moments(
        estate, chance, count, lambda crew, _: crew.workers[chance.randrange(WORKERS)].kill(), whole=True
    )


def scheduler_killed(
    estate: Estate, chance: random.Random, count: int
) -> Iterator[tuple[str, Callable[[], Night]]]:
    """The scheduler: what was compared is reported, the rest is unread."""
    return _moments(estate, chance, count, lambda crew, _: crew.scheduler.kill(), whole=False)


def scanner_killed(
    estate: Estate, chance: random.Random, count: int
) -> Iterator[tuple[str, Callable[[], Night]]]:
    """The machine that scans, beside workers that go on for a while."""

    def strike(_: Crew, process: Any) -> None:
        if process.exitcode is None:
            os.kill(process.pid, signal.SIGKILL)

    return _moments(estate, chance, count, strike, whole=False)


#: Kind by what it is called.
KINDS: Mapping[str, Callable[[Estate, random.Random, int], Iterator[tuple[str, Callable[[], Night]]]]] = {
    "a worker is killed": worker_killed,
    "the scheduler is killed": scheduler_killed,
    "kill -9 of the machine that scans": scanner_killed,
}
