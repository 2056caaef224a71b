"""Who did it in AWS: which event is believed, in pages, within the budget, and what is said of refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drift.deadline import Deadline
from drift.finding import Change, Finding
from drift.loopback import NO_PROXY
from drift.model import Resource
from drift.moment import rfc3339
from drift.witness import Budget, Silent, Witnessed
from providers.aws import cloudtrail_events, cloudtrail_model
from providers.aws.cloudtrail_log import Log
from providers.aws.cloudtrail_names import plain
from providers.aws.facts import catalogue
from providers.aws.loopback import environment
from providers.aws.loopback_trail import TrailStandIn
from providers.aws.models import described
from providers.aws.provider import AwsProvider
from providers.aws.settings import Settings

ACCOUNT = "111122223333"
NOON = (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
ANNA = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_1a/anna@acme.example",
    "sessionContext": {
        "sessionIssuer": {
            "userName": "AWSReservedSSO_Admin_1a",
            "arn": f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1a",
        }
    },
}
DEPLOY = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-7",
    "sessionContext": {"sessionIssuer": {"userName": "deploy", "arn": f"arn:aws:iam::{ACCOUNT}:role/deploy"}},
}
SQS = "sqs.amazonaws.com"
SERVICE = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> Iterator[TrailStandIn]:
    stand_in = TrailStandIn(ACCOUNT)
    for name, value in {**environment(stand_in.url), **NO_PROXY}.items():
        monkeypatch.setenv(name, value)
    yield stand_in
    stand_in.close()


def moment(at: int) -> str:
    """A moment of yesterday; every second of it is another ``at``."""
    return rfc3339(NOON + timedelta(seconds=at))


def record(
    at: int, name: str, who: dict[str, Any], parameters: dict[str, Any], *names: str, **more: Any
) -> Any:
    return {
        "eventID": f"e{at}",
        "eventTime": moment(at),
        "eventName": name,
        "eventSource": more.pop("source", "s3.amazonaws.com"),
        "awsRegion": "eu-central-1",
        "readOnly": False,
        "userIdentity": who,
        "requestParameters": parameters,
        "$resources": names or ("logs",),
        **more,
    }


def changed(path: str, type_: str = "AWS::S3::Bucket", id_: str = "arn:aws:s3:::logs") -> Finding:
    live = Resource("aws", ACCOUNT, type_, id_, {}, "eu-central-1", "logs")
    return Finding("changed", live, live, (Change(path, "a", "b"),))


def told(
    findings: list[Finding], calls: int = 50, since: str | None = None, **settings: Any
) -> list[Witnessed | Silent]:
    budget = Budget(calls, Deadline(20), ["deploy"], since, frozenset(one.id for one in findings))
    said = AwsProvider().witness(findings, Settings(max_attempts=1, **settings), budget)
    return [one for one in said if isinstance(one, Silent) or one.attribution is not None]


def test_the_actor_is_who_touched_the_changed_property(trail: TrailStandIn) -> None:
    trail.records = [
        record(1, "CreateBucket", DEPLOY, {"bucketName": "logs"}),
        record(2, "PutBucketVersioning", ANNA, {"bucketName": "logs", "VersioningConfiguration": {}}),
        record(3, "PutBucketTagging", SERVICE, {"bucketName": "logs"}),
        record(4, "PutBucketVersioning", SERVICE, {}, errorCode="AccessDenied"),
        record(5, "GetBucketVersioning", SERVICE, {}, readOnly=True),
    ]
    (one,) = told([changed("/VersioningConfiguration/Status")])
    assert isinstance(one, Witnessed)
    by = one.attribution
    assert (by.actor, by.kind, by.certain) == ("AWSReservedSSO_Admin_1a/anna@acme.example", "person", True)
    assert (by.event, by.time) == ("PutBucketVersioning", moment(2))
    assert by.link == (
        "https://eu-central-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-central-1#/events/e2"
    )
    (encryption,) = told([changed("/BucketEncryption/Rules")])
    assert isinstance(encryption, Witnessed) and encryption.attribution.kind == "pipeline"  # who made it


def test_parameters_name_the_property_and_pages_are_read_to_their_end(trail: TrailStandIn) -> None:
    url = f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/logs"
    noise = [record(9 + n, "TagQueue", SERVICE, {"queueUrl": url}, source=SQS) for n in range(120)]
    asked = {"queueUrl": url, "attributes": {"VisibilityTimeout": "60"}}
    trail.records = [record(1, "SetQueueAttributes", DEPLOY, asked, source=SQS), *noise]
    arn = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:logs"
    (one,) = told([changed("/VisibilityTimeout", "AWS::SQS::Queue", arn)])
    assert isinstance(one, Witnessed) and one.attribution.actor == "deploy/run-7"
    assert [page.get("NextToken") for page in trail.asked] == [None, None, "50", "100"]  # by name, by ARN
    assert told([changed("/DelaySeconds", "AWS::SQS::Queue", arn)]) == []  # nobody touched that


def test_what_may_have_touched_it_is_no_more_than_possible(trail: TrailStandIn) -> None:
    strange = {"bucketName": "logs", "somethingNew": 1}
    trail.records = [
        record(1, "PutBucketVersioning", DEPLOY, {"bucketName": "logs"}),
        record(2, "PutBucketNewThing", ANNA, strange),
    ]
    (one,) = told([changed("/VersioningConfiguration/Status")])
    assert isinstance(one, Witnessed) and not one.attribution.certain
    assert one.attribution.actor == "one of AWSReservedSSO_Admin_1a/anna@acme.example, deploy/run-7"
    assert "somethingNew" not in str(one.attribution)


def test_who_made_and_who_ended_it(trail: TrailStandIn) -> None:
    trail.records = [
        record(1, "CreateBucket", ANNA, {"bucketName": "logs"}),
        record(2, "DeleteBucket", DEPLOY, {"bucketName": "logs"}),
        record(3, "DeleteBucketPolicy", SERVICE, {"bucketName": "logs"}),
    ]
    here = changed("").live
    both = [Finding("unmanaged", None, here), Finding("missing", here, None)]
    found = [one.attribution for one in told(both) if isinstance(one, Witnessed)]
    assert [by.event for by in found] == ["CreateBucket", "DeleteBucket"]


def test_a_refusal_is_said_once_and_the_budget_ends_it(trail: TrailStandIn) -> None:
    trail.denied = True
    findings = [changed("/Tags"), changed("/Tags", id_="arn:aws:s3:::other")]
    said = told(findings)
    assert len(said) == 1 and isinstance(said[0], Silent) and "AccessDeniedException" in said[0].message
    trail.denied, trail.throttled = False, 99
    (throttled,) = told(findings[:1])
    assert isinstance(throttled, Silent) and "ThrottlingException" in throttled.message
    trail.throttled = 0
    trail.records = [record(1, "PutBucketTagging", ANNA, {})]
    assert told(findings, calls=1) == [] and len(trail.asked) == 1


def test_one_lookup_serves_all_findings_of_a_resource_and_reads_no_further_than_it_must(
    trail: TrailStandIn,
) -> None:
    old = [record(n, "TagQueue", SERVICE, {}, source=SQS) for n in range(200)]
    trail.records = [*old, record(300, "PutBucketVersioning", ANNA, {"bucketName": "logs"})]
    findings = [changed("/VersioningConfiguration/Status"), changed("/VersioningConfiguration/MfaDelete")]
    assert [one.attribution.actor for one in told(findings) if isinstance(one, Witnessed)] == [
        "AWSReservedSSO_Admin_1a/anna@acme.example"
    ] * 2
    # Once by each of its two names; the 150 older events are not asked for.
    assert [page["LookupAttributes"][0]["AttributeValue"] for page in trail.asked] == [
        "logs",
        "arn:aws:s3:::logs",
    ]


def test_a_thousand_findings_cost_a_page_for_each_fifty_events_since_the_run_before(
    trail: TrailStandIn,
) -> None:
    names = [f"b{n}" for n in range(200)]
    trail.records = [
        record(n, "PutBucketVersioning", ANNA, {"bucketName": name}, name, f"arn:aws:s3:::{name}")
        for n, name in enumerate(names)
    ]
    paths = [f"/VersioningConfiguration/{n}" for n in range(5)]
    findings = [changed(path, id_=f"arn:aws:s3:::{name}") for name in names for path in paths]
    found = told(findings, calls=200, since=moment(-60))
    assert len(found) == 1000 and all(isinstance(one, Witnessed) for one in found)
    assert len(trail.asked) == 4
    assert {page["LookupAttributes"][0]["AttributeKey"] for page in trail.asked} == {"ReadOnly"}
    # In a region where very much happens one page says so, and each is looked up.
    trail.asked.clear()
    trail.records += [record(300 + n, "TagQueue", SERVICE, {}, "other", source=SQS) for n in range(100)]
    trail.records = [
        {**one, "eventTime": rfc3339(datetime.now(UTC) - timedelta(seconds=9))} if at > 199 else one
        for at, one in enumerate(trail.records)
    ]
    told(findings[:200], calls=200, since=moment(-60))
    assert [page["LookupAttributes"][0]["AttributeKey"] for page in trail.asked[:3]] == [
        "ReadOnly",
        "ResourceName",
        "ResourceName",
    ]
    # Without a run before each is looked up by its names, as far as the calls go; the others are left.
    assert len(told(findings, calls=200)) == 500


def test_events_of_other_services_and_things_of_the_same_name_are_not_its_own(trail: TrailStandIn) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/logs"
    iam: dict[str, Any] = {"source": "iam.amazonaws.com"}
    trail.records = [
        record(1, "CreateRole", DEPLOY, {"roleName": "logs"}, **iam),
        record(2, "AttachUserPolicy", ANNA, {"userName": "logs", "policyArn": "x"}, **iam),
        record(3, "AttachRolePolicy", ANNA, {"roleName": "other", "policyArn": "logs"}, **iam),
        record(4, "SetQueueAttributes", SERVICE, {"attributes": {"Policy": "x"}}, source=SQS),
        record(5, "AddRoleToInstanceProfile", SERVICE, {"instanceProfileName": "logs"}, **iam),
        record(6, "UpdateRole", SERVICE, {"roleName": "other", "description": "logs"}, **iam),
    ]
    (one,) = told([changed("/ManagedPolicyArns/0", "AWS::IAM::Role", arn)])
    assert isinstance(one, Witnessed) and one.attribution.actor == "deploy/run-7"


@pytest.mark.parametrize(
    ("type_", "event", "about"),
    [
        ("AWS::RDS::DBCluster", "CreateDBInstance", False),
        ("AWS::RDS::DBCluster", "ModifyDBCluster", True),
        ("AWS::ECS::Cluster", "UpdateService", False),
        ("AWS::WAFv2::WebACL", "UpdateRuleGroup", False),
        ("AWS::EC2::VPC", "CreateSubnet", False),
        ("AWS::EC2::RouteTable", "CreateRoute", True),
        ("AWS::EC2::Subnet", "RunInstances", False),
        ("AWS::NetworkFirewall::Firewall", "AssociateFirewallPolicy", True),
        ("AWS::ApiGateway::RestApi", "TagResource", True),
        ("AWS::ApiGateway::RestApi", "UpdateStage", False),
        ("AWS::IAM::Role", "PutUserPolicy", False),
        ("AWS::Route53::HostedZone", "ChangeResourceRecordSets", False),
    ],
)
def test_a_request_speaks_of_what_it_writes_and_not_of_what_that_lies_in(
    type_: str, event: str, about: bool
) -> None:
    known = cloudtrail_model.model(type_)
    assert known is not None and (operation := known.operation(event)) is not None
    assert operation.about == about


def test_who_changed_other_properties_is_told_beside(trail: TrailStandIn) -> None:
    trail.records = [
        record(1, "PutBucketPolicy", DEPLOY, {"bucketName": "logs"}),
        record(2, "PutBucketPublicAccessBlock", ANNA, {"bucketName": "logs"}),
    ]
    paths = ("/PublicAccessBlockConfiguration/BlockPublicAcls", "/PolicyDocument/Statement")
    live = changed("").live
    (one,) = told([Finding("changed", live, live, tuple(Change(path, "a", "b") for path in paths))])
    assert isinstance(one, Witnessed) and one.attribution.event == "PutBucketPublicAccessBlock"
    assert one.attribution.evidence.endswith(
        "; before, deploy/run-7 (PutBucketPolicy, /PolicyDocument/Statement)"
    )


def test_a_record_is_looked_up_under_its_zone(trail: TrailStandIn) -> None:
    def batch(action: str, name: str) -> dict[str, Any]:
        changes = [{"action": action, "resourceRecordSet": {"name": name, "type": "A", "tTL": 60}}]
        return {"hostedZoneId": "Z1AB", "changeBatch": {"changes": changes}}

    dns: dict[str, Any] = {"source": "route53.amazonaws.com"}
    trail.records = [
        record(1, "ChangeResourceRecordSets", DEPLOY, batch("CREATE", "www.acme.example."), "Z1AB", **dns),
        record(2, "ChangeResourceRecordSets", ANNA, batch("UPSERT", "www.acme.example."), "Z1AB", **dns),
        record(3, "ChangeResourceRecordSets", SERVICE, batch("DELETE", "api.acme.example."), "Z1AB", **dns),
    ]
    here = changed("/TTL", "AWS::Route53::RecordSet", "www.acme.example|z1ab|a|")
    both = told([here, Finding("unmanaged", None, here.live), Finding("missing", here.live, None)])
    assert [one.attribution.event and one.attribution.time for one in both if isinstance(one, Witnessed)] == [
        moment(2),
        moment(1),
    ]


def test_two_calls_a_second_are_kept() -> None:
    class Waited(Deadline):
        seconds: list[float] = []

        def sleep(self, seconds: float) -> None:
            self.seconds.append(seconds)

    class Client:
        def lookup_events(self, **_: Any) -> dict[str, Any]:
            return {"Events": []}

    waited = Waited(20)
    log = Log(Client(), Budget(5, waited), paced=True)
    log.of(["a", "b", "c"], lambda _: False)
    assert len(waited.seconds) == 2 and all(0 < one <= 0.5 for one in waited.seconds)


def test_every_operation_and_property_that_the_facts_name_is_one() -> None:
    facts = cloudtrail_model.said()
    for word in ("made_by", "ended_by", "writes", "nouns", "names", "under"):
        assert {type_ for type_ in facts[word] if cloudtrail_model.model(type_) is None} == set(), word
    for word in ("made_by", "ended_by", "writes"):
        for type_, operations in facts[word].items():
            known = cloudtrail_model.model(type_)
            assert known is not None and set(operations) <= known.operations.keys(), type_
            if word == "writes":
                written = {name for names in operations.values() for name in names}
                assert written <= known.properties.keys(), type_
    for word in ("partial_operations", "harmless_operations"):
        for service, operations in facts[word].items():
            assert set(operations) <= set(described(service).operation_names), service
    assert set(facts["spelled"].values()) <= set(described("s3").operation_names)
    members = {
        plain(one)
        for type_ in facts["names"]
        for name in described(catalogue().entries[type_].service).operation_names
        if (shape := described(catalogue().entries[type_].service).operation_model(name).input_shape)
        for one in shape.members
    }
    assert {plain(one) for names in facts["names"].values() for one in names} <= members


#: Settings that are there once in an account, and a record, one of a batch: no operation makes or ends one.
ONCE = {
    "AWS::ApiGateway::Account",
    "AWS::CloudFormation::StackPolicy",
    "AWS::EC2::EbsDefaultKmsKey",
    "AWS::EC2::EbsEncryptionByDefault",
    "AWS::EC2::ImageBlockPublicAccess",
    "AWS::EC2::InstanceMetadataDefaults",
    "AWS::EC2::SerialConsoleAccess",
    "AWS::EC2::SnapshotBlockPublicAccess",
    "AWS::EC2::VPCBlockPublicAccessOptions",
    "AWS::ECR::AccountSetting",
    "AWS::ECR::RegistryScanningConfiguration",
    "AWS::ECR::ReplicationConfiguration",
    "AWS::IAM::AccountPasswordPolicy",
    "AWS::LakeFormation::DataLakeSettings",
    "AWS::Route53::RecordSet",
    "AWS::Shield::DRTAccess",
}


def test_of_every_type_that_is_read_the_model_says_who_makes_ends_and_writes_it() -> None:
    types = [type_ for type_, entry in catalogue().entries.items() if "list" in entry.said]
    blind, properties, written = set(), 0, 0
    for type_ in types:
        known, entry = cloudtrail_model.model(type_), catalogue().entries[type_]
        assert known is not None
        about = [one for one in known.operations.values() if one.about]
        made = any(one.makes or one.whole for one in about)
        if not (made and any(one.ends for one in about)):
            blind.add(type_)
        properties += len(entry.properties)
        written += sum(name in known.written for name in entry.properties)
    assert blind == ONCE
    # What no request says but that which makes it can't be changed, or is told only as possible.
    assert written / properties > 0.6, f"{written} of {properties} properties of {len(types)} types"


@pytest.mark.parametrize(
    ("type_", "event", "parameters", "path", "verdict"),
    [
        ("AWS::S3::Bucket", "PutBucketLifecycle", {}, "/LifecycleConfiguration/Rules", "touches"),
        ("AWS::S3::Bucket", "DeleteBucketCors", {}, "/CorsConfiguration", "touches"),
        ("AWS::S3::Bucket", "DeleteBucketCors", {}, "/BucketEncryption", "elsewhere"),
        ("AWS::S3::Bucket", "PutBucketTagging", {}, "/Tags/0", "touches"),
        (
            "AWS::RDS::DBInstance",
            "ModifyDBInstance",
            {"backupRetentionPeriod": 1},
            "/BackupRetentionPeriod",
            "touches",
        ),
        ("AWS::RDS::DBInstance", "ModifyDBInstance", {"backupRetentionPeriod": 1}, "/MultiAZ", "elsewhere"),
        (
            "AWS::RDS::DBInstance",
            "ModifyDBInstance",
            {"vpcSecurityGroupIds": ["x"]},
            "/VPCSecurityGroups",
            "touches",
        ),
        (
            "AWS::Lambda::Function",
            "UpdateFunctionConfiguration20150331v2",
            {"timeout": 3},
            "/Timeout",
            "touches",
        ),
        (
            "AWS::Lambda::Function",
            "UpdateFunctionConfiguration20150331v2",
            {"timeout": 3},
            "/MemorySize",
            "elsewhere",
        ),
        ("AWS::ECS::Service", "UpdateService", {"desiredCount": 3}, "/DeploymentConfiguration", "unknown"),
        (  # of another property, whatever the members within it are called
            "AWS::Lambda::Function",
            "UpdateFunctionConfiguration20150331v2",
            {"environment": {"timeout": "3"}},
            "/Timeout",
            "elsewhere",
        ),
        ("AWS::Lambda::Function", "UpdateFunctionCode20150331v2", {}, "/Timeout", "elsewhere"),
        (
            "AWS::SNS::Topic",
            "SetTopicAttributes",
            {"attributeName": "DisplayName"},
            "/DisplayName",
            "touches",
        ),
        (
            "AWS::SNS::Topic",
            "SetTopicAttributes",
            {"attributeName": "DisplayName"},
            "/KmsMasterKeyId",
            "elsewhere",
        ),
        (
            "AWS::EC2::Instance",
            "ModifyInstanceAttribute",
            {"instanceType": {"value": "m"}},
            "/InstanceType",
            "touches",
        ),
        ("AWS::EC2::SecurityGroup", "AuthorizeSecurityGroupEgress", {}, "/SecurityGroupIngress", "elsewhere"),
        ("AWS::KMS::Key", "DisableKeyRotation", {}, "/EnableKeyRotation", "touches"),
        ("AWS::EC2::EbsEncryptionByDefault", "DisableEbsEncryptionByDefault", {}, "/Enabled", "touches"),
        (
            "AWS::IAM::AccountPasswordPolicy",
            "UpdateAccountPasswordPolicy",
            {"minimumPasswordLength": 6},
            "/MinimumPasswordLength",
            "touches",
        ),
        (
            "AWS::EC2::InstanceMetadataDefaults",
            "ModifyInstanceMetadataDefaults",
            {"httpTokens": "optional"},
            "/HttpTokens",
            "touches",
        ),
        (
            "AWS::ApiGateway::Stage",
            "UpdateStage",
            {"patchOperations": [{"op": "replace", "path": "/tracingEnabled"}]},
            "/TracingEnabled",
            "touches",
        ),
        (
            "AWS::AutoScaling::AutoScalingGroup",
            "UpdateAutoScalingGroup",
            {"maxSize": 4},
            "/MinSize",
            "elsewhere",
        ),
        ("AWS::CloudWatch::Alarm", "PutMetricAlarm", {"threshold": 4}, "/Threshold", "touches"),
        (
            "AWS::CloudWatch::Alarm",
            "DisableAlarmActions",
            {"alarmNames": ["logs"]},
            "/ActionsEnabled",
            "touches",
        ),
        ("AWS::CloudWatch::Alarm", "SetAlarmState", {"alarmName": "logs"}, "/ActionsEnabled", "elsewhere"),
        ("AWS::RDS::DBInstance", "AddTagsToResource", {"resourceName": "logs"}, "/Tags/Owner", "touches"),
        (
            "AWS::RDS::DBInstance",
            "RebootDBInstance",
            {"dBInstanceIdentifier": "logs"},
            "/MultiAZ",
            "elsewhere",
        ),
        ("AWS::RDS::DBCluster", "FailoverDBCluster", {}, "/BackupRetentionPeriod", "unknown"),
        ("AWS::EC2::EIP", "DisassociateAddress", {"associationId": "x"}, "/InstanceId", "touches"),
        (
            "AWS::Route53::HostedZone",
            "UpdateHostedZoneComment",
            {"id": "logs"},
            "/HostedZoneConfig/Comment",
            "touches",
        ),
    ],
)
def test_what_an_event_touches(
    type_: str, event: str, parameters: dict[str, Any], path: str, verdict: str
) -> None:
    known = cloudtrail_model.model(type_)
    assert known is not None
    one = record(1, event, ANNA, parameters, source=f"{min(known.sources)}.amazonaws.com")
    parsed = cloudtrail_events.event({"CloudTrailEvent": json.dumps(one)})
    meant = cloudtrail_events.Meant(known, ("logs",), "logs")
    assert parsed is not None and (what := meant.speaks(parsed)) is not None
    assert meant.touch(parsed, what, path) == verdict
