"""What people do to the topics and subscriptions of ``sns.tf`` behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_PREFIX = "arn:aws:sns:us-east-1:123456789012:"


def _set(name: str, attribute: str, value: str) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("sns").set_topic_attributes(
            TopicArn=_PREFIX + name, AttributeName=attribute, AttributeValue=value
        )

    return apply


def _policy(name: str) -> str:
    statement = {
        "Sid": "Open",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": _PREFIX + name,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _set_subscription(topic: str, attribute: str, value: str) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        client = clients("sns")
        found = client.list_subscriptions_by_topic(TopicArn=_PREFIX + topic)["Subscriptions"][0]
        client.set_subscription_attributes(
            SubscriptionArn=found["SubscriptionArn"], AttributeName=attribute, AttributeValue=value
        )

    return apply


def _unsubscribe(clients: Clients) -> None:
    found = clients("sns").list_subscriptions_by_topic(TopicArn=_PREFIX + "sns-plain")["Subscriptions"][0]
    clients("sns").unsubscribe(SubscriptionArn=found["SubscriptionArn"])


def _subscribe(clients: Clients) -> None:
    clients("sns").subscribe(
        TopicArn=_PREFIX + "sns-alerts",
        Protocol="sqs",
        Endpoint="arn:aws:sqs:us-east-1:123456789012:elsewhere",
    )


def _tag(clients: Clients) -> None:
    clients("sns").tag_resource(
        ResourceArn=_PREFIX + "sns-alerts", Tags=[{"Key": "Owner", "Value": "somebody"}]
    )


_TOPIC, _SUBSCRIPTION = "AWS::SNS::Topic", "AWS::SNS::Subscription"

MUTATIONS: list[Mutation] = [
    Mutation(
        "display name",
        _set("sns-alerts", "DisplayName", "Other"),
        _TOPIC,
        "sns-alerts",
        paths=("/DisplayName",),
    ),
    Mutation("tag added", _tag, _TOPIC, "sns-alerts", paths=("/Tags/Owner",)),
    Mutation(
        "default policy opened",
        _set("sns-plain", "Policy", _policy("sns-plain")),
        _TOPIC,
        "sns-plain",
        paths=("/PolicyDocument",),
    ),
    Mutation(
        "declared policy opened",
        _set("sns-alerts", "Policy", _policy("sns-alerts")),
        _TOPIC,
        "sns-alerts",
        paths=("/PolicyDocument/Statement/Alarms", "/PolicyDocument/Statement/Open"),
    ),
    Mutation(
        "filter widened",
        _set_subscription("sns-alerts", "FilterPolicy", '{"severity": ["high", "critical", "low"]}'),
        _SUBSCRIPTION,
        "sns-alerts",
        paths=("/FilterPolicy/severity/2",),
    ),
    Mutation(
        "raw delivery",
        _set_subscription("sns-alerts", "RawMessageDelivery", "false"),
        _SUBSCRIPTION,
        "sns-alerts",
        paths=("/RawMessageDelivery",),
    ),
    Mutation("unsubscribed", _unsubscribe, _SUBSCRIPTION, "sns-plain", kind="missing"),
    Mutation("rogue subscription", _subscribe, _SUBSCRIPTION, "sns-alerts", kind="unmanaged"),
]
