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
