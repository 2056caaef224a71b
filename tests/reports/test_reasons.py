"""Reasons that differ by nothing but their type or its call are one group, with how many it is of; all else
stays apart, and no type is lost."""

from __future__ import annotations

import io
from typing import Any

import pytest

from reports import ledger
from reports.glance import Glance
from reports.html import HtmlReport
from reports.letter import Letter, Limits, around
from reports.table import TableReport

DENIED = (
    "{call}: AccessDenied: User: arn:aws:sts::111111111111:assumed-role/drift/x is not authorized to "
    "perform: {call} on resource: arn:aws:{service}:eu-west-1:111111111111:* because no policy allows it"
)
CALLS = {
    "AWS::SQS::Queue": "sqs:ListQueues",
    "AWS::SNS::Topic": "sns:ListTopics",
    "AWS::KMS::Key": "kms:ListKeys",
    "AWS::EC2::VPC": "ec2:DescribeVpcs",
    "AWS::RDS::DBInstance": "rds:DescribeDBInstances",
}


def row(type_: str, message: str, status: str = "denied", region: str = "eu-west-1") -> dict[str, Any]:
    place = {"provider": "aws", "scope": "111111111111", "region": region}
    return {**place, "type": type_, "status": status, "message": message, "resources": 0}


def denied(type_: str) -> dict[str, Any]:
    call = CALLS[type_]
    return row(type_, DENIED.format(call=call, service=call.partition(":")[0]))


ROWS = [
    *map(denied, CALLS),
    row("AWS::A::B", "CloudFormation knows no type AWS::A::B here", "unsupported"),
    row("AWS::C::D", "CloudFormation knows no type AWS::C::D here", "unsupported"),
    row("AWS::E::F", "CloudFormation knows no type AWS::E::F here", "failed"),
    row("AWS::G::H", "no answer in time", "failed"),
]


def test_types_of_one_kind_of_reason_are_together() -> None:
    found = {(gap.status, gap.types): gap.message for gap in ledger.gaps(ROWS)}
    assert {types for _, types in found} == {
        tuple(sorted(CALLS)),
        ("AWS::A::B", "AWS::C::D"),
        ("AWS::E::F",),
        ("AWS::G::H",),
    }
    said = found["denied", tuple(sorted(CALLS))]
    assert said.startswith(
        "ec2:DescribeVpcs, kms:ListKeys, rds:DescribeDBInstances and 2 more: AccessDenied: "
    )
    assert said.endswith("not authorized to perform: … on resource: … because no policy allows it")
    assert found["unsupported", ("AWS::A::B", "AWS::C::D")] == "CloudFormation knows no type … here"
    assert found["failed", ("AWS::E::F",)] == "CloudFormation knows no type AWS::E::F here"


def test_one_alone_is_told_word_by_word() -> None:
    (gap,) = ledger.gaps([denied("AWS::SQS::Queue")])
    assert gap.message == denied("AWS::SQS::Queue")["message"]


@pytest.mark.parametrize("format_", ["table", "html", "letter"])
def test_every_format_says_how_many_there_are(format_: str) -> None:
    report = {"schema": "drift-report/1", "run": {"id": "r"}, "summary": {}, "coverage": ROWS, "findings": []}
    if format_ == "letter":
        told = around(Glance(report), Letter(), Limits(text=900))
        text = "\n".join(f"{gap['types']} {gap['message']}" for gap in told["gaps"])
    else:
        out = io.BytesIO()
        (TableReport() if format_ == "table" else HtmlReport()).render(report, out)
        text = " ".join(out.getvalue().decode().split())
    if format_ != "html":  # of twelve at most all are named there
        assert "5 types: AWS::EC2::VPC, AWS::KMS::Key" in text
    assert text.count("AccessDenied") == 1
