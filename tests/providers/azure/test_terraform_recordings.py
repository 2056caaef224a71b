"""The maps of azurerm's types on bodies that Azure answered: the state that Terraform would have of one is
silent, and a live change of any value that it declares is the one finding, where it stands.

The state is made from the body by reading the map backwards (:mod:`tests.providers.azure.inverted`).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from drift.dialect import Foreign
from drift.model import Resource
from providers.azure.facts import inline
from providers.azure.ids import parse
from providers.azure.terraform import AzureTerraform, entry_of, member_of
from providers.azure.terraform_entries import Entry, entries
from tests import shared
from tests.comparing import told
from tests.providers.azure import recorded
from tests.providers.azure.inverted import Unfit, attributes, named
from tests.providers.azure.test_terraform_pairs import PROVIDER, _covers, changed, judged, leaves

pytestmark = shared.needs(recorded.FIRST, recorded.SECOND)

DIALECT = AzureTerraform()
#: Terraform's own id of what ARM knows by another one, by the form that its entry names.
IDS = {"above": "{id}/dataDisks/d", "diagnostics": "{id}|{name}"}
#: What stands in recorded bodies and no argument of Terraform's can say: type → paths that are told of it.
NOT_TERRAFORM = {
    # An answer of an API version that calls `Standard` `Paid`, as nobody asks for any longer.
    "azurerm_kubernetes_cluster": {"/sku/tier"},
    "azurerm_image": {"/properties/storageProfile/osDisk/snapshot"},
    "azurerm_frontdoor": {
        "/properties/routingRules/routingRule1/properties/webApplicationFirewallPolicyLink"
    },
}


@cache
def bodies() -> Mapping[str, list[tuple[str, dict[str, Any]]]]:
    """ARM type in lower case → (case, body with its id) of each answer."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for folder in (recorded.FIRST, recorded.SECOND):
        for pair in recorded.in_sync(folder):
            body = {**pair.live, "id": unquote(urlsplit(pair.url).path)}
            found.setdefault(pair.type.lower(), []).append((f"{pair.case} {pair.side}", body))
    return found


@cache
def apart() -> Mapping[str, frozenset[str]]:
    """ARM type in lower case → lists of its body whose members are resources of their own in Terraform."""
    found: dict[str, set[str]] = {}
    for name in entries():
        entry = entry_of(name)
        if entry is not None and entry.into:
            found.setdefault(entry.type.rpartition("/")[0].lower(), set()).add(entry.into)
        elif entry is not None and entry.part:
            found.setdefault(entry.type.lower(), set()).update(one for one in entry.part if "{" not in one)
    return {type: frozenset(paths) for type, paths in found.items()}


def pairs(name: str, entry: Entry) -> Iterator[tuple[str, Resource, dict[str, Any]]]:
    """(case, what the state declares, what is live) of each recorded body that Terraform can have made."""
    for case, answer in bodies().get(entry.type.lower(), ()):
        if case == NOT_ANSWERED:
            continue
        body = named(entry, copy.deepcopy(answer))
        try:
            state = attributes(entry, body)
        except Unfit:
            continue
        id, _, last = body["id"].partition("/providers/Microsoft.Insights/diagnosticSettings/")
        own = IDS.get(entry.id, "{id}").format(id=id, name=last)
        made = DIALECT.translate(Foreign(name, "a.b", {**state, "id": own}))
        if made and (state or entry.part is None):
            yield case, made[0], live(entry, made[0], body)


def live(entry: Entry, mine: Resource, body: dict[str, Any]) -> dict[str, Any]:
    """The body as it is compared: in its parent's, and without the members that others declare."""
    said = parse(body["id"])
    assert said is not None
    if mine.type.lower() != said.type.lower():
        parent, held = parse(said.parent), inline(said.type)
        assert parent is not None
        at = entry.into or (held[1] if held else "")
        return member_of(said, parent, at, {"name": said.name, **body}).attributes
    for path in apart().get(mine.type.lower(), ()) if entry.part is None else ():
        *parents, last = path.split("/")
        have, want = body, mine.attributes
        for step in parents:
            have, want = have.get(step) or {}, want.get(step) or {}
        if last not in want:
            have.pop(last, None)
    return body


#: An example of a page of documentation whose disks nobody's machine can have.
NOT_ANSWERED = "doc-compute-virtualmachines-2021-03-01-1 create"
#: What may change unseen: a category of metrics that is off is as none.
OFF = {
    "azurerm_monitor_diagnostic_setting": {
        "/properties/metrics/*/category",
        "/properties/metrics/*/retentionPolicy/enabled",
    },
}
#: Types of which no recorded body has anything that a state declares and a verdict is possible on.
BARE = {
    "azurerm_api_management_api_policy": "Azure writes a policy in other words",
    "azurerm_api_management_policy": "Azure writes a policy in other words",
    "azurerm_cdn_frontdoor_rule_set": "it has no arguments but its name",
    "azurerm_storage_queue": "the one recorded has no metadata",
    "azurerm_storage_table": "the one recorded has no access policies",
    "azurerm_subnet_nat_gateway_association": "no recorded subnet has a gateway",
    "azurerm_subnet_network_security_group_association": "no recorded subnet has a group",
    "azurerm_subnet_route_table_association": "no recorded subnet has a table",
}

WITH = [
    (name, entry)
    for name in entries()
    if (entry := entry_of(name)) and entry.type and not entry.sets
    if shared.path(recorded.FIRST).exists() and entry.type.lower() in bodies()
]


@pytest.mark.parametrize(("name", "entry"), WITH, ids=[name for name, _ in WITH])
def test_the_state_of_a_recorded_body_is_silent_and_each_change_of_it_is_one_finding(
    name: str, entry: Entry
) -> None:
    loud: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    seen: set[str] = set()
    for case, mine, have in pairs(name, entry):
        before = told(judged(mine, have))
        if found := {path: one for path, one in before.items() if path not in NOT_TERRAFORM.get(name, ())}:
            loud[case] = found
            continue
        facts = PROVIDER.facts(mine.type)
        assert facts is not None
        for steps, shown in leaves(mine.attributes, have):
            if shown in seen or shown in OFF.get(name, ()) or facts.root.find(shown).read_only:
                continue
            seen.add(shown)
            body = copy.deepcopy(have)
            changed(body, steps)
            if steps[0] == "tags" and "tags" in body["properties"]:  # said twice
                body["properties"]["tags"] = body["tags"]
            after = [path for path in told(judged(mine, body)) if path not in before]
            if not exact(after, shown):
                wrong[shown] = (case, after)
    assert (loud, wrong) == ({}, {})
    assert bool(seen) is (name not in BARE)


def exact(found: list[str], shown: str) -> bool:
    """Whether what is found is the one change: of a member's key it is one that is gone and one that came."""
    members = {path.rpartition("/")[0] for path in found}
    return all(_covers(path, shown) for path in found) and (
        len(found) == 1 or (len(found) == 2 and len(members) == 1 and shown.rpartition("/")[0].endswith("/*"))
    )


def test_most_types_are_proven_by_recordings() -> None:
    mapped = [name for name, entry in entries().items() if entry.type and not entry.sets]
    proven = [name for name, _ in WITH if name not in BARE]
    print(f"{len(proven)} of {len(mapped)} mapped types have recordings that prove them")
    assert len(proven) == 146
