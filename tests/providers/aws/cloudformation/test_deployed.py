"""Templates in Git against stacks that a loopback AWS deployed: what is pending, and what is drift."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from drift.config.model import parse
from drift.model import Coverage, Resource
from drift.scan import Run
from providers.aws.asked import POLICY
from providers.aws.loopback import ACCOUNT, environment
from providers.aws.stack_policies import PoliciesTask
from tests import forked_aws
from tests.conftest import client

pytest.importorskip("moto.server", reason="moto is not installed")
REGION = "us-east-1"
TEMPLATE = """\
Parameters: {Wait: {Type: Number, Default: 30}}
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties: {QueueName: jobs, VisibilityTimeout: !Ref Wait, DelaySeconds: 5}
  Gone:
    Type: AWS::SQS::Queue
    Properties: {QueueName: gone}
  News:
    Type: AWS::SNS::Topic
    Properties: {TopicName: news, DisplayName: news}
"""
CHILD = """\
Parameters: {Delay: {Type: Number}}
Resources:
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: inner, DelaySeconds: !Ref Delay}}
"""
PARENT = """\
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: 'https://s3.amazonaws.com/templates/child.yaml', Parameters: {Delay: 5}}
"""


class Aws:
    """A loopback AWS, and what a run says of a template and it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stacks = self.client("cloudformation")

    def client(self, service: str) -> Any:
        return client(self.url, service)

    def queue(self, name: str) -> str:
        return str(self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])

    def report(self, folder: Path, text: str, entry: str, unmanaged: str = "ignore") -> dict[str, Any]:
        (folder / "t.yaml").write_text(text)
        said = f"{{path: t.yaml, scope: '{ACCOUNT}', region: {REGION}, {entry}}}"
        types = "['AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::CloudFormation::Stack*']"
        config = (
            f"version: 1\ndeclared:\n  - {said}\nunmanaged: [{{action: {unmanaged}, type: '*'}}]\n"
            f"live: {{aws: {{regions: [{REGION}], include: {types}}}}}\n"
        )
        return Run(parse(config, "drift.yaml", folder, None, {})).scan().report


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with forked_aws.moto() as url:
        before = dict(os.environ)
        os.environ.update(environment(url))
        try:
            made = Aws(url)
            made.stacks.create_stack(StackName="app", TemplateBody=TEMPLATE)
            made.client("s3").create_bucket(Bucket="templates")
            made.client("s3").put_object(Bucket="templates", Key="child.yaml", Body=CHILD.encode())
            made.stacks.create_stack(StackName="parent", TemplateBody=PARENT)
            yield made
        finally:
            os.environ.clear()
            os.environ.update(before)


def told(report: dict[str, Any]) -> dict[str, tuple[str, str | None, str]]:
    """Name → kind, status and note of each finding."""
    return {one["name"]: (one["kind"], one["status"], one.get("note", "")) for one in report["findings"]}


def test_as_deployed_is_silent(aws: Aws, tmp_path: Path) -> None:
    assert told(aws.report(tmp_path, TEMPLATE, "stack: app")) == {}


def test_what_git_says_and_no_stack_was_deployed_with_is_pending(aws: Aws, tmp_path: Path) -> None:
    newer = TEMPLATE.replace("Default: 30", "Default: 30, Description: seconds").replace(
        "DelaySeconds: 5", "DelaySeconds: 9"
    )
    newer = newer.replace("  Gone:", "  Fresh:").replace("QueueName: gone", "KmsMasterKeyId: alias/x")
    found = told(aws.report(tmp_path, newer, "stack: app"))
    assert found["jobs"] == ("changed", "pending", "not applied yet: it is live as it was before")
    assert found["gone"][:2] == ("unmanaged", "pending")
    assert found[None][:2] == ("missing", "pending")  # type: ignore[index]
    assert "the stack app" in found[None][2] and "the stack app" in found["gone"][2]  # type: ignore[index]
    assert "news" not in found


def test_what_is_neither_as_git_nor_as_deployed_is_drift(aws: Aws, tmp_path: Path) -> None:
    url = aws.queue("jobs")
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "7"})
    try:
        newer = TEMPLATE.replace("DelaySeconds: 5", "DelaySeconds: 9")
        (one,) = aws.report(tmp_path, newer, "stack: app")["findings"]
        assert (one["kind"], one["status"]) == ("changed", None)
        assert [(str(each["declared"]), str(each["live"])) for each in one["changes"]] == [("9", "7")]
    finally:
        aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "5"})


def test_another_parameter_than_deployed_is_pending(aws: Aws, tmp_path: Path) -> None:
    found = aws.report(tmp_path, TEMPLATE, "stack: app, parameters: {Wait: 40}")["findings"]
    assert [(one["name"], one["status"]) for one in found] == [("jobs", "pending")]


def test_a_remote_nested_stack_is_declared_by_what_lies_at_its_url(aws: Aws, tmp_path: Path) -> None:
    assert aws.report(tmp_path, PARENT, "stack: parent")["findings"] == []
    url = aws.queue("inner")
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "7"})
    try:
        (one,) = aws.report(tmp_path, PARENT, "stack: parent")["findings"]
        assert [(str(each["declared"]), str(each["live"])) for each in one["changes"]] == [("5", "7")]
        assert "what lies at https://s3.amazonaws.com/templates/child.yaml" in one["note"]
        aws.client("s3").delete_object(Bucket="templates", Key="child.yaml")
        (one,) = aws.report(tmp_path, PARENT, "stack: parent")["findings"]
        assert [(str(each["declared"]), str(each["live"])) for each in one["changes"]] == [("5", "7")]
        assert "its template is not in Git" in one["note"]
    finally:
        aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "5"})
        aws.client("s3").put_object(Bucket="templates", Key="child.yaml", Body=CHILD.encode())


def test_a_nested_stack_has_no_policy_that_anybody_would_declare(aws: Aws, tmp_path: Path) -> None:
    found = aws.report(tmp_path, PARENT, "stack: parent", unmanaged="report")["findings"]
    assert found and {one["type"] for one in found} & {POLICY} == set()


def test_what_is_said_of_a_stack_itself_is_compared(aws: Aws, tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text(
        "[default.deploy.parameters]\nstack_name = 'app'\nenable_termination_protection = true\n"
        "tags = 'Team=web'\n"
    )
    (one,) = [each for each in aws.report(tmp_path, TEMPLATE, "")["findings"] if each["name"] == "app"]
    assert {each["path"] for each in one["changes"]} == {"/EnableTerminationProtection", "/Tags/Team"}
    assert one["status"] is None  # nobody but a person takes a protection away
    (tmp_path / "samconfig.toml").unlink()
    (tmp_path / "prod.yaml").write_text("Parameters: {Wait: 30}\nTags: {Team: web}\n")
    report = aws.report(tmp_path, TEMPLATE, "stack: app, parameters: prod.yaml")
    assert [(each["name"], each["status"]) for each in report["findings"]] == [("app", "pending")]


def test_what_a_nested_stack_is_passed_is_compared(aws: Aws, tmp_path: Path) -> None:
    found = aws.report(tmp_path, PARENT.replace("Delay: 5", "Delay: 6"), "stack: parent")["findings"]
    told = {one["type"]: (one["changes"][0]["path"], one["status"]) for one in found}
    assert told == {
        "AWS::CloudFormation::Stack": ("/Parameters/Delay", "pending"),
        "AWS::SQS::Queue": ("/DelaySeconds", "pending"),
    }


DENY = {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "LogicalResourceId/Jobs"}
ALLOW = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}


@pytest.fixture
def guarded(aws: Aws) -> Iterator[Aws]:
    aws.stacks.set_stack_policy(StackName="app", StackPolicyBody=json.dumps({"Statement": [DENY, ALLOW]}))
    yield aws
    aws.stacks.set_stack_policy(StackName="app", StackPolicyBody=json.dumps({"Statement": []}))


def test_a_stack_policy_that_git_does_not_tell_is_shown(guarded: Aws, tmp_path: Path) -> None:
    report = guarded.report(tmp_path, TEMPLATE, "stack: app")
    assert report["findings"] == []
    shown = [(one["type"], one["path"], one["live"]) for one in report["undeclared"]]
    assert shown == [(POLICY, "/StackPolicyBody", {"Statement": [DENY, ALLOW]})]


@pytest.mark.parametrize("entry", ["stack_policy: policy.json", "parameters: prod.json"])
def test_a_stack_policy_is_compared_with_what_git_tells(guarded: Aws, tmp_path: Path, entry: str) -> None:
    """Of the entry itself, or of a parameter file as CodePipeline reads it."""
    policy: dict[str, Any] = {"Statement": [DENY, ALLOW]}
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    (tmp_path / "prod.json").write_text(json.dumps({"Parameters": {}, "StackPolicy": policy}))
    report = guarded.report(tmp_path, TEMPLATE, f"stack: app, {entry}")
    assert (report["findings"], report["undeclared"]) == ([], [])
    guarded.stacks.set_stack_policy(StackName="app", StackPolicyBody=json.dumps({"Statement": [ALLOW]}))
    (one,) = guarded.report(tmp_path, TEMPLATE, f"stack: app, {entry}")["findings"]
    assert (one["type"], one["name"], one["kind"]) == (POLICY, "app", "changed")


def test_termination_protection_may_be_said_by_the_entry(aws: Aws, tmp_path: Path) -> None:
    (one,) = aws.report(tmp_path, TEMPLATE, "stack: app, termination_protection: true")["findings"]
    assert [change["path"] for change in one["changes"]] == ["/EnableTerminationProtection"]


def test_a_stack_policy_that_may_not_be_read_is_told_and_its_siblings_are_read() -> None:
    stacks = client("http://127.0.0.1:9", "cloudformation")
    with Stubber(stacks) as answers:
        answers.add_client_error("get_stack_policy", "AccessDenied", "not authorized")
        answers.add_client_error("get_stack_policy", "ValidationError", "Stack [b] does not exist")
        answers.add_response("get_stack_policy", {"StackPolicyBody": json.dumps({"Statement": [ALLOW]})})
        named = [{"id": f"arn:{name}", "name": name} for name in "abc"]
        task = PoliciesTask(lambda: stacks, ACCOUNT, REGION, lambda: named, lambda: "")
        found, row = task.read()
    assert isinstance(found, Resource) and isinstance(row, Coverage)
    assert (found.name, found.attributes["StackPolicyBody"]) == ("c", {"Statement": [ALLOW]})
    assert (row.status, row.resources) == ("denied", 1)
    assert "GetStackPolicy" in (row.message or "")
