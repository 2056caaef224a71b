"""Collecting a moto estate of 2,000 resources, against a bare concurrent boto3 loop that makes the very same
calls.

The calls are recorded from one of our own runs, then repeated by plain clients on a thread pool of the same
size, which throw the answers away.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import boto3
import botocore.client
import botocore.session
from botocore.config import Config as BotoConfig

from drift.config.model import parse
from drift.scan import Run
from providers.aws.loopback import environment, moto
from tests.bench.timing import paired

RESOURCES = 2000
THREADS = 32
Found = TypeVar("Found")


class Call(NamedTuple):
    """One call: of which service, which operation, with which parameters, where, by whose key."""

    service: str
    operation: str
    parameters: dict[str, Any]
    region: str
    key: str


def main() -> None:
    with moto() as url:
        os.environ.update(environment(url))
        build()
        calls, _ = record(snapshot)
        found = len(snapshot())
        bare = Bare(calls)
        result = paired(snapshot, bare.run, runs=5)
        print(f"collect: {found} resources, {len(calls)} calls")
        print(result.line("collect", "drift snapshot", "bare boto3 loop", "at most 1.5"))


def snapshot() -> Any:
    text = "version: 1\nlive:\n  aws: {regions: [us-east-1]}\n"
    return Run(parse(text, "drift.yaml", Path.cwd(), None, os.environ)).snapshot()[0]


def build() -> None:
    """400 each of five types, as many companies have: queues, topics, log groups, parameters, roles."""
    each = RESOURCES // 5
    sqs, sns, logs, ssm, iam = (
        boto3.client(s, config=BotoConfig(max_pool_connections=16))
        for s in ("sqs", "sns", "logs", "ssm", "iam")
    )
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    )

    def make(i: int) -> None:
        sqs.create_queue(QueueName=f"bench-{i}", tags={"Owner": "bench"})
        sns.create_topic(Name=f"bench-{i}", Tags=[{"Key": "Owner", "Value": "bench"}])
        logs.create_log_group(logGroupName=f"/bench/{i}", tags={"Owner": "bench"})
        ssm.put_parameter(Name=f"/bench/{i}", Value=str(i), Type="String")
        iam.create_role(RoleName=f"bench-{i}", AssumeRolePolicyDocument=trust)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(each)))


def record(read: Callable[[], Found]) -> tuple[list[Call], Found]:
    """Every call that is made meanwhile, with its final parameters, and what is read."""
    calls: list[Call] = []
    lock = threading.Lock()
    original = botocore.client.BaseClient._make_api_call

    def recording(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        key = self._request_signer._credentials.get_frozen_credentials().access_key
        service, region = self.meta.service_model.service_name, self.meta.region_name
        with lock:
            calls.append(Call(service, operation, dict(parameters), region, key))
        return original(self, operation, parameters)

    botocore.client.BaseClient._make_api_call = recording  # type: ignore[method-assign]
    try:
        found = read()
    finally:
        botocore.client.BaseClient._make_api_call = original  # type: ignore[method-assign]
    return calls, found


class Bare:
    """The loop that somebody would write without this program."""

    def __init__(self, calls: list[Call]) -> None:
        self.calls = calls

    def run(self) -> None:
        session = boto3.Session()
        config = BotoConfig(max_pool_connections=64, retries={"mode": "adaptive"})
        clients = {
            service: session.client(service, config=config)
            for service in sorted({call.service for call in self.calls})
        }
        methods = {
            (service, operation): method
            for service, client in clients.items()
            for method, operation in client.meta.method_to_api_mapping.items()
        }

        def call(one: Call) -> None:
            client = clients[one.service]
            try:
                getattr(client, methods[one.service, one.operation])(**one.parameters)
            except client.exceptions.ClientError:
                return  # the same "not configured" answers that our run gets

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(call, self.calls))
