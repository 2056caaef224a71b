"""AWS Systems Manager: values that are read, and those that are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Unresolved


def parameter(document: Mapping[str, Any]) -> dict[str, Any]:
    """The ARN: a name that is a path begins with the slash that separates it."""
    place = f"{document['partition']}:ssm:{document['region']}:{document['account']}"
    return {"Arn": f"arn:{place}:parameter/{document['Name'].removeprefix('/')}"}


def terraform_parameter(state: Mapping[str, Any]) -> dict[str, Any]:
    """The value of an ``aws_ssm_parameter``; that of a SecureString is not taken from the state either."""
    if state.get("type") == "SecureString":
        return {"Value": Unresolved("a SecureString's value is never read")}
    if state.get("has_value_wo"):
        return {"Value": Unresolved("the value is write-only: the state does not hold it")}
    return {"Value": state.get("insecure_value") or state.get("value") or None}
