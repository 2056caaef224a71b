"""Arguments that only some versions of the provider have say what is live: no change is told of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.declared.terraform.test_intent import record
from tests.declared.terraform.test_root import scan
from tests.declared.terraform.test_state import instance, managed, state
from tests.reading import read_yaml

CASES: dict[str, dict[str, Any]] = read_yaml(Path(__file__).with_name("unmapped_arguments.yaml"))
#: Of which no map reads an argument: the property of its name is unverifiable, and no change.
UNVERIFIABLE = {
    ("AWS::DynamoDB::Table", "/WarmThroughput"),
    ("AWS::EC2::NatGateway", "/AvailabilityZoneAddresses"),
    ("AWS::Lambda::Function", "/RecursiveLoop"),
    ("AWS::SageMaker::Endpoint", "/DeploymentConfig"),
}


def test_what_arguments_of_some_versions_say_is_no_change(tmp_path: Path) -> None:
    said = [managed(f"aws_{name}", "x", instance(case["said"])) for name, case in CASES.items()]
    live = [record(case["type"], case["id"], case["live"]) for case in CASES.values()]
    files = {"infra/terraform.tfstate": json.dumps(state(*said))}
    report = scan(tmp_path, files, live, path="infra/terraform.tfstate")
    assert report["summary"]["live"] == len(CASES) >= 15
    assert report["findings"] == []
    left_out = [one for one in report["unverifiable"] if one["reason"].endswith("is not compared")]
    assert {(one["type"], one["path"]) for one in left_out} == UNVERIFIABLE
