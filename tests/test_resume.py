"""A run that is killed or told to stop in the middle of its reading loses nothing of what it has
read: the next one goes on, asks for nothing twice, and reports what an undisturbed one does."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from drift.live.checkpoint import cells_of
from drift.live.pieces import Pieces
from drift.resumption import NAME
from providers.aws.loopback import environment
from reports import verdicts
from tests import command, forked_aws
from tests.conftest import client, declare_queue, report_validator
from tests.faulty import Call, Weather, faulty

#: Types by the call that lists them.
LISTS = {
    "ListQueues": "AWS::SQS::Queue",
    "ListTopics": "AWS::SNS::Topic",
    "DescribeLogGroups": "AWS::Logs::LogGroup",
    "ListTables": "AWS::DynamoDB::Table",
    "ListStateMachines": "AWS::StepFunctions::StateMachine",
    "DescribeRepositories": "AWS::ECR::Repository",
    "ListStreams": "AWS::Kinesis::Stream",
    "DescribeVpcs": "AWS::EC2::VPC",
}
CONFIG = f"""\
version: 1
declared: [{{path: declared.jsonl}}]
redaction: {{key: a key for tests}}
attribution: {{calls: 0}}
confirm: {{findings: 0}}
history: false
workers: 2
live:
  aws: {{regions: [us-east-1], inventory: none, max_attempts: 1, include: {json.dumps([*LISTS.values()])}}}
"""
MOMENTS = [
    pytest.param(seed, id=f"seed {seed}", marks=pytest.mark.chaos if seed else ()) for seed in range(12)
]


@dataclass
class Shop:
    """An AWS of some resources behind a proxy, and a folder that declares a queue which differs."""

    weather: Weather
    env: dict[str, str]
    folder: Path
    over: threading.Event = field(default_factory=threading.Event)

    def scan(self, *arguments: str) -> tuple[int, str, dict[str, Any]]:
        """(exit code, what was said, the report) of a run."""
        self.weather.fault = lambda _: None
        self.weather.calls.clear()
        code, _, said = command.run(self.folder, ["scan", "-q", *arguments], self.env)
        newest = sorted(self.folder.glob("runs/*/report.json"))[-1]
        report = json.loads(newest.read_bytes())
        report_validator().validate(report)
        return code, said, report

    def hung(self, after: int) -> Any:
        """The process of a run all of whose calls hang after so many lists."""
        listed: list[str] = []

        def fault(call: Call) -> str | None:
            if call.operation in LISTS:
                listed.append(call.operation)
            if len(listed) > after:
                self.over.wait()
                return "reset"
            return None

        self.weather.fault = fault
        process = command.started(self.folder, ["scan", "-q"], self.env, self.folder)
        until(lambda: len(listed) > after)
        return process


def until(holds: Any) -> None:
    end = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with forked_aws.moto() as url:
        for name in ("orders", "bills", "mails"):
            client(url, "sqs").create_queue(QueueName=name)
        client(url, "sns").create_topic(Name="alarms")
        client(url, "logs").create_log_group(logGroupName="/shop")
        client(url, "kinesis").create_stream(StreamName="clicks", ShardCount=1)
        yield url


@pytest.fixture
def shop(aws: str, tmp_path: Path) -> Iterator[Shop]:
    declare_queue(tmp_path, DelaySeconds=7)
    (tmp_path / "drift.yaml").write_text(CONFIG)
    with faulty(aws) as (url, weather):
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environment(url, "us-east-1")}
        made = Shop(weather, env, tmp_path)
        yield made
        made.over.set()


def plain(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what is of its moment."""
    told = {**report, "run": None, "findings": [], "coverage": []}
    for name in ("findings", "coverage"):
        for one in report[name]:
            left = {"read_at", "read_by", "first_seen", "note"}
            told[name].append({key: value for key, value in one.items() if key not in left})
    return told


def kept(shop: Shop) -> set[str]:
    """The types that a run that is over has kept."""
    (path,) = shop.folder.glob(f"runs/*/{NAME}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Pieces(path) as file:
        cells = [cells_of(one) for one in file.read() if one.head.get("cells")]
    return {cell.type for some in cells for cell in some} & set(LISTS.values())


@pytest.mark.parametrize("seed", MOMENTS)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told to stop"])
def test_nothing_is_lost_and_nothing_asked_twice(shop: Shop, how: signal.Signals, seed: int) -> None:
    moments = random.Random(seed)
    process = shop.hung(moments.randint(3, 7))
    until(lambda: kept_so_far(shop.folder) or seed)  # at any moment, where it is not the one of CI
    time.sleep(moments.random() * 0.3 if seed else 0)
    os.kill(process.pid, how)
    process.join(300)
    shop.over.set()
    assert (process.exitcode == -how) is (how == signal.SIGKILL)
    stands = kept(shop)
    code, said, resumed = shop.scan("--resume")
    assert "goes on with run" in said
    asked = {LISTS[call.operation] for call in shop.weather.calls if call.operation in LISTS}
    assert (stands or seed) and not stands & asked and stands | asked == set(LISTS.values())
    by = {row["type"] for row in resumed["coverage"] if "read_by" in row}
    assert stands <= by and resumed["run"]["resumed"]["cells"] == len(
        [row for row in resumed["coverage"] if "read_by" in row]
    )
    (finding,) = [one for one in resumed["findings"] if one["name"] == "orders"]
    assert ("read_by" in finding) is ("AWS::SQS::Queue" in stands) is ("as run " in finding.get("note", ""))
    assert "read by an earlier run, the first at" in verdicts.verdict(resumed).line or not by
    assert not list(shop.folder.glob(f"runs/*/{NAME}"))
    undisturbed = shop.scan()
    assert code == undisturbed[0] == 2
    assert plain(resumed) == plain(undisturbed[2])


def kept_so_far(folder: Path) -> bool:
    """Whether some piece of a run that is not over is on disk."""
    return any(path.stat().st_size > 2000 for path in folder.glob(f"runs/*/{NAME}"))
