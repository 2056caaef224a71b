"""Arguments that only some versions of the provider have say what is live: no change is told of it."""

from __future__ import annotations

import copy
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


#: What somebody makes of what such an argument says: case → property and its value, None for gone.
CHANGES: dict[str, tuple[str, Any]] = {
    "batch_job_queue": ("ComputeEnvironmentOrder", None),
    "cloudwatch_event_bus": ("LogConfig", None),
    "cloudwatch_log_group": ("DeletionProtectionEnabled", False),
    "ebs_volume": ("VolumeInitializationRate", None),
    "ecr_repository": ("ImageTagMutabilityExclusionFilters", None),
    "ecs_service": ("DeploymentConfiguration", {"MaximumPercent": 200, "MinimumHealthyPercent": 100}),
    "lambda_function": ("DurableConfig", None),
    "lb": ("MinimumLoadBalancerCapacity", {"CapacityUnits": 5}),
    "lb_listener_rule": ("Transforms", None),
    "lb_target_group": ("TargetControlPort", 4000),
    "nat_gateway": ("AvailabilityMode", "zonal"),
    "networkfirewall_firewall": ("AvailabilityZoneMappings", None),
    "s3_bucket": ("ReplicationConfiguration", None),
}


def report(folder: Path, changes: dict[str, tuple[str, Any]]) -> dict[str, Any]:
    said, live = [], []
    for name, case in CASES.items():
        attributes = copy.deepcopy(case["live"])
        if name in changes:
            attributes.update([changes[name]])
        attributes = {key: value for key, value in attributes.items() if value is not None}
        said.append(managed(f"aws_{name}", "x", instance(case["said"])))
        live.append(record(case["type"], case["id"], attributes))
    files = {"infra/terraform.tfstate": json.dumps(state(*said))}
    told: dict[str, Any] = scan(folder, files, live, path="infra/terraform.tfstate")
    return told


def test_what_arguments_of_some_versions_say_is_no_change(tmp_path: Path) -> None:
    told = report(tmp_path, {})
    assert told["summary"]["live"] == len(CASES) >= 15
    assert told["findings"] == []
    left_out = [one for one in told["unverifiable"] if one["reason"].endswith("is not compared")]
    assert {(one["type"], one["path"]) for one in left_out} == UNVERIFIABLE


def test_what_they_say_is_compared(tmp_path: Path) -> None:
    """Each change is told of its property, and nothing else is."""
    found = [
        (one["type"], {change["path"].split("/")[1] for change in one["changes"]})
        for one in report(tmp_path, CHANGES)["findings"]
    ]
    expected = [(CASES[name]["type"], {property_}) for name, (property_, _) in CHANGES.items()]
    assert sorted(found, key=str) == sorted(expected, key=str)
