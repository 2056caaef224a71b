"""A function's resource policy as the permissions that CloudFormation and Terraform declare."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

#: ``AWS::Lambda::Permission`` property ← (operator, condition key) that AddPermission makes of it.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html.
_CONDITIONS = {
    ("arnlike", "aws:sourcearn"): "SourceArn",
    ("stringequals", "aws:sourceaccount"): "SourceAccount",
    ("stringequals", "aws:principalorgid"): "PrincipalOrgID",
    ("stringequals", "lambda:eventsourcetoken"): "EventSourceToken",
    ("stringequals", "lambda:functionurlauthtype"): "FunctionUrlAuthType",
    ("bool", "lambda:invokedviafunctionurl"): "InvokedViaFunctionUrl",
}
_ACCOUNT = re.compile(r"arn:[^:]+:iam::(\d{12}):root", re.ASCII)


def permissions(document: dict[str, Any]) -> dict[str, Any]:
    """``Permissions``: each statement in the shape of ``AWS::Lambda::Permission``, without its id, which
    nobody chooses.

    A statement that AddPermission could not have made stays as it is.
    """
    hidden = (document.get("Environment") or {}).get("Error")
    if hidden:  # the key that encrypts the variables is not ours to use
        document.setdefault("unread", {})["Environment"] = str(
            hidden.get("Message") or hidden.get("ErrorCode")
        )
    return _each_permission(document, lambda one: _permission(one, document.get("FunctionArn")))


def layer_permissions(document: dict[str, Any]) -> dict[str, Any]:
    """``Permissions`` of a layer's version, each in the shape of ``AWS::Lambda::LayerVersionPermission``.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html.
    """
    told = _each_permission(document, _layer_permission)
    return {name: found or None for name, found in told.items()}


def _each_permission(document: Mapping[str, Any], shaped: Callable[[Any], Any]) -> dict[str, list[Any]]:
    """``Permissions``: each statement of a policy in its shape; nothing where there is no policy."""
    policy = document.get("Policy")
    if not isinstance(policy, str):
        return {}
    try:
        statements = json.loads(policy).get("Statement")
    except (ValueError, AttributeError):
        return {"Permissions": [{"Policy": policy}]}
    if isinstance(statements, Mapping):
        statements = [statements]
    return {"Permissions": [shaped(one) for one in statements or ()]}


def _layer_permission(statement: Any) -> Any:
    """What AddLayerVersionPermission was given; a statement that it could not have made stays as it is."""
    if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
        return statement
    principal = _principal(statement.get("Principal"))
    conditions = _conditions(statement.get("Condition") or {})
    if principal is None or conditions is None or set(conditions) - {"PrincipalOrgID"}:
        return dict(statement)
    return {
        "Action": statement.get("Action"),
        "OrganizationId": conditions.get("PrincipalOrgID"),
        "Principal": principal,
    }


def terraform_function(document: dict[str, Any]) -> dict[str, Any]:
    """``ReservedConcurrentExecutions``: Terraform says -1 where nothing is reserved; 0 is a function switched
    off."""
    reserved = document.get("reserved_concurrent_executions")
    return {"ReservedConcurrentExecutions": None if reserved == -1 else reserved}


def _permission(statement: Any, arn: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    known = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    principal = _principal(statement.get("Principal"))
    conditions = _conditions(statement.get("Condition") or {})
    if (
        set(statement) - known
        or statement.get("Effect") != "Allow"
        or statement.get("Resource") != arn
        or not isinstance(statement.get("Action"), str)
        or principal is None
        or conditions is None
    ):
        return dict(statement)
    return {"Action": statement["Action"], "Principal": principal, **conditions}


def _principal(said: Any) -> str | None:
    """The principal as it was given to AddPermission: a service, an account, an ARN or everybody."""
    if isinstance(said, Mapping) and len(said) == 1:
        said = next(iter(said.values())) if next(iter(said)) in ("Service", "AWS") else None
    return permission_principal(said) if isinstance(said, str) else None


def permission_principal(said: str) -> str:
    """An account by its id, where its root is said.

    >>> permission_principal("arn:aws:iam::111111111111:root")
    '111111111111'
    """
    account = _ACCOUNT.fullmatch(said)
    return account[1] if account else said


def _conditions(said: Any) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for operator, keys in said.items() if isinstance(said, Mapping) else ():
        for key, value in keys.items() if isinstance(keys, Mapping) else ():
            name = _CONDITIONS.get((str(operator).lower(), str(key).lower()))
            if name is None or name in found:
                return None
            found[name] = str(value).lower() == "true" if name == "InvokedViaFunctionUrl" else value
    return found
