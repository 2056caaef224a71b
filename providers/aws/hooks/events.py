"""Targets of EventBridge rules: the API spells the parts that it took from ECS as ECS does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RENAMED = {
    "awsvpcConfiguration": "AwsVpcConfiguration",
    "PlacementStrategy": "PlacementStrategies",
    "Tags": "TagList",
}


def targets(document: dict[str, Any]) -> dict[str, Any]:
    """``Targets`` with ``EcsParameters`` in CloudFormation's names."""
    found = []
    for target in document.get("Targets") or ():
        ecs = target.get("EcsParameters")
        found.append({**target, "EcsParameters": _spelled(ecs)} if ecs else target)
    return {"Targets": found or None}


def _spelled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            _RENAMED.get(name, name[:1].upper() + name[1:]): _spelled(item) for name, item in value.items()
        }
    return [_spelled(item) for item in value] if isinstance(value, list) else value


def bus_policy(document: dict[str, Any]) -> dict[str, Any]:
    """The statement of an ``AWS::Events::EventBusPolicy``, in its newer form (``Statement``) or the older
    one.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html.
    """
    statement = document.get("Statement")
    if isinstance(statement, Mapping):
        found = {"Sid": document.get("StatementId"), **statement}
    else:
        principal, condition = document.get("Principal"), document.get("Condition")
        bus = str(document.get("EventBusName") or "default").rpartition("/")[2]
        found = {
            "Sid": document.get("StatementId"),
            "Effect": "Allow",
            "Principal": principal if principal == "*" else {"AWS": principal},
            "Action": document.get("Action"),
            "Resource": "arn:{partition}:events:{region}:{account}:event-bus/".format_map(document) + bus,
        }
        if isinstance(condition, Mapping):
            found["Condition"] = {condition.get("Type"): {condition.get("Key"): condition.get("Value")}}
    return {"Policy": {"Version": "2012-10-17", "Statement": [found]}}
