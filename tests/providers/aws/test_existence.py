"""Types of which only existence is read: declared and there is silent, deleted is missing, in a loopback AWS;
what a stack calls them is what is live."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest

from drift.config.model import parse
from drift.facts import ONLY_THERE
from drift.model import Resource
from drift.scan import Run
from providers.aws import AwsProvider
from providers.aws.bounded import token_of
from providers.aws.facts import catalogue
from providers.aws.loopback import ACCOUNT, environment
from tests import forked_aws
from tests.conftest import Drift, client
from tests.providers.aws import existence_estate
from tests.providers.aws.cloudformation.support import Live, declared, load, stack
from tests.providers.aws.existence_estate import Made

REGION = "us-east-1"
TYPES = sorted(type_ for type_, entry in catalogue().entries.items() if entry.existence)
#: Of the others more is read by now.
MAKERS = {type_: make for type_, make in existence_estate.MAKERS.items() if type_ in TYPES}


def state(made: dict[str, Made]) -> str:
    resources = [
        {
            "mode": "managed",
            "type": one.terraform,
            "name": f"x{number}",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"attributes": one.attributes}],
        }
        for number, one in enumerate(made.values())
    ]
    return json.dumps({"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": resources})


class Estate:
    """A loopback AWS that holds one resource of each type that it knows."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.made = {type_: make(self.client) for type_, make in MAKERS.items()}
        (folder / "terraform.tfstate").write_text(state(self.made), encoding="utf-8")

    def client(self, service: str) -> Any:
        return client(self.url, service)

    def scan(self) -> dict[str, Any]:
        text = (
            "version: 1\ndeclared:\n  - {path: terraform.tfstate, scope: '123456789012', region: us-east-1}\n"
            "live:\n  aws: {regions: [us-east-1]}\n"
        )
        return Run(parse(text, "drift.yaml", self.folder, None, {})).scan().report


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with forked_aws.moto() as url:
        before = dict(os.environ)
        os.environ.update(environment(url))
        try:
            yield Estate(url, tmp_path_factory.mktemp("existence"))
        finally:
            os.environ.clear()
            os.environ.update(before)


def test_many_are_tried_live() -> None:
    assert len(MAKERS) >= 7


def test_what_is_there_is_silent_and_what_is_deleted_is_missing(estate: Estate) -> None:
    there = estate.scan()
    assert [one for one in there["findings"] if one["type"] in TYPES] == []
    rows = {row["type"]: row["status"] for row in there["coverage"] if row["type"] in estate.made}
    assert rows == dict.fromkeys(estate.made, "checked")
    only = {one["type"] for one in there["unverifiable"] if (one["path"], one["reason"]) == ("", ONLY_THERE)}
    assert only == set(estate.made)
    assert {row["type"] for row in there["coverage"]} & set(TYPES) == set(
        estate.made
    )  # others aren't asked for

    for made in estate.made.values():
        made.delete()
    gone = estate.scan()
    assert {(one["kind"], one["type"]) for one in gone["findings"] if one["type"] in TYPES} == {
        ("missing", type_) for type_ in estate.made
    }


@pytest.mark.parametrize("type_", TYPES)
def test_no_page_of_a_list_is_left_out(type_: str) -> None:
    """boto3 pages the call, or the machine does by its token, or there is only one page."""
    entry = catalogue().entries[type_]
    call = entry.said["list"]["call"]
    asked = boto3.client(entry.service, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    if asked.can_paginate(call) or token_of(asked, call):
        return
    service = botocore.session.get_session().get_service_model(entry.service)
    out = service.operation_model(asked.meta.method_to_api_mapping[call]).output_shape.members
    assert not [name for name in out if "oken" in name or "arker" in name], f"{type_}: {call} has pages"


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_is_one_of_cloudformation_and_of_terraform(type_: str) -> None:
    entry = catalogue().entries[type_]
    assert entry.terraform
    assert entry.schema["id"], f"{type_} is no type of CloudFormation's, or not in schemas.json"


def test_an_undeclared_one_is_counted_not_listed(tmp_path: Path, drift: Drift) -> None:
    stream = Made("aws_cloudwatch_metric_stream", {"name": "a"}, lambda: None)
    type_ = "AWS::CloudWatch::MetricStream"
    (tmp_path / "terraform.tfstate").write_text(state({type_: stream}), encoding="utf-8")
    records = [Resource("aws", ACCOUNT, type_, id_, {}, REGION).record() for id_ in ("a", "b")]
    (tmp_path / "live.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    ran = drift("diff", "--live", "live.jsonl", "--declared", "terraform.tfstate", "-o", "out")
    assert ran.findings() == {}
    assert ran.report["summary"]["unmanaged_not_listed"] == 1


STACKED = [
    ("AWS::Glue::Job", "load", {}, "load"),
    ("AWS::EFS::FileSystem", "fs-1", {}, "arn:aws:elasticfilesystem:eu-west-1:111111111111:file-system/fs-1"),
    ("AWS::Logs::MetricFilter", "errors", {"LogGroupName": "/shop"}, "/shop|errors"),
    ("AWS::WAFv2::IPSet", "a|1|REGIONAL", {}, "arn:aws:wafv2:eu-west-1:111111111111:regional/ipset/a/1"),
    ("AWS::Scheduler::Schedule", "b", {}, "arn:aws:scheduler:eu-west-1:111111111111:schedule/default/b"),
    (
        "AWS::Scheduler::Schedule",
        "b",
        {"GroupName": "n"},
        "arn:aws:scheduler:eu-west-1:111111111111:schedule/n/b",
    ),
    ("AWS::CloudFront::Distribution", "E1", {"DistributionConfig": {"Enabled": True}}, "E1"),
]


@pytest.mark.parametrize(("type_", "physical", "properties", "id_"), STACKED)
def test_what_a_stack_records_is_the_live_id(
    type_: str, physical: str, properties: dict[str, Any], id_: str, tmp_path: Path
) -> None:
    text = json.dumps({"Resources": {"X": {"Type": type_, "Properties": properties}}})
    recorded = Live([stack(resources={"X": (type_, physical)})])
    resources, _, problems = declared(load(tmp_path, text, stack="s"), recorded)
    assert problems == []
    assert AwsProvider().canonical_id(resources["X"]) == id_


def test_a_web_acl_is_one_by_its_arn_and_by_what_its_stack_calls_it() -> None:
    arn = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:global/webacl/shop/0a-1b"
    for id_ in (arn, "shop|0a-1b|CLOUDFRONT"):
        found = Resource("aws", ACCOUNT, "AWS::WAFv2::WebACL", id_, {}, REGION)
        assert AwsProvider().canonical_id(found) == arn
