"""The statements that AWS itself adds to a policy when somebody switches log delivery on."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Context

#: Sid → (actions, resources) of the statements that are known to be AWS's own. Source:
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html.
_KNOWN = {
    "AWSLogDeliveryWrite": (
        frozenset({"s3:putobject"}),
        re.compile(r"arn:aws[a-z-]*:s3:::[^*?/]+/([^*?]+/)?AWSLogs/[0-9]{12}/\*"),
    ),
    "AWSLogDeliveryAclCheck": (
        frozenset({"s3:getbucketacl", "s3:listbucket"}),
        re.compile(r"arn:aws[a-z-]*:s3:::[^*?/]+"),
    ),
    "AWSLogDeliveryWrite20150319": (
        frozenset({"logs:createlogstream", "logs:putlogevents"}),
        re.compile(r"arn:aws[a-z-]*:logs:[a-z0-9-]+:[0-9]{12}:log-group:[^*?:]+(:log-stream:\*)?(:\*)?"),
    ),
}
_ELEMENTS = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
_SERVICE = "delivery.logs.amazonaws.com"


def is_log_delivery(statement: Any, context: Context) -> bool:
    """Whether a canonical statement is exactly what log delivery adds, for the resource's own account.

    All of it counts: effect, principal, actions, resources, and a condition that names the account. A
    statement with the same Sid and principal that allows anything else is somebody's back door.
    """
    if not isinstance(statement, dict) or statement.keys() != _ELEMENTS or not context.scope:
        return False
    known = _KNOWN.get(statement["Sid"]) if isinstance(statement["Sid"], str) else None
    if known is None or statement["Effect"] != "Allow":
        return False
    actions, resources = known
    principal = statement["Principal"]
    return (
        isinstance(principal, dict)
        and principal.keys() == {"Service"}
        and _members(principal["Service"]) == {_SERVICE}
        and bool(_members(statement["Action"]))
        and _members(statement["Action"]) <= actions
        and bool(_members(statement["Resource"]))
        and all(resources.fullmatch(resource) for resource in _members(statement["Resource"]))
        and _is_for_account(statement["Condition"], context.scope)
    )


def _is_for_account(condition: Any, account: str) -> bool:
    tests = condition.get("stringequals") if isinstance(condition, dict) else None
    return isinstance(tests, dict) and _members(tests.get("aws:sourceaccount")) == {account}


def _members(value: Any) -> set[str]:
    members = value.values() if isinstance(value, dict) else ()
    return {member if isinstance(member, str) else repr(member) for member in members}
