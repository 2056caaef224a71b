"""`drift permissions azure` against the requests that a run makes: none is missing, and nothing is granted
that is not asked; and what is looked at before a run is what it is then denied."""

from __future__ import annotations

import json
from typing import Any

import hcl2
import pytest

from drift.check import Check
from drift.deadline import Deadline
from drift.errors import CredentialsError
from drift.finding import Change, Finding
from drift.model import Resource
from drift.task import Wanted
from drift.witness import Budget
from providers.azure import AzureProvider
from providers.azure.loopback import Faults, Loopback, cloud
from providers.azure.permissions import Reads
from providers.azure.permissions_role import LIST_SETTINGS, needs, role
from providers.azure.settings import Settings
from tests.providers.azure import live_reading as reading

NOTHING = Wanted(frozenset())
SITE, CONFIG, LOCKS = "Microsoft.Web/sites", "Microsoft.Web/sites/config", "Microsoft.Authorization/locks"
GROUPS = "Microsoft.Resources/resourceGroups"
DATABASES = "Microsoft.Sql/servers/databases"
DOCUMENTS = [
    reading.subscription(reading.ONE, "shop"),
    reading.body(reading.VNET, "v"),
    reading.body(SITE, "s", kind="app"),
    reading.body(reading.SERVER, "db"),
    reading.body(DATABASES, "db/main"),
    reading.body(LOCKS, "l", reading.group()),
]


def action(method: str, path: str) -> str:
    """The action that a request takes: its type, and what is done."""
    before, _, after = path.rpartition("/providers/")
    parts = [part for part in after.split("/") if part]
    if not before and parts[:1] == ["subscriptions"]:
        kinds = ["Microsoft.Resources", *parts[::2]]
    elif path.lower().endswith("/resources") and "microsoft.resourcegraph" in path.lower():
        return "Microsoft.ResourceGraph/resources/read"
    elif "/eventtypes/" in path:
        return "Microsoft.Insights/eventtypes/values/read"
    elif path.endswith("/descendants"):
        return "Microsoft.Management/managementGroups/descendants/read"
    else:
        kinds = [parts[0], *parts[1::2]]
    if method == "POST":
        return f"{'/'.join(kinds[:-1] if kinds[-1] == 'list' else kinds)}/list/action"
    return f"{'/'.join(kinds)}/read"


def run(server: Loopback, settings: Settings, wanted: Wanted) -> tuple[set[str], set[str]]:
    """The actions that a run takes, of the log, too; and the types that it was told of in bulk."""
    server.calls.clear()
    estate = reading.read(settings, wanted.types)
    network = Resource(
        "azure", reading.ONE, reading.VNET, f"{reading.group()}/providers/{reading.VNET}/v", {}
    )
    finding = Finding("changed", network, network, (Change("/properties/x", 1, 2),))
    list(AzureProvider().witness([finding], settings, Budget(4)))
    told = {cell.type for cell, row in estate.coverage.items() if row.status == "checked"}
    return {action(method, path) for method, path, _ in server.calls}, told


@pytest.mark.parametrize(
    ("said", "declared"),
    [
        ({"include": [reading.VNET]}, [reading.VNET]),
        ({"include": [reading.VNET, SITE, CONFIG, LOCKS, GROUPS]}, [reading.VNET, SITE, CONFIG]),
        ({"include": [DATABASES, reading.SERVER]}, [DATABASES]),
        ({"include": [reading.VNET], "management_groups": ["acme"]}, [reading.VNET]),
    ],
)
def test_what_is_asked_is_granted_and_nothing_else(said: dict[str, Any], declared: list[str]) -> None:
    wanted = Wanted(frozenset(declared))
    group = {"managementGroup": "acme", "below": [reading.ONE]}
    documents = [*DOCUMENTS, *([group] if "management_groups" in said else [])]
    with cloud(documents) as server:
        settings = reading.settings(server, **said)
        asked, told = run(server, settings, wanted)
    granted = set(json.loads(role(settings, wanted).text)["Actions"])
    assert {one.lower() for one in asked} - {one.lower() for one in granted} == set()
    in_bulk = {f"{type_}/read" for type_ in told}
    assert {
        one for one in granted if one.lower() not in {each.lower() for each in {*asked, *in_bulk}}
    } == set()


def test_all_that_is_read_is_readers_role_but_for_the_settings_of_apps() -> None:
    settings = Settings(include=["*"])
    assert json.loads(role(settings, Wanted(frozenset({reading.VNET}))).text)["Actions"] == ["*/read"]
    with_apps = role(settings, Wanted(frozenset({CONFIG})))
    assert json.loads(with_apps.text)["Actions"] == ["*/read", LIST_SETTINGS]
    assert any("settings of apps" in note for note in with_apps.notes)


def test_a_role_is_terraform_too() -> None:
    settings = Settings(
        subscriptions=[reading.ONE], include=[reading.VNET, SITE], exclude=["Microsoft.Sql/*"]
    )
    made = hcl2.loads(role(settings, NOTHING).forms["terraform"].text)
    said = json.loads(role(settings, NOTHING).text)
    blocks = {name: block for one in made["resource"] for name, block in one.items()}
    definition = json.loads(json.dumps(blocks).replace('\\"', ""))
    text = json.dumps(definition)
    assert all(one in text for one in said["Actions"])
    assert "Microsoft.Sql/*/read" in text and f"/subscriptions/{reading.ONE}" in text
    assert len(blocks) == 2


# What is looked at before a run


def looked(server: Loopback, wanted: Wanted = NOTHING, **more: Any) -> list[Check]:
    return list(AzureProvider().preflight(reading.settings(server, **more), wanted, Deadline(60)))


def test_all_is_well_for_a_reader() -> None:
    with cloud(DOCUMENTS) as server:
        found = looked(server)
        calls = list(server.calls)
    assert {one.status for one in found} == {"well", "note"}
    assert {one.status for one in found if one.area != "quota"} == {"well"}
    assert {method for method, _, _ in calls} == {"GET"}


def test_what_is_not_granted_blinds_its_types() -> None:
    own = needs(Settings(), NOTHING)
    left_out = ["Microsoft.Authorization/locks/read", "Microsoft.Insights/*"]
    granted = [
        {"actions": ["*/READ"], "notActions": left_out},
        {"actions": ["Microsoft.Network/*"], "notActions": []},
    ]
    with cloud(DOCUMENTS, faults=Faults(granted={reading.ONE: granted})) as server:
        found = looked(server, Wanted(frozenset({CONFIG})))
        estate = reading.read(reading.settings(server), [CONFIG])
    blind = {one.what: {cell.type for cell in one.blinds} for one in found if one.status == "blind"}
    assert blind == {LIST_SETTINGS: {CONFIG}, "Microsoft.Authorization/locks/read": {LOCKS}}
    assert [one.what for one in found if one.status == "note" and one.area == "permission"] == [
        "Microsoft.Insights/eventtypes/values/read",
        "*/read",
    ]
    assert LOCKS in {type_ for types in own.values() for type_ in types}
    assert estate.coverage


def test_a_subscription_that_is_refused_hides_no_other() -> None:
    documents = [*DOCUMENTS, reading.subscription(reading.TWO, "other")]
    with cloud(documents, faults=Faults(denied=frozenset({reading.TWO}))) as server:
        found = looked(server, subscriptions=[reading.ONE, reading.TWO, "gone-*"])
    blind = {cell.scope for one in found if one.status == "blind" for cell in one.blinds}
    assert blind == {reading.TWO, "gone-*"}
    assert any(one.where == reading.ONE and one.status == "well" for one in found)


def test_nobody_to_be_is_an_error() -> None:
    with pytest.raises(CredentialsError):
        list(AzureProvider().preflight(Settings(endpoint="http://azure.example"), NOTHING, Deadline(60)))


def test_wildcards_and_what_they_leave_out() -> None:
    reads = Reads([{"actions": ["Microsoft.Compute/*/read"], "notActions": ["Microsoft.Compute/disks/*"]}])
    assert reads.does("microsoft.compute/virtualMachines/read")
    assert not reads.does("Microsoft.Compute/disks/read")
    assert not reads.does("Microsoft.Compute/virtualMachines/write")
