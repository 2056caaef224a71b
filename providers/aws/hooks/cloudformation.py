"""What CloudFormation's answers say only together."""

from __future__ import annotations

from typing import Any

from drift.errors import DeclaredError
from drift.model import Unresolved
from providers.aws.cloudformation.recorded import plain


def stack(document: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a stack by name; those with NoEcho are masked, so that they are unread."""
    told = {one["ParameterKey"]: one.get("ParameterValue", "") for one in document.get("Parameters") or ()}
    masked = {name for name, value in told.items() if value == "****"}
    why = "CloudFormation masks it (NoEcho)"
    document["unread"] = {**document.get("unread", {}), **{f"Parameters/{name}": why for name in masked}}
    return {"Parameters": {name: value for name, value in told.items() if name not in masked}}


def terraform_stack(document: dict[str, Any]) -> dict[str, Any]:
    """What ``aws_cloudformation_stack`` says of a stack besides its template."""
    tags = document.get("tags_all") or {}
    return {
        "Capabilities": document.get("capabilities") or None,
        "DisableRollback": document.get("disable_rollback"),
        "NotificationARNs": document.get("notification_arns") or None,
        "Parameters": document.get("parameters") or None,
        "RoleARN": document.get("iam_role_arn") or None,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        "TimeoutInMinutes": document.get("timeout_in_minutes") or None,
    }


def template(document: dict[str, Any]) -> dict[str, Any]:
    """The template of a stack as it was given, without what looks like a secret."""
    try:
        return {"TemplateBody": plain(document.get("TemplateBody"), "the stack's template")}
    except DeclaredError as error:
        document["unread"] = {**document.get("unread", {}), "TemplateBody": str(error)}
        return {}


def terraform_template(document: dict[str, Any]) -> dict[str, Any]:
    """The template that ``aws_cloudformation_stack`` holds, in the same form."""
    body = document.get("template_body")
    if not isinstance(body, str) or not body:
        return {"TemplateBody": None if body in (None, "") else body}
    try:
        return {"TemplateBody": plain(body, "template_body")}
    except DeclaredError as error:
        return {"TemplateBody": Unresolved(str(error))}
