"""What SNS says differently from CloudFormation: the default policy of a topic, delivery status per
protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: What a new topic lets its own account do, and nobody else. Source:
#: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html and answers of
#: GetTopicAttributes; topics made before 2021 have SNS:Receive too.
_OWNERS_ACTIONS = frozenset(
    {
        "SNS:AddPermission",
        "SNS:DeleteTopic",
        "SNS:GetTopicAttributes",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish",
        "SNS:RemovePermission",
        "SNS:SetTopicAttributes",
        "SNS:Subscribe",
    }
)
_DEFAULTS = (_OWNERS_ACTIONS, _OWNERS_ACTIONS | {"SNS:Receive"})

#: CloudFormation's protocol ← the beginning of the attribute names (``HTTPSuccessFeedbackRoleArn``).
_PROTOCOLS = {
    "http/s": "HTTP",
    "sqs": "SQS",
    "lambda": "Lambda",
    "firehose": "Firehose",
    "application": "Application",
}

#: What tells a subscription from all others, and what SNS shows of a confirmed one only.
_SUBSCRIPTION = ("TopicArn", "Protocol", "Endpoint")
_OF_CONFIRMED = (
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "ReplayPolicy",
    "SubscriptionRoleArn",
)


def topic(document: dict[str, Any]) -> dict[str, Any]:
    """``PolicyDocument`` unless it is exactly the default one, and ``DeliveryStatusLogging`` of the feedback
    attributes."""
    logging = [
        {
            "Protocol": protocol,
            "SuccessFeedbackRoleArn": document.get(f"{prefix}SuccessFeedbackRoleArn") or None,
            "SuccessFeedbackSampleRate": document.get(f"{prefix}SuccessFeedbackSampleRate") or None,
            "FailureFeedbackRoleArn": document.get(f"{prefix}FailureFeedbackRoleArn") or None,
        }
        for protocol, prefix in _PROTOCOLS.items()
    ]
    return {
        "PolicyDocument": _declared_policy(document.get("Policy"), document.get("TopicArn")),
        "DeliveryStatusLogging": _said(logging),
    }


def terraform_topic(document: dict[str, Any]) -> dict[str, Any]:
    """The same of ``aws_sns_topic``, whose state holds the default policy too."""
    logging = [
        {
            "Protocol": protocol,
            "SuccessFeedbackRoleArn": document.get(f"{prefix.lower()}_success_feedback_role_arn") or None,
            "SuccessFeedbackSampleRate": document.get(f"{prefix.lower()}_success_feedback_sample_rate")
            or None,
            "FailureFeedbackRoleArn": document.get(f"{prefix.lower()}_failure_feedback_role_arn") or None,
        }
        for protocol, prefix in _PROTOCOLS.items()
    ]
    return {
        "PolicyDocument": _declared_policy(document.get("policy"), document.get("arn")),
        "DeliveryStatusLogging": _said(logging),
    }


def terraform_subscription(document: dict[str, Any]) -> dict[str, Any] | None:
    """None for a subscription that waits for its confirmation: the API does not name it by its ARN yet."""
    return None if document.get("pending_confirmation") else {}


def subscription(document: dict[str, Any]) -> dict[str, Any]:
    """Puts ``Id`` into the document: the ARN, and for one that waits for its confirmation what it is told by.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_Subscription.html and API_ListSubscriptions.html,
    which answers ``PendingConfirmation`` for the ARN.
    """
    if document.get("SubscriptionArn") != "PendingConfirmation":
        document["Id"] = document.get("SubscriptionArn")
        return {}
    document["Id"] = " ".join(str(document.get(name)) for name in _SUBSCRIPTION)
    document["unread"] = dict.fromkeys(_OF_CONFIRMED, "the subscription waits for its confirmation")
    return {"Pending": True}


def _said(logging: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    return [
        entry for entry in logging if len([value for value in entry.values() if value is not None]) > 1
    ] or None


def _declared_policy(text: Any, arn: Any) -> Any:
    """The policy, None when it is none or exactly what SNS gives every new topic."""
    if not isinstance(text, str) or not text:
        return None
    try:
        policy = json.loads(text)
    except ValueError:
        return text
    return None if is_default_policy(policy, arn) else policy


def is_default_policy(policy: Any, arn: Any) -> bool:
    """Whether a policy is exactly what SNS gives every new topic."""
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    if not isinstance(arn, str) or not isinstance(statements, list) or len(statements) != 1:
        return False
    statement = statements[0]
    if not isinstance(statement, Mapping):
        return False
    actions = statement.get("Action")
    return (
        {name: value for name, value in policy.items() if name != "Statement"}
        == {"Version": "2008-10-17", "Id": "__default_policy_ID"}
        and {name: value for name, value in statement.items() if name != "Action"}
        == {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
        }
        and isinstance(actions, list)
        and frozenset(actions) in _DEFAULTS
    )
