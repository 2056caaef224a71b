"""Real templates, and what AWS answered when they were deployed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from drift.finding import Unverifiable
from drift.model import Resource, Unresolved
from providers.aws.cloudformation import CloudFormation
from providers.aws.cloudformation.templates import Templates
from tests import shared

from .support import ACCOUNT, RECORDING, RECORDINGS, REGION, Live, declared, live_resource, open_at, stack

pytestmark = shared.needs(RECORDING)

NO_TEMPLATES = {"empty_policy.json", "invalid_stack_policy.json", "stack_policy.json"}
#: Some were written for another templating language first.
_BLANK = re.compile(rb"\{\{\s*(\w+)\s*\}\}")


def names() -> list[str]:
    return [path.name for path in shared.files(f"{RECORDING}/templates", "*")]


@cache
def cases() -> dict[str, dict[str, Any]]:
    with (RECORDINGS / "cases.jsonl").open() as lines:
        return {case["test"].split("::")[-1]: case for case in map(json.loads, lines)}


def recorded(test: str) -> dict[str, Any]:
    content: dict[str, Any] = cases()[test]["recorded_content"]
    return content


def opened(folder: Path, name: str, **options: Any) -> Templates:
    target = folder / name
    target.write_bytes(_BLANK.sub(rb"\1", (RECORDINGS / "templates" / name).read_bytes()))
    return open_at(target, **{"region": REGION, **options})


def unresolved(value: Any) -> Iterator[Unresolved]:
    if isinstance(value, Unresolved):
        yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from unresolved(member)


@pytest.mark.parametrize("name", names())
def test_every_template_is_recognised_and_evaluates(tmp_path: Path, name: str) -> None:
    content = _BLANK.sub(rb"\1", (RECORDINGS / "templates" / name).read_bytes())
    assert CloudFormation().recognises(tmp_path / name, content) is (name not in NO_TEMPLATES)
    if name in NO_TEMPLATES:
        return
    resources, unverifiable, problems = declared(opened(tmp_path, name))
    assert not problems
    for item in (*resources.values(), *unverifiable.values()):
        assert isinstance(item, Resource | Unverifiable)
        assert item.origin is not None
        assert item.origin.line
    for resource in resources.values():
        assert resource.origin is not None
        if resource.partial:
            continue
        text = content.decode().splitlines()
        for pointer, line in resource.origin.lines.items():
            last = pointer.rsplit("/", 1)[-1].replace("~1", "/")
            above = pointer.split("/")[1]
            if not last.isdigit() and last not in text[line - 1] and above not in text[line - 1]:
                # Only a branch of Fn::If stands elsewhere than its key.
                assert "If" in content.decode()


@pytest.mark.parametrize("name", [name for name in names() if name not in NO_TEMPLATES])
def test_with_its_stack_every_reference_resolves(tmp_path: Path, name: str) -> None:
    """A stack of made-up ids: then only parameters and return values that nobody read are left open."""
    templates = opened(tmp_path, name)
    types, text = (
        dict(templates.deployments[0].template.typed()),
        (RECORDINGS / "templates" / name).read_text(),
    )
    live = Live([stack(resources={key: (type_, f"id-{key}") for key, type_ in types.items()})])
    for resource in declared(opened(tmp_path, name, stack="s"), live)[0].values():
        reasons = [one.reason for one in unresolved(resource.attributes)]
        made = "AWS::Serverless" in text  # whose members a stack of the template's own ids does not hold
        assert made or not [reason for reason in reasons if "the id of" in reason]


def test_a_number_in_a_text() -> None:
    found = recorded("test_non_string_parameter_in_sub")["get-parameter-result"]["Value"]
    resources, _, _ = declared(
        open_at(
            RECORDINGS / "templates/cfn_number_in_sub.yml", region=REGION, parameters={"ParameterName": "p"}
        )
    )
    assert [one.attributes["Value"] for one in resources.values() if "Value" in one.attributes] == [found]


def test_a_reference_to_a_parameter_by_its_name() -> None:
    found = recorded("test_resolve_transitive_placeholders_in_strings")["tags"]["Tags"]["test"]
    resources, _, _ = declared(
        open_at(
            RECORDINGS / "templates/legacy_transitive_ref.yaml",
            stack="s",
            parameters={"QueueName": "q", "Qualifier": "..."},
        ),
        Live(
            [
                stack(
                    resources={
                        "TestQueue": ("AWS::SQS::Queue", "q"),
                        "CdkBootstrapVersion": ("AWS::SSM::Parameter", "/cdk-bootstrap/.../version"),
                    }
                )
            ]
        ),
    )
    value = resources["TestQueue"].attributes["Tags"][0]["Value"]
    assert value == found.replace("<partition>", "aws").replace("<region>", REGION).replace(
        "111111111111", ACCOUNT
    )


@pytest.mark.parametrize(
    ("test", "bucket"),
    [
        ("test_nested_conditions[test-nobucket-nopolicy]", ""),
        ("test_nested_conditions[test-bucket-nopolicy]", "b"),
    ],
)
def test_conditions_make_what_the_stack_then_held(test: str, bucket: str) -> None:
    made = {one["LogicalResourceId"] for one in recorded(test)["stack_resources"]["StackResources"]}
    templates = open_at(
        RECORDINGS / "templates/nested-conditions.yaml",
        region=REGION,
        parameters={"EnvType": "test", "BucketName": bucket},
    )
    assert set(declared(templates)[0]) == made


def test_length_is_what_the_transform_made() -> None:
    expected = recorded("test_transform_length")["transformed"]["Resources"]["MyParameter"]["Properties"]
    templates = open_at(
        RECORDINGS / "templates/cfn_languageextensions_length.yml",
        region=REGION,
        parameters={"QueueList": "a,b,c"},
    )
    assert declared(templates)[0]["MyParameter"].attributes == expected


def test_a_list_from_the_parameter_store(tmp_path: Path) -> None:
    found = recorded("test_create_change_set_with_ssm_parameter_list")["iam_role_policy"]
    stored = ",".join(found["PolicyDocument"]["Statement"][0]["Resource"])
    templates = opened(tmp_path, "dynamicparameter_ssm_list.yaml", parameters={"parameter123": "/list"})
    live = Live(resources=[live_resource("AWS::SSM::Parameter", "/list", Value=stored)])
    policy = declared(templates, live)[0]["role123"].attributes["Policies"][0]
    assert policy["PolicyName"] == found["PolicyName"]
    assert policy["PolicyDocument"] == found["PolicyDocument"]


def test_a_stack_listed_by_aws_gives_the_ids() -> None:
    listed = recorded("test_lambda_alias")["stack_resource_descriptions"]["StackResources"]
    members = {one["LogicalResourceId"]: (one["ResourceType"], one["PhysicalResourceId"]) for one in listed}
    templates = open_at(
        RECORDINGS / "templates/cfn_lambda_alias.yml", parameters={"FunctionName": "f", "AliasName": "a"}
    )
    resources, unverifiable, _ = declared(templates, Live([stack(resources=members)]))
    assert not [one for one in unverifiable.values() if "is not known" not in one.reason]
    whole = {name: one for name, one in resources.items() if not one.partial}
    role = f"arn:aws:iam::{ACCOUNT}:role/<role-name>"
    assert {name: one.id for name, one in whole.items()} == {
        name: role if name == "MyFnServiceRole" else members[name][1] for name in whole
    }
    assert resources["LambdaFunction"].attributes["Role"] == f"arn:aws:iam::{ACCOUNT}:role/<role-name>"
