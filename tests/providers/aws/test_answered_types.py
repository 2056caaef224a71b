"""Types that moto does not know, or not whole, by answers of AWS's own shape: what is declared and there is
silent, each change is exactly its finding, what is deleted is missing."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from drift.config.model import parse
from drift.scan import Run
from providers.aws.facts import catalogue
from providers.aws.loopback import environment
from tests.providers.aws.answering import Answers, answering
from tests.reading import read_yaml

FOLDER = Path(__file__).with_name("answered")
CASES: dict[str, dict[str, Any]] = {
    f"{file.stem} {name}": case
    for file in sorted(FOLDER.glob("*.yaml"))
    for name, case in read_yaml(file).items()
}
TYPES = sorted({case["type"] for case in CASES.values()})
#: What no API gives back.
UNVERIFIABLE = {
    ("AWS::CloudFormation::Stack", "/Parameters/Word"),
    ("AWS::DMS::Endpoint", "/Password"),
    ("AWS::DirectoryService::MicrosoftAD", "/Password"),
    ("AWS::DirectoryService::MicrosoftAD", "/RadiusSettings/SharedSecret"),
    ("AWS::DirectoryService::SimpleAD", "/Password"),
    ("AWS::EC2::VPNConnection", "/VpnTunnelOptionsSpecifications/0/PreSharedKey"),
    (
        "AWS::KinesisFirehose::DeliveryStream",
        "/HttpEndpointDestinationConfiguration/EndpointConfiguration/AccessKey",
    ),
    ("AWS::NetworkFlowMonitor::Monitor", "/ScopeArn"),
    ("AWS::QuickSight::VPCConnection", "/SubnetIds"),
    ("AWS::Redshift::Cluster", "/MasterUserPassword"),
    ("AWS::RedshiftServerless::Namespace", "/AdminUserPassword"),
    ("AWS::SecurityHub::Hub", "/EnableDefaultStandards"),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", "/Vpc"),
}
DRIFT_YAML = """\
version: 1
declared: [{{path: {name}.tfstate, scope: '123456789012', region: us-east-1}}]
live: {{aws: {{regions: [us-east-1], include: [{types}]}}}}
"""


class Estate:
    """All cases at once: one answering AWS, one state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: Answers = {}
        resources = []
        for case in CASES.values():
            for operation, answer in case["answers"].items():
                self.answers[operation] = _merged(self.answers.get(operation), copy.deepcopy(answer))
            resources += [one for said in case["terraform"] for one in said.items()]
        state = {
            "version": 4,
            "terraform_version": "1.9.0",
            "lineage": "x",
            "resources": [
                {
                    "mode": "managed",
                    "type": type_,
                    "name": f"x{number}",
                    "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
                    "instances": [{"attributes": attributes}],
                }
                for number, (type_, attributes) in enumerate(resources)
            ],
        }
        (folder / "all.tfstate").write_text(json.dumps(state), encoding="utf-8")

    def scan(self, *types: str) -> dict[str, Any]:
        text = DRIFT_YAML.format(name="all", types=", ".join(f'"{type_}"' for type_ in types or TYPES))
        return Run(parse(text, "drift.yaml", self.folder, None, {})).scan().report


def _merged(one: Any, other: Any) -> Any:
    """The answers of two cases to the same operation: their lists together."""
    if isinstance(one, list):
        return [*one, *(two for two in other if two not in one)]
    if not isinstance(one, dict):
        return other
    return {**one, **{name: _merged(one.get(name), value) for name, value in other.items()}}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    made = Estate(tmp_path_factory.mktemp("answered"))
    before = dict(os.environ)
    with answering(made.answers) as url:
        os.environ.update(environment(url))
        try:
            yield made
        finally:
            os.environ.clear()
            os.environ.update(before)


def changes(report: dict[str, Any]) -> dict[tuple[str, str, str], frozenset[str]]:
    """(kind, type, id) → paths, of each finding."""
    return {
        (one["kind"], one["type"], one["resource_id"]): frozenset(change["path"] for change in one["changes"])
        for one in report["findings"]
    }


def test_what_is_declared_and_there_is_silent_and_each_change_is_its_finding(estate: Estate) -> None:
    there = estate.scan()
    rows = {
        row["type"]: (row["status"], row.get("message")) for row in there["coverage"] if row["type"] in TYPES
    }
    assert {type_: row for type_, row in rows.items() if row[0] != "checked"} == {}
    assert [summary(one) for one in there["findings"]] == []
    whole = [one for one in there["unverifiable"] if one["type"] in TYPES and one["path"] == ""]
    assert [one["reason"] for one in whole if not one["reason"].startswith("only the state says /")] == []
    paths = {(one["type"], one["path"]) for one in there["unverifiable"] if one["path"]}
    assert {one for one in paths if one[0] in TYPES} == UNVERIFIABLE

    before = copy.deepcopy(estate.answers)
    hidden = []
    for case in CASES.values():
        for change in case["changes"]:
            put(estate.answers, change["answer"], change["value"])
            hidden += [change["value"]] if change.get("secret") else []
    report = estate.scan()
    told = changes(report)
    estate.answers.clear()
    estate.answers.update(before)
    assert hidden and [one for one in hidden if one in json.dumps(report)] == []
    assert told == {
        ("changed", case["type"], case["id"]): frozenset(
            path for one in case["changes"] for path in one["paths"]
        )
        for case in CASES.values()
        if case["changes"]
    }


def test_what_is_deleted_is_missing(estate: Estate) -> None:
    before = copy.deepcopy(estate.answers)
    for case in CASES.values():
        for place in case["gone"]:
            if isinstance(place, dict):  # it is an error that says so
                put(estate.answers, place["answer"], {"error": place["error"]})
            else:
                put(estate.answers, place, [])
    told = changes(estate.scan())
    estate.answers.clear()
    estate.answers.update(before)
    expected = {("missing", case["type"], case["id"]) for case in CASES.values() if not case.get("single")}
    assert set(told) == expected


@pytest.mark.parametrize("listed", [True, False])
def test_what_is_refused_makes_no_finding(estate: Estate, listed: bool) -> None:
    """All that lists, and all else; each alone is refused where the loopback AWS holds it
    (``tests/providers/aws/test_refused.py``)."""
    lists = {call for type_ in TYPES for call in _listing(catalogue().entries[type_].said["list"])}
    refused = [name for name in estate.answers if (xform_name(name.partition(".")[2]) in lists) is listed]
    before = copy.deepcopy(estate.answers)
    estate.answers.update({name: {"error": "AccessDeniedException"} for name in refused})
    report = estate.scan()
    estate.answers.clear()
    estate.answers.update(before)
    assert len(refused) > 20
    assert changes(report) == {}
    if listed:
        read = {row["type"]: row["status"] for row in report["coverage"] if row["type"] in TYPES}
        assert set(read.values()) == {"denied"}


def _listing(said: dict[str, Any]) -> Iterator[str]:
    """The calls of a list, those for its parents too."""
    if "call" in said:
        yield said["call"]
    if "for_each" in said:
        yield from _listing(said["for_each"])


def put(answers: Answers, place: str, value: Any) -> None:
    """Sets what stands at ``service.Operation/…`` of the answers; null takes it away."""
    operation, *path = place.split("/")
    if not path:
        answers[operation] = value
        return
    inside = answers[operation]
    for part in path[:-1]:
        inside = inside[int(part) if isinstance(inside, list) else part.replace("~1", "/")]
    last = path[-1].replace("~1", "/")
    if isinstance(inside, list):
        inside[int(last)] = value
    elif value is None:
        del inside[last]
    else:
        inside[last] = value


def summary(finding: dict[str, Any]) -> str:
    told = "; ".join(
        f"{one['path']}: {one.get('declared', '-')} -> {one.get('live', '-')}" for one in finding["changes"]
    )
    return f"{finding['kind']} {finding['type']} {finding['resource_id']}: {told}"[:900]
