"""Reading Google Cloud changes nothing: every call of an SDK that the adapter makes is listed here, and only
reads."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from google.cloud import asset_v1, resourcemanager_v3

from providers.gcp.loopback import cloud
from providers.gcp.provider import GcpProvider
from providers.gcp.resources import entries
from providers.gcp.session import Session
from tests.providers.gcp.live_reading import BOTH, policy, project, read, settings, topic

PACKAGE = Path(sys.modules[GcpProvider.__module__].__file__ or "").parent
ADAPTER = (
    "live",
    "session",
    "failures",
    "assets",
    "iam",
    "projects",
    "resources",
    "outside",
    "state",
    "storage",
    "audit",
    "preflight",
)
CLIENTS = (
    asset_v1.AssetServiceClient,
    resourcemanager_v3.ProjectsClient,
    resourcemanager_v3.FoldersClient,
    resourcemanager_v3.OrganizationsClient,
)
#: All that is called, with the permission that it needs.
CALLS = {
    "list_assets": "cloudasset.assets.listResource, cloudasset.assets.listIamPolicy",
    "search_all_resources": "cloudasset.assets.searchAllResources",
    "get_project": "resourcemanager.projects.get",
    "list_projects": "resourcemanager.projects.list",
    "search_projects": "resourcemanager.projects.get",
    "list_folders": "resourcemanager.folders.list",
    # A POST that tells which permissions one has, and changes none; it takes no permission
    # (https://cloud.google.com/resource-manager/reference/rest/v3/projects/testIamPermissions).
    "test_iam_permissions": "",
}


def methods() -> set[str]:
    """Every method of the clients that the adapter has."""
    return {name for client in CLIENTS for name in vars(client) if not name.startswith("_")}


def used() -> set[str]:
    """The clients' methods that the adapter's source names, whatever they are called on."""
    names = set()
    for name in ADAPTER:
        file = PACKAGE / f"{name}.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if file.exists() else ():
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
    # Members that call no API; the client of Cloud Storage, which reads states, has two of these names.
    own = {"transport", "get_transport_class", "close", "api_endpoint"}
    return (names & methods()) - own - {"from_service_account_info", "from_service_account_file"}


def test_these_are_all_calls() -> None:
    assert used() == set(CALLS)


def test_none_of_them_changes_anything() -> None:
    assert all(name.startswith(("get_", "list_", "search_", "test_")) for name in CALLS)


def test_no_other_way_to_call_is_taken() -> None:
    """But for one: who did it is asked by a POST that lists (`entries:list`) and refuses any other path."""
    posts = 0
    for name in ADAPTER:
        file = PACKAGE / f"{name}.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if file.exists() else ():
            if isinstance(node, ast.Attribute):
                posts += node.attr == "post"
                assert node.attr not in (
                    "put",
                    "patch",
                    "delete",
                    "request",
                    "urlopen",
                    "unary_unary",
                )

    assert posts == 1
    with cloud() as server, pytest.raises(ValueError):
        Session(settings(server, "url")).read_pages("logging.googleapis.com", "v2/entries:write", {})


def test_what_has_no_client_is_listed_by_get() -> None:
    assert {one.type: one.permission for one in entries().values()} == {
        "sqladmin.googleapis.com/Database": "cloudsql.databases.list",
        "sqladmin.googleapis.com/User": "cloudsql.users.list",
        "storage.googleapis.com/ManagedFolder": "storage.managedFolders.list",
    }


def test_what_arrives_at_the_server_only_reads() -> None:
    documents = [
        {"name": "organizations/1"},
        {"name": "folders/2", "parent": "organizations/1", "iamPolicy": policy("roles/viewer", "user:a@b.c")},
        project("p", 3, parent="folders/2"),
        topic("p", "t"),
    ]
    for where in BOTH:
        with cloud(documents) as server:
            read(settings(server, where, organizations=[1], projects=["p"]), ["foo.googleapis.com/Bar"])
            read(settings(server, where))
            assert {name for name, _ in server.calls} == {
                "ListAssets",
                "SearchAllResources",
                "GetProject",
                "ListProjects",
                "SearchProjects",
                "ListFolders",
            }
