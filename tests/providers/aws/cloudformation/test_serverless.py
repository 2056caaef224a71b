"""What the Serverless Application Model passes on is compared; what else it makes is said to be unknown."""

from __future__ import annotations

from pathlib import Path

from drift.model import Unresolved
from tests.providers.aws.cloudformation.support import REGION, Live, declared, load, stack, types_of

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 3
    MemorySize: 128
    Layers: ["arn:aws:lambda:eu-west-1:111111111111:layer:a:1"]
    Environment: {Variables: {LOG_LEVEL: info, STAGE: prod}}
    Tags: {team: shop}
    FunctionName: never
  Api: {Name: api}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: orders
      MemorySize: 256
      Layers: ["arn:aws:lambda:eu-west-1:111111111111:layer:b:2"]
      Environment: {Variables: {STAGE: test}}
      Tracing: Active
      Tags: {cost: "42"}
      Policies: [AWSLambdaBasicExecutionRole]
"""


def test_globals_are_merged_with_what_a_function_says(tmp_path: Path) -> None:
    members = {"Fn": ("AWS::Lambda::Function", "orders"), "FnRole": ("AWS::IAM::Role", "r")}
    resources, unverifiable, _ = declared(load(tmp_path, TEMPLATE), Live([stack(resources=members)]))
    layer = "arn:aws:lambda:eu-west-1:111111111111:layer"
    assert resources["Fn"].partial
    assert resources["Fn"].attributes == {
        "FunctionName": "orders",
        "MemorySize": 256,
        "Timeout": 3,
        "Layers": [f"{layer}:a:1", f"{layer}:b:2"],
        "Environment": {"Variables": {"LOG_LEVEL": "info", "STAGE": "test"}},
        "TracingConfig": {"Mode": "Active"},
        "Tags": [
            {"Key": "team", "Value": "shop"},
            {"Key": "cost", "Value": "42"},
            {"Key": "lambda:createdBy", "Value": "SAM"},
        ],
    }
    origin = resources["Fn"].origin
    assert origin is not None
    lines = TEMPLATE.splitlines()
    for pointer, text in (("/Timeout", "    Timeout: 3"), ("/MemorySize", "      MemorySize: 256")):
        assert lines[origin.lines[pointer] - 1] == text
    assert "compared is only what the template says that is passed on" in unverifiable["Fn"].reason
    assert "made by AWS::Serverless" in unverifiable["FnRole"].reason


def test_what_decides_of_what_is_passed_on(tmp_path: Path) -> None:
    text = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Timeout: 3, MemorySize: 128, Tags: {team: shop}}}
Resources:
  A: {Type: AWS::Serverless::Function, IgnoreGlobals: "*", Properties: {Handler: a.b}}
  B: {Type: AWS::Serverless::Function, IgnoreGlobals: [Timeout], Properties: {PropagateTags: true}}
  C:
    Type: AWS::Serverless::Function
    IgnoreGlobals: [Tags, MemorySize]
    Properties: {Tracing: Disabled, Description: d, AutoPublishAlias: live, AutoPublishCodeSha256: 6b86}
"""
    members = {name: ("AWS::Lambda::Function", name) for name in "ABC"}
    resources, _, _ = declared(load(tmp_path, text), Live([stack(resources=members)]))
    assert resources["A"].attributes == {"Handler": "a.b"}
    assert resources["B"].attributes == {"MemorySize": 128, "Tags": [{"Key": "team", "Value": "shop"}]}
    assert resources["C"].attributes["Timeout"] == 3
    assert isinstance(resources["C"].attributes["Description"], Unresolved)
    assert set(resources["C"].attributes) == {"Timeout", "Description"}


def test_what_is_deployed_as_another_type_is_not_guessed(tmp_path: Path) -> None:
    members = {"Fn": ("AWS::Lambda::Alias", "x")}
    _, unverifiable, _ = declared(load(tmp_path, TEMPLATE), Live([stack(resources=members)]))
    assert "is expanded by a transform when the stack is deployed" in unverifiable["Fn"].reason
    assert "SAM does not take it: 'Globals' section is invalid" in unverifiable["Fn"].reason


def test_its_types_are_read(tmp_path: Path) -> None:
    assert types_of(load(tmp_path, TEMPLATE, region=REGION)) == {"AWS::Lambda::Function"}
