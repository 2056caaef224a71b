"""Terraform types without a map, by the CloudFormation type of the same name."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from drift.declared.terraform.depth import depths
from drift.dialect import Foreign
from drift.model import Resource, Unresolved
from providers.aws import AwsProvider, awscc, namesakes
from providers.aws.facts import catalogue
from providers.aws.resource_types import resource_types
from tests.declared.terraform.test_intent import record
from tests.declared.terraform.test_root import scan
from tests.declared.terraform.test_state import ACCOUNT, instance, managed, state

ARN = f"arn:aws:ivs:eu-west-1:{ACCOUNT}:channel/x"
CHANNEL = {"id": ARN, "arn": ARN, "name": "shop", "type": "STANDARD", "tags_all": {"team": "shop"}}
LIVE = {"Name": "shop", "Type": "STANDARD", "Tags": [{"Key": "team", "Value": "shop"}], "LatencyMode": "LOW"}
DIALECT = AwsProvider().terraform
assert DIALECT is not None


def translate(type_: str, **attributes: Any) -> list[Resource] | None:
    assert DIALECT is not None
    return DIALECT.translate(Foreign(type_, "x", attributes, ACCOUNT, "eu-west-1"))


def test_a_namesake_is_the_type() -> None:
    """Of the types that have a map of which this can be told, in both halves."""
    letters = {namesakes._letters(awscc.terraform_type(one)[6:]): one for one in resource_types()}
    found: Counter[tuple[str, bool]] = Counter()
    others = []
    for name, entries in catalogue().terraform.items():
        types = {one.type for one in entries if one.type is not None and not one.attach}
        namesake = letters.get(namesakes._letters(name.removeprefix("aws_")))
        namesake = of.type if (of := catalogue().aliases.get(namesake or "")) else namesake
        if len(entries) == len(types) == 1 and namesake is not None:
            half = "A" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "B"
            found[half, namesake in types] += 1
            others += [name] if namesake not in types else []
    assert others == []
    assert found["A", True] > 60 and found["B", True] > 60


def test_types_with_a_map_have_no_namesake() -> None:
    assert namesakes.type_of("aws_sqs_queue") is None
    assert namesakes.type_of("aws_s3_bucket_policy") is None
    assert namesakes.type_of("aws_ivs_channel") == "AWS::IVS::Channel"


@pytest.mark.parametrize(
    ("type_", "attributes", "id_"),
    [
        ("aws_ivs_channel", {"id": ARN, "arn": ARN}, ARN),
        ("aws_appconfig_environment", {"application_id": "a", "environment_id": "e", "id": "e:a"}, "a|e"),
        ("aws_appconfig_environment", {"application_id": "a", "id": "e:a"}, None),
        ("aws_ec2_carrier_gateway", {"id": "cagw-1"}, "cagw-1"),
        ("aws_xray_group", {"id": "x", "group_name": "shop"}, None),
        ("aws_ses_receipt_filter", {"id": "spam", "name": "spam"}, None),
    ],
)
def test_an_id_is_told_by_names_or_not_at_all(
    type_: str, attributes: dict[str, Any], id_: str | None
) -> None:
    found = translate(type_, **attributes)
    assert (found[0].id if found else None) == id_


def test_arguments_are_guesses_and_tags_are_none() -> None:
    (channel,) = translate("aws_ivs_channel", **CHANNEL) or ()
    assert channel.partial
    assert channel.attributes["Tags"] == [{"Key": "team", "Value": "shop"}]
    type_ = channel.attributes["Type"]
    assert isinstance(type_, Unresolved) and type_.likely == "STANDARD"


@pytest.mark.parametrize(
    ("live", "changed", "unverifiable"),
    [
        (LIVE, [], []),
        ({**LIVE, "Type": "BASIC"}, [], ["/Type"]),
        ({**LIVE, "Tags": [{"Key": "team", "Value": "ops"}]}, ["/Tags/team"], []),
    ],
)
def test_what_is_live_otherwise(
    tmp_path: Path, live: dict[str, Any], changed: list[str], unverifiable: list[str]
) -> None:
    said = state(managed("aws_ivs_channel", "a", instance(CHANNEL)))
    report = scan(
        tmp_path, {"infra/terraform.tfstate": json.dumps(said)}, [record("AWS::IVS::Channel", ARN, live)]
    )
    told = [change["path"] for one in report["findings"] for change in one["changes"]]
    assert told == changed
    assert [one["path"] for one in report["unverifiable"] if one["path"] in ("/Type",)] == unverifiable


def test_one_that_is_gone_is_missing(tmp_path: Path) -> None:
    said = state(managed("aws_ivs_channel", "a", instance(CHANNEL)))
    other = record("AWS::IVS::Channel", ARN.replace("/x", "/y"), {})
    report = scan(tmp_path, {"infra/terraform.tfstate": json.dumps(said)}, [other])
    assert "missing" in [one["kind"] for one in report["findings"]]


def test_the_depth_is_told() -> None:
    (kind,) = depths(state(managed("aws_ivs_channel", "a", instance(CHANNEL))), [AwsProvider()])
    assert (kind.depth, kind.becomes) == ("name", ("AWS::IVS::Channel",))
