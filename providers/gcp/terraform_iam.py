"""Terraform's ``google_…_iam_member``, ``_iam_binding`` and ``_iam_policy`` as bindings: resource, role,
member, condition; and ``_iam_audit_config`` as what is written to the audit logs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from drift.dialect import Foreign
from drift.model import Resource, Sensitive
from providers.gcp.terraform_names import Variables, fill, scope_of

TYPE = "iam.googleapis.com/Binding"
AUDIT = "iam.googleapis.com/AuditConfig"
_TYPE = re.compile(r"google_(\w+)_iam_(member|binding|policy|audit_config)")


def parse(terraform_type: str) -> tuple[str, str] | None:
    """(what it is about, ``member`` | ``binding`` | ``policy`` | ``audit_config``); None for a type that
    grants nothing."""
    found = _TYPE.fullmatch(terraform_type)
    return (found[1], found[2]) if found else None


#: What whoever else grants something adds to, and a refresh writes into the state.
_ADDED = {"binding": "members", "policy": "policy_data", "audit_config": "audit_log_config"}


def added(terraform_type: str) -> frozenset[str]:
    """The arguments of a type of grants that others may add to."""
    about = parse(terraform_type)
    return frozenset({_ADDED[about[1]]}) if about is not None and about[1] in _ADDED else frozenset()


def bindings(foreign: Foreign, about: str, form: str, known: Mapping[str, Any]) -> list[Resource] | None:
    """One resource for each member of each role; None where the resource that it is about can't be named."""
    values = Variables(foreign.attributes, foreign.scope)
    templates = known.get(about) or ()
    templates = [templates] if isinstance(templates, str) else templates
    name = next((found for text in templates if (found := fill(text, values))), None)
    scope = scope_of(name) or values.project or foreign.scope or ""
    if form == "audit_config":
        return None if name is None else [_audit(scope, name, foreign.attributes)]
    grants = _grants(foreign.attributes, form)
    if name is None or grants is None:
        return None
    return [_binding(scope, name, *grant) for grant in grants]


def _grants(attributes: Mapping[str, Any], form: str) -> list[tuple[str, str, dict[str, Any]]] | None:
    if form == "policy":
        text = attributes.get("policy_data")
        text = text.value if isinstance(text, Sensitive) else text
        if not isinstance(text, str):
            return None
        try:
            policy = json.loads(text)
        except ValueError:
            return None
        return list(_members(policy.get("bindings") or []))
    members = [attributes.get("member")] if form == "member" else attributes.get("members")
    if not attributes.get("role") or not all(isinstance(one, str) for one in members or [None]):
        return None
    return list(_members([{**attributes, "members": members}]))


def _members(said: list[Mapping[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for one in said:
        condition = one.get("condition")
        if isinstance(condition, list):
            condition = condition[0] if condition else None
        kept = {key: value for key, value in (condition or {}).items() if value}
        for member in one.get("members") or ():
            yield str(one.get("role")), member, kept


def _binding(scope: str, resource: str, role: str, member: str, condition: Mapping[str, Any]) -> Resource:
    name = f"{resource}|{role}|{member}"
    body: dict[str, Any] = {"resource": resource, "role": role, "member": member}
    if condition:
        name += f"|{condition.get('title', '')}:{condition.get('expression', '')}"
        body["condition"] = dict(condition)
    return Resource("gcp", scope, TYPE, name, body, name=f"{role} {member}")


def _audit(scope: str, resource: str, attributes: Mapping[str, Any]) -> Resource:
    service = str(attributes.get("service") or "")
    logs = []
    for one in attributes.get("audit_log_config") or ():
        log = {"logType": one.get("log_type")}
        if one.get("exempted_members"):
            log["exemptedMembers"] = list(one["exempted_members"])
        logs.append(log)
    body = {"resource": resource, "service": service, "auditLogConfigs": logs}
    return Resource("gcp", scope, AUDIT, f"{resource}|{service}", body, name=service)
