"""Explodes the IAM policies that Cloud Asset lists: one resource for each grant (resource, role, member,
condition)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drift.model import Resource
from providers.gcp import names

_PARTS = ("title", "description", "expression", "location")


def grants(scope: str, resource: str, policy: Any) -> Iterator[Resource]:
    """The grants and the audit configurations of a policy (``google.iam.v1.Policy``). ``resource`` is its
    full name."""
    for binding in policy.bindings:
        condition = None
        if binding.HasField("condition"):
            said = binding.condition
            condition = {part: text for part in _PARTS if (text := getattr(said, part))}
        for member in binding.members:
            yield names.binding(resource, binding.role, member, condition, scope=scope)
    for config in policy.audit_configs:
        body = {
            "resource": resource,
            "service": config.service,
            "auditLogConfigs": [_log(one) for one in config.audit_log_configs],
        }
        id_ = f"{resource}|{config.service}"
        yield Resource("gcp", scope, names.AUDIT_CONFIG, id_, body, name=config.service)


def _log(config: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"logType": _LOGS.get(config.log_type, str(config.log_type))}
    if config.exempted_members:
        told["exemptedMembers"] = list(config.exempted_members)
    return told


#: google/iam/v1/policy.proto, AuditLogConfig.LogType.
_LOGS = {0: "LOG_TYPE_UNSPECIFIED", 1: "ADMIN_READ", 2: "DATA_WRITE", 3: "DATA_READ"}
