"""References between resources, and resources that are merged into another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.model import Resource, Unresolved
from providers.aws.facts import catalogue

from .support import ACCOUNT, REGION, Live, declared, live_resource, load, queue_url, stack, types_of

REFERENCES = """\
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Role: {Type: AWS::IAM::Role, Properties: {Path: /app/, RoleName: worker}}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}
  Db: {Type: AWS::RDS::DBInstance}
  Answer: {Type: 'Custom::Answer'}
  Off: {Type: AWS::SNS::Topic, Condition: Never}
  User:
    Type: AWS::New::Thing
    Properties:
      Topic: !Ref Topic
      TopicName: !GetAtt Topic.TopicName
      Queue: !Ref Queue
      QueueArn: !GetAtt Queue.Arn
      QueueName: !GetAtt Queue.QueueName
      RoleArn: !GetAtt Role.Arn
      BucketArn: !Sub '${Bucket.Arn}/*'
      Host: !GetAtt Db.Endpoint.Address
      Secret: !GetAtt Db.Password
      Answer: !GetAtt Answer.Value
      Off: !Ref Off
Conditions: {Never: !Equals [a, b]}
"""


def test_references_through_the_stack(tmp_path: Path) -> None:
    members = {
        "Topic": ("AWS::SNS::Topic", f"arn:aws:sns:{REGION}:{ACCOUNT}:s-Topic-1"),
        "Queue": ("AWS::SQS::Queue", queue_url("jobs")),
        "Role": ("AWS::IAM::Role", "worker"),
        "Bucket": ("AWS::S3::Bucket", "data"),
        "Db": ("AWS::RDS::DBInstance", "db1"),
        "Answer": ("Custom::Answer", "x"),
        "User": ("AWS::New::Thing", "u"),
    }
    database = live_resource(
        "AWS::RDS::DBInstance", "db1", Endpoint={"Address": "h"}, Password={"$secret": {}}
    )
    arn_of_db = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:db1"
    live = Live([stack(resources=members)], [database, database.but(id=arn_of_db)])
    attributes = declared(load(tmp_path, REFERENCES), live)[0]["User"].attributes
    answer, off, secret = attributes.pop("Answer"), attributes.pop("Off"), attributes.pop("Secret")
    assert attributes == {
        "Topic": members["Topic"][1],
        "TopicName": "s-Topic-1",
        "Queue": queue_url("jobs"),
        "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
        "QueueName": "jobs",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/app/worker",
        "BucketArn": "arn:aws:s3:::data/*",
        "Host": "h",
    }
    assert "custom resource" in answer.reason
    assert "left out by its condition Never" in off.reason
    assert "is a secret" in secret.reason


def test_references_without_a_stack_come_from_names(tmp_path: Path) -> None:
    attributes = declared(load(tmp_path, REFERENCES, region=REGION))[0]["User"].attributes
    assert attributes["Queue"] == queue_url("jobs")
    assert attributes["QueueArn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    assert isinstance(attributes["Topic"], Unresolved)
    assert "the id of Topic is not known" in attributes["Topic"].reason


def test_circles_of_attributes_end(tmp_path: Path) -> None:
    text = """\
    Resources:
      A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !GetAtt B.Value}}
      B: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !GetAtt A.Value}}
    """
    resources, _, _ = declared(load(tmp_path, text, region=REGION))
    assert isinstance(resources["A"].attributes["Value"], Unresolved)


def test_imports_come_from_the_same_region(tmp_path: Path) -> None:
    text = "Resources:\n  A: {Type: AWS::New::Thing, Properties: {V: !ImportValue net}}\n"
    live = Live(
        [stack("far", region="us-east-1", exports={"net": "bad"}), stack("net", exports={"net": "vpc-1"})]
    )
    assert declared(load(tmp_path, text, region=REGION), live)[0]["A"].attributes == {"V": "vpc-1"}


def test_a_policy_is_merged_into_its_queue(tmp_path: Path) -> None:
    text = """\
    Resources:
      Policy:
        Type: AWS::SQS::QueuePolicy
        Properties:
          Queues: [!Ref Queue]
          PolicyDocument: {Statement: []}
      Queue: {Type: AWS::SQS::Queue}
    """
    members = {"Queue": ("AWS::SQS::Queue", queue_url("q")), "Policy": ("AWS::SQS::QueuePolicy", "p")}
    templates = load(tmp_path, text)
    resources, unverifiable, _ = declared(templates, Live([stack(resources=members)]))
    policy = resources["Policy"]
    assert not unverifiable
    assert (policy.type, policy.id, policy.partial) == ("AWS::SQS::Queue", queue_url("q"), True)
    assert policy.attributes == {"PolicyDocument": {"Statement": []}}
    assert policy.origin is not None
    assert policy.origin.lines == {"/PolicyDocument": 6}
    assert types_of(templates) == {"AWS::SQS::Queue"}
    _, unverifiable, _ = declared(load(tmp_path, text, region=REGION))
    assert "the id of Queue is not known" in unverifiable["Policy"].reason


ROLE = """\
Resources:
  Worker: {Type: AWS::IAM::Role, Properties: {Path: /app/, AssumeRolePolicyDocument: {}}}
  Rights:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: p, PolicyDocument: {}, Roles: [!Ref Worker, elsewhere]}
"""


def test_a_role_and_what_is_attached_to_it_have_one_id(tmp_path: Path) -> None:
    if "AWS::IAM::Policy" not in catalogue().attachments:
        pytest.skip("IAM is not known yet")
    members = {"Worker": ("AWS::IAM::Role", "s-Worker-1"), "Rights": ("AWS::IAM::Policy", "p")}
    items = list(load(tmp_path, ROLE).resources(Live([stack(resources=members)])))
    arn = f"arn:aws:iam::{ACCOUNT}:role/app/s-Worker-1"
    assert [(one.id, one.name, one.partial) for one in items if isinstance(one, Resource)] == [
        (arn, "s-Worker-1", False),
        (arn, None, True),
        (None, "elsewhere", True),
    ]


def test_what_a_name_identifies_has_that_id_without_a_stack(tmp_path: Path) -> None:
    text = """\
    Resources:
      Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
      Policy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Queue], PolicyDocument: {}}}
      Unnamed: {Type: AWS::SQS::Queue}
    """
    resources, _, _ = declared(load(tmp_path, text, region=REGION))
    assert resources["Queue"].id == resources["Policy"].id == queue_url("jobs")
    assert (resources["Unnamed"].id, resources["Unnamed"].name) == (None, None)


def test_a_name_that_aws_writes_in_lower_case_is_known_so_also_under_another_types_name(
    tmp_path: Path,
) -> None:
    text = """\
    Resources:
      Group: {Type: AWS::DocDB::DBClusterParameterGroup, Properties: {Name: Audit, Family: docdb5.0}}
      Subnets: {Type: AWS::Neptune::DBSubnetGroup, Properties: {DBSubnetGroupName: Shop}}
      Cluster: {Type: AWS::DocDB::DBCluster, Properties: {DBClusterIdentifier: Orders}}
    """
    resources, _, _ = declared(load(tmp_path, text, region=REGION))
    assert {name: (one.type, one.name) for name, one in resources.items()} == {
        "Group": ("AWS::RDS::DBClusterParameterGroup", "audit"),
        "Subnets": ("AWS::RDS::DBSubnetGroup", "shop"),
        "Cluster": ("AWS::DocDB::DBCluster", "orders"),
    }


def test_one_part_of_a_composite_identifier_is_not_taken_for_it(tmp_path: Path) -> None:
    if "AWS::EC2::EIP" not in catalogue().types:
        pytest.skip("addresses are not known yet")
    live = Live([stack(resources={"Ip": ("AWS::EC2::EIP", "203.0.113.7")})])
    address = declared(load(tmp_path, "Resources:\n  Ip: {Type: AWS::EC2::EIP}\n"), live)[0]["Ip"]
    assert (address.id, address.name) == (None, "203.0.113.7")
