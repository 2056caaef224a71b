"""Tags by the Tagging API are those that each resource tells; what S3 is not asked for is nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from drift.deadline import Deadline
from drift.model import Coverage, Resource, Unresolved
from drift.task import Wanted
from providers.aws import bulk_tags
from providers.aws.bulk_tags import BulkTags, Declared
from providers.aws.facts import catalogue
from providers.aws.live import AwsLive
from providers.aws.loopback import ACCOUNT, environment
from providers.aws.settings import Settings
from tests import forked_aws

REGION = "us-east-1"
TYPES = sorted(entry.type for entry in catalogue().entries.values() if bulk_tags.filters([entry]))
TAGS = [{"Key": "Owner", "Value": "shop"}, {"Key": "Stage", "Value": "prod"}]
POLICIES = f"arn:aws:iam::{ACCOUNT}:policy"
GRANT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:tagged"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with forked_aws.moto() as url, pytest.MonkeyPatch.context() as patch:
        for name, value in environment(url, REGION).items():
            patch.setenv(name, value)
        build()
        yield url


def build() -> None:
    """Of each type one with tags, one that never had any, and one that has none any longer."""
    plain = {tag["Key"]: tag["Value"] for tag in TAGS}
    sns, sqs, logs, ssm = (boto3.client(one) for one in ("sns", "sqs", "logs", "ssm"))
    dynamodb, s3, kms, alarms = (boto3.client(one) for one in ("dynamodb", "s3", "kms", "cloudwatch"))
    iam = boto3.client("iam")
    for name in ("tagged", "plain", "once"):
        has = name != "plain"
        topic = sns.create_topic(Name=name, Tags=TAGS if has else [])["TopicArn"]
        queue = sqs.create_queue(QueueName=name, tags=plain if has else {})["QueueUrl"]
        logs.create_log_group(logGroupName=f"/a/{name}", **({"tags": plain} if has else {}))
        for parameter in (f"/a/{name}", f"b-{name}"):
            ssm.put_parameter(Name=parameter, Value="1", Type="String", **({"Tags": TAGS} if has else {}))
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **({"Tags": TAGS} if has else {}),
        )
        s3.create_bucket(Bucket=f"bucket-{name}")
        if has:
            s3.put_bucket_tagging(Bucket=f"bucket-{name}", Tagging={"TagSet": TAGS})
        kms.create_key(
            **({"Tags": [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in TAGS]} if has else {})
        )
        alarms.put_metric_alarm(
            AlarmName=name,
            MetricName="m",
            Namespace="n",
            Period=60,
            EvaluationPeriods=1,
            Statistic="Sum",
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            **({"Tags": TAGS} if has else {}),
        )
        tags = {"Tags": TAGS} if has else {}
        iam.create_policy(PolicyName=name, PolicyDocument=GRANT, Description=f"of {name}", **tags)
        iam.create_instance_profile(InstanceProfileName=name, **tags)
        if name == "once":
            iam.untag_policy(PolicyArn=f"{POLICIES}/once", TagKeys=list(plain))
            iam.untag_instance_profile(InstanceProfileName="once", TagKeys=list(plain))
            sns.untag_resource(ResourceArn=topic, TagKeys=list(plain))
            sqs.untag_queue(QueueUrl=queue, TagKeys=list(plain))
            logs.untag_log_group(logGroupName="/a/once", tags=list(plain))
            s3.delete_bucket_tagging(Bucket="bucket-once")
    s3.put_bucket_versioning(Bucket="bucket-plain", VersioningConfiguration={"Status": "Enabled"})
    for name in ("plain", "once"):  # as those are that were made before April 2023
        s3.delete_bucket_ownership_controls(Bucket=f"bucket-{name}")


def read(
    url: str, wanted: Wanted | None = None, refuse: frozenset[str] = frozenset()
) -> tuple[list[Any], Counter[str]]:
    """What is read of these types, and the calls."""
    calls: Counter[str] = Counter()
    original: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    def counted(self: Any, operation: str, parameters: Any) -> Any:
        calls[operation] += 1
        if operation in refuse:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, operation)
        return original(self, operation, parameters)

    live = AwsLive(
        Settings.model_validate({"endpoint": url, "regions": [REGION], "include": TYPES}), Deadline()
    )
    with mock.patch.object(BaseClient, "_make_api_call", counted):
        tasks = [
            one for one in live.tasks(wanted or Wanted(frozenset(TYPES))) if not isinstance(one, Coverage)
        ]
        found = [one for task in tasks for one in task.read() if isinstance(one, Resource)]
    live.context()
    return sorted((_plain(one) for one in found), key=str), calls


def resource(type_: str, id_: str | None, attributes: dict[str, Any]) -> Resource:
    return Resource(
        provider="aws", scope=ACCOUNT, region=REGION, type=type_, id=id_, name="n", attributes=attributes
    )


def _plain(one: Resource) -> tuple[Any, ...]:
    attributes = dict(one.attributes)
    if isinstance(attributes.get("Tags"), list):
        attributes["Tags"] = sorted(attributes["Tags"], key=str)
    said = json.dumps(attributes, sort_keys=True, default=str)
    return (one.type, one.id, one.name, said, dict(one.unread))


def test_what_is_read_is_the_same_with_far_fewer_calls(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, calls = read(url)
    by_type = Counter(one[0] for one in found)
    assert {type_: count for type_, count in by_type.items() if count < 3} == {}
    monkeypatch.setattr(bulk_tags.BulkTags, "told", lambda *_: None)
    for step in catalogue().entries["AWS::S3::Bucket"].said["describe"]:
        if "needless" in step:
            monkeypatch.setitem(step, "needless", "`false`")
    alone, many = read(url)
    assert found == alone
    assert calls["GetResources"] == 1
    told = {"ListTagsForResource", "ListQueueTags", "GetBucketTagging", "ListResourceTags"}
    assert not (told | {"GetInstanceProfile"}) & calls.keys()
    assert many["ListTagsForResource"] >= 15
    assert (calls["GetBucketReplication"], calls["GetObjectLockConfiguration"], calls["GetBucketAcl"]) == (
        1,
        1,
        2,
    )
    assert (many["GetBucketReplication"], many["GetObjectLockConfiguration"], many["GetBucketAcl"]) == (
        3,
        3,
        3,
    )


def test_where_the_tagging_api_may_not_be_asked_each_resource_is(url: str) -> None:
    found, calls = read(url, refuse=frozenset({"GetResources"}))
    assert calls["GetResources"] == 1
    assert calls["ListQueueTags"] == 3
    assert found == read(url)[0]


def test_what_is_declared_otherwise_is_asked_again(url: str) -> None:
    """The Tagging API may be behind: a difference is told by the service itself alone."""

    def declared(types: Any, _context: Any, scopes: Any) -> list[Resource]:
        assert "AWS::SNS::Topic" in types
        assert list(scopes) == [ACCOUNT]
        tags = [{"Key": "Owner", "Value": "other"}]
        return [resource("AWS::SNS::Topic", TOPIC, {"Tags": tags})]

    found, calls = read(url, Wanted(frozenset(TYPES), declared=declared))
    assert calls["ListTagsForResource"] == 1
    assert found == read(url)[0]


@pytest.mark.parametrize(
    ("record", "asked"),
    [
        ({"Description": "of tagged"}, 2),
        ({"Description": "of tagged", "PolicyId": "made-anew"}, 3),
        ({"Description": "of tagged", "PolicyId": None}, 3),
        ({"Description": Unresolved("it is sensitive")}, 3),
    ],
)
def test_a_policy_is_not_asked_for_what_a_record_of_the_same_one_holds(
    url: str, record: dict[str, Any], asked: int
) -> None:
    """A description never changes, so that it is the record's as long as the id that AWS gave stays."""
    alone, many = read(url)
    assert many["GetPolicy"] == 3
    arn = f"{POLICIES}/tagged"
    id_ = boto3.client("iam").get_policy(PolicyArn=arn)["Policy"]["PolicyId"]
    one = resource("AWS::IAM::ManagedPolicy", arn, {"Description": "Git says another", "Tags": TAGS})
    one = one.but(region=None, remembered={"PolicyId": id_, **record})
    found, calls = read(url, Wanted(frozenset(TYPES), declared=lambda *_: [one]))
    assert calls["GetPolicy"] == asked
    assert found == alone


def test_a_kind_that_the_tagging_api_never_shows_is_asked_one_by_one() -> None:
    """Where it does not know a kind, or not in this place, that nothing is told of it means nothing."""
    known = {f"{POLICIES}/a": TAGS, "arn:aws:iam::123456789012:instance-profile-like": TAGS}
    declared = Declared(Wanted(frozenset()), frozenset(), dict)
    tags = BulkTags(mock.Mock(), mock.Mock(), lambda *_: known, None, frozenset(), declared)
    assert tags.of("AWS::IAM::ManagedPolicy", f"{POLICIES}/b", REGION, shown=True) == []
    profile = f"arn:aws:iam::{ACCOUNT}:instance-profile/p"
    assert tags.of("AWS::IAM::InstanceProfile", profile, REGION, shown=True) is None
    assert tags.of("AWS::IAM::InstanceProfile", profile, REGION) == []


@pytest.mark.parametrize(
    ("said", "live", "doubted"),
    [
        ([{"Key": "a", "Value": "1"}], [{"Key": "a", "Value": "1"}, {"Key": "aws:x", "Value": "y"}], False),
        ([{"Key": "a", "Value": 1}], [{"Key": "a", "Value": "1"}], False),
        ({"a": "1"}, [{"Key": "a", "Value": "1"}], False),
        ([{"Key": "a", "Value": "1"}], [], True),
        ([{"Key": "a", "Value": "1"}], [{"Key": "a", "Value": "2"}], True),
        (None, [], False),
        (None, [{"Key": "a", "Value": "1"}], True),
        ([{"Key": "a", "Value": Unresolved("a parameter")}], [{"Key": "a", "Value": "1"}], True),
        (Unresolved("a parameter"), [], True),
    ],
)
@pytest.mark.parametrize("id_", ["i", None])
def test_tags_are_in_doubt_where_others_are_declared(
    said: Any, live: Any, doubted: bool, id_: str | None
) -> None:
    one = resource("T", id_, {} if said is None else {"Tags": said})
    declared = Declared(Wanted(frozenset(), declared=lambda *_: [one]), frozenset({"T"}), dict)
    assert declared.doubts("T", "i", live) is doubted
    assert not declared.doubts("Other", "i", live)


@pytest.mark.parametrize(
    ("parts", "doubted"),
    [
        ([{"Policy": "{}"}], False),
        ([{"Policy": "{}", "Tags": Unresolved("may be set by another")}], True),
        ([{"Tags": [{"Key": "b", "Value": "2"}]}], True),
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_what_is_declared_of_a_part_puts_tags_in_doubt_only_where_it_tells_others(
    parts: list[Any], doubted: bool, last: bool
) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    some = [resource("T", "i", part).but(partial=True) for part in parts]
    whole = resource("T", "i", {"Tags": tags})
    told = [whole, *some] if last else [*some, whole]
    declared = Declared(Wanted(frozenset(), declared=lambda *_: told), frozenset({"T"}), dict)
    assert declared.doubts("T", "i", tags) is doubted
