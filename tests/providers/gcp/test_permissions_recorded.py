"""`drift permissions gcp` against the calls that a run makes: none is missing, and nothing is granted that is
not asked; and what is looked at before a run is what it is then denied."""

from __future__ import annotations

from typing import Any

import hcl2
import pytest
import yaml

from drift.check import Check
from drift.deadline import Deadline
from drift.errors import CredentialsError
from drift.finding import Change, Finding
from drift.model import Resource
from drift.task import Wanted
from drift.witness import Budget
from providers.gcp import GcpProvider
from providers.gcp.loopback import Faults, Loopback, cloud
from providers.gcp.permissions import role
from providers.gcp.session import Session
from providers.gcp.settings import Settings
from tests.providers.gcp import live_reading as reading

NOTHING = Wanted(frozenset())
USERS = "sqladmin.googleapis.com/User"
INSTANCE = {
    "name": "//sqladmin.googleapis.com/projects/shop/instances/db",
    "assetType": "sqladmin.googleapis.com/Instance",
    "data": {"name": "db"},
}
TREE: list[dict[str, Any]] = [
    {"name": "organizations/1"},
    {"name": "folders/10", "parent": "organizations/1"},
    reading.project("shop", 101, parent="folders/10"),
    reading.topic("shop", "t"),
    INSTANCE,
    {
        "name": "//sqladmin.googleapis.com/projects/shop/instances/db/users/app",
        "assetType": USERS,
        "data": {"name": "app"},
    },
]


def taken(name: str, said: dict[str, Any]) -> str:
    """The permission that a call takes."""
    if name == "ListAssets":
        kind = "listIamPolicy" if said.get("contentType") == "IAM_POLICY" else "listResource"
        return f"cloudasset.assets.{kind}"
    if name == "GET":
        return "cloudsql.users.list" if said["path"].endswith("/users") else f"? {said['path']}"
    return {
        "SearchAllResources": "cloudasset.assets.searchAllResources",
        "GetProject": "resourcemanager.projects.get",
        "SearchProjects": "resourcemanager.projects.get",
        "ListProjects": "resourcemanager.projects.list",
        "ListFolders": "resourcemanager.folders.list",
        "ListLogEntries": "logging.logEntries.list",
    }[name]


@pytest.mark.parametrize(
    ("said", "declared"),
    [
        ({}, [reading.TOPIC]),
        ({"projects": ["shop"]}, [reading.TOPIC, USERS]),
        (
            {"projects": ["sh*"], "exclude": [reading.BINDING, "iam.googleapis.com/AuditConfig"]},
            [reading.TOPIC],
        ),
        ({"folders": ["10"]}, [reading.TOPIC]),
        ({"organizations": ["1"], "projects": ["shop"]}, [reading.TOPIC]),
    ],
)
def test_what_is_asked_is_granted_and_nothing_else(said: dict[str, Any], declared: list[str]) -> None:
    wanted = Wanted(frozenset(declared))
    with cloud(TREE) as server:
        settings = reading.settings(server, "url", **said)
        reading.read(settings, declared)
        topic = Resource("gcp", "shop", reading.TOPIC, f"{reading.PUBSUB}/shop/topics/t", {})
        list(
            GcpProvider().witness(
                [Finding("changed", topic, topic, (Change("/x", 1, 2),))], settings, Budget(2)
            )
        )
        asked = {taken(name, given) for name, given in server.calls}
    granted = set(yaml.safe_load(role(settings, wanted, []).text)["includedPermissions"])
    assert granted == asked


@pytest.mark.parametrize(
    "said", [{}, {"projects": ["shop"]}, {"projects": ["a", "b-*"], "folders": ["1"], "organizations": ["2"]}]
)
def test_a_role_is_terraform_too(said: dict[str, Any]) -> None:
    settings = Settings.model_validate(said)
    grant = role(settings, NOTHING, ["gs://states/a.tfstate"])
    made = str(hcl2.loads(grant.forms["terraform"].text))
    permissions = yaml.safe_load(grant.text)["includedPermissions"]
    assert all(f'"{one}"' in made or one in made for one in permissions)
    kind = "organization" if said.get("folders") else "project"
    assert f"google_{kind}_iam_custom_role" in made
    assert ("google_folder_iam_member" in made) is bool(said.get("folders"))
    assert any("states" in note for note in grant.forms["terraform"].notes)


# What is looked at before a run


def looked(server: Loopback, where: str = "grpc_url", wanted: Wanted = NOTHING, **more: Any) -> list[Check]:
    return list(GcpProvider().preflight(reading.settings(server, where, **more), wanted, Deadline(60)))


@pytest.mark.parametrize("where", reading.BOTH)
def test_all_is_well_where_all_is_granted(where: str) -> None:
    with cloud(TREE) as server:
        found = looked(server, where, organizations=["1"])
        calls = {name for name, _ in server.calls}
    assert {one.status for one in found if one.area in ("permission", "credentials")} == {"well"}
    assert "TestIamPermissions" in calls
    (clock,) = [one for one in found if one.area == "clock"]
    assert clock.status == ("well" if where == "url" else "note")


def test_what_is_lacking_blinds_its_types() -> None:
    lacking = frozenset({"cloudasset.assets.listIamPolicy", "logging.logEntries.list", "cloudsql.users.list"})
    faults = Faults(lacking={"shop": lacking, "organizations/1": frozenset({"resourcemanager.folders.list"})})
    with cloud(TREE, faults=faults) as server:
        found = looked(server, wanted=Wanted(frozenset({USERS})), organizations=["1"])
    blind = {
        (one.where, one.what): {cell.type for cell in one.blinds} for one in found if one.status == "blind"
    }
    assert blind == {
        ("shop", "cloudasset.assets.listIamPolicy"): {reading.BINDING, "iam.googleapis.com/AuditConfig"},
        ("shop", "cloudsql.users.list"): {USERS},
        ("organizations/1", "resourcemanager.folders.list"): {"*"},
    }
    notes = [one.what for one in found if one.status == "note" and one.area == "permission"]
    assert notes == ["logging.logEntries.list"]


def test_a_place_that_is_refused_hides_no_other() -> None:
    documents = [*TREE, reading.project("closed", 102, parent="folders/10")]
    with cloud(documents, faults=Faults(hidden=frozenset({"closed"}))) as server:
        found = looked(server, projects=["shop", "closed", "none-*"])
    blind = {cell.scope for one in found if one.status == "blind" for cell in one.blinds}
    assert blind == {"closed", "*"}
    assert any(one.where == "shop" and one.status == "well" for one in found)


def test_nobody_to_be_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "gone.json"))
    with pytest.raises(CredentialsError):
        list(GcpProvider().preflight(Settings(), NOTHING, Deadline(60)))


def test_permissions_are_tested_nowhere_else() -> None:
    with cloud(TREE) as server, pytest.raises(KeyError):
        Session(reading.settings(server)).allowed("buckets/b", ["x"])
