"""Ten thousand resources of a hundred types in four accounts and three regions, read from a loopback AWS that
answers from memory, against a bare concurrent loop that makes the very same calls."""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config as BotoConfig

from drift.config.model import parse
from drift.scan import Run
from providers.aws.facts import catalogue
from providers.aws.loopback import environment
from tests.bench import aws_answers
from tests.bench.collect import Call, record
from tests.bench.timing import Paired, busy

TYPES, THREADS, PAIRS = 100, 32, int(os.environ.get("BENCH_PAIRS", "5"))
ACCOUNTS = [f"11111111111{number}" for number in range(4)]
REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2"]


def main() -> None:
    with aws_answers.serving() as url:
        os.environ.update(environment(url))
        types = chosen()
        read = partial(snapshot, types, ACCOUNTS, REGIONS)
        calls, found = record(lambda: len(read()))
        calls = [call for call in calls if call.service != "sts"]  # what enters the accounts
        bare = Bare(calls)
        wall, processor = Paired([], []), Paired([], [])
        for _ in range(PAIRS + 1):  # the first is to warm up
            for one, seconds, used in (
                (read, wall.ours, processor.ours),
                (bare.run, wall.other, processor.other),
            ):
                began, began_used = time.perf_counter(), time.process_time()
                one()
                seconds.append(time.perf_counter() - began)
                used.append(time.process_time() - began_used)
        for paired in (wall, processor):
            del paired.ours[0], paired.other[0]
        print(f"aws: {found} resources of {len(types)} types, {len(calls)} calls; {busy()}")
        print(wall.line("aws", "drift snapshot", "bare boto3 loop", "at most 1.2"))
        print(processor.line("aws, processor time", "drift snapshot", "bare boto3 loop", "at most 1.2"))


def snapshot(types: list[str], accounts: list[str], regions: list[str]) -> Any:
    told = ", ".join(f'{{id: "{account}", role: r}}' for account in accounts)
    include = ", ".join(types)
    text = (
        f"version: 1\nlive:\n  aws: {{regions: [{', '.join(regions)}], accounts: [{told}],\n"
        f"    include: [{include}], exclude: ['AWS::CloudFormation::Stack']}}\n"
    )
    return Run(parse(text, "drift.yaml", Path.cwd(), None, os.environ)).snapshot()[0]


def chosen() -> list[str]:
    """Types that can be read from made-up answers: as many of each as a list tells of."""
    every = sorted(catalogue().compared)
    estate = snapshot(every, ACCOUNTS[:1], REGIONS[:1])
    found = Counter(one.type for one in estate)
    whole = {cell.type for cell, row in estate.coverage.items() if row.status == "checked"}
    return [type_ for type_ in every if type_ in whole and found[type_] == aws_answers.THINGS][:TYPES]


class Bare:
    """The loop that somebody would write without this program: a client for each account, service and region,
    all of one session, that reads what it knows of a service once; all calls on one pool."""

    def __init__(self, calls: list[Call]) -> None:
        self.calls = calls

    def run(self) -> None:
        config = BotoConfig(max_pool_connections=64, retries={"mode": "standard"})
        client: Any = boto3.Session().client  # the stubs know only services by literal names
        clients = {
            (key, service, region): client(
                service,
                region_name=region,
                config=config,
                aws_access_key_id=key,
                aws_secret_access_key="s",
                aws_session_token="t",
            )
            for key, service, region in sorted({(one.key, one.service, one.region) for one in self.calls})
        }
        methods = {
            (where[1], operation): method
            for where, client in clients.items()
            for method, operation in client.meta.method_to_api_mapping.items()
        }

        def call(one: Call) -> None:
            client = clients[one.key, one.service, one.region]
            try:
                getattr(client, methods[one.service, one.operation])(**one.parameters)
            except client.exceptions.ClientError:
                return  # the same "not configured" answers that our run gets

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(call, self.calls))
