"""What a resource of a type without a map may set of another one in its state is unverifiable there, nothing
else is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drift.declared.likely import paths
from drift.model import Resource
from providers.aws.facts import catalogue
from tests.conftest import Drift

ACCOUNT, REGION = "123456789012", "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:orders"
STATED = {"arn": TOPIC, "id": TOPIC, "name": "orders", "display_name": "Orders"}


def ran(folder: Path, drift: Drift, live: Mapping[str, Any], *others: tuple[str, Mapping[str, Any]]) -> Any:
    """A topic in a state beside ``others`` (type, attributes), and as it is live."""
    said = [("aws_sns_topic", STATED), *others]
    resources = [
        {"mode": "managed", "type": type_, "name": "a", "instances": [{"attributes": attributes}]}
        for type_, attributes in said
    ]
    document = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": resources}
    record = Resource(
        "aws", ACCOUNT, "AWS::SNS::Topic", TOPIC, {"TopicName": "orders", **live}, REGION
    ).record()
    (folder / "terraform.tfstate").write_text(json.dumps(document), encoding="utf-8")
    (folder / "live.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    return drift("diff", "--live", "live.jsonl", "--declared", "terraform.tfstate", "-o", "out").report


def changed(report: Any) -> list[str]:
    return [change["path"] for one in report["findings"] for change in one["changes"]]


def of_the_topic(report: Any) -> list[tuple[str, str]]:
    return [
        (one["path"], one["reason"]) for one in report["unverifiable"] if one["type"] == "AWS::SNS::Topic"
    ]


LIVE = {"DisplayName": "Others", "ArchivePolicy": {"MessageRetentionPeriod": 7}}


def test_without_another_one_all_is_compared(tmp_path: Path, drift: Drift) -> None:
    assert changed(ran(tmp_path, drift, LIVE)) == ["/ArchivePolicy", "/DisplayName"]


@pytest.mark.parametrize("argument", ["topic_arn", "topic"])
def test_the_path_that_its_type_speaks_of_is_unverifiable_and_only_that(
    argument: str, tmp_path: Path, drift: Drift
) -> None:
    other = ("aws_sns_topic_archive_policy", {argument: TOPIC if argument == "topic_arn" else "orders"})
    report = ran(tmp_path, drift, LIVE, other)
    assert changed(report) == ["/DisplayName"]
    type_ = "aws_sns_topic_archive_policy"
    reason = f"may be set by {type_}.a, whose type {type_} is not supported"
    assert of_the_topic(report) == [("/ArchivePolicy", reason)]


def test_so_is_the_path_that_an_argument_speaks_of_even_where_the_parent_says_it(
    tmp_path: Path, drift: Drift
) -> None:
    report = ran(tmp_path, drift, LIVE, ("aws_sns_texting", {"topic_arn": TOPIC, "display_name": "Others"}))
    assert changed(report) == ["/ArchivePolicy"]
    assert [path for path, _ in of_the_topic(report)] == ["/DisplayName"]


def test_where_no_path_can_be_told_all_is_compared_and_it_is_said(tmp_path: Path, drift: Drift) -> None:
    report = ran(tmp_path, drift, LIVE, ("aws_sns_topic_mirror", {"topic_arn": TOPIC, "tags": {"a": "b"}}))
    assert changed(report) == ["/ArchivePolicy", "/DisplayName"]
    said = "may be changed by aws_sns_topic_mirror.a, whose type aws_sns_topic_mirror is not supported"
    assert of_the_topic(report) == [("", said)]


@pytest.mark.parametrize(
    "other",
    [
        ("aws_sns_topic_archive_policy", {"topic_arn": TOPIC + "-2"}),  # of another topic
        ("aws_sns_topic_archive_policy", {"name": "orders", "id": TOPIC}),  # these are its own
        (
            "aws_grafana_alert",
            {"topic_arn": TOPIC, "archive_policy": "x"},
        ),  # another service only refers to it
    ],
)
def test_what_does_not_name_it_or_is_of_another_service_hides_nothing(
    other: tuple[str, dict[str, Any]], tmp_path: Path, drift: Drift
) -> None:
    report = ran(tmp_path, drift, LIVE, other)
    assert changed(report) == ["/ArchivePolicy", "/DisplayName"]
    assert of_the_topic(report) == []


@pytest.mark.parametrize(
    ("type_", "beyond", "arguments", "found"),
    [
        ("AWS::S3::Bucket", "versioning", ("mfa",), ["VersioningConfiguration"]),
        ("AWS::S3::Bucket", "metric", ("name", "tags"), ["MetricsConfigurations"]),
        ("AWS::AutoScaling::AutoScalingGroup", "", ("min_size", "recurrence"), ["MinSize"]),
        ("AWS::AutoScaling::AutoScalingGroup", "", ("name", "tags", "type", "arn"), []),
        ("AWS::Lambda::Function", "url", ("authorization_type",), []),
    ],
)
def test_paths_are_told_by_words(
    type_: str, beyond: str, arguments: tuple[str, ...], found: list[str]
) -> None:
    assert paths(catalogue().entries[type_].facts, beyond, arguments) == found
