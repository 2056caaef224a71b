"""Settings of which a place has one, declared by several: the one that was applied last is live."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws.facts import catalogue
from tests.declared.terraform.test_intent import record
from tests.declared.terraform.test_state import ACCOUNT, instance, managed, state
from tests.providers.aws.cloudformation.support import REGION, stack

TYPE = "AWS::ApiGateway::Account"
CDK = """\
Resources:
  AccountA: {Type: AWS::ApiGateway::Account, Properties: {CloudWatchRoleArn: ROLE/a}}
  AccountB: {Type: AWS::ApiGateway::Account, Properties: {CloudWatchRoleArn: ROLE/b}}
""".replace("ROLE", f"arn:aws:iam::{ACCOUNT}:role")


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def report(folder: Path, live: str) -> Any:
    """A template with two, and a Terraform state with one, against what is live."""
    physical = {"AccountA": (TYPE, "x-Accou-1"), "AccountB": (TYPE, "x-Accou-2")}
    deployed = {**stack("app", resources=physical), "scope": ACCOUNT}
    cell = {"provider": "aws", "scope": ACCOUNT, "region": REGION, "type": TYPE}
    context = {"aws": {"stacks": [deployed]}}
    header = {
        "drift_snapshot": 1,
        "coverage": [{**cell, "status": "checked", "resources": 1}],
        "context": context,
    }
    lines = [header, record(TYPE, "account", {"Id": "account", "CloudWatchRoleArn": role(live)}, REGION)]
    (folder / "live.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (folder / "t.yaml").write_text(CDK)
    account = managed(
        "aws_api_gateway_account", "a", instance({"id": "account", "cloudwatch_role_arn": role("c")})
    )
    (folder / "s.tfstate").write_text(json.dumps(state(account)))
    place = f"scope: '{ACCOUNT}', region: {REGION}"
    config = f"version: 1\ndeclared: [{{path: t.yaml, {place}, stack: app}}, {{path: s.tfstate, {place}}}]\n"
    return Run(parse(config, "drift.yaml", folder, None, {}), (), [folder / "live.jsonl"]).scan().report


@pytest.mark.parametrize("live", ["a", "b", "c"])
def test_one_of_those_that_are_declared_is_in_sync(tmp_path: Path, live: str) -> None:
    told = report(tmp_path, live)
    assert (told["findings"], told["summary"]["in_sync"], told.get("problems", [])) == ([], 1, [])


def test_another_one_is_a_finding_that_names_all_who_declare_it(tmp_path: Path) -> None:
    (one,) = report(tmp_path, "x")["findings"]
    assert [(each["path"], each["live"]) for each in one["changes"]] == [("/CloudWatchRoleArn", role("x"))]
    assert "AccountB" in one["note"] and "aws_api_gateway_account.a" in one["note"]


@pytest.mark.parametrize(
    ("type_", "single"),
    [
        (TYPE, True),
        ("AWS::LakeFormation::DataLakeSettings", True),
        ("AWS::ECR::RegistryPolicy", True),
        ("AWS::EC2::SnapshotBlockPublicAccess", True),
        ("AWS::IAM::AccountPasswordPolicy", True),
        ("AWS::Macie::Session", True),
        ("AWS::Organizations::Account", False),
        ("AWS::EventSchemas::Registry", False),
        ("AWS::GuardDuty::Detector", False),
    ],
)
def test_which_types_are_settings_of_a_place(type_: str, single: bool) -> None:
    entry = catalogue().entry(type_)
    assert entry is not None and entry.facts.single is single
