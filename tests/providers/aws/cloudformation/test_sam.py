"""What the Serverless Application Model makes of a template, by the translator that AWS uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.model import Sensitive, Unresolved
from providers.aws.cloudformation import sam

from .support import ACCOUNT, NESTED, REGION, Live, declared, load, stack

pytest.importorskip("samtranslator", reason="aws-sam-translator is not installed")
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Password: {Type: String, NoEcho: true, Default: hunter2-and-more}
  Size: {Type: Number, Default: 256}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.main
      Runtime: python3.12
      MemorySize: !Ref Size
      Environment: {Variables: {PASSWORD: !Ref Password}}
      Policies: [SQSPollerPolicy: {QueueName: jobs}]
      Events:
        Api: {Type: Api, Properties: {Path: /, Method: get}}
"""


def live(*more: tuple[str, str, str]) -> Live:
    made = [
        ("Fn", "AWS::Lambda::Function", "s-Fn-1"),
        ("FnRole", "AWS::IAM::Role", "s-FnRole-1"),
        ("FnApiPermissionProd", "AWS::Lambda::Permission", "s-Permission-1"),
        ("ServerlessRestApi", "AWS::ApiGateway::RestApi", "api1"),
        ("ServerlessRestApiDeployment0123456789", "AWS::ApiGateway::Deployment", "dep1"),
        ("ServerlessRestApiProdStage", "AWS::ApiGateway::Stage", "Prod"),
    ]
    return Live([stack(resources={name: (type_, id_) for name, type_, id_ in (*made, *more)})])


def test_all_that_is_made_is_declared(tmp_path: Path) -> None:
    resources, unverifiable, problems = declared(load(tmp_path, TEMPLATE, stack="s"), live())
    assert (unverifiable, problems) == ({}, [])
    function, role = resources["Fn"], resources["FnRole"]
    assert not function.partial
    assert function.attributes["MemorySize"] == 256
    assert function.attributes["Role"] == f"arn:aws:iam::{ACCOUNT}:role/s-FnRole-1"
    assert isinstance(function.attributes["Code"], Unresolved)
    secret = function.attributes["Environment"]["Variables"]["PASSWORD"]
    assert isinstance(secret, Sensitive)
    statement = role.attributes["Policies"][0]["PolicyDocument"]["Statement"][0]
    assert statement["Resource"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    assert "hunter2" not in repr({name: one.attributes for name, one in resources.items() if name != "Fn"})


def test_lines_are_those_of_what_is_written(tmp_path: Path) -> None:
    resources, _, _ = declared(load(tmp_path, TEMPLATE, stack="s"), live())
    function, role = resources["Fn"].origin, resources["FnRole"].origin
    assert function is not None and role is not None
    assert (function.line, function.lines["/MemorySize"], role.line) == (6, 12, 6)
    assert "/Role" not in function.lines


def test_a_hash_in_a_logical_id_is_the_stacks(tmp_path: Path) -> None:
    resources, _, _ = declared(load(tmp_path, TEMPLATE, stack="s"), live())
    stage = resources["ServerlessRestApiProdStage"]
    assert stage.attributes["DeploymentId"] == "dep1"


def test_what_the_stack_holds_besides_is_not_somebody_elses(tmp_path: Path) -> None:
    more = ("FnLogs", "AWS::Logs::LogGroup", "logs")
    _, unverifiable, _ = declared(load(tmp_path, TEMPLATE, stack="s"), live(more))
    assert "made by AWS::Serverless-2016-10-31" in unverifiable["FnLogs"].reason


def test_without_the_translator_what_is_passed_on_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sam, "available", lambda: False)
    resources, unverifiable, _ = declared(load(tmp_path, TEMPLATE, stack="s"), live())
    assert resources["Fn"].partial
    assert resources["Fn"].attributes["MemorySize"] == 256
    assert "install driftline[sam]" in unverifiable["Fn"].reason


APPLICATIONS = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Here: {Type: AWS::Serverless::Application, Properties: {Location: ./child.yaml, Parameters: {D: 5}}}
  There:
    Type: AWS::Serverless::Application
    Properties:
      Location: {ApplicationId: 'arn:aws:serverlessrepo:us-east-1:1:applications/x', SemanticVersion: 1.0.0}
"""


def test_nested_applications_are_nested_stacks_and_no_repository_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3

    def asked(*_: object, **__: object) -> None:
        raise AssertionError("a cloud is asked")

    monkeypatch.setattr(boto3, "client", asked)
    (tmp_path / "child.yaml").write_text(NESTED)
    names = ("Here", "There")
    children = {name: stack(f"s-{name}", resources={"Q": ("AWS::SQS::Queue", name)}) for name in names}
    members = {name: ("AWS::CloudFormation::Stack", child["id"]) for name, child in children.items()}
    there = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 7}}}}
    children["There"]["template"] = there
    live = Live([stack(resources=members), *children.values()])
    templates = load(tmp_path, APPLICATIONS, stack="s")
    resources, unverifiable, problems = declared(templates, live)
    assert (unverifiable, problems) == ({}, [])
    assert resources["Here/Q"].attributes == {"DelaySeconds": 5}
    assert resources["There/Q"].attributes == {"DelaySeconds": 7}
    assert any("its template is not in Git" in note for note in templates.notes)
