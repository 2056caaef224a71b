"""Schedules of EventBridge Scheduler."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from providers.aws import fitting

_TARGET = "AWS::Scheduler::Schedule/Target"


def schedule(document: dict[str, Any]) -> dict[str, Any]:
    """``StartDate`` and ``EndDate`` as text."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name in ("StartDate", "EndDate")
        if (value := document.get(name)) is not None
    }


def terraform_schedule(document: dict[str, Any]) -> dict[str, Any]:
    """``Target`` of ``aws_scheduler_schedule``; its ECS network is flat, and its tags are a map."""
    target = fitting.said(document.get("target"), _TARGET)
    given = (document.get("target") or [None])[0] or {}
    ecs = (given.get("ecs_parameters") or [None])[0]
    if not ecs or not isinstance(target, dict):
        return {"Target": target}
    fitted = target.setdefault("EcsParameters", {})
    network = (ecs.get("network_configuration") or [None])[0]
    if network:
        fitted["NetworkConfiguration"] = {
            "AwsvpcConfiguration": {
                "AssignPublicIp": "ENABLED" if network.get("assign_public_ip") else "DISABLED",
                "SecurityGroups": network.get("security_groups") or None,
                "Subnets": network.get("subnets"),
            }
        }
    if ecs.get("tags"):
        fitted["Tags"] = [{"Key": key, "Value": value} for key, value in ecs["tags"].items()]
    return {"Target": target}
