"""How bad a change on Azure is: what opens a door or gives power away is never said quietly, what Azure
overrules never loudly."""

from __future__ import annotations

from typing import Any

import pytest

from drift.finding import Change, Finding, FindingKind
from drift.model import MISSING, Resource
from drift.rules import severity
from providers.azure import AzureProvider

RULES = list(AzureProvider().severity_rules())
NSG = "Microsoft.Network/networkSecurityGroups"
ROLE = "Microsoft.Authorization/roleAssignments"
OWNER = "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
READER = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"


def judged(
    kind: FindingKind, type_: str, *changes: Change, live: dict[str, Any] | None = None
) -> tuple[str, str]:
    resource = Resource("azure", "s", type_, "/subscriptions/s/x", live or {}, name="name")
    finding = Finding(
        kind, None if kind == "unmanaged" else resource, None if kind == "missing" else resource, changes
    )
    return severity.rate(finding, RULES)


def changed(type_: str, path: str, declared: Any = MISSING, live: Any = MISSING) -> str:
    return judged("changed", type_, Change(path, declared, live))[0]


def test_every_rule_says_why() -> None:
    assert all(one["why"].endswith(".") for one in RULES)


@pytest.mark.parametrize(
    ("type_", "path", "declared", "live", "expected"),
    [
        (
            NSG,
            "/properties/securityRules/a",
            MISSING,
            {"properties": {"sourceAddressPrefixes": ["*"]}},
            "critical",
        ),
        (
            NSG,
            "/properties/securityRules/a",
            MISSING,
            {"properties": {"sourceAddressPrefixes": ["10.0.0.0/8"]}},
            "high",
        ),
        ("Microsoft.Storage/storageAccounts", "/properties/minimumTlsVersion", "TLS1_2", "TLS1_0", "high"),
        ("Microsoft.Storage/storageAccounts", "/properties/minimumTlsVersion", "TLS1_0", "TLS1_2", "low"),
        ("Microsoft.Sql/servers", "/properties/publicNetworkAccess", "Disabled", "Enabled", "high"),
        ("Microsoft.Web/sites", "/tags/owner", MISSING, "me", "low"),
        (
            "Microsoft.OperationalInsights/workspaces",
            "/properties/sku/name",
            "Standalone",
            "PerGB2018",
            "low",
        ),
        (
            "Microsoft.OperationalInsights/workspaces",
            "/properties/sku/name",
            "PerGB2018",
            "Standalone",
            "medium",
        ),
        ("Microsoft.KeyVault/vaults", "/properties/enableSoftDelete", False, True, "low"),
        ("Microsoft.KeyVault/vaults", "/properties/enableSoftDelete", True, False, "high"),
    ],
)
def test_changes(type_: str, path: str, declared: Any, live: Any, expected: str) -> None:
    assert changed(type_, path, declared, live) == expected


@pytest.mark.parametrize(
    ("created", "grave"), [("2019-05-01T00:00:00Z", False), ("2024-01-02T00:00:00Z", True), (None, True)]
)
def test_anonymous_access_tells_of_somebody_where_it_is_no_default(created: Any, grave: bool) -> None:
    type_, body = "Microsoft.Storage/storageAccounts", {"properties": {"creationTime": created}}
    live = Resource("azure", "s", type_, "/subscriptions/s/x", body, name="name")
    change = Change("/properties/allowBlobPublicAccess", MISSING, True, undeclared=True)
    assert severity.Graves(RULES).fit(live.but(attributes={}), live, change) is grave


def test_what_azure_overrules_is_to_be_accepted() -> None:
    change = Change("/properties/sku/name", "Standalone", "PerGB2018")
    assert "Accept it" in judged("changed", "Microsoft.OperationalInsights/workspaces", change)[1]


def test_who_is_let_in() -> None:
    assert judged("unmanaged", ROLE, live={"properties": {"roleDefinitionId": OWNER}})[0] == "critical"
    assert judged("unmanaged", ROLE, live={"properties": {"roleDefinitionId": READER}})[0] == "high"
    assert judged("missing", "Microsoft.Sql/servers")[0] == "critical"
