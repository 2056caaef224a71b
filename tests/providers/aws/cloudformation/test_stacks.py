"""Stacks read over HTTP, and a template judged with the ids that they give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from drift.model import Unresolved
from providers.aws.stacks import read_stacks

from .support import Live, declared, load

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")
pytest.importorskip("moto.server", reason="moto is not installed")

ACCOUNT = "123456789012"
REGION = "eu-west-1"
TEMPLATE = """\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Env: {Type: String, Default: test}
  Password: {Type: String, NoEcho: true, Default: hunter2}
  Wait: {Type: Number, Default: 30}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Test: !Not [!Condition Prod]
Mappings:
  Sizes:
    test: {Shards: 1}
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: Env, Value: !Ref Env}]}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: !Select [1, !Split ['|', '10.0.0.0/24|10.0.1.0/24']]}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: web, VpcId: !Ref Vpc}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub 'data-${AWS::AccountId}-${AWS::Region}'}
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - {Effect: Deny, Principal: '*', Action: 's3:*', Resource: !Sub '${Bucket.Arn}/*'}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: !Ref Wait}
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Statement: [{Effect: Allow, Principal: '*', Action: 'sqs:SendMessage', Resource: !GetAtt Queue.Arn}]
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Join ['-', [events, !Ref Env]]
      Subscription: [{Protocol: sqs, Endpoint: !GetAtt Queue.Arn}]
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: !If [Prod, PROVISIONED, PAY_PER_REQUEST]
  Role:
    Type: AWS::IAM::Role
    Properties:
      Path: /app/
      AssumeRolePolicyDocument: {Statement: []}
  Stream:
    Type: AWS::Kinesis::Stream
    Properties: {ShardCount: !FindInMap [Sizes, !Ref Env, Shards]}
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub '/app/${AWS::StackName}'}
  Setting:
    Type: AWS::SSM::Parameter
    Properties: {Name: /app/setting, Type: String, Value: !Sub '${Role.Arn}|${Stream.Arn}|${Topic}'}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Condition: Prod
    Properties: {ComparisonOperator: GreaterThanThreshold, EvaluationPeriods: 1}
Outputs:
  VpcId: {Value: !Ref Vpc, Export: {Name: net-vpc}}
"""


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A CloudFormation client of an empty AWS on loopback."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield boto3.client(
        "cloudformation",
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="AKIALOOPBACK",
        aws_secret_access_key="loopback",
        config=Config(retries={"total_max_attempts": 1}),
    )
    server.stop()


@pytest.fixture(scope="module")
def stacks(client: Any) -> list[dict[str, Any]]:
    client.create_stack(
        StackName="app", TemplateBody=TEMPLATE, Parameters=[{"ParameterKey": "Wait", "ParameterValue": "45"}]
    )
    client.create_stack(StackName="gone", TemplateBody="Resources: {T: {Type: AWS::SNS::Topic}}")
    client.delete_stack(StackName="gone")
    return read_stacks(client, ACCOUNT, REGION)


def test_a_stack_is_recorded_with_all_that_comparison_needs(stacks: list[dict[str, Any]]) -> None:
    assert [stack["name"] for stack in stacks] == ["app"]
    (app,) = stacks
    assert (app["scope"], app["region"], app["parent"]) == (ACCOUNT, REGION, None)
    assert app["id"].startswith(f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/app/")
    assert app["parameters"]["Wait"] == "45"
    assert len(app["resources"]) == 11
    assert app["resources"]["Vpc"]["type"] == "AWS::EC2::VPC"
    assert app["outputs"]["VpcId"] == app["resources"]["Vpc"]["physical_id"]
    assert app["exports"] == {"net-vpc": app["outputs"]["VpcId"]}


def test_every_id_and_reference_resolves(tmp_path: Path, stacks: list[dict[str, Any]]) -> None:
    resources, unverifiable, problems = declared(
        load(tmp_path, TEMPLATE, stack="app"), Live(stacks, scopes=[ACCOUNT])
    )
    assert (unverifiable, problems) == ({}, [])
    members = stacks[0]["resources"]
    # moto leaves the types that it can't make out of its list; the policies need their parents' ids only.
    assert set(resources) == set(members) | {"BucketPolicy", "QueuePolicy"}
    for name, resource in resources.items():
        assert resource.id is not None
        assert "Unresolved" not in repr(resource.attributes)
        if not resource.partial and name not in ("Bucket", "Role"):
            assert resource.id == members[name]["physical_id"]
    assert resources["Subnet"].attributes == {"VpcId": resources["Vpc"].id, "CidrBlock": "10.0.1.0/24"}
    assert resources["Queue"].attributes == {"VisibilityTimeout": 45}
    assert resources["Table"].attributes["BillingMode"] == "PAY_PER_REQUEST"
    assert resources["Bucket"].id == f"arn:aws:s3:::data-{ACCOUNT}-{REGION}"
    assert resources["Bucket"].name == f"data-{ACCOUNT}-{REGION}"
    role, stream = members["Role"]["physical_id"], resources["Stream"].id
    assert resources["Role"].id == f"arn:aws:iam::{ACCOUNT}:role/app/{role}"
    assert resources["Setting"].attributes["Value"] == (
        f"arn:aws:iam::{ACCOUNT}:role/app/{role}|"
        f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{stream}|arn:aws:sns:{REGION}:{ACCOUNT}:events-test"
    )


def test_merged_policies_name_their_parents(tmp_path: Path, stacks: list[dict[str, Any]]) -> None:
    resources, _, _ = declared(load(tmp_path, TEMPLATE, stack="app"), Live(stacks, scopes=[ACCOUNT]))
    queue, policy = resources["Queue"], resources["QueuePolicy"]
    assert (policy.type, policy.id, policy.partial) == ("AWS::SQS::Queue", queue.id, True)
    assert not any(isinstance(value, Unresolved) for value in policy.attributes.values())


class Pages:
    """A client whose pages are given."""

    def __init__(self, stacks: list[list[dict[str, Any]]], resources: dict[str, Any]) -> None:
        self._stacks, self._resources = stacks, resources

    def get_paginator(self, operation: str) -> Any:
        pages = self

        class Paginator:
            def paginate(self, StackName: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803 - the API's word
                if operation == "describe_stacks":
                    yield from ({"Stacks": page} for page in pages._stacks)
                    return
                found = pages._resources[StackName]
                if isinstance(found, ClientError):
                    raise found
                yield from ({"StackResourceSummaries": page} for page in found)

        return Paginator()


def summary(name: str, id_: str | None = None, status: str = "CREATE_COMPLETE") -> dict[str, Any]:
    return {
        "LogicalResourceId": name,
        "ResourceType": "AWS::SNS::Topic",
        "ResourceStatus": status,
        **({"PhysicalResourceId": id_} if id_ is not None else {}),
    }


def error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "ListStackResources")


def test_all_pages_are_read_and_what_is_not_deployed_is_left_out() -> None:
    pages = Pages(
        [
            [{"StackName": "a", "StackId": "a", "StackStatus": "CREATE_COMPLETE"}],
            [
                {"StackName": "d", "StackId": "d", "StackStatus": "DELETE_COMPLETE"},
                {"StackName": "r", "StackId": "r", "StackStatus": "REVIEW_IN_PROGRESS"},
                {
                    "StackName": "b",
                    "StackId": "b",
                    "StackStatus": "UPDATE_ROLLBACK_COMPLETE",
                    "ParentId": "a",
                    "Parameters": [{"ParameterKey": "P", "ParameterValue": "/p", "ResolvedValue": "v"}],
                },
            ],
        ],
        {"a": [[summary("X", "x")], [summary("Y", ""), summary("Z", "z", "DELETE_COMPLETE")]], "b": [[]]},
    )
    first, second = read_stacks(pages, ACCOUNT, REGION)
    assert first["resources"] == {
        "X": {"type": "AWS::SNS::Topic", "physical_id": "x"},
        "Y": {"type": "AWS::SNS::Topic", "physical_id": None},
    }
    assert (second["parent"], second["parameters"], second["resolved_parameters"]) == (
        "a",
        {"P": "/p"},
        {"P": "v"},
    )


def test_a_stack_that_vanishes_is_left_out_and_a_denial_is_not_hidden() -> None:
    one = [[{"StackName": "a", "StackId": "a", "StackStatus": "CREATE_COMPLETE"}]]
    assert (
        read_stacks(Pages(one, {"a": error("ValidationError", "Stack a does not exist")}), ACCOUNT, REGION)
        == []
    )
    with pytest.raises(ClientError):
        read_stacks(Pages(one, {"a": error("AccessDenied", "no")}), ACCOUNT, REGION)
