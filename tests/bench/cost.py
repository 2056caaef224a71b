"""What reading 1,000 more resources of each cloud costs: calls, processor time, memory, bytes of answers.

Each cloud is a loopback one, read twice, the second time with more resources: what both runs need is the
price of a scope, and the rest is that of its resources. Each reading is a process of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from drift.config.model import load
from drift.deadline import Calls
from drift.live import collect as collecting
from drift.scan import Run
from providers.aws.loopback import environment
from tests.bench import aws_answers, azure, gcp, kubernetes, wire
from tests.bench.collect import record

#: What most accounts have, two or more of each.
TYPES = (
    *("AWS::ApiGateway::RestApi", "AWS::CloudWatch::Alarm", "AWS::DynamoDB::Table", "AWS::EC2::Instance"),
    *("AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::Volume", "AWS::ECR::Repository"),
    *("AWS::Events::Rule", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::KMS::Key", "AWS::Lambda::Function"),
    *("AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SSM::Parameter"),
)
REGIONS = ("us-east-1", "eu-west-1")
SCOPES = {"aws": 2, "azure": 4, "gcp": 4, "kubernetes": 1}
#: Of AWS, how many of each type in an account and region; of the others, how many in all.
SIZES = {
    "aws": (3, 30),
    "azure": (10_000, 30_000),
    "gcp": (10_000, 30_000),
    "kubernetes": (20_000, 60_000),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one reading took: processor seconds and peak memory (MB) of the process, bytes of all answers,
    seconds that passed, and of AWS the calls of each service."""

    resources: int
    calls: int
    seconds: float
    megabytes: float
    bytes: int
    passed: float
    services: dict[str, int] = field(default_factory=dict)


def main() -> None:
    for cloud in SIZES:
        small, large = (measured(cloud, size) for size in SIZES[cloud])
        print(line(cloud, small, large))


def line(cloud: str, small: Cost, large: Cost) -> str:
    more = (large.resources - small.resources) / 1000
    return (
        f"cost: {cloud}: 1,000 more resources: {(large.calls - small.calls) / more:.0f} calls, "
        f"{(large.seconds - small.seconds) / more:.2f} s of processor time, "
        f"{(large.megabytes - small.megabytes) / more:.1f} MB, "
        f"{(large.bytes - small.bytes) / more / 1e6:.2f} MB of answers (from {small.resources:,} resources, "
        f"{small.calls:,} calls, {small.seconds:.1f} s, {small.megabytes:.0f} MB to {large.resources:,}, "
        f"{large.calls:,}, {large.seconds:.1f} s, {large.megabytes:.0f} MB)"
    )


def measured(cloud: str, size: int, delay: float = 0.0, scopes: int | None = None) -> Cost:
    """One reading of a loopback cloud of a size; each answer comes ``delay`` seconds later."""
    parts = scopes or SCOPES[cloud]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _serving(cloud, size, parts, folder) as url, wire.between(url, delay) as (address, count):
            env = {**os.environ, **(environment(address) if cloud == "aws" else {})}
            live = _settings(cloud, address, folder, parts)
            text = {"version": 1, "live": {cloud: {**live, "calls": 10**9}}}
            (folder / "drift.yaml").write_text(yaml.safe_dump(text))
            command = [sys.executable, "-m", "tests.bench.cost", str(folder / "drift.yaml")]
            began = time.perf_counter()
            done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
            passed = time.perf_counter() - began
            assert done.returncode == 0, done.stderr
            told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
            return Cost(**told, bytes=count(), passed=passed)


@contextlib.contextmanager
def _serving(cloud: str, size: int, scopes: int, folder: Path) -> Iterator[str]:
    if cloud == "aws":
        os.environ["BENCH_THINGS"] = str(size)
        with aws_answers.serving() as url:
            yield url
    elif cloud == "kubernetes":
        with kubernetes.served(folder, size) as url:
            yield url
    else:
        with azure.served(size, scopes) if cloud == "azure" else gcp.served(size, scopes) as url:
            yield url


def _settings(cloud: str, address: str, folder: Path, scopes: int) -> dict[str, Any]:
    if cloud == "aws":
        return {
            "regions": list(REGIONS),
            "accounts": [{"id": f"{111111111110 + one}", "role": "r"} for one in range(scopes)],
            "include": list(TYPES),
            "exclude": ["AWS::CloudFormation::Stack"],
        }
    if cloud == "kubernetes":
        config = yaml.safe_load((folder / "kubeconfig").read_text())
        for one in config["clusters"]:
            one["cluster"]["server"] = address
        (folder / "kubeconfig").write_text(yaml.safe_dump(config))
        return {"kubeconfig": str(folder / "kubeconfig")}
    return {"endpoint": address}


def _read(path: Path) -> None:
    """Reads what a configuration names in this process, and prints what it took."""
    budgets: list[Calls] = []

    class Kept(Calls):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            budgets.append(self)

    collecting.Calls = Kept  # type: ignore[misc]
    run = Run(load(path))
    calls, found = record(lambda: len(run.snapshot()[0]))
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "resources": found,
        "calls": sum(one.made for one in budgets),
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
        "services": Counter(call.service for call in calls),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    _read(Path(sys.argv[1]))
