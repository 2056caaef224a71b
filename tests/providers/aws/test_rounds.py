"""What is asked of many resources is asked in few rounds, and no call before what it needs is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import boto3
import pytest

from drift.loopback import Answer, Request, Server
from drift.model import Resource
from providers.aws.facts import catalogue
from providers.aws.machine import CellTask, Hands
from providers.aws.rounds import rounds
from providers.aws.session import Place
from providers.aws.shared import Shared


def _steps(type_: str) -> list[Any]:
    said = catalogue().entries[type_].said["describe"]
    return [one for one in said if "batch" not in one]


def _calls(type_: str) -> list[list[str]]:
    return [[one["call"] for one in together] for together in rounds(_steps(type_))]


def test_settings_of_a_bucket_are_few_rounds() -> None:
    found = _calls("AWS::S3::Bucket")
    place = {call: number for number, together in enumerate(found) for call in together}
    assert len(found) <= 4 < 15 < len(place)
    assert place["get_bucket_ownership_controls"] < place["get_bucket_acl"]
    assert place["get_bucket_versioning"] < place["get_bucket_replication"]
    assert place["get_bucket_policy"] == place["get_bucket_encryption"]


@pytest.mark.parametrize("type_", sorted(catalogue().entries))
def test_no_step_is_left_out_or_comes_earlier_than_the_facts_say(type_: str) -> None:
    said = catalogue().entries[type_].said.get("describe", ())
    steps = [one for one in said if "batch" not in one]
    assert [one for together in rounds(steps) for one in together] == steps


@pytest.mark.parametrize(("steps", "wanted"), [
    ([{"call": "a"}, {"call": "b"}], [1, 1]),  # nobody knows what the first one tells
    ([{"call": "a", "as": "A"}, {"call": "b", "with": {"Id": "=Id"}}], [2]),
    ([{"call": "a", "as": "A"}, {"call": "b", "with": {"Ids": ["=A.Id"]}}], [1, 1]),
    ([{"call": "a", "take": "{X: Y}"}, {"call": "b", "needless": "length(X) == `0`"}], [1, 1]),
    ([{"call": "a", "take": "{X: Y}"}, {"call": "b", "when": "Y"}], [2]),
    ([{"call": "a", "take": "{X: Y}"}, {"call": "b", "region": "X"}], [1, 1]),
    ([{"take": "{X: Y}", "bulk": {"arn": "Arn", "as": "Tags"}}, {"call": "b", "when": "Tags"}], [1, 1]),
    ([{"call": "a", "as": "A"}, {"call": "b", "take": "B"}, {"call": "c", "with": {"Id": "=Id"}}], [2, 1]),
])  # fmt: skip
def test_a_round_needs_only_what_earlier_ones_told(steps: list[Any], wanted: list[int]) -> None:
    assert [len(one) for one in rounds(steps)] == wanted


@pytest.fixture
def buckets() -> Iterator[tuple[Server, list[str], threading.Event]]:
    """A service of two buckets, one of which is gone once it is asked for; its calls wait for one another."""
    asked: list[str] = []
    met = threading.Event()
    both = threading.Barrier(2, met.set)

    def answer(request: Request) -> Answer:
        asked.append(f"{request.path}?{request.query}")
        if request.path == "/":
            names = "".join(
                f"<Bucket><Name>{one}</Name><BucketRegion>eu-west-1</BucketRegion></Bucket>" for one in "ab"
            )
            return Answer(
                200, f"<ListAllMyBucketsResult><Buckets>{names}</Buckets></ListAllMyBucketsResult>".encode()
            )
        if request.path.startswith("/b"):
            return Answer(404, b"<Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>")
        if request.query in ("policy", "encryption"):
            both.wait(60)  # of two calls about one bucket
        if request.query == "cors":
            return Answer(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
        return Answer(404, b"<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message></Error>")

    server = Server(answer)
    yield server, asked, met
    server.close()


def test_calls_about_one_bucket_are_made_at_once_and_one_that_is_gone_is_no_resource(
    buckets: tuple[Server, list[str], threading.Event],
) -> None:
    server, asked, met = buckets
    session = boto3.Session("k", "s", region_name="eu-west-1")
    make: Any = session.client
    with ThreadPoolExecutor(16) as pool:
        hands = Hands(
            client=lambda service, where: make(service, region_name=where, endpoint_url=server.url),
            pool=pool,
            limit=lambda service, where: nullcontext(),
            shared=Shared(),
        )
        read = list(
            CellTask(catalogue().entries["AWS::S3::Bucket"], Place("1" * 12), "eu-west-1", hands).read()
        )
    (found,) = [one for one in read if isinstance(one, Resource)]
    assert found.name == "a" and met.is_set()
    assert found.unread is not None and "/CorsConfiguration" in found.unread
    assert "/PolicyDocument" not in found.unread
    assert len(asked) == len(set(asked))
