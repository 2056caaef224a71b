"""Comparing one resource of very many members, shuffled and half of them changed: no quadratic corner."""

from __future__ import annotations

import random
from typing import Any

from drift import plugins
from drift.compare.verdict import compare
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction.redact import Redactor
from tests.bench.timing import seconds

ACCOUNT, REGION = "123456789012", "us-east-1"


def main() -> None:
    rules = [
        {
            "IpProtocol": "tcp",
            "FromPort": i,
            "ToPort": i,
            "CidrIp": f"10.0.{i % 250}.0/24",
            "Description": "d",
        }
        for i in range(1000)
    ]
    statements = [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::b-{i}/*"}
        for i in range(1000)
    ]
    named = [{"Sid": f"s{i}", **one} for i, one in enumerate(statements)]
    objects = [{"a": i, "b": f"x{i}", "c": [1, 2, i]} for i in range(10000)]
    for title, type_, property_, members in (
        ("a security group of 1,000 rules", "AWS::EC2::SecurityGroup", "SecurityGroupIngress", rules),
        ("a policy of 1,000 statements", "AWS::SQS::Queue", "PolicyDocument", statements),
        ("a policy of 1,000 statements with Sid", "AWS::SQS::Queue", "PolicyDocument", named),
        ("a list of 10,000 objects without key", "AWS::Lambda::Function", "Unknown", objects),
    ):
        wrap = property_ == "PolicyDocument"
        one, other = (
            _resource(type_, {property_: {"Version": "2012-10-17", "Statement": side} if wrap else side})
            for side in (members, _changed(members))
        )
        print(f"corners: {title}: {seconds(lambda: _compare(one, other)):.2f} s (goal under 2 s)")  # noqa: B023


def _changed(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    chance = random.Random(1)
    other = [
        {**one, "Description": "other", "Effect": "Deny"} if i % 2 else one for i, one in enumerate(members)
    ]
    chance.shuffle(other)
    return other


def _resource(type_: str, attributes: dict[str, Any]) -> Resource:
    return Resource("aws", ACCOUNT, type_, "id", attributes, REGION)


def _compare(declared: Resource, live: Resource) -> None:
    facts = plugins.provider("aws").facts(declared.type)
    redactor = Redactor("bench")
    context = Context("aws", ACCOUNT, REGION, declared.type)
    sides = (redactor.resource(side, facts.root) for side in (declared, live))
    assert compare(*sides, facts, context, redactor).changes
