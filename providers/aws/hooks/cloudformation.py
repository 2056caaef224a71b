"""What CloudFormation's answers say only together."""

from __future__ import annotations

from typing import Any


def stack(document: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a stack by name; those with NoEcho are masked, so that they are unread."""
    told = {one["ParameterKey"]: one.get("ParameterValue", "") for one in document.get("Parameters") or ()}
    masked = {name for name, value in told.items() if value == "****"}
    why = "CloudFormation masks it (NoEcho)"
    document["unread"] = {**document.get("unread", {}), **{f"Parameters/{name}": why for name in masked}}
    return {"Parameters": {name: value for name, value in told.items() if name not in masked}}
