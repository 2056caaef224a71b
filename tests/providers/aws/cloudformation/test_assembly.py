"""Cloud assemblies of the CDK, and SAM's configuration: each stack where it is deployed, what wrote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift.errors import DeclaredError

from .support import ACCOUNT, REGION, Live, declared, live_resource, load, open_at, queue_url, stack

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5}}
METADATA = {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2"}}


def assembly(folder: Path, artifacts: dict[str, Any], **files: Any) -> Path:
    made = folder / "cdk.out"
    made.mkdir(parents=True, exist_ok=True)
    (made / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": artifacts}))
    for name, content in files.items():
        (made / f"{name}.template.json").write_text(json.dumps(content))
    return made


def artifact(name: str, environment: str, metadata: Any = None, **properties: Any) -> dict[str, Any]:
    return {
        "type": "aws:cloudformation:stack",
        "environment": environment,
        "properties": {"templateFile": f"{name}.template.json", **properties},
        "metadata": metadata or {},
    }


def test_each_stack_has_its_account_and_region(tmp_path: Path) -> None:
    made = assembly(
        tmp_path,
        {
            "One": artifact("One", f"aws://{ACCOUNT}/us-east-1", stackName="one"),
            "Two": artifact("Two", "aws://unknown-account/unknown-region"),
        },
        One={"Resources": {"A": QUEUE, "CDKMetadata": METADATA}},
        Two={"Resources": {"B": QUEUE}},
    )
    live = Live(
        [
            stack("one", region="us-east-1", resources={"A": ("AWS::SQS::Queue", queue_url("a"))}),
            stack("one", region="eu-west-1", resources={"A": ("AWS::SQS::Queue", queue_url("x"))}),
            stack("Two", resources={"B": ("AWS::SQS::Queue", queue_url("b"))}),
        ]
    )
    resources, unverifiable, problems = declared(open_at(made), live)
    assert (unverifiable, problems) == ({}, [])
    assert {name: (one.id, one.region) for name, one in resources.items()} == {
        "A": (queue_url("a"), "us-east-1"),
        "B": (queue_url("b"), REGION),
    }
    assert {word for _, word in open_at(made).asks()} == {"stack one", "stack Two"}


def test_constructs_and_lines_of_code_are_told(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "app.ts").write_text("\n")
    trace = [
        "new Queue (/home/me/app/node_modules/aws-cdk-lib/aws-sqs/lib/queue.js:1:2)",
        "new App (/home/me/app/lib/app.ts:12:5)",
    ]
    metadata = {"/One/Jobs/Resource": [{"type": "aws:cdk:logicalId", "data": "A", "trace": trace}]}
    made = assembly(
        tmp_path,
        {"One": artifact("One", f"aws://{ACCOUNT}/{REGION}", metadata)},
        One={"Resources": {"A": QUEUE, "B": {**QUEUE, "Metadata": {"aws:cdk:path": "One/More/Resource"}}}},
    )
    members = {name: ("AWS::SQS::Queue", queue_url(name)) for name in "AB"}
    resources, _, _ = declared(open_at(tmp_path), Live([stack("One", resources=members)]))
    origins = {name: one.origin for name, one in resources.items()}
    assert {name: (one.file, one.line) for name, one in origins.items() if one} == {
        "One/Jobs/Resource": ("lib/app.ts", 12),
        "One/More/Resource": (f"{tmp_path.name}/cdk.out/One.template.json", 1),
    }
    assert [word for _, word in open_at(made / "manifest.json").asks()] == ["stack One"]


def test_stages_are_assemblies_in_the_assembly(tmp_path: Path) -> None:
    inner = assembly(
        tmp_path / "x", {"In": artifact("In", f"aws://{ACCOUNT}/{REGION}")}, In={"Resources": {"A": QUEUE}}
    )
    made = assembly(
        tmp_path, {"Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}}
    )
    inner.rename(made / "assembly-Prod")
    assert {word for _, word in open_at(made).asks()} == {"stack In"}
    circle = {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}
    with pytest.raises(DeclaredError, match="circle"):
        open_at(assembly(tmp_path / "circle", circle))
    many = {f"A{number}": circle["A"] for number in range(20)}  # each is read once, not 20 times 20 times …
    with pytest.raises(DeclaredError, match="circle"):
        open_at(assembly(tmp_path / "many", many))
    out = {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "../.."}}}
    with pytest.raises(DeclaredError, match="leads out"):
        open_at(assembly(tmp_path / "out", out))


def test_tags_of_the_stack_are_those_of_the_program(tmp_path: Path) -> None:
    made = assembly(
        tmp_path,
        {"One": artifact("One", f"aws://{ACCOUNT}/{REGION}", tags={"Team": "web"})},
        One={"Resources": {"A": QUEUE}},
    )
    a = live_resource("AWS::SQS::Queue", queue_url("a"), Tags=[{"Key": "Team", "Value": "old"}])
    live = Live(
        [stack("One", resources={"A": ("AWS::SQS::Queue", queue_url("a"))}, tags={"Team": "old"})], [a]
    )
    resources, _, _ = declared(open_at(made), live)
    assert resources["A"].attributes["Tags"] == [{"Key": "Team", "Value": "web"}]
    members = {"A": ("AWS::SQS::Queue", queue_url("a"))}
    recorded = {"Resources": {"A": QUEUE}}
    live = Live([stack("One", resources=members, tags={"Team": "old"}, template=recorded)], [a])
    resources, _, _ = declared(open_at(made), live)
    assert resources["A"].before == {"Tags": [{"Key": "Team", "Value": "old"}]}


SAM = "Transform: AWS::Serverless-2016-10-31\nParameters: {Stage: {Type: String}}\nResources: {}\n"


def test_a_template_of_sam_is_deployed_as_its_configuration_says(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text(
        """\
version = 0.1
[default.global.parameters]
stack_name = "shop"
[default.deploy.parameters]
region = "eu-west-1"
parameter_overrides = "Stage=\\"test me\\" Other=1"
tags = "Team=web"
[prod.deploy.parameters]
stack_name = "shop-prod"
parameter_overrides = ["Stage=prod"]
enable_termination_protection = true
"""
    )
    (one,) = load(tmp_path, SAM).deployments
    assert (one.stack, one.region, one.parameters, one.tags) == (
        "shop",
        "eu-west-1",
        {"Stage": "test me"},
        {"Team": "web"},
    )
    (one,) = load(tmp_path, SAM, config_env="prod").deployments
    assert (one.stack, one.parameters, one.protected) == ("shop-prod", {"Stage": "prod"}, True)
    (one,) = load(tmp_path, SAM, ".aws-sam/build/template.yaml").deployments
    assert one.stack == "shop"
    with pytest.raises(DeclaredError, match="no environment 'dev'; it has default, prod"):
        load(tmp_path, SAM, config_env="dev")


def test_a_parameter_file_may_say_tags(tmp_path: Path) -> None:
    (tmp_path / "prod.yaml").write_text("Parameters: {Stage: prod}\nTags: {Team: web}\n")
    templates = load(tmp_path, SAM, parameters="prod.yaml")
    assert (templates.said, templates.tags) == ({"Stage": "prod"}, {"Team": "web"})
