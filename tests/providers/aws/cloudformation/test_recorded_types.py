"""Each mapped type that a recorded stack holds: its template is silent against what AWS answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import shared
from tests.reading import read_yaml

from .support import RECORDING, Live, declared, stack
from .test_recorded_cases import as_read, differences, plain
from .test_recordings import opened, recorded

pytestmark = shared.needs(RECORDING)
LABELS = read_yaml(Path(__file__).with_name("recorded_labels.yaml"))

#: (recorded test, template, type, key of the answer, where in it)
CASES = [
    (
        "test_default_name_for_table",
        "dynamodb_table_defaults.yml",
        "AWS::DynamoDB::Table",
        "table_description",
        "Table",
    ),
    (
        "test_billing_mode_as_conditional[PAY_PER_REQUEST]",
        "dynamodb_billing_conditional.yml",
        "AWS::DynamoDB::Table",
        "table_description",
        "Table",
    ),
    (
        "test_billing_mode_as_conditional[PROVISIONED]",
        "dynamodb_billing_conditional.yml",
        "AWS::DynamoDB::Table",
        "table_description",
        "Table",
    ),
    (
        "test_cfn_lambda_sqs_source",
        "cfn_lambda_sqs_source.yaml",
        "AWS::SQS::Queue",
        "get_queue_atts_result",
        "Attributes",
    ),
    (
        "test_cfn_lambda_sqs_source",
        "cfn_lambda_sqs_source.yaml",
        "AWS::Lambda::Function",
        "get_function_result",
        "Configuration",
    ),
    (
        "test_cfn_lambda_permissions",
        "cfn_lambda_sns_permissions.yaml",
        "AWS::Lambda::Function",
        "get_function_result",
        "Configuration",
    ),
    (
        "test_cfn_lambda_permissions",
        "cfn_lambda_sns_permissions.yaml",
        "AWS::SNS::Topic",
        "get_topic_attributes_result",
        "Attributes",
    ),
    (
        "test_event_rule_creation_without_target",
        "events_rule_without_targets.yaml",
        "AWS::Events::Rule",
        "describe_rule",
        "",
    ),
    ("test_alarm_ext_statistic", "cfn_cw_simple_alarm.yml", "AWS::CloudWatch::Alarm", "simple_alarm", "0"),
    (
        "test_deploy_vpc_endpoint",
        "ec2_vpc_endpoint.yml",
        "AWS::EC2::VPCEndpoint",
        "endpoint",
        "VpcEndpoints/0",
    ),
]

#: The ids of other members that the recorded answers name.
OTHERS = {
    ("test_cfn_lambda_sqs_source", "AWS::IAM::Role"): "resource-4",
    ("test_cfn_lambda_permissions", "AWS::IAM::Role"): "resource-5",
    ("test_deploy_vpc_endpoint", "AWS::EC2::SecurityGroup"): "group-id-1",
    ("test_deploy_vpc_endpoint", "AWS::EC2::VPC"): "vpc-id",
    ("test_deploy_vpc_endpoint", "subnetA"): "subnet-a-id",
    ("test_deploy_vpc_endpoint", "subnetB"): "subnet-b-id",
}


def inside(value: Any, path: str) -> Any:
    for part in path.split("/") if path else ():
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def said(test: str) -> dict[str, str]:
    """The parameters of the recorded deployment, as far as they tell what was made."""
    if "billing" in test:
        return {"BillingModeParameter": test.partition("[")[2].rstrip("]")}
    return {}


@pytest.mark.parametrize(("test", "template", "type_", "answer", "where"), CASES)
def test_the_template_is_silent(
    tmp_path: Path, test: str, template: str, type_: str, answer: str, where: str
) -> None:
    document = plain(inside(recorded(test)[answer], where))
    if isinstance(document.get("Policy"), dict):
        document["Policy"] = json.dumps(document["Policy"])
    live = as_read(type_, document)
    templates = opened(tmp_path, template, stack="s")
    if options := said(test):
        templates = opened(tmp_path, template, stack="s", parameters=options)
    members = {}
    for name, kind in templates.deployments[0].template.typed():
        members[name] = (
            kind,
            str(live.id)
            if kind == type_
            else OTHERS.get((test, kind)) or OTHERS.get((test, name), f"id-{name}"),
        )
    resources, _, _ = declared(templates, Live([stack(resources=members)]))
    found = [one for one in resources.values() if one.type == type_ and not one.partial]
    assert len(found) == 1
    one = found[0].but(id=live.id)
    labelled = LABELS.get(test, {}).get(type_, {})
    found_changes = differences(one, live)
    assert [change for change in found_changes if change.path not in labelled] == []
    assert {change.path for change in found_changes} == set(labelled), "a label that nothing needs"
