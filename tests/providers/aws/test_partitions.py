"""GovCloud and China: every type is found by its ARN, its name and its URL, and nothing speaks of another
partition."""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path
from typing import Any

import pytest

from drift.dialect import Foreign
from drift.kinds.base import Context
from drift.model import Resource
from providers.aws import AwsProvider
from providers.aws.facts import catalogue
from providers.aws.kinds.iam_policy import IAM_POLICY
from providers.aws.kinds.kms_key_ref import KMS_KEY_REF
from providers.aws.loopback import ACCOUNT
from providers.aws.partitions import PARTITIONS, partition_of
from providers.aws.session import Clients
from providers.aws.settings import Settings
from providers.aws.terraform import AwsTerraform
from tests.conftest import Drift, client
from tests.providers.aws.partitions import RECORDED, REDACTION_KEY, Recorded

EACH = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.partition)


def test_the_table_is_botocores() -> None:
    known = json.loads(importlib.resources.files("botocore").joinpath("data/partitions.json").read_text())
    assert {one["id"] for one in known["partitions"]} == {one.name for one in PARTITIONS}
    for one in known["partitions"]:
        said, regions = one["outputs"], [name for name in one["regions"] if not name.startswith("aws-")]
        assert regions
        for region in regions:
            found = partition_of(region)
            assert (found.name, found.suffix, found.home) == (
                one["id"], said["dnsSuffix"], said["implicitGlobalRegion"],
            )  # fmt: skip


@EACH
def test_every_type_is_in_sync(recorded: Recorded, tmp_path: Path, drift: Drift) -> None:
    """What a real Terraform declared of every type against what was live after it."""
    state = recorded.unpack(tmp_path)
    arguments = ("diff", "--live", recorded.snapshot, "--declared", state, "-o", "out")
    ran = drift(*arguments, env={"DRIFT_REDACTION_KEY": REDACTION_KEY})
    report = ran.report
    # Open to the world by what only the state says: no configuration stands beside it.
    told = [
        (one["type"], one["severity"], [change["path"] for change in one["changes"]])
        for one in report["findings"]
    ]
    assert told == [("AWS::EC2::SecurityGroup", "high", ["/SecurityGroupIngress"])]
    assert report["problems"] == []
    # one that was not asked for when these were recorded, and one whose value nobody may read
    rest = [one for one in report["unverifiable"] if not one["reason"].startswith("only the state says")]
    whole = [one["type"] for one in rest if one["path"] == ""]
    assert whole == ["AWS::S3::Object", "aws_secretsmanager_secret_version"]


#: Types to whose ARNs the loopback AWS gives the commercial partition.
COMMERCIAL = {"AWS::Logs::DeliverySource", "AWS::WAFv2::RegexPatternSet"}
#: Types whose ids say more than their names.
NOT_BY_NAME = {
    "AWS::Lambda::Url",
    "AWS::WAFv2::IPSet",
    "AWS::WAFv2::RuleGroup",
    "AWS::WAFv2::WebACL",
}
#: Types that the recording lacks, because the loopback AWS does not make them for Terraform: how the state
#: names one, and its ARN.
LACKING = {
    "AWS::CloudWatch::CompositeAlarm": (
        "aws_cloudwatch_composite_alarm",
        {"alarm_name": "late", "alarm_rule": "TRUE"},
        {"AlarmName": "late", "AlarmRule": "TRUE"},
        "cloudwatch:{place}:alarm:late",
    ),
    "AWS::ECS::Service": (
        "aws_ecs_service",
        {"name": "web", "cluster": "shop"},
        {"ServiceName": "web", "Cluster": "shop"},
        "ecs:{place}:service/shop/web",
    ),
    "AWS::KMS::ReplicaKey": (
        "aws_kms_replica_key",
        {"key_id": "mrk-1", "description": "copy"},
        {"Description": "copy"},
        "kms:{place}:key/mrk-1",
    ),
}


@EACH
def test_the_estate_holds_every_other_type(recorded: Recorded) -> None:
    live = {resource.type for resource in recorded.live()}
    assert live <= set(catalogue().entries)
    assert live.isdisjoint(LACKING)
    assert len(live) >= 90  # types that are read since then are not in the recording


@EACH
def test_the_types_that_it_lacks_are_in_sync(recorded: Recorded, tmp_path: Path, drift: Drift) -> None:
    place = f"{recorded.region}:{ACCOUNT}"
    resources, records = [], []
    for type_, (name, state, attributes, tail) in LACKING.items():
        arn = f"arn:{recorded.partition}:{tail.format(place=place)}"
        instance = {"attributes": {"arn": arn, "id": arn, **state}}
        resources.append({"mode": "managed", "type": name, "name": "x", "instances": [instance]})
        records.append(Resource("aws", ACCOUNT, type_, arn, attributes, recorded.region).record())
    document = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": resources}
    (tmp_path / "terraform.tfstate").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "live.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    ran = drift("diff", "--live", "live.jsonl", "--declared", "terraform.tfstate", "-o", "out")
    assert ran.findings() == {}
    assert ran.report["summary"]["in_sync"] == len(LACKING)


@EACH
def test_no_id_is_of_another_partition(recorded: Recorded) -> None:
    for resource in recorded.live():
        if resource.type in COMMERCIAL:
            continue
        for text in (str(resource.id), str(resource.attributes.get("Arn", ""))):
            assert not text.startswith("arn:") or text.startswith(f"arn:{recorded.partition}:"), resource


@EACH
def test_a_bare_name_is_the_live_id(recorded: Recorded) -> None:
    """Each type whose id is built from a name, by the name alone; those of a region by it, the others by what
    the snapshot says of the account."""
    provider = AwsProvider()
    seen, there = set(), set()
    for resource in recorded.live():
        there.add(resource.type)
        entry = catalogue().entries[resource.type]
        if entry.identity.template is None or entry.name is None or not resource.name:
            continue
        if resource.type in COMMERCIAL:
            there.discard(resource.type)
            continue
        placed = resource.but(id=resource.name, attributes={})
        spelled = placed.but(id=provider.canonical_id(placed))
        context = {"partitions": {resource.scope: recorded.partition}}
        found = str(provider.hooks.known_id(spelled, context))
        assert found.split(":")[:5] == str(resource.id).split(":")[:5]
        if found == resource.id:  # a rule of another bus is not told by its name alone
            seen.add(resource.type)
    named = {name for name, entry in catalogue().compared.items() if entry.identity.template and entry.name}
    assert seen == (named & there) - NOT_BY_NAME
    for name in named - there:
        placed = Resource("aws", ACCOUNT, name, "shop", {}, recorded.region)
        spelled = placed.but(id=provider.canonical_id(placed))
        found = str(provider.hooks.known_id(spelled, {"partitions": {ACCOUNT: recorded.partition}}))
        assert found.startswith(f"arn:{recorded.partition}:"), f"{name}: {found}"


@EACH
def test_a_queue_is_found_by_its_url(recorded: Recorded) -> None:
    host = f"sqs.{recorded.region}.{partition_of(recorded.region).suffix}"
    queue = Resource(
        "aws", ACCOUNT, "AWS::SQS::Queue", f"https://{host}/{ACCOUNT}/orders", {}, recorded.region
    )
    expected = f"arn:{recorded.partition}:sqs:{recorded.region}:{ACCOUNT}:orders"
    assert AwsProvider().canonical_id(queue) == expected


@EACH
def test_a_buckets_part_is_the_buckets(recorded: Recorded) -> None:
    """What Terraform declares beside a bucket names it by its name."""
    state = {"bucket": "orders", "policy": '{"Statement": []}'}
    foreign = Foreign("aws_s3_bucket_policy", "aws_s3_bucket_policy.x", state, ACCOUNT, recorded.region)
    assert [one.id for one in AwsTerraform().translate(foreign) or ()] == [
        f"arn:{recorded.partition}:s3:::orders"
    ]


@EACH
def test_an_account_id_in_a_policy_is_the_root_of_its_partition(recorded: Recorded) -> None:
    def policy(who: str) -> dict[str, Any]:
        return {"Statement": [{"Effect": "Allow", "Principal": {"AWS": who}, "Action": "*"}]}

    def canonical(who: str, context: Context) -> Any:
        return IAM_POLICY.canonical(policy(who), context)

    own, other = f"arn:{recorded.partition}:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:root"
    for context in (
        Context("aws", ACCOUNT, recorded.region),
        Context("aws", ACCOUNT, data={"partitions": {ACCOUNT: recorded.partition}}),
    ):
        assert canonical(ACCOUNT, context) == canonical(own, context) != canonical(other, context)
    nowhere = Context("aws", ACCOUNT)
    assert canonical(ACCOUNT, nowhere) == canonical(own, nowhere)


@EACH
def test_a_bare_key_is_the_key_of_its_partition(recorded: Recorded) -> None:
    context = Context("aws", ACCOUNT, recorded.region)
    expected = f"arn:{recorded.partition}:kms:{recorded.region}:{ACCOUNT}:alias/app"
    assert KMS_KEY_REF.canonical("alias/app", context) == expected


@pytest.mark.parametrize(
    ("arn", "host"),
    [
        ("arn:aws:sqs:eu-west-1:1:q", "console.aws.amazon.com"),
        ("arn:aws-cn:sqs:cn-north-1:1:q", "console.amazonaws.cn"),
        ("arn:aws-us-gov:sqs:us-gov-west-1:1:q", "console.amazonaws-us-gov.com"),
        ("arn:aws-iso:sqs:us-iso-east-1:1:q", None),
    ],
)
def test_the_console_is_the_partitions(arn: str, host: str | None) -> None:
    url = AwsProvider().console_url(Resource("aws", "1", "AWS::SQS::Queue", arn, {}))
    assert (url or "").split("/")[2:3] == ([host] if host else [])


@pytest.mark.parametrize(
    ("regions", "own", "home"),
    [
        (None, None, "us-east-1"),
        (None, "cn-north-1", "cn-north-1"),
        (["us-gov-east-1"], None, "us-gov-west-1"),
        (["us-gov-east-1"], "us-gov-east-1", "us-gov-east-1"),
        (["cn-north-1"], "us-east-1", "cn-northwest-1"),
    ],
)
def test_who_asks_asks_in_the_partition(
    regions: list[str] | None, own: str | None, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIALOOPBACKLOOPBACK")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "loopback")
    if own:
        monkeypatch.setenv("AWS_DEFAULT_REGION", own)
    assert Clients(Settings(regions=regions)).home == home


TEMPLATE = """\
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: !Ref AWS::AccountId}
            Action: sqs:SendMessage
            Resource: !GetAtt Queue.Arn
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: shop}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: menu
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: baker
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {Service: !Sub 'ec2.${AWS::URLSuffix}'}, Action: sts:AssumeRole}
          - {Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: sts:AssumeRole}
      ManagedPolicyArns: [!Sub 'arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess']
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /shop}}
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Name: /shop/url, Type: String, Value: !Sub 'https://shop.${AWS::URLSuffix}'}}
"""


@EACH
@pytest.mark.parametrize("stack", ["shop", None], ids=["with its stack", "by names alone"])
def test_a_template_is_in_sync(
    recorded: Recorded, stack: str | None, fresh_aws: str, drift: Drift, tmp_path: Path
) -> None:
    region = recorded.region
    # moto gives the commercial domain everywhere
    deployed = TEMPLATE.replace("${AWS::URLSuffix}", partition_of(region).suffix)
    client(fresh_aws, "cloudformation", region).create_stack(StackName="shop", TemplateBody=deployed)
    queues = client(fresh_aws, "sqs", region)
    url = queues.get_queue_url(QueueName="orders")["QueueUrl"]
    arn = f"arn:{recorded.partition}:sqs:{region}:{ACCOUNT}:orders"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{recorded.partition}:iam::{ACCOUNT}:root"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    managed = f"arn:{recorded.partition}:iam::aws:policy/ReadOnlyAccess"
    client(fresh_aws, "iam", region).attach_role_policy(RoleName="baker", PolicyArn=managed)
    (tmp_path / "shop.yaml").write_text(TEMPLATE, encoding="utf-8")
    told = f"stack: {stack}" if stack else f'scope: "{ACCOUNT}"'
    globs = [f"AWS::{service}::*" for service in ("SQS", "SNS", "S3", "DynamoDB", "IAM", "Logs", "SSM")]
    (tmp_path / "drift.yaml").write_text(
        f"version: 1\ndeclared: [{{path: shop.yaml, {told}, region: {region}}}]\n"
        f"live: {{aws: {{regions: [{region}], include: {json.dumps(globs)}}}}}\n",
        encoding="utf-8",
    )
    ran = drift("scan", "-o", "out", endpoint=fresh_aws, env={"AWS_REGION": "us-east-1"})
    assert [(one["kind"], one["type"], one["changes"]) for one in ran.report["findings"]] == []
    assert ran.report["summary"]["in_sync"] >= 7
