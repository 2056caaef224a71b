"""Pairs through the real comparison of AWS types: what means the same is silent, its nearest neighbour is
told."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import pytest

from drift.compare.folds import count_folds
from drift.compare.verdict import compare
from drift.kinds.base import Context
from drift.model import Resource, Unresolved
from drift.redaction.redact import Redactor
from providers.aws.facts import catalogue

ACCOUNT, REGION = "123456789012", "eu-west-1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
REDACTOR = Redactor("a key for tests")
SILENT, TOLD = True, False
Body = Mapping[str, Any]


def check(type_: str, declared: Body, live: Body, silent: bool) -> None:
    entry = catalogue().entry(f"AWS::{type_}")
    assert entry is not None
    facts = entry.facts

    def resource(body: Body) -> Resource:
        found = Resource("aws", ACCOUNT, facts.type, "id", copy.deepcopy(dict(body)), REGION)
        return REDACTOR.resource(found, facts.root)

    context = Context("aws", ACCOUNT, REGION, facts.type)
    want, have = resource(declared), resource(live)
    verdict = compare(want, have, facts, context, REDACTOR)
    told = [(change.path, change.declared, change.live) for change in verdict.changes]
    assert not verdict.unverifiable
    assert bool(told) is not silent, told
    if told:
        assert count_folds(want.attributes, have.attributes, facts.root, context) is None


def statement(**more: Any) -> dict[str, Any]:
    said = {"Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"], **more}
    return {name: member for name, member in said.items() if member is not None}


def policy(*statements: Body, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return policy(statement(Condition={operator: {key: value}}))


def by(who: Any, effect: str = "Allow") -> dict[str, Any]:
    return policy(statement(Principal=who, Effect=effect))


PLAIN = policy(statement())
TWICE = policy(statement(), statement(Action="a:b"))
ARN, TAGS, IP, NOW = "aws:SourceArn", "aws:TagKeys", "aws:SourceIp", "aws:CurrentTime"
POLICIES: list[tuple[str, Any, Any, bool]] = [
    ("JSON text", json.dumps(PLAIN, indent=4), PLAIN, SILENT),
    ("URL-encoded text", quote(json.dumps(PLAIN)), PLAIN, SILENT),
    ("the list of it", [PLAIN], PLAIN, SILENT),
    (
        "one statement, scalars",
        {**PLAIN, "Statement": statement(Action="S3:getobject", Resource="*")},
        PLAIN,
        SILENT,
    ),
    ("a date for a version", {**PLAIN, "Version": date(2012, 10, 17)}, PLAIN, SILENT),
    ("no version is the old one", {"Statement": [statement()]}, {**PLAIN, "Version": "2008-10-17"}, SILENT),
    ("no version is not the new one", {"Statement": [statement()]}, PLAIN, TOLD),
    ("no statements", policy(), PLAIN, TOLD),
    ("other actions than these", PLAIN, policy(statement(Action=None, NotAction="s3:GetObject")), TOLD),
    ("other resources than these", PLAIN, policy(statement(Resource=None, NotResource="*")), TOLD),
    (
        "letter case of a resource",
        policy(statement(Resource="arn:aws:s3:::A")),
        policy(statement(Resource="arn:aws:s3:::a")),
        TOLD,
    ),
    ("an assigned Sid", policy(statement(Sid="1")), policy(statement(Sid=None)), SILENT),
    ("another Sid", PLAIN, policy(statement(Sid="B")), TOLD),
    ("one Sid twice", TWICE, policy(*reversed(TWICE["Statement"])), SILENT),
    ("of one Sid twice another one", TWICE, policy(statement(), statement(Action="a:c")), TOLD),
    ("of one Sid twice one", TWICE, PLAIN, TOLD),
    ("a condition added", PLAIN, when("StringEquals", ARN, "x"), TOLD),
    ("a condition removed", when("StringEquals", ARN, "x"), PLAIN, TOLD),
    (
        "letter case of operator and key",
        when("stringequals", "AWS:sourcearn", "x"),
        when("StringEquals", ARN, ["x"]),
        SILENT,
    ),
    ("letter case of a value", when("StringEquals", ARN, "x"), when("StringEquals", ARN, "X"), TOLD),
    ("like", when("StringEquals", ARN, "x"), when("StringLike", ARN, "x"), TOLD),
    ("if it exists", when("StringEquals", ARN, "x"), when("StringEqualsIfExists", ARN, "x"), TOLD),
    (
        "any for all",
        when("ForAnyValue:StringEquals", TAGS, "x"),
        when("ForAllValues:StringEquals", TAGS, "x"),
        TOLD,
    ),
    ("a value added", when("StringEquals", ARN, "x"), when("StringEquals", ARN, ["x", "y"]), TOLD),
    (
        "a boolean",
        when("Bool", "aws:SecureTransport", False),
        when("Bool", "aws:SecureTransport", ["False"]),
        SILENT,
    ),
    ("a number", when("NumericLessThan", "a:b", 10), when("NumericLessThan", "a:b", "10"), SILENT),
    ("another number", when("NumericLessThan", "a:b", 10), when("NumericLessThan", "a:b", "100"), TOLD),
    ("one address", when("IpAddress", IP, "10.0.0.1"), when("IpAddress", IP, "10.0.0.1/32"), SILENT),
    ("one bit", when("IpAddress", IP, "2001:db8::1"), when("IpAddress", IP, "2001:DB8::3"), TOLD),
    (
        "a point in time",
        when("DateLessThan", NOW, datetime(2026, 1, 1, tzinfo=UTC)),
        when("DateLessThan", NOW, "2026-01-01T00:00:00Z"),
        SILENT,
    ),
    (
        "another day",
        when("DateLessThan", NOW, date(2026, 1, 1)),
        when("DateLessThan", NOW, "2026-01-02"),
        TOLD,
    ),
    ("an account", by({"AWS": int(ACCOUNT)}), by({"AWS": [ROOT]}), SILENT),
    ("another account", by({"AWS": "123456789013"}), by({"AWS": ROOT}), TOLD),
    ("a role for the account", by({"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}), by({"AWS": ROOT}), TOLD),
    ("everybody", by("*"), by({"AWS": "*"}), SILENT),
    ("everybody denied", by("*", "Deny"), by({"AWS": "*"}, "Deny"), TOLD),
    (
        "a principal added",
        by({"Service": "a.amazonaws.com"}),
        by({"Service": "a.amazonaws.com", "AWS": ROOT}),
        TOLD,
    ),
    (
        "everybody but him",
        by({"AWS": ROOT}, "Deny"),
        policy(statement(NotPrincipal={"AWS": ROOT}, Effect="Deny")),
        TOLD,
    ),
]


@pytest.mark.parametrize(("name", "declared", "live", "silent"), POLICIES)
def test_policies(name: str, declared: Any, live: Any, silent: bool) -> None:
    check("S3::Bucket", {"PolicyDocument": declared}, {"PolicyDocument": live}, silent)


DELIVERY = statement(
    Sid="AWSLogDeliveryWrite",
    Principal={"Service": "delivery.logs.amazonaws.com"},
    Action="s3:PutObject",
    Resource=f"arn:aws:s3:::b/AWSLogs/{ACCOUNT}/*",
    Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
)


@pytest.mark.parametrize(
    ("more", "silent"),
    [
        ({}, SILENT),
        ({"Action": "s3:*"}, TOLD),
        ({"Action": ["s3:PutObject", "s3:GetObject"]}, TOLD),
        ({"Effect": "Deny"}, TOLD),
        ({"Principal": "*"}, TOLD),
        ({"Resource": "arn:aws:s3:::b/*"}, TOLD),
        ({"Condition": None}, TOLD),
    ],
)
def test_log_delivery(more: Body, silent: bool) -> None:
    live = policy(statement(), statement(**{**DELIVERY, **more}))
    check("S3::Bucket", {"PolicyDocument": PLAIN}, {"PolicyDocument": live}, silent)


def rule(**more: Any) -> dict[str, Any]:
    said = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8", **more}
    return {name: member for name, member in said.items() if member is not None}


def of_group(**more: Any) -> dict[str, Any]:
    return rule(CidrIp=None, SourceSecurityGroupId="sg-1", **more)


ALL = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
RULES: list[tuple[str, list[Body], list[Body], bool]] = [
    ("numbers as text", [rule(FromPort="443", ToPort="443")], [rule()], SILENT),
    ("a protocol's number", [rule(IpProtocol=6)], [rule(IpProtocol="TCP")], SILENT),
    ("another protocol", [rule()], [rule(IpProtocol="udp")], TOLD),
    (
        "all have no ports",
        [rule(IpProtocol=-1)],
        [rule(IpProtocol="all", FromPort=None, ToPort=None)],
        SILENT,
    ),
    ("all for one", [rule()], [rule(IpProtocol="-1")], TOLD),
    ("host bits", [rule(CidrIp="10.1.2.3/8")], [rule()], SILENT),
    ("one bit wider", [rule()], [rule(CidrIp="10.0.0.0/7")], TOLD),
    ("ranges that touch", [rule(FromPort=80)], [rule(FromPort=80, ToPort=300), rule(FromPort=301)], TOLD),
    ("ranges that overlap", [rule(FromPort=80)], [rule(FromPort=80, ToPort=444)], TOLD),
    ("order", [rule(), of_group()], [of_group(), rule()], SILENT),
    ("one added", [rule()], [rule(), of_group()], TOLD),
    ("its own account", [of_group()], [of_group(SourceSecurityGroupOwnerId=ACCOUNT)], SILENT),
    ("another account", [of_group()], [of_group(SourceSecurityGroupOwnerId="999999999999")], TOLD),
]


@pytest.mark.parametrize(("name", "declared", "live", "silent"), RULES)
def test_rules(name: str, declared: list[Body], live: list[Body], silent: bool) -> None:
    check("EC2::SecurityGroup", {"SecurityGroupIngress": declared}, {"SecurityGroupIngress": live}, silent)


GROUP = {"GroupDescription": "a"}
KEY = "0123abcd-01ab-23cd-45ef-0123456789ab"


def encrypted(key: str) -> dict[str, Any]:
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]}}


PROPERTIES: list[tuple[str, str, Body, Body, bool]] = [
    ("EC2::SecurityGroup", "a new one's egress", GROUP, {**GROUP, "SecurityGroupEgress": [ALL]}, SILENT),
    ("EC2::SecurityGroup", "no egress left", GROUP, {**GROUP, "SecurityGroupEgress": []}, TOLD),
    ("EC2::SecurityGroup", "no ingress", GROUP, {**GROUP, "SecurityGroupIngress": []}, SILENT),
    ("SQS::Queue", "an empty tag added", {"Tags": []}, {"Tags": [{"Key": "a", "Value": ""}]}, TOLD),
    (
        "SQS::Queue",
        "text",
        {"VisibilityTimeout": "30", "FifoQueue": "false"},
        {"VisibilityTimeout": 30},
        SILENT,
    ),
    ("RDS::DBInstance", "a version", {"EngineVersion": 8.0}, {"EngineVersion": "8.0.45"}, SILENT),
    ("RDS::DBInstance", "another version", {"EngineVersion": "8.0"}, {"EngineVersion": "8.04.1"}, TOLD),
    ("RDS::DBInstance", "an exact version", {"EngineVersion": "8.0.45"}, {"EngineVersion": "8.0"}, TOLD),
    ("RDS::DBParameterGroup", "a fraction", {"Parameters": {"x": 1.5}}, {"Parameters": {"x": "1.5"}}, SILENT),
    ("RDS::DBParameterGroup", "on", {"Parameters": {"x": "ON"}}, {"Parameters": {"x": "1"}}, SILENT),
    (
        "RDS::DBParameterGroup",
        "nearly on",
        {"Parameters": {"x": "ON_PERMISSIVE"}},
        {"Parameters": {"x": "ON"}},
        TOLD,
    ),
    ("RDS::DBParameterGroup", "off is said", {"Parameters": {"x": "0"}}, {"Parameters": {}}, TOLD),
    (
        "ECS::TaskDefinition",
        "a role by its name",
        {"TaskRoleArn": "x"},
        {"TaskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/x"},
        SILENT,
    ),
    (
        "ECS::TaskDefinition",
        "a role of another account",
        {"TaskRoleArn": "x"},
        {"TaskRoleArn": "arn:aws:iam::999999999999:role/x"},
        TOLD,
    ),
    (
        "RDS::DBInstance",
        "a replica of this region's",
        {"SourceDBInstanceIdentifier": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:x"},
        {"SourceDBInstanceIdentifier": "x"},
        SILENT,
    ),
    (
        "RDS::DBInstance",
        "a replica of another region's",
        {"SourceDBInstanceIdentifier": f"arn:aws:rds:us-east-1:{ACCOUNT}:db:x"},
        {"SourceDBInstanceIdentifier": f"arn:aws:rds:us-west-2:{ACCOUNT}:db:x"},
        TOLD,
    ),
    ("S3::Bucket", "a key", encrypted(KEY), encrypted(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY}"), SILENT),
    (
        "S3::Bucket",
        "another's key",
        encrypted(KEY),
        encrypted(f"arn:aws:kms:{REGION}:999999999999:key/{KEY}"),
        TOLD,
    ),
    ("SSM::Parameter", "a tier", {"Tier": "Intelligent-Tiering"}, {"Tier": "Advanced"}, SILENT),
    ("SSM::Parameter", "another tier", {"Tier": "Standard"}, {"Tier": "Advanced"}, TOLD),
]


@pytest.mark.parametrize(("type_", "name", "declared", "live", "silent"), PROPERTIES)
def test_properties(type_: str, name: str, declared: Body, live: Body, silent: bool) -> None:
    check(type_, declared, live, silent)


def test_what_is_not_known_is_no_wildcard() -> None:
    entry = catalogue().entry("AWS::IAM::ManagedPolicy")
    assert entry is not None
    sides = [
        Resource(
            "aws",
            ACCOUNT,
            "AWS::IAM::ManagedPolicy",
            "id",
            {"PolicyDocument": policy(statement(Resource=one))},
        )
        for one in ([Unresolved("no such bucket")], ["*", "arn:aws:s3:::b"])
    ]
    verdict = compare(*sides, entry.facts, Context("aws", ACCOUNT), REDACTOR)
    assert [change.live for change in verdict.changes] == [["*"]]
