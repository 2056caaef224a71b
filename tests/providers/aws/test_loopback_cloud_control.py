"""The loopback Cloud Control: as AWS's own in pages, parents, rate and errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from providers.aws.by_schema import giving_access
from providers.aws.facts import catalogue
from providers.aws.loopback_cloud_control import CloudControl, Folders, Rate, beside
from providers.aws.resource_types import resource_type
from tests.conftest import client

CACHE, ENVIRONMENT = "AWS::DAX::SubnetGroup", "AWS::AppConfig::Environment"


class Ours:
    """A server over a folder, and its client."""

    def __init__(self, folder: Path, aws: str) -> None:
        self.folder = folder
        self.front = CloudControl(Folders(folder), page=2, now=lambda: 0.0)
        self.server = beside(aws, self.front, {"AKIAOTHEROTHEROTHER0": "222222222222"})

    def client(self, key: str = "AKIALOOPBACKLOOPBACK", region: str = "eu-west-1") -> Any:
        make: Any = boto3.client
        return make(
            "cloudcontrol",
            region_name=region,
            endpoint_url=self.server.url,
            aws_access_key_id=key,
            aws_secret_access_key="loopback",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def put(self, type_: str, name: str, body: dict[str, Any], place: str = "") -> None:
        file = self.folder / place / type_ / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(body))


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Ours]:
    made = Ours(tmp_path, "http://127.0.0.1:9")
    yield made
    made.server.close()


def refused(call: Any, **asked: Any) -> tuple[str, int]:
    """The code and the HTTP status of an error."""
    with pytest.raises(ClientError) as error:
        call(**asked)
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_list_has_pages_whose_tokens_are_good_for_it_alone(ours: Ours) -> None:
    for name in "abcde":
        ours.put(CACHE, name, {"SubnetGroupName": name, "Description": "long"})
    asked = ours.client()
    pages = list(asked.get_paginator("list_resources").paginate(TypeName=CACHE))
    assert [[one["Identifier"] for one in page["ResourceDescriptions"]] for page in pages] == [
        ["a", "b"],
        ["c", "d"],
        ["e"],
    ]
    assert json.loads(pages[0]["ResourceDescriptions"][0]["Properties"]) == {"SubnetGroupName": "a"}
    token = asked.list_resources(TypeName=CACHE)["NextToken"]
    for other in ({"TypeName": "AWS::DAX::ParameterGroup"}, {"TypeName": CACHE, "MaxResults": 1}):
        assert refused(asked.list_resources, NextToken=token, **other) == ("InvalidRequestException", 400)
    assert refused(asked.list_resources, TypeName=CACHE, NextToken="x")[0] == "InvalidRequestException"
    elsewhere = ours.client(region="us-east-1")
    assert refused(elsewhere.list_resources, TypeName=CACHE, NextToken=token)[0] == "InvalidRequestException"


def test_a_list_that_needs_parents_has_only_theirs(ours: Ours) -> None:
    for parent in ("a1", "a2"):
        body = {"ApplicationId": parent, "EnvironmentId": "e", "DeletionProtectionCheck": "APPLY"}
        ours.put(ENVIRONMENT, parent, body)
    asked = ours.client()
    assert refused(asked.list_resources, TypeName=ENVIRONMENT) == ("InvalidRequestException", 400)
    found = asked.list_resources(TypeName=ENVIRONMENT, ResourceModel='{"ApplicationId": "a2"}')
    assert [one["Identifier"] for one in found["ResourceDescriptions"]] == ["a2|e"]
    one = asked.get_resource(TypeName=ENVIRONMENT, Identifier="a2|e")["ResourceDescription"]
    assert json.loads(one["Properties"]) == {"ApplicationId": "a2", "EnvironmentId": "e"}  # no write-only one


def test_errors_have_awss_names(ours: Ours) -> None:
    asked = ours.client()
    assert refused(asked.list_resources, TypeName="AWS::No::Type") == ("TypeNotFoundException", 400)
    assert (
        refused(asked.list_resources, TypeName="AWS::Evidently::Project")[0] == "UnsupportedActionException"
    )
    assert refused(asked.get_resource, TypeName=CACHE, Identifier="x")[0] == "ResourceNotFoundException"


def test_a_rate_is_each_accounts_in_each_region(ours: Ours) -> None:
    ours.front.rate = Rate(1.0, 2)
    asked = ours.client()
    for _ in range(2):
        asked.list_resources(TypeName=CACHE)
    assert refused(asked.list_resources, TypeName=ENVIRONMENT) == ("ThrottlingException", 400)
    ours.client(region="us-east-1").list_resources(TypeName=CACHE)
    ours.client(key="AKIAOTHEROTHEROTHER0").list_resources(TypeName=CACHE)
    ours.front.now = lambda: 1.0
    asked.list_resources(TypeName=CACHE)


def test_accounts_and_regions_are_apart(ours: Ours) -> None:
    ours.put(CACHE, "one", {"SubnetGroupName": "one"}, "222222222222/us-east-1")
    asked = ours.client(key="AKIAOTHEROTHEROTHER0", region="us-east-1")
    assert len(asked.list_resources(TypeName=CACHE)["ResourceDescriptions"]) == 1
    for key, region in (("AKIALOOPBACKLOOPBACK", "us-east-1"), ("AKIAOTHEROTHEROTHER0", "eu-west-1")):
        assert ours.client(key, region).list_resources(TypeName=CACHE)["ResourceDescriptions"] == []


def test_the_loopback_aws_answers_of_its_own_estate(aws: str) -> None:
    """In the shape of CloudFormation, as our reader tells it."""
    region = "ap-south-1"
    queue = client(aws, "sqs", region)
    url = queue.create_queue(QueueName="cloud-control", Attributes={"DelaySeconds": "7"})["QueueUrl"]
    asked = client(aws, "cloudcontrol", region)
    (one,) = asked.list_resources(TypeName="AWS::SQS::Queue")["ResourceDescriptions"]
    assert one["Identifier"] == url
    found = asked.get_resource(TypeName="AWS::SQS::Queue", Identifier=url)["ResourceDescription"]
    assert json.loads(found["Properties"])["DelaySeconds"] == 7
    queue.delete_queue(QueueUrl=url)


def test_the_loopback_aws_never_says_that_there_is_none_of_what_it_can_not_tell(aws: str) -> None:
    """Of a type that nobody translates back it answers as AWS does of one that it does not offer, so that
    what is declared of it is unread; of those that are asked for everywhere moto has no call at all."""
    asked = client(aws, "cloudcontrol", "ap-south-1")
    for type_ in (CACHE, "AWS::CodePipeline::Pipeline", "AWS::Glue::Schema"):
        assert refused(asked.list_resources, TypeName=type_)[0] == "TypeNotFoundException"
        assert refused(asked.get_resource, TypeName=type_, Identifier="x")[0] == "TypeNotFoundException"
    everywhere = [one for one in giving_access() if one not in catalogue().entries]
    assert everywhere
    for type_ in everywhere:
        assert asked.list_resources(TypeName=type_)["ResourceDescriptions"] == []
        service = type_.split("::")[1].lower()
        found = find_spec(f"moto.{service}")
        calls = vars(import_module(f"moto.{service}.responses")) if found else {}
        classes = [one for one in calls.values() if isinstance(one, type)]
        named = {
            xform_name(action.partition(":")[2])
            for action in resource_type(type_).permissions["read"]  # type: ignore[union-attr]
            if not action.endswith(":ListTagsForResource")
        }
        assert [name for name in named for one in classes if hasattr(one, name)] == []


def test_what_is_not_cloud_controls_is_passed_on(aws: str, tmp_path: Path) -> None:
    made = Ours(tmp_path, aws)
    try:
        found = client(made.server.url, "sts").get_caller_identity()
        assert found["Account"] == "123456789012"
    finally:
        made.server.close()
