"""StackSets: a template in Git, compared in each account and region in which it has an instance."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws.loopback import ACCOUNT, environment
from tests import forked_aws

from .support import REGION, Live, declared, load, queue_url, stack

pytest.importorskip("moto.server", reason="moto is not installed")
QUEUE = """\
Parameters: {Delay: {Type: Number, Default: 5}}
Resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs, DelaySeconds: !Ref Delay}}
"""
REGIONS = ("us-east-1", "eu-west-1")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with forked_aws.moto() as address:
        before = dict(os.environ)
        os.environ.update(environment(address))
        try:
            client = boto3.client("cloudformation", region_name="us-east-1")
            client.create_stack_set(StackSetName="shop", TemplateBody=QUEUE)
            client.create_stack_instances(StackSetName="shop", Accounts=[ACCOUNT], Regions=list(REGIONS))
            yield address
        finally:
            os.environ.clear()
            os.environ.update(before)


def report(folder: Path, text: str, more: str = "") -> dict[str, Any]:
    (folder / "t.yaml").write_text(text)
    config = (
        f"version: 1\ndeclared:\n  - {{path: t.yaml, stack_set: shop{more}}}\n"
        f"live: {{aws: {{regions: [{', '.join(REGIONS)}], include: ['AWS::SQS::Queue']}}}}\n"
    )
    return Run(parse(config, "drift.yaml", folder, None, {})).scan().report


def test_each_instance_is_compared(url: str, tmp_path: Path) -> None:
    found = report(tmp_path, QUEUE)
    assert (found["findings"], found["problems"]) == ([], [])
    assert found["summary"]["in_sync"] == 2
    sqs = boto3.client("sqs", region_name="eu-west-1")
    address = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=address, Attributes={"DelaySeconds": "7"})
    (one,) = report(tmp_path, QUEUE)["findings"]
    assert (one["region"], one["status"], one["name"]) == ("eu-west-1", None, "jobs")
    newer = report(tmp_path, QUEUE.replace("QueueName: jobs", "QueueName: jobs, VisibilityTimeout: 40"))
    told = {one["region"]: one["status"] for one in newer["findings"]}
    assert told == {"eu-west-1": None, "us-east-1": "pending"}
    sqs.set_queue_attributes(QueueUrl=address, Attributes={"DelaySeconds": "5"})


def test_a_set_that_is_not_there_is_said(url: str, tmp_path: Path) -> None:
    found = report(tmp_path, QUEUE, ", region: eu-central-1")
    assert ["the StackSet 'shop' was not read" in one["message"] for one in found["problems"]] == [True]


SET = """\
Resources:
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: shop
      PermissionModel: SELF_MANAGED
      Parameters: [{ParameterKey: Delay, ParameterValue: 5}]
      StackInstancesGroup:
        - DeploymentTargets: {Accounts: ['111111111111']}
          Regions: [eu-west-1, us-east-1, eu-central-1]
          ParameterOverrides: [{ParameterKey: Delay, ParameterValue: 9}]
      TemplateBody: |
        Parameters: {Delay: {Type: Number}}
        Resources:
          Jobs: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: !Ref Delay}}
"""


def test_a_set_in_a_template_declares_its_instances(tmp_path: Path) -> None:
    def instance(region: str, **more: str) -> dict[str, str]:
        return {
            "account": "111111111111",
            "region": region,
            "stack_id": stack("i", region=region)["id"],
            "status": "CURRENT",
            **more,
        }

    told = {
        "scope": "111111111111",
        "region": REGION,
        "name": "shop",
        "parameters": {"Delay": "5"},
        "instances": [instance("eu-west-1"), instance("us-east-1", status="OUTDATED", reason="it failed")],
    }
    members = {"Jobs": ("AWS::SQS::Queue", queue_url("jobs"))}
    stacks = [
        stack(resources={"Set": ("AWS::CloudFormation::StackSet", "shop:0a1b")}),
        stack("i", region="eu-west-1", resources=members, parameters={"Delay": "9"}),
        stack("i", region="us-east-1", resources=members, parameters={"Delay": "9"}),
    ]
    templates = load(tmp_path, SET, stack="s")
    resources, _, problems = declared(templates, Live(stacks, stack_sets=[told]))
    assert resources["Set/Jobs"].attributes == {"DelaySeconds": 9}
    assert resources["Set/Jobs"].region == "us-east-1"
    assert [one.message for one in problems] == [
        "template.yaml:2: the StackSet shop has no instance in 111111111111/eu-central-1, where it is to be"
    ]
    assert [one for one in templates.notes if "OUTDATED" in one] == [
        "template.yaml:2: the StackSet shop is OUTDATED in 111111111111/us-east-1: it failed"
    ]
    assert ("aws", "AWS::SQS::Queue") in templates.types()


def test_a_set_whose_instances_were_not_read_is_unverifiable(tmp_path: Path) -> None:
    members = {"Set": ("AWS::CloudFormation::StackSet", "shop:0a1b")}
    _, unverifiable, _ = declared(load(tmp_path, SET, stack="s"), Live([stack(resources=members)]))
    assert "in which accounts and regions it has instances" in unverifiable["Set"].reason


def test_an_override_of_an_instance_is_no_pending_change(tmp_path: Path) -> None:
    template = {"Parameters": {"Delay": {"Type": "Number"}}, "Resources": {}}
    told = {
        "scope": "111111111111",
        "region": REGION,
        "name": "shop",
        "template": template,
        "parameters": {"Delay": "5"},
        "instances": [
            {"account": "111111111111", "region": REGION, "stack_id": stack()["id"], "status": "CURRENT"}
        ],
    }
    members = {"Jobs": ("AWS::SQS::Queue", queue_url("jobs"))}
    live = Live([stack(resources=members, parameters={"Delay": "9"})], stack_sets=[told])
    resources, _, _ = declared(load(tmp_path, QUEUE, stack_set="shop", parameters={"Delay": 5}), live)
    assert resources["Jobs"].attributes["DelaySeconds"] == 9
    assert {word for _, word in load(tmp_path, QUEUE, stack_set="shop").asks()} == {"stack-set shop"}
