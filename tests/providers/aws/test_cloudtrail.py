"""Who did it in AWS: which event is believed, in pages, within the budget, and what is said of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from drift.deadline import Deadline
from drift.loopback import NO_PROXY
from drift.model import Change, Finding, Resource
from drift.witness import Budget, Silent, Witnessed
from providers.aws import cloudtrail_events
from providers.aws.facts import catalogue
from providers.aws.loopback import environment
from providers.aws.loopback_trail import TrailStandIn
from providers.aws.provider import AwsProvider
from providers.aws.settings import Settings

ACCOUNT = "111122223333"
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
SERVICE = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> Iterator[TrailStandIn]:
    stand_in = TrailStandIn(ACCOUNT)
    for name, value in {**environment(stand_in.url), **NO_PROXY}.items():
        monkeypatch.setenv(name, value)
    yield stand_in
    stand_in.close()


def record(
    at: int, name: str, who: dict[str, Any], parameters: dict[str, Any], *names: str, **more: Any
) -> Any:
    return {
        "eventID": f"e{at}",
        "eventTime": f"2026-05-03T10:{at // 60:02}:{at % 60:02}Z",
        "eventName": name,
        "eventSource": "s3.amazonaws.com",
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


def told(findings: list[Finding], calls: int = 50, **settings: Any) -> list[Witnessed | Silent]:
    budget = Budget(calls, Deadline(20), ["deploy"])
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
    assert (by.event, by.time) == ("PutBucketVersioning", "2026-05-03T10:00:02Z")
    assert by.link == (
        "https://eu-central-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-central-1#/events/e2"
    )
    (encryption,) = told([changed("/BucketEncryption/Rules")])
    assert isinstance(encryption, Witnessed) and encryption.attribution.kind == "pipeline"  # who made it


def test_parameters_name_the_property_and_pages_are_read_to_their_end(trail: TrailStandIn) -> None:
    url = f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/logs"
    noise = [record(9 + n, "TagQueue", SERVICE, {"queueUrl": url}) for n in range(120)]
    asked = {"queueUrl": url, "attributes": {"VisibilityTimeout": "60"}}
    trail.records = [record(1, "SetQueueAttributes", DEPLOY, asked), *noise]
    arn = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:logs"
    (one,) = told([changed("/VisibilityTimeout", "AWS::SQS::Queue", arn)])
    assert isinstance(one, Witnessed) and one.attribution.actor == "deploy/run-7"
    assert [page.get("NextToken") for page in trail.asked[:3]] == [None, "50", "100"]
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


def test_the_facts_name_known_properties() -> None:
    for type_, written in cloudtrail_events.said()["writes"].items():
        entry = catalogue().entry(type_)
        assert entry is not None, type_
        known = {*entry.facts.root.children, *entry.properties}
        assert {name for names in written.values() for name in names} <= known, type_
