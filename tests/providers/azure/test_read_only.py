"""Reading Azure changes nothing: every call that the adapter makes is listed here, and only reads."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources import operations as manager
from azure.mgmt.resourcegraph import ResourceGraphClient

from providers.azure import AzureProvider
from providers.azure.loopback import cloud
from providers.azure.session import Session
from tests.providers.azure.live_reading import ACCOUNT, ONE, SERVER, VNET, body, group, read, settings

PACKAGE = Path(sys.modules[AzureProvider.__module__].__file__ or "").parent
ADAPTER = (
    "live",
    "resource_task",
    "nesting",
    "session",
    "failures",
    "subscriptions",
    "graph",
    "children",
    "permissions",
    "versions",
    "connection",
    "preflight",
)
#: All of the vendor's methods that are called, with the permission that each needs.
CALLS = {
    "resources": "Microsoft.ResourceGraph/resources/read",
    "get_by_id": "*/read",
    "send_request": "*/read, of GET requests; and Microsoft.Web/sites/config/list/action",
}
_OPERATIONS = (
    ResourceManagementClient,
    ResourceGraphClient,
    manager.ResourcesOperations,
    manager.ProvidersOperations,
    manager.ResourceGroupsOperations,
    manager.TagsOperations,
)


def methods() -> set[str]:
    found = {name for one in _OPERATIONS for name in dir(one) if not name.startswith("_")}
    return found | {"providers", "resources", "resource_groups", "tags"}


def named() -> set[str]:
    """The vendor's methods that the adapter's source names as attributes, whatever they are called on."""
    names = set()
    for name in ADAPTER:
        for node in ast.walk(ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
    return names & methods() - {"get", "update", "close"}  # of dicts, counters and generators


def test_these_are_all_calls() -> None:
    assert named() == set(CALLS)


def test_none_of_them_changes_anything() -> None:
    changing = re.compile(
        r"^(begin_|create|delete|update|move|register|unregister|tag|export|validate|post|put|patch)"
    )
    assert [name for name in named() if changing.match(name)] == []


def test_the_requests_themselves_only_read() -> None:
    """GET, and two POSTs that ask: Resource Graph's question and an app's action ``list``."""
    documents = [
        body(VNET, "v"),
        body(ACCOUNT, "a"),
        body(SERVER, "s"),
        body("Microsoft.Web/sites", "w"),
        body("Microsoft.Authorization/locks", "l", group()),
    ]
    wanted = [VNET, "Microsoft.Web/sites/config", "Microsoft.Insights/diagnosticSettings"]
    with cloud(documents) as server:
        read(settings(server), wanted)
        calls = list(server.calls)
    assert len(calls) > 15
    posts = {path.lower() for method, path, _ in calls if method == "POST"}
    assert {method for method, _, _ in calls} == {"GET", "POST"}
    assert all(
        path.endswith("/list") or path == "/providers/microsoft.resourcegraph/resources" for path in posts
    )


def test_nothing_is_registered() -> None:
    """The vendor's clients register resource providers when an answer asks for it; these have no such
    policy."""
    with cloud([body(VNET, "v")]) as server:
        session = Session(settings(server))
        for client in (session.resources(ONE), session.graph):
            policies = [type(one).__name__ for one in client._client._pipeline._impl_policies]
            inner = [
                type(getattr(one, "_policy", one)).__name__ for one in client._client._pipeline._impl_policies
            ]
            assert not any("Registration" in name for name in policies + inner)
