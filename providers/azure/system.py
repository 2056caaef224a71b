"""Tells what Azure makes by itself, so that nobody is asked to declare it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.kinds.scalars import fold_case
from drift.model import Resource
from providers.azure.ids import GROUPS, parse

#: The group of network watchers (https://learn.microsoft.com/azure/network-watcher/network-watcher-create).
_WATCHERS = "networkwatcherrg"
#: Built-in definitions are tenant resources of these types (https://learn.microsoft.com/azure/role-based-access-control).
_DEFINITIONS = ("microsoft.authorization/policydefinitions", "microsoft.authorization/policysetdefinitions")
_ROLES = "microsoft.authorization/roledefinitions"


def made_by_azure(live: Resource, context: Mapping[str, Any]) -> str | None:
    """Why Azure made this live resource; None when somebody did."""
    kind = fold_case(live.type)
    body = live.attributes
    owner = body.get("managedBy")
    if kind == GROUPS and isinstance(owner, str) and owner:
        return f"managed by {owner.rpartition('/')[2]}"
    found = parse(live.id or "")
    if found is not None and found.resource_group and fold_case(found.resource_group) == _WATCHERS:
        return "Azure makes a network watcher in every region with a virtual network"
    said = body.get("properties")
    said = said if isinstance(said, Mapping) else {}
    if kind == _ROLES and said.get("type") == "BuiltInRole":
        return "a built-in role"
    if kind in _DEFINITIONS and str(said.get("policyType", "")).lower() in ("builtin", "static"):
        return "a built-in policy"
    if kind == "microsoft.sql/servers/databases" and found is not None and fold_case(found.name) == "master":
        return "every SQL server has it"
    if kind in ("microsoft.web/sites/config", "microsoft.web/sites/slots/config"):
        return "settings belong to their app"
    if kind == "microsoft.insights/actiongroups" and live.name == "Application Insights Smart Detection":
        return "Application Insights makes it for its first component"
    if kind == "microsoft.alertsmanagement/smartdetectoralertrules" and str(live.name or "").startswith(
        "Failure Anomalies - "
    ):
        return "Application Insights makes it for each component"
    return None
