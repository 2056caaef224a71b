"""An estate of several clouds in loopback servers of this process, scanned in one process or by a crew."""

from __future__ import annotations

import contextlib
import difflib
import json
import queue
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from drift import engine, plugins
from drift.config.model import load
from drift.demo import Night
from drift.engine.contract import Call, Ended
from drift.engine.member import answer
from drift.limits import common
from drift.scan import Result, Run
from providers.kubernetes.loopback import Faults, cluster

KEY = "the key of these tests"
#: What differs from run to run, or from reading to reading.
_TIMES = frozenset({"duration_seconds", "database", "age"})
_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


class Inline:
    """An engine whose members are threads of this process, which share what a process knows of a run."""

    at_once = 2

    def __init__(self, key: bytes = KEY.encode()) -> None:
        self._key = key
        self._pool = ThreadPoolExecutor(2)
        self._ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()
        self.calls: list[Call] = []

    def members(self) -> Sequence[str]:
        return ["thread"]

    def give(self, member: str, call: Call) -> None:
        self.calls.append(call)
        self._pool.submit(lambda: self._ended.put(Ended(call, member, answer(call, self._key))))

    def ended(self, seconds: float) -> Ended | None:
        with contextlib.suppress(queue.Empty):
            return self._ended.get(timeout=seconds)
        return None

    def close(self) -> None:
        self._pool.shutdown()
        common.alone()


@dataclass
class Estate:
    """A folder with what declares the estate, and its configuration."""

    folder: Path
    live: dict[str, Any]
    declared: list[dict[str, Any]]
    more: dict[str, Any] = field(default_factory=dict)

    def run(self, said: Mapping[str, Any] | None = None, *, only: Sequence[str] = (), **more: Any) -> Run:
        """A run; ``said`` is the section ``engine`` of its configuration."""
        text = {"version": 1, "declared": self.declared, "live": self.live, "redaction": {"key": KEY}}
        text |= self.more | ({"engine": dict(said)} if said else {})
        (self.folder / "drift.yaml").write_text(yaml.safe_dump(text, sort_keys=False))
        return Run(load(self.folder / "drift.yaml", env={}), only, **more)

    def alone(self, **more: Any) -> Result:
        return self.run(**more).scan()

    def together(
        self, monkeypatch: pytest.MonkeyPatch, crew: Callable[[], Inline] = Inline, **more: Any
    ) -> Result:
        """By a crew of threads."""
        with monkeypatch.context() as patch:
            patch.setattr(engine, "_engine", lambda *_: crew())
            return self.run({"local": 2}, **more).scan()


@contextlib.contextmanager
def larkspur(folder: Path, monkeypatch: pytest.MonkeyPatch, names: Sequence[str]) -> Iterator[Estate]:
    """The company of the demo, on the morning after, in some clouds; and a second cluster that holds a part
    of what the first does."""
    with contextlib.ExitStack() as stack:
        live: dict[str, Any] = {}
        declared: list[dict[str, Any]] = []
        for name in names:
            cloud = stack.enter_context(plugins.demo(name).start())
            built = cloud.build(folder)
            cloud.night(Night.last(datetime.now(UTC), before=0))
            for variable, value in built.environment.items():
                if value is not None:
                    monkeypatch.setenv(variable, value)
            live |= {name: dict(built.live)}
            declared += [dict(one) for one in built.declared]
        yield Estate(folder, live, declared)


def told(result: Result) -> tuple[Any, list[str], int, int]:
    """A result but for times and the run's id: the report, the evidence in its order, the exit codes."""
    report = json.loads(_RUN.sub("then", orjson.dumps(result.report, default=str).decode()))
    evidence = [json.dumps(_timeless(json.loads(orjson.dumps(one, default=str)))) for one in result.evidence]
    return _timeless(report), evidence, result.exit_code, result.forgiving


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "" if name in _TIMES else _timeless(item) for name, item in value.items()}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


@contextlib.contextmanager
def clusters(
    folder: Path, count: int, objects: Callable[[int], list[dict[str, Any]]], token: str | None = None
) -> Iterator[Any]:
    """Clusters ``c0``, ``c1``, … with these objects, behind one kubeconfig."""
    files = [folder / f"kubeconfig-{number}" for number in range(count)]
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(
                cluster(
                    objects(number),
                    name=f"c{number}",
                    kubeconfig=files[number],
                    bootstrap=False,
                    faults=Faults(token=token),
                )
            )
            for number in range(count)
        ]
        whole: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": "c0"}
        whole |= {word: [] for word in ("clusters", "contexts", "users")}
        for number, file in enumerate(files):
            part = yaml.safe_load(file.read_text())
            for word in ("clusters", "users"):
                whole[word] += [{**one, "name": f"c{number}"} for one in part[word]]
            context = {**part["contexts"][0]["context"], "cluster": f"c{number}", "user": f"c{number}"}
            whole["contexts"].append({"name": f"c{number}", "context": context})
        (folder / "kubeconfig").write_text(yaml.safe_dump(whole))
        yield servers


def same(one: Result, other: Result) -> None:
    """Asserts that two results are one but for times; else says where they differ."""
    first, second = told(one), told(other)
    assert first[2:] == second[2:]
    for mine, its in ((first[0], second[0]), (first[1], second[1])):
        lines = [json.dumps(side, indent=1).splitlines() for side in (mine, its)]
        differ = list(difflib.unified_diff(*lines, "one", "other", n=2, lineterm=""))
        assert not differ, "\n".join(line[:200] for line in differ[:60])
