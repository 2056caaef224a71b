"""``drift diff`` of two files of many resources, 1 % of them changed: seconds, memory, and against plain
DeepDiff."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from drift import plugins
from drift.compare.pair import Comparer
from drift.live.estate import Estate
from drift.model import Resource
from drift.redaction.redact import Redactor
from tests.bench.timing import seconds

CHANGED_EVERY = 100


def main() -> None:
    count = int(os.environ.get("BENCH_RESOURCES", "100000"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write(folder / "declared.jsonl", count, changed=False)
        write(folder / "live.jsonl", count, changed=True)
        command = [
            sys.executable,
            "-m",
            "drift",
            "diff",
            "--live",
            "live.jsonl",
            "--declared",
            "declared.jsonl",
        ]
        command += ["-o", "out", "--format", "json", "--exit-zero"]
        started = time.perf_counter()
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet) as process:
            peaks = watched(process)
        took = time.perf_counter() - started
        assert process.returncode == 0, process.returncode
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        worked = usage.ru_utime + usage.ru_stime
        found = len(orjson.loads((folder / "out" / "report.json").read_bytes())["findings"])
        print(
            f"diff: {count} resources of {size // count} bytes, {found} findings: {took:.1f} s "
            f"({worked:.1f} s of processor time), {sum(peaks):.0f} MB in {len(peaks)} processes, the largest "
            f"{max(peaks):.0f} MB (goal for 100,000 on two cores: under 30 s and 1 GB)"
        )
        assert found == count // CHANGED_EVERY
    against_deepdiff(2000)


def watched(process: subprocess.Popen[bytes]) -> list[float]:
    """The peak memory in MB of a process and of each that it starts, until it ends; Linux only.

    Their peaks need not fall together: the sum is an upper bound.
    """
    peaks: dict[int, float] = {}
    while process.poll() is None:
        for one in [process.pid, *_descendants(process.pid)]:
            with contextlib.suppress(OSError, StopIteration):
                status = Path(f"/proc/{one}/status").read_text(encoding="ascii")
                line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
                peaks[one] = int(line.split()[1]) / 1024
        time.sleep(0.1)
    return list(peaks.values())


def _descendants(process: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in map(int, (task / "children").read_text(encoding="ascii").split()):
                yield child
                yield from _descendants(child)


def against_deepdiff(sample: int) -> None:
    """The comparison alone of so many pairs, in one process as the program does it, against plain DeepDiff of
    the same pairs."""
    from deepdiff import DeepDiff

    comparer = Comparer(Estate(plugins.providers()), Redactor("bench"))
    pairs = [
        (_read(one), _read(other))
        for one, other in zip(records(sample, False), records(sample, True), strict=True)
    ]

    def ours() -> None:
        assert len(comparer.compare(pairs).changed) == sample // CHANGED_EVERY

    def theirs() -> None:
        for declared, live in pairs:
            DeepDiff(declared.attributes, live.attributes)

    ours()
    took = min(seconds(ours) for _ in range(3))
    plain = seconds(theirs)
    print(
        f"diff: comparing {sample} pairs: {took:.2f} s, plain DeepDiff {plain:.2f} s, "
        f"{plain / took:.0f} times as long (goal at least 50)"
    )


def _read(record: dict[str, Any]) -> Resource:
    return Resource(
        record["provider"],
        record["scope"],
        record["type"],
        record["id"],
        record["attributes"],
        record.get("region"),
    )


def write(path: Path, count: int, *, changed: bool) -> int:
    with path.open("wb") as out:
        return sum(out.write(orjson.dumps(record) + b"\n") for record in records(count, changed))


def records(count: int, changed: bool) -> Iterator[dict[str, Any]]:
    """Resources of four clouds in turn; live ones list their members in another order, and one in a hundred
    has one more."""
    makers = (_role, _deployment, _group, _security_group, _function, _firewall, _queue, _bucket)
    for number in range(count):
        record = makers[number % len(makers)](number, changed)
        if changed and number % CHANGED_EVERY == 0:
            _touch(record["attributes"])
        yield record


def _touch(attributes: dict[str, Any]) -> None:
    """Adds a tag or a label, by hand."""
    named = attributes.get("metadata", attributes)
    labels = next(named[key] for key in ("Tags", "tags", "labels") if key in named)
    if isinstance(labels, list):
        labels.append({"Key": "Touched", "Value": "by hand"})
    else:
        labels["touched"] = "by-hand"


def _labels(number: int) -> dict[str, str]:
    return {f"tag-{i}": f"value-{number}-{i}" for i in range(12)}


def _tags(number: int, changed: bool) -> list[dict[str, str]]:
    tags = [{"Key": f"tag-{i}", "Value": f"value {number}-{i}"} for i in range(12)]
    return tags[::-1] if changed else tags


def _record(type_: str, id_: str, region: str | None, attributes: dict[str, Any]) -> dict[str, Any]:
    place = {"region": region} if region else {}
    return {
        "provider": "aws",
        "scope": "123456789012",
        **place,
        "type": type_,
        "id": id_,
        "attributes": attributes,
    }


def _role(number: int, changed: bool) -> dict[str, Any]:
    actions = [f"s3:Action{i}" for i in range(60)]
    statement = {
        "Effect": "Allow",
        "Action": actions[::-1] if changed else actions,
        "Resource": f"arn:aws:s3:::b-{number}/*",
    }
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return _record(
        "AWS::IAM::Role",
        f"arn:aws:iam::123456789012:role/r-{number}",
        None,
        {
            "RoleName": f"r-{number}",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [
                {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
            ],
            "Tags": _tags(number, changed),
        },
    )


def _group(number: int, changed: bool) -> dict[str, Any]:
    rules = [
        {
            "IpProtocol": "tcp",
            "FromPort": 1000 + i,
            "ToPort": 1000 + i,
            "CidrIp": f"10.0.{i}.0/24",
            "Description": f"port {i}",
        }
        for i in range(13)
    ]
    return _record(
        "AWS::EC2::SecurityGroup",
        f"sg-{number:017x}",
        "us-east-1",
        {
            "GroupName": f"g-{number}",
            "GroupDescription": "bench",
            "SecurityGroupIngress": rules[::-1] if changed else rules,
            "Tags": _tags(number, changed),
        },
    )


def _function(number: int, changed: bool) -> dict[str, Any]:
    return _record(
        "AWS::Lambda::Function",
        f"arn:aws:lambda:us-east-1:123456789012:function:f-{number}",
        "us-east-1",
        {
            "FunctionName": f"f-{number}",
            "Description": "handles " * 170,
            "Handler": "main.handler",
            "Runtime": "python3.13",
            "Tags": _tags(number, changed),
        },
    )


def _queue(number: int, changed: bool) -> dict[str, Any]:
    attributes = {"QueueName": f"q-{number}", "VisibilityTimeout": 60, "Tags": _tags(number, changed)}
    if changed:
        attributes |= {"DelaySeconds": 0, "MessageRetentionPeriod": 345600}
    statements = [
        {
            "Sid": f"s{i}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{i:012}:root"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        }
        for i in range(11)
    ]
    attributes["PolicyDocument"] = {
        "Version": "2012-10-17",
        "Statement": statements[::-1] if changed else statements,
    }
    return _record(
        "AWS::SQS::Queue", f"arn:aws:sqs:us-east-1:123456789012:q-{number}", "us-east-1", attributes
    )


def _of(provider: str, scope: str, type_: str, id_: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"provider": provider, "scope": scope, "type": type_, "id": id_, "attributes": attributes}


def _security_group(number: int, changed: bool) -> dict[str, Any]:
    rules = [
        {
            "name": f"rule-{i}",
            "properties": {
                "protocol": "Tcp",
                "access": "Allow",
                "direction": "Inbound",
                "priority": 100 + i,
                "sourceAddressPrefix": f"10.0.{i}.0/24",
                "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRange": str(1000 + i),
            },
        }
        for i in range(6)
    ]
    attributes = {
        "location": "westeurope",
        "tags": _labels(number),
        "properties": {"securityRules": rules[::-1] if changed else rules},
    }
    scope = "00000000-0000-4000-8000-000000000001"
    group = f"/subscriptions/{scope}/resourceGroups/rg/providers"
    id_ = f"{group}/Microsoft.Network/networkSecurityGroups/n-{number}"
    return _of("azure", scope, "Microsoft.Network/networkSecurityGroups", id_, attributes)


def _firewall(number: int, changed: bool) -> dict[str, Any]:
    ranges = [f"10.{i}.0.0/16" for i in range(30)]
    network = "projects/bench/global/networks/default"
    attributes = {
        "name": f"f-{number}",
        "description": "lets in " * 120,
        "network": f"https://www.googleapis.com/compute/v1/{network}",
        "direction": "INGRESS",
        "priority": 1000,
        "sourceRanges": ranges[::-1] if changed else ranges,
        "allowed": [{"IPProtocol": "tcp", "ports": ["22", "443"]}],
    }
    id_ = f"//compute.googleapis.com/projects/bench/global/firewalls/f-{number}"
    return _of("gcp", "bench", "compute.googleapis.com/Firewall", id_, attributes)


def _bucket(number: int, changed: bool) -> dict[str, Any]:
    attributes = {
        "name": f"b-{number}",
        "location": "EU",
        "labels": _labels(number),
        "lifecycle": {
            "rule": [{"action": {"type": "Delete"}, "condition": {"age": 10 + i}} for i in range(20)]
        },
    }
    if changed:
        attributes |= {"storageClass": "STANDARD", "etag": "CAE="}
    id_ = f"//storage.googleapis.com/b-{number}"
    return _of("gcp", "bench", "storage.googleapis.com/Bucket", id_, attributes)


def _deployment(number: int, changed: bool) -> dict[str, Any]:
    environment = [{"name": f"NAME_{i}", "value": f"value {i}"} for i in range(20)]
    pod = {
        "containers": [
            {
                "name": "web",
                "image": f"registry.example.com/web:{number}",
                "env": environment[::-1] if changed else environment,
                "resources": {"limits": {"cpu": "1", "memory": "128Mi"}},
            }
        ]
    }
    attributes = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"d-{number}", "namespace": "bench", "labels": _labels(number)},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": pod},
        },
    }
    return _of("kubernetes", "bench", "apps/v1/Deployment", f"bench/d-{number}", attributes)
