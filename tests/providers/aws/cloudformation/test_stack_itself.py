"""What is told of a stack itself: whom it notifies, what AWS's own drift detection found, templates that nest
themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws.stacks import read_stacks
from tests.providers.aws.cloudformation.support import (
    ACCOUNT,
    QUEUE,
    REGION,
    declared,
    load,
    queue_url,
    stack,
)
from tests.providers.aws.cloudformation.test_stacks import Pages, summary

TYPE, STACK = "AWS::SQS::Queue", "AWS::CloudFormation::Stack"
ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:deployments"
OTHER = f"arn:aws:sns:{REGION}:{ACCOUNT}:others"
SAID = "MODIFIED at 2024-05-06T07:08:09Z"


def test_what_aws_detected_is_read_with_the_stack() -> None:
    checked = {
        "StackResourceDriftStatus": "MODIFIED",
        "LastCheckTimestamp": datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    }
    never = {"StackResourceDriftStatus": "NOT_CHECKED"}
    members = [
        {**summary("X", "x"), "DriftInformation": checked},
        {**summary("Y", "y"), "DriftInformation": never},
    ]
    one = [[{"StackName": "a", "StackId": "a", "StackStatus": "CREATE_COMPLETE"}]]
    (read,) = read_stacks(Pages(one, {"a": [members]}), ACCOUNT, REGION)
    assert {name: told.get("detected") for name, told in read["resources"].items()} == {"X": SAID, "Y": None}


def report(folder: Path, deployed: dict[str, Any], wait: int, notified: list[str]) -> Any:
    """A template and its stack, against a queue and a stack that are live."""
    (folder / "t.yaml").write_text(QUEUE)
    cells = [
        {"provider": "aws", "scope": ACCOUNT, "region": REGION, "type": type_} for type_ in (TYPE, STACK)
    ]
    lines: list[dict[str, Any]] = [
        {
            "drift_snapshot": 1,
            "coverage": [{**cell, "status": "checked", "resources": 1} for cell in cells],
            "context": {"aws": {"stacks": [deployed]}},
        },
        {**cells[0], "id": ARN, "attributes": {"QueueName": "jobs", "VisibilityTimeout": wait}},
        {**cells[1], "id": deployed["id"], "attributes": {"StackName": "app", "NotificationARNs": notified}},
    ]
    (folder / "live.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    entry = f"{{path: t.yaml, scope: '{ACCOUNT}', region: {REGION}, stack: app}}"
    config = parse(f"version: 1\ndeclared: [{entry}]\n", "drift.yaml", folder, None, {})
    return Run(config, (), [folder / "live.jsonl"]).scan().report


@pytest.mark.parametrize("detected", [SAID, ""])
def test_a_fresh_detection_stands_beside_the_finding_and_makes_none(tmp_path: Path, detected: str) -> None:
    deployed = stack("app", resources={"Jobs": (TYPE, queue_url("jobs"))})
    deployed["resources"]["Jobs"]["detected"] = detected
    assert report(tmp_path, deployed, 30, [])["findings"] == []
    (one,) = report(tmp_path, deployed, 31, [])["findings"]
    note = f"AWS's own drift detection said {SAID}"
    assert (note in (one.get("note") or "")) is bool(detected)


@pytest.mark.parametrize(
    ("live", "had", "told"),
    [
        ([TOPIC], [TOPIC], []),
        ([TOPIC, OTHER], [TOPIC, OTHER], [("/NotificationARNs", "pending")]),
        ([], [TOPIC], [("/NotificationARNs", None)]),
    ],
    ids=["as declared", "not deployed so yet", "taken away since"],
)
def test_whom_a_stack_notifies_is_compared(
    tmp_path: Path, live: list[str], had: list[str], told: list[tuple[str, str | None]]
) -> None:
    (tmp_path / "samconfig.toml").write_text(
        f"[default.deploy.parameters]\nstack_name = 'app'\nnotification_arns = '{TOPIC}'\n"
    )
    deployed = stack("app", resources={"Jobs": (TYPE, queue_url("jobs"))}, notified=had)
    found = report(tmp_path, deployed, 30, live)["findings"]
    assert [(one["changes"][0]["path"], one["status"]) for one in found] == told


def test_templates_that_nest_themselves_are_told_and_end(tmp_path: Path) -> None:
    nesting = """\
    Resources:
      A: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {0}}}}}
      B: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {0}}}}}
    """
    load(tmp_path, nesting.format("one.yaml"), "two.yaml")
    resources, unverifiable, _ = declared(load(tmp_path, nesting.format("two.yaml"), "one.yaml"))
    assert resources == {}
    assert len(unverifiable) <= 2500
    reasons = {one.reason for one in unverifiable.values()}
    assert "its templates are nested too deeply, or in a circle" in reasons
