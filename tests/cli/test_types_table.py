"""What can't be read is said, never called missing, and never ends in exit code 0."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drift import plugins
from drift.cli.types_table import unverifiable_paths
from providers.aws.loopback import ACCOUNT
from tests import ports
from tests.conftest import Drift, Ran, client, start_drift
from tests.faulty import Call, Weather, faulty

pytestmark = pytest.mark.long


OTHER = "222222222222"
SQS, S3, IAM, GROUPS = "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::IAM::Role", "AWS::EC2::SecurityGroup"
TYPES = (SQS, S3, IAM, GROUPS)
SERVICES = {"sqs": SQS, "s3": S3, "iam": IAM, "ec2": GROUPS}
AWS = f"""
  aws:
    regions: [us-east-1]
    include: [{", ".join(TYPES)}]
    connect_timeout: 5
    read_timeout: 60
    max_attempts: 2
"""
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)
#: Seconds after which a service that hangs is given up; the others answer within them on a busy machine, too.
PATIENCE = 12


@pytest.fixture(scope="module")
def estate(aws: str) -> str:
    """Queues, buckets, roles and a security group in a loopback AWS."""
    for number in range(2):
        client(aws, "sqs").create_queue(QueueName=f"cover-{number}", tags={"Owner": "me"})
        client(aws, "s3").create_bucket(Bucket=f"cover-{number}")
        client(aws, "iam").create_role(RoleName=f"cover-{number}", AssumeRolePolicyDocument=TRUST)
    client(aws, "ec2").create_security_group(GroupName="cover", Description="cover")
    return aws


@pytest.fixture(scope="module")
def baseline(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was live in good weather, as a declared baseline."""
    folder = tmp_path_factory.mktemp("baseline")
    write(folder, "declared: []", AWS)
    made = start_drift(folder, "baseline", "-o", "base", "-q", endpoint=estate)
    assert made.code == 0, made.stderr
    return folder / "base"


@pytest.fixture
def bad(
    estate: str, baseline: Path, tmp_path: Path, drift: Drift
) -> Iterator[tuple[Callable[..., Ran], Weather]]:
    """A scan through a proxy of the estate that was declared in good weather, and the weather."""
    with faulty(estate) as (url, weather):
        shutil.copytree(baseline, tmp_path / "base")
        write(tmp_path, "declared: [{path: base}]", AWS)
        yield lambda *more: drift("scan", "-o", "out", "-q", *more, endpoint=url), weather


def write(folder: Path, declared: str, live: str) -> None:
    (folder / "drift.yaml").write_text(f"version: 1\n{declared}\nlive:{live}")


def test_in_good_weather_all_is_in_sync(bad: tuple[Callable[..., Ran], Weather]) -> None:
    scan, _ = bad
    ran = scan()
    assert ran.findings() == {}
    assert ran.code == 0
    assert {row["status"] for row in ran.report["coverage"] if row["type"] in TYPES} == {"checked"}


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("denied", "denied"),
        ("throttled", "throttled"),
        ("expired", "denied"),
        ("garbage", "failed"),
        ("truncated", "failed"),
        ("empty", "failed"),
        ("html", "failed"),
        ("hang", "failed"),
        ("reset", "failed"),
    ],
)
@pytest.mark.parametrize("names", [("sqs", "s3", "ec2"), ("iam",)])
def test_services_on_a_bad_day(
    bad: tuple[Callable[..., Ran], Weather],
    tmp_path: Path,
    names: tuple[str, ...],
    fault: str,
    status: str,
) -> None:
    scan, weather = bad
    weather.fault = lambda call: fault if call.service in names else None
    if fault == "hang":
        soon = AWS.replace("read_timeout: 60", f"read_timeout: {PATIENCE}")
        write(tmp_path, "declared: [{path: base}]", soon.replace("max_attempts: 2", "max_attempts: 1"))
    ran = scan()
    assert ran.findings() == {}
    assert ran.code == 3, ran.stderr
    for name, type_ in SERVICES.items():
        region = "global" if name in ("s3", "iam") else "us-east-1"
        unread = [one for one in ran.report["unverifiable"] if one["type"] == type_]
        assert ran.status(type_, region) == (status if name in names else "checked")
        assert bool(unread) == (name in names)
        assert all("its cell was not read" in one["reason"] for one in unread)


def test_drift_elsewhere_is_still_found_and_exit_zero_forgives_it_alone(
    bad: tuple[Callable[..., Ran], Weather], estate: str
) -> None:
    scan, weather = bad
    weather.fault = lambda call: "denied" if call.service == "s3" else None
    queue = client(estate, "sqs").get_queue_url(QueueName="cover-0")["QueueUrl"]
    client(estate, "sqs").tag_queue(QueueUrl=queue, Tags={"Owner": "you"})
    try:
        ran = scan()
        assert ran.code == 2
        assert ran.findings() == {("changed", "cover-0"): ["/Tags/Owner"]}
        assert scan("--exit-zero").code == 3
    finally:
        client(estate, "sqs").tag_queue(QueueUrl=queue, Tags={"Owner": "me"})


def test_one_refused_detail_is_unverifiable_there_and_nowhere_else(
    bad: tuple[Callable[..., Ran], Weather],
) -> None:
    scan, weather = bad

    def fault(call: Call) -> str | None:
        tagging = call.service == "s3" and call.path.startswith("/cover-0") and "tagging" in call.path
        tags = call.operation == "ListQueueTags" and b"cover-1" in call.body
        in_bulk = call.operation == "GetResources"  # then each resource is asked for its own
        return "denied" if tagging or tags or in_bulk else None

    weather.fault = fault
    ran = scan()
    assert ran.findings() == {}
    assert ran.code == 3
    report = ran.report
    rows = {row["type"]: row for row in report["coverage"] if row["type"] in (S3, SQS)}
    assert {type_: (row["status"], row["listed"]) for type_, row in rows.items()} == {
        S3: ("denied", True),
        SQS: ("denied", True),
    }
    assert "sqs:ListQueueTags" in rows[SQS]["message"]
    queue = [one for one in report["unverifiable"] if one["type"] == SQS]
    assert [(one["resource_id"].rsplit(":", 1)[-1], one["path"]) for one in queue] == [("cover-1", "/Tags")]


def test_what_was_listed_may_be_missing_though_a_detail_was_refused(
    bad: tuple[Callable[..., Ran], Weather], estate: str
) -> None:
    scan, weather = bad
    weather.fault = lambda call: "denied" if call.operation == "ListQueueTags" else None
    queue = client(estate, "sqs").get_queue_url(QueueName="cover-1")["QueueUrl"]
    client(estate, "sqs").delete_queue(QueueUrl=queue)
    try:
        ran = scan()
        assert ran.findings() == {("missing", "cover-1"): []}
        assert ran.code == 2
    finally:
        client(estate, "sqs").create_queue(QueueName="cover-1", tags={"Owner": "me"})


def test_credentials_that_expire_in_the_middle(bad: tuple[Callable[..., Ran], Weather]) -> None:
    scan, weather = bad
    asked: list[Call] = []

    def fault(call: Call) -> str | None:
        asked.append(call)
        return "expired" if len(asked) > 10 else None

    weather.fault = fault
    ran = scan()
    assert ran.code == 3
    assert not [one for one in ran.report["findings"] if one["kind"] == "missing"]
    assert "denied" in {row["status"] for row in ran.report["coverage"]}


def test_a_dead_endpoint(bad: tuple[Callable[..., Ran], Weather], drift: Drift) -> None:
    ran = drift("scan", "-o", "out", "-q", endpoint=f"http://127.0.0.1:{ports.free()}")
    assert ran.code == 1  # not one cell could be read
    assert ran.report["findings"] == []
    assert {row["status"] for row in ran.report["coverage"]} == {"failed"}
    reasons = {one["reason"] for one in ran.report["unverifiable"]}
    assert all("its cell was not read: failed: sts:GetCallerIdentity" in reason for reason in reasons)


def test_a_second_account_that_can_not_be_entered(estate: str, tmp_path: Path, drift: Drift) -> None:
    with faulty(estate) as (url, weather):
        accounts = AWS + f"    accounts: [{{id: '{ACCOUNT}'}}, {{id: '{OTHER}', role: reader}}]\n"
        write(tmp_path, "declared: []", accounts)
        assumed = client(url, "sts").assume_role(
            RoleArn=f"arn:aws:iam::{OTHER}:role/reader", RoleSessionName="test"
        )["Credentials"]
        there = client(
            url,
            "sqs",
            aws_access_key_id=assumed["AccessKeyId"],
            aws_secret_access_key=assumed["SecretAccessKey"],
            aws_session_token=assumed["SessionToken"],
        )
        there.create_queue(QueueName="theirs")
        made = drift("baseline", "-o", "base", "-q", endpoint=url)
        assert made.code == 0, made.stderr
        assert (tmp_path / "base" / "aws" / OTHER).is_dir()
        write(tmp_path, "declared: [{path: base}]", accounts)
        whole = drift("scan", "-o", "out", "-q", endpoint=url)
        assert (whole.code, whole.findings()) == (0, {})

        weather.fault = lambda call: "denied" if call.operation == "AssumeRole" else None
        ran = drift("scan", "-o", "out", "-q", endpoint=url)
        assert (ran.code, ran.findings()) == (3, {})
        assert ran.status("*", "*", OTHER) == "denied"
        assert ran.status(SQS) == "checked"
        theirs = [one for one in ran.report["unverifiable"] if one["scope"] == OTHER]
        assert theirs
        assert all("AssumeRole" in one["reason"] for one in theirs)
        assert not [one for one in ran.report["unverifiable"] if one["scope"] == ACCOUNT]


def test_types_of_every_provider_are_listed_though_schemas_hold_themselves() -> None:
    for name, provider in plugins.providers().items():
        types = list(provider.types())
        assert types, name
        for type_ in types[:: max(1, len(types) // 40)]:
            facts = provider.facts(type_)
            assert facts is not None, type_
            told = list(unverifiable_paths(facts))
            assert len(told) == len(set(told)), type_


def test_types_are_listed_by_glob_in_any_letter_case(drift: Drift) -> None:
    whole, some = drift("types", "aws").stdout, drift("types", "aws", "--only", "aws::sqs::*").stdout
    assert "AWS::SQS::Queue" in some
    assert "AWS::S3::Bucket" in whole and "AWS::S3::Bucket" not in some
    assert some.splitlines()[0].endswith(" shown") and "shown" not in whole.splitlines()[0]
