"""Templates against what AWS answered after deploying them: a stack that nobody touched has no drift."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from drift.compare.verdict import compare
from drift.finding import Change
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction.redact import Redactor
from providers.aws import AwsProvider
from providers.aws.facts import catalogue
from providers.aws.machine import CellTask
from providers.aws.session import Place
from tests import shared

from .support import (
    ACCOUNT,
    NO_HANDS,
    RECORDING,
    RECORDINGS,
    REGION,
    Live,
    declared,
    live_resource,
    open_at,
    stack,
)
from .test_recordings import opened, recorded

pytestmark = shared.needs(RECORDING)

_PLACEHOLDER = re.compile(r"<([a-z0-9_-]+?)(?::(\d+))?>")


def plain(value: Any) -> Any:
    """A recorded answer with its placeholders filled."""
    known = {"partition": "aws", "region": REGION}
    text = _PLACEHOLDER.sub(
        lambda found: known.get(found[1], f"{found[1]}-{found[2] or 0}"),
        json.dumps(value, ensure_ascii=False),
    )
    return json.loads(text)


def as_read(type_: str, *answers: Any) -> Resource:
    """The live resource that the answers of its list and describe calls make."""
    entry = catalogue().entry(type_)
    if entry is None:
        pytest.skip(f"{type_} is not supported yet")
    task = CellTask(entry, Place(ACCOUNT), REGION, NO_HANDS)
    document: dict[str, Any] = {}
    for answer in answers:
        document.update(plain(answer))
    found = task.translate(document, {})
    assert found is not None
    return found


def differences(template: Resource, live: Resource) -> tuple[Change, ...]:
    provider = AwsProvider()
    facts = provider.facts(live.type)
    assert facts is not None
    redactor = Redactor("test")
    placed = template.but(id=provider.canonical_id(template))
    if placed.id is not None:
        assert placed.id == live.id
    context = Context("aws", live.scope, live.region, live.type, {})
    verdict = compare(
        redactor.resource(placed, facts.root), redactor.resource(live, facts.root), facts, context, redactor
    )
    return verdict.changes


def at(name: str, **options: Any) -> Any:
    return open_at(RECORDINGS / "templates" / name, **{"region": REGION, **options})


def test_security_group() -> None:
    group = plain(recorded("test_deploy_security_group_with_tags")["security-group"])
    live = as_read("AWS::EC2::SecurityGroup", group)
    members = {"SecurityGroup": ("AWS::EC2::SecurityGroup", "sg-1")}
    resources, _, _ = declared(
        at("ec2_security_group_with_tags.yml", stack="s"), Live([stack(resources=members)])
    )
    template = resources["SecurityGroup"]
    assert differences(template.but(id=live.id), live) == ()
    tampered = live.but(attributes={**live.attributes, "Tags": [{"Key": "key1", "Value": "other"}]})
    assert differences(template.but(id=live.id), tampered)


@pytest.mark.parametrize(
    ("name", "answer", "paths"),
    [
        ("sns_subscription.yml", "subscription-1", []),
        ("sns_subscription_update.yml", "subscription-2", []),
        ("sns_subscription_update.yml", "subscription-1", ["/RawMessageDelivery"]),
        ("sns_subscription.yml", "subscription-2", ["/RawMessageDelivery"]),
    ],
)
def test_subscription(name: str, answer: str, paths: list[str]) -> None:
    attributes = plain(recorded("test_update_subscription")[answer]["Attributes"])
    live = as_read("AWS::SNS::Subscription", attributes)
    given = {"TopicArn": attributes["TopicArn"], "QueueArn": attributes["Endpoint"]}
    members = {"SnsSubscription": ("AWS::SNS::Subscription", attributes["SubscriptionArn"])}
    resources, _, _ = declared(at(name, stack="s", parameters=given), Live([stack(resources=members)]))
    assert [change.path for change in differences(resources["SnsSubscription"], live)] == paths


def test_queue_policy() -> None:
    policy = plain(recorded("test_cdk_sample")["queue_attr_policy"]["Attributes"]["Policy"])
    statement = policy["Statement"][0]
    arn, topic = statement["Resource"], statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    templates = at("cfn_cdk_sample_app.yaml", stack="s")
    types = dict(templates.deployments[0].template.typed())
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{arn.rsplit(':', 1)[-1]}"
    ids = {"AWS::SNS::Topic": topic, "AWS::SQS::Queue": url}
    members = {key: (type_, ids.get(type_, key)) for key, type_ in types.items()}
    resources, _, _ = declared(templates, Live([stack(resources=members)]))
    live = as_read("AWS::SQS::Queue", {"QueueArn": arn, "item": url, "Policy": json.dumps(policy)})
    added = next(one for one in resources.values() if one.partial)
    assert differences(added, live) == ()
    open_to_all = json.loads(json.dumps(policy).replace('{"Service": "sns.amazonaws.com"}', '"*"'))
    live = as_read("AWS::SQS::Queue", {"QueueArn": arn, "item": url, "Policy": json.dumps(open_to_all)})
    assert differences(added, live)


@pytest.mark.parametrize(
    ("address", "answer"),
    [("LocalBucket", "cors-info-optional"), ("LocalBucket2", "cors-info-only-required")],
)
def test_bucket_cors(address: str, answer: str) -> None:
    rules = plain(recorded("test_cors_configuration")[answer]["CORSRules"])
    members = {name: ("AWS::S3::Bucket", name.lower()) for name in ("LocalBucket", "LocalBucket2")}
    resources, _, _ = declared(at("s3_cors_bucket.yaml"), Live([stack(resources=members)]))
    live = as_read("AWS::S3::Bucket", {"Name": address.lower(), "Cors": rules})
    # The recording holds nothing but the rules.
    changes = [
        one for one in differences(resources[address], live) if one.path.startswith("/CorsConfiguration")
    ]
    assert changes == []
    other = as_read(
        "AWS::S3::Bucket", {"Name": address.lower(), "Cors": [{**rules[0], "AllowedMethods": ["PUT"]}]}
    )
    assert any(one.path == "/CorsConfiguration/CorsRules" for one in differences(resources[address], other))


@pytest.mark.parametrize(
    ("name", "answer", "same"),
    [
        ("iam_policy_role.yaml", "role_inline_policy", True),
        ("iam_policy_role_updated.yaml", "role_updated_inline_policy", True),
        ("iam_policy_role.yaml", "role_updated_inline_policy", False),
    ],
)
def test_inline_policy(tmp_path: Path, name: str, answer: str, same: bool) -> None:
    found = plain(recorded("test_update_inline_policy")[answer])
    templates = opened(tmp_path, name, stack="s", parameters={"PolicyName": found["PolicyName"]})
    members = {key: (type_, found["RoleName"]) for key, type_ in templates.deployments[0].template.typed()}
    resources, _, _ = declared(templates, Live([stack(resources=members)]))
    policy = resources["RolePolicy"]
    assert (policy.type, policy.id, policy.partial) == (
        "AWS::IAM::Role",
        f"arn:aws:iam::{ACCOUNT}:role/{found['RoleName']}",
        True,
    )
    live = live_resource(
        "AWS::IAM::Role",
        f"arn:aws:iam::{ACCOUNT}:role/{found['RoleName']}",
        Policies=[{"PolicyName": found["PolicyName"], "PolicyDocument": found["PolicyDocument"]}],
    )
    provider = AwsProvider()
    live = live.but(region=None, id=provider.canonical_id(policy))
    assert (differences(policy, live) == ()) is same
